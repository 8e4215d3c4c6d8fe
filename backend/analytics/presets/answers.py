"""Answers as JSON, the same through GraphQL and REST."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from backend.analytics.presets.service import Analysis
from backend.analytics.presets.table import Cell, Column, ColumnKind
from backend.infra.api.scalars import format_datetime, format_decimal

JsonCell = str | int | None


def row_json(row: Iterable[Cell]) -> list[JsonCell]:
    """Return cells as clients read them: exact decimals as strings, days as ISO 8601."""
    return [
        format_decimal(cell)
        if isinstance(cell, Decimal)
        else cell.isoformat()
        if isinstance(cell, date)
        else cell
        for cell in row
    ]


def currency_of(column: Column, currency: str) -> str | None:
    """Return the currency of a column's cells; None where they are no amounts."""
    return currency if column.kind is ColumnKind.MONEY else None


def document(found: Analysis, currency: str) -> dict[str, object]:
    """Return an answer as the JSON of `analysis` in GraphQL."""
    table, covers, trace = found.table, found.covers, found.trace
    return {
        "name": found.preset.name.value,
        "title": found.preset.title,
        "asOf": format_datetime(found.as_of),
        "from": None if covers.first is None else covers.first.isoformat(),
        "to": None if covers.last is None else covers.last.isoformat(),
        "isPartial": covers.is_partial,
        "columns": [
            {
                "name": one.name,
                "label": one.label,
                "kind": one.kind.value,
                "currency": currency_of(one, currency),
                "dimension": None if one.dimension is None else one.dimension.value,
                "labelOf": one.label_of,
            }
            for one in table.columns
        ],
        "rows": [row_json(row) for row in table.rows],
        "totals": None if table.totals is None else row_json(table.totals),
        "coverage": {
            "from": None if trace.first_day is None else trace.first_day.isoformat(),
            "keptFrom": None if trace.kept_from is None else trace.kept_from.isoformat(),
            "isTraceable": trace.is_whole,
            "keepsOldPlaces": trace.is_out_of_place,
        },
        "notes": [
            {
                "code": one.code,
                "message": one.message,
                "field": list(one.field) or None,
                "value": one.value,
            }
            for one in table.notes
        ],
    }
