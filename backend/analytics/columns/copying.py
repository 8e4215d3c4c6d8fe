"""Keeping a copy of the facts: what is new is appended, months that changed are copied anew."""

import asyncio
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Final, Self
from uuid import UUID

from backend.analytics.columns import copies, laying
from backend.analytics.columns.copies import Copied, table_of
from backend.core.errors import Unreachable
from backend.core.months import next_month
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
select facts.*, regions[area + 1], segments[mix + 1], channels[mix + 1]
  from read_csv($1, header = false, auto_detect = false, columns = {COLUMNS!r}) facts, copies
 where copies.org_id = $2
"""


@dataclass(slots=True)
class Lag:
    """How many facts a copy lacks, of all organisations; not a number while nothing is copied."""

    facts: float = math.nan


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
    await columns.write(copies.begin_all, seconds=_PATIENCE)
    lag = lag or Lag()
    for row in standings:
        org_id: UUID = row["org_id"]
        there = Copied(row["epoch"], row["facts"], row["rewritten"], row["kept_from"])
        if there != await _state(columns, org_id):
            await _follow(database, columns, org_id, lag)
    await _forget_others(columns, [row["org_id"] for row in standings])
    lag.facts = 0


async def _state(columns: Columns, org_id: UUID) -> Copied | None:
    return await columns.write(lambda session: copies.copied(session, org_id), seconds=_PATIENCE)


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
        stretches = laying.Stretches(**(await work.row(laying.STRETCHES, org_id) or {}))
        await columns.write(
            lambda session: copies.know(session, org_id, stretches), seconds=_PATIENCE
        )
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


def _begin(session: Session, org_id: UUID, state: Copied) -> None:
    kinds = COLUMNS | dict.fromkeys(laying.COLUMNS, "integer")
    columns = ", ".join(f"{name} {kind} not null" for name, kind in kinds.items())
    session.execute(f"create or replace table {table_of(org_id)} ({columns})")
    copies.begin(session, org_id)
    copies.remember(session, org_id, state)


def _insert(session: Session, org_id: UUID, path: Path) -> None:
    values = {"1": str(path), "2": str(org_id)}
    session.execute(f"insert into {table_of(org_id)} {_READ}", values)


async def _append(work: Work, columns: Columns, state: Copied, upto: int) -> Copied:
    org_id, after = work.principal.org_id, replace(state, facts=upto)

    def change(session: Session, path: Path) -> None:
        _insert(session, org_id, path)
        copies.note(session, org_id, "no > $2", {"2": state.facts})
        copies.remember(session, org_id, after)

    await _copy(work, columns, change, _NEW, state.facts, upto)
    return after


async def _copy_month(
    work: Work, columns: Columns, state: Copied, changed: dict[str, Any]
) -> Copied:
    org_id, after = work.principal.org_id, replace(state, rewritten=changed["no"])
    first: date = changed["month"]
    until = next_month(first)

    def change(session: Session, path: Path) -> None:
        session.execute(
            f"delete from {table_of(org_id)} where day >= $1 and day < $2", {"1": first, "2": until}
        )
        laying.gone(session, org_id, first, until)
        _insert(session, org_id, path)
        copies.note(session, org_id, "day >= $2 and day < $3", {"2": first, "3": until})
        copies.remember(session, org_id, after)

    await _copy(work, columns, change, _OF_MONTH, first, until, state.facts)
    return after


async def _lay(work: Work, columns: Columns) -> None:
    """Write months anew of which many facts lie as they came."""
    org_id = work.principal.org_id
    table = table_of(org_id)
    untidy = await columns.write(
        lambda session: laying.untidy(session, org_id, table), seconds=_PATIENCE
    )
    for days in untidy:
        change = partial(laying.lay, org_id=org_id, table=table, days=days)
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
    copies.remember(session, org_id, state)


async def _forget_others(columns: Columns, known: list[UUID]) -> None:
    """Delete the copies of organisations that are closed, or have few facts again."""

    def forget_all(session: Session) -> None:
        for (org_id,) in session.execute("select org_id from copies").fetchall():
            if org_id not in known:
                copies.forget(session, org_id)

    await columns.write(forget_all, seconds=_PATIENCE)
