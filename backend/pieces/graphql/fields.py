"""Root fields of pieces."""

from datetime import timedelta
from typing import Final

import strawberry
from strawberry.extensions import FieldExtension

from backend.core.errors import Invalid
from backend.core.scopes import Scope
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.api.relay import Connection, connect
from backend.infra.api.results import SortDirection
from backend.infra.api.scalars import Cursor
from backend.pieces import queries
from backend.pieces.graphql.types import Piece, PieceFilter, PieceSort, TagsSeen, TagTraffic
from backend.pieces.naming import key_of
from backend.pieces.queries import PieceCriteria

READS: list[FieldExtension] = [Requires(Scope.STOCK_READ)]
MOST_MINUTES: Final = 60


@strawberry.type
class Query:
    """Root fields."""

    @strawberry.field(extensions=READS)
    async def pieces(
        self,
        info: Info,
        first: int = 50,
        after: Cursor | None = None,
        filter: PieceFilter | None = None,  # noqa: A002 - the contract's name
        sort: PieceSort | None = None,
    ) -> Connection[Piece]:
        """Single objects with a serial number, last changed first unless sorted otherwise."""
        sort = sort or PieceSort()
        page = await queries.list_pieces(
            await info.context.reading(),
            filter.criteria() if filter else PieceCriteria(),
            sort.by,
            descending=sort.direction is SortDirection.DESC,
            first=first,
            after=after,
        )
        return connect(page, Piece.of)

    @strawberry.field(extensions=READS)
    async def piece(self, info: Info, epc: str) -> Piece | None:
        """One piece by EPC URI, by what its tag holds in hexadecimal, by Digital Link or GS1 code.

        Null where it was never read.
        """
        found = await queries.find_piece(await info.context.reading(), key_of(epc))
        return Piece.of(found) if found else None

    @strawberry.field(extensions=READS)
    async def tag_traffic(self, info: Info, last: int = 10) -> TagTraffic:
        """How many tags were read in the last minutes, at most 60; TagsSeen goes on from there."""
        if not 1 <= last <= MOST_MINUTES:
            raise Invalid(f"last is 1 to {MOST_MINUTES}", field=["last"], value=last)
        work = await info.context.reading()
        minutes = await queries.traffic(work, timedelta(minutes=last - 1))
        return TagTraffic(as_of=work.now, minutes=[TagsSeen.of(one) for one in minutes])
