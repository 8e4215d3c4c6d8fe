"""Everything an organisation has, as a ZIP of one NDJSON file per table, streamed."""

import zipfile
from collections.abc import AsyncGenerator, AsyncIterable
from typing import IO, Any, Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from backend.core.errors import ShelfcastError
from backend.core.principal import Principal
from backend.core.roles import Role
from backend.core.scopes import Scope
from backend.identity.authentication import Identity
from backend.identity.bearer import bearer_of
from backend.identity.errors import OwnersOnly
from backend.identity.people import accounts
from backend.infra.api.problems import problem
from backend.infra.database import Database

PATH: Final = "/api/organisation/export"
_CHUNK: Final = 64_000
_ROWS_AT_ONCE: Final = 1_000
SECRETS: Final = frozenset(
    {
        "authorization_codes",
        "one_time_links",
        "refresh_tokens",
        "revoked_tokens",
        "sessions",
        "socket_tickets",
        "used_assertions",
    }
)
"""Tables of nothing but proofs of who somebody is: worthless elsewhere, dangerous anywhere."""
_HIDDEN: Final = ["password_hash", "secret_hash", "previous_secret_hash"]
_TABLES: Final = """
select c.relname as name from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id' and not a.attisdropped
 where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
   and not c.relispartition and has_table_privilege(c.oid, 'select')
 order by c.relname
"""
_OWN: Final = "select to_jsonb(o)::text as line from organisations o where o.id = $1"


class Export:
    """Answers with all data of the organisation of an owner's access token."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    def routes(self) -> list[Route]:
        """Return the route."""
        return [Route(PATH, self._answer, methods=["GET"])]

    async def _answer(self, request: Request) -> Response:
        try:
            who = await self._owner(request)
        except ShelfcastError as exc:
            return problem(exc)
        headers = {
            "Content-Disposition": 'attachment; filename="shelfcast-export.zip"',
            "Cache-Control": "no-store",
        }
        return StreamingResponse(
            exported(self._identity.database, who), headers=headers, media_type="application/zip"
        )

    async def _owner(self, request: Request) -> Principal:
        """Return the owner who asks, and note that they did.

        Raises:
            Unauthenticated: no valid access token.
            MissingScope: it may not do everything.
            OwnersOnly: somebody else than an owner asks.
        """
        who = await bearer_of(self._identity, request, Scope.ADMIN)
        address = request.client.host if request.client else None
        async with self._identity.database.work(who, address=address) as work:
            if await accounts.own_role(work) is not Role.OWNER:
                raise OwnersOnly("only an owner exports the organisation")
            work.note("ORGANISATION_EXPORTED")
        return who


async def exported(database: Database, who: Principal) -> AsyncGenerator[bytes]:
    """Give the ZIP part by part, all of one moment."""
    sink = _Sink()
    async with database.work(who, read_only=True) as work:
        own = await work.row(_OWN, who.org_id)
        names = [row["name"] for row in await work.rows(_TABLES)]
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("organisation.json", own["line"] if own else "{}")
            for name in names:
                if name in SECRETS:
                    continue
                with archive.open(f"{name}.ndjson", "w", force_zip64=True) as file:
                    async with work.tx.acquire_connection() as connection:
                        # The name comes from the catalogue, quoted there where it must be.
                        sql = f'select (to_jsonb(t) - $1::text[])::text from "{name}" t'
                        rows = connection.cursor(sql, _HIDDEN, prefetch=_ROWS_AT_ONCE)
                        async for part in _written(rows, file, sink):
                            yield part
    yield sink.take()


async def _written(
    rows: AsyncIterable[Any], file: IO[bytes], sink: "_Sink"
) -> AsyncGenerator[bytes]:
    async for row in rows:
        file.write(row[0].encode() + b"\n")
        if sink.size >= _CHUNK:
            yield sink.take()


class _Sink:
    """What zipfile writes to: it cannot go back, as what was sent is gone."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.size = 0

    def write(self, data: bytes) -> int:
        part = bytes(data)
        self._parts.append(part)
        self.size += len(part)
        return len(part)

    def flush(self) -> None:
        """Nothing is kept back."""

    def close(self) -> None:
        """Nothing is to be closed."""

    def take(self) -> bytes:
        """Return what was written since the last time."""
        taken = b"".join(self._parts)
        self._parts.clear()
        self.size = 0
        return taken
