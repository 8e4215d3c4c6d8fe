"""Setting, copying and deleting goals: whole batches, under one turn of the organisation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from backend.analytics.calendars import BusinessCalendar
from backend.analytics.goals import statements
from backend.analytics.goals.errors import (
    GoalNotFound,
    GoalOutOfReach,
    StaleGoal,
    TooManyGoals,
    UnknownGoalMember,
)
from backend.analytics.goals.events import GoalChanged, place_of
from backend.analytics.goals.periods import Period, read_period
from backend.analytics.goals.rules import (
    MOST_GOALS,
    Goal,
    GoalDimension,
    GoalKey,
    GoalMeasure,
    check_amount,
    check_member,
)
from backend.analytics.goals.service import goal_of
from backend.analytics.planned import business_calendar
from backend.catalogue import service as catalogue
from backend.core.errors import ShelfcastError
from backend.core.ids import new_id
from backend.core.principal import MissingScope
from backend.core.scopes import Scope
from backend.infra.batches import BatchRejected
from backend.infra.upserts import DuplicateRow
from backend.infra.work import Work
from backend.locations import service as locations

_D: Final = GoalDimension


class GoalOrigin(StrEnum):
    """Where an amount comes from."""

    ENTERED = "ENTERED"
    """Somebody entered it."""
    IMPORTED = "IMPORTED"
    """A file said so."""
    COPIED = "COPIED"
    """It was made of an earlier year."""
    DELETED = "DELETED"
    """The goal is gone."""


@dataclass(frozen=True, slots=True)
class GoalDraft:
    """A goal as sent. `version` is the one that was looked at, 0 for none; None takes any."""

    period: str
    dimension: GoalDimension
    member: str | None
    measure: GoalMeasure
    amount: Decimal
    version: int | None = None


@dataclass(slots=True)
class GoalRow:
    """A draft on its way: `goal` as it stands afterwards, unless `error` says why not."""

    path: list[str]
    key: GoalKey | None = None
    period: Period | None = None
    amount: Decimal = Decimal()
    version: int | None = None
    location_id: UUID | None = None
    goal: Goal | None = None
    is_changed: bool = False
    error: ShelfcastError | None = None


@dataclass(frozen=True, slots=True)
class _Named:
    """The members that batches name and that are there."""

    locations: dict[str, UUID] = field(default_factory=dict[str, UUID])
    others: dict[GoalDimension, frozenset[str]] = field(
        default_factory=dict[GoalDimension, frozenset[str]]
    )


async def set_goals(
    work: Work,
    drafts: Sequence[GoalDraft],
    *,
    origin: GoalOrigin = GoalOrigin.ENTERED,
    all_or_nothing: bool = False,
    is_dry_run: bool = False,
) -> list[GoalRow]:
    """Set goals, each unless it changed since it was looked at; what stays the same is no change.

    A dry run does all but write.
    """
    await work.rows(statements.TURN, str(work.principal.org_id))
    calendar = await business_calendar(work)
    named = await _names(work, drafts)
    rows = [
        _read(work, draft, ["input", "goals", str(n)], calendar, named)
        for n, draft in enumerate(drafts)
    ]
    _refuse_twice(rows)
    known = await _known(work, rows, calendar)
    for row, one in zip(rows, known, strict=True):
        _compare(row, one)
    if all_or_nothing and any(row.error for row in rows):
        for row in rows:
            row.error = row.error or BatchRejected(
                "another row was rejected, and the batch was to take effect as a whole",
                field=row.path,
            )
    changed = [row for row in rows if row.is_changed and row.error is None]
    if changed and not is_dry_run:
        await _write(work, changed, known, rows, origin, calendar)
    return rows


async def delete_goals(work: Work, wanted: Sequence[tuple[UUID, int | None]]) -> list[GoalRow]:
    """Delete goals, each unless it changed since the version that was looked at (None: any)."""
    await work.rows(statements.TURN, str(work.principal.org_id))
    calendar = await business_calendar(work)
    found = await work.rows(statements.BY_ID, work.principal.org_id, [id_ for id_, _ in wanted])
    goals = {row["id"]: goal_of(row, calendar) for row in found}
    rows: list[GoalRow] = []
    gone: dict[UUID, Goal] = {}
    for n, (id_, version) in enumerate(wanted):
        row = GoalRow(["input", "goals", str(n)], goal=goals.get(id_), version=version)
        row.error = _why_kept(work, row, id_)
        rows.append(row)
        if row.goal and row.error is None:
            gone[id_] = row.goal
    if gone:
        await work.rows(statements.DELETE, work.principal.org_id, list(gone))
        deleted = [replace(one, version=one.version + 1) for one in gone.values()]
        await _note(work, deleted, GoalOrigin.DELETED)
        work.gather(_event(work, one, is_deleted=True) for one in deleted)
    return rows


def _why_kept(work: Work, row: GoalRow, id_: UUID) -> ShelfcastError | None:
    path = [*row.path, "id"]
    if row.goal is None or _is_secret(work, row.goal.key.measure):
        row.goal = None
        return GoalNotFound("no such goal", field=path, value=str(id_))
    if row.version is not None and row.version != row.goal.version:
        return _stale(row.goal, [*row.path, "version"])
    return None


def _read(
    work: Work, draft: GoalDraft, path: list[str], calendar: BusinessCalendar, named: _Named
) -> GoalRow:
    row = GoalRow(path, version=draft.version)
    try:
        row.period = read_period(draft.period, calendar, [*path, "period"])
        member = check_member(draft.dimension, draft.member, [*path, "member"])
        row.amount = check_amount(draft.amount, draft.measure, [*path, "amount"])
        row.key = GoalKey(draft.period, draft.dimension, member, draft.measure)
        if _is_secret(work, draft.measure):
            raise MissingScope(
                f"this needs the scope {Scope.ANALYTICS_READ.value}",
                field=[*path, "measure"],
                scope=Scope.ANALYTICS_READ.value,
            )
        _check_known(row.key, named, path)
        row.location_id = named.locations.get(member) if draft.dimension is _D.LOCATION else None
        if work.principal.is_limited and (row.location_id is None or work.principal.is_partner):
            raise GoalOutOfReach(
                "this is for those who see the whole organisation", field=[*path, "dimension"]
            )
    except ShelfcastError as error:
        row.error = error
    return row


def _is_secret(work: Work, measure: GoalMeasure) -> bool:
    return measure is GoalMeasure.PROFIT and not work.principal.has(Scope.ANALYTICS_READ)


async def _names(work: Work, drafts: Iterable[GoalDraft]) -> _Named:
    """Look up the members of dimensions that have a list; regions, states and sellers are texts."""
    by: dict[GoalDimension, set[str]] = {one: set() for one in GoalDimension}
    for draft in drafts:
        if draft.member and "\x00" not in draft.member:
            by[draft.dimension].add(draft.member.strip())
    places = await locations.resolve_locations(work, by[_D.LOCATION])
    products = await catalogue.resolve_skus(work, by[_D.PRODUCT])
    distributors = await catalogue.resolve_distributors(work, by[_D.DISTRIBUTOR])
    categories = await work.rows(
        statements.CATEGORIES, work.principal.org_id, sorted(by[_D.CATEGORY])
    )
    return _Named(
        {code: place.id for code, place in places.items()},
        {
            _D.LOCATION: frozenset(places),
            _D.PRODUCT: frozenset(products),
            _D.DISTRIBUTOR: frozenset(distributors),
            _D.CATEGORY: frozenset(row["name"] for row in categories),
        },
    )


def _check_known(key: GoalKey, named: _Named, path: list[str]) -> None:
    known = named.others.get(key.dimension)
    if known is not None and key.member not in known:
        raise UnknownGoalMember(
            f"no {key.dimension.value.lower()} {key.member[:60]!r}",
            field=[*path, "member"],
            value=key.member[:60],
        )


def _refuse_twice(rows: Sequence[GoalRow]) -> None:
    seen: set[GoalKey] = set()
    for row in rows:
        if row.key is None or row.error:
            continue
        if row.key in seen:
            row.error = DuplicateRow(
                f"{row.key.name} stands in it twice", field=row.path, value=row.key.name[:60]
            )
        seen.add(row.key)


async def _known(
    work: Work, rows: Sequence[GoalRow], calendar: BusinessCalendar
) -> list[tuple[Goal | None, int]]:
    """Return what stands at each row's key, and the last version it ever had."""
    keys = [row.key or GoalKey("", _D.ORGANISATION, "", GoalMeasure.NET_SALES) for row in rows]
    found = await work.rows(statements.BY_KEY, work.principal.org_id, *_key_columns(keys))
    return [(goal_of(row, calendar) if row["id"] else None, row["last"] or 0) for row in found]


def _compare(row: GoalRow, known: tuple[Goal | None, int]) -> None:
    goal, _ = known
    if row.error:
        return
    row.goal = goal
    standing = goal.version if goal else 0
    if row.version is not None and row.version != standing:
        row.error = _stale(goal, [*row.path, "version"])
        return
    row.is_changed = goal is None or goal.amount != row.amount


def _stale(goal: Goal | None, path: list[str]) -> StaleGoal:
    if goal is None:
        return StaleGoal("this goal was deleted since", field=path, version=0)
    return StaleGoal(
        f"{goal.updated_by} set it to {goal.amount:f} since",
        field=path,
        version=goal.version,
        amount=f"{goal.amount:f}",
    )


async def _write(
    work: Work,
    changed: Sequence[GoalRow],
    known: Sequence[tuple[Goal | None, int]],
    rows: Sequence[GoalRow],
    origin: GoalOrigin,
    calendar: BusinessCalendar,
) -> None:
    await _check_number(work, sum(row.goal is None for row in changed))
    last = {id(row): one for row, (_, one) in zip(rows, known, strict=True)}
    keys = [row.key for row in changed if row.key]
    periods, dimensions, members, measures = _key_columns(keys)
    written = await work.rows(
        statements.PUT,
        work.principal.org_id,
        [row.goal.id if row.goal else new_id() for row in changed],
        periods,
        [row.period.kind.value for row in changed if row.period],
        dimensions,
        members,
        measures,
        [row.amount for row in changed],
        [row.location_id for row in changed],
        [last[id(row)] + 1 for row in changed],
        work.now,
        _who(work),
    )
    goals = {one.key: one for one in (goal_of(row, calendar) for row in written)}
    for row in changed:
        assert row.key is not None
        row.goal = goals[row.key]
    await _note(work, list(goals.values()), origin)
    work.gather(_event(work, one) for one in goals.values())


async def _check_number(work: Work, new: int) -> None:
    row = await work.row(statements.COUNT, work.principal.org_id) if new else None
    if row and row["goals"] + new > MOST_GOALS:
        raise TooManyGoals(
            f"an organisation has at most {MOST_GOALS} goals", field=["input"], limit=MOST_GOALS
        )


async def _note(work: Work, goals: Sequence[Goal], origin: GoalOrigin) -> None:
    """Keep the versions that goals have now, and tell the audit log."""
    await work.rows(
        statements.NOTE_CHANGES,
        work.principal.org_id,
        *_key_columns([one.key for one in goals]),
        [one.version for one in goals],
        [None if origin is GoalOrigin.DELETED else one.amount for one in goals],
        [one.location_id for one in goals],
        origin.value,
        work.now,
        _who(work),
    )
    action = "GOALS_DELETED" if origin is GoalOrigin.DELETED else "GOALS_SET"
    work.note_all(action, [one.key.name for one in goals])


def _event(work: Work, goal: Goal, *, is_deleted: bool = False) -> GoalChanged:
    return GoalChanged(
        place_of(goal, work.principal.org_id),
        goal,
        work.now,
        latched=None if is_deleted else goal.latched,
        was=goal.latched,
        is_deleted=is_deleted,
    )


def _who(work: Work) -> str:
    return str(work.principal.user_id or work.principal.client_id)


def _key_columns(keys: Sequence[GoalKey]) -> list[list[Any]]:
    return [
        [key.period for key in keys],
        [key.dimension.value for key in keys],
        [key.member for key in keys],
        [key.measure.value for key in keys],
    ]
