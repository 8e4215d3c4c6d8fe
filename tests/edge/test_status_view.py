"""The status as a person sees it."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import dataclasses
import os
import pty
import signal
import sys

import pytest

from edge_agent.agent import Agent
from edge_agent.status_view import Canvas, draw
from tests.edge.conftest import running
from tests.edge.test_settings import GOOD
from tests.edge.waiting import eventually

REPORT = {
    "isRunning": True, "depth": 12, "oldestAgeMs": 3_000, "parked": 1, "sizeBytes": 2_500_000,
    "hasBallast": True, "isDiskFull": False, "losses": [], "refused": 0, "clockSkewMs": 0,
    "configuration": None, "lastSuccessMs": 1_000_000, "lastError": None,
    "agent": {
        "pid": 7, "version": "1.2", "writtenMs": 1_002_000, "clockSkewMs": -1500,
        "configuration": {"version": 7, "isOnTrial": True, "refused": None},
        "uplink": {"delivered": 100},
        "devices": [
            {"code": "TILL-1", "port": "/dev/a", "protocol": "lines", "state": "CONNECTED",
             "reads": 50, "refused": 0, "garbage": 0, "last_read_ms": 1_001_000,
             "last_error": None},
            {"code": "A" * 30, "port": "/dev/b", "protocol": "uhfreader288",
             "state": "QUARANTINED", "reads": 10**9, "refused": 3, "garbage": 99_999,
             "last_read_ms": None, "last_error": "x" * 200 + "\x1b[2J"},
        ],
    },
}  # fmt: skip


def changed(**changes):
    report = copy.deepcopy(REPORT)
    report["agent"] |= changes.pop("agent", {})
    return report | changes


def test_everything_worth_knowing_is_on_the_screen():
    text = "\n".join(draw(REPORT, None, Canvas()))

    for words in (
        "RUNNING", "configuration 7, ON TRIAL", "12 wait, oldest 3 s", "1 parked", "2.5 MB",
        "OK", "last through 2 s ago", "clock -1.5 s", "TILL-1", "CONNECTED", "QUARANTINED",
        "3 REFUSED", "lost     nothing",
    ):  # fmt: skip
        assert words in text


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(width):
    lines = draw(REPORT, None, Canvas(width, has_colour=False))

    assert max(map(len, lines)) <= width


def test_what_a_device_says_of_itself_cannot_steer_the_terminal():
    assert not any("\x1b" in line for line in draw(REPORT, None, Canvas(400)))


def test_colour_only_repeats_what_the_words_say():
    coloured = "\n".join(draw(REPORT, None, Canvas(has_colour=True)))

    for code in ("\x1b[1;31m", "\x1b[1m", "\x1b[0m"):
        assert code in coloured
        coloured = coloured.replace(code, "")
    assert coloured == "\n".join(draw(REPORT, None, Canvas()))


def test_rates_are_those_between_two_looks():
    before = changed(agent={"writtenMs": 1_000_000, "uplink": {"delivered": 90}})
    before["agent"]["devices"][0]["reads"] = 46

    lines = draw(REPORT, before, Canvas())

    assert "5.0/s" in next(line for line in lines if line.startswith("uplink"))
    assert "2.0" in next(line for line in lines if line.startswith("TILL-1")).split()


def test_another_process_has_no_rates_yet():
    before = changed(agent={"writtenMs": 1_000_000, "pid": 6})

    assert "-/s" in "\n".join(draw(REPORT, before, Canvas()))


def test_what_is_wrong_is_said_in_words():
    refused = {"version": 8, "state": "ROLLED_BACK", "error": "no report was answered in time"}
    report = changed(
        lastError="HTTP 503", isDiskFull=True, hasBallast=False,
        losses=[{"device": "a", "read_class": "RFID", "kind": "DROPPED", "count": 4}],
        agent={"configuration": {"version": 0, "isOnTrial": False, "refused": refused}},
    )  # fmt: skip

    text = "\n".join(draw(report, None, Canvas()))

    for words in ("FAILING", "ERROR HTTP 503", "DISK FULL", "NO BALLAST", "4 DROPPED", "own file"):
        assert words in text
    assert "8 ROLLED_BACK: no report was answered in time" in text


def test_an_agent_that_does_not_run_shows_what_it_said_last():
    text = "\n".join(draw(changed(isRunning=False), None, Canvas()))

    assert text.startswith("NOT RUNNING, last heard of ")
    assert "TILL-1" in text


async def test_on_a_terminal_it_is_drawn_again_in_place_until_interrupted(
    settings, scanner, backend, tmp_path
):
    file = tmp_path / "agent.toml"
    file.write_text(GOOD)
    ours, theirs = pty.openpty()
    os.set_blocking(ours, False)
    screen = ""

    async def reads_on_screen():
        nonlocal screen
        with contextlib.suppress(BlockingIOError):
            screen += os.read(ours, 65536).decode()
        return screen

    async with running(Agent(dataclasses.replace(settings))):
        await scanner.wait_opened()
        await scanner.scan("1")
        await eventually(lambda: settings.status_path.exists() and backend.ledger)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "edge_agent", "status", "--config", str(file),
            stdin=theirs, stdout=theirs, env={**os.environ, "TERM": "xterm", "NO_COLOR": "1"},
        )  # fmt: skip

        async def is_drawn_twice():
            return (await reads_on_screen()).count("\x1b[H") >= 3

        await eventually(is_drawn_twice)
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), 10) == 0
    await reads_on_screen()
    os.close(ours)
    os.close(theirs)

    assert "RUNNING" in screen
    assert "till-1" in screen
    assert "\x1b[1m" not in screen
    assert screen.endswith("\x1b[?25h\x1b[?1049l")
