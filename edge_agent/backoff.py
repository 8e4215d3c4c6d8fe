"""Waiting longer after each failure, never in step with others."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

_MAX_DOUBLINGS = 30


@dataclass(slots=True)
class Backoff:
    """Full jitter: uniform between nothing and a ceiling that doubles from `base_s` to `cap_s`."""

    base_s: float
    cap_s: float
    rng: random.Random = field(default_factory=random.Random)
    failures: int = 0

    def next_delay_s(self) -> float:
        """Count one more failure and return how long to wait after it."""
        ceiling = min(self.cap_s, self.base_s * 2 ** min(self.failures, _MAX_DOUBLINGS))
        self.failures += 1
        return self.rng.uniform(0, ceiling)

    def reset(self) -> None:
        """Forget the failures: something worked."""
        self.failures = 0
