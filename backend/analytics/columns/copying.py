"""Keeping a copy of the facts: what is new is appended, months that changed are copied anew."""

import asyncio
import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, Self
from uuid import UUID

from backend.analytics.columns import laying
from backend.analytics.rollups.grains import IS_RETURN
from backend.core.errors import Unreachable
from backend.core.principal import program
from backend.core.settings import BackendSettings
from backend.infra.columns import Columns, ColumnsUnavailable, Session
from backend.infra.database import Database
from backend.infra.tasks import Tasks
from backend.infra.work import Work

log = logging.getLogger(__name__)

LEAST: Final = 200_000
"""Facts from which on an organisation's are copied: PostgreSQL reads fewer at once."""
PAUSE: Final = 0.5
"""Seconds between two looks."""
MOST: Final = 1_000_000
"""Facts copied in one step."""
_PATIENCE: Final = 120.0
_PAUSE_AFTER_FAILURE: Final = 5.0
_PAUSE_WITHOUT_FILE: Final = 60.0
# As in `rollup_facts`: in ten-thousandths. A sale keeps its id: what is in it is counted by it.
COLUMNS: Final = {
    "no": "bigint",
    "sale": "uuid",
    "day": "date",
    "hour": "tinyint",
    **dict.fromkeys(("mix", "location", "place", "area", "customer", "seller"), "integer"),
    **dict.fromkeys(("product", "node", "category", "distributor"), "integer"),
    "band": "tinyint",
    "leads": "smallint",
    **dict.fromkeys(("units", "gross", "discount", "net", "cost"), "bigint"),
    "costs": "tinyint",
}
_STANDINGS: Final = "select * from rollup_standings($1)"
_STATES: Final = """
create table if not exists copies (
    org_id uuid primary key, epoch uuid, facts bigint, rewritten bigint, kept_from date,
    is_costed boolean not null default true, is_even boolean not null default true,
    mixes integer not null default 0, areas integer not null default 0)
"""
_STATE: Final = "select epoch, facts, rewritten, kept_from from copies where org_id = $1"
_REMEMBERED: Final = """
update copies set epoch = $2, facts = $3, rewritten = $4, kept_from = $5 where org_id = $1
"""
_TRAITS: Final = """
select is_costed, is_even, mixes, areas from copies where org_id = $1
"""
_NOTED: Final = f"""
update copies set is_costed = is_costed and fresh.costed, is_even = is_even and fresh.even,
       mixes = greatest(copies.mixes, fresh.mixes), areas = greatest(copies.areas, fresh.areas)
  from (select coalesce(max(mix), 0) as mixes, coalesce(max(area), 0) as areas,
               coalesce(bool_and(costs <> 0), true) as costed,
               coalesce(bool_and(case when leads & {IS_RETURN} <> 0 then gross = 0 and discount = 0
                                 else net = gross - discount end), true) as even
          from {{0}} where {{1}}) fresh
 where org_id = $1
"""
_CURSOR: Final = """
select c.epoch, c.facts, c.rewritten, l.before as kept_from,
       (select sale from rollup_facts where org_id = $1 and no = $2) as sale
  from rollup_cursors c left join sales_let_go l on l.org_id = c.org_id
 where c.org_id = $1 and c.built_before is null and not c.is_off
"""
_NAMES: Final = ", ".join(COLUMNS)
_NEW: Final = f"""
select {_NAMES} from rollup_facts where org_id = $1 and no > $2 and no <= $3 order by no
"""
_MONTHS: Final = """
select month, no from rollup_rewrites where org_id = $1 and no > $2 order by no
"""
_OF_MONTH: Final = f"""
select {_NAMES} from rollup_facts
 where org_id = $1 and day >= $2 and day < $3 and no <= $4 order by no
"""
_READ: Final = f"""
select * from read_csv($1, header = false, auto_detect = false, columns = {COLUMNS!r})
"""


@dataclass(frozen=True, slots=True)
class Copied:
    """How far a copy is.

    It has the facts up to the number `facts` as they were when `rewritten` changes were made to
    facts that were there, numbered as in `epoch`; none of days before `kept_from` that went.
    """

    epoch: UUID
    facts: int
    rewritten: int
    kept_from: date | None = None


@dataclass(frozen=True, slots=True)
class Traits:
    """What is true of all facts of a copy, so that some sums follow from others.

    `is_costed`: the cost of each is known. `is_even`: net is gross less discount of what is sold,
    and nothing of what comes back is gross or discount. `mixes`, `areas`: the largest number.
    """

    is_costed: bool = False
    is_even: bool = False
    mixes: int = 0
    areas: int = 0


NO_TRAITS: Final = Traits()


@dataclass(slots=True)
class Lag:
    """How many facts a copy lacks, of all organisations; not a number while nothing is copied."""

    facts: float = math.nan


def table_of(org_id: UUID) -> str:
    """Return the name of the table that holds an organisation's facts."""
    return f"facts_{org_id.hex}"


def copied(session: Session, org_id: UUID) -> Copied | None:
    """Return how far the copy is that this transaction of the session sees."""
    row = session.execute(_STATE, {"1": str(org_id)}).fetchone()
    return None if row is None else Copied(*row)


def traits(session: Session, org_id: UUID) -> Traits:
    """Return what is true of all facts that are copied; there is a copy."""
    row = session.execute(_TRAITS, {"1": str(org_id)}).fetchone()
    return Traits(*row) if row else NO_TRAITS


class Copying:
    """Opens the copy of a process, if it may take memory, and has it follow all who sell much."""

    def __init__(self, database: Database, settings: BackendSettings) -> None:
        self._database = database
        self._columns = Columns(settings.data_dir / "columns", memory=settings.columns_memory)
        self._tasks = Tasks()
        self.lag = Lag()

    async def __aenter__(self) -> Self:
        if self._columns.memory:
            self._database.columns = await self._columns.__aenter__()
            self._tasks.start(self._follow(), "columns")
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._database.columns = None
        await self._tasks.close()
        await self._columns.__aexit__(*exc)

    async def _follow(self) -> None:
        while True:
            pause = PAUSE
            try:
                await follow_all(self._database, self._columns, lag=self.lag)
            except Unreachable as exc:
                log.warning("the copy as columns waits for the database: %s", exc)
                pause = _PAUSE_AFTER_FAILURE
            except ColumnsUnavailable as exc:
                log.warning("facts are not copied as columns: %s", exc)
                pause = _PAUSE_WITHOUT_FILE
            except Exception:
                log.exception("could not copy facts as columns")
                pause = _PAUSE_WITHOUT_FILE
            await asyncio.sleep(pause)


async def follow_all(
    database: Database, columns: Columns, *, least: int = LEAST, lag: Lag | None = None
) -> None:
    """Copy what each organisation with so many facts has and the copy does not; tell the lag.

    Raises:
        Unreachable: PostgreSQL does not answer.
        ColumnsUnavailable: the copy cannot be written.
    """
    async with database.auth() as connection:
        standings = await connection.fetch(_STANDINGS, least)
    if not standings and not columns.is_used:
        return
    await columns.write(_begin_all, seconds=_PATIENCE)
    lag = lag or Lag()
    for row in standings:
        org_id: UUID = row["org_id"]
        there = Copied(row["epoch"], row["facts"], row["rewritten"], row["kept_from"])
        if there != await _state(columns, org_id):
            await _follow(database, columns, org_id, lag)
    await _forget_others(columns, [row["org_id"] for row in standings])
    lag.facts = 0


async def _state(columns: Columns, org_id: UUID) -> Copied | None:
    return await columns.write(lambda session: copied(session, org_id), seconds=_PATIENCE)


async def _follow(database: Database, columns: Columns, org_id: UUID, lag: Lag) -> None:
    """Copy all that is there, as one moment of PostgreSQL sees it.

    Months that changed first: what is appended then is as it was at that moment, too.
    """
    state = await _state(columns, org_id)
    async with database.work(program(org_id, "columns"), read_only=True) as work:
        row = await work.row(_CURSOR, org_id, state.facts if state else 0)
        if row is None:
            return
        sale = row.pop("sale")
        there = Copied(**row)
        if state is None or not await _is_continued(columns, org_id, state, there, sale):
            state = begun = Copied(there.epoch, 0, there.rewritten)
            await columns.write(lambda session: _begin(session, org_id, begun), seconds=_PATIENCE)
        for month in await work.rows(_MONTHS, org_id, state.rewritten):
            state = await _copy_month(work, columns, state, month)
        while state.facts < there.facts:
            lag.facts = there.facts - state.facts
            state = await _append(work, columns, state, min(there.facts, state.facts + MOST))
        await _lay(work, columns)
    state = replace(state, rewritten=there.rewritten, kept_from=there.kept_from)
    await columns.write(lambda session: _end(session, org_id, state), seconds=_PATIENCE)


async def _is_continued(
    columns: Columns, org_id: UUID, state: Copied, there: Copied, sale: UUID | None
) -> bool:
    """Tell whether the facts there are those copied and more: no others, as after a restore."""
    last = await columns.read(lambda session: _last_sale(session, org_id, state), seconds=_PATIENCE)
    is_same = state.epoch == there.epoch and state.facts <= there.facts
    return is_same and state.rewritten <= there.rewritten and (sale == last or not state.facts)


def _last_sale(session: Session, org_id: UUID, state: Copied) -> UUID | None:
    of_last = f"select sale from {table_of(org_id)} where no = $1"
    row = session.execute(of_last, {"1": state.facts}).fetchone()
    return row[0] if row else None


def _begin_all(session: Session) -> None:
    session.execute(_STATES)
    session.execute(laying.TABLE)


def _begin(session: Session, org_id: UUID, state: Copied) -> None:
    columns = ", ".join(f"{name} {kind} not null" for name, kind in COLUMNS.items())
    session.execute(f"create or replace table {table_of(org_id)} ({columns})")
    session.execute("insert or replace into copies (org_id) values ($1)", {"1": str(org_id)})
    session.execute("delete from loose where org_id = $1", {"1": str(org_id)})
    _remember(session, org_id, state)


def _remember(session: Session, org_id: UUID, state: Copied) -> None:
    session.execute(
        _REMEMBERED,
        {
            "1": str(org_id),
            "2": str(state.epoch),
            "3": state.facts,
            "4": state.rewritten,
            "5": state.kept_from,
        },
    )


def _note(session: Session, org_id: UUID, among: str, values: Mapping[str, object]) -> None:
    """Note that facts came, and what is no longer true of all by them."""
    noted = _NOTED.format(table_of(org_id), among)
    session.execute(noted, {"1": str(org_id), **values})
    laying.came(session, org_id, table_of(org_id), among, values)


async def _append(work: Work, columns: Columns, state: Copied, upto: int) -> Copied:
    org_id, after = work.principal.org_id, replace(state, facts=upto)

    def change(session: Session, path: Path) -> None:
        session.execute(f"insert into {table_of(org_id)} {_READ}", {"1": str(path)})
        _note(session, org_id, "no > $2", {"2": state.facts})
        _remember(session, org_id, after)

    await _copy(work, columns, change, _NEW, state.facts, upto)
    return after


async def _copy_month(
    work: Work, columns: Columns, state: Copied, changed: dict[str, Any]
) -> Copied:
    org_id, after = work.principal.org_id, replace(state, rewritten=changed["no"])
    first: date = changed["month"]
    until = (first + timedelta(days=31)).replace(day=1)

    def change(session: Session, path: Path) -> None:
        session.execute(
            f"delete from {table_of(org_id)} where day >= $1 and day < $2", {"1": first, "2": until}
        )
        laying.gone(session, org_id, first, until)
        session.execute(f"insert into {table_of(org_id)} {_READ}", {"1": str(path)})
        _note(session, org_id, "day >= $2 and day < $3", {"2": first, "3": until})
        _remember(session, org_id, after)

    await _copy(work, columns, change, _OF_MONTH, first, until, state.facts)
    return after


async def _lay(work: Work, columns: Columns) -> None:
    """Write the facts of days anew of which many lie as they came."""
    org_id = work.principal.org_id
    table = table_of(org_id)
    untidy = await columns.write(
        lambda session: laying.untidy(session, org_id, table), seconds=_PATIENCE
    )
    if not untidy:
        return
    ranks = await work.row(laying.RANKS, org_id) or {}
    for days in untidy:

        def change(session: Session, days: tuple[date, date] = days) -> None:
            laying.lay(session, org_id, table, days, ranks)

        await columns.write(change, seconds=_PATIENCE)


async def _copy(
    work: Work,
    columns: Columns,
    change: Callable[[Session, Path], None],
    rows: str,
    *values: object,
) -> None:
    """Change the copy by rows that PostgreSQL sends, in a file between them."""
    path = columns.folder / f"{columns.slot}.csv"
    try:
        async with work.tx.acquire_connection() as connection:
            await connection.copy_from_query(
                rows, work.principal.org_id, *values, output=str(path), format="csv"
            )
        await columns.write(lambda session: change(session, path), seconds=_PATIENCE)
    finally:
        path.unlink(missing_ok=True)


def _end(session: Session, org_id: UUID, state: Copied) -> None:
    if state.kept_from is not None:
        session.execute(f"delete from {table_of(org_id)} where day < $1", {"1": state.kept_from})
        laying.gone(session, org_id, date.min, state.kept_from.replace(day=1))
    _remember(session, org_id, state)


async def _forget_others(columns: Columns, known: list[UUID]) -> None:
    """Delete the copies of organisations that are closed, or have few facts again."""

    def forget(session: Session) -> None:
        for (org_id,) in session.execute("select org_id from copies").fetchall():
            if org_id not in known:
                session.execute(f"drop table {table_of(org_id)}")
                session.execute("delete from copies where org_id = $1", {"1": str(org_id)})
                session.execute("delete from loose where org_id = $1", {"1": str(org_id)})

    await columns.write(forget, seconds=_PATIENCE)
