"""As whom a report is made: it says what its reader may see when it is made, nothing else."""

from dataclasses import dataclass, replace
from typing import Any, Final

from backend.core.principal import Principal, program
from backend.core.scopes import Scope
from backend.identity import readers
from backend.infra.work import Work
from backend.reports.errors import ReaderGone

_OWN_PROGRAMS: Final = "shelfcast "
"""How the names of our own commands begin; clients are called sc_…"""


_OPEN: Final = (
    Scope.SALES_READ,
    Scope.STOCK_READ,
    Scope.ANALYTICS_READ,
    Scope.FORECAST_READ,
    Scope.ALERTS_READ,
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A reader: as whom the report is made, what they are called, where mail reaches them."""

    principal: Principal
    name: str = ""
    email: str | None = None


async def reader_of(work: Work, row: dict[str, Any]) -> Standing:
    """Return the reader of a run or a recipient's row; `scopes` of it limit what it was asked with.

    Raises:
        ReaderGone: they may not sign in any more, or not see reports.
    """
    found = await _found(work, row)
    if found is None:
        raise ReaderGone("the reader may not sign in any more")
    principal = found.principal
    if row["scopes"] is not None:
        principal = replace(principal, scopes=_both(principal, row["scopes"]))
    if not principal.has(Scope.REPORTS_READ) or principal.is_partner:
        raise ReaderGone("the reader may not see reports any more")
    return replace(found, principal=principal)


async def _found(work: Work, row: dict[str, Any]) -> Standing | None:
    if row["user_id"] is not None:
        known = await readers.people(work, [row["user_id"]])
        person = known.get(row["user_id"])
        return None if person is None else Standing(person.principal, person.name, person.email)
    if row["client_id"].startswith(_OWN_PROGRAMS):
        return Standing(program(work.principal.org_id, row["client_id"]))
    principal = await readers.program_of(work, row["client_id"])
    return None if principal is None else Standing(principal)


def seen_with(who: Principal) -> list[str]:
    """Return the scopes of a reader that open something a report may say."""
    return sorted(one.value for one in _OPEN if who.has(one))


def _both(principal: Principal, asked_with: list[str]) -> frozenset[Scope]:
    """Return the scopes that both the reader has and the request had."""
    asked = frozenset(map(Scope, asked_with))
    if Scope.ADMIN in asked:
        return principal.scopes
    return asked if Scope.ADMIN in principal.scopes else principal.scopes & asked
