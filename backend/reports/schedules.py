"""Schedules: what comes by itself, to whom, and when; and the look at what is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from backend.analytics.calendars import BusinessCalendar
from backend.analytics.planned import business_calendar
from backend.core import texts, times
from backend.core.ids import new_id
from backend.core.principal import Principal
from backend.core.scopes import Scope
from backend.identity import readers
from backend.infra.api.relay import Ordering, Page, fetch_page
from backend.infra.secret_key import encrypt
from backend.infra.work import Work
from backend.reports import runs, statements
from backend.reports.contents.catalogue import kind_of
from backend.reports.contents.kind import Content
from backend.reports.criteria import check_size, content_json, content_of
from backend.reports.delivering import webhook
from backend.reports.errors import InvalidReport, ReportNotFound, TooManyReports
from backend.reports.models import ReportSchedule
from backend.reports.rules import Frequency, ReportChannel, ReportFormat, Rhythm, RunReason
from backend.reports.runs import Order

MOST_SCHEDULES: Final = 200
MOST_RECIPIENTS: Final = 50
MOST_DUE: Final = 200
"""Due recipients of one organisation that one look takes."""
_PATH: Final = ("input", "recipients")


class ReportScheduleOrder(StrEnum):
    """By what schedules are sorted."""

    NAME = "NAME"
    """By name."""
    CREATED_AT = "CREATED_AT"
    """By when they were made."""


_ORDERS: Final = {
    ReportScheduleOrder.NAME: (("name", "id"), (str, UUID)),
    ReportScheduleOrder.CREATED_AT: (("created_at", "id"), (datetime, UUID)),
}


@dataclass(frozen=True, slots=True)
class Recipient:
    """A reader by e-mail address (None: who makes the schedule), or a webhook.

    `timezone` None: the organisation's.
    """

    channel: ReportChannel
    email: str | None = None
    url: str | None = None
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A schedule as it is to be."""

    name: str
    content: Content
    formats: tuple[ReportFormat, ...]
    rhythm: Rhythm
    recipients: tuple[Recipient, ...]
    resends_restated: bool = False
    is_paused: bool = False


@dataclass(frozen=True, slots=True)
class ScheduleCriteria:
    """Which schedules; None does not limit. `text` is part of the name."""

    ids: tuple[UUID, ...] | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A schedule that was kept, and the secrets of its new webhooks by address: told only now."""

    schedule_id: UUID
    secrets: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Reader:
    """A recipient, checked."""

    channel: ReportChannel
    user_id: UUID | None
    url: str | None
    timezone: str


async def create(work: Work, plan: Plan, private_hosts: Sequence[str]) -> Kept:
    """Keep a new schedule.

    Raises:
        InvalidReport: a part of it cannot be.
        TooManyReports: there are as many as an organisation may have.
        MissingScope: it is about what who makes it may not know.
    """
    await _check(work, plan)
    known = await work.row(statements.COUNT_SCHEDULES, work.principal.org_id)
    if known is not None and known["known"] >= MOST_SCHEDULES:
        raise TooManyReports(
            f"at most {MOST_SCHEDULES} schedules", field=["input"], limit=MOST_SCHEDULES
        )
    schedule_id = new_id()
    await work.rows(statements.ADD_SCHEDULE, *_values(work, plan, schedule_id))
    secrets = await _put_recipients(work, schedule_id, plan, private_hosts)
    work.note("REPORT_SCHEDULED", schedule_id, frequency=plan.rhythm.frequency.value)
    return Kept(schedule_id, secrets)


async def update(work: Work, schedule_id: UUID, plan: Plan, private_hosts: Sequence[str]) -> Kept:
    """Put a plan in the place of a schedule's; it is then who changes it who made it.

    Raises:
        ReportNotFound: there is none of that id that is theirs.
        InvalidReport, TooManyReports, MissingScope: like `create`.
    """
    await _locked(work, schedule_id)
    await _check(work, plan)
    await work.rows(statements.UPDATE_SCHEDULE, *_values(work, plan, schedule_id))
    secrets = await _put_recipients(work, schedule_id, plan, private_hosts)
    work.note("REPORT_SCHEDULE_CHANGED", schedule_id)
    return Kept(schedule_id, secrets)


async def delete(work: Work, schedule_id: UUID) -> None:
    """End a schedule; its runs stay.

    Raises:
        ReportNotFound: there is none of that id that is theirs.
    """
    await _locked(work, schedule_id)
    await work.rows(statements.DELETE_RECIPIENTS, work.principal.org_id, schedule_id, [])
    await work.rows(statements.DELETE_SCHEDULE, work.principal.org_id, schedule_id)
    work.note("REPORT_SCHEDULE_DELETED", schedule_id)


async def send_now(work: Work, schedule_id: UUID, *, is_sample: bool) -> list[UUID]:
    """Order a schedule's report now: a sample to who asks alone, else to every recipient.

    Raises:
        ReportNotFound: there is none of that id that is theirs.
        TooManyReports: too many wait already.
    """
    row = await _locked(work, schedule_id)
    stored = await work.rows(statements.SCHEDULES, work.principal.org_id, [row["id"]])
    recipients = await work.rows(statements.RECIPIENTS, work.principal.org_id, [row["id"]])
    calendar = await business_calendar(work)
    rows = [_due_row(stored[0], one) for one in recipients]
    await _note_places(work, rows)
    orders = (
        [_sample(work, stored[0], calendar)]
        if is_sample
        else [_order(work, one, calendar, None) for one in rows]
    )
    made = [await runs.add(work, order) for order in orders]
    work.note("REPORT_SAMPLED" if is_sample else "REPORT_ASKED_FOR", schedule_id)
    return [one for one in made if one is not None]


async def order_due(work: Work) -> int:
    """Order what is due of an organisation and note when each is due next; return how many.

    Of several moments missed, as after a night without a worker, the last counts.
    """
    calendar = await business_calendar(work)
    rows = await work.rows(statements.DUE, work.principal.org_id, work.now, MOST_DUE)
    await _note_places(work, rows)
    for row in rows:
        await runs.add(work, _order(work, row, calendar, _last_missed(work, row, calendar)))
        following = _rhythm(row).next_due(work.now, row["timezone"], calendar)
        key = (row["schedule_id"], row["recipient_id"])
        await work.rows(statements.NEXT_DUE, work.principal.org_id, *key, following)
    return len(rows)


async def list_schedules(
    work: Work,
    criteria: ScheduleCriteria,
    order: ReportScheduleOrder,
    *,
    descending: bool,
    first: int,
    after: str | None,
) -> Page[ReportSchedule]:
    """Return a page of the principal's schedules; who may do everything sees all.

    Raises:
        TooMuch: `first` is too large.
        InvalidCursor: `after` is not a cursor of this list.
    """
    who, query = work.principal, ReportSchedule.all()
    if not who.has(Scope.ADMIN):
        own = {"user_id": who.user_id} if who.user_id else {"client_id": who.client_id}
        query = query.filter(**own)
    if criteria.ids is not None:
        query = query.filter(id__in=list(criteria.ids))
    if criteria.text is not None:
        query = query.filter(name__icontains=criteria.text)
    columns, types = _ORDERS[order]
    ordering = Ordering(f"report-schedules-{order}", columns, types, descending)
    return await fetch_page(work, query, ordering, first, after)


async def recipients_of(work: Work, schedule_ids: list[UUID]) -> list[list[dict[str, Any]]]:
    """Return the recipients of schedules, without what is secret of them, names of people with."""
    rows = await work.rows(statements.RECIPIENTS, work.principal.org_id, schedule_ids)
    ids = {row["user_id"] for row in rows if row["user_id"] is not None}
    people = await readers.people(work, ids)
    for row in rows:
        del row["sealed_secret"]
        row["reader"] = people.get(row["user_id"])
    return [[row for row in rows if row["schedule_id"] == one] for one in schedule_ids]


async def _check(work: Work, plan: Plan) -> None:
    texts.text(plan.name, ["input", "name"], most=120)
    if not plan.formats:
        raise InvalidReport("choose at least one format", field=["input", "formats"])
    if not 1 <= plan.rhythm.day <= (7 if plan.rhythm.frequency is Frequency.WEEKLY else 28):
        raise InvalidReport(
            "day is 1 to 7 of a week, 1 to 28 of a longer period", field=["input", "day"],
            value=plan.rhythm.day,
        )  # fmt: skip
    if not 1 <= len(plan.recipients) <= MOST_RECIPIENTS:
        raise InvalidReport(
            f"a report has 1 to {MOST_RECIPIENTS} recipients", field=list(_PATH),
            value=len(plan.recipients),
        )  # fmt: skip
    check_size(plan.content)
    await kind_of(plan.content.kind).check(work, plan.content)


async def _put_recipients(
    work: Work, schedule_id: UUID, plan: Plan, private_hosts: Sequence[str]
) -> dict[str, str]:
    """Keep the recipients; those that stay keep their ids and secrets."""
    org_id = work.principal.org_id
    wanted = await _readers(work, plan, private_hosts)
    rows = await work.rows(statements.RECIPIENTS, org_id, [schedule_id])
    known = {(row["channel"], row["user_id"], row["url"]): row for row in rows}
    calendar, secrets, kept = await business_calendar(work), dict[str, str](), []
    for one in dict.fromkeys(wanted):
        row = known.get((one.channel.value, one.user_id, one.url))
        recipient_id = row["id"] if row else new_id()
        sealed = bytes(row["sealed_secret"]) if row and row["sealed_secret"] else None
        if one.url is not None and sealed is None:
            secrets[one.url] = webhook.new_secret()
            key = work.derived_key(webhook.SECRETS)
            sealed = encrypt(key, secrets[one.url].encode(), recipient_id.bytes)
        due = plan.rhythm.next_due(work.now, one.timezone, calendar)
        await work.rows(
            statements.PUT_RECIPIENT, org_id, schedule_id, recipient_id, one.channel.value,
            one.user_id, one.url, sealed, one.timezone, due,
        )  # fmt: skip
        kept.append(recipient_id)
    await work.rows(statements.DELETE_RECIPIENTS, org_id, schedule_id, kept)
    return secrets


async def _readers(work: Work, plan: Plan, private_hosts: Sequence[str]) -> list[_Reader]:
    who, found = work.principal, list[_Reader]()
    emails = [_address(one.email) for one in plan.recipients if one.email is not None]
    people = await readers.people_by_email(work, emails)
    for n, one in enumerate(plan.recipients):
        path = [*_PATH, str(n)]
        zone = one.timezone or work.timezone
        times.zone(zone, [*path, "timezone"])
        if one.channel is ReportChannel.WEBHOOK:
            url = webhook.check_address(one.url or "", private_hosts, [*path, "url"])
            found.append(_Reader(one.channel, None, url, zone))
            continue
        if one.email is None:
            _check_self(who, one.channel, path)
            found.append(_Reader(one.channel, who.user_id, None, zone))
            continue
        reader = people.get(_address(one.email))
        if reader is None or not reader.principal.has(Scope.REPORTS_READ):
            raise InvalidReport(
                "nobody who may read reports has that address", field=[*path, "email"],
                value=one.email[:60],
            )  # fmt: skip
        if reader.user_id != who.user_id and who.is_limited:
            raise InvalidReport(
                "who is limited to a part sends reports to nobody else", field=[*path, "email"]
            )
        found.append(_Reader(one.channel, reader.user_id, None, zone))
    return found


def _address(email: str) -> str:
    """Return an e-mail address as it is stored; nothing for what cannot be one."""
    return email.strip().lower() if texts.is_storable(email) else ""


def _check_self(who: Principal, channel: ReportChannel, path: list[str]) -> None:
    if channel is ReportChannel.EMAIL and who.user_id is None:
        raise InvalidReport("name whose e-mail address it is", field=[*path, "email"])


async def _locked(work: Work, schedule_id: UUID) -> dict[str, Any]:
    row = await work.row(statements.LOCK_SCHEDULE, work.principal.org_id, schedule_id)
    if row is None or not runs.is_reader(work.principal, row):
        raise ReportNotFound("no such schedule", field=["input", "id"], value=str(schedule_id))
    return row


def _rhythm(row: dict[str, Any]) -> Rhythm:
    return Rhythm(Frequency(row["frequency"]), time.fromisoformat(row["due_time"]), row["due_day"])


def _last_missed(work: Work, row: dict[str, Any], calendar: BusinessCalendar) -> datetime:
    """Return the last moment at which it was due and that has come."""
    rhythm, due = _rhythm(row), row["next_due_at"]
    while (following := rhythm.next_due(due, row["timezone"], calendar)) <= work.now:
        due = following
    return due


def _due_row(schedule: dict[str, Any], recipient: dict[str, Any]) -> dict[str, Any]:
    """Return a schedule and one of its recipients as the look at what is due has them."""
    given = {"recipient_id": recipient["id"], "maker_id": schedule["user_id"]}
    chosen = ("schedule_id", "channel", "user_id", "timezone")
    return {**schedule, **given, **{name: recipient[name] for name in chosen}}


def _order(
    work: Work, row: dict[str, Any], calendar: BusinessCalendar, due_at: datetime | None
) -> Order:
    """Return the order of a recipient's report; `due_at` None: somebody asked for it now."""
    moment = due_at or work.now
    local_day = moment.astimezone(ZoneInfo(row["timezone"])).date()
    first, last = _rhythm(row).period(local_day, calendar)
    # A person sees what they may; a webhook, or a program, what the schedule's maker may.
    is_person = row["user_id"] is not None
    is_maker = not is_person or row["user_id"] == row["maker_id"]
    due = None if due_at is None else f"{row['recipient_id']}:{due_at.isoformat()}"
    return Order(
        name=row["name"],
        content=content_of(row["content"]),
        formats=tuple(map(ReportFormat, row["formats"])),
        reason=RunReason.ASKED_FOR if due_at is None else RunReason.SCHEDULED,
        channel=ReportChannel(row["channel"]),
        timezone=row["timezone"],
        client_id=row["client_id"],
        user_id=row["user_id"] if is_person else row["maker_id"],
        scopes=tuple(row["scopes"]) if is_maker else None,
        location_ids=row["places"],
        effect_key=due,
        schedule_id=row["schedule_id"],
        recipient_id=row["recipient_id"],
        first=first,
        last=last,
        due_at=due_at,
    )


def _sample(work: Work, schedule: dict[str, Any], calendar: BusinessCalendar) -> Order:
    """Return the order of a sample for who asks: by mail where they have one, else to download."""
    who = work.principal
    local_day = work.now.astimezone(ZoneInfo(work.timezone)).date()
    first, last = _rhythm(schedule).period(local_day, calendar)
    return Order(
        name=schedule["name"],
        content=content_of(schedule["content"]),
        formats=tuple(map(ReportFormat, schedule["formats"])),
        reason=RunReason.SAMPLE,
        channel=ReportChannel.DOWNLOAD if who.user_id is None else ReportChannel.EMAIL,
        timezone=work.timezone,
        client_id=who.client_id,
        user_id=who.user_id,
        scopes=scopes_of(who),
        location_ids=places_of(who),
        schedule_id=schedule["id"],
        first=first,
        last=last,
    )


def scopes_of(who: Principal) -> tuple[str, ...]:
    """Return what a principal may do, as it is stored with what it asks for."""
    return tuple(sorted(one.value for one in who.scopes))


def places_of(who: Principal) -> tuple[UUID, ...] | None:
    """Return the locations a principal is limited to, None for none."""
    return None if who.locations is None else tuple(sorted(who.locations))


def _values(work: Work, plan: Plan, schedule_id: UUID) -> Sequence[object]:
    who, places = work.principal, places_of(work.principal)
    return (
        who.org_id,
        schedule_id,
        plan.name.strip(),
        msgspec.json.encode(content_json(plan.content)).decode(),
        [one.value for one in plan.formats],
        plan.rhythm.frequency.value,
        f"{plan.rhythm.at:%H:%M}",
        plan.rhythm.day,
        plan.resends_restated,
        plan.is_paused,
        who.user_id,
        who.client_id,
        list(scopes_of(who)),
        None if places is None else list(places),
        work.now,
    )


async def _note_places(work: Work, rows: Sequence[dict[str, Any]]) -> None:
    """Note with each recipient the places its reader is limited to: they see their own runs."""
    people = await readers.people(work, {row["user_id"] for row in rows if row["user_id"]})
    for row in rows:
        person = people.get(row["user_id"])
        own = None if row["location_ids"] is None else tuple(row["location_ids"])
        row["places"] = own if person is None else places_of(person.principal)
