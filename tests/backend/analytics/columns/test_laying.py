"""Facts of a copy are laid in order, month by month, and say the same before and after."""

from datetime import date
from itertools import groupby
from operator import itemgetter
from uuid import UUID

import pytest

from backend.analytics.columns import copying, laying
from backend.analytics.rollups import keeping
from backend.analytics.rollups.grains import Column
from tests.backend.analytics import brute
from tests.backend.analytics.columns.test_copy import copied, table
from tests.backend.analytics.rollups.test_equal import MOVES, check, compare
from tests.world import run_sql

ORG = UUID(int=1)


async def test_what_came_by_and_by_is_laid_and_says_the_same(
    database, principal, owner_url, org_id, columns, answered, monkeypatch
):
    monkeypatch.setattr(laying, "LOOSE", 1)
    shelf, lines = await copied(database, owner_url, org_id, columns, sales=120)
    assert await _lies(columns, owner_url, org_id) == "in order"
    monkeypatch.setattr(laying, "LOOSE", 100)
    for seed in range(2, 9):
        lines += await brute.sell(owner_url, org_id, shelf, seed=seed, sales=20, at_once=20)
        await keeping.catch_up(database, org_id)
        await copying.follow_all(database, columns, least=0)
        await check(database, principal, lines, cuts=10)

    for moving in MOVES:
        await run_sql(owner_url, moving)
    await keeping.catch_up(database, org_id)
    await copying.follow_all(database, columns, least=0)
    assert await _loose(columns) > 0
    await compare(database, principal, lines, cuts=30)
    monkeypatch.setattr(laying, "LOOSE", 1)
    monkeypatch.setattr(laying, "_PART", 10_000)
    lines += await brute.sell(owner_url, org_id, shelf, seed=9, sales=5, at_once=5)
    await keeping.catch_up(database, org_id)
    await copying.follow_all(database, columns, least=0)

    assert await _loose(columns) == 0
    assert await _lies(columns, owner_url, org_id) == "in order"
    await compare(database, principal, lines, cuts=60)
    assert None not in answered


async def test_few_facts_that_came_stay_where_they_are(
    database, owner_url, org_id, columns, monkeypatch
):
    monkeypatch.setattr(laying, "LOOSE", 1)
    shelf, _ = await copied(database, owner_url, org_id, columns, sales=200)
    await brute.sell(owner_url, org_id, shelf, seed=2, sales=2, at_once=2)
    await keeping.catch_up(database, org_id)

    await copying.follow_all(database, columns, least=0)

    assert await _loose(columns) > 0


@pytest.mark.parametrize(
    ("facts", "loose", "is_untidy"),
    [(60, 60, True), (100, 20, True), (100, 19, False), (9, 9, False), (10, 10, True)],
    ids=["new", "enough of all", "too few of all", "too few", "just enough"],
)
async def test_a_month_is_laid_where_much_of_it_is_loose(
    columns, monkeypatch, facts, loose, is_untidy
):
    monkeypatch.setattr(laying, "LOOSE", 10)

    def untidy(session):
        session.execute(laying.TABLE)
        session.execute("create table facts (day date)")
        values = {"1": date(2024, 12, 5), "2": facts}
        session.execute("insert into facts select $1 from range($2)", values)
        session.execute("insert into facts select date '2025-01-01' from range(500)")
        values = {"1": str(ORG), "2": date(2024, 12, 1), "3": loose}
        session.execute("insert into loose values ($1, $2, $3)", values)
        return laying.untidy(session, ORG, "facts")

    found = await columns.write(untidy, seconds=5)

    assert found == [(date(2024, 12, 1), date(2025, 1, 1))] * is_untidy


STRETCHES = laying.Stretches(
    regions=[0, 1, 2, 1, 2, 0, 2], segments=[0, 1, 1, 3, 3], channels=[0, 1, 2, 1, 2]
)


@pytest.mark.parametrize(
    ("column", "numbers", "limits"),
    [
        (Column.AREA, [1, 3], {"region": [1]}),
        (Column.AREA, [3], {"region": [1], "area": [3]}),
        (Column.AREA, [1, 4], {"area": [1, 4]}),
        (Column.AREA, [1, 2, 3, 4, 6], {}),
        (Column.AREA, [5, 99], {"region": []}),
        (Column.MIX, [3, 4], {"segment": [3]}),
        (Column.MIX, [2, 4], {"channel": [2]}),
        (Column.MIX, [2], {"segment": [1], "channel": [2]}),
        (Column.MIX, [1, 4], {"mix": [1, 4]}),
        (Column.MIX, [], {"segment": [], "channel": []}),
    ],
    ids=[
        "a region", "a state", "states of all regions", "all", "none that is there", "a segment",
        "a channel", "both", "two of four", "none",
    ],
)  # fmt: skip
def test_stretches_are_passed_over_where_none_is_admitted(column, numbers, limits):
    found = STRETCHES.limits(column, numbers)

    assert {one.column: sorted(one.numbers) for one in found} == limits


async def test_a_copy_of_another_version_is_begun_anew(
    database, principal, owner_url, org_id, columns, answered
):
    def another(session):
        session.execute("create table copies (org_id uuid primary key, epoch uuid)")
        session.execute("create table leftover (no integer)")

    await columns.write(another, seconds=5)

    _, lines = await copied(database, owner_url, org_id, columns, sales=30)

    await check(database, principal, lines, cuts=10)
    assert answered
    assert None not in answered
    tables = await columns.read(
        lambda session: session.sql("select table_name from duckdb_tables()").fetchall(), seconds=5
    )
    assert ("leftover",) not in tables


async def _loose(columns):
    (row,) = await columns.read(
        lambda session: session.sql("select sum(facts) from loose").fetchall(), seconds=5
    )
    return row[0] or 0


async def _lies(columns, owner_url, org_id):
    """Tell whether a region of a month, in it a segment, a channel, a category lie together."""
    regions = await run_sql(owner_url, "select no, country, region from rollup_areas")
    segments = await run_sql(owner_url, "select no, segment, channel from rollup_mixes")
    by_area = {row["no"]: (row["country"], row["region"]) for row in regions}
    by_mix = {row["no"]: (row["segment"], row["channel"]) for row in segments}
    facts = await columns.read(
        lambda session: session.sql(
            "select year(day), month(day), area, mix, category, product"
            f" from {table(org_id)} order by rowid"
        ).fetchall(),
        seconds=5,
    )
    placed = [
        (year, month, by_area[area], *by_mix[mix], category, product)
        for year, month, area, mix, category, product in facts
    ]
    for depth in range(2, 8):
        stretches = [key for key, _ in groupby(placed, itemgetter(*range(depth)))]
        if len(stretches) > len(set(stretches)):
            return f"apart at {depth}"
    return "in order"
