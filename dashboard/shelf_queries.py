"""The GraphQL documents of the page of shelves, and what its scripts follow."""

from __future__ import annotations

from types import MappingProxyType

SHELF_LIST = """
query ShelfList {
  organisation { timezone currency serverTime }
  shelves(first: 500, sort: {by: NAME}) { nodes { id code name location { code name } } }
}
"""

SHELF_PAGE = """
query ShelfPage($shelf: ID!, $method: ShelfPlanMethod!) {
  shelfPlan(shelf: $shelf, method: $method, leastBad: true) {
    shelf { id code name refillDays version updatedAt location { code name } }
    method
    isOptimal
    gap
    demandFrom
    demandThrough
    currency
    shortNow
    shortProportional
    profitNow
    profit
    profitProportional
    problems { code message }
    boards { number widthCm usedCm profitOfNextCm }
    products {
      product { sku name category }
      facingsNow
      facings
      facingsProportional
      boardNow
      board
      sizeState
      widthCm
      share
      minimum
      minimumReason
      isShort
      demand
      demandUntilRefill
      costState
      margin
      profitNow
      profit
      profitOfNextFacing
    }
  }
}
"""

SHELF_TO_EDIT = """
query ShelfToEdit($shelf: ID!) {
  shelf(id: $shelf) {
    code name refillDays version
    location { code name }
    boards { widthCm heightCm depthCm }
    products { product { sku name } facings board least most block size { widthCm } }
  }
}
"""

SHELF_PLACES = """
query ShelfPlaces { locations(first: 500) { nodes { code name } } }
"""

SAVE_SHELF = """
mutation SaveShelf($input: UpsertShelvesInput!) {
  upsertShelves(input: $input) {
    results { shelf { id } userErrors { code message field } }
  }
}
"""

DELETE_SHELF = """
mutation DeleteShelf($input: DeleteShelvesInput!) { deleteShelves(input: $input) { deleted } }
"""

SHELF_PICTURE = """
query ShelfPicture(
  $shelf: ID!
  $method: ShelfPlanMethod!
  $theme: PictureTheme!
  $moment: ShelfMoment!
  $width: Int!
) {
  shelfPlan(shelf: $shelf, method: $method, leastBad: true) {
    picture(theme: $theme, moment: $moment, width: $width)
  }
}
"""

APPLY_SHELF_PLAN = """
mutation ApplyShelfPlan($input: ApplyShelfPlanInput!) {
  applyShelfPlan(input: $input) { shelf { version } }
}
"""

IMPORT_SHELF = """
mutation ImportShelf($input: ImportShelfInput!) {
  importShelf(input: $input) {
    foundCount
    sizedCount
    problems { line column message }
  }
}
"""

SHELF_FEED = """
subscription ShelfFeed {
  feed(topics: [SHELVES, FORECASTS], snapshot: false) {
    __typename
    ... on FeedEvent { cursor recordedAt }
    ... on FeedGap { cursor reason }
    ... on FeedHeartbeat { cursor serverTime }
  }
}
"""

SHELF_DOCUMENTS = MappingProxyType(
    {
        "list": SHELF_LIST,
        "page": SHELF_PAGE,
        "picture": SHELF_PICTURE,
        "toEdit": SHELF_TO_EDIT,
        "places": SHELF_PLACES,
        "save": SAVE_SHELF,
        "delete": DELETE_SHELF,
        "apply": APPLY_SHELF_PLAN,
        "import": IMPORT_SHELF,
        "feed": SHELF_FEED,
    }
)
"""All of them; a test validates each."""
