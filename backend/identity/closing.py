"""What an organisation may change of itself, its end included."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from msgspec import UNSET, UnsetType

from backend.core.patches import chosen
from backend.core.roles import Role
from backend.core.texts import printable
from backend.identity.errors import (
    CurrencyInUse,
    InvalidFiscalYear,
    OrganisationNotClosed,
    OwnersOnly,
)
from backend.identity.events import AccessChanged, Change, Subject
from backend.identity.people import accounts
from backend.identity.rules import check_organisation
from backend.infra.work import Work

_OWN: Final = "select * from organisations where id = $1 for update"
_HOLD_CURRENCY: Final = (
    "select pg_try_advisory_xact_lock(x'4355'::int, hashtext($1::uuid::text)) as held"
)
"""Fails while a transaction that inserted sales has not ended (the trigger `keep_currency`)."""
_HAS_SALES: Final = "select exists (select from sales) as has"
_UPDATE: Final = """
update organisations
   set name = $2, currency = $3, timezone = $4, fiscal_year_start = $5, fiscal_calendar = $6,
       fiscal_year_end = $7
 where id = $1
"""
_CLOSE: Final = "update organisations set closed_at = $2 where id = $1 and closed_at is null"
_MONTHS: Final = range(1, 13)


class FiscalCalendar(StrEnum):
    """How the organisation's business year is divided."""

    CALENDAR = "CALENDAR"
    """Calendar years and months."""
    FISCAL = "FISCAL"
    """Calendar months, in a year that begins with the fiscal year's first month."""
    RETAIL_445 = "RETAIL_445"
    """Quarters of 4, 4 and 5 weeks, in a year of 52 or 53."""
    RETAIL_454 = "RETAIL_454"
    """Quarters of 4, 5 and 4 weeks; from February on, the National Retail Federation's."""
    RETAIL_544 = "RETAIL_544"
    """Quarters of 5, 4 and 4 weeks."""


class FiscalYearEnd(StrEnum):
    """On which Saturday a business year of weeks ends."""

    NEAREST = "NEAREST"
    """The one nearest the end of its last month."""
    LAST = "LAST"
    """The last one in its last month."""


@dataclass(frozen=True, slots=True)
class OrganisationChange:
    """What is to change; UNSET stays as it is. `fiscal_year_start` is a month, 1 to 12."""

    name: str | UnsetType = UNSET
    currency: str | UnsetType = UNSET
    timezone: str | UnsetType = UNSET
    fiscal_year_start: int | UnsetType = UNSET
    fiscal_calendar: FiscalCalendar | UnsetType = UNSET
    fiscal_year_end: FiscalYearEnd | UnsetType = UNSET


async def update_organisation(work: Work, change: OrganisationChange) -> None:
    """Change the organisation's settings.

    Raises:
        InvalidOrganisation: a name or a currency that cannot be one.
        InvalidTimeZone: the time zone is unknown.
        InvalidFiscalYear: the month is none.
        CurrencyInUse: there are sales in the present currency.
    """
    old = await work.row(_OWN, work.principal.org_id)
    assert old is not None, "a unit of work belongs to an organisation that exists"
    month = chosen(change.fiscal_year_start, old["fiscal_year_start"])
    if month not in _MONTHS:
        raise InvalidFiscalYear(
            "a fiscal year begins in a month from 1 to 12",
            field=["input", "fiscalYearStart"],
            value=month,
        )
    _, name, currency, timezone = check_organisation(
        old["code"],
        chosen(change.name, old["name"]),
        chosen(change.currency, old["currency"]),
        chosen(change.timezone, old["timezone"]),
    )
    calendar = chosen(change.fiscal_calendar, old["fiscal_calendar"])
    if currency != old["currency"]:
        await _check_unused(work, old["currency"])
    new = {
        "name": name,
        "currency": currency,
        "timezone": timezone,
        "fiscal_year_start": month,
        "fiscal_calendar": str(calendar),
        "fiscal_year_end": str(chosen(change.fiscal_year_end, old["fiscal_year_end"])),
    }
    await work.rows(_UPDATE, work.principal.org_id, *new.values())
    work.note(
        "ORGANISATION_CHANGED",
        **{key: {"old": old[key], "new": new[key]} for key in new if old[key] != new[key]},
    )


async def _check_unused(work: Work, currency: str) -> None:
    """Refuse when there are sales, and keep new ones waiting until the work has ended.

    It does not wait for sales that are being recorded: others would wait behind it.
    """
    lock = await work.row(_HOLD_CURRENCY, work.principal.org_id)
    sales = await work.row(_HAS_SALES)
    if not (lock and lock["held"]) or (sales and sales["has"]):
        raise CurrencyInUse(
            f"there are sales in {currency}: sums would change their meaning",
            field=["input", "currency"],
        )


async def close_organisation(work: Work, code: str) -> None:
    """Close the organisation: nobody gets in from now on, and after a while its data are deleted.

    `code` is typed to show that it is meant.

    Raises:
        OwnersOnly: somebody else than an owner asks.
        OrganisationNotClosed: the code is another one.
    """
    if await accounts.own_role(work) is not Role.OWNER:
        raise OwnersOnly("only an owner closes the organisation")
    own = await work.row(_OWN, work.principal.org_id)
    assert own is not None, "a unit of work belongs to an organisation that exists"
    if code != own["code"]:
        raise OrganisationNotClosed(
            f"type {own['code']} to close it", field=["input", "code"], value=printable(code)
        )
    await work.rows(_CLOSE, work.principal.org_id, work.now)
    work.note("ORGANISATION_CLOSED")
    work.gather(
        [AccessChanged.of(Subject.ORGANISATION, work.principal.org_id, Change.REVOKED, work.now)]
    )
