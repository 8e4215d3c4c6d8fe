"""What happens to pieces."""

from datetime import datetime
from typing import Any, ClassVar

import msgspec

from backend.catalogue.rules import ProductRef
from backend.core.events import Event, Topic
from backend.locations.rules import LocationRef
from backend.pieces.rules import PieceState


class PieceFact(msgspec.Struct, frozen=True, rename="camel"):
    """What events store of a piece."""

    id: str
    epc: str
    gtin: str
    serial: str
    state: PieceState
    was: PieceState | None
    is_suspect: bool
    read_point: str
    last_seen_at: datetime
    sold_at: datetime | None


class ChangeFact(msgspec.Struct, frozen=True, rename="camel"):
    """What the log stores of a piece that changed."""

    key: str
    occurred_at: datetime
    version: int
    piece: PieceFact
    product: dict[str, Any]
    location: dict[str, Any]
    stock_location: dict[str, Any] | None


class PieceChanged(Event, frozen=True):
    """A piece came, was sold, left or is at another place; `was` None: it was not known before.

    Seeing it again where it was is no change.
    """

    kind: ClassVar[str] = "PieceChanged"
    topic: ClassVar[Topic] = Topic.TAGS

    piece: PieceFact
    version: int
    product: ProductRef
    location: LocationRef
    stock_location: LocationRef | None
    was_suspect: bool
    is_misplaced: bool
    was_misplaced: bool
    has_moved: bool
    """It was last seen at another place than before."""
    bought_again: bool
    """It was bought though it was sold already."""

    def fact(self) -> ChangeFact:
        """Return the piece with the names of what it is and where."""
        return ChangeFact(
            self.piece.id,
            self.piece.last_seen_at,
            self.version,
            self.piece,
            self.product.fact(),
            self.location.fact(),
            self.stock_location.fact() if self.stock_location else None,
        )


class TagsSeen(Event, frozen=True):
    """Pieces were read at a place: how many reads and different pieces in a minute, so far."""

    kind: ClassVar[str] = "TagsSeen"
    topic: ClassVar[Topic] = Topic.TAGS

    location: LocationRef
    minute: datetime
    reads: int
    pieces: int

    def fact(self) -> dict[str, Any]:
        """Return the figures of the minute; the highest version, its reads, is the latest."""
        return {
            "key": f"{self.location.id}:{self.minute.isoformat()}",
            "occurredAt": self.minute,
            "version": self.reads,
            "minute": self.minute,
            "reads": self.reads,
            "pieces": self.pieces,
            "location": self.location.fact(),
        }
