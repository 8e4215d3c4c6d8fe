"""A small retailer, set up through GraphQL like any other."""

from datetime import UTC, datetime

LOCATIONS = [
    {
        "code": "BOI",
        "name": "Boise",
        "kind": "STORE",
        "latitude": 43.62,
        "longitude": -116.2,
        "timezone": "America/Boise",
        "country": "US",
    },
    {
        "code": "ATL",
        "name": "Atlanta",
        "kind": "STORE",
        "latitude": 33.75,
        "longitude": -84.39,
        "timezone": "America/New_York",
        "country": "US",
    },
    {"code": "WEB", "name": "Web shop", "kind": "WEB_SHOP", "timezone": "America/New_York"},
]
PRODUCTS = [
    {"sku": "TEA", "name": "Green tea", "category": "Food", "price": "4.50", "reorderPoint": "5"},
    {"sku": "CUP", "name": "Cup", "category": "Home", "price": "12.00", "reorderPoint": "2"},
]

UPSERT_LOCATIONS = """
mutation ($input: UpsertLocationsInput!) { upsertLocations(input: $input) { __typename } }
"""
UPSERT_PRODUCTS = """
mutation ($input: UpsertProductsInput!) { upsertProducts(input: $input) { __typename } }
"""
ADJUST_STOCK = """
mutation ($input: AdjustStockInput!) { adjustStock(input: $input) { acceptedCount } }
"""
RECORD_SALES = """
mutation ($input: RecordSalesInput!) { recordSales(input: $input) { acceptedCount } }
"""


async def set_up(stack):
    """Give the retailer places, products and twenty of each at each place."""
    await stack.execute(UPSERT_LOCATIONS, input={"locations": LOCATIONS})
    await stack.execute(UPSERT_PRODUCTS, input={"products": PRODUCTS})
    for place in LOCATIONS:
        for product in PRODUCTS:
            await receive(stack, product["sku"], place["code"], 20)


async def receive(stack, sku, location, quantity):
    """Let goods arrive."""
    adjustment = {
        "idempotencyKey": f"receive-{sku}-{location}-{quantity}",
        "sku": sku,
        "location": location,
        "delta": str(quantity),
        "reason": "RECEIVED",
    }
    done = await stack.execute(ADJUST_STOCK, input={"adjustments": [adjustment]})
    assert done["adjustStock"]["acceptedCount"] == 1


async def sell(stack, key, sku, location, quantity, *, channel="IN_STORE"):
    """Record one sale of one line."""
    sale = {
        "idempotencyKey": key,
        "location": location,
        "channel": channel,
        "soldAt": datetime.now(UTC).isoformat(),
        "lines": [{"sku": sku, "quantity": str(quantity)}],
    }
    done = await stack.execute(RECORD_SALES, input={"sales": [sale]})
    assert done["recordSales"]["acceptedCount"] == 1
