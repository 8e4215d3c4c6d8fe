"""A saved pivot as a report."""

from decimal import Decimal
from uuid import uuid4

import pytest

from backend.analytics.presets.choices import Choice
from backend.analytics.rules import SalesDimension as D
from backend.reports.contents.catalogue import kind_of
from backend.reports.contents.kind import Ask, Content, ContentName
from backend.reports.documents import Grid
from backend.reports.pivots import service
from backend.reports.pivots.errors import PivotNotFound
from backend.reports.pivots.periods import Period
from backend.reports.pivots.rules import Audience, PivotDefinition, PivotMeasure as M
from backend.reports.pivots.service import Draft
from backend.sales.filters import SalesCriteria
from tests.backend.analytics import brute

DEFINITION = PivotDefinition(
    (D.CATEGORY, D.SUBCATEGORY), (D.CHANNEL,), (M.NET_SALES, M.ORDERS), Period.ALL_TIME
)


def content(name, criteria=None):
    return Content(ContentName.PIVOT, str(name), criteria or SalesCriteria(), Choice())


@pytest.fixture
async def saved(database, principal):
    async with database.work(principal) as work:
        return (await service.save(work, Draft("By category", DEFINITION, Audience()))).id


async def made(database, principal, asked):
    async with database.work(principal, read_only=True) as work:
        return await kind_of(ContentName.PIVOT).make(Ask(work, asked, "https://shop.example"))


async def test_a_report_has_the_rows_and_totals_of_the_pivot(
    database, principal, owner_url, org_id, saved
):
    lines = await brute.fill(owner_url, org_id)

    found = await made(database, principal, content(saved))

    (grid,) = found.sections
    assert isinstance(grid, Grid)
    assert grid.totals
    _, total = brute.summarise(lines, ())
    assert grid.totals[:2] == ["Total", ""]
    assert (Decimal(str(grid.totals[2])), grid.totals[3]) == (total[3], total[7])
    groups, _ = brute.summarise(lines, ("CATEGORY",))
    totals = {row[0]: Decimal(str(row[2])) for row in grid.rows if row[1] == "Total"}
    assert totals == {key or "Not said": one[3] for (key,), one in groups.items()}
    assert all(len(row) == len(grid.columns) for row in grid.rows)


async def test_the_days_of_the_report_take_the_place_of_the_pivots_own(
    database, principal, owner_url, org_id, saved
):
    lines = await brute.fill(owner_url, org_id)
    day = max(line["day"] for line in lines)

    found = await made(database, principal, content(saved, SalesCriteria(day, day)))

    _, total = brute.summarise(lines, (), lambda line: line["day"] == day)
    assert (found.first, found.last) == (day, day)
    (grid,) = found.sections
    assert isinstance(grid, Grid)
    assert grid.totals
    assert Decimal(str(grid.totals[2])) == total[3]


async def test_the_catalogue_offers_what_one_finds(database, principal, saved):
    async with database.work(principal, read_only=True) as work:
        entries = await kind_of(ContentName.PIVOT).entries(work)

    assert [(one.name, one.title) for one in entries] == [(str(saved), "By category")]


@pytest.mark.parametrize("name", [uuid4(), "no id"])
async def test_a_pivot_that_is_not_there_cannot_be_reported(database, principal, name):
    async with database.work(principal, read_only=True) as work:
        with pytest.raises(PivotNotFound):
            await kind_of(ContentName.PIVOT).check(work, content(name))
