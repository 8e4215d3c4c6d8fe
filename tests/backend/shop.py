"""A small shop to test with: two stores, a web shop, three products, through the real API."""

from datetime import UTC, datetime

TEA, CUP, POT = "TEA-1", "CUP-1", "POT-1"
TEA_GTIN, TEA_CASE_GTIN, CUP_GTIN = "04006381333931", "14006381333938", "00012345678905"

UPSERT_PRODUCTS = """
mutation ($input: UpsertProductsInput!) {
  upsertProducts(input: $input) { rejectedCount results { sku status userErrors { code field } } }
}"""
UPSERT_LOCATIONS = """
mutation ($input: UpsertLocationsInput!) {
  upsertLocations(input: $input) { rejectedCount results { userErrors { code field message } } }
}"""
UPSERT_DEVICES = """
mutation ($input: UpsertDevicesInput!) {
  upsertDevices(input: $input) { rejectedCount results { userErrors { code field message } } }
}"""
RECORD_SALES = """
mutation ($input: RecordSalesInput!) {
  recordSales(input: $input) {
    acceptedCount duplicateCount rejectedCount
    results { idempotencyKey status userErrors { code field message } sale { id netSales profit } }
  }
}"""
INGEST = """
mutation ($input: IngestReadsInput!) {
  ingestReads(input: $input) {
    acceptedCount duplicateCount rejectedCount
    results { key status userErrors { code field message } }
  }
}"""
LEVELS = """
query ($filter: StockLevelFilter) {
  stockLevels(first: 100, filter: $filter) {
    nodes { product { sku } location { code } onHand available isOversold reorderPoint version }
  }
}"""
ALERTS = """
query { alerts(first: 100) { nodes { id kind severity state product { sku } location { code }
  subject value threshold version } } }"""


def now():
    """Return this moment as clients write it."""
    return datetime.now(UTC).isoformat()


async def open_shop(graphql):
    """Put products, locations and devices in place."""
    products = [
        {
            "sku": TEA,
            "name": "Tea",
            "category": "Drinks",
            "subcategory": "Hot",
            "gtins": [{"gtin": TEA_GTIN}, {"gtin": TEA_CASE_GTIN, "units": 12}],
            "price": "4.50",
            "cost": "2.00",
            "reorderPoint": 3,
        },
        {
            "sku": CUP,
            "name": "Cup",
            "category": "Ware",
            "gtins": [{"gtin": CUP_GTIN}],
            "price": "9.99",
            "cost": "5",
        },
        {"sku": POT, "name": "Pot", "category": "Ware", "price": "25"},
    ]
    locations = [
        {"code": "north", "name": "North", "kind": "STORE", "timezone": "America/New_York"},
        {
            "code": "south",
            "name": "South",
            "kind": "STORE",
            "timezone": "America/Chicago",
            "salesSource": "READS",
        },
        {"code": "web", "name": "Web", "kind": "WEB_SHOP", "timezone": "UTC"},
    ]
    points = [{"code": "till", "role": "CHECKOUT"}, {"code": "dock", "role": "RECEIVING"}]
    devices = [
        {"code": "north-1", "location": "north", "readPoints": points},
        {"code": "south-1", "location": "south", "readPoints": points},
    ]
    for mutation, field, rows in (
        (UPSERT_PRODUCTS, "products", products),
        (UPSERT_LOCATIONS, "locations", locations),
        (UPSERT_DEVICES, "devices", devices),
    ):
        answer = await graphql(mutation, {"input": {field: rows}})
        assert "errors" not in answer, answer
        assert next(iter(answer["data"].values()))["rejectedCount"] == 0, answer


def sale(key, *lines, **fields):
    """Return a SaleInput at `north` now; `lines` are (sku, quantity) pairs."""
    return {
        "idempotencyKey": key,
        "location": "north",
        "channel": "IN_STORE",
        "soldAt": now(),
        "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines],
        **fields,
    }


def read(key, code=TEA_GTIN, point="dock", **fields):
    """Return a ReadInput made now."""
    return {"key": key, "readPoint": point, "code": code, "observedAt": now(), **fields}
