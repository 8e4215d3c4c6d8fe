"""What goes wrong, at random and for the whole run."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.disturbed.agent import set_clock
from benchmarks.disturbed.disk import Disk
from benchmarks.disturbed.process import Program
from benchmarks.disturbed.proxy import Proxy, Weather
from benchmarks.disturbed.shop import Cashier

GAPS_S: Final = {"network": 8.0, "clock": 10.0, "agent": 20.0, "disk": 40.0, "backend": 60.0}
"""Between two disturbances of a kind, on average."""
_DAY_MS: Final = 86_400_000
_WEATHER: Final = [weather for weather in Weather if weather is not Weather.FINE]


@dataclass
class Troubles:
    """Everything that can be disturbed; `done` counts what was."""

    proxy: Proxy
    backend: Program
    agent: Program
    disk: Disk
    clock: Path
    cashiers: list[Cashier]
    seed: int
    pace: float
    rounds: int | None
    done: Counter[str] = field(default_factory=Counter)

    @property
    def are_complete(self) -> bool:
        """Whether everything was disturbed at least once."""
        return all(self.done[name] for name in GAPS_S)

    async def go_on(self) -> None:
        """Disturb until cancelled; then everything is well again, but perhaps not running."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._repeat("network", self._spoil_network))
                group.create_task(self._repeat("clock", self._set_clock))
                group.create_task(self._repeat("agent", self._kill_agent))
                group.create_task(self._repeat("disk", self._fill_disk))
                group.create_task(self._repeat("backend", self._kill_backend))
            await asyncio.Event().wait()
        finally:
            self.proxy.weather = Weather.FINE
            self.disk.free()
            set_clock(self.clock, 0)

    async def _repeat(self, name: str, disturb: Callable[[random.Random], Awaitable[None]]) -> None:
        mean_s = GAPS_S[name] * self.pace
        rng = random.Random(f"{self.seed}/{name}")
        while self.rounds is None or self.done[name] < self.rounds:
            await asyncio.sleep(min(rng.expovariate(1 / mean_s), 4 * mean_s))
            await disturb(rng)
            self.done[name] += 1

    async def _last(self, rng: random.Random, least_s: float, most_s: float) -> None:
        await asyncio.sleep(rng.uniform(least_s, most_s) * self.pace)

    async def _spoil_network(self, rng: random.Random) -> None:
        self.proxy.weather = rng.choice(_WEATHER)
        self.done[f"network: {self.proxy.weather}"] += 1
        await self._last(rng, 0.3, 6.0)
        self.proxy.weather = Weather.FINE

    async def _set_clock(self, rng: random.Random) -> None:
        """Set the clock right, a little wrong, or wrong by up to a month, ahead or behind."""
        reach_ms = rng.choice([0, 2_000, 3_600_000, 30 * _DAY_MS])
        set_clock(self.clock, rng.randint(-reach_ms, reach_ms))

    async def _kill_agent(self, rng: random.Random) -> None:
        for cashier in self.cashiers:
            cashier.note_kill()
        await self.agent.kill()
        for cashier in self.cashiers:
            cashier.note_kill()
        await self._last(rng, 0.0, 2.0)
        await self.agent.start()

    async def _fill_disk(self, rng: random.Random) -> None:
        await asyncio.to_thread(self.disk.fill)
        await self._last(rng, 1.0, 8.0)
        await asyncio.to_thread(self.disk.free)

    async def _kill_backend(self, rng: random.Random) -> None:
        await self.backend.kill()
        await self._last(rng, 0.0, 5.0)
        await self.backend.start()
