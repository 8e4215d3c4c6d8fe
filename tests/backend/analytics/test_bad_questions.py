"""Questions that make no sense, sent to a real server: never our fault, and never for long."""

import json
import time

import httpx2
import pytest

from backend.analytics.presets.catalogue import PRESETS
from backend.analytics.rollups import keeping
from tests.backend.analytics import brute
from tests.backend.analytics.pictures.test_routes import JSON, PATHS
from tests.backend.analytics.presets.tables import ANALYSIS
from tests.live import issue_token

LONGEST_S = 20
"""On a machine that does much else; a question takes milliseconds."""
MANY = [f"no such {n}" for n in range(10_000)]
SUMMARY = """
query ($by: [SalesDimension!]!, $filter: SalesFilter, $sort: SummarySort, $top: Int,
       $within: [SalesDimension!], $alike: LikeForLike, $since: DateTime) {
  salesSummary(groupBy: $by, filter: $filter, sort: $sort, top: $top, topWithin: $within,
               likeForLike: $alike, restatedSince: $since) {
    rows { keys { id } netSales isRestated } totals { orders }
    comparison(with: SAME_PERIOD_LAST_YEAR) { from to known { reason } }
    restatedDays
  }
}
"""
SALES = """
query ($first: Int!, $after: Cursor, $filter: SalesFilter) {
  sales(first: $first, after: $after, filter: $filter) { nodes { id } }
}
"""
LISTS = (
    "categories", "subcategories", "skus", "locations", "countries", "regions", "states",
    "postalCodes", "distributors", "segments", "customers",
)  # fmt: skip
TEXTS = ("", " ", "\u202egnp.exe", "a\0b", "\ud800", "🛒" * 500, "' or 1=1; --", "%", "x" * 100_000)
FILTERS = (
    {"from": "2019-01-02", "to": "2019-01-01"},
    {"from": "0001-01-01", "to": "9999-12-31"},
    {"from": "0001-01-01", "to": "0001-01-01"},
    {"from": "9999-12-31"},
    {"from": None, "to": None} | dict.fromkeys(LISTS),
    {"from": "yesterday"},
    {"from": "2019-02-30"},
    {"shoeSizes": ["44"]},
    {"channels": [], "saleTypes": []},
    {"channels": ["SMOKE"]},
    {"skus": [None]},
    {"skus": "Bread-0"},
    {name: [] for name in LISTS},
    *({name: MANY} for name in ("skus", "customers", "postalCodes")),
    *({name: [text]} for name in LISTS for text in TEXTS),
)
SUMMARIES = (
    *({"by": ["DAY"], "filter": one} for one in FILTERS),
    *({"by": by} for by in ([], ["SHOE_SIZE"], ["day"], [None], None, "DAY", ["DAY"] * 7)),
    *({"by": ["STATE"], "top": top} for top in (0, -1, 2**31 - 1, 2**31, 1.5, "3", 10**30)),
    {"by": ["STATE", "PRODUCT"], "top": 2, "within": ["REGION"]},
    {"by": ["STATE"], "sort": {"by": "LUCK"}},
    {"by": ["CUSTOMER", "PRODUCT", "DAY", "POSTAL_CODE", "SELLER", "HOUR"]},
    {"by": ["DAY"], "alike": {"from": "2018-01-01", "to": "2017-01-01"}},
    {
        "by": ["DAY"],
        "filter": {"from": "2018-01-01", "to": "2018-01-31"},
        "alike": {"from": "0001-01-01", "to": "9999-12-31"},
    },
    *({"by": ["DAY"], "since": at} for at in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "")),
)  # fmt: skip
LISTED = (
    *({"first": first} for first in (-1, 0, 10_000, 2**31, None, "ten")),
    *({"first": 5, "after": after} for after in ("", "l1.nonsense", "f1.0.0", "\0", "x" * 10_000)),
    *({"first": 5, "filter": one} for one in FILTERS),
)
CHOICES = (
    {"by": "SHOE_SIZE"},
    {"by": "HOUR", "within": "HOUR", "grain": "HOUR"},
    {"top": -1},
    {"top": 2**31},
    {"by": None, "within": None, "grain": None, "measure": None, "baseline": None, "top": None},
    {"baseline": "TOMORROW"},
)


@pytest.fixture
async def sold(database, owner_url, org_id):
    await brute.fill(owner_url, org_id, sales=60)
    await keeping.catch_up(database, org_id)


@pytest.fixture
async def http(settings, server, principal):
    """Sends requests as somebody who may do everything and pays nothing."""
    token = await issue_token(server.app, principal, ("admin",), None)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    async with httpx2.AsyncClient(base_url=server.url, headers=headers, timeout=60) as found:
        yield found


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"query_cost_burst": 10**9, "query_cost_rate": 10**9})


async def complaints_about(http, query, cases):
    """Return what is wrong with the answers: a fault of ours, no code, or far too late."""
    found = []
    for variables in cases:
        body = json.dumps({"query": query, "variables": variables})
        started = time.perf_counter()
        answer = await http.post("/graphql", content=body)
        said = str(variables)[:120]
        if time.perf_counter() - started > LONGEST_S:
            found.append(f"{said}: slow")
        found += [f"{said}: {one}" for one in faults_of(answer)]
    return found


def faults_of(answer):
    if answer.status_code not in (200, 400, 413):
        yield f"status {answer.status_code}: {answer.text[:200]}"
        return
    for error in answer.json().get("errors", []):
        code = error.get("extensions", {}).get("code")
        if code in (None, "INTERNAL_ERROR"):
            yield str(error)[:300]


@pytest.mark.parametrize(
    ("query", "cases"), [(SUMMARY, SUMMARIES), (SALES, LISTED)], ids=["summaries", "lists"]
)
async def test_whatever_is_asked_of_sales_has_an_answer_or_a_code(sold, http, query, cases):
    assert await complaints_about(http, query, cases) == []


async def test_whatever_is_asked_of_an_analysis_has_an_answer_or_a_code(sold, http):
    some = FILTERS[:16:2] + FILTERS[16::23]
    cases = [
        *({"name": name, "filter": one} for name in PRESETS for one in some),
        *({"name": name, "choice": one} for name in PRESETS for one in CHOICES),
    ]

    assert await complaints_about(http, ANALYSIS, cases) == []


@pytest.mark.parametrize("path", PATHS)
async def test_whatever_is_asked_of_a_picture_has_an_answer_or_a_code(sold, http, path):
    found = []
    for chosen in (
        {"from": "0001-01-01", "to": "9999-12-31"},
        {"from": "2019-01-02", "to": "2019-01-01"},
        {"from": ""},
        {"skus": MANY[:1_001]},
        {"states": [""] * 300},
        {"top": "-1"},
        *({name: text} for name in ("skus", "states") for text in TEXTS[:4] + TEXTS[5:8]),
    ):
        answer = await http.get(path, params=chosen, headers=JSON)
        found += [f"{str(chosen)[:100]}: {one}" for one in faults_of(answer)]

    assert found == []


async def test_far_too_many_groups_are_refused_or_cut_and_never_a_time_out(http, owner_url, org_id):
    await brute.fill(owner_url, org_id, sales=1)
    await brute.multiply(owner_url, 50_001)
    by = ["SELLER", "DAY", "PRODUCT"]

    many = await http.post("/graphql", json={"query": SUMMARY, "variables": {"by": by}})
    few = await http.post("/graphql", json={"query": SUMMARY, "variables": {"by": by, "top": 5}})

    assert many.json()["errors"][0]["extensions"]["code"] == "TOO_MANY_GROUPS"
    assert len(few.json()["data"]["salesSummary"]["rows"]) == 5
