"""The agent's commands."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import json
import sys

import pytest

from edge_agent.__main__ import main
from edge_agent.agent import Agent
from edge_agent.outbox import Outbox
from edge_agent.protocols.llrp import LlrpOptions
from edge_agent.reads import Verdict
from edge_agent.settings import DeviceSettings
from edge_agent.simulator import random_epcs
from tests.edge.conftest import a_read, running
from tests.edge.test_settings import GOOD
from tests.edge.waiting import eventually


@pytest.fixture
def config(tmp_path):
    file = tmp_path / "agent.toml"
    file.write_text(GOOD)
    return str(file)


def printed_json(capsys):
    return json.loads(capsys.readouterr().out)


def test_decode_says_what_frames_a_byte_string_holds(capsys):
    code = main(["decode", "--protocol", "lines", "--hex", b"]E0123\r\n456".hex(), "--json"])

    assert code == 0
    assert printed_json(capsys) == {
        "protocol": "lines",
        "frames": [
            {"code": "]E0123", "symbology": "]E0", "hex": b"]E0123".hex()},
            {"code": "456", "symbology": None, "hex": b"456".hex()},
        ],
    }


def test_decode_says_what_a_reader_saw(capsys):
    frame = "1500010304010c49440000000000000a0003346425c0"

    assert main(["decode", "--protocol", "uhfreader288", "--hex", frame, "--json"]) == 0
    assert printed_json(capsys)["frames"] == [
        {
            "code": "49440000000000000A000334", "epc": "49440000000000000A000334", "antenna": 3,
            "rssi": None, "rssiRaw": 100, "count": 1, "readerTimeUs": None,
        }
    ]  # fmt: skip


def test_decode_says_what_a_frame_without_a_read_means(capsys):
    assert main(["decode", "--protocol", "a0", "--hex", "a00501720109de", "--json"]) == 0
    assert printed_json(capsys)["frames"] == [{"notice": "firmware 1.9", "hex": "a00501720109de"}]


@pytest.mark.parametrize(
    ("protocol", "frame", "error"),
    [
        ("bb", "bb01030010004d31303020323664426d2056312e30227e", "CHECKSUM"),
        ("a0", "a013018974300030", "TRUNCATED"),
        ("bb", "00112233", "NOISE"),
        ("tsl", b"EP: 12X4\r\n".hex(), "MALFORMED"),
        ("llrp", "ffffffffffffffffffff", "MALFORMED"),
    ],
)
def test_decode_gives_the_reason_when_there_is_no_frame(capsys, protocol, frame, error):
    assert main(["decode", "--protocol", protocol, "--hex", frame, "--json"]) == 1
    assert printed_json(capsys)["error"] == error


def test_decode_refuses_settings_the_protocol_does_not_have(capsys):
    assert main(["decode", "--protocol", "bb", "--hex", "00", "--suffix", "x"]) == 2
    assert "suffix" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("sent", "error"),
    [(b"", "NO_FRAME"), (b"\r", "EMPTY"), (b"x" * 5000 + b"\r", "OVERSIZED")],
    ids=["nothing", "empty", "oversized"],
)
def test_decode_gives_the_reason_when_there_is_no_scan(capsys, sent, error):
    code = main(["decode", "--protocol", "lines", "--hex", sent.hex(), "--json"])

    assert code == 1
    assert printed_json(capsys)["error"] == error


def test_decode_refuses_what_is_no_hex(capsys):
    assert main(["decode", "--protocol", "lines", "--hex", "4G", "--json"]) == 1
    assert "hex" in printed_json(capsys)["error"]


def test_a_wrong_configuration_is_told_in_one_line(capsys, config):
    assert main(["--config", config + ".not"]) == 2
    assert capsys.readouterr().err.startswith("SETTINGS_INVALID: ")


def test_the_status_of_an_agent_that_never_ran_is_empty(capsys, config):
    assert main(["status", "--config", config, "--json"]) == 1

    report = printed_json(capsys)
    assert report["isRunning"] is False
    assert report["depth"] is None


async def test_the_status_shows_what_waits_while_the_agent_runs(
    capsys, settings, scanner, backend, tmp_path
):
    await backend.stop()
    file = tmp_path / "agent.toml"
    file.write_text(GOOD)

    async with running(Agent(settings)):
        await scanner.wait_opened()
        await scanner.scan("1")
        report = await eventually(lambda: status_with_an_error(file, capsys))

    assert (report["depth"], report["parked"], report["refused"]) == (1, 0, 0)
    assert report["oldestAgeMs"] >= 0


def status_with_an_error(file, capsys):
    code = main(["status", "--config", str(file), "--json"])
    report = printed_json(capsys)
    is_told = code == 0 and report["lastError"] and report["depth"]  # stored moments after the scan
    return report if is_told else None


def test_the_status_for_people_says_first_whether_it_runs(capsys, config):
    assert main(["status", "--config", config]) == 1

    assert capsys.readouterr().out.startswith("NOT RUNNING\n")


async def test_requeue_sends_parked_reads_again(capsys, config, outbox_settings):
    read = a_read()
    async with Outbox(outbox_settings) as outbox:
        await outbox.append([read])
        await outbox.settle("till-1", [Verdict(read.key, "NOT_FOUND")])

    assert main(["requeue", "--config", config]) == 0
    assert capsys.readouterr().out == "1 reads will be sent again\n"


async def test_a_second_agent_on_one_outbox_is_told_why_it_may_not_run(capsys, config, outbox):
    assert await asyncio.to_thread(main, ["requeue", "--config", config]) == 2
    assert "OUTBOX_LOCKED" in capsys.readouterr().err


async def test_simulate_scans_a_list_through_a_pty(settings, backend, tmp_path):
    link = settings.devices[0].port + "-cli"
    codes = tmp_path / "codes.txt"
    codes.write_text("111\n\n222\n333\n")
    device = DeviceSettings("till-9", "checkout", link)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "edge_agent", "simulate", "--link", link, "--codes", str(codes),
        "--rate", "200", stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with running(Agent(dataclasses.replace(settings, devices=(device,)))):
        out, _ = await asyncio.wait_for(process.communicate(), 20)
        await eventually(lambda: backend.codes == ["111", "222", "333"])

    assert out.decode().strip() == link
    assert process.returncode == 0


async def test_simulate_sends_each_line_of_its_input_to_the_scanner_it_names(
    settings, backend, tmp_path
):
    links = [str(tmp_path / f"till-{number}") for number in range(2)]
    devices = tuple(DeviceSettings(f"till-{n}", "checkout", link) for n, link in enumerate(links))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "edge_agent", "simulate", "--codes", "-", "--addressed",
        "--rate", "200", *(word for link in links for word in ("--link", link)),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip

    async with running(Agent(dataclasses.replace(settings, devices=devices))):
        await process.communicate(b"1\tB\n1\tC\n0\tA\n")
        await eventually(lambda: len(backend.ledger) == 3)

    sent_by = {backend.ledger[key]["code"]: device for key, device in backend.devices.items()}
    assert sent_by == {"A": "till-0", "B": "till-1", "C": "till-1"}


async def test_simulate_is_a_network_reader_that_is_disturbed_and_unplugged(
    settings, backend, tmp_path
):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "edge_agent", "simulate", "--protocol", "llrp", "--tcp", "0",
        "--rate", "100", "--limit", "40", "--unplug-every", "15",
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    port = (await process.stdout.readline()).decode().strip()
    device = DeviceSettings("dock", "gate", port, driver="tcp", options=LlrpOptions())

    async with running(Agent(dataclasses.replace(settings, devices=(device,)))):
        assert await asyncio.wait_for(process.wait(), 30) == 0
        await eventually(lambda: backend.ledger)

    sent = set(itertools.islice(random_epcs(1), 40))
    assert set(backend.codes) <= sent
    assert len(set(backend.codes)) > 25


@pytest.mark.parametrize(
    ("option", "value"), [("--noise", "2"), ("--truncate", "-1"), ("--tcp", "host:x")]
)
def test_simulate_refuses_what_cannot_be(option, value):
    with pytest.raises(SystemExit):
        main(["simulate", option, value])


@pytest.mark.parametrize("option", ["--rate", "--limit", "--scanners"])
def test_simulate_refuses_a_zero(option):
    with pytest.raises(SystemExit):
        main(["simulate", option, "0"])


def test_simulate_gives_up_when_nobody_listens(capsys):
    assert main(["simulate", "--scanners", "2", "--limit", "3", "--wait", "0.05"]) == 1
    assert len(capsys.readouterr().out.splitlines()) == 2
