"""ABC by value and XYZ by regularity."""

import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal
from math import sqrt
from typing import Final

from backend.analytics import service
from backend.analytics.presets.choices import Choice, Measure, Options
from backend.analytics.presets.figures import key_cells, key_columns
from backend.analytics.presets.growth import run_chosen, unfinished, value_column
from backend.analytics.presets.names import AnalysisName
from backend.analytics.presets.periods import Period, longest_run, periods
from backend.analytics.presets.preset import Ask, Preset, chosen, known
from backend.analytics.presets.table import Column, ColumnKind, Row, Table, ratio, rounded
from backend.analytics.rules import SalesDimension

_N = AnalysisName
_D = SalesDimension
_K = ColumnKind
A_UP_TO: Final = Decimal("0.8")
B_UP_TO: Final = Decimal("0.95")
X_UP_TO: Final = 0.5
Y_UP_TO: Final = 1.0


def _columns(choice: Choice) -> tuple[Column, ...]:
    return (
        *key_columns([chosen(choice.by)]),
        value_column(choice.measure),
        Column("cumulativeShare", "Cumulative share", _K.PERCENT),
        Column("abc", "ABC", _K.TEXT),
        Column("meanUnits", "Units a period", _K.UNITS),
        Column("variation", "Coefficient of variation", _K.NUMBER),
        Column("xyz", "XYZ", _K.TEXT),
        Column("abcXyz", "Class", _K.TEXT),
    )


async def abc_xyz(ask: Ask) -> Table:
    """Return the class of each, the largest first."""
    by, measure, covers = chosen(ask.choice.by), chosen(ask.choice.measure), ask.covers
    grain = chosen(ask.choice.grain)
    recorded = await ask.recorded()
    times = periods(grain, covers.first, covers.last, recorded, is_partial=covers.is_partial)
    whole = longest_run(times) or times
    values, units = await asyncio.gather(
        ask.values(by, of=measure, is_ranked=True), _units(ask, by, grain, whole)
    )
    found = {key: known(value) for (key,), value in values.items()}
    everything = sum((max(value, Decimal()) for value in found.values()), Decimal())
    running, rows = Decimal(), list[Row]()
    for key, value in found.items():
        abc = abc_class(ratio(running, everything))
        running += max(value, Decimal())
        mean, variation = spread(*units.get(key.id, _NOTHING), len(whole))
        xyz = xyz_class(variation)
        share = ratio(running, everything)
        rows.append(
            (*key_cells([key]), value, share, abc, rounded(mean),
             None if variation is None else rounded(variation), xyz, f"{abc}{xyz}")
        )  # fmt: skip
    columns = _columns(ask.choice)
    totals = (*(None,) * (len(columns) - 7), sum(found.values(), Decimal()), *(None,) * 6)
    kept = tuple(rows[: ask.choice.top])
    return Table(columns, kept, totals, (*unfinished(times), *run_chosen(times)), is_empty=not rows)


_NOTHING: Final = (Decimal(), Decimal())


async def _units(
    ask: Ask, by: SalesDimension, grain: SalesDimension, whole: list[Period]
) -> dict[str | None, tuple[Decimal, Decimal]]:
    """Return the units of each in these periods, which follow one another, and their squares."""
    if not whole:
        return {}
    first = max(whole[0].first, ask.criteria.first_day or date.min)
    last = min(whole[-1].last, ask.criteria.last_day or date.max)
    among = replace(ask.criteria, first_day=first, last_day=last)
    return await service.unit_squares(ask.work, by, grain, among)


def abc_class(share_before: Decimal | None) -> str:
    """Return A to C by the share of all that larger ones have already."""
    if share_before is None or share_before >= B_UP_TO:
        return "C"
    return "A" if share_before < A_UP_TO else "B"


def xyz_class(variation: float | None) -> str:
    """Return X to Z by the coefficient of variation."""
    if variation is None or variation > Y_UP_TO:
        return "Z"
    return "X" if variation <= X_UP_TO else "Y"


def spread(total: Decimal, squares: Decimal, count: int) -> tuple[Decimal, float | None]:
    """Return the mean of `count` values and standard deviation ÷ mean, by their sums."""
    if not count:
        return Decimal(), None
    mean = total / count
    if mean <= 0:
        return mean, None
    return mean, sqrt(max(squares / count - mean * mean, Decimal())) / float(mean)


PRESETS: Final = (
    Preset(
        _N.ABC_XYZ,
        "ABC and XYZ",
        "by value, largest first: A while those before have less than 80 % of all, B less than"
        " 95 %, else C; variation = standard deviation ÷ mean of the units of the longest run of"
        " whole periods: X ≤ 0.5, Y ≤ 1, else Z",
        "Pareto classes; Scholz-Reiter et al. 2012, ABC-XYZ analysis",
        Options(
            by=(_D.PRODUCT, _D.SUBCATEGORY, _D.CATEGORY),
            grain=(_D.MONTH, _D.WEEK, _D.QUARTER),
            measure=(Measure.NET_SALES, Measure.UNITS, Measure.PROFIT, Measure.GROSS_SALES),
            top=0,
        ),
        _columns,
        abc_xyz,
        passes=6,
    ),
)
