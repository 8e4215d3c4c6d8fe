"""What protocols answer their devices: acknowledgements, questions, keys that are held."""

from __future__ import annotations

from typing import Any

import pytest

from edge_agent.protocols import PROTOCOLS, Broken, Garbage, GarbageReason, Scan, inventory
from edge_agent.protocols.a0 import A0Options, frame as a0_frame
from edge_agent.protocols.keyboard import EVENT, KeyboardOptions
from edge_agent.protocols.llrp import LlrpOptions
from edge_agent.protocols.llrp_messages import LlrpError, build_rospec, parameters
from edge_agent.protocols.ssi import ACK, MAX_SCAN_BYTES, NAK, SsiOptions, packet
from edge_agent.protocols.uhfreader import answer
from edge_agent.simulator import SPEAKERS
from tests.edge.frame_samples import LLRP_ADD_ROSPEC, LLRP_GREETING, LLRP_KEEPALIVE, reads_of

CODE = b"4006381333931"


def started(options) -> Any:
    machine = options.new_protocol()
    machine.start()
    return machine


def scan_packet(code: bytes, *, status: int = 0) -> bytes:
    return packet(0xF3, b"\x0b" + code, source=0, status=status)


def test_an_ssi_scan_is_acknowledged_when_it_is_stored_and_not_before():
    machine = started(SsiOptions())

    (scan,) = machine.receive_data(scan_packet(CODE))
    assert machine.data_to_send() == b""
    machine.note_stored(scan, is_durable=True)

    assert machine.data_to_send() == ACK == bytes.fromhex("04d00400ff28")
    assert machine.data_to_send() == b""


def test_a_repetition_of_a_stored_scan_is_acknowledged_and_dropped():
    machine = started(SsiOptions())
    (scan,) = machine.receive_data(scan_packet(CODE))
    machine.note_stored(scan, is_durable=True)
    machine.data_to_send()

    assert reads_of(machine.receive_data(scan_packet(CODE, status=1))) == []
    assert machine.data_to_send() == ACK


def test_a_repetition_while_the_disk_is_slow_waits_for_it():
    machine = started(SsiOptions())
    (scan,) = machine.receive_data(scan_packet(CODE))

    assert reads_of(machine.receive_data(scan_packet(CODE, status=1))) == []
    assert machine.data_to_send() == b""
    machine.note_stored(scan, is_durable=True)
    assert machine.data_to_send() == ACK


def test_a_repetition_of_a_refused_scan_is_tried_again():
    machine = started(SsiOptions())
    (scan,) = machine.receive_data(scan_packet(CODE))
    machine.note_stored(scan, is_durable=False)

    assert reads_of(machine.receive_data(scan_packet(CODE, status=1))) == [scan]
    assert machine.data_to_send() == b""


def test_a_repetition_of_a_scan_that_never_came_whole_is_a_scan():
    machine = started(SsiOptions())

    assert reads_of(machine.receive_data(scan_packet(CODE, status=1))) == [Scan(CODE, "]E0")]


def test_a_damaged_second_scan_of_the_same_code_is_not_taken_for_a_repetition_of_the_first():
    machine = started(SsiOptions())
    (scan,) = machine.receive_data(scan_packet(CODE))
    machine.note_stored(scan, is_durable=True)

    machine.receive_data(scan_packet(CODE).replace(b"4", b"5", 1))
    machine.receive_idle()

    assert reads_of(machine.receive_data(scan_packet(CODE, status=1))) == [scan]


def test_the_same_code_scanned_twice_is_two_scans():
    machine = started(SsiOptions())

    assert len(reads_of(machine.receive_data(scan_packet(CODE) * 2))) == 2


def test_a_repetition_is_known_after_the_cable_was_pulled():
    machine = started(SsiOptions())
    (scan,) = machine.receive_data(scan_packet(CODE))
    machine.note_stored(scan, is_durable=True)

    machine.start()

    assert reads_of(machine.receive_data(scan_packet(CODE, status=1))) == []


def test_a_scan_in_several_packets_is_one():
    machine = started(SsiOptions())
    first = packet(0xF3, b"\x1babc", source=0, status=2)

    assert reads_of(machine.receive_data(first)) == []
    assert machine.data_to_send() == ACK
    machine.receive_data(packet(0xF3, b"\x1babc", source=0, status=3))
    (scan,) = machine.receive_data(packet(0xF3, b"\x1bdef", source=0))

    assert scan == Scan(b"abcdef", "]d1")


def test_a_scan_of_endless_packets_is_garbage_and_not_memory():
    machine = started(SsiOptions())
    part = packet(0xF3, b"\x1b" + b"x" * 240, source=0, status=2)

    events = [event for _ in range(200) for event in machine.receive_data(part)]

    garbage = [event for event in events if isinstance(event, Garbage)]
    assert {event.reason for event in garbage} == {GarbageReason.OVERSIZED}
    assert len(machine._parts) <= MAX_SCAN_BYTES


def test_a_damaged_packet_is_asked_for_again():
    machine = started(SsiOptions())
    damaged = scan_packet(CODE).replace(b"4", b"5", 1)

    machine.receive_data(damaged)
    machine.receive_idle()

    assert machine.data_to_send() == NAK


def test_an_event_of_the_scanner_is_acknowledged():
    machine = started(SsiOptions())

    machine.receive_data(packet(0xF6, b"\x11", source=0))

    assert machine.data_to_send() == ACK


def test_an_inventory_is_asked_for_at_once_and_again_after_each_round():
    machine = started(A0Options())
    question = bytes.fromhex("a004018901d1")
    assert machine.data_to_send() == question

    machine.receive_data(a0_frame(1, 0x89, bytes.fromhex("00000500000003")))
    assert machine.data_to_send() == question


def test_after_a_round_without_tags_the_reader_rests():
    machine = started(A0Options())
    machine.data_to_send()

    machine.receive_data(a0_frame(1, 0x89, bytes(7)))

    assert machine.data_to_send() == b""
    assert machine.idle_gap_s == inventory.REST_S
    machine.receive_idle()
    assert machine.data_to_send()


def test_antennas_are_switched_through_round_by_round():
    machine = started(A0Options(antennas=(1, 3)))
    asked = [machine.data_to_send()]

    for _ in range(2):
        machine.receive_data(a0_frame(1, 0x89, bytes(7)))
        machine.receive_idle()
        asked.append(machine.data_to_send())

    assert [data[4] for data in asked] == [0, 2, 0]


@pytest.mark.parametrize("protocol", ["a0", "uhfreader18", "uhfreader288", "bb"])
def test_a_reader_that_does_not_answer_is_given_up(protocol):
    machine = started(PROTOCOLS[protocol]())
    assert machine.idle_gap_s == inventory.ANSWER_TIMEOUT_S

    events = [event for _ in range(inventory.MAX_UNANSWERED) for event in machine.receive_idle()]

    assert events == [Broken("no answer to 3 questions")]


def test_a_listening_protocol_asks_nothing():
    machine = started(A0Options(is_polled=False))

    assert machine.data_to_send() == b""
    assert not machine.is_waiting


def test_more_frames_to_come_do_not_end_a_round():
    machine = started(PROTOCOLS["uhfreader18"]())
    question = machine.data_to_send()
    tag = bytes.fromhex("010c000000000000000000000313")

    machine.receive_data(answer(1, 3, tag))
    assert machine.data_to_send() == b""
    machine.receive_data(answer(1, 1, tag))
    assert machine.data_to_send() == question


def test_an_llrp_keepalive_is_answered_with_its_number():
    machine = started(LlrpOptions())

    machine.receive_data(LLRP_KEEPALIVE.data)

    assert machine.data_to_send() == bytes.fromhex("04480000000a00000007")


def test_silence_breaks_an_llrp_conversation():
    machine = started(LlrpOptions(keepalive_s=7))
    assert machine.idle_gap_s == 10.0

    assert machine.receive_idle() == [Broken("no answer for 10 s")]
    assert not machine.is_waiting


def test_a_greeted_llrp_client_asks_what_the_reader_is():
    machine = started(LlrpOptions())

    machine.receive_data(LLRP_GREETING.data)

    assert machine.data_to_send() == bytes.fromhex("04010000000b0000000100")


def kinds_of(data, depth=0):
    """List the parameters of an ROSpec, nested ones included, as those who know it would."""
    heads = {177: 6, 183: None, 186: 3, 222: 2, 330: 1, 178: 0, 237: 3}
    found = []
    for kind, content in parameters(data):
        found.append(kind)
        if kind == 183:
            content = content[2 + 2 * int.from_bytes(content[:2], "big") :]
        elif kind in heads:
            content = content[heads[kind] or 0 :]
        else:
            continue
        found += kinds_of(content, depth + 1)
    return found


def test_our_rospec_is_built_like_that_of_a_client_readers_obey():
    # sllurp also sets the mode of the radio (335), a count of tags that ends its rounds (185) and
    # what it wants of a tag's memory (348): we leave these to the reader.
    theirs = kinds_of(LLRP_ADD_ROSPEC[10:])
    ours = kinds_of(build_rospec(1, (1, 2), 2, 1))

    assert ours == [kind for kind in theirs if kind not in (335, 185, 348)]


def test_parameters_that_do_not_add_up_are_refused():
    for data in ("00", "00f00003", "00f000ff00", "81", "ff00"):
        with pytest.raises(LlrpError):
            list(parameters(bytes.fromhex(data)))


# A recorded stream: the keys of "aB1" and Enter as a scanner sends them, with scan codes and
# synchronisation between them, on a 64-bit machine.
RECORDED = [
    (4, 4, 458756), (1, 30, 1), (0, 0, 0), (4, 4, 458756), (1, 30, 0), (0, 0, 0),
    (1, 42, 1), (0, 0, 0), (1, 48, 1), (0, 0, 0), (1, 48, 0), (1, 42, 0), (0, 0, 0),
    (1, 2, 1), (0, 0, 0), (1, 2, 2), (0, 0, 0), (1, 2, 0), (0, 0, 0), (1, 28, 1), (1, 28, 0),
]  # fmt: skip


def typed(*keys) -> bytes:
    return b"".join(EVENT.pack(1_700_000_000, number, *key) for number, key in enumerate(keys))


def test_keys_become_the_code_they_type():
    machine = started(KeyboardOptions())

    assert machine.receive_data(typed(*RECORDED)) == [Scan(b"aB1", None)]


def test_keys_are_read_the_same_byte_by_byte():
    machine, data = started(KeyboardOptions()), typed(*RECORDED)

    events = [event for byte in data for event in machine.receive_data(bytes([byte]))]

    assert events == [Scan(b"aB1", None)]


@pytest.mark.parametrize(
    "code",
    ["]C10109506000134352\x1d10aBc", "https://id.gs1.org/01/0?17=A_b", '~`\\|"'],
)
def test_every_character_a_scanner_types_comes_out(code):
    machine = started(KeyboardOptions())

    (scan,) = machine.receive_data(SPEAKERS["keyboard"]().say(code))

    assert scan.code == code


def test_a_keyboard_code_without_enter_is_released_by_silence():
    machine = started(KeyboardOptions())
    machine.receive_data(typed((1, 3, 1), (1, 3, 0)))

    assert machine.is_waiting
    assert machine.receive_idle() == [Scan(b"2", None)]


def test_half_an_event_is_garbage_when_nothing_follows():
    machine = started(KeyboardOptions())
    machine.receive_data(b"abc")

    assert machine.receive_end() == [Garbage(b"abc", GarbageReason.TRUNCATED)]
