"""The verb of imports: a file becomes sales, each once, however often it is imported."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import polars as pl

from backend.core.principal import Principal
from backend.imports import naming, openings, orders, preparing, statements, writing
from backend.imports.errors import InvalidMapping, SalesLetGo
from backend.imports.mapping import read_mapping
from backend.imports.numbers import FORMATS, best_formats
from backend.imports.orders import Unit, lines_of, mismatched
from backend.imports.preparing import Claimed, Frames, Names
from backend.imports.profiles import Profile, recognise
from backend.imports.reading import Source, open_source
from backend.imports.rejects import Rejects
from backend.imports.rules import Accepted, Opening, Options, Reason, Tally
from backend.imports.staging import Staged, stage, staging_folder
from backend.imports.survey import Survey, survey
from backend.imports.writing import Written
from backend.infra.database import Database
from backend.infra.work import Work
from backend.locations.rules import LocationRef
from backend.sales import months, retention

LINES_AT_ONCE: Final = 40_000
MANY_LINES: Final = 5_000
WRITERS: Final = 2
"""Units on their way to the database at once; they commit in the order of the file."""
Progress = Callable[[str, int, int], None]
"""Hears what is being done, and how many rows of how many (0: not known yet)."""


class ImportRun:
    """One import of one file. It opens its own units of work: a file is too large for one."""

    def __init__(
        self, database: Database, principal: Principal, options: Options, progress: Progress
    ) -> None:
        self._database = database
        self._principal = principal
        self._options = options
        self._progress = progress
        self._done = 0
        self._kept_from: date | None = None
        self.tally = Tally()

    async def run(self, file: Path, mapping: Path | None, rejects: Path | None) -> Tally:
        """Import a file; `rejects` gets the rows set aside.

        Raises:
            UnreadableFile, UnknownColumns, InvalidMapping, UnknownLocation, MissingRate: before
            anything is written.
        """
        started = time.perf_counter()
        with staging_folder() as folder, Rejects(rejects) as aside:
            source = await asyncio.to_thread(open_source, file, folder)
            profile = _profile(source, mapping)
            at = await self._places(source, profile)
            profile, notes = _at_home(profile, source, self._options)
            self.tally.notes += notes
            staged = await asyncio.to_thread(self._stage, source, profile, at, folder)
            found = await asyncio.to_thread(survey, staged, profile)
            self._note(source, profile, staged, found)
            await self._write(profile, staged, found, at, aside)
        self._settle(aside)
        self.tally.seconds = time.perf_counter() - started
        return self.tally

    async def _places(self, source: Source, profile: Profile) -> dict[str, LocationRef]:
        column = profile.columns.get("location")
        named = source.distinct(column) if column else []
        renamed = profile.values.get("location", {})
        codes = [renamed.get(code, code) for code in named]
        async with self._work() as work:
            self._kept_from = await retention.recordable_from(work)
            return await naming.places(work, profile, self._options, codes)

    def _stage(
        self, source: Source, profile: Profile, at: dict[str, LocationRef], folder: Path
    ) -> Staged:
        zones = {code: place.timezone for code, place in at.items()}
        done = 0

        def report(rows: int) -> None:
            nonlocal done
            done += rows
            self._progress("reading", done, 0)

        accepted = Accepted(datetime.now(UTC), self._kept_from)
        return stage(source, profile, zones, accepted, folder, report)

    def _note(self, source: Source, profile: Profile, staged: Staged, found: Survey) -> None:
        tally = self.tally
        tally.profile, tally.encoding, tally.rows = profile.name, source.encoding, staged.rows
        tally.products, tally.customers = found.products.height, found.customers.height
        if found.ambiguous_skus:
            tally.notes.append(
                f"{found.ambiguous_skus} SKUs have several names: each keeps the one most lines use"
            )

    async def _write(
        self,
        profile: Profile,
        staged: Staged,
        found: Survey,
        at: dict[str, LocationRef],
        aside: Rejects,
    ) -> None:
        async with self._work() as work:
            currency, rate, note = await naming.currency(work, profile, self._options)
        async with self._work() as work:
            names = await naming.names(work, profile, self._options, found, at, (currency, rate))
        if note:
            self.tally.notes.append(note)
        first_at = found.first_at or datetime.now(UTC)
        await self._open(staged, found, names, first_at)
        if not self._options.dry_run:
            await months.provide(self._database, self._principal, found.months)
        slots, before = asyncio.Semaphore(WRITERS), asyncio.Event()
        before.set()
        try:
            async with asyncio.TaskGroup() as tasks:
                async for claimed in self._prepared(staged, found, names):
                    await slots.acquire()
                    done = asyncio.Event()
                    one = self._write_one(claimed, names, first_at, aside, (before, done))
                    tasks.create_task(one).add_done_callback(lambda _: slots.release())
                    before = done
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed
        if self.tally.lines >= MANY_LINES:
            async with self._work() as work:
                await work.rows(statements.ANALYSE)

    async def _open(self, staged: Staged, found: Survey, names: Names, first_at: datetime) -> None:
        """Post the opening stock of the orders that are not imported yet."""
        if self._options.opening is Opening.NONE:
            return
        async with self._work() as work:
            known = await naming.imported(work, names, found.orders)
        without = pl.concat([known, found.spoiled["order"]])
        lowest = await asyncio.to_thread(openings.lowest, staged.read(), without)
        async with self._work() as work:
            await writing.open_levels(work, names, lowest, first_at)

    async def _write_one(
        self,
        claimed: Claimed,
        names: Names,
        first_at: datetime,
        aside: Rejects,
        turn: tuple[asyncio.Event, asyncio.Event],
    ) -> None:
        """Write a unit.

        Of `turn` the first tells that the unit before it is written, the second is for the next.
        """
        before, done = turn
        unit = claimed.unit
        if claimed.claims:
            async with self._work() as work:
                await self._check_kept(work, first_at)
                written = await writing.write(work, claimed, names, first_at, before)
            aside.add(self._count(unit, written))
        await before.wait()
        done.set()
        aside.add(unit.rejects)
        self.tally.repeated_rows += unit.repeated
        self._done += unit.rows
        self._progress("writing", self._done, self.tally.rows)

    async def _check_kept(self, work: Work, first_at: datetime) -> None:
        """Stop where sales of the file's days were let go since it was read.

        Raises:
            SalesLetGo: they were.
        """
        kept_from = await retention.hold(work, [first_at])
        if kept_from is not None and kept_from != self._kept_from:
            raise SalesLetGo(
                f"meanwhile sales before {kept_from} were let go: import the file again",
                keptFrom=kept_from.isoformat(),
            )

    def _count(self, unit: Unit, written: Written) -> pl.DataFrame:
        """Add up what a unit did.

        Return the lines of orders that were imported before with other lines.
        """
        for name, count in written.counts.items():
            setattr(self.tally, name, getattr(self.tally, name) + count)
        self.tally.duplicates += len(written.duplicates)
        self.tally.duplicate_rows += lines_of(unit, written.duplicates).height
        return mismatched(lines_of(unit, written.mismatches))

    async def _prepared(
        self, staged: Staged, found: Survey, names: Names
    ) -> AsyncGenerator[Claimed]:
        """Prepare units on a thread, the next one while the last is written."""
        frames = Frames.of(names)
        source = orders.units(
            staged, found, LINES_AT_ONCE, drop_repeated=self._options.drop_repeated
        )

        def following() -> Claimed | None:
            unit = next(source, None)
            return None if unit is None else preparing.prepare(unit, names, frames)

        ahead = asyncio.create_task(asyncio.to_thread(following))
        try:
            while (claimed := await ahead) is not None:
                ahead = asyncio.create_task(asyncio.to_thread(following))
                yield claimed
        finally:
            await asyncio.wait([ahead])  # a thread cannot be cancelled

    def _settle(self, aside: Rejects) -> None:
        counts = dict(sorted(aside.counts.items()))
        self.tally.reasons = counts
        self.tally.set_aside = counts.get(Reason.NOT_A_SALE, 0)
        self.tally.withheld = counts.get(Reason.SALE_WITHHELD, 0)
        self.tally.rejected = sum(counts.values()) - self.tally.set_aside - self.tally.withheld

    @asynccontextmanager
    async def _work(self) -> AsyncGenerator[Work]:
        """Open a unit of work; in a dry run nothing of it stays."""
        with suppress(_DryRun):
            async with self._database.work(self._principal) as work:
                yield work
                if self._options.dry_run:
                    raise _DryRun


class _DryRun(Exception):
    """Rolls a unit of work back."""


def _profile(source: Source, mapping: Path | None) -> Profile:
    if mapping is None:
        return recognise(source.columns)
    profile = read_mapping(mapping)
    if missing := profile.missing(source.columns):
        raise InvalidMapping(
            f"the file has no column {missing[0]!r}", field=["mapping", "columns"], value=missing[0]
        )
    return profile


def _at_home(profile: Profile, source: Source, options: Options) -> tuple[Profile, list[str]]:
    """Settle what only this file tells.

    How its times are written, and where lines belong that do not say.
    """
    columns = [profile.columns[name] for name in ("sold_at", "time") if name in profile.columns]
    formats = best_formats(source.texts(columns), profile.time_formats or FORMATS)
    formats = formats or profile.time_formats  # rows are set aside one by one then
    if not formats and source.distinct(columns[0]):
        raise InvalidMapping(
            f"{columns[0]}: no time is written in a way known here; say time_format",
            field=["mapping", "time_format"],
        )
    notes: list[str] = []
    if len(formats) > 1 and formats != profile.time_formats:
        notes.append(f"times can be read as {' or '.join(formats)}: the first was taken")
    constants = dict(profile.constants)
    home = options.location or (profile.location.code if profile.location else None)
    if home is not None:
        constants["location"] = home
    return replace(profile, constants=constants, time_formats=formats[:1]), notes
