"""Which graph a table is drawn as. Pure."""

from typing import Final

from backend.analytics.presets.choices import Measure
from backend.analytics.presets.figures import camel
from backend.analytics.presets.table import ColumnKind, Table
from backend.analytics.rules import SalesDimension
from backend.reports.documents import Chart

_D = SalesDimension
TIMES: Final = frozenset(
    {_D.DAY, _D.WEEK, _D.MONTH, _D.QUARTER, _D.YEAR}
    | {_D.FISCAL_WEEK, _D.FISCAL_MONTH, _D.FISCAL_QUARTER, _D.FISCAL_YEAR}
)
MOST_POINTS: Final = 400
_LIKED: Final = ("change", "netSales", "profit", "units", "orders", "value")
_DRAWN: Final = (ColumnKind.MONEY, ColumnKind.UNITS, ColumnKind.COUNT, ColumnKind.PERCENT)


def chart_of(table: Table, measure: Measure | None = None) -> Chart | None:
    """Return how a table is drawn: over time as a line, one dimension as bars; None: not at all.

    `measure` is what its rows are ranked by.
    """
    keys = [one for one in table.columns if one.dimension is not None]
    values = [one for one in table.columns if one.kind in _DRAWN and one.dimension is None]
    if len(keys) != 1 or not values or not table.rows:
        return None
    liked = {one.name: one for one in values}
    ranked = () if measure is None else (camel(measure),)
    value = next(
        (liked[name] for name in (*_LIKED[:1], *ranked, *_LIKED) if name in liked), values[0]
    )
    is_line = keys[0].dimension in TIMES
    if is_line and not 2 <= len(table.rows) <= MOST_POINTS:
        return None
    label = next((one for one in table.columns if one.label_of == keys[0].name), keys[0])
    return Chart(is_line, label.name, value.name)
