"""Batches whose rows succeed or fail one by one, each under a key of its own."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, Generic, TypeVar
from uuid import UUID

import msgspec

from backend.core.errors import Conflict, Invalid, ShelfcastError
from backend.core.ids import content_digest, new_id
from backend.infra import effects
from backend.infra.effects import Claim, EffectKind, KeyMismatch, Standing
from backend.infra.work import Work

D = TypeVar("D")
V = TypeVar("V")
MOST_KEY: Final = 200


class InvalidKey(Invalid):
    """An idempotency key that is empty or longer than 200 characters."""

    code = "INVALID_KEY"


class BatchRejected(Conflict):
    """A good row of a batch that was to take effect as a whole."""

    code = "BATCH_REJECTED"


class Row(msgspec.Struct, Generic[V]):
    """One row on its way: `value` is what was read of it, None once `error` says why not.

    `effect_id` is what it makes, or what its key made before.
    """

    key: str
    key_name: str
    path: list[str]
    content: bytes
    effect_id: UUID
    value: V | None = None
    error: ShelfcastError | None = None
    is_duplicate: bool = False

    @property
    def is_new(self) -> bool:
        """Whether the row takes effect now."""
        return self.error is None and not self.is_duplicate


def read_rows(
    drafts: Sequence[D],
    name: str,
    key_of: Callable[[D], str],
    read: Callable[[D, list[str]], V],
    *,
    key_name: str = "idempotencyKey",
) -> list[Row[V]]:
    """Read drafts into values; what `read(draft, path)` raises becomes the row's error.

    `name` is the input's list, `key_name` the field of the key.
    """
    rows: list[Row[V]] = []
    for index, draft in enumerate(drafts):
        row: Row[V] = Row(
            key_of(draft),
            key_name,
            ["input", name, str(index)],
            content_digest(draft),
            new_id(),
        )
        try:
            check_key(row.key, [*row.path, key_name])
            row.value = read(draft, row.path)
        except ShelfcastError as error:
            row.error = error
        rows.append(row)
    return rows


def check_key(key: str, field: list[str]) -> None:
    """Refuse a key that cannot be kept.

    Raises:
        InvalidKey: empty, blank, or longer than 200 characters.
    """
    if not key.strip() or len(key) > MOST_KEY or "\x00" in key:
        raise InvalidKey(f"a key has 1 to {MOST_KEY} characters", field=field, value=key[:60])


async def claim_rows(
    work: Work, kind: EffectKind, rows: Sequence[Row[V]], *, all_or_nothing: bool
) -> list[Row[V]]:
    """Claim the keys of the rows without error; return those that take effect now.

    With `all_or_nothing` none does when any row has an error.
    """
    if all_or_nothing:
        _reject_all(rows)
    good = [row for row in rows if row.error is None]
    claims = [Claim(row.key, row.content, row.effect_id) for row in good]
    for row, claimed in zip(good, await effects.claim(work, kind, claims), strict=True):
        row.effect_id = claimed.effect_id
        if claimed.standing is Standing.MISMATCH:
            row.error = KeyMismatch(
                "this key took effect before, with other content",
                field=[*row.path, row.key_name],
                value=row.key,
            )
        row.is_duplicate = claimed.standing is Standing.DUPLICATE
    new = [row for row in good if row.is_new]
    if all_or_nothing and any(row.error for row in good):
        await give_back(work, kind, new)
        _reject_all(rows)
        return []
    return new


async def give_back(work: Work, kind: EffectKind, rows: Iterable[Row[V]]) -> None:
    """Release the keys of rows that were claimed in this work but will have no effect."""
    keys = [row.key for row in rows]
    if keys:
        await effects.release(work, kind, keys)


def _reject_all(rows: Sequence[Row[V]]) -> None:
    if any(row.error for row in rows):
        for row in rows:
            row.error = row.error or BatchRejected(
                "another row was rejected, and the batch was to take effect as a whole",
                field=row.path,
            )
