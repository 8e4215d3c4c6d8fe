"""Fixtures: a backend on loopback, settings for short waits, scanners on ptys."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import sqlite3

import pytest

from edge_agent.agent import Agent
from edge_agent.api import Api
from edge_agent.clock import SystemClock
from edge_agent.outbox import Outbox
from edge_agent.reads import Read, new_key
from edge_agent.settings import DeviceSettings, OutboxSettings, Settings
from edge_agent.simulator import ScannerSimulator
from edge_agent.uplink import Uplink
from edge_agent.uplink_settings import UplinkSettings
from tests.edge.fake_backend import CLIENT_ID, CLIENT_SECRET, FakeBackend


@pytest.fixture
async def backend():
    async with FakeBackend() as server:
        yield server


@pytest.fixture
def outbox_settings(tmp_path):
    return OutboxSettings(tmp_path / "outbox.sqlite3")


@pytest.fixture
async def outbox(outbox_settings):
    async with Outbox(outbox_settings) as opened:
        yield opened


@pytest.fixture
def uplink_settings(backend):
    return UplinkSettings(
        backend.url, backend.token_url, CLIENT_ID, CLIENT_SECRET,
        timeout_s=2.0, backoff_base_s=0.01, backoff_cap_s=0.05,
    )  # fmt: skip


@pytest.fixture
async def uplink(uplink_settings, outbox):
    """An uplink over the outbox, not yet running; `async with running(uplink)` starts it."""
    async with uplink_to(uplink_settings, outbox) as made:
        yield made


@pytest.fixture
def scanner(tmp_path):
    with ScannerSimulator(tmp_path / "scanner-1") as plugged:
        yield plugged


@pytest.fixture
def settings(uplink_settings, outbox_settings, scanner):
    device = DeviceSettings("till-1", "checkout", scanner.port)
    return Settings(uplink_settings, outbox_settings, (device,))


@contextlib.asynccontextmanager
async def uplink_to(settings, outbox):
    """Make an uplink with connections of its own."""
    async with Api(settings, SystemClock(), outbox.skew) as api:
        yield Uplink(settings, api, outbox, SystemClock())


@contextlib.asynccontextmanager
async def running(program):
    """Run an agent, or anything with `run`, and stop it at the end."""
    task = asyncio.create_task(program.run())
    try:
        yield program
    finally:
        if isinstance(program, Agent):
            program.stop()
        else:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def limit_rows(outbox, max_rows):
    """Change how many rows an open outbox takes."""

    def change(spool):
        spool.room._bounds = dataclasses.replace(spool.room._bounds, max_rows=max_rows)

    await outbox._submit(change).future


def boots_in(path):
    """Return what an outbox has noted of boots."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT * FROM boots ORDER BY base_ms").fetchall()


def a_read(code: str = "4006381333931", *, device: str = "till-1") -> Read:
    return Read(new_key(), device, "checkout", code.encode("latin-1"), None, SystemClock().now())


def some_reads(count: int, *, device: str = "till-1") -> list[Read]:
    return [a_read(f"code-{number}", device=device) for number in range(count)]
