"""LLRP, the protocol of fixed readers (Impinj, Zebra FX, Alien and others): the client's side.

The reader greets; then the client asks what the reader is, has it send keep-alives, deletes what
others left behind, adds one ROSpec and enables it. From then on the reader reports tags. Anything
out of order, or silence, breaks the connection: a new one starts from the beginning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Self

from edge_agent.protocols.events import Broken, Event, Garbage, GarbageReason, Notice, Scan
from edge_agent.protocols.llrp_messages import (
    HEADER_BYTES,
    LlrpError,
    Message,
    MessageType,
    Parameter,
    build_keepalive_spec,
    build_rospec,
    find,
    measure_message,
    parse_message,
    read_capabilities,
    read_report,
    read_status,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edge_agent.toml_table import TomlTable

_ROSPEC: Final = 1
_ALL_ROSPECS: Final = b"\0\0\0\0"
_MISSED_KEEPALIVES: Final = 3
_GREETING_TIMEOUT_S: Final = 10.0
_MAX_GARBAGE_BYTES: Final = 4096
# ConnectionAttemptEvent, LLRP 1.0.1 section 13.2.6.9.
_ATTEMPTS: Final = {
    1: "another client is connected that the reader started",
    2: "another client is connected",
    3: "the reader refuses",
    4: "another client is trying",
}
_NAMES: Final = {kind.value: kind.name for kind in MessageType}


@dataclass(frozen=True, slots=True)
class LlrpOptions:
    """How the reader is to look for tags."""

    default_driver: ClassVar[str] = "tcp"
    default_baudrate: ClassVar[int] = 9600

    antennas: tuple[int, ...] = ()
    """Empty: all of them."""
    session: int = 1
    """Gen2 session 0 to 3: how long a tag keeps quiet once it was read."""
    power: int | None = None
    """Index in the reader's table of powers; None: the reader's default."""
    keepalive_s: int = 10

    @classmethod
    def read(cls, table: TomlTable) -> Self:
        """Take the settings of a reader from its table. Raises SettingsInvalid."""
        power = table.integer("power", 1, low=1, high=1000) if table.has("power") else None
        return cls(
            table.integers("antennas", low=1, high=64),
            table.integer("session", 1, low=0, high=3),
            power,
            table.integer("keepalive_s", 10, low=1, high=3600),
        )

    def new_protocol(self) -> LlrpProtocol:
        """Return a protocol that has seen nothing yet."""
        return LlrpProtocol(self)


@dataclass(frozen=True, slots=True)
class _Step:
    """One request on the way to reports, and the response that must follow."""

    request: MessageType
    response: MessageType
    body: Callable[[LlrpOptions], bytes]


_STEPS: Final = (
    _Step(
        MessageType.GET_READER_CAPABILITIES,
        MessageType.GET_READER_CAPABILITIES_RESPONSE,
        lambda _: b"\x00",
    ),
    _Step(
        MessageType.SET_READER_CONFIG,
        MessageType.SET_READER_CONFIG_RESPONSE,
        lambda options: b"\x00" + build_keepalive_spec(options.keepalive_s * 1000),
    ),
    _Step(MessageType.DELETE_ROSPEC, MessageType.DELETE_ROSPEC_RESPONSE, lambda _: _ALL_ROSPECS),
    _Step(
        MessageType.ADD_ROSPEC,
        MessageType.ADD_ROSPEC_RESPONSE,
        lambda o: build_rospec(_ROSPEC, o.antennas, o.session, o.power),
    ),
    _Step(
        MessageType.ENABLE_ROSPEC,
        MessageType.ENABLE_ROSPEC_RESPONSE,
        lambda _: _ROSPEC.to_bytes(4, "big"),
    ),
)


class LlrpProtocol:
    """Lead one reader to reporting tags and listen to it."""

    def __init__(self, options: LlrpOptions) -> None:
        self._options = options
        self._buffer = bytearray()
        self._outgoing = bytearray()
        self._step: int | None = None
        self._next_id = 1
        self._is_broken = False

    @property
    def idle_gap_s(self) -> float:
        """Silence that means that the reader is gone."""
        if self.is_reporting:
            return float(self._options.keepalive_s * _MISSED_KEEPALIVES)
        return _GREETING_TIMEOUT_S

    @property
    def is_waiting(self) -> bool:
        """Always: a reader that says nothing is suspect."""
        return not self._is_broken

    @property
    def is_reporting(self) -> bool:
        """Whether the reader has taken our ROSpec and was told to report."""
        return self._step == len(_STEPS)

    def start(self) -> None:
        """Begin on a fresh connection: wait for the reader's greeting."""
        self._buffer.clear()
        self._outgoing.clear()
        self._step = None
        self._is_broken = False

    def receive_data(self, data: bytes) -> list[Event]:
        """Take bytes off the wire and return what they complete."""
        if self._is_broken:
            return []
        self._buffer += data
        events: list[Event] = []
        try:
            for message in self._take_messages():
                events.extend(self._read(message))
        except LlrpError as exc:
            raw = bytes(self._buffer[:_MAX_GARBAGE_BYTES])
            self._buffer.clear()
            events += [Garbage(raw, GarbageReason.MALFORMED), self._break(str(exc))]
        return events

    def receive_idle(self) -> list[Event]:
        """Give up a reader that fell silent."""
        what = "no keep-alive" if self.is_reporting else "no answer"
        return [self._break(f"{what} for {self.idle_gap_s:.0f} s")]

    def receive_end(self) -> list[Event]:
        """Release half a message that nothing more will complete."""
        raw = bytes(self._buffer[:_MAX_GARBAGE_BYTES])
        self._buffer.clear()
        return [Garbage(raw, GarbageReason.TRUNCATED)] if raw else []

    def note_stored(self, scan: Scan, *, is_durable: bool) -> None:
        """Learn what became of a scan; this is no barcode scanner."""

    def data_to_send(self) -> bytes:
        """Return, once, what the reader should be sent."""
        data = bytes(self._outgoing)
        self._outgoing.clear()
        return data

    def _take_messages(self) -> Iterator[Message]:
        """Yield whole messages; one stays in the buffer until it was read without a fault."""
        while len(self._buffer) >= HEADER_BYTES and not self._is_broken:
            length = measure_message(self._buffer)
            if len(self._buffer) < length:
                return
            yield parse_message(bytes(self._buffer[:length]))
            del self._buffer[:length]

    def _read(self, message: Message) -> list[Event]:
        raw = bytes(message)
        match message.kind:
            case MessageType.RO_ACCESS_REPORT:
                return [*read_report(message.body)]
            case MessageType.KEEPALIVE:
                self._send(MessageType.KEEPALIVE_ACK, b"", message.id)
                return [Notice(raw, "keep-alive")]
            case MessageType.READER_EVENT_NOTIFICATION:
                return self._read_notification(message.body, raw)
            case MessageType.ERROR_MESSAGE:
                return [self._break("the reader does not understand: {} {}".format(
                    *read_status(message.body)))]  # fmt: skip
            case _:
                return self._read_response(message, raw)

    def _read_notification(self, body: bytes, raw: bytes) -> list[Event]:
        data = find(body, Parameter.READER_EVENT_NOTIFICATION_DATA) or b""
        if find(data, Parameter.CONNECTION_CLOSE_EVENT) is not None:
            return [self._break("the reader closes the connection")]
        attempt = find(data, Parameter.CONNECTION_ATTEMPT_EVENT)
        if attempt is not None:
            code = int.from_bytes(attempt, "big")
            if code:
                return [self._break(_ATTEMPTS.get(code, f"connection refused: {code}"))]
            if self._step is None:
                self._take_step(0)
            return [Notice(raw, "the reader accepts the connection")]
        exception = find(data, Parameter.READER_EXCEPTION_EVENT)
        if exception is not None:
            return [Notice(raw, f"reader: {exception[2:].decode('utf-8', 'replace')}")]
        return [Notice(raw, "event")]

    def _read_response(self, message: Message, raw: bytes) -> list[Event]:
        """Go on when the response belongs to our request and says yes."""
        name = _name(message.kind)
        step = self._step
        if step is None or step >= len(_STEPS) or message.kind != _STEPS[step].response:
            return [Notice(raw, name)]
        code, text = read_status(message.body)
        if code:
            return [self._break(f"{name}: {code} {text}".rstrip())]
        if message.kind == MessageType.GET_READER_CAPABILITIES_RESPONSE:
            found = read_capabilities(message.body)
            missing = [a for a in self._options.antennas if a > found.antennas]
            if missing:
                return [self._break(f"has {found.antennas} antennas, not number {missing[0]}")]
            name = f"maker {found.manufacturer}, model {found.model}, firmware {found.firmware}"
        self._take_step(step + 1)
        return [Notice(raw, name)]

    def _take_step(self, step: int) -> None:
        self._step = step
        if step == len(_STEPS):
            self._send(MessageType.ENABLE_EVENTS_AND_REPORTS, b"")
        else:
            self._send(_STEPS[step].request, _STEPS[step].body(self._options))

    def _send(self, kind: MessageType, body: bytes, number: int | None = None) -> None:
        if number is None:
            number = self._next_id
            self._next_id += 1
        self._outgoing += bytes(Message(kind, number, body))

    def _break(self, reason: str) -> Broken:
        self._is_broken = True
        return Broken(reason)


def _name(kind: int) -> str:
    return _NAMES.get(kind, f"message {kind}")
