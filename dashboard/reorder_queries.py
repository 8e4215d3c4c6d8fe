"""The GraphQL documents of the page of orders, and what its scripts follow."""

from __future__ import annotations

from types import MappingProxyType

REORDER_PAGE = """
query ReorderPage(
  $filter: ReorderFilter
  $serviceLevel: Decimal
  $leadTimeDays: Int
  $first: Int!
  $after: Cursor
) {
  organisation { timezone currency serverTime }
  reorderSuggestions(
    filter: $filter
    serviceLevel: $serviceLevel
    leadTimeDays: $leadTimeDays
    first: $first
    after: $after
  ) {
    asOf
    trainedThrough
    currency
    totals { positions toOrder units cost uncosted forecast byUrgency { urgency count } }
    nodes {
      product { sku name }
      location { code name }
      distributor
      urgency
      onHand
      available
      incoming
      position
      basis
      leadTimeDays
      reviewDays
      serviceLevel
      packSize
      minimum
      expectedDemand
      safetyStock
      reorderPoint
      orderUpTo
      quantity
      daysLeft
      stockoutOn
      orderCost
      orderValue
      reasons { figure text }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""

TRANSFERS_PAGE = """
query TransfersPage($filter: SupplyFilter, $serviceLevel: Decimal, $first: Int!) {
  organisation { timezone currency serverTime }
  stockTransfers(filter: $filter, serviceLevel: $serviceLevel, first: $first) {
    asOf
    currency
    found
    sold
    value
    bound
    rows {
      product { sku name }
      from { code name }
      to { code name }
      quantity
      surplus
      short
      sold
      sales
      profit
    }
  }
}
"""

MARKDOWNS_PAGE = """
query MarkdownsPage($filter: SupplyFilter, $first: Int!) {
  organisation { timezone currency serverTime }
  markdownSuggestions(filter: $filter, first: $first) {
    asOf
    currency
    found
    elasticity { value error isSure series days }
    rows {
      product { sku name }
      location { code name }
      cause
      until
      units
      left
      leftAtCost
      price
      discount
      newPrice
      sold
      sales
      gain
    }
  }
}
"""

_OUTCOME = "policy fillRate wanted sold lost lostSales stockHeld stockAtCost orders"
REORDER_TRIAL = f"""
query ReorderTrial(
  $products: [String!]
  $locations: [String!]
  $categories: [String!]
  $distributors: [String!]
  $serviceLevel: Decimal
  $leadTimeDays: Int
  $days: Int! = 84
) {{
  reorderSimulation(
    products: $products
    locations: $locations
    categories: $categories
    distributors: $distributors
    serviceLevel: $serviceLevel
    leadTimeDays: $leadTimeDays
    days: $days
  ) {{
    currency
    firstDay
    lastDay
    days
    series
    leftOut
    uncosted
    outcomes {{ {_OUTCOME} }}
    tradeOff {{ serviceLevel outcome {{ {_OUTCOME} }} }}
  }}
}}
"""

REORDER_CHOICES = """
query ReorderChoices($withPlaces: Boolean!, $withGoods: Boolean!) {
  locations(first: 500) @include(if: $withPlaces) { nodes { code name } }
  categories @include(if: $withGoods) { name }
  distributors(first: 500) @include(if: $withGoods) { nodes { code name } }
}
"""

PRODUCT_SEARCH = """
query ProductSearch($search: String!) {
  products(first: 8, filter: { search: $search }) { nodes { sku name category } }
}
"""

SET_SUPPLY_TERMS = """
mutation SetSupplyTerms($input: SetSupplyTermsInput!) {
  setSupplyTerms(input: $input) {
    rejectedCount
    results { status userErrors { code message field } }
  }
}
"""

REORDER_FEED = """
subscription ReorderFeed {
  feed(topics: [SALES, STOCK], snapshot: false) {
    __typename
    ... on FeedEvent { cursor recordedAt }
    ... on FeedGap { cursor reason }
    ... on FeedHeartbeat { cursor serverTime }
  }
}
"""

REORDER_DOCUMENTS = MappingProxyType(
    {
        "orders": REORDER_PAGE,
        "choices": REORDER_CHOICES,
        "products": PRODUCT_SEARCH,
        "transfers": TRANSFERS_PAGE,
        "markdowns": MARKDOWNS_PAGE,
        "trial": REORDER_TRIAL,
        "terms": SET_SUPPLY_TERMS,
        "feed": REORDER_FEED,
    }
)
"""All of them; a test validates each."""
