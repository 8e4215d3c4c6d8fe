"""The device's side of each protocol, without I/O; `SPEAKERS` is the table."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Protocol

from edge_agent.protocols import a0, bb, keyboard, ssi, uhfreader
from edge_agent.protocols.checksums import crc16_gen2
from edge_agent.simulator.llrp_speaker import LlrpSpeaker

if TYPE_CHECKING:
    from collections.abc import Callable

_RSSI_DBM: Final = -55


class Speaker(Protocol):
    """What a simulated reader says: sans-I/O, as the protocols of the agent are."""

    reads_tags: ClassVar[bool]
    """Whether its codes are EPCs in hexadecimal."""

    @property
    def is_ready(self) -> bool:
        """Whether the host has said what it takes, and has acknowledged what must be."""
        ...

    def greet(self) -> bytes:
        """Begin on a fresh connection; return what the device says unasked."""
        ...

    def hear(self, data: bytes) -> bytes:
        """Return the answer to what the host says."""
        ...

    def say(self, code: str) -> bytes:
        """Return the frame of one read."""
        ...

    def insist(self) -> bytes:
        """Return what a device says after a while without an answer, or just to be heard."""
        ...


class _Listener:
    """What devices have in common that wait for nothing."""

    reads_tags: ClassVar[bool] = True

    @property
    def is_ready(self) -> bool:
        return True

    def greet(self) -> bytes:
        return b""

    def hear(self, data: bytes) -> bytes:  # noqa: ARG002 - the form of all speakers
        return b""

    def insist(self) -> bytes:
        return b""


@dataclass(slots=True)
class LineSpeaker(_Listener):
    """A scanner that sends lines."""

    reads_tags: ClassVar[bool] = False
    prefix: bytes = b""
    suffix: bytes = b""
    terminator: bytes = b"\r"

    def say(self, code: str) -> bytes:
        """Return prefix, code, suffix and terminator."""
        return self.prefix + code.encode("latin-1") + self.suffix + self.terminator


class KeyboardSpeaker(_Listener):
    """A keyboard-wedge scanner: kernel input events."""

    reads_tags: ClassVar[bool] = False
    _ENTER: Final = 28
    _SHIFT: Final = min(keyboard.SHIFTS)
    _CONTROL: Final = min(keyboard.CONTROLS)
    _KEY_OF: Final = {
        sign: (code, index)
        for code, signs in reversed(keyboard.KEYS.items())
        for index, sign in reversed(list(enumerate(signs)))
    }

    def say(self, code: str) -> bytes:
        """Return the events of typing the code and Enter."""
        return b"".join(map(self._type, code)) + self._press(self._ENTER)

    def _type(self, sign: str) -> bytes:
        if ord(sign) < 0x20:
            code, _ = self._KEY_OF[chr(ord(sign) | 0x40).lower()]
            return self._hold(self._CONTROL, self._press(code))
        code, is_shifted = self._KEY_OF[sign]
        return self._hold(self._SHIFT, self._press(code)) if is_shifted else self._press(code)

    def _hold(self, code: int, meanwhile: bytes) -> bytes:
        return self._event(code, keyboard.KEY_DOWN) + meanwhile + self._event(code, keyboard.KEY_UP)

    def _press(self, code: int) -> bytes:
        return self._event(code, keyboard.KEY_DOWN) + self._event(code, keyboard.KEY_UP)

    def _event(self, code: int, value: int) -> bytes:
        key = keyboard.EVENT.pack(0, 0, keyboard.EV_KEY, code, value)
        return key + keyboard.EVENT.pack(0, 0, 0, 0, 0)


class SsiSpeaker:
    """A Zebra scanner: says a scan again until it is acknowledged, twice, and then gives up."""

    reads_tags: ClassVar[bool] = False
    MAX_REPETITIONS: Final = 2

    def __init__(self) -> None:
        self._waiting: deque[str] = deque()
        self._said = 0
        self.acknowledged: list[str] = []
        self.given_up: list[str] = []
        """Codes at which the scanner beeped an error."""

    @property
    def is_ready(self) -> bool:
        """Whether the last scan was acknowledged or given up."""
        return not self._waiting

    @property
    def waiting(self) -> tuple[str, ...]:
        """Codes said and neither acknowledged nor given up."""
        return tuple(self._waiting)

    def greet(self) -> bytes:
        """Say again what was not acknowledged over the last connection."""
        return self.insist()

    def hear(self, data: bytes) -> bytes:
        """Take acknowledgements; a refusal has the packet repeated at once."""
        if data.endswith(ssi.NAK):
            return self.insist()
        for _ in range(data.count(ssi.ACK)):
            if self._waiting:
                self.acknowledged.append(self._waiting.popleft())
                self._said = 0
        return b""

    def say(self, code: str) -> bytes:
        """Return the packet of one scan."""
        self._waiting.append(code)
        self._said = 0
        return self._packet()

    def insist(self) -> bytes:
        """Repeat what waits, marked as a repetition; give up after two."""
        if not self._waiting:
            return b""
        self._said += 1
        if self._said > self.MAX_REPETITIONS:
            self.given_up.append(self._waiting.popleft())
            self._said = 0
            return b""
        return self._packet()

    def _packet(self) -> bytes:
        code = self._waiting[0].encode("latin-1")
        return ssi.packet(0xF3, b"\x0b" + code, source=0, status=1 if self._said else 0)


class A0Speaker(_Listener):
    """An A0 module on antenna 1."""

    def hear(self, data: bytes) -> bytes:
        """Take settings, and end every inventory round without more tags."""
        answer = b""
        if b"\xa0\x04\x01\x74" in data:
            answer += a0.frame(1, 0x74, b"\x10")
        if b"\xa0\x04\x01\x89" in data:
            answer += a0.frame(1, 0x89, bytes(7))
        return answer

    def say(self, code: str) -> bytes:
        """Return one tag."""
        epc = bytes.fromhex(code)
        strength = _RSSI_DBM + 129
        return a0.frame(1, 0x89, b"\x04" + _pc(epc) + epc + bytes([strength]))


class UhfReader18Speaker(_Listener):
    """A model 18 reader."""

    def hear(self, data: bytes) -> bytes:
        """Say to every inventory that there is no tag (more than were said)."""
        return uhfreader.answer(0x01, 0xFB) if data else b""

    def say(self, code: str) -> bytes:
        """Return one tag, with more to come."""
        epc = bytes.fromhex(code)
        return uhfreader.answer(0x01, 0x03, bytes([1, len(epc)]) + epc)


class UhfReader288Speaker(UhfReader18Speaker):
    """A model 288 reader on antenna 1."""

    def say(self, code: str) -> bytes:
        """Return one tag, with more to come."""
        epc = bytes.fromhex(code)
        return uhfreader.answer(0x01, 0x03, bytes([1, 1, len(epc)]) + epc + b"\x50")


class BbSpeaker(_Listener):
    """A BB … 7E module."""

    def hear(self, data: bytes) -> bytes:
        """Say to every inventory that there is no tag (more than were said)."""
        return bb.frame(0x01, 0xFF, b"\x15") if data else b""

    def say(self, code: str) -> bytes:
        """Return one tag."""
        epc = bytes.fromhex(code)
        content = _pc(epc) + epc
        crc = crc16_gen2(content).to_bytes(2, "big")
        return bb.frame(0x02, 0x22, bytes([_RSSI_DBM & 0xFF]) + content + crc)


class TslSpeaker(_Listener):
    """A TSL reader whose trigger is pulled once per tag."""

    def hear(self, data: bytes) -> bytes:
        """Answer every command."""
        return b"ER:005\r\n\r\n" * data.count(b"\r\n")

    def say(self, code: str) -> bytes:
        """Return the answer to one pull."""
        return f"CS: .iv\r\nEP: {code}\r\nRI: {_RSSI_DBM}\r\nOK:\r\n\r\n".encode("ascii")


def _pc(epc: bytes) -> bytes:
    return (len(epc) // 2 << 11).to_bytes(2, "big")


SPEAKERS: dict[str, Callable[[], Speaker]] = {
    "lines": LineSpeaker,
    "ssi": SsiSpeaker,
    "llrp": LlrpSpeaker,
    "a0": A0Speaker,
    "uhfreader18": UhfReader18Speaker,
    "uhfreader288": UhfReader288Speaker,
    "bb": BbSpeaker,
    "tsl": TslSpeaker,
    "keyboard": KeyboardSpeaker,
}
