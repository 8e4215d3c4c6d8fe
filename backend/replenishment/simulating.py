"""Verbs that try reorder points on the organisation's own past: what is read of it for that."""

from collections.abc import Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Any, Final
from uuid import UUID

import numpy as np

from backend.catalogue import service as catalogue
from backend.catalogue.errors import UnknownLocation, UnknownProduct
from backend.forecasting.arrays import Ints
from backend.forecasting.demand.ledger import Ledger, LedgerCriteria, read_panel
from backend.forecasting.demand.panel import Panel
from backend.forecasting.errors import TooLittleHistory
from backend.forecasting.network.training import least_periods
from backend.infra.work import Work
from backend.locations import service as locations
from backend.replenishment import statements
from backend.replenishment.errors import InvalidSimulation, SimulationBusy, SimulationTooLarge
from backend.replenishment.levels import SupplyCriteria, texts
from backend.replenishment.suggesting import Policy
from backend.replenishment.supply import supply_book
from backend.replenishment.terms import Terms, check_terms
from backend.replenishment.trying import HORIZON, PAST, Good, Subject

LEAST_DAYS: Final = 14
MOST_DAYS: Final = 182
MOST_SERIES: Final = 100
"""Products at locations that are simulated: the best-selling ones."""
MOST_WORK: Final = 1_000_000
"""Series × days × days ahead that are forecast for one simulation."""
_READ: Final = 2 * 364
"""Days of the past that the forecast of the simulation learns from at most."""
_TURN: Final = BoundedSemaphore(1)


@contextmanager
def turn() -> Generator[None]:
    """Hold the one simulation that is read and computed at a time.

    Raises:
        SimulationBusy: another holds it.
    """
    if not _TURN.acquire(blocking=False):
        raise SimulationBusy("another simulation is being computed: try again in a minute")
    try:
        yield
    finally:
        _TURN.release()


async def subject_of(
    work: Work, criteria: SupplyCriteria, wanted: Terms, days: int
) -> Subject | None:
    """Return all that a simulation of the last `days` that ended needs: no `work` is held for it.

    The forecast comes from a model that saw nothing of these days, and knows each evening what was
    sold by then. What was sold counts as what was wanted: sales that were lost then are in nobody's
    books. The best-selling series are simulated, at most a hundred. None: nothing was sold of that.

    Raises:
        InvalidSimulation: days out of bounds.
        InvalidSupplyTerms, InvalidServiceLevel: terms that cannot be.
        UnknownProduct, UnknownLocation: a SKU or code is not there.
        TooLittleHistory: less was sold before these days than a forecast learns from.
        SimulationTooLarge: it is more work than one question may make.
    """
    if not LEAST_DAYS <= days <= MOST_DAYS:
        raise InvalidSimulation(
            f"{LEAST_DAYS} to {MOST_DAYS} days are simulated", field=["days"], value=days
        )
    wanted = check_terms(wanted, [])
    chosen = LedgerCriteria(
        await _products(work, criteria), await _locations(work, criteria.locations)
    )
    ledger = await read_panel(work, chosen, _READ + days, ahead=0)
    if ledger is None:
        return None
    kept, left_out = _best(ledger)
    panel = ledger.panel.of(kept)
    _check_history(panel, days)
    goods = await _goods(work, [ledger.series[n] for n in kept.tolist()])
    asked, present = (
        Policy.of([book.supply(*one.key) for one in goods])
        for book in (await supply_book(work, wanted), await supply_book(work, Terms()))
    )
    subject = Subject(panel, days, goods, asked, present, left_out + ledger.left_out)
    _check_work(subject)
    return subject


def _check_work(subject: Subject) -> None:
    if subject.work > MOST_WORK:
        raise SimulationTooLarge(
            f"{subject.panel.series} products at locations × {subject.days} days ×"
            f" {subject.horizon} days ahead are {subject.work:,} forecasts, more than"
            f" {MOST_WORK:,}: ask for fewer days, or fewer products or locations",
            field=["days"],
            value=subject.days,
            work=subject.work,
            limit=MOST_WORK,
        )


def _best(ledger: Ledger) -> tuple[Ints, int]:
    """Return the series that sell most, in their order, and how many are left out."""
    total = ledger.panel.demand.sum(1)
    best = np.argsort(-total, kind="stable")[:MOST_SERIES]
    return np.sort(best), len(total) - len(best)


def _check_history(panel: Panel, days: int) -> None:
    known = int((panel.exposure[:, : max(panel.periods - days, 0)] > 0).any(axis=0).sum())
    least = max(least_periods(panel.rhythm) + HORIZON, PAST // 2)
    if known < least:
        raise TooLittleHistory(
            f"{known} days before the {days} to simulate are too few: {least} are needed",
            field=["days"],
            value=days,
        )


async def _goods(work: Work, series: Sequence[tuple[UUID, UUID]]) -> list[Good]:
    ids = sorted({product for _, product in series})
    rows = await work.rows(statements.SUPPLIED, work.principal.org_id, ids)
    known = dict(zip(ids, rows, strict=True))
    return [
        Good(
            (known[product]["distributor_id"], product, place, known[product]["pack"]),
            known[product]["price"],
            known[product]["cost"],
        )
        for place, product in series
    ]


async def _products(work: Work, criteria: SupplyCriteria) -> frozenset[UUID] | None:
    """Return which products are meant; None: all."""
    chosen = None
    if criteria.skus is not None:
        found = await catalogue.resolve_skus(work, criteria.skus)
        chosen = _ids(criteria.skus, found, UnknownProduct, "products")
    if criteria.categories is None and criteria.distributors is None:
        return chosen
    supplied = await work.rows(
        statements.SUPPLIED_BY,
        work.principal.org_id,
        texts(criteria.categories),
        texts(criteria.distributors),
    )
    ids = frozenset(row["id"] for row in supplied)
    return ids if chosen is None else ids & chosen


async def _locations(work: Work, codes: Collection[str] | None) -> frozenset[UUID] | None:
    if codes is None:
        return None
    found = await locations.resolve_locations(work, codes)
    return _ids(codes, found, UnknownLocation, "locations")


def _ids(
    wanted: Collection[str],
    found: Mapping[str, Any],
    missing: type[UnknownProduct] | type[UnknownLocation],
    field: str,
) -> frozenset[UUID]:
    for one in sorted(set(wanted) - found.keys()):
        raise missing(f"no such {field[:-1]}: {one[:60]!r}", field=[field], value=one[:60])
    return frozenset(one.id for one in found.values())
