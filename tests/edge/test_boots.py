"""Reads that wait through a restart are told with the clock they were made by."""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
import sqlite3
import time
from datetime import datetime

import pytest

from edge_agent.api import Api
from edge_agent.clock import Stamp
from edge_agent.keeper import Keeper
from edge_agent.outbox import Outbox
from edge_agent.skew import Offset, SkewEstimator
from edge_agent.uplink import Uplink
from tests.edge.conftest import boots_in, running, some_reads
from tests.edge.waiting import eventually

HOUR_MS = 3_600_000
DATE_MS = 1100
"""`Date` says no better than this."""


@dataclasses.dataclass
class WrongClock:
    """A clock that goes on, ahead by so much, since a boot of its own."""

    boot_id: str
    ahead_ms: int
    up_ms: int = 60_000
    """For how long the machine had been on when the clock was made."""
    began: float = dataclasses.field(default_factory=time.monotonic)

    def now(self):
        mono_ms = self.up_ms + int((time.monotonic() - self.began) * 1000)
        return Stamp(self.boot_id, int(time.time() * 1000) + self.ahead_ms, mono_ms)


def reads_by(clock, count=3):
    return [dataclasses.replace(read, observed=clock.now()) for read in some_reads(count)]


async def is_empty(outbox):
    return await outbox.depth() == 0


@contextlib.asynccontextmanager
async def delivering(settings, outbox, clock):
    """Deliver what waits, with the clock of a boot, and until it has gone."""
    async with (
        Api(settings, clock, outbox.skew) as api,
        running(Uplink(settings, api, outbox, clock)),
    ):
        yield
        await eventually(lambda: is_empty(outbox))


def as_on_disk(settings):
    """Copy an outbox in use, as a power cut would leave it; return the settings to open that."""
    copy = settings.path.with_name("copy.sqlite3")
    for ending in ("", "-wal"):
        shutil.copy(f"{settings.path}{ending}", f"{copy}{ending}")
    return dataclasses.replace(settings, path=copy)


def told_ms(backend, reads):
    """Return when the backend was told that reads were made, put right as it does."""
    keys = {read.key for read in reads}
    return [
        datetime.fromisoformat(read["observedAt"]).timestamp() * 1000 - (batch["clockSkewMs"] or 0)
        for batch in backend.batches
        for read in batch["reads"]
        if read["key"] in keys
    ]


async def tend(outbox):
    """Let the outbox look after itself, as it does every ten seconds."""

    def look_after(_spool):
        outbox._keeper._tend_at = 0.0

    await outbox._submit(look_after).future
    await outbox.depth()


@pytest.mark.parametrize("hours", [-5, 5, 40 * 24])
@pytest.mark.parametrize("is_cut", [False, True], ids=["stopped", "power-cut"])
async def test_reads_of_an_earlier_boot_are_told_with_its_clock(
    outbox_settings, uplink_settings, backend, hours, is_cut
):
    wrong, right = WrongClock("first", hours * HOUR_MS), WrongClock("second", 0)
    async with Outbox(outbox_settings, wrong) as outbox:
        async with delivering(uplink_settings, outbox, wrong):
            await outbox.append(reads_by(wrong))
        made_ms, queued = time.time() * 1000, reads_by(wrong)
        await outbox.append(queued)
        await tend(outbox)
        cut = as_on_disk(outbox_settings)

    async with (
        Outbox(cut if is_cut else outbox_settings, right) as outbox,
        delivering(uplink_settings, outbox, right),
    ):
        pass

    assert [abs(ms - made_ms) < DATE_MS for ms in told_ms(backend, queued)] == [True] * 3


async def test_a_boot_that_never_heard_the_server_is_put_no_later_than_the_machine_was_on(
    outbox_settings, uplink_settings, backend
):
    ahead = WrongClock("first", 7 * HOUR_MS)
    queued = reads_by(ahead)
    async with Outbox(outbox_settings, ahead) as outbox:
        await outbox.append(queued)
        await tend(outbox)
    right = WrongClock("second", 0, up_ms=2 * HOUR_MS)

    async with (
        Outbox(outbox_settings, right) as outbox,
        delivering(uplink_settings, outbox, right),
    ):
        pass

    two_hours_ago = time.time() * 1000 - 2 * HOUR_MS
    assert [abs(ms - two_hours_ago) < DATE_MS for ms in told_ms(backend, queued)] == [True] * 3


async def test_what_a_boot_learns_first_is_noted_though_nothing_waits(outbox_settings):
    clock = WrongClock("boot", 0)
    async with Outbox(outbox_settings, clock) as outbox:
        before = boots_in(outbox_settings.path)
        outbox.skew.recall({}, {"boot": Offset(5, 1005)})
        await tend(outbox)

        after = boots_in(outbox_settings.path)

    assert before == []
    assert [row[3:] for row in after] == [(5, 1005)]


async def test_what_is_learnt_later_is_noted_now_and_then_and_when_the_agent_stops(outbox_settings):
    clock = WrongClock("boot", 0)
    async with Outbox(outbox_settings, clock) as outbox:
        outbox.skew._offsets["boot"] = Offset(5, 1005)
        await tend(outbox)
        outbox.skew._offsets["boot"] = Offset(505, 555)
        await tend(outbox)
        at_once = boots_in(outbox_settings.path)
    stopped = boots_in(outbox_settings.path)

    assert [row[3:] for row in at_once] == [(5, 1005)]
    assert [row[3:] for row in stopped] == [(505, 555)]


async def test_a_server_whose_clock_was_set_is_noted_at_once(outbox_settings):
    clock = WrongClock("boot", 0)
    async with Outbox(outbox_settings, clock) as outbox:
        for offset in (Offset(5, 1005), Offset(HOUR_MS, HOUR_MS + 1000)):
            outbox.skew._offsets["boot"] = offset
            await tend(outbox)

        noted = boots_in(outbox_settings.path)

    assert [row[3:] for row in noted] == [(HOUR_MS, HOUR_MS + 1000)]


async def test_an_agent_that_starts_again_in_the_same_boot_knows_the_skew_at_once(outbox_settings):
    clock = WrongClock("boot", 0)
    async with Outbox(outbox_settings, clock) as outbox:
        outbox.skew._offsets["boot"] = Offset(5, 1005)

    async with Outbox(outbox_settings, clock) as outbox:
        known = outbox.skew.offset("boot")

    assert known == Offset(5, 1005)


def test_what_the_disk_did_not_take_is_noted_later(outbox_settings):
    clock, offset = WrongClock("boot", 0), Offset(5, 1005)
    with contextlib.closing(Keeper(outbox_settings, clock, SkewEstimator())) as keeper:
        spool = keeper._spool
        with contextlib.suppress(sqlite3.OperationalError), spool.transaction():
            spool.tend(clock.now(), offset)
            raise sqlite3.OperationalError("database or disk is full")
        with spool.transaction():
            spool.tend(clock.now(), offset)

        noted = boots_in(outbox_settings.path)

    assert [row[3:] for row in noted] == [(5, 1005)]
