"""Seasons: what repeats over the year, the week and the day."""

from collections import Counter, defaultdict
from decimal import Decimal
from typing import Final

from backend.analytics.dimensions import WEEKDAYS
from backend.analytics.presets.choices import Choice, Options
from backend.analytics.presets.cuts import MEASURES
from backend.analytics.presets.decomposition import Decomposition, decompose
from backend.analytics.presets.figures import FIGURES, key_cells, key_columns
from backend.analytics.presets.growth import run_chosen, series, unfinished, value_column
from backend.analytics.presets.names import AnalysisName
from backend.analytics.presets.periods import SEASONS, Period, longest_run, periods, season_of
from backend.analytics.presets.preset import Ask, Preset, chosen, known
from backend.analytics.presets.table import Column, ColumnKind, Note, Row, Table, ratio, rounded
from backend.analytics.presets.unsold import NOTHING
from backend.analytics.rules import Key, SalesDimension

_N = AnalysisName
_D = SalesDimension
_K = ColumnKind
_SEASONAL: Final = (_D.MONTH, _D.DAY, _D.QUARTER)
_BY: Final = (
    _D.CATEGORY, _D.SUBCATEGORY, _D.REGION, _D.STATE, _D.SEGMENT, _D.CHANNEL, _D.LOCATION,
)  # fmt: skip
_FPP: Final = "Hyndman and Athanasopoulos, Forecasting: Principles and Practice (3rd ed.), 3.4, 4.3"
_GRID: Final = tuple(FIGURES[name] for name in ("units", "orders", "netSales", "share"))


def _parts_columns(choice: Choice) -> tuple[Column, ...]:
    return (
        *key_columns([chosen(choice.grain)]),
        value_column(choice.measure),
        Column("trend", "Trend", _K.NUMBER),
        Column("seasonal", "Seasonal part", _K.NUMBER),
        Column("remainder", "Remainder", _K.NUMBER),
        Column("adjusted", "Seasonally adjusted", _K.NUMBER),
    )


async def decomposition(ask: Ask) -> Table:
    """Return the parts of the series of whole periods."""
    times, values, whole = await series(ask)
    notes = (*unfinished(times), *run_chosen(times))
    run = {one.id for one in longest_run(times)}
    kept = [(one, value) for one, value in zip(times, values, strict=True) if one.id in run]
    grain = chosen(ask.choice.grain)
    columns = _parts_columns(ask.choice)
    totals = (None, whole, None, None, None, None)
    if len(kept) < 2 * SEASONS[grain]:
        rows = tuple((one.id, value, None, None, None, None) for one, value in kept)
        return Table(columns, rows, totals, (*notes, _too_short(grain)), is_empty=not whole)
    parts = _decomposed(grain, kept)
    rows = tuple(
        (one.id, value, _number(trend), rounded(season), _number(rest),
         _adjusted(value, season, multiplicative=parts.is_multiplicative))
        for (one, value), trend, season, rest in zip(
            kept, parts.trend, parts.seasonal, parts.remainder, strict=True
        )
    )  # fmt: skip
    model = "MULTIPLICATIVE" if parts.is_multiplicative else "ADDITIVE"
    return Table(columns, rows, totals, (*notes, Note("MODEL", model.lower(), value=model)))


def _decomposed(grain: SalesDimension, kept: list[tuple[Period, Decimal]]) -> Decomposition:
    positions = [season_of(grain, one) for one, _ in kept]
    return decompose([float(value) for _, value in kept], positions, SEASONS[grain])


def _adjusted(value: Decimal, season: float, *, multiplicative: bool) -> Decimal | None:
    if multiplicative:
        return rounded(float(value) / season) if season else None
    return rounded(float(value) - season)


def _number(value: float | None) -> Decimal | None:
    return None if value is None else rounded(value)


def _too_short(grain: SalesDimension) -> Note:
    return Note("TOO_SHORT", f"two seasons of {SEASONS[grain]} whole periods are needed")


def _peak_columns(choice: Choice) -> tuple[Column, ...]:
    return (
        *key_columns([chosen(choice.by)]),
        Column("season", "Season", _K.COUNT),
        Column("seasonName", "Season name", _K.TEXT, label_of="season"),
        Column("index", "Seasonal index", _K.NUMBER),
        Column("peak", "Peak", _K.TEXT),
        Column("strength", "Strength of the season", _K.PERCENT),
    )


async def peaks(ask: Ask) -> Table:
    """Return the seasonal index of each, its highest and lowest season marked."""
    by, grain = chosen(ask.choice.by), chosen(ask.choice.grain)
    found = await ask.values(by, grain, of=chosen(ask.choice.measure))
    covers = ask.covers
    recorded = await ask.recorded()
    every = periods(grain, covers.first, covers.last, recorded, is_partial=covers.is_partial)
    times = longest_run(every)
    sold: dict[Key, dict[str | None, Decimal]] = defaultdict(dict)
    for (key, time), value in found.items():
        sold[key][time.id] = known(value)
    columns = _peak_columns(ask.choice)
    if len(times) < 2 * SEASONS[grain]:
        return Table(columns, (), None, (_too_short(grain), *run_chosen(every)), is_empty=not found)
    rows: list[Row] = []
    for key, values in sold.items():
        parts = _decomposed(grain, [(one, values.get(one.id, Decimal())) for one in times])
        rows += _index_rows(grain, key, parts)
    return Table(columns, tuple(rows), None, run_chosen(every), is_empty=not rows)


def _index_rows(grain: SalesDimension, key: Key, parts: Decomposition) -> list[Row]:
    """Return a row per season; additive patterns come as parts of the mean, around one."""
    index = parts.pattern
    if not parts.is_multiplicative:
        levels = [one for one in parts.trend if one is not None]
        mean = sum(levels) / len(levels)
        index = tuple(1 + one / mean if mean > 0 else 0.0 for one in index)
    marks = {max(index): "PEAK", min(index): "LOW"} if len(set(index)) > 1 else {}
    strength = rounded(parts.seasonal_strength)
    return [
        (*key_cells([key]), n + 1, _season_name(grain, n), rounded(one), marks.get(one), strength)
        for n, one in enumerate(index)
    ]


def _season_name(grain: SalesDimension, n: int) -> str:
    if grain is _D.DAY:
        return WEEKDAYS.split(",")[n]
    return MONTHS[n] if grain is _D.MONTH else f"Q{n + 1}"


MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def _grid_columns(_: Choice) -> tuple[Column, ...]:
    return (
        *key_columns([_D.WEEKDAY, _D.HOUR]),
        *(one.column for one in _GRID),
        Column("perDay", "Net sales per such day", _K.MONEY),
    )


async def weekday_by_hour(ask: Ask) -> Table:
    """Return all hours of the week, those without a sale too."""
    found = await ask.summary(_D.WEEKDAY, _D.HOUR)
    known = {(one.keys[0].id, one.keys[1].id): one.measures for one in found.groups}
    days = Counter(day.isoweekday() for day in await ask.known_days())
    rows: list[Row] = []
    for weekday, name in enumerate(WEEKDAYS.split(","), start=1):
        for hour in range(24):
            one = known.get((str(weekday), str(hour)), NOTHING)
            figures = (figure.of(one, found.totals) for figure in _GRID)
            per_day = ratio(one.net_sales, days[weekday])
            rows.append((str(weekday), name, str(hour), f"{hour}:00", *figures, per_day))
    totals = (*(None,) * 4, *(one.of(found.totals, found.totals) for one in _GRID), None)
    is_empty = not found.groups
    return Table(
        _grid_columns(ask.choice), () if is_empty else tuple(rows), totals, is_empty=is_empty
    )


PRESETS: Final = (
    Preset(
        _N.SEASONAL_DECOMPOSITION,
        "Trend and season",
        "classical decomposition: trend = centred moving average over a season; seasonal = mean of"
        " value ÷ trend (value − trend where a value is not above nothing) by season, scaled to the"
        " mean 1 (0); remainder = the rest; only whole periods, of the longest run of them",
        _FPP,
        Options(grain=_SEASONAL, measure=MEASURES),
        _parts_columns,
        decomposition,
        passes=4,
    ),
    Preset(
        _N.SEASONAL_PEAKS,
        "Seasonal peaks",
        "seasonal index of the decomposition, 1 is the average (additive: 1 + seasonal ÷ mean"
        " trend); strength = max(0, 1 − Var(remainder) ÷ Var(seasonal with remainder))",
        _FPP,
        Options(by=_BY, grain=_SEASONAL, measure=MEASURES),
        _peak_columns,
        peaks,
        passes=4,
    ),
    Preset(
        _N.WEEKDAY_BY_HOUR,
        "Weekday by hour",
        "sales by hour of the location's own day; per such day = net sales ÷ how many of these"
        " weekdays there are among the days in which sales are recorded",
        "the recorded lines",
        Options(),
        _grid_columns,
        weekday_by_hour,
        passes=3,
    ),
)
