"""LLRP 1.0.1 on the wire: messages, parameters, and those few that an observing client needs."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from edge_agent.protocols.events import TagSeen

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER_BYTES: Final = 10
MAX_MESSAGE_BYTES: Final = 1 << 20
_HEADER: Final = struct.Struct(">HII")
_TLV: Final = struct.Struct(">HH")
_VERSIONS: Final = (1, 2)


class MessageType(IntEnum):
    """Messages of either side (LLRP 1.0.1, table 12)."""

    GET_READER_CAPABILITIES = 1
    SET_READER_CONFIG = 3
    GET_READER_CAPABILITIES_RESPONSE = 11
    SET_READER_CONFIG_RESPONSE = 13
    CLOSE_CONNECTION_RESPONSE = 4
    CLOSE_CONNECTION = 14
    ADD_ROSPEC = 20
    DELETE_ROSPEC = 21
    ENABLE_ROSPEC = 24
    ADD_ROSPEC_RESPONSE = 30
    DELETE_ROSPEC_RESPONSE = 31
    ENABLE_ROSPEC_RESPONSE = 34
    RO_ACCESS_REPORT = 61
    KEEPALIVE = 62
    READER_EVENT_NOTIFICATION = 63
    ENABLE_EVENTS_AND_REPORTS = 64
    KEEPALIVE_ACK = 72
    ERROR_MESSAGE = 100


class Parameter(IntEnum):
    """Parameters with a length of their own (TLV)."""

    GENERAL_DEVICE_CAPABILITIES = 137
    RO_SPEC = 177
    RO_BOUNDARY_SPEC = 178
    RO_SPEC_START_TRIGGER = 179
    RO_SPEC_STOP_TRIGGER = 182
    AI_SPEC = 183
    AI_SPEC_STOP_TRIGGER = 184
    INVENTORY_PARAMETER_SPEC = 186
    KEEPALIVE_SPEC = 220
    ANTENNA_CONFIGURATION = 222
    RF_TRANSMITTER = 224
    RO_REPORT_SPEC = 237
    TAG_REPORT_CONTENT_SELECTOR = 238
    TAG_REPORT_DATA = 240
    EPC_DATA = 241
    READER_EVENT_NOTIFICATION_DATA = 246
    READER_EXCEPTION_EVENT = 252
    CONNECTION_ATTEMPT_EVENT = 256
    CONNECTION_CLOSE_EVENT = 257
    LLRP_STATUS = 287
    C1G2_INVENTORY_COMMAND = 330
    C1G2_SINGULATION_CONTROL = 336


# Parameters without a length of their own (TV): how many bytes follow the type.
_TV_BYTES: Final = {
    1: 2, 2: 8, 3: 8, 4: 8, 5: 8, 6: 1, 7: 2, 8: 2, 9: 4, 10: 2, 11: 2, 12: 2, 13: 12, 14: 2,
    15: 2, 16: 4, 17: 2, 18: 2,
}  # fmt: skip
_ANTENNA_ID, _FIRST_SEEN_UTC, _PEAK_RSSI, _TAG_SEEN_COUNT, _EPC_96 = 1, 2, 6, 8, 13


class LlrpError(Exception):
    """Bytes that are no LLRP."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `id` pairs a response with its request."""

    kind: int
    id: int
    body: bytes
    version: int = 1

    def __bytes__(self) -> bytes:
        head = _HEADER.pack(self.version << 10 | self.kind, HEADER_BYTES + len(self.body), self.id)
        return head + self.body


def measure_message(head: bytes | bytearray) -> int:
    """Return the length a header announces; raises LlrpError when it is none."""
    kind, length, _ = _HEADER.unpack_from(head)
    if kind >> 10 not in _VERSIONS or not HEADER_BYTES <= length <= MAX_MESSAGE_BYTES:
        raise LlrpError("no LLRP message")
    return length


def parse_message(data: bytes) -> Message:
    """Read a whole message."""
    kind, _, number = _HEADER.unpack_from(data)
    return Message(kind & 0x3FF, number, data[HEADER_BYTES:], kind >> 10 & 7)


def tlv(kind: int, body: bytes) -> bytes:
    """Build a parameter."""
    return _TLV.pack(kind, _TLV.size + len(body)) + body


def parameters(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield type and content of each parameter; raises LlrpError when they do not add up."""
    at = 0
    while at < len(data):
        if data[at] & 0x80:
            kind = data[at] & 0x7F
            if kind not in _TV_BYTES:
                raise LlrpError(f"parameter {kind} is unknown")
            start, end = at + 1, at + 1 + _TV_BYTES[kind]
        else:
            if len(data) - at < _TLV.size:
                raise LlrpError("a parameter is cut off")
            kind, length = _TLV.unpack_from(data, at)
            kind &= 0x3FF
            start, end = at + _TLV.size, at + length
        if end < start or end > len(data):
            raise LlrpError(f"parameter {kind} has an impossible length")
        yield kind, data[start:end]
        at = end


def find(data: bytes, kind: int) -> bytes | None:
    """Return the content of the first parameter of a type; None when there is none."""
    return next((content for found, content in parameters(data) if found == kind), None)


def read_report(body: bytes) -> list[TagSeen]:
    """Return the tags of an RO_ACCESS_REPORT that have an EPC. Raises LlrpError."""
    tags = [_read_tag(c) for kind, c in parameters(body) if kind == Parameter.TAG_REPORT_DATA]
    # A tag that was never written has none, and nothing to tell.
    return [tag for tag in tags if tag.epc]


def _read_tag(data: bytes) -> TagSeen:
    found = dict(parameters(data))
    numbers = {kind: int.from_bytes(content, "big") for kind, content in found.items()}
    epc = found.get(_EPC_96) or _epc_of_any_length(found.get(Parameter.EPC_DATA, b""))
    rssi = numbers.get(_PEAK_RSSI)
    if rssi is not None and rssi > 127:
        rssi -= 256
    count = max(numbers.get(_TAG_SEEN_COUNT, 1), 1)
    time_us = numbers.get(_FIRST_SEEN_UTC)
    return TagSeen(epc, numbers.get(_ANTENNA_ID), rssi, rssi, count, time_us)


def _epc_of_any_length(data: bytes) -> bytes:
    """Read the number of bits, then the bits."""
    return data[2 : 2 + (int.from_bytes(data[:2], "big") + 7) // 8]


def read_status(body: bytes) -> tuple[int, str]:
    """Return code and text of an LLRPStatus; code 0 means that all is well. Raises LlrpError."""
    status = find(body, Parameter.LLRP_STATUS)
    if status is None or len(status) < 4:
        raise LlrpError("an answer without status")
    length = int.from_bytes(status[2:4], "big")
    return int.from_bytes(status[:2], "big"), status[4 : 4 + length].decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the reader says it is."""

    antennas: int
    manufacturer: int
    model: int
    firmware: str


def read_capabilities(body: bytes) -> Capabilities:
    """Read the general part of GET_READER_CAPABILITIES_RESPONSE. Raises LlrpError."""
    general = find(body, Parameter.GENERAL_DEVICE_CAPABILITIES)
    if general is None or len(general) < 14:
        raise LlrpError("no general capabilities")
    antennas, _, manufacturer, model, length = struct.unpack_from(">HHIIH", general)
    return Capabilities(antennas, manufacturer, model, general[14 : 14 + length].decode("latin-1"))


def build_rospec(number: int, antennas: tuple[int, ...], session: int, power: int | None) -> bytes:
    """Build an ROSpec that starts when enabled, never stops, and reports every tag at once.

    No antenna means all of them; `power` is the index in the reader's own table, None its default.
    """
    configurations = b"".join(
        _antenna_configuration(antenna, session, power) for antenna in antennas or (0,)
    )
    inventory = tlv(Parameter.INVENTORY_PARAMETER_SPEC, struct.pack(">HB", 1, 1) + configurations)
    wanted = antennas or (0,)
    ai_spec = tlv(
        Parameter.AI_SPEC,
        struct.pack(f">H{len(wanted)}H", len(wanted), *wanted)
        + tlv(Parameter.AI_SPEC_STOP_TRIGGER, struct.pack(">BI", 0, 0))
        + inventory,
    )
    boundary = tlv(
        Parameter.RO_BOUNDARY_SPEC,
        tlv(Parameter.RO_SPEC_START_TRIGGER, b"\x01")
        + tlv(Parameter.RO_SPEC_STOP_TRIGGER, struct.pack(">BI", 0, 0)),
    )
    # Upon every tag, or at the end; with antenna, peak strength and count (bits 12, 10, 7).
    selector = tlv(Parameter.TAG_REPORT_CONTENT_SELECTOR, struct.pack(">H", 0x1480))
    report = tlv(Parameter.RO_REPORT_SPEC, struct.pack(">BH", 1, 1) + selector)
    head = struct.pack(">IBB", number, 0, 0)
    return tlv(Parameter.RO_SPEC, head + boundary + ai_spec + report)


def _antenna_configuration(antenna: int, session: int, power: int | None) -> bytes:
    # Without a transmitter parameter the reader keeps its own power and channel.
    transmitter = b""
    if power is not None:
        transmitter = tlv(Parameter.RF_TRANSMITTER, struct.pack(">HHH", 1, 1, power))
    control = tlv(Parameter.C1G2_SINGULATION_CONTROL, struct.pack(">BHI", session << 6, 32, 0))
    command = tlv(Parameter.C1G2_INVENTORY_COMMAND, b"\x00" + control)
    return tlv(Parameter.ANTENNA_CONFIGURATION, struct.pack(">H", antenna) + transmitter + command)


def build_keepalive_spec(period_ms: int) -> bytes:
    """Build what makes a reader send a KEEPALIVE every so often."""
    return tlv(Parameter.KEEPALIVE_SPEC, struct.pack(">BI", 1, period_ms))
