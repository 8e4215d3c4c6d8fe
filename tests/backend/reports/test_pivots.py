"""Pivots, against every figure added up line by line."""

from datetime import date

import pytest

from backend.analytics.presets.table import ratio
from backend.analytics.rules import SalesDimension as D
from backend.core.scopes import Scope
from backend.reports.pivots import answering
from backend.reports.pivots.errors import PivotTooLarge
from backend.reports.pivots.periods import Period
from backend.reports.pivots.rules import PivotDefinition, PivotMeasure as M
from backend.sales.filters import SalesCriteria
from tests.backend.analytics import brute
from tests.world import principal_with

NET, ORDERS, PROFIT = 3, 7, 5
"""Places in the figures that `brute` adds up."""


async def answer(database, principal, *, period=Period.ALL_TIME, **parts):
    definition = PivotDefinition(period=period, **parts)
    async with database.work(principal, read_only=True) as work:
        return await answering.answer(work, definition)


def as_dict(found):
    """Return {(path of a row, path of a column): values}."""
    return {
        (row.path, column.path): values
        for row, cells in zip(found.rows, found.cells, strict=True)
        for column, values in zip(found.columns, cells, strict=True)
    }


async def test_every_level_equals_the_lines_added_up_orders_too(
    database, principal, owner_url, org_id
):
    lines = await brute.fill(owner_url, org_id)

    found = await answer(
        database,
        principal,
        rows=(D.CATEGORY, D.SUBCATEGORY),
        columns=(D.CHANNEL, D.YEAR),
        measures=(M.NET_SALES, M.ORDERS, M.PROFIT),
    )

    cells = as_dict(found)
    for depth in range(3):
        for width in range(3):
            by = ("CATEGORY", "SUBCATEGORY")[:depth] + ("CHANNEL", "YEAR")[:width]
            groups, _ = brute.summarise(lines, by)
            for keys, figures in groups.items():
                values = cells[keys[:depth], keys[depth:]]
                assert values == (figures[NET], figures[ORDERS], figures[PROFIT]), keys
    assert sum(value is not None for (value, *_) in cells.values()) == sum(
        len(brute.summarise(lines, (*rows, *columns))[0])
        for rows in ((), ("CATEGORY",), ("CATEGORY", "SUBCATEGORY"))
        for columns in ((), ("CHANNEL",), ("CHANNEL", "YEAR"))
    )


async def test_totals_come_first_and_each_before_what_it_is_the_total_of(
    database, principal, owner_url, org_id
):
    await brute.fill(owner_url, org_id)

    found = await answer(database, principal, rows=(D.CATEGORY, D.SUBCATEGORY), columns=(D.YEAR,))

    paths = [row.path for row in found.rows]
    assert paths[0] == ()
    assert all(path[:-1] in paths[:at] for at, path in enumerate(paths) if path)
    assert found.columns[0].path == ()
    years = [one.path for one in found.columns[1:]]
    assert years == sorted(years)


async def test_rows_of_each_group_are_sorted_by_a_measure(database, principal, owner_url, org_id):
    await brute.fill(owner_url, org_id)

    found = await answer(
        database, principal, rows=(D.CATEGORY, D.PRODUCT), sort=M.NET_SALES, descending=True
    )

    totals = {path: values[0] or 0 for (path, _), values in as_dict(found).items()}
    for outer in {path[:1] for path in totals if path}:
        inner = [totals[row.path] for row in found.rows if row.path[:1] == outer][1:]
        assert inner == sorted(inner, reverse=True)
    firsts = [totals[row.path] for row in found.rows if len(row.path) == 1]
    assert firsts == sorted(firsts, reverse=True)


async def test_the_margin_of_a_total_is_that_of_its_sums(database, principal, owner_url, org_id):
    lines = await brute.fill(owner_url, org_id)

    found = await answer(database, principal, rows=(D.CATEGORY,), measures=(M.MARGIN,))

    _, total = brute.summarise(lines, ())
    costed = brute.figures([line for line in lines if line["cost"] is not None])
    assert as_dict(found)[(), ()] == (ratio(total[PROFIT], costed[NET]),)


async def test_a_pivot_without_rows_is_its_totals(database, principal, owner_url, org_id):
    lines = await brute.fill(owner_url, org_id, sales=20)

    found = await answer(database, principal, rows=(), columns=(D.CHANNEL,))

    groups, total = brute.summarise(lines, ("CHANNEL",))
    assert [row.path for row in found.rows] == [()]
    assert as_dict(found) == {((), ()): (total[NET],)} | {
        ((), keys): (figures[NET],) for keys, figures in groups.items()
    }


async def test_where_nothing_was_sold_only_the_totals_stand(database, principal):
    found = await answer(database, principal, rows=(D.CATEGORY,), columns=(D.YEAR,))

    assert ([row.path for row in found.rows], [one.path for one in found.columns]) == ([()], [()])


async def test_what_only_analysts_may_know_is_left_out_and_said(
    database, org_id, owner_url, principal
):
    await brute.fill(owner_url, org_id, sales=20)
    clerk = principal_with(org_id, Scope.SALES_READ)

    found = await answer(
        database, clerk, rows=(D.CATEGORY,), measures=(M.PROFIT, M.UNITS), sort=M.PROFIT
    )

    assert found.definition.measures == (M.UNITS,)
    assert found.definition.sort is None
    assert [note.code for note in found.notes] == ["COLUMNS_HIDDEN"]


async def test_too_many_cells_are_refused_with_what_to_do(database, principal, owner_url, org_id):
    await brute.fill(owner_url, org_id, sales=20)
    definition = PivotDefinition((D.PRODUCT,), (D.DAY,), period=Period.ALL_TIME)

    async with database.work(principal, read_only=True) as work:
        with pytest.raises(PivotTooLarge) as refused:
            await answering.answer(work, definition, most_cells=10)

    assert refused.value.details["limit"] == 10


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        (Period.TODAY, date(2024, 2, 29), date(2024, 2, 29)),
        (Period.LAST_7_DAYS, date(2024, 2, 23), date(2024, 2, 29)),
        (Period.LAST_28_DAYS, date(2024, 2, 2), date(2024, 2, 29)),
        (Period.LAST_90_DAYS, date(2023, 12, 2), date(2024, 2, 29)),
        (Period.LAST_12_MONTHS, date(2023, 3, 1), date(2024, 2, 29)),
        (Period.THIS_MONTH, date(2024, 2, 1), date(2024, 2, 29)),
        (Period.THIS_QUARTER, date(2024, 1, 1), date(2024, 2, 29)),
        (Period.THIS_YEAR, date(2024, 1, 1), date(2024, 2, 29)),
        (Period.LAST_YEAR, date(2023, 1, 1), date(2023, 12, 31)),
        (Period.ALL_TIME, None, None),
        (Period.DAYS, date(2020, 1, 1), date(2020, 1, 2)),
    ],
)
def test_a_period_moves_with_the_day_it_is_looked_at(period, first, last):
    named = SalesCriteria(date(2020, 1, 1), date(2020, 1, 2), regions=frozenset({"West"}))
    definition = PivotDefinition((D.REGION,), period=period, criteria=named)

    criteria = definition.sales(date(2024, 2, 29))

    assert (criteria.first_day, criteria.last_day) == (first, last)
    assert criteria.regions == {"West"}
    assert definition.fixed(date(2024, 2, 29)).sales(date(2030, 1, 1)) == criteria


def test_a_definition_is_kept_and_read_as_it_was():
    definition = PivotDefinition(
        (D.REGION, D.STATE),
        (D.YEAR,),
        (M.UNITS, M.MARGIN),
        Period.DAYS,
        SalesCriteria(date(2020, 1, 1), regions=frozenset({"West"})),
        M.UNITS,
    )

    assert PivotDefinition.of_json(definition.to_json()) == definition
