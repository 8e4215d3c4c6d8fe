"""Growth: from period to period, from year to year, and what it comes from."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from backend.analytics.presets.choices import Baseline, Choice, Measure, Options
from backend.analytics.presets.cuts import GRAINS, MEASURES
from backend.analytics.presets.figures import FIGURES, camel, key_cells, key_columns
from backend.analytics.presets.names import AnalysisName
from backend.analytics.presets.periods import YEARLY, Period, periods
from backend.analytics.presets.preset import Ask, Preset, chosen
from backend.analytics.presets.table import Column, ColumnKind, Note, Row, Table, ratio, rounded
from backend.analytics.rules import Key, Measures, SalesDimension

_N = AnalysisName
_D = SalesDimension
_K = ColumnKind
WINDOW: Final = timedelta(days=91)
"""What is compared where the filter says no first day: the last 13 weeks."""
YEAR: Final = timedelta(days=364)
BY: Final = (
    _D.PRODUCT, _D.SUBCATEGORY, _D.CATEGORY, _D.REGION, _D.STATE, _D.COUNTRY, _D.SEGMENT,
    _D.CHANNEL, _D.LOCATION, _D.DISTRIBUTOR, _D.SELLER,
)  # fmt: skip


def value_of(measures: Measures, measure: Measure | None) -> Decimal:
    """Return the figure that is compared; nothing where it is not known."""
    return Decimal(getattr(measures, (measure or Measure.NET_SALES).attribute) or 0)


def value_column(measure: Measure | None) -> Column:
    """Return the column of the figure that is compared."""
    return FIGURES[camel(measure or Measure.NET_SALES)].column


async def series(ask: Ask) -> tuple[list[Period], list[Decimal], Decimal]:
    """Return the periods of the chosen grain, what was sold in each, and the total."""
    grain, measure = chosen(ask.choice.grain), ask.choice.measure
    covers = ask.covers
    found = await ask.summary(grain)
    known = {one.keys[0].id: value_of(one.measures, measure) for one in found.groups}
    times = periods(grain, covers.first, covers.last, is_partial=covers.is_partial)
    return (
        times,
        [known.get(one.id, Decimal()) for one in times],
        value_of(found.totals, measure),
    )


def unfinished(times: list[Period]) -> tuple[Note, ...]:
    """Return notes on the first and the last period where they are not whole."""
    return tuple(
        Note("PERIOD_INCOMPLETE", f"{one.id} is not complete", value=one.id)
        for one in times
        if not one.is_whole
    )


def _growth_columns(choice: Choice) -> tuple[Column, ...]:
    value = value_column(choice.measure)
    return (
        *key_columns([chosen(choice.grain)]),
        value,
        replace(value, name="previous", label="Period before"),
        Column("change", "Change", _K.PERCENT),
        replace(value, name="yearAgo", label="Year ago"),
        Column("yearChange", "Change on the year", _K.PERCENT),
        Column("annualGrowth", "Growth a year since the first", _K.PERCENT),
    )


async def growth(ask: Ask) -> Table:
    """Return each period beside the one before and the one a year ago."""
    times, values, whole = await series(ask)
    back = YEARLY[chosen(ask.choice.grain)]
    base = next((n for n, one in enumerate(times) if one.is_whole), 0)
    rows: list[Row] = []
    for n, (period, value) in enumerate(zip(times, values, strict=True)):
        cells: list[Decimal | None] = []
        for earlier in (n - 1, n - back):
            was = values[earlier] if earlier >= 0 else None
            both = was is not None and period.is_whole and times[earlier].is_whole
            cells += [was, _change(value, was) if both else None]
        compound = _compound(times, values, base, n) if period.is_whole else None
        rows.append((period.id, value, *cells, compound))
    last = next((row[-1] for row in reversed(rows) if row[-1] is not None), None)
    totals = (None, whole, None, None, None, None, last)
    columns = _growth_columns(ask.choice)
    is_empty = not any(values) and not whole
    return Table(columns, tuple(rows), totals, unfinished(times), is_empty=is_empty)


def _change(value: Decimal, before: Decimal | None) -> Decimal | None:
    return None if before is None or before <= 0 else ratio(value - before, before)


def _compound(times: list[Period], values: list[Decimal], base: int, n: int) -> Decimal | None:
    """Return the growth a year that leads from the first whole period to this one."""
    years = (times[n].first - times[base].first).days / 365.25
    if years < 0.99 or values[base] <= 0 or values[n] < 0:
        return None
    return rounded(float(values[n] / values[base]) ** (1 / years) - 1)


async def windows(ask: Ask) -> tuple[Ask, Ask, tuple[Note, ...]]:
    """Return the question about the days to compare, and about those it is compared with.

    Without sales a year ago the days just before are taken, which a note says.
    """
    today = ask.work.now.date()
    last = min(ask.criteria.last_day or ask.covers.last or today, today)
    first = min(ask.criteria.first_day or back(last, WINDOW - timedelta(days=1)), last)
    days = (last - first).days + 1
    baseline, notes = chosen(ask.choice.baseline), list[Note]()
    start = back(first, YEAR)
    recorded = ask.covers.recorded_from
    if baseline is Baseline.YEAR_AGO and recorded is not None and start < recorded:
        baseline = Baseline.PREVIOUS_PERIOD
        notes.append(Note("BASELINE_CHANGED", "no sales a year ago: compared with the days before"))
    shift = YEAR if baseline is Baseline.YEAR_AGO else timedelta(days=days)
    before = (back(first, shift), back(last, shift))
    notes.append(
        Note("COMPARED", f"{first} to {last} with {before[0]} to {before[1]}", value=baseline.value)
    )
    return ask.during(first, last), ask.during(*before), tuple(notes)


def back(day: date, by: timedelta) -> date:
    """Return an earlier day, the first of all at the earliest."""
    return day - by if day - date.min > by else date.min


def _driver_columns(choice: Choice) -> tuple[Column, ...]:
    value = value_column(choice.measure)
    return (
        *key_columns([chosen(choice.by)]),
        replace(value, name="before", label="Before"),
        replace(value, name="now", label="Now"),
        replace(value, name="change", label="Change"),
        Column("changeRate", "Change in percent", _K.PERCENT),
        Column("contribution", "Contribution to growth", _K.PERCENT),
    )


async def drivers(ask: Ask) -> Table:
    """Return by how much each changed, the largest change first."""
    now, before, notes = await windows(ask)
    by, measure = chosen(ask.choice.by), ask.choice.measure
    sums: dict[Key, list[Decimal]] = {}
    wholes: list[Decimal] = []
    for side, one in enumerate((before, now)):
        found = await one.summary(by)
        wholes.append(value_of(found.totals, measure))
        for group in found.groups:
            pair = sums.setdefault(group.keys[0], [Decimal(), Decimal()])
            pair[side] = value_of(group.measures, measure)
    ordered = sorted(sums.items(), key=lambda one: -abs(one[1][1] - one[1][0]))
    rows = tuple(
        (*key_cells([key]), was, is_now, is_now - was, _change(is_now, was),
         ratio(is_now - was, wholes[0]))
        for key, (was, is_now) in ordered[: ask.choice.top]
    )  # fmt: skip
    columns = _driver_columns(ask.choice)
    change = wholes[1] - wholes[0]
    rates = (_change(wholes[1], wholes[0]), ratio(change, wholes[0]))
    totals = (*(None,) * (len(columns) - 5), wholes[0], wholes[1], change, *rates)
    return Table(columns, rows, totals, notes, is_empty=not rows)


PRESETS: Final = (
    Preset(
        _N.GROWTH,
        "Growth",
        "change = this ÷ before − 1, to the period before and to the one a year ago (of days and"
        " weeks 52 weeks ago), between whole periods; growth a year ="
        " (this ÷ first)^(1 ÷ years) − 1",
        "CFA Institute, Quantitative Methods: compound annual growth rate",
        Options(grain=GRAINS, measure=MEASURES),
        _growth_columns,
        growth,
    ),
    Preset(
        _N.GROWTH_DRIVERS,
        "What growth comes from",
        "change = now − before; contribution = change ÷ all before, so that contributions add up to"
        " the growth of all; now = the days of the filter, else the last 91",
        "contributions to growth, as statistical offices publish them",
        Options(
            by=BY,
            measure=MEASURES,
            baseline=(Baseline.YEAR_AGO, Baseline.PREVIOUS_PERIOD),
            top=0,
        ),
        _driver_columns,
        drivers,
        passes=4,
    ),
)
