"""A small retailer, set up through GraphQL like any other."""

from datetime import UTC, datetime

from backend.core.identifiers import Epc, Scheme, encode_epc
from backend.core.ids import new_id

TEA_GTIN = "04006381333931"
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
    {
        "sku": "TEA",
        "name": "Green tea",
        "category": "Food",
        "price": "4.50",
        "reorderPoint": "5",
        "gtins": [{"gtin": TEA_GTIN}],
    },
    {"sku": "CUP", "name": "Cup", "category": "Home", "price": "12.00", "reorderPoint": "2"},
]

POINTS = [{"code": "floor", "role": "SHELF"}, {"code": "door", "role": "EXIT"}]
UPSERT_LOCATIONS = """
mutation ($input: UpsertLocationsInput!) { upsertLocations(input: $input) { __typename } }
"""
UPSERT_PRODUCTS = """
mutation ($input: UpsertProductsInput!) { upsertProducts(input: $input) { __typename } }
"""
UPSERT_DEVICES = """
mutation ($input: UpsertDevicesInput!) { upsertDevices(input: $input) { acceptedCount } }
"""
INGEST_READS = """
mutation ($input: IngestReadsInput!) { ingestReads(input: $input) { acceptedCount } }
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


async def sell(stack, key, sku, location, quantity, *, channel="IN_STORE", sold_at=None):
    """Record one sale of one line; now, unless it was at another time."""
    sale = {
        "idempotencyKey": key,
        "location": location,
        "channel": channel,
        "soldAt": sold_at or datetime.now(UTC).isoformat(),
        "lines": [{"sku": sku, "quantity": str(quantity)}],
    }
    done = await stack.execute(RECORD_SALES, input={"sales": [sale]})
    assert done["recordSales"]["acceptedCount"] == 1


async def read_tags(stack, location, point, serials):
    """Read tags of pieces of tea, just now."""
    device = {"code": f"{location}-RFID", "location": location, "readPoints": POINTS}
    await stack.execute(UPSERT_DEVICES, input={"devices": [device]})
    reads = [
        {
            "key": str(new_id()),
            "readPoint": point,
            "code": encode_epc(Epc(Scheme.SGTIN_96, TEA_GTIN, str(serial), 7)),
            "symbology": "EPC",
            "observedAt": datetime.now(UTC).isoformat(),
        }
        for serial in serials
    ]
    done = await stack.execute(INGEST_READS, input={"device": device["code"], "reads": reads})
    assert done["ingestReads"]["acceptedCount"] == len(reads)
