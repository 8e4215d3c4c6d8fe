"""Asking for analyses in tests, through the service and through GraphQL."""

from typing import Any

from backend.analytics.presets import service
from backend.analytics.presets.choices import Choice
from backend.analytics.presets.names import AnalysisName
from backend.sales.filters import SalesCriteria

ANALYSIS = """
query ($name: AnalysisName!, $filter: SalesFilter, $choice: AnalysisChoice) {
  analysis(name: $name, filter: $filter, choice: $choice) {
    name title asOf from to isPartial rows totals
    columns { name label kind currency dimension labelOf }
    notes { code message field value }
  }
}
"""


async def answer(database, principal, name, criteria=None, **choice):
    """Return the whole answer of an analysis."""
    async with database.work(principal, read_only=True) as work:
        return await service.analyse(
            work, AnalysisName[name], criteria or SalesCriteria(), Choice(**choice)
        )


async def ask(database, principal, name, criteria=None, **choice) -> list[dict[str, Any]]:
    """Return the rows of an analysis as dicts by the names of its columns."""
    found = await answer(database, principal, name, criteria, **choice)
    return rows(found.table)


def rows(table) -> list[dict[str, Any]]:
    """Return the rows of a table as dicts."""
    return [as_dict(table, row) for row in table.rows]


def as_dict(table, row) -> dict[str, Any]:
    """Return one row, or the totals, by the names of the columns."""
    return dict(zip((column.name for column in table.columns), row, strict=True))
