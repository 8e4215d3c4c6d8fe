"""A unit of work.

One transaction, the events it gathers, the reactions they cause, what the audit log says of it.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import msgspec
from tortoise.backends.asyncpg.client import TransactionWrapper

from backend.core.errors import NotFound
from backend.core.events import Event
from backend.core.principal import Principal
from backend.infra.turns import Turns

if TYPE_CHECKING:
    from backend.infra.columns import Columns

T = TypeVar("T")
U = TypeVar("U")

MOST_ITEMS: Final = 500
MOST_AT_ONCE: Final = 2_000
"""Rows that are taken apart before others have their turn."""
MOST_NAMED: Final = 50
"""How many an audit entry names of what a batch changed."""
_IDENTIFY: Final = "select currency, timezone from identify($1::text::uuid, $2, $3, $4, $5)"
_ACT_FOR_ALL: Final = "select set_config('shelfcast.acts_for_all', 'on', true)"
_APPEND_AUDIT: Final = "select append_audit($1, $2, $3, $4, $5, $6, $7)"
_APPEND: Final = "select append_events($1, $2, $3, $4, $5)"
_ENCODER: Final = msgspec.json.Encoder(decimal_format="string")

Reaction = Callable[["Work", list[Any]], Awaitable[None]]


class UnknownOrganisation(NotFound):
    """The organisation of a principal does not exist."""

    code = "UNKNOWN_ORGANISATION"


class Reactions:
    """Who reacts to which event inside the transaction.

    A reaction looks only at rows already locked and does no I/O elsewhere.
    """

    def __init__(self) -> None:
        self._by_kind: dict[type[Event], list[Reaction]] = {}

    def on(self, kind: type[Event], reaction: Reaction) -> None:
        """Call `reaction` once per unit of work with all its events of that type."""
        self._by_kind.setdefault(kind, []).append(reaction)

    def of(self, kind: type[Event]) -> list[Reaction]:
        """Return the reactions to a type of event, in the order of their registration."""
        return self._by_kind.get(kind, [])


class Work:
    """One transaction of one principal. Services receive it and never open one themselves."""

    def __init__(
        self,
        tx: TransactionWrapper,
        principal: Principal,
        now: datetime,
        reactions: Reactions,
        derived_key: Callable[[str], bytes],
        horizon: datetime | None = None,
    ) -> None:
        self.tx = tx
        self.derived_key = derived_key
        """The installation's key for one purpose (32 bytes), the same every time."""
        self.principal = principal
        self.now = now
        """When the work began, UTC: one moment for everything it records."""
        self.horizon = horizon
        """What happened before it is refused: keys that old are purged. None: none ever is."""
        self.address: str | None = None
        """Where the request came from; None for programs."""
        self.columns: Columns | None = None
        """The copy of facts that this process keeps, if it does."""
        self.is_snapshot = False
        """Everything it reads is as of one moment, and it writes nothing."""
        self.currency = ""
        """The organisation's currency, ISO 4217."""
        self.timezone = "UTC"
        """The organisation's time zone."""
        self._reactions = reactions
        self._fresh: list[Event] = []
        self._events: list[Event] = []
        self._notes: list[tuple[str, str | None, dict[str, object]]] = []
        self._found: dict[Hashable, Any] = {}
        self._asking: defaultdict[Hashable, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._turns = Turns()

    async def identify(self, *, plan_once: bool = False) -> None:
        """Tell the policies for whom the transaction runs.

        `plan_once`: its statements keep one plan per connection.
        """
        who = self.principal
        # An array, so that no location at all is not taken for no limit.
        places = "" if who.locations is None else f"{{{','.join(map(str, who.locations))}}}"
        partner = "" if who.partner is None else str(who.partner)
        channel = who.channel or ""
        found = await self.row(_IDENTIFY, str(who.org_id), places, partner, channel, plan_once)
        if found is None:
            raise UnknownOrganisation("this organisation is not here any more")
        self.currency, self.timezone = found["currency"], found["timezone"]

    async def rows(self, sql: str, *values: object, is_ahead: bool = False) -> list[dict[str, Any]]:
        """Run one statement and return its rows.

        Of several at a time those `is_ahead` are run first: what others wait for. What PostgreSQL
        refuses comes as asyncpg's errors: Tortoise's own way costs a quarter more.
        """
        async with self._turns.take(is_ahead=is_ahead), self.tx.acquire_connection() as connection:
            found = await connection.fetch(sql, *values)
        if len(found) <= MOST_AT_ONCE:
            return [dict(row) for row in found]
        rows = list[dict[str, Any]]()
        for begin in range(0, len(found), MOST_AT_ONCE):
            rows += [dict(row) for row in found[begin : begin + MOST_AT_ONCE]]
            await asyncio.sleep(0)
        return rows

    async def row(self, sql: str, *values: object) -> dict[str, Any] | None:
        """Run one statement and return its first row, None without one."""
        found = await self.rows(sql, *values)
        return found[0] if found else None

    async def once(self, question: Hashable, find: Callable[[], Awaitable[T]]) -> T:
        """Return the answer to a question; a snapshot finds it once, however many ask at a time.

        Nobody may change what it returns.
        """
        if not self.is_snapshot:
            return await find()
        async with self._asking[question]:
            if question not in self._found:
                self._found[question] = await find()
            return self._found[question]

    async def act_for_all(self) -> None:
        """Act for the whole organisation from here on, though the principal is limited.

        For effects that concern other places than those it sees, never for what it is shown.
        """
        if self.principal.is_limited:
            await self.rows(_ACT_FOR_ALL)

    def gather(self, events: Iterable[Event]) -> None:
        """Remember what happened; it is appended to the log when the work ends."""
        self._fresh.extend(events)

    def note(self, action: str, subject: object = None, **details: object) -> None:
        """Remember something for the audit log, in which the principal stands as who did it.

        `action` is public and never renamed ("PRODUCTS_UPSERTED"); `subject` names what it was done
        to, None for the organisation. Of persons only ids belong into `details`.
        """
        self._notes.append((action, None if subject is None else str(subject), details))

    def note_all(self, action: str, changed: Sequence[object]) -> None:
        """Remember one thing done to many: how many, and the first of them; nothing for none."""
        if changed:
            first = [str(one) for one in changed[:MOST_NAMED]]
            self.note(action, None, count=len(changed), first=first)

    async def finish(self) -> bool:
        """Run the reactions, then append the audit entries and all events; tell whether there were.

        Reactions act for the whole organisation, whoever caused them. Nothing may follow but the
        commit.
        """
        if self._fresh:
            await self.act_for_all()
        while self._fresh:
            fresh, self._fresh = self._fresh, []
            self._events.extend(fresh)
            for kind in dict.fromkeys(map(type, fresh)):
                for reaction in self._reactions.of(kind):
                    await reaction(self, [event for event in fresh if type(event) is kind])
        if self._notes:
            await self.rows(_APPEND_AUDIT, *_actor(self), *_audit_columns(self._notes))
        if self._events:
            await self.rows(_APPEND, *_columns(self._events))
        return bool(self._events)


async def both(first: Awaitable[T], second: Awaitable[U]) -> tuple[T, U]:
    """Return what both find; where one fails the other is waited for, as it uses the same work."""
    found = await asyncio.gather(first, second, return_exceptions=True)
    for one in found:
        if isinstance(one, BaseException):
            raise one
    return cast("tuple[T, U]", tuple(found))


def _actor(work: Work) -> tuple[str, str, str | None, str | None]:
    """Return who acts: a person (through a client), a client, or one of our programs."""
    who = work.principal
    if who.user_id is not None:
        return "USER", str(who.user_id), who.client_id, work.address
    if who.token_id is not None:
        return "CLIENT", who.client_id, who.client_id, work.address
    return "PROGRAM", who.client_id, None, work.address


def _audit_columns(notes: list[tuple[str, str | None, dict[str, object]]]) -> list[list[Any]]:
    actions, subjects, details = zip(*notes, strict=True)
    return [list(actions), list(subjects), [_ENCODER.encode(one).decode() for one in details]]


def _columns(events: list[Event]) -> list[list[Any]]:
    """Return the five columns of `append_events`.

    One entry per kind and location, in the order of gathering.
    """
    entries: list[tuple[str, str, object, int, str]] = []
    ordered = sorted(events, key=lambda event: (event.kind, str(event.location_id)))
    for _, group in groupby(ordered, key=lambda event: (event.kind, event.location_id)):
        items = list(group)
        first = items[0]
        for start in range(0, len(items), MOST_ITEMS):
            facts = [event.fact() for event in items[start : start + MOST_ITEMS]]
            entries.append(
                (
                    first.topic.value,
                    first.kind,
                    first.location_id,
                    first.schema_version,
                    _ENCODER.encode(facts).decode(),
                )
            )
    return [list(column) for column in zip(*entries, strict=True)]
