from decimal import Decimal

import pytest

from tests.backend.analytics import brute

SUMMARY = """
query ($by: [SalesDimension!]!, $filter: SalesFilter, $sort: SummarySort, $top: Int,
       $within: [SalesDimension!]) {
  salesSummary(groupBy: $by, filter: $filter, sort: $sort, top: $top, topWithin: $within) {
    asOf
    rows {
      keys { dimension id label }
      units grossSales discount netSales cost profit orders returns
    }
    totals { netSales netSalesWithoutCost cost profit orders }
  }
}
"""


async def test_a_summary_names_its_keys(graphql, owner_url, org_id):
    lines = await brute.fill(owner_url, org_id, sales=40)

    answer = await graphql(
        SUMMARY, {"by": ["WEEKDAY", "CHANNEL"], "filter": {"channels": ["IN_STORE"]}}
    )

    found = answer["data"]["salesSummary"]
    groups, total = brute.summarise(
        lines, ("WEEKDAY", "CHANNEL"), lambda line: line["CHANNEL"] == "IN_STORE"
    )
    rows = {
        tuple(key["id"] for key in row["keys"]): Decimal(row["netSales"]) for row in found["rows"]
    }
    assert rows == {keys: one[3] for keys, one in groups.items()}
    assert Decimal(found["totals"]["netSales"]) == total[3]
    assert found["totals"]["orders"] == total[7]
    labels = {key["label"] for row in found["rows"] for key in row["keys"]}
    assert labels <= {
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
        "In Store",
    }
    assert [row["keys"][0]["id"] for row in found["rows"]] == sorted(
        row["keys"][0]["id"] for row in found["rows"]
    )


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"by": ["DAY"], "filter": {"from": "2018-02-01", "to": "2018-01-01"}}, "INVALID_RANGE"),
        ({"by": ["DAY", "DAY"]}, "INVALID_SUMMARY"),
        ({"by": ["DAY"], "top": 0}, "INVALID_SUMMARY"),
        ({"by": ["DAY"], "top": 50_001}, "INVALID_SUMMARY"),
        ({"by": ["DAY", "STATE"], "within": ["STATE"]}, "INVALID_SUMMARY"),
        ({"by": ["DAY"], "top": 1, "within": ["STATE"]}, "INVALID_SUMMARY"),
        ({"by": ["DAY"], "top": 1, "within": ["DAY"]}, "INVALID_SUMMARY"),
        (
            {"by": ["DAY", "WEEK", "MONTH", "YEAR", "STATE", "REGION", "PRODUCT"]},
            "INVALID_SUMMARY",
        ),
        ({"by": ["DAY"], "filter": {"skus": [str(n) for n in range(1001)]}}, "LIMIT_EXCEEDED"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused_with_a_code(graphql, variables, code):
    answer = await graphql(SUMMARY, variables)

    assert answer["errors"][0]["extensions"]["code"] == code


@pytest.mark.parametrize(
    "chosen",
    [
        {"from": "0001-01-01", "to": "9999-12-31"},
        {"skus": ["nobody sells this"], "customers": ["no id"], "states": ["\x00"]},
        {"channels": []},
    ],
    ids=["all time", "unknown values", "no value"],
)
async def test_what_nobody_sold_gives_no_rows_and_totals_of_nothing(graphql, chosen):
    answer = await graphql(SUMMARY, {"by": ["DAY"], "filter": chosen})

    assert answer["data"]["salesSummary"]["rows"] == []
    assert answer["data"]["salesSummary"]["totals"] == {
        "netSales": "0",
        "netSalesWithoutCost": "0",
        "cost": None,
        "profit": None,
        "orders": 0,
    }


async def test_more_rows_than_an_answer_may_have_are_refused(graphql, owner_url, org_id):
    await brute.fill(owner_url, org_id, sales=1)
    await brute.multiply(owner_url, 50_001)

    many = await graphql(SUMMARY, {"by": ["SELLER"]})
    few = await graphql(SUMMARY, {"by": ["SELLER"], "top": 3})

    assert many["errors"][0]["extensions"]["code"] == "TOO_MANY_GROUPS"
    assert len(few["data"]["salesSummary"]["rows"]) == 3


async def test_cost_and_profit_are_for_those_who_may_know_them(graphql, owner_url, org_id):
    await brute.fill(owner_url, org_id, sales=20)
    by_profit = {"by": ["CHANNEL"], "sort": {"by": "PROFIT"}}

    hidden = await graphql(SUMMARY, {"by": ["CHANNEL"]}, "sales:read")
    refused = await graphql(SUMMARY, by_profit, "sales:read")
    shown = await graphql(SUMMARY, by_profit, "sales:read analytics:read")
    nothing = await graphql(SUMMARY, by_profit, "analytics:read")

    rows = hidden["data"]["salesSummary"]["rows"]
    assert rows
    assert all(row["cost"] is row["profit"] is None for row in rows)
    assert refused["errors"][0]["extensions"]["code"] == "MISSING_SCOPE"
    assert nothing["errors"][0]["extensions"]["code"] == "MISSING_SCOPE"
    assert all(row["profit"] for row in shown["data"]["salesSummary"]["rows"])


CELLS = """
query ($by: [SalesDimension!]!, $columns: [SummaryColumn!]!, $since: DateTime) {
  salesSummary(groupBy: $by, restatedSince: $since) {
    rows {
      keys { id label } isRestated
      units grossSales discount netSales netSalesWithoutCost orders returns cost profit
    }
    cells(columns: $columns)
  }
}
"""
COLUMNS = {
    "UNITS": "units",
    "GROSS_SALES": "grossSales",
    "DISCOUNT": "discount",
    "NET_SALES": "netSales",
    "NET_SALES_WITHOUT_COST": "netSalesWithoutCost",
    "ORDERS": "orders",
    "RETURNS": "returns",
    "COST": "cost",
    "PROFIT": "profit",
    "IS_RESTATED": "isRestated",
}


@pytest.mark.parametrize("since", [None, "2018-01-01T00:00:00Z"])
@pytest.mark.parametrize("scopes", ["sales:read", "sales:read analytics:read"])
async def test_cells_say_what_rows_say(graphql, owner_url, org_id, scopes, since):
    await brute.fill(owner_url, org_id, sales=40)
    columns = ["LABEL", "ID", *COLUMNS]

    answer = await graphql(
        CELLS, {"by": ["MONTH", "SEGMENT"], "columns": columns, "since": since}, scopes
    )

    found = answer["data"]["salesSummary"]
    assert found["cells"] == [
        [
            *(key["label"] for key in row["keys"]),
            *(key["id"] for key in row["keys"]),
            *(row[name] for name in COLUMNS.values()),
        ]
        for row in found["rows"]
    ]
    assert len(found["cells"]) > 5
    assert {row[-1] for row in found["cells"]} == ({None} if since is None else {True, False})


async def test_a_summary_by_nothing_has_one_row_of_cells_and_none_where_nothing_was_sold(
    graphql, owner_url, org_id
):
    asked = {"by": [], "columns": ["ID", "ORDERS"]}
    before = await graphql(CELLS, asked)
    await brute.fill(owner_url, org_id, sales=4)

    after = await graphql(CELLS, asked)

    assert before["data"]["salesSummary"]["cells"] == []
    assert after["data"]["salesSummary"]["cells"] == [
        [row["orders"]] for row in after["data"]["salesSummary"]["rows"]
    ]


async def test_a_column_stands_in_cells_once(graphql):
    answer = await graphql(CELLS, {"by": ["DAY"], "columns": ["UNITS", "UNITS"]})

    error = answer["errors"][0]["extensions"]
    assert (error["code"], error["field"]) == ("INVALID_SUMMARY", ["columns"])
