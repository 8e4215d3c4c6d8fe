"""Readers that look for tags only when asked: asking again, and noticing that nobody answers."""

from __future__ import annotations

from abc import abstractmethod
from enum import Enum, auto
from typing import Final

from edge_agent.protocols.events import Broken, Event
from edge_agent.protocols.frames import FRAME_GAP_S, FrameProtocol

ANSWER_TIMEOUT_S: Final = 3.0
"""Longer than one round of any reader takes."""
REST_S: Final = 0.1
"""After a round without a tag, or an error, the reader is left alone for so long."""
MAX_UNANSWERED: Final = 3
"""So many questions without any byte in reply: the reader is switched off or wrongly set up."""


class _Round(Enum):
    RUNNING = auto()
    RESTING = auto()


class InventoryProtocol(FrameProtocol):
    """A framed protocol that asks for one inventory round after the other while `is_polled`."""

    def __init__(self, *, is_polled: bool) -> None:
        super().__init__()
        self._is_polled = is_polled
        self._round = _Round.RESTING
        self._unanswered = 0

    @property
    def idle_gap_s(self) -> float:
        """A short gap ends half a frame, a longer one means that a question has to be asked."""
        if self._buffer or self._noise:
            return FRAME_GAP_S
        return ANSWER_TIMEOUT_S if self._round is _Round.RUNNING else REST_S

    @property
    def is_waiting(self) -> bool:
        """Whether an idle gap would change anything."""
        return super().is_waiting or self._is_polled

    def start(self) -> None:
        """Begin on a fresh connection: ask for the first round."""
        super().start()
        self._unanswered = 0
        if self._is_polled:
            self._ask()

    def receive_data(self, data: bytes) -> list[Event]:
        """Take bytes off the wire and return what they complete."""
        self._unanswered = 0
        return super().receive_data(data)

    def receive_idle(self) -> list[Event]:
        """Return what silence completes; ask again where no answer came."""
        if self._buffer or self._noise:
            return self.receive_end()
        if not self._is_polled:
            return []
        if self._round is _Round.RUNNING:
            self._unanswered += 1
            if self._unanswered >= MAX_UNANSWERED:
                return [Broken(f"no answer to {MAX_UNANSWERED} questions")]
        self._ask()
        return []

    @abstractmethod
    def _question(self) -> bytes:
        """Return the frame that starts a round."""

    def _end_round(self, *, has_tags: bool) -> None:
        """Note that the reader is done with a round."""
        self._round = _Round.RESTING
        if has_tags and self._is_polled:
            self._ask()

    def _ask(self) -> None:
        self._round = _Round.RUNNING
        self._outgoing += self._question()
