"""A shop with stock that sold the same every day, and documents about its orders."""

from datetime import UTC, datetime, timedelta

from tests.backend.shop import CUP, RECORD_SALES, TEA, open_shop, sale

SUGGESTION = """
    product { sku } location { code } distributor urgency onHand available incoming position basis
    leadTimeDays leadTimeOrigin reviewDays serviceLevel packSize minimum expectedDemand safetyStock
    reorderPoint ownReorderPoint orderUpTo quantity daysLeft stockoutOn orderCost orderValue
    reasons { figure value text }"""
SUGGESTIONS = f"""
query ($filter: ReorderFilter, $serviceLevel: Decimal, $leadTimeDays: Int, $first: Int! = 100,
       $after: Cursor) {{
  reorderSuggestions(filter: $filter, serviceLevel: $serviceLevel, leadTimeDays: $leadTimeDays,
                     first: $first, after: $after) {{
    asOf trainedThrough currency
    totals {{ positions toOrder units cost uncosted forecast byUrgency {{ urgency count }} }}
    nodes {{ {SUGGESTION} }} pageInfo {{ hasNextPage hasPreviousPage endCursor }}
  }}
}}"""
SET_TERMS = """
mutation ($input: SetSupplyTermsInput!) {
  setSupplyTerms(input: $input) {
    acceptedCount duplicateCount rejectedCount
    results { status version userErrors { code field } }
  }
}"""
TERMS = """
query { supplyTerms(first: 100) { nodes {
  distributor sku location leadTimeDays reviewDays serviceLevel packSize minimum coverDays version
} } }"""
ADJUST = """
mutation ($input: AdjustStockInput!) { adjustStock(input: $input) { rejectedCount } }"""


async def ask(graphql, document, *scopes, **variables):
    """Return the one root field that a document asks for."""
    answer = await graphql(document, variables, *scopes)
    assert "errors" not in answer, answer["errors"]
    return next(iter(answer["data"].values()))


async def refused(graphql, document, *scopes, **variables):
    """Return the extensions of the only error that a document is answered with."""
    (error,) = (await graphql(document, variables, *scopes))["errors"]
    return error["extensions"]


async def sell_daily(graphql, *, days=56, sku=CUP, quantity=1, location="north", on=((), 0)):
    """Sell something at noon in New York of each of so many days up to yesterday.

    `on` names other days and how much it is on those.
    """
    today = datetime.now(UTC).replace(hour=17, minute=0, second=0, microsecond=0)
    rows = [
        sale(
            f"{location}-{sku}-{n}",
            (sku, on[1] if day.date() in on[0] else quantity),
            location=location,
            soldAt=day.isoformat(),
        )
        for n in range(1, days + 1)
        for day in [today - timedelta(days=n)]
    ]
    payload = await ask(graphql, RECORD_SALES, input={"sales": rows})
    assert payload["rejectedCount"] == 0, payload


async def stock_up(graphql, key, sku, quantity, location="north"):
    """Put units on the shelf."""
    row = {
        "idempotencyKey": key,
        "sku": sku,
        "location": location,
        "delta": str(quantity),
        "reason": "RECEIVED",
    }
    payload = await ask(graphql, ADJUST, input={"adjustments": [row]})
    assert payload["rejectedCount"] == 0, payload


async def open_supplied_shop(graphql):
    """Open a shop that sells a cup a day and has twenty; of tea it has five and sells none."""
    await open_shop(graphql)
    await sell_daily(graphql)
    await stock_up(graphql, "cups", CUP, 76)
    await stock_up(graphql, "tea", TEA, 5)
