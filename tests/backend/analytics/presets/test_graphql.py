from decimal import Decimal

import pytest

from backend.analytics.presets.catalogue import PRESETS
from backend.analytics.presets.names import AnalysisName
from tests.backend.analytics import brute
from tests.backend.analytics.presets.tables import ANALYSIS

CATALOGUE = """
{
  analyses {
    name title question formula source scopes refusedFilters
    parameters { name options default }
    columns { name label kind currency dimension labelOf }
  }
}
"""
SECRET = ("cost", "profit", "margin", "profitShare")


async def test_the_catalogue_tells_of_every_analysis(graphql):
    answer = await graphql(CATALOGUE, None, "sales:read")

    found = {one["name"]: one for one in answer["data"]["analyses"]}
    assert set(found) == set(AnalysisName.__members__)
    for one in found.values():
        assert all(one[part] for part in ("title", "question", "formula", "source", "columns"))
        names = [column["name"] for column in one["columns"]]
        assert len(set(names)) == len(names)
        assert {c["labelOf"] for c in one["columns"]} - {None} <= set(names)
        assert all((c["currency"] == "USD") == (c["kind"] == "MONEY") for c in one["columns"])


async def test_an_answer_has_a_cell_for_every_column_it_announced(graphql, owner_url, org_id):
    await brute.fill(owner_url, org_id, sales=60)
    catalogue = (await graphql(CATALOGUE))["data"]["analyses"]

    for info in catalogue:
        answer = await graphql(ANALYSIS, {"name": info["name"]})

        found = answer["data"]["analysis"]
        assert found["columns"] == info["columns"], info["name"]
        assert all(len(row) == len(info["columns"]) for row in found["rows"]), info["name"]
        assert found["totals"] is None or len(found["totals"]) == len(info["columns"])


async def test_rows_hold_ids_for_filters_and_names_for_people(graphql, owner_url, org_id):
    lines = await brute.fill(owner_url, org_id, sales=40)

    answer = await graphql(ANALYSIS, {"name": "SALES_BY_CHANNEL"})

    found = answer["data"]["analysis"]
    names = [column["name"] for column in found["columns"]]
    groups, total = brute.summarise(lines, ("CHANNEL",))
    assert {row[0]: row[names.index("netSales")] for row in found["rows"]} == {
        key: _text(one[3]) for (key,), one in groups.items()
    }
    assert dict(row[:2] for row in found["rows"])["IN_STORE"] == "In Store"
    assert Decimal(found["totals"][names.index("netSales")]) == total[3]
    assert found["from"] == min(line["day"] for line in lines).isoformat()
    assert found["to"] == max(line["day"] for line in lines).isoformat()
    assert found["isPartial"] is False


@pytest.mark.parametrize(
    ("variables", "code", "field"),
    [
        ({"name": "SALES_BY_STATE", "choice": {"grain": "DAY"}}, "INVALID_ANALYSIS", "grain"),
        ({"name": "SALES_OVER_TIME", "choice": {"grain": "STATE"}}, "INVALID_ANALYSIS", "grain"),
        ({"name": "SALES_OVER_TIME", "choice": {"top": 3}}, "INVALID_ANALYSIS", "top"),
        ({"name": "SALES_BY_STATE", "choice": {"top": 0}}, "INVALID_ANALYSIS", "top"),
        ({"name": "SALES_BY_STATE", "choice": {"top": 50_001}}, "INVALID_ANALYSIS", "top"),
        (
            {"name": "SALES_BY_STATE", "filter": {"from": "2019-01-02", "to": "2019-01-01"}},
            "INVALID_RANGE",
            "to",
        ),
        ({"name": "SALES_BY_SATTE"}, "BAD_USER_INPUT", None),
    ],
    ids=["takes no grain", "no grain", "takes no top", "top 0", "top", "range", "name"],
)
async def test_what_an_analysis_does_not_take_is_refused_by_name(graphql, variables, code, field):
    answer = await graphql(ANALYSIS, variables)

    refused = answer["errors"][0]["extensions"]
    assert refused["code"] == code
    assert field is None or refused["field"][-1] == field


@pytest.mark.parametrize(
    ("chosen", "note"),
    [
        ({"from": "0001-01-01", "to": "1002-12-31"}, ("NO_SALES_IN_RANGE", None, None)),
        ({"skus": ["no such"]}, ("UNKNOWN_VALUE", ["filter", "skus"], "no such")),
        ({"locations": ["tokyo", "mars"]}, None),
        ({"states": ["Atlantis"]}, ("NO_SALES", None, None)),
    ],
    ids=["a thousand years", "unknown", "one of two", "state"],
)
async def test_an_empty_answer_says_why(graphql, owner_url, org_id, chosen, note):
    await brute.fill(owner_url, org_id, sales=20)

    answer = await graphql(ANALYSIS, {"name": "SALES_BY_PRODUCT", "filter": chosen})

    found = answer["data"]["analysis"]
    notes = [(one["code"], one["field"], one["value"]) for one in found["notes"]]
    assert bool(found["rows"]) == (note is None)
    assert notes == ([note] if note else [])


async def test_profit_is_for_those_who_may_know_it(graphql, owner_url, org_id):
    await brute.fill(owner_url, org_id, sales=30)

    for name, preset in PRESETS.items():
        bare = await graphql(ANALYSIS, {"name": name}, "sales:read stock:read")

        if "analytics:read" in preset.scopes:
            assert bare["errors"][0]["extensions"]["code"] == "MISSING_SCOPE", name
        else:
            shown = {column["name"] for column in bare["data"]["analysis"]["columns"]}
            assert not shown & set(SECRET), name
    by_profit = {"name": "SALES_BY_STATE", "choice": {"measure": "PROFIT"}}
    refused = await graphql(ANALYSIS, by_profit, "sales:read")
    assert refused["errors"][0]["extensions"]["code"] == "MISSING_SCOPE"


async def test_hidden_columns_are_told_of(graphql, owner_url, org_id):
    await brute.fill(owner_url, org_id, sales=20)

    answer = await graphql(ANALYSIS, {"name": "SALES_BY_STATE"}, "sales:read")

    assert [one["code"] for one in answer["data"]["analysis"]["notes"]] == ["COLUMNS_HIDDEN"]


def _text(value):
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
