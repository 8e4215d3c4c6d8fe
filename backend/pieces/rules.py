"""What reads make of a piece. Pure: the same reads make the same, in whatever order they come.

Stock moves with reads at receiving and checkout only, the *turns* of a piece. Turns fall into
*rounds*: it comes in (or is there unreceived), lies somewhere, and is bought. All other reads say
where the piece is.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec
from msgspec.structs import replace

from backend.stock.rules import MovementReason

SAME_PURCHASE: Final = timedelta(minutes=15)
"""Checkout reads of a sold piece at one place, none longer after the one before, are one buying."""


class ReadPointRole(StrEnum):
    """What a read there means."""

    CHECKOUT = "CHECKOUT"
    """The goods are being bought: one barcode read sells one, a tag is sold once."""
    RECEIVING = "RECEIVING"
    """The goods come in: one barcode read adds one, a tag is received once."""
    SHELF = "SHELF"
    """The goods lie here."""
    CYCLE_COUNT = "CYCLE_COUNT"
    """The goods are being counted."""
    EXIT = "EXIT"
    """The goods pass the door."""


class TagPresence(StrEnum):
    """What a report about a tag says of it."""

    APPEARED = "APPEARED"
    """It came into the field of the reader."""
    PRESENT = "PRESENT"
    """It is still there."""
    LEFT = "LEFT"
    """It was last seen then."""


class Label(msgspec.Struct, frozen=True):
    """What the code of a piece says of it: GTIN (14 digits) and serial name it.

    `epc` is how it is written: the EPC URI, or a Digital Link where none is known. `epc_hex` is
    what its tag holds, None where a barcode was read.
    """

    gtin: str
    serial: str
    epc: str
    epc_hex: str | None = None
    lot: str | None = None
    expires_on: date | None = None


class PieceState(StrEnum):
    """How a piece stands."""

    SEEN = "SEEN"
    """Seen, but never received by its tag: stock does not count it by itself."""
    IN_STOCK = "IN_STOCK"
    """Received and not sold."""
    SOLD = "SOLD"
    """Bought, and not received again since."""
    LEFT = "LEFT"
    """Passed the door, not sold, and not seen inside since."""


class Turn(msgspec.Struct, frozen=True):
    """A read at receiving or checkout.

    `sells`: the place's checkout reads are its sales. `took`: the round of the piece ended with
    this very checkout read, which stays so whatever comes later. `price` is one its code says.
    """

    at: datetime
    is_checkout: bool
    key: str
    read_id: UUID
    location_id: UUID
    device: str
    sells: bool = False
    took: bool = False
    price: Decimal | None = None

    @property
    def order(self) -> tuple[datetime, bool, str]:
        """By time; of the same moment receiving comes first."""
        return (self.at, self.is_checkout, self.key)


class Shift(msgspec.Struct, frozen=True):
    """A piece that comes to a place's stock (+1) or leaves it (-1), and by which read."""

    location_id: UUID
    sign: int
    at: datetime
    read_id: UUID
    reason: MovementReason


class Holding(msgspec.Struct, frozen=True):
    """What the turns of a piece made of it up to `decided_at`.

    `stock_location_id` is whose stock counts it; None: nobody's. `bought_at` and
    `bought_location_id` are those of its last checkout read, `sold_at` is when its round ended.
    """

    stock_location_id: UUID | None = None
    sold_at: datetime | None = None
    bought_at: datetime | None = None
    bought_location_id: UUID | None = None
    decided_at: datetime | None = None


class Outcome(msgspec.Struct):
    """What turns do: the holding they leave, shifts, the checkout reads that end a round.

    `bought_again` counts how often a piece was bought that was sold already.
    """

    holding: Holding
    shifts: list[Shift] = []
    sales: list[Turn] = []
    bought_again: int = 0


class Sight(msgspec.Struct, frozen=True):
    """When and where a piece was read, of all reads that came so far.

    `inside_at` is the last read that was not at a door, `left_at` the last that was.
    """

    location_id: UUID
    read_point: str
    first_seen_at: datetime
    last_seen_at: datetime
    inside_at: datetime | None
    left_at: datetime | None


def in_order(holding: Holding, turns: Sequence[Turn]) -> Outcome:
    """Return what turns do that all come after `holding.decided_at`; they are sorted."""
    outcome = Outcome(holding)
    for turn in turns:
        ends = turn.is_checkout and outcome.holding.sold_at is None
        _take(outcome, turn, ends_round=ends)
    return outcome


def anew(turns: Iterable[Turn]) -> Outcome:
    """Return what all turns of a piece do, from its first on.

    A round ends with the checkout read that took it when it came, else with its first one.
    """
    ordered = sorted(turns, key=lambda turn: turn.order)
    ends = _ends_of_rounds(ordered)
    outcome = Outcome(Holding())
    for turn in ordered:
        _take(outcome, turn, ends_round=turn.read_id in ends)
    return outcome


def difference(before: Outcome, after: Outcome) -> Outcome:
    """Return what is still to be done where `before` was done and `after` should be.

    What was done by a read and is not in `after` is done backwards at its own time. Sales are only
    ever added.
    """
    wanted = {_key(shift): shift for shift in after.shifts}
    done = {_key(shift): shift for shift in before.shifts}
    undone = [
        replace(shift, sign=-shift.sign, reason=MovementReason.CORRECTION)
        for key, shift in done.items()
        if key not in wanted
    ]
    sold = {turn.read_id for turn in before.sales}
    return Outcome(
        after.holding,
        undone + [shift for key, shift in wanted.items() if key not in done],
        [turn for turn in after.sales if turn.read_id not in sold],
        after.bought_again - before.bought_again,
    )


def _key(shift: Shift) -> tuple[UUID, UUID, int]:
    return (shift.read_id, shift.location_id, shift.sign)


def _take(outcome: Outcome, turn: Turn, *, ends_round: bool) -> None:
    """Add what one turn does to what those before it did."""
    if turn.is_checkout:
        _check_out(outcome, turn, ends_round=ends_round)
    else:
        _receive(outcome, turn)


def _receive(outcome: Outcome, turn: Turn) -> None:
    _bring(outcome, turn)
    outcome.holding = Holding(stock_location_id=turn.location_id, decided_at=turn.at)


def _check_out(outcome: Outcome, turn: Turn, *, ends_round: bool) -> None:
    holding = outcome.holding
    outcome.bought_again += _is_bought_again(holding, turn)
    stock = holding.stock_location_id
    if ends_round:
        if stock is not None:
            _bring(outcome, turn)
        outcome.sales.append(turn)
        stock = None
    outcome.holding = Holding(
        stock_location_id=stock,
        sold_at=holding.sold_at or turn.at,
        bought_at=turn.at,
        bought_location_id=turn.location_id,
        decided_at=turn.at,
    )


def _bring(outcome: Outcome, turn: Turn) -> None:
    """Bring the piece to the stock of the turn's place, from wherever it counted before."""
    stock, here = outcome.holding.stock_location_id, turn.location_id
    if stock == here:
        return
    reason = MovementReason.RECEIVED if stock is None else MovementReason.TRANSFER
    if stock is not None:
        outcome.shifts.append(Shift(stock, -1, turn.at, turn.read_id, reason))
    outcome.shifts.append(Shift(here, 1, turn.at, turn.read_id, reason))


def _is_bought_again(holding: Holding, turn: Turn) -> bool:
    if holding.sold_at is None or holding.bought_at is None:
        return False
    is_elsewhere = turn.location_id != holding.bought_location_id
    return is_elsewhere or turn.at - holding.bought_at > SAME_PURCHASE


def _ends_of_rounds(ordered: Sequence[Turn]) -> set[UUID]:
    ends: set[UUID] = set()
    checkouts: list[Turn] = []
    for turn in ordered:
        if turn.is_checkout:
            checkouts.append(turn)
        elif checkouts:
            ends.add(_end_of(checkouts))
            checkouts = []
    if checkouts:
        ends.add(_end_of(checkouts))
    return ends


def _end_of(checkouts: Sequence[Turn]) -> UUID:
    took = (turn.read_id for turn in checkouts if turn.took)
    return next(took, checkouts[0].read_id)


def seen_at(
    sight: Sight | None, role: ReadPointRole, location_id: UUID, read_point: str, at: datetime
) -> Sight:
    """Return what a read adds to where and when a piece was seen; older ones change no place."""
    inside = None if role is ReadPointRole.EXIT else at
    left = at if role is ReadPointRole.EXIT else None
    if sight is None:
        return Sight(location_id, read_point, at, at, inside, left)
    is_latest = at >= sight.last_seen_at
    return Sight(
        location_id if is_latest else sight.location_id,
        read_point if is_latest else sight.read_point,
        min(at, sight.first_seen_at),
        max(at, sight.last_seen_at),
        _later(inside, sight.inside_at),
        _later(left, sight.left_at),
    )


def state_of(holding: Holding, sight: Sight) -> PieceState:
    """Return how a piece stands by its turns and by where it was seen."""
    if holding.sold_at is not None:
        return PieceState.SOLD
    if sight.left_at and (sight.inside_at is None or sight.left_at > sight.inside_at):
        return PieceState.LEFT
    return PieceState.SEEN if holding.stock_location_id is None else PieceState.IN_STOCK


def is_misplaced(
    state: PieceState, location_id: UUID | None, stock_location_id: UUID | None
) -> bool:
    """Tell whether a piece was last seen elsewhere than where stock counts it."""
    is_held = state in (PieceState.IN_STOCK, PieceState.LEFT) and stock_location_id is not None
    return is_held and location_id != stock_location_id


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return other if one is None else one if other is None else max(one, other)
