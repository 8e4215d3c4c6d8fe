"""A fixed reader that speaks LLRP: takes one client and one ROSpec, then reports tags."""

from __future__ import annotations

import struct
from typing import ClassVar, Final

from edge_agent.protocols.llrp_messages import (
    HEADER_BYTES,
    Message,
    MessageType,
    Parameter,
    measure_message,
    parse_message,
    tlv,
)

_RESPONSES: Final = {
    MessageType.GET_READER_CAPABILITIES: MessageType.GET_READER_CAPABILITIES_RESPONSE,
    MessageType.SET_READER_CONFIG: MessageType.SET_READER_CONFIG_RESPONSE,
    MessageType.DELETE_ROSPEC: MessageType.DELETE_ROSPEC_RESPONSE,
    MessageType.ADD_ROSPEC: MessageType.ADD_ROSPEC_RESPONSE,
    MessageType.ENABLE_ROSPEC: MessageType.ENABLE_ROSPEC_RESPONSE,
    MessageType.CLOSE_CONNECTION: MessageType.CLOSE_CONNECTION_RESPONSE,
}
_SUCCESS: Final = tlv(Parameter.LLRP_STATUS, struct.pack(">HH", 0, 0))


class LlrpSpeaker:
    """The reader's side; `refusals` maps message types to the status code of the answer."""

    reads_tags: ClassVar[bool] = True

    def __init__(self, antennas: int = 4, refusals: dict[int, int] | None = None) -> None:
        self._antennas = antennas
        self._refusals = refusals or {}
        self._buffer = bytearray()
        self._next_id = 1
        self.heard: list[int] = []
        """Types of the messages of the client, in order."""
        self.attempt = 0
        """Code of the greeting: 0 takes the client."""

    @property
    def is_ready(self) -> bool:
        """Whether the client has enabled reports."""
        return MessageType.ENABLE_EVENTS_AND_REPORTS in self.heard

    def greet(self) -> bytes:
        """Tell the client whether it is welcome."""
        self._buffer.clear()
        self.heard.clear()
        event = tlv(Parameter.CONNECTION_ATTEMPT_EVENT, struct.pack(">H", self.attempt))
        data = tlv(Parameter.READER_EVENT_NOTIFICATION_DATA, tlv(128, bytes(8)) + event)
        return self._message(MessageType.READER_EVENT_NOTIFICATION, data)

    def hear(self, data: bytes) -> bytes:
        """Answer requests."""
        self._buffer += data
        answer = b""
        while len(self._buffer) >= HEADER_BYTES:
            length = measure_message(self._buffer)
            if len(self._buffer) < length:
                break
            answer += self._answer(parse_message(bytes(self._buffer[:length])))
            del self._buffer[:length]
        return answer

    def say(self, code: str) -> bytes:
        """Return a report of one tag at antenna 1."""
        epc = bytes.fromhex(code)
        content = tlv(Parameter.EPC_DATA, struct.pack(">H", len(epc) * 8) + epc)
        content += b"\x81\x00\x01" + b"\x86\xc9" + b"\x88\x00\x01"
        return self._message(MessageType.RO_ACCESS_REPORT, tlv(Parameter.TAG_REPORT_DATA, content))

    def insist(self) -> bytes:
        """Return a keep-alive."""
        return self._message(MessageType.KEEPALIVE, b"") if self.is_ready else b""

    def _answer(self, message: Message) -> bytes:
        self.heard.append(message.kind)
        if message.kind not in {kind.value for kind in _RESPONSES}:
            return b""
        kind = MessageType(message.kind)
        body = _SUCCESS
        if kind in self._refusals:
            body = tlv(Parameter.LLRP_STATUS, struct.pack(">HH", self._refusals[kind], 2) + b"no")
        elif kind is MessageType.GET_READER_CAPABILITIES:
            general = struct.pack(">HHIIH", self._antennas, 0, 25882, 2001002, 5) + b"7.6.1"
            body += tlv(Parameter.GENERAL_DEVICE_CAPABILITIES, general)
        return bytes(Message(_RESPONSES[kind], message.id, body))

    def _message(self, kind: int, body: bytes) -> bytes:
        number, self._next_id = self._next_id, self._next_id + 1
        return bytes(Message(kind, number, body))
