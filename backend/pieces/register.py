"""What the register holds of a piece while reads of it are taken in."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace

from backend.catalogue.rules import Packaged
from backend.core.ids import new_id
from backend.locations.rules import LocationKind, LocationRef, SalesSource
from backend.pieces.rules import (
    Holding,
    Label,
    Outcome,
    PieceState,
    ReadPointRole,
    Sight,
    Turn,
    in_order,
    is_misplaced,
    seen_at,
    state_of,
)

PieceKey = tuple[str, str]
"""GTIN and serial."""


class PieceRead(msgspec.Struct, frozen=True):
    """A read of a piece that is about to take effect; `price` is that in its code."""

    id: UUID
    key: str
    location: LocationRef
    device: str
    role: ReadPointRole
    read_point: str
    packaged: Packaged
    label: Label
    observed_at: datetime
    price: Decimal | None = None

    @property
    def piece_key(self) -> PieceKey:
        """Which piece it is of."""
        return (self.label.gtin, self.label.serial)

    @property
    def turn(self) -> Turn | None:
        """The turn that it is; None where its role moves no stock."""
        is_checkout = self.role is ReadPointRole.CHECKOUT
        if not is_checkout and self.role is not ReadPointRole.RECEIVING:
            return None
        return Turn(
            at=self.observed_at,
            is_checkout=is_checkout,
            key=self.key,
            read_id=self.id,
            location_id=self.location.id,
            device=self.device,
            sells=self.location.sales_source is SalesSource.READS,
            price=self.price,
        )


class Piece(msgspec.Struct, frozen=True):
    """A piece as the register holds it."""

    id: UUID
    gtin: str
    serial: str
    epc: str
    product_id: UUID
    units: Decimal
    state: PieceState
    is_suspect: bool
    sight: Sight
    holding: Holding
    version: int

    @property
    def piece_key(self) -> PieceKey:
        """Which piece it is."""
        return (self.gtin, self.serial)

    @property
    def is_misplaced(self) -> bool:
        """Whether it was last seen elsewhere than where stock counts it."""
        return is_misplaced(self.state, self.sight.location_id, self.holding.stock_location_id)


class Step(msgspec.Struct):
    """What reads make of one piece; `before` None: it was not known.

    `turns` are those among the reads, sorted.
    """

    before: Piece | None
    after: Piece
    reads: Sequence[PieceRead]
    turns: list[Turn]
    outcome: Outcome

    @property
    def is_late(self) -> bool:
        """Whether a turn came after others that were later, so that all have to be looked at."""
        decided_at = self.before and self.before.holding.decided_at
        return bool(self.turns) and decided_at is not None and self.turns[0].at <= decided_at

    @property
    def has_moved(self) -> bool:
        """Whether it was last seen at another place than before."""
        old, new = self.before, self.after
        return old is not None and old.sight.location_id != new.sight.location_id

    @property
    def has_changed(self) -> bool:
        """Whether there is more to it than that the piece was seen again where it was."""
        old, new = self.before, self.after
        return (
            old is None
            or bool(self.turns)
            or old.state is not new.state
            or old.is_suspect is not new.is_suspect
            or self.has_moved
        )

    @property
    def is_news(self) -> bool:
        """Whether others should hear of it: a turn that changes nothing is none."""
        old, new = self.before, self.after
        return (
            old is None
            or old.state is not new.state
            or old.is_suspect is not new.is_suspect
            or old.holding.stock_location_id != new.holding.stock_location_id
            or old.holding.sold_at != new.holding.sold_at
            or self.outcome.bought_again > 0
            or self.has_moved
        )


def observe(before: Piece | None, reads: Sequence[PieceRead]) -> Step:
    """Return what reads of one piece make of it, as if none of its turns were late."""
    turns = sorted((turn for read in reads if (turn := read.turn)), key=lambda turn: turn.order)
    sight = before.sight if before else None
    for read in reads:
        sight = seen_at(sight, read.role, read.location.id, read.read_point, read.observed_at)
    assert sight is not None
    outcome = in_order(before.holding if before else Holding(), turns)
    after = replace(before, sight=sight) if before else _new(reads[0], sight)
    step = Step(before, after, reads, turns, outcome)
    settle(step, outcome)
    return step


def settle(step: Step, outcome: Outcome) -> None:
    """Let a step come out as its turns say."""
    holding, sight = outcome.holding, step.after.sight
    step.outcome = outcome
    step.after = replace(step.after, holding=holding, state=state_of(holding, sight))


def suspect(step: Step, kind: LocationKind) -> None:
    """Suspect a piece that has left a place of that kind: where nobody buys, it was shipped."""
    is_suspect = step.after.state is PieceState.LEFT and kind is LocationKind.STORE
    if is_suspect is not step.after.is_suspect:
        step.after = replace(step.after, is_suspect=is_suspect)
    if step.before is not None and step.has_changed:
        step.after = replace(step.after, version=step.before.version + 1)


def _new(read: PieceRead, sight: Sight) -> Piece:
    return Piece(
        new_id(),
        read.label.gtin,
        read.label.serial,
        read.label.epc,
        read.packaged.product.id,
        read.packaged.units,
        PieceState.SEEN,
        False,
        sight,
        Holding(),
        1,
    )


def piece_of(row: Mapping[str, Any]) -> Piece:
    """Return the piece of a database row."""
    return Piece(
        row["id"],
        row["gtin"],
        row["serial"],
        row["epc"],
        row["product_id"],
        row["units"],
        PieceState(row["state"]),
        row["is_suspect"],
        Sight(
            row["location_id"],
            row["read_point"],
            row["first_seen_at"],
            row["last_seen_at"],
            row["inside_at"],
            row["left_at"],
        ),
        Holding(
            row["stock_location_id"],
            row["sold_at"],
            row["bought_at"],
            row["bought_location_id"],
            row["decided_at"],
        ),
        row["version"],
    )
