"""A shelf in a small shop, and what is asked about it."""

from tests.backend.shop import CUP, POT, TEA, open_shop, sale

UPSERT = """
mutation ($input: UpsertShelvesInput!) {
  upsertShelves(input: $input) {
    acceptedCount rejectedCount
    results {
      code status userErrors { code field message }
      shelf { id code name refillDays version location { code }
        boards { number widthCm heightCm depthCm } shares { kind name share }
        products { product { sku } facings board least most block size { widthCm } } }
    }
  }
}"""
SHELVES = """
query ($filter: ShelfFilter) { shelves(filter: $filter) { nodes { id code location { code } } } }"""
SIZES = """
mutation ($input: UpsertProductSizesInput!) {
  upsertProductSizes(input: $input) {
    acceptedCount results { sku status userErrors { code field } } } }"""
FACINGS = """
mutation ($input: SetFacingsInput!) { setFacings(input: $input) { shelf {
  version products { product { sku } facings board least most block } } } }"""
PLAN = """
query ($shelf: ID!, $method: ShelfPlanMethod! = AUTO, $leastBad: Boolean! = false) {
  shelfPlan(shelf: $shelf, method: $method, leastBad: $leastBad) {
    method isOptimal gap demandFrom currency shortNow shortProportional
    profitNow profit profitProportional profitBound problems { code message field }
    boards { number widthCm usedCm profitOfNextCm }
    products { product { sku } facingsNow facings facingsProportional boardNow board sizeState
      unitsPerFacing widthCm share minimum minimumReason isShort demand demandUntilRefill elasticity
      costState margin profitNow profit profitOfNextFacing }
    picture
    now: picture(theme: DARK, moment: NOW)
  }
}"""
APPLY = """
mutation ($input: ApplyShelfPlanInput!) { applyShelfPlan(input: $input) {
  shelf { version products { product { sku } facings board } } plan { method } } }"""
IMPORT = """
mutation ($input: ImportShelfInput!) { importShelf(input: $input) {
  foundCount sizedCount isDryRun problems { line column value code }
  shelf { products { product { sku } facings board size { widthCm } } } } }"""


def board(width, height=30, depth=40):
    return {"widthCm": str(width), "heightCm": str(height), "depthCm": str(depth)}


def shelf(*skus, code="A1", location="north", **more):
    """Return a ShelfInput of one board of 100 cm with a facing of each product."""
    products = [{"sku": sku, "facings": 1, "board": 1} for sku in skus]
    return {
        "code": code,
        "location": location,
        "boards": [board(100)],
        "products": products,
        **more,
    }


async def ask(graphql, document, **variables):
    """Return what an operation answers; it must not fail."""
    answer = await graphql(document, variables)
    assert "errors" not in answer, answer
    return next(iter(answer["data"].values()))


async def put(graphql, *shelves, **more):
    """Put shelves in place and return their results."""
    payload = await ask(graphql, UPSERT, input={"shelves": list(shelves), **more})
    return payload["results"]


async def code_of(graphql, document, **variables):
    """Return the code of the error that an operation fails with."""
    answer = await graphql(document, variables)
    return answer["errors"][0]["extensions"]["code"]


async def shop_with_shelf(graphql, **more):
    """Open the shop with a shelf at `north` and return its id."""
    await open_shop(graphql)
    [made] = await put(graphql, shelf(TEA, CUP, POT, **more))
    assert made["userErrors"] == []
    return made["shelf"]["id"]


def sold(key, sku, quantity, day):
    """Return a SaleInput of one product at noon of a day."""
    return sale(key, (sku, quantity), soldAt=f"{day}T17:00:00Z")
