"""Growth: from period to period, from year to year, and what it comes from."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import groupby
from typing import Final

from backend.analytics.presets.choices import Baseline, Choice, Measure, Options
from backend.analytics.presets.cuts import GRAINS, MEASURES
from backend.analytics.presets.figures import FIGURES, camel, key_cells, key_columns
from backend.analytics.presets.names import AnalysisName
from backend.analytics.presets.periods import YEARLY, Period, longest_run, periods, runs
from backend.analytics.presets.preset import Ask, Preset, chosen, known
from backend.analytics.presets.table import Column, ColumnKind, Note, Row, Table, ratio, rounded
from backend.analytics.presets.windows import windows
from backend.analytics.rules import Key, SalesDimension

_N = AnalysisName
_D = SalesDimension
_K = ColumnKind
FEW: Final = 2
"""Periods in a row of which each that is not whole has a note of its own."""
BY: Final = (
    _D.PRODUCT, _D.SUBCATEGORY, _D.CATEGORY, _D.REGION, _D.STATE, _D.COUNTRY, _D.SEGMENT,
    _D.CHANNEL, _D.LOCATION, _D.DISTRIBUTOR, _D.SELLER,
)  # fmt: skip


def value_column(measure: Measure | None) -> Column:
    """Return the column of the figure that is compared."""
    return FIGURES[camel(measure or Measure.NET_SALES)].column


async def series(ask: Ask) -> tuple[list[Period], list[Decimal], Decimal]:
    """Return the periods of the chosen grain, what was sold in each, and the total."""
    grain, measure = chosen(ask.choice.grain), ask.choice.measure
    covers = ask.covers
    found = await ask.values(grain, of=measure or Measure.NET_SALES)
    sold = {key.id: known(value) for (key,), value in found.items()}
    recorded = await ask.recorded()
    times = periods(grain, covers.first, covers.last, recorded, is_partial=covers.is_partial)
    return (
        times,
        [sold.get(one.id, Decimal()) for one in times],
        await ask.whole(measure or Measure.NET_SALES, found.values()),
    )


def unfinished(times: list[Period]) -> tuple[Note, ...]:
    """Return notes on the periods that are not whole; one for many that follow one another."""
    notes: list[Note] = []
    for is_whole, group in groupby(times, key=lambda one: one.is_whole):
        found = [] if is_whole else list(group)
        if len(found) > FEW:
            words = f"{found[0].id} to {found[-1].id} are not complete"
            notes.append(Note("PERIOD_INCOMPLETE", words, value=found[0].id))
        else:
            words = "{0.id} is not complete: {0.reason}"
            notes += [Note("PERIOD_INCOMPLETE", words.format(one), value=one.id) for one in found]
    return tuple(notes)


def run_chosen(times: list[Period]) -> tuple[Note, ...]:
    """Return a note where only the longest of several runs of whole periods counts."""
    if len(runs(times)) < 2:
        return ()
    run = longest_run(times)
    words = f"{run[0].id} to {run[-1].id}, the longest run of whole periods"
    return (Note("RUN_CHOSEN", words, value=run[0].id),)


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
        Column("incomplete", "Not wholly known", _K.TEXT),
    )


async def growth(ask: Ask) -> Table:
    """Return each period beside the one before and the one a year ago."""
    times, values, whole = await series(ask)
    back = YEARLY[chosen(ask.choice.grain)]
    base = next((n for n, one in enumerate(times) if one.is_whole), 0)
    rows: list[Row] = []
    for n, (period, value) in enumerate(zip(times, values, strict=True)):
        cells: list[Decimal | None] = []
        earlier = [at for at in (n - 1, n - back) if at >= 0]
        for at in (n - 1, n - back):
            was = values[at] if at >= 0 else None
            both = was is not None and period.is_whole and times[at].is_whole
            cells += [was, _change(value, was) if both else None]
        compound = _compound(times, values, base, n) if period.is_whole else None
        short = _incomplete([period, *(times[at] for at in earlier)])
        rows.append((period.id, value, *cells, compound, short))
    last = next((row[-2] for row in reversed(rows) if row[-2] is not None), None)
    totals = (None, whole, None, None, None, None, last, None)
    columns = _growth_columns(ask.choice)
    is_empty = not any(values) and not whole
    return Table(columns, tuple(rows), totals, unfinished(times), is_empty=is_empty)


def _incomplete(compared: Sequence[Period]) -> str | None:
    """Say which of these periods are not whole, and why; None: all are."""
    found = {one.id: one.reason for one in compared if not one.is_whole}
    return "; ".join(f"{name}: {reason}" for name, reason in found.items()) or None


def _change(value: Decimal, before: Decimal | None) -> Decimal | None:
    return None if before is None or before <= 0 else ratio(value - before, before)


def _compound(times: list[Period], values: list[Decimal], base: int, n: int) -> Decimal | None:
    """Return the growth a year that leads from the first whole period to this one."""
    years = (times[n].first - times[base].first).days / 365.25
    if years < 0.99 or values[base] <= 0 or values[n] < 0:
        return None
    return rounded(float(values[n] / values[base]) ** (1 / years) - 1)


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
    """Return by how much each changed, the largest change first.

    Where not all days compared are known there are no rates: they would measure what is missing.
    """
    days = await windows(ask)
    by, measure = chosen(ask.choice.by), chosen(ask.choice.measure)
    sums: dict[Key, list[Decimal]] = {}
    wholes: list[Decimal] = []
    for side, one in enumerate((days.before, days.now)):
        found = await one.values(by, of=measure)
        wholes.append(await one.whole(measure, found.values()))
        for (key,), value in found.items():
            sums.setdefault(key, [Decimal(), Decimal()])[side] = known(value)
    ordered = sorted(sums.items(), key=lambda one: -abs(one[1][1] - one[1][0]))
    base = wholes[0] if days.is_whole else None
    rows = tuple(
        (*key_cells([key]), *_compared(was, is_now, base)) for key, (was, is_now) in ordered
    )
    columns = _driver_columns(ask.choice)
    totals = (*(None,) * (len(columns) - 5), *_compared(wholes[0], wholes[1], base))
    return Table(columns, rows[: ask.choice.top], totals, days.notes, is_empty=not rows)


def _compared(was: Decimal, is_now: Decimal, base: Decimal | None) -> Row:
    """Return the cells of a change; without rates where there is nothing to measure them by."""
    rates = (None, None) if base is None else (_change(is_now, was), ratio(is_now - was, base))
    return (was, is_now, is_now - was, *rates)


PRESETS: Final = (
    Preset(
        _N.GROWTH,
        "Growth",
        "change = this ÷ before − 1, to the period before and to the one a year ago (of days and"
        " weeks 52 weeks ago), between whole periods, none of them cut off or without any sale"
        " for long; growth a year = (this ÷ first)^(1 ÷ years) − 1",
        "CFA Institute, Quantitative Methods: compound annual growth rate",
        Options(grain=GRAINS, measure=MEASURES),
        _growth_columns,
        growth,
        passes=4,
    ),
    Preset(
        _N.GROWTH_DRIVERS,
        "What growth comes from",
        "change = now − before; contribution = change ÷ all before, so that contributions add up to"
        " the growth of all; no rates where not all days compared are known; now = the days of the"
        " filter, else the last 91",
        "contributions to growth, as statistical offices publish them",
        Options(
            by=BY,
            measure=MEASURES,
            baseline=(Baseline.YEAR_AGO, Baseline.PREVIOUS_PERIOD),
            top=0,
        ),
        _driver_columns,
        drivers,
        passes=5,
    ),
)
