"""Outcomes of single rows as data."""

from collections.abc import Sequence
from enum import Enum
from typing import Any

from backend.core.errors import ShelfcastError, TooMuch
from backend.infra.api.context import Context
from backend.infra.api.declared import comes_along
from backend.infra.api.described import enum_type, object_type
from backend.infra.batches import Row


@comes_along
@object_type
class UserError:
    """Why a row was not taken as it was sent, or what to know about it."""

    code: str
    """Stable code for programs."""
    message: str
    """Sentence for people."""
    field: list[str] | None = None
    """Path of the offending input, outermost first."""


@enum_type
class RowStatus(Enum):
    """What became of one row."""

    ACCEPTED = "ACCEPTED"
    """It took effect now."""
    DUPLICATE = "DUPLICATE"
    """Its key took effect before; nothing was done again."""
    REJECTED = "REJECTED"
    """It had no effect and used no key."""


@enum_type
class ErrorPolicy(Enum):
    """What happens to the other rows when one is rejected."""

    REJECT_FAILED_ROWS = "REJECT_FAILED_ROWS"
    """Good rows take effect, bad ones do not."""
    REJECT_EVERYTHING = "REJECT_EVERYTHING"
    """Nothing takes effect unless every row is good."""


@enum_type
class SortDirection(Enum):
    """Which end comes first."""

    ASC = "ASC"
    """Smallest first."""
    DESC = "DESC"
    """Largest first."""


def user_error(error: ShelfcastError) -> UserError:
    """Return an error as data."""
    return UserError(code=error.code, message=error.message, field=error.field)


def row_status(row: Row[Any]) -> RowStatus:
    """Return what became of a row."""
    if row.error:
        return RowStatus.REJECTED
    return RowStatus.DUPLICATE if row.is_duplicate else RowStatus.ACCEPTED


def row_errors(row: Row[Any]) -> list[UserError]:
    """Return why a row was rejected, empty if it was not."""
    return [user_error(row.error)] if row.error else []


class Tally:
    """The rows of a batch, and how many of them met which end."""

    def __init__(self, rows: Sequence[Row[Any]]) -> None:
        self.rows = rows
        statuses = [row_status(row) for row in rows]
        self.accepted = statuses.count(RowStatus.ACCEPTED)
        self.duplicates = statuses.count(RowStatus.DUPLICATE)
        self.rejected = statuses.count(RowStatus.REJECTED)

    def counts(self) -> dict[str, int]:
        """Return the three counts as a payload's fields."""
        return {
            "accepted_count": self.accepted,
            "duplicate_count": self.duplicates,
            "rejected_count": self.rejected,
        }


def check_batch(context: Context, rows: Sequence[object], field: str) -> None:
    """Refuse a batch that is too long.

    Raises:
        TooMuch: more rows than one mutation may have.
    """
    most = context.limits.max_batch
    if len(rows) > most:
        raise TooMuch(
            f"{len(rows)} rows in one call; send at most {most}", field=["input", field], limit=most
        )
