import contextlib

import httpx2
import pytest
from graphql import parse
from pydantic import SecretStr

from backend import schema
from backend.app import create_app
from backend.core.limits import DEFAULTS
from backend.infra.api.cost import Price, Tariff
from backend.infra.buckets import Buckets
from backend.infra.shared_scripts import SharedScripts
from tests.backend.shop import RECORD_SALES, TEA, open_shop, sale
from tests.live import issue_token, running

SCHEMA = schema.build()._schema
PRODUCTS = "query ($n: Int! = 20) { products(first: $n) { nodes { sku gtins { gtin } } } }"
SALES = """
mutation ($input: RecordSalesInput!) {
  recordSales(input: $input) { acceptedCount results { idempotencyKey status SELECTED } }
}
"""
INGEST = """
mutation ($input: IngestReadsInput!) {
  ingestReads(input: $input) { acceptedCount results { key status } }
}
"""


def price_of(document, variables=None):
    return Tariff(SCHEMA, parse(document), None).price(variables)


@pytest.mark.parametrize(
    ("document", "cost"),
    [
        ("{ __typename }", 0),
        ("{ __schema { types { name fields { name } } } }", 0),
        ("{ organisation { name } }", 1),
        ("{ products(first: 7) { nodes { sku } } }", 1 + 7),
        ("{ products { nodes { sku } } }", 1 + 50),
        ("{ products(first: 7) { pageInfo { hasNextPage } } }", 1),
        ("{ products(first: 7) { edges { cursor node { sku } } } }", 1 + 7),
        ("{ products(first: 7) { nodes { gtins { gtin } } } }", 1 + 7 * (1 + 5)),
        ("{ a: organisation { name } b: organisation { name } }", 2),
        ("{ products(first: 501) { nodes { sku } } }", 1),
        ("subscription { stockChanged { onHand product { sku } } }", 10 + 2),
        (
            "{ products(first: 7) { ...page } } fragment page on ProductConnection {"
            " nodes { ...one } } fragment one on Product { sku gtins { gtin } }",
            1 + 7 * (1 + 5),
        ),
    ],
)
def test_an_operation_costs_what_it_may_return(document, cost):
    assert price_of(document).cost == cost


@pytest.mark.parametrize(
    ("arguments", "work"),
    [
        ("groupBy: []", 200),
        ("groupBy: [DAY, PRODUCT]", 600),
        ("groupBy: DAY", 400),
        ('groupBy: [DAY], filter: {from: "2026-01-01", to: "2026-12-31"}', 200),
        ('groupBy: [DAY], filter: {from: "2024-01-01", to: "2026-12-31"}', 400),
        ('groupBy: [DAY], filter: {to: "2026-12-31"}', 400),
        ('groupBy: [DAY], filter: {from: "1999-01-01"}', 400),
    ],
)
def test_a_summary_costs_by_its_dimensions_and_its_period(arguments, work):
    price = price_of(f"{{ salesSummary({arguments}) {{ totals {{ units }} }} }}")

    assert price == Price(1 + 1 + work, 0, work)


def test_arguments_are_priced_in_variables_and_in_fragments_too():
    document = """
    query ($by: [SalesDimension!]!, $from: Date = "2026-11-01") { ...sums }
    fragment sums on Query { salesSummary(groupBy: $by, filter: {from: $from, to: "2026-11-30"}) {
      totals { units } } }"""

    assert price_of(document, {"by": ["DAY", "SELLER"]}).work == 300
    assert price_of(document, {"by": ["DAY", "SELLER"], "from": "2020-01-01"}).work == 600
    assert price_of(document, {"by": "DAY", "from": "soon"}).work == 400


@pytest.mark.parametrize(("arguments", "work"), [("", 1000), ('(location: "north")', 200)])
def test_reconciling_the_ledger_costs_what_it_adds_up(arguments, work):
    assert price_of(f"{{ stockReconciliation{arguments} {{ checked }} }}").work == work


def test_the_variables_say_how_large_a_page_is():
    costs = [price_of(PRODUCTS, given).cost for given in (None, {"n": 3}, {"n": 0}, {"n": "x"})]

    assert costs == [1 + 20 * 6, 1 + 3 * 6, 1, 1]


def test_rows_of_a_batch_are_counted_apart_from_what_is_selected_of_them():
    rows = {"input": {"sales": [{}] * 40}}

    plain = price_of(SALES.replace("SELECTED", "userErrors { code }"), rows)
    whole = price_of(SALES.replace("SELECTED", "sale { id location { code } }"), rows)

    assert plain == Price(10 + 1, 40)
    assert whole == Price(10 + 1 + 40 * 2, 40)


def test_fragments_in_fragments_are_measured_once():
    chain = "".join(f"fragment f{n} on Product {{ ...f{n + 1} ...f{n + 1} }} " for n in range(60))
    document = "{ products(first: 1) { nodes { ...f0 } } } " + chain
    document += "fragment f60 on Product { gtins { gtin } }"

    assert price_of(document).cost == 1 + 1 + 5 * 2**60


@pytest.fixture
def small(settings):
    """Settings with small budgets that fill up slowly."""
    changes = {
        "max_query_cost": 100,
        "query_cost_burst": 150,
        "query_cost_rate": 0.1,
        "row_burst": 4,
        "row_rate": 1.0,
    }
    return settings.model_copy(update=changes)


@contextlib.asynccontextmanager
async def calling(settings, owner_url):
    """An application and a client of it."""
    async with running(create_app(settings, owner_url)) as app:
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url=settings.origin) as http:
            yield app, http


async def post(http, token, query, variables=None):
    headers = {"Authorization": f"Bearer {token}"}
    return await http.post(
        "/graphql", json={"query": query, "variables": variables}, headers=headers
    )


async def test_every_answer_says_what_it_cost_and_what_is_left(graphql):
    answer = await graphql("{ products(first: 10) { nodes { sku } } organisation { name } }")

    cost = answer["extensions"]["cost"]
    assert cost.pop("currentlyAvailable") in range(49_990, 50_001)
    assert cost == {
        "requestedQueryCost": 1 + 10 + 1,
        "actualQueryCost": 2,
        "maximumAvailable": DEFAULTS.query_cost_burst,
        "restoreRate": DEFAULTS.query_cost_rate,
    }


async def test_work_that_does_not_show_in_the_answer_is_not_given_back(graphql):
    answer = await graphql("{ stockReconciliation { checked mismatches { ledger } } }")

    cost = answer["extensions"]["cost"]
    assert (cost["requestedQueryCost"], cost["actualQueryCost"]) == (1000 + 1 + 5, 1000 + 1)


async def test_an_answer_larger_than_what_was_taken_pays_the_difference(
    settings, owner_url, principal
):
    days = [sale(f"s{n}", (TEA, 1), soldAt=f"2026-10-{n + 1:02}T12:00:00Z") for n in range(30)]
    period = '{from: "2026-10-01", to: "2026-10-31"}'
    document = f"{{ salesSummary(groupBy: [DAY], filter: {period}) {{ rows {{ units }} }} }}"
    slow = settings.model_copy(update={"query_cost_rate": 0.1})
    async with calling(slow, owner_url) as (app, http):
        token = await issue_token(app, principal, ("admin",))

        async def run(query, variables=None):
            return (await post(http, token, query, variables)).json()

        await open_shop(run)
        before = await run(RECORD_SALES, {"input": {"sales": days}})
        after = await run(document)

    cost = after["extensions"]["cost"]
    assert (cost["requestedQueryCost"], cost["actualQueryCost"]) == (200 + 1 + 5, 200 + 1 + 30)
    paid = before["extensions"]["cost"]["currentlyAvailable"] - cost["currentlyAvailable"]
    assert paid == pytest.approx(231, abs=2)


async def test_a_bucket_is_drained_to_its_bottom_here_and_in_redis(redis):
    shared = SharedScripts(redis.url)
    local, far = Buckets("a", 10, 0.001), Buckets("a", 10, 0.001, shared)

    drained = [await bucket.drain("key", 25) for bucket in (local, far)]
    refused = [await bucket.take("key", 1) for bucket in (local, far)]
    await shared.close()

    assert [int(draw.left) for draw in drained] == [0, 0]
    assert [draw.is_granted for draw in drained] == [True, True]
    assert [draw.is_granted for draw in refused] == [False, False]


async def test_an_operation_that_alone_costs_too_much_is_refused(graphql):
    answer = await graphql(
        "{ locations(first: 500) { nodes { id } } "
        + "".join(
            f"a{n}: products(first: 500) {{ nodes {{ gtins {{ gtin }} }} }} " for n in range(4)
        )
        + "}"
    )

    assert answer["errors"][0]["extensions"] == {
        "code": "COST_EXCEEDED",
        "of": "cost",
        "cost": 501 + 4 * (1 + 500 * 6),
        "limit": DEFAULTS.max_query_cost,
    }
    assert answer["data"] is None
    assert answer["extensions"]["cost"]["requestedQueryCost"] == 501 + 4 * 3001


async def test_a_client_that_asks_too_much_waits_and_others_do_not(small, owner_url, principal):
    ask = "mutation { upsertProducts(input: {products: []}) { results { sku } } }"
    async with calling(small, owner_url) as (app, http):
        mine, other = [await issue_token(app, principal, ("admin",)) for _ in range(2)]
        answers = [await post(http, mine, ask) for _ in range(14)]
        foreign = await post(http, other, ask)
        metrics = (await http.get("/metrics")).text

    error = answers[-1].json()["errors"][0]["extensions"]
    assert [one for one in answers if "errors" in one.json()] == answers[-1:]
    assert "errors" not in foreign.json()
    assert answers[-1].status_code == 200
    assert error["code"] == "THROTTLED"
    assert 0 < error["retryAfter"] <= (14 * 11 - 150) / 0.1
    assert int(answers[-1].headers["Retry-After"]) >= error["retryAfter"]
    assert answers[-1].json()["extensions"]["cost"]["requestedQueryCost"] == 11
    assert 'shelfcast_limits_total{limit="cost"} 1' in metrics


@pytest.mark.parametrize("spelling", [INGEST, INGEST.replace("{ key", "{ __typename key")])
async def test_rows_beyond_the_rate_are_refused_on_the_short_cut_and_beside_it(
    small, owner_url, principal, spelling
):
    read = {"key": "k", "readPoint": "p", "code": "c", "observedAt": "2026-01-01T00:00:00Z"}
    given = {"input": {"device": "none", "reads": [read] * 3}}
    async with calling(small, owner_url) as (app, http):
        mine = await issue_token(app, principal, ("admin",))
        first = (await post(http, mine, spelling, given)).json()
        second = (await post(http, mine, spelling, given)).json()

    # The device is unknown: the short cut leaves saying so to the general path, which is paid.
    assert first["errors"][0]["extensions"]["code"] != "THROTTLED"
    assert second["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert second["errors"][0]["extensions"]["of"] == "rows"


async def test_two_processes_share_a_budget_and_keep_their_own_without_redis(
    small, owner_url, principal, redis
):
    changes = {"redis_url": SecretStr(redis.url), "query_cost_rate": 0.001}
    shared = small.model_copy(update=changes)
    ask = "mutation { upsertProducts(input: {products: []}) { results { sku } } }"
    async with (
        calling(shared, owner_url) as (one, first),
        calling(shared, owner_url) as (_, second),
    ):
        mine = await issue_token(one, principal, ("admin",))
        answers = [await post(http, mine, ask) for http in (first, second, first, second)]
        redis.stop()
        alone = (await post(first, mine, ask)).json()

    left = [answer.json()["extensions"]["cost"]["currentlyAvailable"] for answer in answers]
    assert left == [139, 128, 117, 106]
    assert alone["extensions"]["cost"]["currentlyAvailable"] == 139
    assert "errors" not in alone
