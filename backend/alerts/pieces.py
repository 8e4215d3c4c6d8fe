"""Alerts about pieces: they open and settle with what becomes of a piece, under its lock."""

from collections.abc import Sequence
from typing import Final

from backend.alerts import service
from backend.alerts.rules import AlertKind, Concern
from backend.infra.work import Work
from backend.pieces.events import PieceChanged
from backend.pieces.rules import PieceState

_SUSPECT: Final = (AlertKind.SUSPECT_EXIT,)
_MISPLACED: Final = (AlertKind.PIECE_IN_TWO_PLACES,)
_TWICE: Final = (AlertKind.PIECE_SOLD_TWICE,)


async def react(work: Work, events: Sequence[PieceChanged]) -> None:
    """Bring the alerts about pieces in line with what became of them."""
    await service.settle(work, _SUSPECT, [_name(event) for event in events if _is_cleared(event)])
    await service.settle(work, _MISPLACED, [_name(event) for event in events if _is_back(event)])
    await service.settle(work, _TWICE, [_name(event) for event in events if _is_unsold(event)])
    await service.open_concerns(
        work, [_concern(event, kind) for event in events for kind in _kinds(event)]
    )


def _kinds(event: PieceChanged) -> list[AlertKind]:
    """Return what an event newly calls for."""
    is_elsewhere = event.is_misplaced and (event.has_moved or not event.was_misplaced)
    wanted = (
        (AlertKind.SUSPECT_EXIT, event.piece.is_suspect and not event.was_suspect),
        (AlertKind.PIECE_IN_TWO_PLACES, is_elsewhere),
        (AlertKind.PIECE_SOLD_TWICE, event.bought_again),
    )
    return [kind for kind, is_wanted in wanted if is_wanted]


def _is_cleared(event: PieceChanged) -> bool:
    return event.was_suspect and not event.piece.is_suspect


def _is_back(event: PieceChanged) -> bool:
    return event.was_misplaced and (event.has_moved or not event.is_misplaced)


def _is_unsold(event: PieceChanged) -> bool:
    return event.piece.was is PieceState.SOLD and event.piece.state is not PieceState.SOLD


def _concern(event: PieceChanged, kind: AlertKind) -> Concern:
    return Concern(kind, _name(event), location=event.location, product=event.product)


def _name(event: PieceChanged) -> str:
    return event.piece.epc
