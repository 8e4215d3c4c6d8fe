"""ABC by value and XYZ by regularity."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product
from math import sqrt
from typing import Final, NamedTuple

from backend.analytics import service
from backend.analytics.presets.choices import Choice, Measure, Options
from backend.analytics.presets.figures import key_cells, key_columns
from backend.analytics.presets.growth import run_chosen, unfinished, value_column
from backend.analytics.presets.names import AnalysisName
from backend.analytics.presets.periods import Period, longest_run, periods
from backend.analytics.presets.preset import Ask, Preset, chosen, known
from backend.analytics.presets.table import Column, ColumnKind, Note, Row, Table, ratio, rounded
from backend.analytics.rules import Key, SalesDimension
from backend.infra.work import both

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


def _class_columns(choice: Choice) -> tuple[Column, ...]:
    return (
        Column("abcXyz", "Class", _K.TEXT),
        Column("abc", "ABC", _K.TEXT),
        Column("xyz", "XYZ", _K.TEXT),
        Column("members", "How many", _K.COUNT),
        value_column(choice.measure),
        Column("valueShare", "Share of all", _K.PERCENT),
    )


class Classed(NamedTuple):
    """One of what is classed; `share` is that of all up to it, the largest first."""

    key: Key
    value: Decimal
    share: Decimal | None
    abc: str
    mean: Decimal
    variation: float | None
    xyz: str


async def abc_xyz(ask: Ask) -> Table:
    """Return the class of each, the largest first."""
    found, notes = await _classed(ask)
    kept = tuple(
        (*key_cells([one.key]), one.value, one.share, one.abc, rounded(one.mean),
         None if one.variation is None else rounded(one.variation), one.xyz, one.abc + one.xyz)
        for one in found[: ask.choice.top]
    )  # fmt: skip
    columns = _columns(ask.choice)
    everything = sum((one.value for one in found), Decimal())
    totals = (*(None,) * (len(columns) - 7), everything, *(None,) * 6)
    return Table(columns, kept, totals, notes, is_empty=not found)


async def abc_xyz_classes(ask: Ask) -> Table:
    """Return how many each of the nine classes has, and what they are worth, from AX to CZ."""
    found, notes = await _classed(ask)
    everything = sum((one.value for one in found), Decimal())
    rows = list[Row]()
    for abc, xyz in product("ABC", "XYZ"):
        values = [one.value for one in found if one.abc == abc and one.xyz == xyz]
        value = sum(values, Decimal())
        rows.append((abc + xyz, abc, xyz, len(values), value, ratio(value, everything)))
    totals = None, None, None, len(found), everything, ratio(everything, everything)
    columns = _class_columns(ask.choice)
    return Table(columns, tuple(rows), totals, notes, is_empty=not found)


async def _classed(ask: Ask) -> tuple[list[Classed], tuple[Note, ...]]:
    """Return what is classed, the largest first, and what to know about it."""
    by, measure, covers = chosen(ask.choice.by), chosen(ask.choice.measure), ask.covers
    grain = chosen(ask.choice.grain)
    recorded = await ask.recorded()
    times = periods(grain, covers.first, covers.last, recorded, is_partial=covers.is_partial)
    whole = longest_run(times) or times
    values, units = await both(
        ask.values(by, of=measure, is_ranked=True), _units(ask, by, grain, whole)
    )

    async def find() -> list[Classed]:
        worth = {key: known(value) for (key,), value in values.items()}
        return _classes(worth, units, len(whole))

    found = await ask.work.once(("abc-xyz", by, measure, grain, ask.criteria), find)
    return found, (*unfinished(times), *run_chosen(times))


def _classes(
    worth: Mapping[Key, Decimal],
    units: Mapping[str | None, tuple[Decimal, Decimal]],
    count: int,
) -> list[Classed]:
    """Return each with its class, given the units of `count` periods and their squares."""
    everything = sum((max(value, Decimal()) for value in worth.values()), Decimal())
    running, found = Decimal(), list[Classed]()
    for key, value in worth.items():
        abc = abc_class(ratio(running, everything))
        running += max(value, Decimal())
        mean, variation = spread(*units.get(key.id, _NOTHING), count)
        share = ratio(running, everything)
        found.append(Classed(key, value, share, abc, mean, variation, xyz_class(variation)))
    return found


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


_OPTIONS: Final = Options(
    by=(_D.PRODUCT, _D.SUBCATEGORY, _D.CATEGORY),
    grain=(_D.MONTH, _D.WEEK, _D.QUARTER),
    measure=(Measure.NET_SALES, Measure.UNITS, Measure.PROFIT, Measure.GROSS_SALES),
    top=0,
)
PRESETS: Final = (
    Preset(
        _N.ABC_XYZ,
        "ABC and XYZ",
        "by value, largest first: A while those before have less than 80 % of all, B less than"
        " 95 %, else C; variation = standard deviation ÷ mean of the units of the longest run of"
        " whole periods: X ≤ 0.5, Y ≤ 1, else Z",
        "Pareto classes; Scholz-Reiter et al. 2012, ABC-XYZ analysis",
        _OPTIONS,
        _columns,
        abc_xyz,
        passes=6,
    ),
    Preset(
        _N.ABC_XYZ_CLASSES,
        "ABC and XYZ by class",
        "how many are in each of the nine classes of ABC and XYZ; value of a class ÷ value of all",
        "as ABC and XYZ",
        replace(_OPTIONS, top=None),
        _class_columns,
        abc_xyz_classes,
        passes=6,
    ),
)
