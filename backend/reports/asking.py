"""Asking for a report now, for oneself."""

from dataclasses import dataclass
from uuid import UUID

from backend.core import texts, times
from backend.infra.work import Work
from backend.reports import runs
from backend.reports.contents.catalogue import kind_of
from backend.reports.contents.kind import Content
from backend.reports.criteria import check_size
from backend.reports.errors import InvalidReport
from backend.reports.rules import ReportChannel, ReportFormat, RunReason
from backend.reports.runs import Order
from backend.reports.schedules import places_of, scopes_of


@dataclass(frozen=True, slots=True)
class Wish:
    """A report that is wanted now; a name or time zone of None is the content's, the shop's."""

    content: Content
    formats: tuple[ReportFormat, ...]
    channel: ReportChannel = ReportChannel.DOWNLOAD
    name: str | None = None
    timezone: str | None = None


async def ask(work: Work, wish: Wish) -> UUID:
    """Order it for the principal.

    Raises:
        InvalidReport: a part of it cannot be.
        MissingScope: it is about what the principal may not know.
        TooManyReports: too many wait already.
    """
    who = work.principal
    check_size(wish.content)
    title = await kind_of(wish.content.kind).check(work, wish.content)
    if not wish.formats:
        raise InvalidReport("choose at least one format", field=["input", "formats"])
    if wish.channel is ReportChannel.WEBHOOK or (
        wish.channel is ReportChannel.EMAIL and who.user_id is None
    ):
        raise InvalidReport(
            "it is kept for download, or mailed to a person who asks", field=["input", "channel"]
        )
    zone = wish.timezone or work.timezone
    times.zone(zone, ["input", "timezone"])
    made = await runs.add(
        work,
        Order(
            name=title if wish.name is None else texts.text(wish.name, ["input", "name"], most=120),
            content=wish.content,
            formats=wish.formats,
            reason=RunReason.ASKED_FOR,
            channel=wish.channel,
            timezone=zone,
            client_id=who.client_id,
            user_id=who.user_id,
            scopes=scopes_of(who),
            location_ids=places_of(who),
        ),
    )
    assert made is not None, "what is asked for has a key of its own"
    work.note("REPORT_ASKED_FOR", made)
    return made
