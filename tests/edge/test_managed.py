"""Configurations of the backend: checked, kept, tried, confirmed or rolled back."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading

import pytest

from edge_agent.agent import Agent
from edge_agent.clock import SystemClock
from edge_agent.errors import SettingsInvalid
from edge_agent.heartbeat import Pace
from edge_agent.managed import ManagedConfiguration
from edge_agent.simulator import ScannerSimulator
from tests.edge.conftest import running
from tests.edge.fake_backend import CLIENT_ID, CLIENT_SECRET, Answer
from tests.edge.test_outbox import rows_in
from tests.edge.waiting import eventually

QUICK = Pace(interval_s=0.05, least_s=0.02, look_s=0.01)
NO_ANSWER = Answer(503, b"{}")


class Shop:
    """An agent with a file of its own, and what its backend may offer it."""

    def __init__(self, folder, backend, scanner) -> None:
        self.config = folder / "edge.toml"
        self.backend = backend
        backend.heartbeat_s = 0  # no wish of its own: the agent's pace
        self.scanner = scanner
        self.config.write_text(
            f'[uplink]\nurl = "{backend.url}"\nclient_id = "{CLIENT_ID}"\n'
            f'client_secret = "{CLIENT_SECRET}"\nbackoff_base_s = 0.01\nbackoff_cap_s = 0.05\n'
            f'timeout_s = 2.0\n[outbox]\npath = "outbox.sqlite3"\n{device("till-1", scanner.port)}'
        )
        self.load()

    def load(self):
        self.managed = ManagedConfiguration(self.config, {}, SystemClock())
        return self.managed

    def agent(self):
        return Agent(self.load().start(), managed=self.managed, pace=QUICK)

    def offer(self, version, document, seconds=30):
        self.backend.offered = {
            "version": version, "document": document, "trialSeconds": seconds,
        }  # fmt: skip

    def told(self):
        return [
            (one["configuration"]["version"], one["configuration"]["state"])
            for one in self.backend.reports
        ]

    async def hears(self, version, state):
        await eventually(lambda: (version, state) in self.told())

    async def reads(self, code):
        """Wait until the agent says that it listens to a device."""
        await eventually(lambda: (code, "CONNECTED") in self.devices())

    def devices(self):
        return [(one["code"], one["state"]) for one in self.backend.reports[-1]["devices"]]


def device(code, port, more=""):
    return f'[[devices]]\ncode = "{code}"\nread_point = "checkout"\nport = "{port}"\n{more}'


@pytest.fixture
def shop(tmp_path, backend, scanner):
    return Shop(tmp_path, backend, scanner)


async def test_a_configuration_of_the_backend_is_tried_and_confirmed(shop, scanner, backend):
    shop.offer(7, device("till-9", scanner.port))

    async with running(shop.agent()):
        await shop.hears(7, "CONFIRMED")
        await shop.reads("till-9")
        await scanner.scan("4006381333931")
        await eventually(lambda: backend.ledger)

    assert [state for version, state in shop.told() if version == 7][:1] == ["TRIAL"]
    assert set(backend.devices.values()) == {"till-9"}
    assert shop.load().rollout.version == 7


async def test_a_confirmed_configuration_is_there_after_a_start_without_any_backend(
    shop, scanner, backend
):
    shop.offer(7, device("till-9", scanner.port))
    async with running(shop.agent()):
        await shop.hears(7, "CONFIRMED")
    await backend.stop()

    settings = shop.load().start()

    assert [one.code for one in settings.devices] == ["till-9"]
    assert settings.uplink.client_secret == CLIENT_SECRET
    await backend.start()


@pytest.mark.parametrize(
    ("document", "named"),
    [
        ("[uplink", "configuration 7: file"),
        ('[[devices]]\ncode = "x"\n', "devices[0].read_point"),
        ('[uplink]\nurl = "https://evil.example/graphql"\n', "uplink.url"),
        ('[uplink]\nclient_secret = "x"\n', "uplink.client_secret"),
        ('[uplink]\nproxy = "http://evil.example"\n', "uplink.proxy"),
        ('[outbox]\npath = "/tmp/x"\n', "outbox.path"),
        ('[log]\nfile = "/etc/passwd"\n', "log.file"),
        ("[uplink]\nmax_batch = 9999\n", "uplink.max_batch = 9999"),
        ("uplink = 3\n", "uplink = 3"),
        ("x = " + "[" * 5000, "configuration 7: file"),
        ("#" * 300_000, "configuration 7: file"),
    ],
    ids=lambda text: text[:30],
)
async def test_a_configuration_of_no_use_is_rejected_with_file_key_and_value(
    shop, scanner, backend, document, named
):
    shop.offer(7, document)

    async with running(shop.agent()):
        await shop.hears(7, "REJECTED")
        await shop.hears(None, "CONFIRMED")
        await scanner.wait_opened()
        await scanner.scan("4006381333931")
        await eventually(lambda: backend.ledger)

    (error,) = {
        one["configuration"]["error"]
        for one in backend.reports
        if one["configuration"]["state"] == "REJECTED"
    }
    assert named in error
    assert shop.load().rollout.version == 0


def test_a_configuration_without_devices_leaves_the_agent_those_of_its_file(shop):
    settings = shop.managed.offer(4, 'log_level = "DEBUG"\n', 30)

    assert settings is not None
    assert settings.log_level == "DEBUG"
    assert [one.code for one in settings.devices] == ["till-1"]


async def test_what_a_change_leaves_alone_reads_on(shop, scanner, backend, tmp_path):
    with ScannerSimulator(tmp_path / "second") as second:
        both = device("till-1", scanner.port) + device("till-2", second.port)
        async with running(shop.agent()):
            await scanner.wait_opened()
            for number in range(200):
                if number == 50:
                    shop.offer(7, both)
                if number == 120:
                    await shop.hears(7, "CONFIRMED")
                    shop.offer(8, f"[uplink]\nmax_batch = 10\n{both}")
                await scanner.scan(str(number))
                await asyncio.sleep(0.005)
            await shop.hears(8, "CONFIRMED")
            await second.wait_opened()
            await second.scan("other")
            await eventually(lambda: len(backend.ledger) == 201)

    assert sorted(backend.codes) == sorted([*map(str, range(200)), "other"])


async def test_a_device_that_changes_its_name_and_place_loses_no_scan(shop, scanner, backend):
    async with running(shop.agent()):
        await scanner.wait_opened()
        for number in range(200):
            if number % 40 == 20:
                other = device(f"till-{number}", scanner.port).replace("checkout", "dock")
                shop.offer(number, other)
            await scanner.scan(str(number))
            await asyncio.sleep(0.005)
        await eventually(lambda: len(backend.ledger) == 200)

    assert sorted(backend.codes) == sorted(map(str, range(200)))
    assert {read["readPoint"] for read in backend.ledger.values()} == {"checkout", "dock"}


async def test_a_device_that_speaks_otherwise_is_connected_to_anew(shop, scanner, backend):
    async with running(shop.agent()):
        await scanner.wait_opened()
        shop.offer(7, device("till-9", scanner.port, 'terminator = "etx"\n'))
        await shop.hears(7, "CONFIRMED")
        await shop.reads("till-9")
        await scanner.send(b"one\x03")
        await eventually(lambda: backend.codes == ["one"])


async def test_reads_of_before_a_change_arrive_after_it(shop, scanner, backend):
    backend.refuse = lambda _reads: Answer(503, b"{}")
    async with running(shop.agent()):
        await scanner.wait_opened()
        await scanner.send(b"".join(b"%d\r" % number for number in range(50)))
        await eventually(lambda: len(rows_in(shop.config.parent / "outbox.sqlite3")) == 50)
        shop.offer(7, f"[outbox]\nmax_rows = 1000\n{device('till-9', scanner.port)}")
        await shop.hears(7, "CONFIRMED")
        backend.refuse = lambda _reads: None
        await eventually(lambda: len(backend.ledger) == 50)

    assert set(backend.devices.values()) == {"till-1"}


async def test_the_bounds_of_the_outbox_change_while_it_stays_open(shop, scanner, backend):
    await backend.stop()
    shop.offer(7, f"[outbox]\nmax_rows = 2\n{device('till-1', scanner.port)}")
    await backend.start(backend.port)

    async with running(shop.agent()) as agent:
        await shop.hears(7, "CONFIRMED")
        backend.refuse = lambda _reads: Answer(503, b"{}")
        await scanner.wait_opened()
        await scanner.send(b"1\r2\r3\r")
        await eventually(lambda: any(one["outbox"]["refused"] for one in backend.reports))

    assert agent is not None
    assert len(rows_in(shop.config.parent / "outbox.sqlite3")) == 2


async def test_a_configuration_under_which_the_backend_is_not_reached_is_rolled_back(
    shop, scanner, backend
):
    shop.offer(7, f"[uplink]\ntimeout_s = 0.05\n{device('till-9', scanner.port)}", seconds=1)
    is_silent = threading.Event()
    answer = backend.answer

    def answer_until_the_trial(path, headers, body):
        if shop.managed.rollout.trial is not None:
            is_silent.set()
            return NO_ANSWER
        return answer(path, headers, body)

    backend.answer = answer_until_the_trial
    async with running(shop.agent()):
        await shop.hears(7, "ROLLED_BACK")
        await shop.hears(None, "CONFIRMED")
        await shop.reads("till-1")
        await scanner.scan("4006381333931")
        await eventually(lambda: backend.ledger)

    assert is_silent.is_set()
    assert set(backend.devices.values()) == {"till-1"}
    assert shop.load().rollout.version == 0
    assert not list(shop.config.parent.glob("*.managed.7.toml"))


async def test_the_own_file_may_be_asked_for_again(shop, scanner):
    shop.offer(7, device("till-9", scanner.port))
    async with running(shop.agent()):
        await shop.hears(7, "CONFIRMED")
        shop.offer(0, "")
        await shop.hears(None, "TRIAL")
        await eventually(lambda: shop.told()[-1] == (None, "CONFIRMED"))

    assert [one.code for one in shop.load().start().devices] == ["till-1"]


def test_a_record_that_makes_no_sense_gives_way_to_the_own_file(shop, caplog):
    shop.config.with_name("edge.managed.json").write_text("{")

    assert [one.code for one in shop.load().start().devices] == ["till-1"]
    assert "edge.managed.json" in caplog.text


def test_a_kept_configuration_that_is_gone_gives_way_to_the_one_before(shop, scanner):
    managed = shop.load()
    for version in (6, 7):
        managed.offer(version, device(f"till-{version}", scanner.port), 60)
        managed.confirm()
    shop.config.with_name("edge.managed.7.toml").unlink()

    settings = shop.load().start()

    assert [one.code for one in settings.devices] == ["till-6"]
    assert shop.managed.rollout.says().version == 7


def test_where_the_disk_takes_nothing_no_configuration_is_tried(shop, scanner, monkeypatch):
    managed = shop.load()
    folder = shop.config.parent
    draft = folder / ".edge.managed.json.new"
    draft.mkdir()

    assert managed.offer(7, device("till-9", scanner.port), 60) is None

    draft.rmdir()
    assert managed.rollout.version == 0
    assert managed.offer(7, device("till-9", scanner.port), 60) is not None


def test_a_mistake_in_the_own_file_is_told_as_ever(shop):
    shop.config.write_text("[uplink]\n")

    with pytest.raises(SettingsInvalid, match=r"edge\.toml: uplink\.url"):
        shop.load().start()


class Processes:
    """Agent processes on the shop's configuration, one after the other."""

    def __init__(self, config) -> None:
        self._config = config
        self._program = (
            "import asyncio, os, sys, pathlib\n"
            "from edge_agent.agent import Agent\n"
            "from edge_agent.clock import SystemClock\n"
            "from edge_agent.heartbeat import Pace\n"
            "from edge_agent.managed import ManagedConfiguration\n"
            "managed = ManagedConfiguration(pathlib.Path(sys.argv[1]), {}, SystemClock())\n"
            "pace = Pace(interval_s=0.05, least_s=0.02, look_s=0.01)\n"
            "asyncio.run(Agent(managed.start(), managed=managed, pace=pace).run())\n"
        )

    @contextlib.asynccontextmanager
    async def running(self):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", self._program, str(self._config), env={**os.environ}
        )
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGKILL)
            await process.wait()


async def test_killed_during_a_trial_again_and_again_the_agent_goes_back_by_itself(
    shop, scanner, backend
):
    shop.offer(7, device("till-9", scanner.port))
    answer = backend.answer

    def only_what_is_not_on_trial(path, headers, body):
        if path == "/graphql" and shop.load().rollout.trial is not None:
            return NO_ANSWER
        return answer(path, headers, body)

    backend.answer = only_what_is_not_on_trial
    processes = Processes(shop.config)
    async with processes.running():
        await eventually(lambda: shop.load().rollout.trial)
    for start in (1, 2):
        async with processes.running():
            await eventually(lambda start=start: shop.load().rollout.trial.starts == start)
    async with processes.running():
        await shop.hears(7, "ROLLED_BACK")
        await shop.reads("till-1")
        await scanner.scan("4006381333931")
        await eventually(lambda: backend.ledger)

    assert set(backend.devices.values()) == {"till-1"}


async def test_killed_once_during_a_trial_the_agent_goes_on_with_it(shop, scanner, backend):
    shop.offer(7, device("till-9", scanner.port))
    processes = Processes(shop.config)
    async with processes.running():
        await eventually(lambda: shop.load().rollout.trial)

    async with processes.running():
        await shop.hears(7, "CONFIRMED")

    assert shop.load().rollout.version == 7
