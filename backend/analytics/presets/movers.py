"""What gains and loses share beyond chance: products, and preferences of groups."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from backend.analytics.presets.choices import Baseline, Choice, Options
from backend.analytics.presets.figures import key_cells, key_columns
from backend.analytics.presets.names import AnalysisName
from backend.analytics.presets.preset import Ask, Keys, Preset, chosen
from backend.analytics.presets.proportions import adjusted, p_value
from backend.analytics.presets.table import Cell, Column, ColumnKind, Table, ratio, rounded
from backend.analytics.presets.windows import windows
from backend.analytics.rules import Key, SalesDimension

_N = AnalysisName
_D = SalesDimension
_K = ColumnKind
LEVEL: Final = 0.05
"""The false discovery rate: of what is called a change, so much may be chance."""
_TEST: Final = (
    "share = orders with it ÷ all orders (of the group); two-sided chi-squared test with Yates'"
    " correction of the two shares, Fisher's exact test where fewer than 5 are expected; q ="
    " Benjamini-Hochberg over all rows tested; a change where q ≤ 0.05"
)
_SOURCE: Final = "Yates 1934; Fisher 1935; Cochran 1954; Benjamini and Hochberg 1995"
_BASELINES: Final = (Baseline.YEAR_AGO, Baseline.PREVIOUS_PERIOD)
_COMPARED: Final = (
    Column("ordersBefore", "Orders before", _K.COUNT),
    Column("ordersNow", "Orders now", _K.COUNT),
    Column("shareBefore", "Share before", _K.PERCENT),
    Column("shareNow", "Share now", _K.PERCENT),
    Column("change", "Change of share", _K.PERCENT),
    Column("qValue", "q-value", _K.NUMBER),
    Column("trend", "Trend", _K.TEXT),
)


@dataclass(frozen=True, slots=True)
class Pair:
    """How many orders had something, of how many, before and now."""

    before: int
    all_before: int
    now: int
    all_now: int

    @property
    def change(self) -> Decimal:
        """By how much its share of the orders changed."""
        was, is_now = (ratio(self.before, self.all_before), ratio(self.now, self.all_now))
        return (is_now or Decimal()) - (was or Decimal())

    def cells(self, q: float) -> tuple[Cell, ...]:
        """Return the cells of the columns compared."""
        is_change = q <= LEVEL and self.change
        trend = ("EMERGING" if self.change > 0 else "FADING") if is_change else "STEADY"
        shares = (ratio(self.before, self.all_before), ratio(self.now, self.all_now))
        return (self.before, self.now, *shares, self.change, rounded(q), trend)


def compared(pairs: Mapping[Keys, Pair]) -> list[tuple[Keys, Pair, float]]:
    """Return all pairs with their q-values, the surest first, then the largest change."""
    tested = [p_value(one.before, one.all_before, one.now, one.all_now) for one in pairs.values()]
    found = zip(pairs, pairs.values(), adjusted(tested), strict=True)
    return sorted(found, key=lambda one: (one[2] > LEVEL, -abs(one[1].change)))


async def _tested(
    columns: tuple[Column, ...], pairs: Mapping[Keys, Pair], top: int | None
) -> Table:
    # Tens of thousands of tests take a while: nobody else shall wait for them.
    found = await asyncio.to_thread(compared, pairs)
    rows = tuple((*key_cells(keys), *pair.cells(q)) for keys, pair, q in found[:top])
    return Table(columns, rows, is_empty=not rows)


def _mover_columns(choice: Choice) -> tuple[Column, ...]:
    return (*key_columns([chosen(choice.by)]), *_COMPARED)


async def movers(ask: Ask) -> Table:
    """Return how the share of each in the orders changed."""
    days = await windows(ask)
    by = chosen(ask.choice.by)
    counts, alls = list[dict[Keys, int]](), list[int]()
    for one in (days.before, days.now):
        counts.append(await one.orders(by))
        alls.append((await one.orders()).get((), 0))
    pairs = {
        keys: Pair(counts[0].get(keys, 0), alls[0], counts[1].get(keys, 0), alls[1])
        for keys in _all(counts)
    }
    table = await _tested(_mover_columns(ask.choice), pairs, ask.choice.top)
    return Table(table.columns, table.rows, None, days.notes, is_empty=table.is_empty)


def _all(counts: Iterable[Mapping[Keys, int]]) -> list[Keys]:
    return list(dict.fromkeys(keys for one in counts for keys in one))


def _shift_columns(choice: Choice) -> tuple[Column, ...]:
    return (*key_columns([chosen(choice.within), chosen(choice.by)]), *_COMPARED)


async def shifts(ask: Ask) -> Table:
    """Return how what each group buys changed, as shares of its own orders."""
    days = await windows(ask)
    group_by, by = chosen(ask.choice.within), chosen(ask.choice.by)
    counts, alls = list[dict[Keys, int]](), list[dict[Keys, int]]()
    for one in (days.before, days.now):
        counts.append(await one.orders(group_by, by))
        alls.append(await one.orders(group_by))
    pairs = {
        keys: Pair(
            counts[0].get(keys, 0),
            alls[0].get(keys[:1], 0),
            counts[1].get(keys, 0),
            alls[1].get(keys[:1], 0),
        )
        for keys in _all(counts)
    }
    table = await _tested(_shift_columns(ask.choice), pairs, ask.choice.top)
    return Table(table.columns, table.rows, None, days.notes, is_empty=table.is_empty)


def _season_columns(choice: Choice) -> tuple[Column, ...]:
    season = Column("season", "Season", _K.TEXT)
    renamed = {"ordersBefore": "Orders in other seasons", "ordersNow": "Orders in the season"}
    renamed |= {"shareBefore": "Share in other seasons", "shareNow": "Share in the season"}
    compared_ = (Column(one.name, renamed.get(one.name, one.label), one.kind) for one in _COMPARED)
    return (season, *key_columns([chosen(choice.by)]), *compared_)


async def by_season(ask: Ask) -> Table:
    """Return what is bought more, or less, in a quarter of the year than in the others."""
    by = chosen(ask.choice.by)
    orders: Counter[str] = Counter()
    for (quarter,), count in (await ask.orders(_D.QUARTER)).items():
        orders[_season(quarter)] += count
    counts: dict[Key, Counter[str]] = defaultdict(Counter)
    for (quarter, key), count in (await ask.orders(_D.QUARTER, by)).items():
        counts[key][_season(quarter)] += count
    pairs = {
        (Key(_D.QUARTER, season, season), key): Pair(
            count.total() - count[season],
            orders.total() - orders[season],
            count[season],
            orders[season],
        )
        for key, count in counts.items()
        for season in sorted(orders)
    }
    return await _tested(_season_columns(ask.choice), pairs, ask.choice.top)


def _season(quarter: Key) -> str:
    return (quarter.id or "")[-2:]


PRESETS: Final = (
    Preset(
        _N.EMERGING_AND_FADING,
        "Emerging and fading",
        f"{_TEST}; now = the days of the filter, else the last 91",
        _SOURCE,
        Options(by=(_D.PRODUCT, _D.SUBCATEGORY, _D.CATEGORY), baseline=_BASELINES, top=50),
        _mover_columns,
        movers,
        passes=5,
    ),
    Preset(
        _N.PREFERENCE_SHIFTS,
        "Shifts of preference",
        f"{_TEST}; now = the days of the filter, else the last 91",
        _SOURCE,
        Options(
            within=(_D.SEGMENT, _D.REGION, _D.STATE, _D.COUNTRY, _D.CHANNEL, _D.LOCATION),
            by=(_D.CATEGORY, _D.SUBCATEGORY),
            baseline=_BASELINES,
            top=0,
        ),
        _shift_columns,
        shifts,
        passes=11,
    ),
    Preset(
        _N.PREFERENCES_BY_SEASON,
        "Preferences by season",
        f"{_TEST}; now = that quarter of every year, before = the other quarters",
        _SOURCE,
        Options(by=(_D.CATEGORY, _D.SUBCATEGORY, _D.PRODUCT), top=0),
        _season_columns,
        by_season,
        passes=5,
    ),
)
