"""Types and inputs of pieces."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self

import strawberry
from strawberry.scalars import ID

from backend.catalogue.graphql import Product
from backend.core.scopes import Scope
from backend.infra.api.context import Info
from backend.infra.api.declared import seen_with
from backend.infra.api.described import input_type, object_type
from backend.infra.api.results import SortDirection
from backend.infra.api.scalars import Long
from backend.locations.graphql import Location
from backend.locations.rules import LocationRef
from backend.pieces import queries
from backend.pieces.graphql.enums import PieceOrder, PieceState, TagPresence
from backend.pieces.queries import FoundPiece, PieceCriteria, TagMinute


@seen_with(Scope.STOCK_READ)
@object_type
class PieceSighting:
    """One read of a piece."""

    observed_at: datetime
    """When it was read; of a tag that went, when it was last seen."""
    recorded_at: datetime
    """When we learnt of it."""
    location: Location | None
    """Where; null where that is out of your sight."""
    device: str
    """Code of the device."""
    read_point: str
    """Code of the read point."""
    presence: TagPresence | None
    """Whether the tag came, was still there, or went; null where the device does not say."""
    first_seen_at: datetime | None
    """Since when it had been there, where the device says."""
    count: int
    """How often the tag answered."""
    rssi: float | None
    """Signal strength in dBm."""

    @classmethod
    def of(cls, row: dict[str, Any]) -> Self:
        """Return a read as clients see it."""
        return cls(
            observed_at=row["observed_at"],
            recorded_at=row["recorded_at"],
            location=_place(row["location"]),
            device=row["device"],
            read_point=row["read_point"],
            presence=TagPresence(row["presence"]) if row["presence"] else None,
            first_seen_at=row["first_seen_at"],
            count=row["count"],
            rssi=row["rssi"],
        )


@seen_with(Scope.STOCK_READ)
@object_type
class Piece:
    """A single object with a serial number of its own, as its tag or its code names it."""

    id: ID
    """Identifies it here."""
    epc: str
    """Its EPC URI; its Digital Link where GS1 has not published its company prefix."""
    epc_hex: str | None
    """What its tag held when it was first read; null where a barcode was."""
    gtin: str
    """GTIN, 14 digits."""
    serial: str
    """Serial number."""
    lot: str | None
    """Batch or lot, where its code says."""
    expires_on: date | None
    """Day on which it expires, where its code says."""
    product: Product
    """What it is."""
    units: Decimal
    """Units of the product it counts for."""
    state: PieceState
    """How it stands."""
    is_suspect: bool
    """Whether it left a store and nothing tells of its sale."""
    location: Location | None
    """Where it was last seen; null where that is out of your sight."""
    read_point: str
    """Code of the read point that saw it last."""
    stock_location: Location | None
    """Whose stock counts it; null where none does, or it is out of your sight."""
    first_seen_at: datetime
    """When it was first read."""
    last_seen_at: datetime
    """When it was last read."""
    sold_at: datetime | None
    """When it was sold; null again once it is received again."""
    changed_at: datetime
    """When the register learnt of its last change; a mere sighting is none."""
    version: Long
    """Grows with every change."""

    @strawberry.field
    async def recent_sightings(self, info: Info) -> list[PieceSighting]:
        """Its last reads that are still kept, latest first, at most 20."""
        key = (self.gtin, self.serial)
        rows = await info.context.loader(queries.sightings).load(key)
        return [PieceSighting.of(row) for row in rows]

    @classmethod
    def of(cls, found: FoundPiece) -> Self:
        """Return a piece as clients see it."""
        row = found.row
        return cls(
            id=ID(str(row.id)),
            epc=row.epc,
            epc_hex=row.epc_hex,
            gtin=row.gtin,
            serial=row.serial,
            lot=row.lot,
            expires_on=row.expires_on,
            product=Product.from_ref(found.product),
            units=row.units,
            state=PieceState(row.state),
            is_suspect=row.is_suspect,
            location=_place(found.location),
            read_point=row.read_point,
            stock_location=_place(found.stock_location),
            first_seen_at=row.first_seen_at,
            last_seen_at=row.last_seen_at,
            sold_at=row.sold_at,
            changed_at=row.changed_at,
            version=Long(row.version),
        )


@seen_with(Scope.STOCK_READ)
@object_type
class PieceChanged:
    """A piece came, was sold, went, or is at another place; seeing it again is no change."""

    id: ID
    """Identifies the piece."""
    epc: str
    """Its EPC URI, or Digital Link."""
    gtin: str
    """GTIN, 14 digits."""
    serial: str
    """Serial number."""
    product: Product
    """What it is."""
    state: PieceState
    """How it stands now."""
    was: PieceState | None
    """How it stood before; null: it was not known."""
    is_suspect: bool
    """Whether it left a store and nothing tells of its sale."""
    location: Location
    """Where it was last seen."""
    read_point: str
    """Code of the read point that saw it last."""
    last_seen_at: datetime
    """When it was last read."""
    sold_at: datetime | None
    """When it was sold."""
    version: Long
    """Grows with every change."""

    @classmethod
    def from_fact(cls, fact: dict[str, Any]) -> Self:
        """Return the change of a stored fact."""
        piece = fact["piece"]
        return cls(
            id=ID(piece["id"]),
            epc=piece["epc"],
            gtin=piece["gtin"],
            serial=piece["serial"],
            product=Product.from_fact(fact["product"]),
            state=PieceState(piece["state"]),
            was=PieceState(piece["was"]) if piece["was"] else None,
            is_suspect=piece["isSuspect"],
            location=Location.from_fact(fact["location"]),
            read_point=piece["readPoint"],
            last_seen_at=datetime.fromisoformat(piece["lastSeenAt"]),
            sold_at=datetime.fromisoformat(piece["soldAt"]) if piece["soldAt"] else None,
            version=Long(fact["version"]),
        )


@seen_with(Scope.STOCK_READ)
@object_type
class TagsSeen:
    """How many tags were read in a minute at a place, so far."""

    minute: datetime
    """When the minute began."""
    location: Location
    """The place."""
    reads: Long
    """Reads; of two figures of one minute and place the higher is the later one."""
    pieces: Long
    """Different pieces."""

    @classmethod
    def of(cls, found: TagMinute) -> Self:
        """Return a minute as clients see it."""
        return cls(
            minute=found.minute,
            location=Location.from_ref(found.location),
            reads=Long(found.reads),
            pieces=Long(found.pieces),
        )

    @classmethod
    def from_fact(cls, fact: dict[str, Any]) -> Self:
        """Return the minute of a stored fact."""
        return cls(
            minute=datetime.fromisoformat(fact["minute"]),
            location=Location.from_fact(fact["location"]),
            reads=Long(fact["reads"]),
            pieces=Long(fact["pieces"]),
        )


@seen_with(Scope.STOCK_READ)
@object_type
class TagTraffic:
    """How many tags are read, by minute and place."""

    as_of: datetime
    """Up to when reads are counted."""
    minutes: list[TagsSeen]
    """Minutes in which tags were read, oldest first, the current one included."""


@input_type
class PieceFilter:
    """Which pieces; what is left out does not limit."""

    skus: list[str] | None = None
    """Only of these products."""
    locations: list[str] | None = None
    """Only last seen at the locations with these codes."""
    states: list[PieceState] | None = None
    """Only those that stand like this."""
    gtins: list[str] | None = None
    """Only with these GTINs, 14 digits."""
    is_suspect: bool | None = None
    """Whether it left a store and nothing tells of its sale."""

    def criteria(self) -> PieceCriteria:
        """Return the filter as the service takes it."""
        return PieceCriteria(
            skus=_set(self.skus),
            locations=_set(self.locations),
            states=_set(self.states),
            gtins=_set(self.gtins),
            is_suspect=self.is_suspect,
        )


@input_type
class PieceSort:
    """How pieces are sorted."""

    by: PieceOrder = PieceOrder.CHANGED_AT
    """By what."""
    direction: SortDirection = SortDirection.DESC
    """Which end first."""


def _place(ref: LocationRef | None) -> Location | None:
    return Location.from_ref(ref) if ref else None


def _set(values: list[Any] | None) -> frozenset[Any] | None:
    return None if values is None else frozenset(values)
