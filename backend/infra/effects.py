"""Keys that let a client repeat a request without repeating its effect (promise 1)."""

from collections.abc import Sequence
from enum import Enum, IntEnum
from typing import Final
from uuid import UUID

import msgspec

from backend.core.errors import Conflict
from backend.core.ids import key_digest
from backend.infra.work import Work

# Inserted in digest order, so that two batches with common keys wait for each other instead of
# deadlocking.
_CLAIM: Final = """
insert into effect_key (org_id, kind, digest, content_hash, effect_id, effect_at)
select $1, $2, digest, content_hash, effect_id, $6
  from unnest($3::bytea[], $4::bytea[], $5::uuid[]) as claim (digest, content_hash, effect_id)
 order by digest
on conflict do nothing
returning digest
"""
_FIND: Final = """
select digest, content_hash, effect_id from effect_key
 where org_id = $1 and kind = $2 and digest = any($3::bytea[])
"""
_RELEASE: Final = (
    "delete from effect_key where org_id = $1 and kind = $2 and digest = any($3::bytea[])"
)


class EffectKind(IntEnum):
    """What a key stands for; the same text may be used once for each."""

    READ = 1
    SALE = 2
    RETURN = 3
    ADJUSTMENT = 4
    COUNT = 5
    IMPORT = 6
    SUBMISSION = 7


class KeyMismatch(Conflict):
    """A key that took effect before, with other content."""

    code = "IDEMPOTENCY_KEY_MISMATCH"


class Claim(msgspec.Struct, frozen=True):
    """A key, the digest of what it asks for, and the id of what it would make."""

    key: str
    content: bytes
    effect_id: UUID


class Standing(Enum):
    """What is known of a claimed key."""

    NEW = "NEW"
    DUPLICATE = "DUPLICATE"
    MISMATCH = "MISMATCH"


class Claimed(msgspec.Struct, frozen=True):
    """What became of a claim; `effect_id` is what the key made, now or before."""

    standing: Standing
    effect_id: UUID


async def claim(work: Work, kind: EffectKind, claims: Sequence[Claim]) -> list[Claimed]:
    """Claim keys for effects that this unit of work is about to have, answering in their order.

    The second of two equal keys in one call is a duplicate of the first. Waits for other
    transactions that claim the same keys.
    """
    digests = [key_digest(one.key) for one in claims]
    firsts: dict[bytes, Claim] = {}
    for digest, one in zip(digests, claims, strict=True):
        firsts.setdefault(digest, one)
    if not firsts:
        return []
    inserted = await work.rows(
        _CLAIM,
        work.principal.org_id,
        kind.value,
        list(firsts),
        [one.content for one in firsts.values()],
        [one.effect_id for one in firsts.values()],
        work.now,
    )
    new = {row["digest"] for row in inserted}
    before: dict[bytes, tuple[bytes, UUID]] = {}
    if len(new) < len(firsts):
        known = await work.rows(
            _FIND, work.principal.org_id, kind.value, [d for d in firsts if d not in new]
        )
        before = {row["digest"]: (row["content_hash"], row["effect_id"]) for row in known}
    return [
        _settled(one, firsts[digest], before.get(digest))
        for digest, one in zip(digests, claims, strict=True)
    ]


async def release(work: Work, kind: EffectKind, keys: Sequence[str]) -> None:
    """Give back keys claimed in this unit of work whose effect will not happen after all."""
    digests = [key_digest(key) for key in keys]
    await work.rows(_RELEASE, work.principal.org_id, kind.value, digests)


def _settled(one: Claim, first: Claim, before: tuple[bytes, UUID] | None) -> Claimed:
    """Judge a claim against the first of its key in the call, or against what was done before."""
    content, effect_id = before or (first.content, first.effect_id)
    if content != one.content:
        return Claimed(Standing.MISMATCH, effect_id)
    is_new = before is None and first is one
    return Claimed(Standing.NEW if is_new else Standing.DUPLICATE, effect_id)
