"""The audit log: who did what from where, each entry sealed over the one before it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import asyncpg

from backend.identity.models import AuditEntry
from backend.infra.api.relay import Ordering, Page, fetch_page
from backend.infra.work import Work

# The text that append_audit hashes, written out here: a changed function in the database would
# otherwise vouch for itself.
_BROKEN: Final = """
select seq, what from (
    select seq,
           case when seq <> coalesce(lag(seq) over chain, 0) + 1
                then 'entries before it are missing'
                when previous_hash <> coalesce(lag(hash) over chain, decode(repeat('0', 64), 'hex'))
                then 'it does not follow the entry before it'
                when hash <> sha256(convert_to(jsonb_build_array(
                    org_id, seq, (extract(epoch from at) * 1000000)::bigint, actor_kind, actor_id,
                    client_id, address, action, subject, details, encode(previous_hash, 'hex')
                )::text, 'UTF8')) then 'its content was changed' end as what
      from audit_log where org_id = $1 window chain as (order by seq)) as checked
 where what is not null order by seq limit 1
"""
_END: Final = """
select l.seq, l.hash, e.seq as noted_seq,
       (l.seq, l.hash) is not distinct from (e.seq, e.hash) as is_noted
  from (values (1)) as one
  left join (select seq, hash from audit_log where org_id = $1 order by seq desc limit 1) l on true
  left join audit_ends e on e.org_id = $1
"""
"""Where the log ends, and where `append_audit` noted that it ends."""
_CODES: Final = "select id, code from organisations order by code"


_ACTOR_NAMES: Final = """
select 'USER' as kind, id::text as id, name from users where id::text = any($1)
union all
select 'CLIENT', client_id, name from clients where client_id = any($1)
"""


class ActorKind(StrEnum):
    """Who did something."""

    USER = "USER"
    """A person, through a client."""
    CLIENT = "CLIENT"
    """A program with an access token."""
    PROGRAM = "PROGRAM"
    """A command, or a part of the server itself."""


class AuditOrder(StrEnum):
    """By what audit entries are sorted."""

    AT = "AT"
    """By when they were made."""


@dataclass(frozen=True, slots=True)
class AuditCriteria:
    """Which entries; None does not limit. `since` is inclusive, `until` exclusive."""

    actions: frozenset[str] | None = None
    actors: frozenset[str] | None = None
    subjects: frozenset[str] | None = None
    since: datetime | None = None
    until: datetime | None = None


async def list_entries(
    work: Work, criteria: AuditCriteria, *, descending: bool, first: int, after: str | None
) -> Page[AuditEntry]:
    """Return a page of the organisation's audit log."""
    limits = {
        "action__in": criteria.actions,
        "actor_id__in": criteria.actors,
        "subject__in": criteria.subjects,
        "at__gte": criteria.since,
        "at__lt": criteria.until,
    }
    given = {name: value for name, value in limits.items() if value is not None}
    ordering = Ordering("audit", ("seq",), (int,), descending)
    return await fetch_page(work, AuditEntry.filter(**given), ordering, first, after)


async def actor_names(work: Work, actors: list[tuple[str, str]]) -> list[str | None]:
    """Return the present names of actors (kind, id); None where there is none, or no more."""
    rows = await work.rows(_ACTOR_NAMES, [actor for _, actor in actors])
    found = {(row["kind"], row["id"]): row["name"] for row in rows}
    return [found.get(actor) for actor in actors]


@dataclass(frozen=True, slots=True)
class Chain:
    """What became of an organisation's chain; `last_hash` vouches for all entries before it.

    `broken_seq` names the first entry that does not hold, None when all do; `why` says what is
    wrong with it.
    """

    organisation: str
    entries: int
    last_hash: str
    broken_seq: int | None = None
    why: str | None = None


async def verify(owner: asyncpg.Connection) -> list[Chain]:
    """Check the chains of all organisations, as the owner of the database."""
    return [
        await _follow(owner, organisation["id"], organisation["code"])
        for organisation in await owner.fetch(_CODES)
    ]


async def _follow(owner: asyncpg.Connection, org_id: UUID, code: str) -> Chain:
    end = await owner.fetchrow(_END, org_id)
    assert end is not None, "a row even where there is no log"
    entries, seal = end["seq"] or 0, end["hash"].hex() if end["hash"] else ""
    if broken := await owner.fetchrow(_BROKEN, org_id):
        return Chain(code, entries, seal, broken["seq"], broken["what"])
    if end["is_noted"]:
        return Chain(code, entries, seal)
    noted = end["noted_seq"] or 0
    if noted > entries:
        return Chain(code, entries, seal, entries + 1, f"entries up to {noted} were cut off")
    return Chain(code, entries, seal, entries, f"the log was noted to end with entry {noted}")
