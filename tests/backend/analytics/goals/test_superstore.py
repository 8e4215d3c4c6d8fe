"""Goals on Superstore by quarter and region: entered, imported, copied, checked by hand."""

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest

from backend.analytics.rollups import keeping
from backend.identity.authentication import Identity
from tests.backend.analytics.goals.planning import (
    COPY,
    OPPORTUNITIES,
    PROGRESS,
    ask,
    goal,
    set_goals,
)
from tests.backend.analytics.goals.test_importing import send
from tests.backend.analytics.presets import superstore
from tests.backend.imports.runs import run_import
from tests.data import data_file

# Net sales of 2018 by quarter and region, added up from the file by hand.
SOLD = {
    "West": ("24317.015", "39774.351", "50719.6115", "72669.199"),
    "East": ("24774.765", "52166.657", "38051.646", "65692.754"),
    "South": ("23933.704", "18381.828", "21635.8805", "29658.811"),
    "Central": ("20211.697", "25759.465", "33380.2242", "68077.9898"),
}
ENTERED = {
    "West": "24317.015",  # just reached
    "East": "41291.275",  # 60 % exactly
    "South": "29917.13",  # 80 % exactly
    "Central": "25264.6212",  # 80.0000002 %
}
PLAN = """Region,2018-Q2,2018-Q3,2018-Q4
West,40000,50000,72669.1991
East,50000,60000,90000
South,30000,30000,30000
Central,40000,40000,60000
"""


@pytest.fixture
async def shop(app, principal, tmp_path):
    """The whole of Superstore, imported and rolled up."""
    database = app.state.services[Identity].database
    await run_import(
        database, principal, data_file("superstore/superstore.csv"), rejects=tmp_path / "rejects"
    )
    await keeping.catch_up(database, principal.org_id)


async def test_goals_by_quarter_and_region_are_measured_to_the_last_digit(shop, graphql):
    await set_goals(graphql, *(goal("2018-Q1", one, name) for name, one in ENTERED.items()))
    imported = await send(graphql, PLAN)
    chosen = {"from": "2018-01-01", "to": "2018-12-31", "kinds": ["QUARTER"]}

    report = await ask(graphql, PROGRESS, filter=chosen)
    among = await ask(graphql, OPPORTUNITIES, filter={"periods": ["2018-Q1"]})

    assert (imported["setCount"], imported["rejectedCount"]) == (12, 0)
    rows = {(one["goal"]["member"], one["goal"]["period"]): one for one in report["rows"]}
    assert {key: one["attained"] for key, one in rows.items()} == {
        (region, f"2018-Q{n}"): amount
        for region, amounts in SOLD.items()
        for n, amount in enumerate(amounts, start=1)
    }
    assert rows["West", "2018-Q1"]["standing"] == "REACHED"
    assert rows["West", "2018-Q4"]["standing"] == "MISSED"
    assert rows["West", "2018-Q4"]["gap"] == "0.0001"
    assert rows["East", "2018-Q3"]["gapMoney"] == "21948.354"
    found = [(one["goal"]["member"], one["share"], one["gapMoney"]) for one in among["rows"]]
    assert found == [("East", "0.6", "16516.51"), ("South", "0.8", "5983.426")]


async def test_last_years_sales_with_ten_percent_on_top_become_the_plan(shop, graphql):
    order = {"fromYear": "2017", "toYear": "2018", "dimension": "REGION", "growth": "0.1"}

    payload = await ask(graphql, COPY, input=order)

    made = {(one["period"], one["member"]): one["amount"] for one in payload["goals"]}
    assert len(made) == 16
    assert made["2018-Q1", "West"] == "25842.3682"  # 23,493.0620 and a tenth
    assert made["2018-Q4", "East"] == "72276.1138"  # 65,705.5580 and a tenth


async def test_a_quarter_half_way_lands_where_two_years_of_its_season_say(shop, graphql):
    await set_goals(graphql, goal("2018-Q3", 50000, "West"))

    report = await ask(graphql, PROGRESS, filter={"periods": ["2018-Q3"]}, on="2018-08-15")

    (row,) = report["rows"]
    share = season_passed("West")
    assert row["attained"] == "19462.115"
    assert row["season"] == "OWN"
    assert float(row["elapsed"]) == pytest.approx(share, abs=1e-5)
    assert float(row["landing"]) == pytest.approx(19462.115 / share, rel=1e-4)


def season_passed(region):
    """Return the part of the third quarter's season that has passed by 15 August 2018.

    From the file: July 2016 to June 2018, sales a day by month of the region, by weekday of all.
    """
    first, until = date(2016, 7, 1), date(2018, 7, 1)
    frame = superstore.read().filter((pl.col("day") >= first) & (pl.col("day") < until))
    days = [first + timedelta(days=n) for n in range((until - first).days)]
    by_month, by_weekday = {}, {}
    for day, where, sales in frame.select("day", "Region", "Sales").iter_rows():
        by_weekday[day.weekday()] = by_weekday.get(day.weekday(), Decimal()) + sales
        if where == region:
            by_month[day.month] = by_month.get(day.month, Decimal()) + sales
    months = {m: float(v) / sum(d.month == m for d in days) for m, v in by_month.items()}
    week = {w: float(v) / sum(d.weekday() == w for d in days) for w, v in by_weekday.items()}
    quarter = [date(2018, 7, 1) + timedelta(days=n) for n in range(92)]
    weights = [months[day.month] * week[day.weekday()] for day in quarter]
    return sum(weights[:46]) / sum(weights)
