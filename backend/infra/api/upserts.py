"""Outcomes of upserts as data."""

from collections.abc import Sequence
from typing import Any, Protocol, TypedDict

from backend.infra.api.results import RowStatus, UserError, user_error
from backend.infra.upserts import UpsertRow


class Outcome(TypedDict):
    """The fields every row's result has."""

    status: RowStatus
    user_errors: list[UserError]


class Tally(TypedDict):
    """The fields every payload has."""

    accepted_count: int
    rejected_count: int


class _HasStatus(Protocol):
    status: RowStatus


def outcome(row: UpsertRow[Any]) -> Outcome:
    """Return what became of a row."""
    if row.error is None:
        return Outcome(status=RowStatus.ACCEPTED, user_errors=[])
    return Outcome(status=RowStatus.REJECTED, user_errors=[user_error(row.error)])


def tally(results: Sequence[_HasStatus]) -> Tally:
    """Count what became of the rows."""
    accepted = sum(result.status is RowStatus.ACCEPTED for result in results)
    return Tally(accepted_count=accepted, rejected_count=len(results) - accepted)
