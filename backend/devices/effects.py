"""What identified reads do: receive and sell, each once, all levels locked in one go.

A code of a kind counts with each read, a piece once, whatever it is read as.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from backend.catalogue.rules import Packaged
from backend.devices.rules import Effect, ReadPointRole, effect_of
from backend.infra.work import Work
from backend.locations.rules import LocationRef
from backend.pieces import service as pieces
from backend.pieces.register import PieceRead
from backend.pieces.rules import Label
from backend.sales import read_sales
from backend.sales.read_sales import CheckoutRead
from backend.stock import service as stock
from backend.stock.rules import Movement, MovementReason


class Cause(msgspec.Struct, frozen=True):
    """A read that is about to take effect; `price` is that of all of it, as its code says.

    `label` names the piece; None: the code names a kind.
    """

    id: UUID
    key: str
    location: LocationRef
    device: str
    role: ReadPointRole
    packaged: Packaged
    observed_at: datetime
    price: Decimal | None = None
    read_point: str = ""
    label: Label | None = None


async def take(work: Work, causes: Sequence[Cause]) -> None:
    """Receive and sell what the roles of the read points say, at the time of each read.

    Pieces first: they are locked before levels.
    """
    of_pieces = await pieces.take(
        work, [_piece_read(cause, cause.label) for cause in causes if cause.label]
    )
    received, sold = of_pieces.movements, of_pieces.sales
    for cause in causes:
        if cause.label:
            continue
        effect = effect_of(cause.role, cause.location)
        if effect is Effect.RECEIVE:
            received.append(_receipt(cause))
        elif effect is Effect.SELL:
            sold.append(_sale(cause))
    if sold:
        await read_sales.record(work, sold, received)
    else:
        await stock.post(work, received)
    await pieces.count(work, of_pieces)


def _piece_read(cause: Cause, label: Label) -> PieceRead:
    return PieceRead(
        cause.id,
        cause.key,
        cause.location,
        cause.device,
        cause.role,
        cause.read_point,
        cause.packaged,
        label,
        cause.observed_at,
        cause.price,
    )


def _receipt(cause: Cause) -> Movement:
    return Movement(
        product=cause.packaged.product,
        location=cause.location,
        quantity=cause.packaged.units,
        reason=MovementReason.RECEIVED,
        reference=f"read:{cause.id}",
        occurred_at=cause.observed_at,
    )


def _sale(cause: Cause) -> CheckoutRead:
    return CheckoutRead(
        cause.id,
        cause.key,
        cause.location,
        cause.device,
        cause.packaged,
        cause.observed_at,
        cause.price,
    )
