"""Making what a report says, as its reader sees the sales."""

from dataclasses import replace
from typing import Any

from backend.analytics import service as analytics
from backend.analytics.pictures.parameters import told
from backend.analytics.presets.figures import FIGURES
from backend.analytics.rules import Measures, Question
from backend.core.scopes import Scope
from backend.identity import organisations
from backend.identity.logos import service as logos
from backend.infra.database import Database
from backend.infra.work import Work
from backend.reports.contents.catalogue import kind_of
from backend.reports.contents.kind import Ask, Content
from backend.reports.criteria import content_of
from backend.reports.documents import MOST_ROWS, Document, Picture, rows_of
from backend.reports.errors import ReportTooLarge
from backend.reports.rules import RunReason
from backend.reports.standing import Standing
from backend.sales.filters import SalesCriteria

TOTALS = ("netSales", "grossSales", "discount", "returns", "units", "orders")


async def make(
    database: Database, run: dict[str, Any], reader: Standing, dashboard: str
) -> Document:
    """Make the document of a run, all of one moment: in one read-only transaction.

    Raises:
        ReportTooLarge: it has more rows than a report may have.
        MissingScope: the reader may not know what it is about.
    """
    content = during(content_of(run["content"]), run)
    async with database.work(reader.principal, read_only=True) as work:
        made = await kind_of(content.kind).make(Ask(work, content, dashboard))
        if rows_of(made.sections) > MOST_ROWS:
            raise ReportTooLarge(f"more than {MOST_ROWS} rows: filter, or take fewer days")
        criteria = replace(content.criteria, first_day=made.first, last_day=made.last)
        sums = await totals(work, criteria)
        organisation = await organisations.describe(work)
        return Document(
            title=made.title,
            organisation=organisation.name,
            currency=work.currency,
            timezone=run["timezone"],
            as_of=made.as_of or work.now,
            first=made.first,
            last=made.last,
            about=made.about or about(content.criteria),
            reader=reader.name,
            dashboard=dashboard,
            sections=tuple(made.sections),
            totals=sums,
            is_sample=run["reason"] == RunReason.SAMPLE,
            is_partial=made.is_partial,
            restates=_restated(run),
            logo=await _logo(work),
        )


async def _logo(work: Work) -> Picture | None:
    found = await logos.find_logo(work)
    return None if found is None else Picture(found.format, found.content)


def during(content: Content, run: dict[str, Any]) -> Content:
    """Return the content with the days of the run in, where it has some."""
    if run["first_day"] is None:
        return content
    days = replace(content.criteria, first_day=run["first_day"], last_day=run["last_day"])
    return replace(content, criteria=days)


async def totals(work: Work, criteria: SalesCriteria) -> dict[str, str | int | None]:
    """Return what `salesSummary` answers for these sales; it needs sales:read."""
    if not work.principal.has(Scope.SALES_READ):
        return {}
    found = await analytics.summarise(work, Question(()), criteria)
    return {name: _exact(name, found.totals) for name in TOTALS}


def about(criteria: SalesCriteria) -> str:
    """Return in words which sales the criteria admit, their days left aside."""
    return told(replace(criteria, first_day=None, last_day=None))


def _exact(name: str, measures: Measures) -> str | int | None:
    value = FIGURES[name].of(measures, measures)
    return value if isinstance(value, int) else None if value is None else f"{value:f}"


def _restated(run: dict[str, Any]) -> str | None:
    if run["reason"] != RunReason.RESTATED:
        return None
    return "Sales came late: this takes the place of the report of these days sent before."
