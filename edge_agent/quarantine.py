"""How reads that the server cannot take are told from a server that takes nothing."""

from __future__ import annotations

from dataclasses import dataclass

FAULTS_BEFORE_ASIDE = 5
"""So often a single read may meet a server fault before others are tried in its place."""
MAX_ASIDE = 3
"""So many single reads in a row refused, none accepted: it is the server, not the reads."""


@dataclass(slots=True)
class _Lane:
    limit: int
    head: str = ""
    head_faults: int = 0


class Quarantine:
    """Batch sizes per device, and suspect reads set aside until others pass.

    A refused batch is tried again at half its size; accepted ones double it: so the reads around
    a bad one get through and it stands alone. Alone, it is set aside until another read of its
    device is accepted; refused after that, it is bad. A server that is merely down parks nothing.
    """

    def __init__(self, max_batch: int) -> None:
        self._max_batch = max_batch
        self._lanes: dict[str, _Lane] = {}
        self._aside: dict[str, set[str]] = {}
        self._probation: set[str] = set()

    @property
    def limits(self) -> dict[str, int]:
        """The devices whose batches are smaller than usual."""
        return {device: lane.limit for device, lane in self._lanes.items()}

    @property
    def aside_keys(self) -> frozenset[str]:
        """Reads that wait for proof and are not sent."""
        return frozenset(key for aside in self._aside.values() for key in aside)

    def shrink(self, device: str, sent: int) -> None:
        """Note that a batch of that size did not get through."""
        self._lane(device).limit = max(1, sent // 2)

    def has_had_enough(self, device: str, key: str) -> bool:
        """Count a server fault of a read sent alone; whether it should be set aside."""
        lane = self._lane(device)
        lane.head_faults = lane.head_faults + 1 if lane.head == key else 1
        lane.head = key
        return lane.head_faults >= FAULTS_BEFORE_ASIDE

    def convict(self, device: str, key: str) -> bool:
        """Decide on a read that was refused alone: True, park it; False, it is set aside for now.

        Too many set aside without one accepted acquit them all: the server is at fault.
        """
        if key in self._probation:
            self._probation.discard(key)
            return True
        aside = self._aside.setdefault(device, set())
        aside.add(key)
        if len(aside) > MAX_ASIDE:
            del self._aside[device]
        return False

    def accept(self, device: str) -> None:
        """Note that reads of the device got through; those set aside get one more chance."""
        lane = self._lanes.get(device)
        if lane is not None:
            lane.limit *= 2
            if lane.limit >= self._max_batch:
                del self._lanes[device]
        self._probation |= self._aside.pop(device, set())

    def _lane(self, device: str) -> _Lane:
        return self._lanes.setdefault(device, _Lane(self._max_batch))
