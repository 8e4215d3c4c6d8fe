"""Documents that clients registered, and clients that may ask for nothing else."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from backend.core.errors import NotAllowed, NotFound, TooMuch
from backend.core.principal import Principal, program
from backend.identity import clients
from backend.identity.events import AccessChanged, Change, Subject
from backend.infra.database import Database
from backend.infra.work import Work

BookKey = tuple[UUID, str]
"""Organisation and client."""
MOST_DOCUMENTS: Final = 500
_MOST_BOOKS: Final = 1_000
_BOOK_LIFE: Final = timedelta(seconds=30)

_ADD: Final = """
insert into client_documents (org_id, client_id, id, body, registered_at)
select $1, $2, d.id, d.body, $5 from unnest($3::text[], $4::text[]) as d (id, body)
on conflict do nothing
"""
_REMOVE: Final = "delete from client_documents where client_id = $1 and id = any($2::text[])"
_COUNT: Final = "select count(*) as documents from client_documents where client_id = $1"
_RESTRICT: Final = """
insert into restricted_clients (org_id, client_id, restricted_at) values ($1, $2, $3)
on conflict do nothing
"""
_FREE: Final = "delete from restricted_clients where client_id = $1"
_IS_RESTRICTED: Final = "select from restricted_clients where client_id = $1"
_BODIES: Final = "select id, body from client_documents where client_id = $1 order by id"


class DocumentNotFound(NotFound):
    """The client registered no document of that id; the code is the one other servers use."""

    code = "PERSISTED_QUERY_NOT_FOUND"


class DocumentNotRegistered(NotAllowed):
    """The client may ask for nothing but what it registered, and this it did not."""

    code = "DOCUMENT_NOT_REGISTERED"


@dataclass(frozen=True, slots=True)
class Book:
    """What a client registered: texts by id."""

    is_restricted: bool = False
    documents: Mapping[str, str] = field(default_factory=dict[str, str])


def document_id(body: str) -> str:
    """Return the id of a document."""
    return sha256(body.encode()).hexdigest()


async def register(
    work: Work,
    client_id: str,
    bodies: Sequence[str],
    *,
    remove: Sequence[str] = (),
    is_restricted: bool | None = None,
) -> Book:
    """Change what a client registered; what is open of it follows. None leaves the restriction.

    Raises:
        ClientNotFound: there is no such client.
        TooMuch: it would have more than 500.
    """
    await clients.find_client(work, client_id)
    org_id = work.principal.org_id
    await work.rows(_REMOVE, client_id, list(remove))
    ids = [document_id(body) for body in bodies]
    await work.rows(_ADD, org_id, client_id, ids, list(bodies), work.now)
    count = await work.row(_COUNT, client_id)
    if count is not None and count["documents"] > MOST_DOCUMENTS:
        raise TooMuch(f"a client registers at most {MOST_DOCUMENTS} documents", of="documents")
    if is_restricted:
        await work.rows(_RESTRICT, org_id, client_id, work.now)
    elif is_restricted is not None:
        await work.rows(_FREE, client_id)
    book = await read_book(work, client_id)
    work.note("DOCUMENTS_REGISTERED", client_id, documents=len(book.documents))
    work.gather([AccessChanged.of(Subject.CLIENT, client_id, Change.CHANGED, work.now)])
    return book


async def read_book(work: Work, client_id: str) -> Book:
    """Return what a client registered."""
    restricted = await work.rows(_IS_RESTRICTED, client_id)
    rows = await work.rows(_BODIES, client_id)
    return Book(bool(restricted), {row["id"]: row["body"] for row in rows})


class Documents:
    """Tells what a client may run. One per process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._books: OrderedDict[BookKey, tuple[datetime, Book]] = OrderedDict()
        self._changes = 0

    def forget(self, concerns: Callable[[Principal], bool]) -> None:
        """Drop what is remembered of those whom a change concerns."""
        self._changes += 1
        for key in list(self._books):
            if concerns(Principal(org_id=key[0], client_id=key[1], scopes=frozenset())):
                del self._books[key]

    def forget_client(self, org_id: UUID, client_id: str) -> None:
        """Drop what is remembered of one client: this process need not wait for the news."""
        self._changes += 1
        self._books.pop((org_id, client_id), None)

    async def is_restricted(self, who: Principal) -> bool:
        """Tell whether a client may ask for nothing but what it registered."""
        return (await self._book(who)).is_restricted

    async def text(self, who: Principal, query: str | None, wanted: str | None) -> str | None:
        """Return the document to run: the one whose id is wanted, or the one that was sent.

        Raises:
            DocumentNotFound: no document of that id is registered, and none was sent.
            DocumentNotRegistered: the client must register what it sends.
        """
        book = await self._book(who)
        known = book.documents.get(wanted or document_id(query or ""))
        if known is not None and (query is None or query == known):
            return known
        if book.is_restricted and query is not None:
            raise DocumentNotRegistered("this client may run registered documents only")
        if wanted is not None and query is None:
            raise DocumentNotFound("this client registered no document of that id")
        return query

    async def _book(self, who: Principal) -> Book:
        key, now = (who.org_id, who.client_id), datetime.now(UTC)
        known = self._books.get(key)
        if known is not None and now - known[0] < _BOOK_LIFE:
            return known[1]
        changes = self._changes
        principal = program(who.org_id, "documents")
        async with self._database.work(principal, read_only=True) as work:
            book = await read_book(work, who.client_id)
        if changes == self._changes:  # else it may be older than the change
            self._books[key] = (now, book)
            if len(self._books) > _MOST_BOOKS:
                self._books.popitem(last=False)
        return book
