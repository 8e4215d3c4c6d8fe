"""Cutting what scanners send into scans."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, strategies as st

from edge_agent.protocols import Garbage, GarbageReason, LineFraming, Scan, Terminator
from edge_agent.protocols.lines import MAX_FRAME_BYTES, LineProtocol

ENDINGS = {
    Terminator.CR: b"\r",
    Terminator.LF: b"\n",
    Terminator.CRLF: b"\r\n",
    Terminator.ETX: b"\x03",
    Terminator.ANY: b"\r",
}
GS1 = b"]C1010950600013435210ABC\x1d21X1"
EAN = b"4006381333931"
WHOLE_CODES = st.binary(min_size=1, max_size=40).filter(
    lambda code: not set(code) & {0x0D, 0x0A, 0x03}
)
framings = st.builds(LineFraming, st.sampled_from(list(Terminator)))
streams = st.lists(
    st.sampled_from([b"\r", b"\n", b"\r\n", b"\x03", b"x" * 4095, b"y" * 4096, b"]E0", b"\xff\x00"])
    | st.binary(max_size=30),
    max_size=12,
).map(b"".join)


def events_of(data: bytes, framing: LineFraming, cuts=()) -> tuple[list[Any], Any]:
    protocol = LineProtocol(framing)
    edges = [0, *sorted(cuts), len(data)]
    pieces = [data[a:b] for a, b in itertools.pairwise(edges)]
    return [event for piece in pieces for event in protocol.receive_data(piece)], protocol


def codes_of(events):
    return [event.raw for event in events if isinstance(event, Scan)]


@pytest.mark.parametrize("terminator", list(ENDINGS))
def test_a_terminator_ends_a_scan_at_once(terminator):
    events, protocol = events_of(GS1 + ENDINGS[terminator], LineFraming(terminator))

    assert events == [Scan(GS1, "]C1")]
    assert not protocol.is_waiting


@pytest.mark.parametrize("terminator", list(Terminator))
def test_an_idle_gap_releases_a_scan_that_lost_its_terminator(terminator):
    events, protocol = events_of(EAN, LineFraming(terminator))

    released = protocol.receive_idle()

    assert (events, released) == ([], [Scan(EAN, None)])
    assert not protocol.is_waiting


@pytest.mark.parametrize(
    ("sent", "codes"),
    [
        (b"A\r\nB\r\n", [b"A", b"B"]),
        (b"A\rB\nC\r\n", [b"A", b"B", b"C"]),
        (b"A\n\rB\r", [b"A", b"B"]),
        (b"\r\r\n\nA\r", [b"A"]),
    ],
    ids=["crlf", "mixed", "lfcr", "empty lines"],
)
def test_any_terminator_cuts_the_same_whole_and_byte_by_byte(sent, codes):
    whole, _ = events_of(sent, LineFraming())
    single, _ = events_of(sent, LineFraming(), range(1, len(sent)))

    assert codes_of(whole) == codes
    assert whole == single


def test_prefix_and_suffix_come_off_only_when_they_are_there():
    framing = LineFraming(Terminator.CR, prefix=b"\x02", suffix=b"\x03")

    events, _ = events_of(b"\x02]E04006381333931\x03\r" + EAN + b"\r", framing)

    assert codes_of(events) == [b"]E04006381333931", EAN]


def test_an_aim_identifier_stays_in_the_code_and_is_named_beside_it():
    events, _ = events_of(b"]E04006381333931\r", LineFraming())

    assert events == [Scan(b"]E04006381333931", "]E0")]


def test_a_scanner_without_aim_identifiers_may_send_codes_that_look_like_one():
    events, _ = events_of(b"]E0-SHELF\r", LineFraming(has_aim=False))

    assert events == [Scan(b"]E0-SHELF", None)]


def test_bytes_that_are_no_utf8_survive_as_latin_1():
    scan = Scan(b"\xff\xfe\x00caf\xe9", None)

    events, _ = events_of(scan.raw + b"\r", LineFraming())

    assert events == [scan]
    assert scan.code.encode("latin-1") == scan.raw


def test_a_zero_length_scan_is_reported_as_empty():
    events, _ = events_of(b"\r", LineFraming())

    assert events == [Garbage(b"", GarbageReason.EMPTY)]


@pytest.mark.parametrize("terminator", list(ENDINGS))
def test_the_longest_frame_is_a_scan_and_one_byte_more_is_garbage(terminator):
    ending = ENDINGS[terminator]

    longest, _ = events_of(b"a" * MAX_FRAME_BYTES + ending, LineFraming(terminator))
    longer, _ = events_of(b"a" * (MAX_FRAME_BYTES + 1) + ending, LineFraming(terminator))

    assert codes_of(longest) == [b"a" * MAX_FRAME_BYTES]
    assert [event.raw for event in longer] == [b"a" * MAX_FRAME_BYTES, b"a"]
    assert {type(event) for event in longer} == {Garbage}


def test_the_scan_after_an_oversized_one_is_read_as_usual():
    events, _ = events_of(b"a" * 10_000 + b"\r" + EAN + b"\r", LineFraming())

    assert codes_of(events) == [EAN]


def test_silence_ends_an_oversized_frame():
    _, protocol = events_of(b"a" * (MAX_FRAME_BYTES + 1), LineFraming(Terminator.IDLE))

    protocol.receive_idle()

    assert protocol.receive_data(EAN) == []
    assert protocol.receive_idle() == [Scan(EAN, None)]


def test_pieces_of_an_oversized_frame_are_never_empty():
    events, _ = events_of(b"a" * 2 * MAX_FRAME_BYTES + b"\r", LineFraming())

    assert [len(event.raw) for event in events] == [MAX_FRAME_BYTES] * 2


def test_silence_releases_an_oversized_frame_that_waited_for_half_a_terminator():
    _, protocol = events_of(b"a" * MAX_FRAME_BYTES + b"\r", LineFraming(Terminator.CRLF))

    events = protocol.receive_idle()

    assert [event.raw for event in events] == [b"a" * MAX_FRAME_BYTES, b"\r"]


def test_silence_with_nothing_held_means_nothing():
    assert LineProtocol(LineFraming()).receive_idle() == []


@given(codes=st.lists(WHOLE_CODES, max_size=20), terminator=st.sampled_from(list(ENDINGS)))
def test_every_code_comes_out_as_it_went_in(codes, terminator):
    ending = ENDINGS[terminator]

    events, _ = events_of(b"".join(code + ending for code in codes), LineFraming(terminator))

    assert codes_of(events) == codes


@given(data=streams, framing=framings, cuts=st.lists(st.integers(0, 20_000), max_size=8))
def test_the_way_a_stream_is_chopped_changes_nothing(data, framing, cuts):
    whole, one = events_of(data, framing)
    chopped, other = events_of(data, framing, [min(cut, len(data)) for cut in cuts])

    assert chopped + other.receive_idle() == whole + one.receive_idle()


@given(data=streams, framing=framings)
def test_no_byte_is_lost_but_for_terminators(data, framing):
    events, protocol = events_of(data, framing)
    kept = b"".join(event.raw for event in events + protocol.receive_idle())

    ending = ENDINGS.get(framing.terminator, b"")
    endings = set(b"\r\n" if framing.terminator is Terminator.ANY else ending)
    assert [b for b in kept if b not in endings] == [b for b in data if b not in endings]


@given(data=streams, framing=framings)
def test_memory_stays_bounded_whatever_comes(data, framing):
    _, protocol = events_of(data, framing)

    assert len(protocol._buffer) <= MAX_FRAME_BYTES + 1
