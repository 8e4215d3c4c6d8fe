"""The audit log: who did what from where, each entry sealed over the one before it."""

from dataclasses import dataclass
from typing import Final

import asyncpg

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
_LAST: Final = "select seq, hash from audit_log where org_id = $1 order by seq desc limit 1"
_CODES: Final = "select id, code from organisations order by code"


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
    chains: list[Chain] = []
    for organisation in await owner.fetch(_CODES):
        last = await owner.fetchrow(_LAST, organisation["id"])
        broken = await owner.fetchrow(_BROKEN, organisation["id"])
        chains.append(
            Chain(
                organisation["code"],
                last["seq"] if last else 0,
                last["hash"].hex() if last else "",
                broken["seq"] if broken else None,
                broken["what"] if broken else None,
            )
        )
    return chains
