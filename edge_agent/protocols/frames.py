"""Finding binary frames in a byte stream that may hold anything: shared by framed protocols."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Final

from edge_agent.protocols.events import Event, Garbage, GarbageReason, Scan

if TYPE_CHECKING:
    from collections.abc import Iterator

MORE: Final = 0
"""A frame may start here; its length is not known yet."""
NO_FRAME: Final = -1
"""No frame starts here."""
MAX_NOISE_BYTES: Final = 256
"""Noise comes out in pieces of this size: memory stays bounded."""
FRAME_GAP_S: Final = 0.05
"""Silence after which half a frame will not be completed any more."""


class FrameProtocol(ABC):
    """Cut a stream into frames by length and checksum, finding back after noise.

    What fits no frame is skipped byte by byte and comes out as garbage. A protocol without a start
    byte takes noise for the length of a frame and waits; silence ends that wait, and what was held
    is looked through again, so a frame behind the noise is not swallowed.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._noise = bytearray()
        self._noise_reason = GarbageReason.NOISE
        self._outgoing = bytearray()

    @property
    def idle_gap_s(self) -> float:
        """Silence after which `receive_idle` is called while `is_waiting`."""
        return FRAME_GAP_S

    @property
    def is_waiting(self) -> bool:
        """Whether an idle gap would change anything."""
        return bool(self._buffer or self._noise)

    def start(self) -> None:
        """Begin on a fresh connection."""
        self._buffer.clear()
        self._noise.clear()
        self._outgoing.clear()

    def receive_data(self, data: bytes) -> list[Event]:
        """Take bytes off the wire and return what they complete."""
        self._buffer += data
        return list(self._take_frames(is_final=False))

    def receive_idle(self) -> list[Event]:
        """Return what silence completes."""
        return self.receive_end()

    def receive_end(self) -> list[Event]:
        """Release what is held: nothing more will come to complete it."""
        return [*self._take_frames(is_final=True), *self._take_noise()]

    def note_stored(self, scan: Scan, *, is_durable: bool) -> None:  # noqa: B027
        """Learn what became of a scan; most protocols have nobody to tell."""

    def data_to_send(self) -> bytes:
        """Return, once, what the device should be sent."""
        data = bytes(self._outgoing)
        self._outgoing.clear()
        return data

    @abstractmethod
    def _measure(self, start: int) -> int:
        """Return the length of the frame that starts there in the buffer, MORE or NO_FRAME."""

    @abstractmethod
    def _is_sound(self, frame: bytes) -> bool:
        """Whether the checksum is right."""

    @abstractmethod
    def _read_frame(self, frame: bytes) -> Iterator[Event]:
        """Yield what a sound frame says; IndexError means that it contradicts itself."""

    def _take_frames(self, *, is_final: bool) -> Iterator[Event]:
        buffer, at = self._buffer, 0
        while at < len(buffer):
            length = self._measure(at)
            if length == MORE or length > len(buffer) - at:
                if not is_final:
                    break
                reason = GarbageReason.TRUNCATED
            elif length == NO_FRAME:
                reason = GarbageReason.NOISE
            elif self._is_sound(frame := bytes(buffer[at : at + length])):
                yield from self._take_noise()
                yield from self._checked(frame)
                at += length
                continue
            else:
                reason = GarbageReason.CHECKSUM
            yield from self._skip(buffer[at], reason)
            at += 1
        del buffer[:at]

    def _checked(self, frame: bytes) -> list[Event]:
        try:
            return list(self._read_frame(frame))
        except IndexError:
            return [Garbage(frame, GarbageReason.MALFORMED)]

    def _skip(self, byte: int, reason: GarbageReason) -> Iterator[Event]:
        if not self._noise:
            self._noise_reason = reason
        self._noise.append(byte)
        if len(self._noise) >= MAX_NOISE_BYTES:
            yield from self._take_noise()

    def _take_noise(self) -> Iterator[Event]:
        if self._noise:
            yield Garbage(bytes(self._noise), self._noise_reason)
            self._noise.clear()
