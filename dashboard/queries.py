"""The GraphQL documents that browsers send; a contract test validates each of them."""

from __future__ import annotations

from types import MappingProxyType

ORGANISATION = """
query WallOrganisation {
  organisation { name currency timezone isDemo serverTime }
}
"""

PULSE = """
subscription WallPulse($maxHz: Float!) {
  pulse(maxHz: $maxHz) {
    cursor
    asOf
    currency
    timezone
    revenue { value before }
    orders { value before }
    averageBasket { value before }
    openAlerts { value before }
    criticalAlerts
    minutes(last: 60) { minute channel revenue orders }
    locations {
      location { code name kind latitude longitude }
      revenue
      orders
      openAlerts
      worstAlert
    }
  }
}
"""

_LEVEL = """
fragment WallLevel on StockLevel {
  id
  product { sku name }
  location { code name }
  onHand
  available
  reorderPoint
  isOversold
  version
  updatedAt
}
"""

STOCK = f"""
query WallStock($first: Int!) {{
  changed: stockLevels(first: $first, sort: {{ by: UPDATED_AT, direction: DESC }}) {{
    nodes {{ ...WallLevel }}
  }}
  attention: stockLevels(
    first: $first
    filter: {{ belowReorderPoint: true }}
    sort: {{ by: ON_HAND, direction: ASC }}
  ) {{
    nodes {{ ...WallLevel }}
  }}
}}
{_LEVEL}"""

STOCK_CHANGED = f"""
subscription WallStockChanged {{
  stockChanged {{ ...WallLevel }}
}}
{_LEVEL}"""

FEED = """
subscription WallFeed($after: Cursor) {
  feed(after: $after, topics: [SALES, ALERTS, TAGS], snapshot: true) {
    __typename
    ... on FeedSnapshot {
      cursor
      asOf
      complete
      alerts { ...WallAlert }
      sales { ...WallSale }
    }
    ... on FeedEvent {
      cursor
      recordedAt
      payload {
        __typename
        ... on SaleRecorded { sale { ...WallSale } }
        ... on ReturnRecorded { sale { ...WallSale } }
        ... on AlertChanged { alert { ...WallAlert } }
        ... on TagsSeen { ...WallMinute }
      }
    }
    ... on FeedGap { cursor reason }
    ... on FeedHeartbeat { cursor serverTime }
  }
}
fragment WallAlert on Alert {
  id
  kind
  severity
  state
  product { sku name }
  location { code name }
  subject
  value
  threshold
  openedAt
  updatedAt
  version
}
fragment WallSale on Sale {
  id
  kind
  location { code name }
  channel
  soldAt
  recordedAt
  currency
  units
  netSales
  lines { quantity product { sku name } }
}
"""

_FOLLOWED = """
    __typename
    ... on FeedEvent { cursor recordedAt }
    ... on FeedGap { cursor reason }
    ... on FeedHeartbeat { cursor serverTime }
  }
}
"""
SALES_FEED = "subscription AnalysisFeed {\n  feed(topics: [SALES], snapshot: false) {" + _FOLLOWED
KEPT_FEED = (
    "subscription KeptFeed {\n  feed(topics: [SALES, REPORTS], snapshot: false) {" + _FOLLOWED
)
"""Sales, and what others do to boards and kept pivots."""

_MINUTE = """
fragment WallMinute on TagsSeen {
  minute
  location { code name }
  reads
  pieces
}
"""

TAG_TRAFFIC = f"""
query WallTagTraffic {{
  tagTraffic(last: 60) {{ minutes {{ ...WallMinute }} }}
}}
{_MINUTE}"""

WALL_GOALS = """
query WallGoals {
  goalProgress(filter: { dimensions: [ORGANISATION], measures: [NET_SALES] }) {
    asOf
    currency
    rows { goal { period kind amount } attained share landingShare probability standing }
  }
}
"""

WALL_DOCUMENTS = MappingProxyType(
    {
        "organisation": ORGANISATION,
        "pulse": PULSE,
        "stock": STOCK,
        "stockChanged": STOCK_CHANGED,
        "feed": FEED + _MINUTE,
        "tagTraffic": TAG_TRAFFIC,
        "goals": WALL_GOALS,
    }
)
"""What the wall's scripts may ask, by the name they use."""
