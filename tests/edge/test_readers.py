"""A read of every protocol, from a simulated reader through the agent's outbox to the ledger."""

from __future__ import annotations

import asyncio
import dataclasses
import random

import pytest

from edge_agent.agent import Agent
from edge_agent.clock import SystemClock
from edge_agent.device import Device
from edge_agent.presence import TagSettings
from edge_agent.protocols import PROTOCOLS
from edge_agent.protocols.llrp import LlrpOptions
from edge_agent.protocols.llrp_messages import MessageType
from edge_agent.protocols.ssi import SsiProtocol
from edge_agent.settings import DeviceSettings
from edge_agent.simulator import SPEAKERS, Disturbance, PtyPort, ReaderSimulator, TcpPort
from edge_agent.simulator.llrp_speaker import LlrpSpeaker
from edge_agent.simulator.speakers import SsiSpeaker
from edge_agent.spool import Selection
from tests.edge.conftest import limit_rows, running
from tests.edge.test_outbox import rows_in
from tests.edge.waiting import eventually

EPCS = ["3034257BF7194E4000001A85", "30204ED9496334000000006E", "3066C4409047E140075BCD15"]
GTINS = ["4006381333931", "96385074", "]C10109506000134352\x1d10ABC"]


def codes_for(protocol):
    return EPCS if SPEAKERS[protocol]().reads_tags else GTINS


def device_at(port, protocol, driver="serial", **changes):
    options = PROTOCOLS[protocol]()
    device = DeviceSettings("dock", "gate", port.port, driver=driver, options=options)
    return dataclasses.replace(device, **changes)


def agent_for(settings, device):
    return Agent(dataclasses.replace(settings, devices=(device,)))


@pytest.mark.parametrize("protocol", list(PROTOCOLS))
@pytest.mark.parametrize("driver", ["serial", "pyserial", "tcp"])
async def test_a_read_of_every_protocol_reaches_the_ledger(
    settings, backend, tmp_path, protocol, driver
):
    port = TcpPort() if driver == "tcp" else PtyPort(tmp_path / "reader")
    codes = codes_for(protocol)

    async with (
        ReaderSimulator(port, SPEAKERS[protocol]()) as reader,
        running(agent_for(settings, device_at(port, protocol, driver))),
    ):
        for code in codes:
            await reader.read(code)
        await eventually(lambda: len(backend.ledger) == len(codes))

    assert backend.codes == codes


@pytest.mark.parametrize("protocol", ["a0", "uhfreader18", "uhfreader288", "bb", "ssi"])
async def test_noise_between_frames_costs_no_read(settings, backend, tmp_path, protocol):
    disturbance = Disturbance(noise=1.0, rng=random.Random(7))
    port = PtyPort(tmp_path / "reader")
    codes = codes_for(protocol)

    async with (
        ReaderSimulator(port, SPEAKERS[protocol](), disturbance) as reader,
        running(agent_for(settings, device_at(port, protocol))),
    ):
        for code in codes:
            await reader.read(code)
        await eventually(lambda: set(codes) <= set(backend.codes))

    assert sorted(backend.codes) == sorted(codes)


async def test_a_scan_cut_off_on_the_line_is_repeated_by_an_ssi_scanner(
    settings, backend, tmp_path
):
    half = Disturbance(truncation=0.5, rng=random.Random(3))
    port, speaker = PtyPort(tmp_path / "reader"), SsiSpeaker()

    async with (
        ReaderSimulator(port, speaker, half) as reader,
        running(agent_for(settings, device_at(port, "ssi"))),
    ):
        for number in range(8):
            await reader.read(f"code-{number}")
        await eventually(lambda: len(backend.ledger) == 8)

    assert backend.codes == [f"code-{number}" for number in range(8)]
    assert speaker.given_up == []


async def test_an_unplugged_reader_is_found_again_without_a_restart(settings, backend):
    port = TcpPort()

    async with (
        ReaderSimulator(port, LlrpSpeaker()) as reader,
        running(agent_for(settings, device_at(port, "llrp", "tcp"))),
    ):
        await reader.read(EPCS[0])
        await eventually(lambda: EPCS[0] in backend.codes)
        await reader.replug()
        await reader.read(EPCS[1])
        await eventually(lambda: EPCS[1] in backend.codes)


async def test_an_ssi_scan_is_acknowledged_only_once_it_is_on_the_disk(
    settings, outbox, tmp_path, monkeypatch
):
    port, speaker = PtyPort(tmp_path / "reader"), SsiSpeaker()
    device = Device(device_at(port, "ssi"), outbox, SystemClock())
    rows_at_ack = []
    tell = SsiProtocol.note_stored

    def note_stored(self, scan, *, is_durable):
        rows_at_ack.append((is_durable, len(rows_in(settings.outbox.path))))
        tell(self, scan, is_durable=is_durable)

    monkeypatch.setattr(SsiProtocol, "note_stored", note_stored)
    async with ReaderSimulator(port, speaker) as reader, running(device):
        await reader.read("1")
        await reader.read("2")
        await eventually(lambda: speaker.acknowledged == ["1", "2"])

    assert rows_at_ack == [(True, 1), (True, 2)]


async def test_a_scan_that_the_outbox_refuses_is_never_acknowledged(outbox, tmp_path):
    port, speaker = PtyPort(tmp_path / "reader"), SsiSpeaker()
    device = Device(device_at(port, "ssi"), outbox, SystemClock())
    await limit_rows(outbox, 1)

    async with ReaderSimulator(port, speaker) as reader:
        reader.insist_s = 0.05
        async with running(device):
            await reader.read("fits")
            await reader.read("does not")
            await eventually(lambda: speaker.given_up)

    assert (speaker.acknowledged, speaker.given_up) == (["fits"], ["does not"])
    # The scan and its two repetitions.
    assert device.counters.refused == 3


async def test_a_lost_acknowledgement_makes_no_second_read(settings, outbox, tmp_path):
    class DeafOnce(SsiSpeaker):
        deaf = 1

        def hear(self, data):
            if self.deaf:
                self.deaf -= 1
                return b""
            return super().hear(data)

    port, speaker = PtyPort(tmp_path / "reader"), DeafOnce()
    device = Device(device_at(port, "ssi"), outbox, SystemClock())

    async with ReaderSimulator(port, speaker) as reader:
        reader.insist_s = 0.05
        async with running(device):
            await reader.read("once")
            await eventually(lambda: speaker.acknowledged == ["once"])

    assert device.counters.reads == len(rows_in(settings.outbox.path)) == 1


async def test_an_llrp_reader_is_led_to_reports_step_by_step(outbox):
    port, speaker = TcpPort(), LlrpSpeaker()

    async with (
        ReaderSimulator(port, speaker) as reader,
        running(Device(device_at(port, "llrp", "tcp"), outbox, SystemClock())),
    ):
        await reader.wait_ready(10)
        reader.insist_s = 0.01
        await eventually(lambda: MessageType.KEEPALIVE_ACK in speaker.heard)

    assert speaker.heard[:6] == [
        MessageType.GET_READER_CAPABILITIES,
        MessageType.SET_READER_CONFIG,
        MessageType.DELETE_ROSPEC,
        MessageType.ADD_ROSPEC,
        MessageType.ENABLE_ROSPEC,
        MessageType.ENABLE_EVENTS_AND_REPORTS,
    ]


@pytest.mark.parametrize(
    ("speaker", "options", "reason"),
    [
        (LlrpSpeaker(refusals={MessageType.ADD_ROSPEC: 101}), LlrpOptions(), "101 no"),
        (LlrpSpeaker(antennas=2), LlrpOptions(antennas=(1, 4)), "has 2 antennas, not number 4"),
    ],
)
async def test_a_reader_that_refuses_is_reported_and_tried_again(outbox, speaker, options, reason):
    port = TcpPort()
    device = Device(device_at(port, "llrp", "tcp", options=options), outbox, SystemClock())

    async with ReaderSimulator(port, speaker), running(device):
        await eventually(lambda: reason in (device.counters.last_error or ""))
        await eventually(lambda: device.counters.connections >= 2)


async def test_a_reader_that_refuses_for_days_is_logged_once(outbox, caplog):
    caplog.set_level("INFO")
    port, speaker = TcpPort(), LlrpSpeaker(refusals={MessageType.ADD_ROSPEC: 101})
    device = Device(device_at(port, "llrp", "tcp"), outbox, SystemClock())

    async with ReaderSimulator(port, speaker), running(device):
        await eventually(lambda: device.counters.connections >= 3)

    assert caplog.text.count("ADD_ROSPEC_RESPONSE") == 1
    assert caplog.text.count("connected to") == 1


async def test_a_reader_with_another_client_is_left_to_it_and_tried_again(outbox):
    port, speaker = TcpPort(), LlrpSpeaker()
    speaker.attempt = 2
    device = Device(device_at(port, "llrp", "tcp"), outbox, SystemClock())

    async with ReaderSimulator(port, speaker) as reader, running(device):
        await eventually(lambda: device.counters.last_error == "another client is connected")
        speaker.attempt = 0
        await reader.wait_ready(20)


async def test_a_tag_is_reported_when_it_comes_and_when_it_goes(settings, backend, tmp_path):
    port = PtyPort(tmp_path / "reader")
    tags = TagSettings(leave_ms=300)

    async with (
        ReaderSimulator(port, SPEAKERS["bb"]()) as reader,
        running(agent_for(settings, device_at(port, "bb", tags=tags))),
    ):
        for _ in range(20):
            await reader.read(EPCS[0])
        await eventually(lambda: len(backend.ledger) == 2)

    came, went = backend.ledger.values()
    assert came["code"] == went["code"] == EPCS[0]
    assert (came["count"], went["count"]) == (1, 19)
    assert (came["rssi"], came["antenna"]) == (-55, None)


async def test_tags_that_leave_are_kept_with_when_they_were_first_seen(settings, outbox, tmp_path):
    port = PtyPort(tmp_path / "reader")
    device = Device(
        device_at(port, "uhfreader288", tags=TagSettings(leave_ms=100)), outbox, SystemClock()
    )

    async with ReaderSimulator(port, SPEAKERS["uhfreader288"]()) as reader, running(device):
        await reader.read(EPCS[0])
        await eventually(lambda: device.counters.reads == 2)
        (came, went) = (row.read for row in (await outbox.oldest(Selection(10))).rows)

    assert (came.tag.presence, went.tag.presence) == ("APPEARED", "LEFT")
    assert came.tag.first_seen_ms == went.tag.first_seen_ms == came.observed.wall_ms
    assert device.counters.tags_present == 0


async def test_antennas_may_be_read_points_of_their_own(settings, backend):
    port = TcpPort()
    device = device_at(port, "llrp", "tcp", antenna_points={1: "exit"})

    async with (
        ReaderSimulator(port, LlrpSpeaker()) as reader,
        running(agent_for(settings, device)),
    ):
        await reader.read(EPCS[0])
        await eventually(lambda: backend.ledger)

    assert next(iter(backend.ledger.values()))["readPoint"] == "exit"


async def test_an_appearance_the_outbox_refused_is_reported_again(outbox, tmp_path):
    port = PtyPort(tmp_path / "reader")
    device = Device(device_at(port, "bb"), outbox, SystemClock())
    await limit_rows(outbox, 0)

    async with ReaderSimulator(port, SPEAKERS["bb"]()) as reader, running(device):
        await reader.read(EPCS[0])
        await eventually(lambda: device.counters.refused == 1)
        await limit_rows(outbox, 10)
        await reader.read(EPCS[0])
        await eventually(lambda: device.counters.reads == 1)


async def test_a_device_that_sends_only_garbage_is_quarantined_and_reported(
    outbox, tmp_path, caplog
):
    port = PtyPort(tmp_path / "reader")
    device = Device(device_at(port, "bb"), outbox, SystemClock())

    async with running(device):
        await port.wait_opened()
        # The rest of it meets a closed port.
        noise = random.Random(5).randbytes(40_000).replace(b"\xbb", b"\x00")
        sending = asyncio.create_task(port.send(noise))
        await eventually(lambda: device.counters.quarantined_until_ms)
        connections = device.counters.connections
        await asyncio.sleep(0.3)
        sending.cancel()
        port.unplug()

    assert "quarantined for 60 s" in (device.counters.last_error or "")
    assert "sends nothing but garbage" in caplog.text
    assert device.counters.connections == connections == device.counters.quarantines == 1


async def test_a_polled_reader_that_never_answers_is_connected_to_anew(outbox, monkeypatch):
    monkeypatch.setattr("edge_agent.protocols.inventory.ANSWER_TIMEOUT_S", 0.05)
    port = TcpPort()
    device = Device(device_at(port, "a0", "tcp"), outbox, SystemClock())

    async with running(device):
        await port.wait_opened()
        await eventually(lambda: device.counters.last_error == "no answer to 3 questions")
        port.unplug()
