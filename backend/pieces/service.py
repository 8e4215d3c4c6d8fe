"""Verbs of the register: what reads of pieces do, to them and to the ledger."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from backend.catalogue import service as catalogue
from backend.catalogue.rules import Packaged, ProductRef
from backend.infra.work import Work
from backend.locations import service as locations
from backend.locations.rules import LocationKind, LocationRef
from backend.pieces import statements, writing
from backend.pieces.events import PieceChanged, PieceFact, TagsSeen
from backend.pieces.register import (
    PieceKey,
    PieceRead,
    Step,
    observe,
    piece_of,
    settle,
    suspect,
)
from backend.pieces.rules import Shift, Turn, anew, difference
from backend.pieces.writing import columns
from backend.sales.read_sales import CheckoutRead
from backend.stock.rules import Movement

LIVE: Final = timedelta(hours=1)
"""Reads older than that are no live traffic."""


Minute = tuple[UUID, datetime]
"""A place and the beginning of a minute."""


@dataclass(slots=True)
class Effects:
    """What reads of pieces do beyond the register.

    Movements, the checkout reads that are sales, and per place and minute how many reads there were
    and of how many pieces not yet seen in it; `places` are those of all that.
    """

    movements: list[Movement] = field(default_factory=list[Movement])
    sales: list[CheckoutRead] = field(default_factory=list[CheckoutRead])
    traffic: dict[Minute, tuple[int, int]] = field(default_factory=dict[Minute, tuple[int, int]])
    places: dict[UUID, LocationRef] = field(default_factory=dict[UUID, LocationRef])


async def take(work: Work, reads: Sequence[PieceRead]) -> Effects:
    """Take reads into the register and return what else they do.

    The pieces are locked in the order of their keys; levels are locked after them. A piece may
    count elsewhere than where it is read: from here on the work acts for all locations.
    """
    if not reads:
        return Effects()
    await work.act_for_all()
    by_piece: dict[PieceKey, list[PieceRead]] = defaultdict(list)
    for read in reads:
        by_piece[read.piece_key].append(read)
    steps = await _made(work, by_piece)
    is_made = {step.after.piece_key for step in steps}
    steps += await _changed(work, {key: by_piece[key] for key in by_piece if key not in is_made})
    names = await _names(work, steps)
    work.gather(_event(step, names) for step in steps if step.is_news)
    return Effects(
        [_movement(step, shift, names) for step in steps for shift in step.outcome.shifts],
        [_sale(step, turn, names) for step in steps for turn in step.outcome.sales if turn.sells],
        _traffic(steps, work.now - LIVE),
        names.places,
    )


async def count(work: Work, effects: Effects) -> None:
    """Add to what was read per place and minute; the last thing a transaction does before events.

    Gathers one TagsSeen for each.
    """
    traffic = effects.traffic
    if not traffic:
        return
    rows = await work.rows(
        statements.COUNT_MINUTES,
        work.principal.org_id,
        *columns([(*minute, *counts) for minute, counts in traffic.items()]),
    )
    work.gather(
        TagsSeen(
            row["location_id"],
            effects.places[row["location_id"]],
            row["minute"],
            row["reads"],
            row["pieces"],
        )
        for row in rows
    )


async def _made(work: Work, by_piece: dict[PieceKey, list[PieceRead]]) -> list[Step]:
    """Return the steps of the pieces that this work is the first to know."""
    org, keys = work.principal.org_id, sorted(by_piece)
    rows = await work.rows(statements.EXISTING, org, *columns(keys))
    known = {(row["gtin"], row["serial"]) for row in rows}
    steps = [observe(None, by_piece[key]) for key in keys if key not in known]
    if not steps:
        return []
    for step in steps:
        kinds = {read.location.id: read.location.kind for read in step.reads}
        suspect(step, kinds[step.after.sight.location_id])
    return await writing.insert(work, steps)


async def _changed(work: Work, by_piece: dict[PieceKey, list[PieceRead]]) -> list[Step]:
    """Return the steps of the pieces that are there, each as it is when it can be locked."""
    if not by_piece:
        return []
    org = work.principal.org_id
    rows = await work.rows(statements.LOCK, org, *columns(sorted(by_piece)))
    steps = [observe(piece, by_piece[piece.piece_key]) for piece in map(piece_of, rows)]
    await _look_back(work, [step for step in steps if step.is_late])
    kinds = await _kinds(work, steps)
    for step in steps:
        suspect(step, kinds[step.after.sight.location_id])
    await writing.update(work, steps)
    return steps


async def _look_back(work: Work, steps: Sequence[Step]) -> None:
    """Put turns that came late where they belong: what follows from all turns happens now."""
    if not steps:
        return
    ids = [step.after.id for step in steps]
    turns: dict[UUID, list[Turn]] = defaultdict(list)
    for row in await work.rows(statements.TURNS, work.principal.org_id, ids):
        turns[row.pop("piece_id")].append(Turn(**row))
    for step in steps:
        earlier = turns[step.after.id]
        settle(step, difference(anew(earlier), anew([*earlier, *step.turns])))


async def _kinds(work: Work, steps: Sequence[Step]) -> dict[UUID, LocationKind]:
    """Return what kind of place each piece was last seen at."""
    kinds = {read.location.id: read.location.kind for step in steps for read in step.reads}
    missing = {step.after.sight.location_id for step in steps} - kinds.keys()
    if missing:
        found = await locations.locations_by_id(work, missing)
        kinds |= {id_: place.kind for id_, place in found.items()}
    return kinds


@dataclass(frozen=True, slots=True)
class _Names:
    """The products and places that steps are about, by id."""

    products: dict[UUID, ProductRef]
    places: dict[UUID, LocationRef]


async def _names(work: Work, steps: Sequence[Step]) -> _Names:
    """Return what steps name; of nearly all, the reads know it already."""
    products: dict[UUID, ProductRef] = {}
    places: dict[UUID, LocationRef] = {}
    wanted_places: set[UUID] = set()
    for step in steps:
        for read in step.reads:
            products[read.packaged.product.id] = read.packaged.product
            places[read.location.id] = read.location
        wanted_places.add(step.after.sight.location_id)
        wanted_places.update(shift.location_id for shift in step.outcome.shifts)
        if (stock := step.after.holding.stock_location_id) is not None:
            wanted_places.add(stock)
    unknown = {step.after.product_id for step in steps} - products.keys()
    if unknown:
        products |= await catalogue.products_by_id(work, unknown)
    if wanted_places - places.keys():
        places |= await locations.locations_by_id(work, wanted_places - places.keys())
    return _Names(products, places)


def _movement(step: Step, shift: Shift, names: _Names) -> Movement:
    return Movement(
        product=names.products[step.after.product_id],
        location=names.places[shift.location_id],
        quantity=shift.sign * step.after.units,
        reason=shift.reason,
        reference=f"read:{shift.read_id}",
        occurred_at=shift.at,
    )


def _sale(step: Step, turn: Turn, names: _Names) -> CheckoutRead:
    product = names.products[step.after.product_id]
    return CheckoutRead(
        turn.read_id,
        turn.key,
        names.places[turn.location_id],
        turn.device,
        Packaged(product, step.after.units),
        turn.at,
        turn.price,
    )


def _event(step: Step, names: _Names) -> PieceChanged:
    old, new = step.before, step.after
    stock = new.holding.stock_location_id
    return PieceChanged(
        new.sight.location_id,
        piece=PieceFact(
            str(new.id),
            new.epc,
            new.gtin,
            new.serial,
            new.state,
            old and old.state,
            new.is_suspect,
            new.sight.read_point,
            new.sight.last_seen_at,
            new.holding.sold_at,
        ),
        version=new.version,
        product=names.products[new.product_id],
        location=names.places[new.sight.location_id],
        stock_location=None if stock is None else names.places[stock],
        was_suspect=old is not None and old.is_suspect,
        is_misplaced=new.is_misplaced,
        was_misplaced=old is not None and old.is_misplaced,
        has_moved=step.has_moved,
        bought_again=step.outcome.bought_again > 0,
    )


def _traffic(steps: Sequence[Step], since: datetime) -> dict[Minute, tuple[int, int]]:
    traffic: dict[Minute, tuple[int, int]] = {}
    for step in steps:
        old, counted = step.before, set[Minute]()
        for read in step.reads:
            if read.observed_at < since:
                continue
            minute = read.observed_at.replace(second=0, microsecond=0)
            key = (read.location.id, minute)
            reads, pieces = traffic.get(key, (0, 0))
            is_first = key not in counted and (
                old is None
                or old.sight.location_id != read.location.id
                or old.sight.last_seen_at < minute
            )
            counted.add(key)
            traffic[key] = (reads + 1, pieces + is_first)
    return traffic
