"""Analyses that rank: best and least, within groups too, and who contributes what."""

from collections import defaultdict
from decimal import Decimal
from itertools import islice
from typing import Final

from backend.analytics.presets.choices import Choice, Measure, Options
from backend.analytics.presets.cuts import MEASURES
from backend.analytics.presets.figures import (
    FIGURES,
    Figure,
    camel,
    cells,
    figures,
    key_cells,
    key_columns,
)
from backend.analytics.presets.names import AnalysisName
from backend.analytics.presets.preset import Ask, Preset, chosen, known
from backend.analytics.presets.table import Column, ColumnKind, Row, Table, ratio
from backend.analytics.presets.unsold import NOTHING, unsold_products
from backend.analytics.rules import Group, Key, Measures, SalesDimension, Summary, SummaryOrder

_N = AnalysisName
_D = SalesDimension
_RANK: Final = Column("rank", "Rank", ColumnKind.COUNT)
_SIDE: Final = Column("side", "Side", ColumnKind.TEXT)
_SHOWN: Final = figures("units orders netSales share profit margin")
_CUMULATIVE: Final = (
    Column("valueShare", "Share", ColumnKind.PERCENT),
    Column("cumulativeShare", "Cumulative share", ColumnKind.PERCENT),
    Column("cumulativeCount", "Share of the number", ColumnKind.PERCENT),
)
_PLACES: Final = (_D.STATE, _D.POSTAL_CODE, _D.REGION, _D.COUNTRY)
_THINGS: Final = (_D.PRODUCT, _D.SUBCATEGORY, _D.CATEGORY)
_OTHERS: Final = (_D.LOCATION, _D.DISTRIBUTOR, _D.CUSTOMER, _D.SEGMENT, _D.CHANNEL, _D.SELLER)
FEW: Final = 5


def shown(measure: Measure | None) -> tuple[Figure, ...]:
    """Return the usual figures of a ranking, what it ranks by first."""
    name = camel(measure or Measure.NET_SALES)
    return (FIGURES[name], *(one for one in _SHOWN if one.column.name != name))


def _ranked_columns(choice: Choice) -> tuple[Column, ...]:
    by = key_columns([chosen(choice.by)])
    return (_RANK, *by, *(one.column for one in shown(choice.measure)))


def _ranked(ask: Ask, groups: list[tuple[Key, Measures]], whole: Measures) -> Table:
    show = shown(ask.choice.measure)
    columns = _ranked_columns(ask.choice)
    rows = tuple(
        (rank, *key_cells([key]), *cells(show, measures, whole))
        for rank, (key, measures) in enumerate(groups, start=1)
    )
    blank = (None,) * (len(columns) - len(show))
    return Table(columns, rows, (*blank, *cells(show, whole, whole)), is_empty=not rows)


async def best(ask: Ask) -> Table:
    """Return the first by the chosen measure."""
    found = await ask.summary(
        chosen(ask.choice.by), order=_order(ask), descending=True, top=ask.choice.top
    )
    return _ranked(ask, [(one.keys[0], one.measures) for one in found.groups], found.totals)


async def least(ask: Ask) -> Table:
    """Return the last by the chosen measure, the least first; products that sold nothing, too."""
    by, top = chosen(ask.choice.by), ask.choice.top or FEW
    if by is not _D.PRODUCT:
        found = await ask.summary(by, order=_order(ask), top=top)
        return _ranked(ask, [(one.keys[0], one.measures) for one in found.groups], found.totals)
    found = await ask.summary(by, order=_order(ask))
    sold = [(one.keys[0], one.measures) for one in found.groups]
    missing = await unsold_products(ask.work, ask.criteria, _skus(found), top)
    everything = [*((key, NOTHING) for key in missing), *sold]
    everything.sort(key=lambda one: _value(one[1], ask.choice.measure))
    return _ranked(ask, everything[:top], found.totals)


def _within_columns(choice: Choice) -> tuple[Column, ...]:
    keys = key_columns([chosen(choice.within)])
    return (*keys, _SIDE, *_ranked_columns(choice))


async def within(ask: Ask) -> Table:
    """Return the best, the least and the unsold of each group."""
    place, by, top = chosen(ask.choice.within), chosen(ask.choice.by), ask.choice.top or FEW
    found, unsold = await _both_ends(ask, place, by, top)
    ordered: dict[Key, dict[str, list[tuple[Key, Measures]]]] = defaultdict(dict)
    for side, place_in in (("TOP", _from_top), ("BOTTOM", _from_bottom)):
        for group in sorted(found.groups, key=place_in):
            if place_in(group) <= top:
                members = ordered[group.keys[0]].setdefault(side, [])
                members.append((group.keys[1], group.measures))
    for key, lists in ordered.items():
        lists["UNSOLD"] = [(one, NOTHING) for one in unsold.get(key.id, [])]
    show, whole = shown(ask.choice.measure), found.totals
    rows = tuple(
        (*key_cells([one]), side, rank, *key_cells([key]), *cells(show, measures, whole))
        for one, lists in ordered.items()
        for side, members in lists.items()
        for rank, (key, measures) in enumerate(members, start=1)
    )
    return Table(_within_columns(ask.choice), rows, None, is_empty=not rows)


def _from_top(group: Group) -> int:
    return group.rank


def _from_bottom(group: Group) -> int:
    return group.low


async def _both_ends(
    ask: Ask, place: SalesDimension, by: SalesDimension, top: int
) -> tuple[Summary, dict[str | None, list[Key]]]:
    """Return both ends of each group; of products those that sold nothing there, by its id."""
    if by is not _D.PRODUCT:
        return await ask.both_ends(place, by, order=_order(ask), top=top), {}
    return await ask.with_unsold(place, order=_order(ask), top=top)


def _pareto_columns(choice: Choice) -> tuple[Column, ...]:
    value = FIGURES[camel(chosen(choice.measure))].column
    return (_RANK, *key_columns([chosen(choice.by)]), value, *_CUMULATIVE)


async def pareto(ask: Ask) -> Table:
    """Return what each contributes, the largest first, with the running share."""
    by, measure = chosen(ask.choice.by), chosen(ask.choice.measure)
    found = await ask.values(by, of=measure, is_ranked=True)
    # Of the sum of all rows: orders of several are one order of all together.
    whole = sum(map(known, found.values()), Decimal())
    running, rows = Decimal(), list[Row]()
    for rank, (keys, value) in enumerate(islice(found.items(), ask.choice.top), start=1):
        running += known(value)
        shares = (ratio(known(value), whole), ratio(running, whole), ratio(rank, len(found)))
        rows.append((rank, *key_cells(keys), value, *shares))
    columns = _pareto_columns(ask.choice)
    blank = (None,) * (len(columns) - 4)
    totals = (*blank, whole, ratio(whole, whole), None, None)
    return Table(columns, tuple(rows), totals, is_empty=not rows)


def _order(ask: Ask) -> SummaryOrder:
    return chosen(ask.choice.measure).order


def _skus(found: Summary) -> list[str]:
    return [one.keys[0].id for one in found.groups if one.keys[0].id is not None]


def _value(measures: Measures, measure: Measure | None) -> Decimal:
    """Return the figure that is ranked by; nothing where it is not known."""
    return Decimal(getattr(measures, (measure or Measure.NET_SALES).attribute) or 0)


_RANKS: Final = "ranked by the chosen measure, ties by their names"
_OURS: Final = "the recorded lines; the catalogue"
PRESETS: Final = (
    Preset(
        _N.BEST_SELLERS,
        "Best sellers",
        _RANKS,
        _OURS,
        Options(by=(*_THINGS, *_PLACES, *_OTHERS), measure=MEASURES, top=FEW),
        _ranked_columns,
        best,
    ),
    Preset(
        _N.LEAST_SELLERS,
        "Least sellers",
        f"{_RANKS}, the least first; active products without a sale count with nothing",
        _OURS,
        Options(by=(*_THINGS, *_PLACES, *_OTHERS), measure=MEASURES, top=FEW),
        _ranked_columns,
        least,
        passes=3,
    ),
    Preset(
        _N.TOP_AND_BOTTOM_WITHIN,
        "Top and bottom within",
        "side TOP: the largest in the group; BOTTOM: the smallest that sold there; UNSOLD: active"
        " products that sold nothing there, first those that sell best elsewhere",
        _OURS,
        Options(
            within=(*_PLACES, _D.LOCATION, _D.SEGMENT, _D.CHANNEL),
            by=_THINGS,
            measure=MEASURES,
            top=FEW,
        ),
        _within_columns,
        within,
        passes=11,
    ),
    Preset(
        _N.CONTRIBUTION,
        "Contribution (Pareto)",
        "share = value ÷ sum of all; cumulative share = sum of the shares up to this rank; share of"
        " the number = rank ÷ how many there are",
        "V. Pareto 1896; J. M. Juran, Quality Control Handbook, 1951",
        Options(by=(*_THINGS, *_PLACES, *_OTHERS), measure=MEASURES, top=0),
        _pareto_columns,
        pareto,
    ),
    Preset(
        _N.DISTRIBUTOR_BY_REVENUE,
        "Distributors by revenue",
        "as CONTRIBUTION, of distributors by net sales",
        "as CONTRIBUTION",
        Options(by=(_D.DISTRIBUTOR,), measure=(Measure.NET_SALES,), top=0),
        _pareto_columns,
        pareto,
    ),
)
