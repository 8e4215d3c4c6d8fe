"""Every framed protocol: whole, byte by byte, many at once, cut off, too long, in noise, fuzzed."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from edge_agent.protocols import PROTOCOLS, Broken, Garbage, GarbageReason, Scan
from edge_agent.protocols.a0 import frame as a0_frame
from edge_agent.protocols.bb import frame as bb_frame
from edge_agent.protocols.checksums import crc16_gen2
from edge_agent.protocols.frames import MAX_NOISE_BYTES
from edge_agent.protocols.llrp_messages import Message, tlv
from edge_agent.protocols.ssi import packet
from edge_agent.protocols.tsl import TslOptions
from edge_agent.protocols.uhfreader import answer
from tests.edge.frame_samples import (
    BROKEN,
    LLRP_GREETING,
    LLRP_KEEPALIVE,
    SAMPLES,
    UHF_INFO,
    decoded,
    notices_of,
    reads_of,
)

FRAMED = ["ssi", "a0", "uhfreader18", "uhfreader288", "bb", "tsl"]
each_sample = pytest.mark.parametrize(
    "sample", SAMPLES, ids=lambda s: f"{s.protocol}-{s.data.hex()[:24]}"
)


def fed(protocol: str, pieces) -> tuple[list[Any], Any]:
    machine: Any = PROTOCOLS[protocol]().new_protocol()
    return [event for piece in pieces for event in machine.receive_data(piece)], machine


def samples_of(protocol: str):
    return [sample for sample in SAMPLES if sample.protocol == protocol]


def longest(protocol: str):
    return max((s for s in samples_of(protocol) if s.reads), key=lambda sample: len(sample.data))


@each_sample
def test_a_published_frame_says_what_is_published_about_it(sample):
    events = decoded(sample.protocol, sample.data)

    assert reads_of(events) == list(sample.reads)
    assert not any(isinstance(event, Garbage) for event in events)
    assert sample.reads or notices_of(events)


@each_sample
def test_a_frame_says_the_same_byte_by_byte(sample):
    events, machine = fed(
        sample.protocol, [sample.data[i : i + 1] for i in range(len(sample.data))]
    )

    assert reads_of([*events, *machine.receive_end()]) == list(sample.reads)


@pytest.mark.parametrize("protocol", [*FRAMED, "llrp"])
def test_many_frames_at_once_are_read_one_after_the_other(protocol):
    samples = samples_of(protocol) * 3

    events = decoded(protocol, b"".join(s.data for s in samples))

    assert reads_of(events) == [read for sample in samples for read in sample.reads]


@pytest.mark.parametrize("protocol", [*FRAMED, "llrp"])
def test_a_frame_that_is_cut_off_is_garbage_and_no_byte_of_it_is_lost(protocol):
    sample = longest(protocol)
    cut = sample.data[: len(sample.data) - 9]

    events, machine = fed(protocol, [cut])
    events += machine.receive_end()

    garbage = [event for event in events if isinstance(event, Garbage)]
    if protocol != "tsl":
        assert reads_of(events) == []
        assert b"".join(event.raw for event in garbage) == cut
    assert {event.reason for event in garbage} == {GarbageReason.TRUNCATED}


@pytest.mark.parametrize("sample", BROKEN, ids=lambda s: s.protocol)
def test_a_frame_with_a_wrong_checksum_is_refused(sample):
    events = decoded(sample.protocol, sample.data)

    assert events == [Garbage(sample.data, GarbageReason.CHECKSUM)]


@pytest.mark.parametrize("protocol", FRAMED)
@pytest.mark.parametrize("noise", [b"\xff", b"\x00\xff\x13", b"\xa0\xff\xbb\x02\x22\x01"])
def test_noise_before_and_between_frames_swallows_none(protocol, noise):
    sample = longest(protocol)

    events, machine = fed(protocol, [noise + sample.data + noise + sample.data])
    events += machine.receive_idle() + machine.receive_end()

    assert reads_of(events) == [*sample.reads, *sample.reads]


@pytest.mark.parametrize("protocol", ["uhfreader18", "uhfreader288", "ssi"])
def test_silence_ends_the_wait_for_a_length_that_was_noise(protocol):
    sample = longest(protocol)
    claim = b"\xff\xf3\x00" if protocol == "ssi" else b"\xff"
    machine: Any = PROTOCOLS[protocol]().new_protocol()

    assert reads_of(machine.receive_data(claim + sample.data)) == []
    assert machine.idle_gap_s == 0.05
    assert reads_of(machine.receive_idle()) == list(sample.reads)


@pytest.mark.parametrize("protocol", FRAMED)
def test_noise_comes_out_in_pieces_so_that_memory_stays_bounded(protocol):
    machine: Any = PROTOCOLS[protocol]().new_protocol()

    for _ in range(100):
        machine.receive_data(b"\x01\x02" * 500)

    assert len(machine._buffer) <= 512
    assert len(machine._noise) < MAX_NOISE_BYTES


def test_a_frame_longer_than_any_is_noise():
    oversized = bb_frame(2, 0x22, bytes(300))

    events = decoded("bb", oversized)

    assert reads_of(events) == []
    assert b"".join(event.raw for event in events) == oversized


def test_an_llrp_message_longer_than_any_ends_the_conversation():
    events = decoded("llrp", bytes.fromhex("043d7fffffff00000001"))

    assert [type(event).__name__ for event in events] == ["Garbage", "Broken"]


@pytest.mark.parametrize(
    ("protocol", "frame"),
    [
        ("a0", bytes.fromhex("a0130189742000e2004074850a0103163070e13639")),
        ("uhfreader288", answer(1, 1, bytes.fromhex("01030c000000000000000000000313"))),
        ("uhfreader288", answer(1, 1, bytes.fromhex("0101000000"))),
        ("uhfreader288", answer(0xEE, 0, bytes.fromhex("010cffff"))),
        ("uhfreader18", answer(1, 1, bytes.fromhex("010c00000000000000000000031377"))),
        ("bb", bb_frame(2, 0x22, bytes.fromhex("c42000e200001d7315016521408fc6b83e"))),
        ("bb", bb_frame(2, 0x22, b"\xc4")),
        ("tsl", b"EP: 123\r\n"),
    ],
)
def test_a_frame_that_contradicts_itself_is_malformed(protocol, frame):
    events = decoded(protocol, frame)

    assert events == [Garbage(frame, GarbageReason.MALFORMED)]


@pytest.mark.parametrize(
    ("protocol", "frame"),
    [
        ("a0", a0_frame(1, 0x89, bytes.fromhex("04000036"))),
        ("bb", bb_frame(2, 0x22, b"\xc4\x00\x00" + crc16_gen2(bytes(2)).to_bytes(2, "big"))),
        ("uhfreader18", answer(1, 1, bytes.fromhex("0100"))),
        ("uhfreader288", answer(1, 1, bytes.fromhex("01010050"))),
        ("uhfreader288", answer(0xEE, 0, bytes.fromhex("010050"))),
        ("llrp", bytes(Message(61, 1, tlv(240, tlv(241, b"\0\0"))))),
    ],
)
def test_a_tag_that_was_never_written_is_no_fault_and_no_read(protocol, frame):
    events = decoded(protocol, frame)

    assert reads_of(events) == []
    assert not any(isinstance(event, Garbage | Broken) for event in events)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (Message(63, 1, tlv(246, tlv(257, b""))), "the reader closes the connection"),
        (Message(63, 1, tlv(246, tlv(256, b"\0\x09"))), "connection refused: 9"),
        (
            Message(100, 1, tlv(287, b"\0\x64\0\x03bad")),
            "the reader does not understand: 100 bad",
        ),
        (Message(100, 1, b""), "an answer without status"),
    ],
)
def test_an_llrp_reader_that_ends_the_conversation_says_why(message, reason):
    assert decoded("llrp", bytes(message))[-1] == Broken(reason)


def test_capabilities_that_say_nothing_end_an_llrp_conversation():
    machine = PROTOCOLS["llrp"]().new_protocol()
    machine.receive_data(LLRP_GREETING.data)

    events = machine.receive_data(bytes(Message(11, 1, tlv(287, bytes(4)))))

    assert events[-1] == Broken("no general capabilities")


def test_what_an_llrp_reader_tells_besides_is_for_people():
    exception = Message(63, 1, tlv(246, tlv(252, b"\0\x04warm")))

    assert notices_of(decoded("llrp", bytes(exception))) == ["reader: warm"]
    assert notices_of(decoded("llrp", bytes(Message(63, 1, tlv(246, b""))))) == ["event"]


def test_an_ssi_scan_without_a_code_is_empty():
    frame = packet(0xF3, b"\x0b", source=0)

    assert decoded("ssi", frame) == [Garbage(frame, GarbageReason.EMPTY)]


def test_a_tsl_tag_that_nothing_follows_is_released_by_silence():
    machine = PROTOCOLS["tsl"]().new_protocol()
    machine.start()
    assert machine.receive_data(b"EP: 000000000000000000001242\r\nPC: 3000\r\n") == []

    assert machine.is_waiting
    assert [tag.code for tag in reads_of(machine.receive_idle())] == ["000000000000000000001242"]
    assert machine.receive_idle() == []


def test_a_tsl_reader_may_be_asked_for_tags():
    machine = TslOptions(is_polled=True).new_protocol()

    machine.start()

    assert machine.data_to_send().startswith(b".iv ")


def test_a_tag_whose_own_crc_is_wrong_is_not_believed():
    frame = bb_frame(2, 0x22, bytes.fromhex("c43000e200001d7315016521408fc6b83f"))

    assert decoded("bb", frame) == [Garbage(frame, GarbageReason.CHECKSUM)]


def test_a_real_time_frame_of_a_reader_that_was_not_asked_is_read():
    frame = answer(0xEE, 0, bytes.fromhex("040c000000000000000000000313") + b"\x55")

    (seen,) = decoded("uhfreader288", frame)

    assert (seen.code, seen.antenna, seen.rssi_raw) == ("000000000000000000000313", 3, 0x55)


def test_notices_say_what_a_frame_without_a_read_means():
    assert notices_of(decoded("uhfreader288", UHF_INFO.data)) == ["reader type 0C, firmware 0.22"]
    assert notices_of(decoded("a0", bytes.fromhex("a00501720109de"))) == ["firmware 1.9"]
    assert notices_of(decoded("llrp", LLRP_KEEPALIVE.data)) == ["keep-alive"]


def test_a_tsl_reader_that_scans_barcodes_is_read_too():
    assert decoded("tsl", b"BC: 4006381333931\r\n") == [Scan(b"4006381333931", None)]


streams = st.tuples(
    st.sampled_from([*FRAMED, "llrp"]),
    st.lists(
        st.sampled_from([sample.data for sample in SAMPLES]) | st.binary(max_size=40), max_size=8
    ).map(b"".join),
)


@settings(max_examples=300)
@given(stream=streams, cuts=st.lists(st.integers(0, 600), max_size=8))
def test_the_way_a_stream_is_chopped_changes_nothing(stream, cuts):
    protocol, data = stream
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]

    whole, one = fed(protocol, [data])
    chopped, other = fed(protocol, [data[a:b] for a, b in itertools.pairwise(edges)])

    if protocol == "llrp":
        assert reads_of(chopped) == reads_of(whole)
    else:
        assert chopped + other.receive_end() == whole + one.receive_end()


@settings(max_examples=300)
@given(stream=streams)
def test_no_bytes_break_a_protocol_or_stay_in_it(stream):
    protocol, data = stream

    _, machine = fed(protocol, [data])
    machine.receive_idle()
    machine.receive_end()

    assert not machine._buffer


@settings(max_examples=100)
@given(
    protocol=st.sampled_from(["a0", "bb", "uhfreader18", "uhfreader288", "ssi"]),
    data=st.binary(min_size=100, max_size=600),
)
def test_noise_alone_is_kept_to_the_byte(protocol, data):
    events = decoded(protocol, data)

    garbage = b"".join(event.raw for event in events if isinstance(event, Garbage))
    assert len(garbage) + sum(len(e.raw) for e in events if not isinstance(e, Garbage)) == len(data)
