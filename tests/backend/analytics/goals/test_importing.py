"""Plans from files: long and wide, CSV and Excel, good and bad."""

import io
import zipfile
from base64 import b64encode

import pytest
import xlsxwriter

from tests.backend.analytics.goals.planning import GOALS, ask, goal, set_goals

IMPORT = """
mutation ($input: ImportGoalsInput!) {
  importGoals(input: $input) {
    foundCount setCount sameCount rejectedCount isDryRun
    problems { line column value code message }
  }
}"""
LONG = """Period,Region,Goal
2018-Q1,West,"1,000.50"
Q2 2018,West,2000
2018/3,East,$ 300
"""
WIDE = """Region;2018-Q1;Q2 2018
West;1.000,5;2000
East;;3.000,25
"""


async def send(graphql, content, **fields):
    content = content.encode() if isinstance(content, str) else content
    sent = {"content": b64encode(content).decode(), **fields}
    return await ask(graphql, IMPORT, input=sent)


async def planned(graphql):
    nodes = (await ask(graphql, GOALS))["nodes"]
    return {(one["period"], one["member"]): one["amount"] for one in nodes}


def workbook(*rows):
    memory = io.BytesIO()
    with xlsxwriter.Workbook(memory) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    return memory.getvalue()


async def test_what_a_column_is_called_goes_before_what_rows_are_otherwise(graphql):
    payload = await send(graphql, WIDE, dimension="ORGANISATION")

    assert payload["problems"] == []
    assert set(await planned(graphql)) == {
        ("2018-Q1", "West"),
        ("2018-Q2", "West"),
        ("2018-Q2", "East"),
    }


async def test_a_row_a_goal_is_read(graphql):
    payload = await send(graphql, LONG)

    assert (payload["foundCount"], payload["setCount"], payload["problems"]) == (3, 3, [])
    assert await planned(graphql) == {
        ("2018-Q1", "West"): "1000.5",
        ("2018-Q2", "West"): "2000",
        ("2018-03", "East"): "300",
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
async def test_a_row_a_member_with_a_column_a_period_is_read(graphql, encoding):
    payload = await send(graphql, WIDE.encode(encoding), decimalComma=True)

    assert payload["setCount"] == 3
    assert await planned(graphql) == {
        ("2018-Q1", "West"): "1000.5",
        ("2018-Q2", "West"): "2000",
        ("2018-Q2", "East"): "3000.25",
    }


async def test_the_first_sheet_of_an_excel_file_is_read(graphql):
    content = workbook(
        ["Region", "2018-Q1", "2018-Q2"], ["West", 0.1 + 0.2, 2000], ["East", None, 7]
    )

    payload = await send(graphql, content)

    assert payload["setCount"] == 3
    assert await planned(graphql) == {
        ("2018-Q1", "West"): "0.3",
        ("2018-Q2", "West"): "2000",
        ("2018-Q2", "East"): "7",
    }


async def test_columns_may_be_called_anything(graphql):
    payload = await send(
        graphql,
        "Quartal,Gebiet,Ziel\n2018-Q1,West,5\n",
        columns=[
            {"field": "period", "column": "Quartal"},
            {"field": "member", "column": "Gebiet"},
            {"field": "amount", "column": "Ziel"},
        ],
        dimension="REGION",
    )

    assert payload["setCount"] == 1
    assert await planned(graphql) == {("2018-Q1", "West"): "5"}


async def test_a_dry_run_tells_everything_and_keeps_nothing(graphql):
    await set_goals(graphql, goal("2018-Q1", "1000.5", "West"))

    payload = await send(graphql, LONG, dryRun=True)

    assert (payload["setCount"], payload["sameCount"], payload["isDryRun"]) == (2, 1, True)
    assert len(await planned(graphql)) == 1


BAD = """Period,Dimension,Member,Amount
2018-Q5,REGION,West,1
2018-Q1,GALAXY,West,1
2018-Q1,LOCATION,nowhere,1
2018-Q1,REGION,West,many
2018-Q1,REGION,West,-1
2018-Q1,ORGANISATION,,8
"""


async def test_what_is_wrong_is_told_cell_by_cell_and_the_rest_comes_in(graphql):
    payload = await send(graphql, BAD)

    found = [(one["line"], one["column"], one["value"], one["code"]) for one in payload["problems"]]
    assert found == [
        (2, "Period", "2018-Q5", "INVALID_GOAL"),
        (3, "Dimension", "GALAXY", "INVALID_GOAL"),
        (4, "Member", "nowhere", "UNKNOWN_GOAL_MEMBER"),
        (5, "Amount", "many", "INVALID_GOAL"),
        (6, "Amount", "-1", "INVALID_AMOUNT"),
    ]
    assert (payload["setCount"], payload["rejectedCount"]) == (1, 5)


async def test_nothing_comes_in_where_everything_was_to(graphql):
    payload = await send(graphql, BAD, errorPolicy="REJECT_EVERYTHING")

    assert (payload["setCount"], payload["rejectedCount"]) == (0, 6)
    assert await planned(graphql) == {}


def bomb():
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", b"<x>" + b" " * 40_000_000 + b"</x>")
    return memory.getvalue()


def entities():
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as book:
        book.writestr("xl/worksheets/sheet1.xml", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
    return memory.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Period,Goal\n",
        b"Colour,Taste\nred,sweet\n",
        b"PK\x03\x04 and nothing",
        workbook(),
        workbook(["Period", "Goal"]),
        b"x" * 2_000_001,
        b"Period,Goal\n" + b"2018,1\n" * 10_001,
        bomb(),
        entities(),
    ],
    ids=["empty", "head", "strange", "torn", "no rows", "head in excel", "large", "long", "bomb",
         "entities"],
)  # fmt: skip
async def test_what_is_no_plan_is_refused(graphql, content):
    sent = {"content": b64encode(content).decode()}
    answer = await graphql(IMPORT, {"input": sent})

    assert answer["errors"][0]["extensions"]["code"] == "UNREADABLE_PLAN"


async def test_what_is_no_base64_is_refused(graphql):
    answer = await graphql(IMPORT, {"input": {"content": "§"}})

    assert answer["errors"][0]["extensions"]["code"] == "UNREADABLE_PLAN"
