"""From the scanner's line to the backend's ledger, whatever dies in between."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import os
import signal
import sys
import threading

import pytest

from edge_agent.agent import Agent
from edge_agent.clock import SystemClock
from edge_agent.device import Device
from edge_agent.protocols import LineFraming, Terminator
from edge_agent.settings import DeviceSettings
from edge_agent.simulator import ScannerSimulator
from edge_agent.spool import Selection
from tests.edge.conftest import limit_rows, running
from tests.edge.fake_backend import CLIENT_ID, CLIENT_SECRET
from tests.edge.test_outbox import rows_in
from tests.edge.waiting import eventually


async def test_a_scan_reaches_the_backend(settings, scanner, backend):
    async with running(Agent(settings)):
        await scanner.wait_opened()
        await scanner.scan("]E04006381333931")
        await eventually(lambda: backend.ledger)

    (read,) = backend.ledger.values()
    assert (read["code"], read["symbology"]) == ("]E04006381333931", "]E0")
    assert (read["readPoint"], read["seq"], read["count"]) == ("checkout", 1, 1)


async def test_a_scan_without_a_terminator_is_released_by_silence(settings, scanner, backend):
    async with running(Agent(settings)):
        await scanner.wait_opened()
        await scanner.send(b"4006381333931")
        await eventually(lambda: backend.codes == ["4006381333931"])


async def test_forty_scanners_in_one_agent_lose_nothing(settings, backend, tmp_path):
    with contextlib.ExitStack() as stack:
        scanners = [
            stack.enter_context(ScannerSimulator(tmp_path / f"till-{number}"))
            for number in range(40)
        ]
        devices = tuple(
            DeviceSettings(f"till-{number}", "checkout", scanner.port)
            for number, scanner in enumerate(scanners)
        )
        async with running(Agent(dataclasses.replace(settings, devices=devices))):
            for scanner in scanners:
                await scanner.wait_opened()
            for number in range(25):
                for index, scanner in enumerate(scanners):
                    await scanner.scan(f"{index}-{number}")
            await eventually(lambda: len(backend.ledger) == 1000)

    assert sorted(backend.codes) == sorted(f"{i}-{n}" for i in range(40) for n in range(25))


async def test_an_unplugged_scanner_is_found_again_when_it_is_back(settings, scanner, backend):
    async with running(Agent(settings)):
        await scanner.wait_opened()
        await scanner.scan("before")
        await eventually(lambda: "before" in backend.codes)

        scanner.unplug()
        scanner.plug()
        await scanner.wait_opened()
        await scanner.scan("after")

        await eventually(lambda: "after" in backend.codes)


async def test_a_port_that_does_not_exist_yet_is_waited_for(settings, scanner, backend):
    scanner.unplug()

    async with running(Agent(settings)):
        status = settings.status_path
        await eventually(lambda: status.exists() and "No such file" in status.read_text())
        scanner.plug()
        await scanner.wait_opened()
        await scanner.scan("late")
        await eventually(lambda: backend.codes == ["late"])


async def test_a_port_held_by_another_program_is_not_shared(settings, scanner, outbox):
    first, second = (Device(settings.devices[0], outbox, SystemClock()) for _ in range(2))

    async with running(first):
        await eventually(lambda: first.counters.is_connected)
        async with running(second):
            await eventually(lambda: second.counters.last_error)

    assert second.counters.connections == 0


async def test_garbage_is_parked_and_counted_and_the_next_scan_is_read(settings, scanner, outbox):
    device = Device(settings.devices[0], outbox, SystemClock())

    async with running(device):
        await scanner.wait_opened()
        await scanner.send(b"\r" + b"x" * 5000 + b"\r4006381333931\r")
        await eventually(lambda: device.counters.reads == 1)

    assert device.counters.garbage == 3
    assert (await outbox.counts()).parked == 2


async def test_a_flood_is_held_back_in_the_line_not_in_memory(settings, scanner, outbox):
    device = Device(settings.devices[0], outbox, SystemClock())

    async with running(device):
        await scanner.wait_opened()
        await scanner.send(b"".join(b"%d\r" % number for number in range(20_000)))
        await eventually(lambda: device.counters.reads == 20_000)

    batch = await outbox.oldest(Selection(500))
    assert [row.read.code for row in batch.rows] == [str(number) for number in range(500)]


async def test_a_scan_in_two_halves_stays_whole_while_nobody_listens(settings, scanner, outbox):
    device = Device(settings.devices[0], outbox, SystemClock())
    disk = threading.Event()

    async with running(device):
        await scanner.wait_opened()
        outbox._submit(lambda _spool: disk.wait(10))
        await scanner.send(b"x\r" * 1100 + b"first-half,")
        await eventually(lambda: device._is_paused)
        await asyncio.sleep(0.2)
        disk.set()
        await scanner.send(b"second-half\r")
        await eventually(lambda: device.counters.reads == 1101)

    rows = (await outbox._submit(lambda spool: spool._rows_of("till-1", 2000)).future)[-1:]
    assert [stored.read.code for _, stored in rows] == ["first-half,second-half"]


async def test_a_full_outbox_refuses_scans_and_says_so(settings, scanner, outbox, caplog):
    device = Device(settings.devices[0], outbox, SystemClock())
    await limit_rows(outbox, 2)

    async with running(device):
        await scanner.wait_opened()
        await scanner.send(b"1\r2\r3\r")
        await eventually(lambda: device.counters.refused)

    assert (device.counters.reads, device.counters.refused) == (2, 1)
    assert "1 reads REFUSED" in caplog.text


async def test_stopping_keeps_what_was_read_and_not_yet_delivered(settings, scanner, backend):
    await backend.stop()
    patient = LineFraming(Terminator.ETX, idle_gap_ms=60_000)
    device = dataclasses.replace(settings.devices[0], options=patient)

    async with running(Agent(dataclasses.replace(settings, devices=(device,)))):
        await scanner.wait_opened()
        await scanner.send(b"finished\x03unfinished")
        await eventually(lambda: rows_in(settings.outbox.path))

    assert len(rows_in(settings.outbox.path)) == 2


async def test_secrets_and_codes_stay_out_of_the_log(settings, scanner, backend, caplog):
    caplog.set_level("INFO")

    async with running(Agent(settings)):
        await scanner.wait_opened()
        await scanner.scan("4006381333931")
        await eventually(lambda: backend.ledger)

    assert "4006381333931" not in caplog.text
    assert CLIENT_SECRET not in caplog.text


async def test_the_status_of_a_running_agent_tells_what_happened(settings, scanner, backend):
    def status():
        return json.loads(settings.status_path.read_text())

    async with running(Agent(settings)):
        await scanner.wait_opened()
        await scanner.scan("1")
        await eventually(lambda: backend.ledger)
        await eventually(lambda: status()["uplink"]["delivered"] == 1)

    assert status()["devices"][0]["reads"] == 1
    assert status()["uplink"]["last_error"] is None


@pytest.fixture
async def agent_process(settings, backend, tmp_path):
    """Start the agent as its own process, as often as asked; all are ended with the test."""
    config = tmp_path / "agent.toml"
    config.write_text(
        f'[uplink]\nurl = "{backend.url}"\nclient_id = "{CLIENT_ID}"\n'
        f"backoff_base_s = 0.02\nbackoff_cap_s = 0.1\n[outbox]\n"
        f'path = "outbox.sqlite3"\n[[devices]]\ncode = "till-1"\nread_point = "checkout"\n'
        f'port = "{settings.devices[0].port}"\n'
    )
    processes = []

    async def start():
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "edge_agent", "--config", str(config),
            env={**os.environ, "SHELFCAST_EDGE_CLIENT_SECRET": CLIENT_SECRET},
        )  # fmt: skip
        processes.append(process)
        return process

    yield start
    for process in processes:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_no_acknowledged_read_is_lost_or_renamed_by_kill_9(
    settings, scanner, backend, agent_process
):
    path = settings.outbox.path
    await backend.stop()
    process = await agent_process()
    await scanner.wait_opened()
    for number in range(300):
        await scanner.scan(str(number))
    await eventually(lambda: len(rows_in(path)) >= 200)
    process.kill()
    await process.wait()
    acknowledged = rows_in(path)

    await backend.start(backend.port)
    await agent_process()
    await eventually(lambda: len(backend.ledger) >= len(acknowledged))

    assert list(backend.ledger)[: len(acknowledged)] == acknowledged
    assert backend.codes == [str(number) for number in range(len(backend.codes))]


async def test_kill_9_in_the_middle_of_delivery_repeats_keys_and_never_effects(
    scanner, backend, agent_process, settings
):
    process = await agent_process()
    await scanner.wait_opened()
    for number in range(400):
        await scanner.scan(str(number))
    await eventually(lambda: len(backend.ledger) > 5)
    process.kill()
    await process.wait()
    left = rows_in(settings.outbox.path)

    await agent_process()
    await eventually(lambda: set(left) <= set(backend.ledger))

    assert len(set(backend.codes)) == len(backend.codes)
    numbers = sorted(read["seq"] for read in backend.ledger.values())
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_the_agent_cleanly(scanner, agent_process, number):
    process = await agent_process()
    await scanner.wait_opened()

    process.send_signal(number)

    assert await asyncio.wait_for(process.wait(), 10) == 0
