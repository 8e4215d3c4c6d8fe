"""Figures, log files, systemd, and the end of a process that hangs."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from edge_agent import logs
from edge_agent.agent import Agent
from edge_agent.errors import SettingsInvalid
from edge_agent.metrics import HOST
from edge_agent.settings import LogFile
from edge_agent.systemd import Notifier
from edge_agent.watchdog import EXIT_HUNG
from tests.edge.conftest import running
from tests.edge.fake_backend import CLIENT_ID, CLIENT_SECRET, Answer
from tests.edge.waiting import eventually

_SAMPLE = re.compile(r'shelfcast_edge_[a-z_]+(\{([a-z]+="(\\.|[^"\\])*",?)+\})? -?[0-9.e+-]+')


def free_port():
    with socket.create_server((HOST, 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def measured(settings):
    return dataclasses.replace(settings, metrics_port=free_port())


async def figures(settings):
    async with httpx2.AsyncClient() as client:
        url = f"http://{HOST}:{settings.metrics_port}/metrics"
        for _ in range(100):
            with contextlib.suppress(httpx2.ConnectError):
                return await client.get(url)
            await asyncio.sleep(0.02)
    raise AssertionError("no figures")


async def test_prometheus_finds_every_figure_in_its_format(measured, scanner, backend):
    backend.refuse = lambda _reads: Answer(503, b"{}")
    odd = dataclasses.replace(measured.devices[0], code='a"b\\c\nd')
    async with running(Agent(dataclasses.replace(measured, devices=(odd,)))):
        await scanner.wait_opened()
        await scanner.scan("4006381333931")
        await eventually(lambda: backend.batches)
        answer = await figures(measured)

    samples = [line for line in answer.text.splitlines() if not line.startswith("#")]
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert [line for line in samples if not _SAMPLE.fullmatch(line)] == []
    assert "shelfcast_edge_outbox_reads 1" in samples
    assert "shelfcast_edge_uplink_failing 1" in samples
    (read,) = [line for line in samples if line.startswith("shelfcast_edge_device_reads_total")]
    assert read.endswith(" 1")
    assert r'device="a\"b\\c\nd"' in read


async def test_figures_are_served_to_this_machine_only(measured, scanner):
    # All of 127.0.0.0/8 is this machine, but the agent listens at one address of it.
    async with running(Agent(measured)):
        assert (await figures(measured)).status_code == 200
        await scanner.wait_opened()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.2", measured.metrics_port)


@pytest.mark.parametrize(
    "request_bytes",
    [b"GET / HTTP/1.1\r\n\r\n", b"POST /metrics HTTP/1.1\r\n\r\n", b"x" * 100_000, b"\r\n\r\n"],
    ids=["path", "method", "endless", "empty"],
)
async def test_what_asks_for_no_figures_gets_none_and_harms_nothing(
    measured, scanner, request_bytes
):
    async with running(Agent(measured)):
        await figures(measured)
        reader, writer = await asyncio.open_connection(HOST, measured.metrics_port)
        writer.write(request_bytes)
        with contextlib.suppress(ConnectionError):
            assert b"shelfcast_edge" not in await asyncio.wait_for(reader.read(), 10)
        writer.close()
        assert (await figures(measured)).status_code == 200
        await scanner.wait_opened()


async def test_a_port_in_use_costs_the_figures_and_nothing_else(settings, scanner, backend, caplog):
    with socket.create_server((HOST, 0)) as other:
        taken = dataclasses.replace(settings, metrics_port=other.getsockname()[1])
        async with running(Agent(taken)):
            await scanner.wait_opened()
            await scanner.scan("4006381333931")
            await eventually(lambda: backend.ledger)

    assert "No figures" in caplog.text


_LOGGING = """
import logging, pathlib, sys, types
from edge_agent import logs
from edge_agent.settings import LogFile
file = LogFile(pathlib.Path(sys.argv[1]), max_bytes=10_000, files=3)
logs.set_up(types.SimpleNamespace(log_level="INFO", log_file=file))
for number in range(2000):
    logging.getLogger("edge_agent").warning("line %d", number)
    logging.getLogger("httpx2").info("a code")
"""


def test_log_files_never_take_more_than_they_may(tmp_path):
    log_file = tmp_path / "logs" / "edge.log"

    subprocess.run([sys.executable, "-c", _LOGGING, str(log_file)], check=True)

    texts = [path.read_text() for path in log_file.parent.iterdir()]
    assert len(texts) == 3
    assert max(map(len, texts)) <= 10_000
    assert "line 1999" in log_file.read_text()
    assert not any("a code" in text for text in texts)


def test_a_log_that_cannot_be_written_is_named(settings, tmp_path):
    (tmp_path / "file").write_text("")
    log_file = LogFile(tmp_path / "file" / "edge.log", 10_000, 3)

    with pytest.raises(SettingsInvalid, match=r"log\.file"):
        logs.set_up(dataclasses.replace(settings, log_file=log_file))


class Systemd:
    """The socket that systemd listens on."""

    def __init__(self, address) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(address)
        self._socket.setblocking(False)
        self.heard: list[str] = []
        self.environ: dict[str, str] = {}

    def listen(self):
        with contextlib.suppress(BlockingIOError):
            while True:
                self.heard.append(self._socket.recv(4096).decode())
        return self.heard

    def close(self):
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def systemd(request, tmp_path):
    name = str(tmp_path / "notify") if request.param == "path" else f"@shelfcast-{os.getpid()}"
    listening = Systemd("\0" + name[1:] if name.startswith("@") else name)
    listening.environ = {"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "400000"}
    yield listening
    listening.close()


async def test_systemd_hears_when_the_agent_is_ready_lives_and_stops(settings, scanner, systemd):
    async with running(Agent(settings, notifier=Notifier(systemd.environ))):
        await scanner.wait_opened()
        await eventually(lambda: sum("WATCHDOG=1" in one for one in systemd.listen()) > 2)

    assert systemd.heard[0] == "READY=1"
    assert systemd.listen()[-1] == "STOPPING=1"
    assert any("STATUS=0 reads wait" in one for one in systemd.heard)


def test_without_systemd_nothing_is_sent():
    Notifier({}).notify(READY="1")

    assert Notifier({"WATCHDOG_USEC": "x"}).watchdog_s is None
    assert Notifier({"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"}).watchdog_s is None
    assert Notifier({"WATCHDOG_USEC": "1000000"}).watchdog_s == 1.0


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_the_unit_is_one_that_systemd_understands(tmp_path):
    unit = (Path(__file__).parents[2] / "deploy" / "shelfcast-edge.service").read_text()
    copy = tmp_path / "shelfcast-edge.service"
    copy.write_text(unit.replace("/opt/shelfcast/bin/shelfcast", sys.executable))

    told = subprocess.run(
        ["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, check=False
    )

    assert (told.returncode, told.stdout + told.stderr) == (0, "")


_PROGRAM = """
import asyncio, json, pathlib, sys, time
from edge_agent.agent import Agent
from edge_agent.outbox import Outbox
from edge_agent.settings import load_settings
from edge_agent.watchdog import Limits

async def main(hang):
    agent = Agent(load_settings(pathlib.Path(sys.argv[1]), {}), limits=Limits(1.0, 3.0))
    loop = asyncio.get_running_loop()
    opened = Outbox.__aenter__

    async def enter(outbox):
        await opened(outbox)
        loop.call_later(0.3, hang, outbox)
        loop.call_later(4.0, agent.stop)
        return outbox

    Outbox.__aenter__ = enter
    await agent.run()

def nothing(outbox): pass
def loop(outbox): time.sleep(60)
def disk(outbox): outbox._submit(lambda spool: time.sleep(60))
def salvage(outbox):
    outbox._keeper.is_opening = True
    outbox._submit(lambda spool: time.sleep(2.5))
def endless_salvage(outbox):
    outbox._keeper.is_opening = True
    outbox._submit(lambda spool: time.sleep(60))

asyncio.run(main(globals()[sys.argv[2]]))
"""


@pytest.mark.parametrize(
    ("hang", "exit_code"),
    [
        ("nothing", 0),
        ("loop", EXIT_HUNG),
        ("disk", EXIT_HUNG),
        ("salvage", 0),
        ("endless_salvage", EXIT_HUNG),
    ],
)
async def test_a_process_that_hangs_ends_and_says_where(backend, tmp_path, hang, exit_code):
    config = tmp_path / "edge.toml"
    config.write_text(
        f'[uplink]\nurl = "{backend.url}"\nclient_id = "{CLIENT_ID}"\n'
        f'client_secret = "{CLIENT_SECRET}"\n[outbox]\npath = "outbox.sqlite3"\n'
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _PROGRAM, str(config), hang, stderr=asyncio.subprocess.PIPE
    )
    _, said = await asyncio.wait_for(process.communicate(), 30)

    assert process.returncode == exit_code
    assert (b"The agent hangs" in said and b"time.sleep" not in said) == (exit_code == EXIT_HUNG)


async def test_a_process_that_was_stopped_and_goes_on_is_not_taken_for_one_that_hangs(
    backend, tmp_path
):
    config = tmp_path / "edge.toml"
    config.write_text(
        f'[uplink]\nurl = "{backend.url}"\nclient_id = "{CLIENT_ID}"\n'
        f'client_secret = "{CLIENT_SECRET}"\n[outbox]\npath = "outbox.sqlite3"\n'
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _PROGRAM, str(config), "nothing"
    )
    await eventually(lambda: backend.reports)

    process.send_signal(signal.SIGSTOP)
    await asyncio.sleep(2.5)
    process.send_signal(signal.SIGCONT)

    assert await asyncio.wait_for(process.wait(), 20) == 0


async def test_the_status_file_tells_version_configuration_and_ports(settings, scanner, backend):
    async with running(Agent(settings)):
        await scanner.wait_opened()
        await eventually(
            lambda: (
                settings.status_path.exists() and "CONNECTED" in settings.status_path.read_text()
            )
        )
        told = json.loads(settings.status_path.read_text())

    assert told["configuration"] == {"version": 0, "isOnTrial": False, "refused": None}
    assert told["devices"][0]["protocol"] == "lines"
    assert told["outbox"]["depth"] == 0
