"""What the tests of the whole system sell, and where: every test has a store of its own."""

from datetime import UTC, datetime

SKUS = ["TEA", "CUP", "POT"]
GTINS = {"TEA": "04006381333931", "CUP": "00012345678905", "POT": "09501101530003"}
REORDER_POINT = 3

UPSERTS = """
mutation ($products: UpsertProductsInput!, $locations: UpsertLocationsInput!,
          $devices: UpsertDevicesInput!) {
  upsertProducts(input: $products) { rejectedCount results { userErrors { message } } }
  upsertLocations(input: $locations) { rejectedCount results { userErrors { message } } }
  upsertDevices(input: $devices) { rejectedCount results { userErrors { message } } }
}"""
INGEST = """
mutation ($input: IngestReadsInput!) {
  ingestReads(input: $input) { acceptedCount results { key status userErrors { code } } } }"""
RECORD_SALES = """
mutation ($input: RecordSalesInput!) {
  recordSales(input: $input) {
    acceptedCount duplicateCount
    results { idempotencyKey status userErrors { code } } } }"""
ADJUST = """
mutation ($input: AdjustStockInput!) {
  adjustStock(input: $input) { acceptedCount duplicateCount } }"""
LEVELS = """
query ($filter: StockLevelFilter) {
  stockLevels(first: 100, filter: $filter) { nodes { product { sku } onHand version } } }"""
SALES = """
query ($filter: SalesFilter) {
  sales(first: 200, filter: $filter) {
    nodes { id source units lines { product { sku } quantity } } } }"""
ALERTS = """
query ($filter: AlertFilter) {
  alerts(first: 100, filter: $filter) { nodes { kind state product { sku } } } }"""
RECONCILE = """
query ($location: String) {
  stockReconciliation(location: $location) {
    checked mismatches { product { sku } ledger level } } }"""


def now():
    """Return this moment as clients write it."""
    return datetime.now(UTC).isoformat()


def pieces(sku):
    """Yield codes of one product that differ: GS1 element strings with a serial number each."""
    number = 0
    while True:
        number += 1
        yield f"]d201{GTINS[sku]}21{sku}{number:07d}"


async def open_store(caller, code, *, devices=1, sales_source="READS"):
    """Put the products, one store and its devices in place."""
    products = [
        {
            "sku": sku,
            "name": sku.title(),
            "category": "Tea room",
            "gtins": [{"gtin": GTINS[sku]}],
            "price": "4.50",
            "cost": "2.00",
            "reorderPoint": REORDER_POINT,
        }
        for sku in SKUS
    ]
    store = {"code": code, "name": code.title(), "kind": "STORE", "salesSource": sales_source}
    points = [{"code": "till", "role": "CHECKOUT"}, {"code": "dock", "role": "RECEIVING"}]
    made = await caller.execute(
        UPSERTS,
        products={"products": products},
        locations={"locations": [store]},
        devices={
            "devices": [
                {"code": f"{code}-{number}", "location": code, "readPoints": points}
                for number in range(1, devices + 1)
            ]
        },
    )
    assert all(payload["rejectedCount"] == 0 for payload in made.values()), made


async def on_hand(caller, code):
    """Return the level of each product at a store."""
    nodes = (await caller.execute(LEVELS, filter={"locations": [code]}))["stockLevels"]["nodes"]
    return {node["product"]["sku"]: int(float(node["onHand"])) for node in nodes}


async def receive(caller, code, **quantities):
    """Let goods arrive."""
    rows = [
        {
            "idempotencyKey": f"{code}-{sku}-{quantity}",
            "sku": sku,
            "location": code,
            "delta": quantity,
            "reason": "RECEIVED",
        }
        for sku, quantity in quantities.items()
    ]
    done = await caller.execute(ADJUST, input={"adjustments": rows})
    assert done["adjustStock"]["acceptedCount"] == len(rows), done
