"""How much memory forecasting takes, of how many series: the worker's process and its children.

A process of its own, so that what others took before is not in it:
`python -m benchmarks.forecasting.memory SERIES PROCESSES` prints megabytes as JSON.
"""

import asyncio
import json
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from backend.forecasting.demand.panel import Panel, Plans
from backend.forecasting.demand.rhythm import Step
from backend.forecasting.demand.survey import MOST_CELLS
from backend.forecasting.jobs.parting import PartFile
from backend.forecasting.jobs.process import Computer
from backend.forecasting.jobs.tasks import Speaker, Trained, Training, Updating
from backend.forecasting.rules import ModelFamily
from backend.forecasting.scale.executors import HERE, LocalProcesses

DAYS: Final = 365
AHEAD: Final = 28
OF_A_LOCATION: Final = 2_000
AT_ONCE: Final = MOST_CELLS // (DAYS + AHEAD)
_MEMORY_MB: Final = 4_000
_SECONDS: Final = 3_600.0


def measured(series: int, processes: int) -> dict[str, float]:
    """Return what forecasting so many series takes, measured in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.forecasting.memory", str(series), str(processes)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def panel(number: int, series: int, first: int) -> Panel:
    """Return a part: each series a product of its own that sells on one day in ten.

    `first` is the number of the part's first location.
    """
    rng = np.random.default_rng(number)
    often = rng.gamma(0.5, 0.2, (series, 1)).clip(0.01, 0.9)
    demand = rng.poisson(1.5, (series, DAYS)) * (rng.random((series, DAYS)) < often)
    shape = (series, DAYS + AHEAD)
    return Panel(
        start=date(2025, 1, 1),
        step=Step.DAY,
        demand=demand.astype(np.float32),
        exposure=np.ones((series, DAYS), np.float32),
        products=first * OF_A_LOCATION + np.arange(series),
        locations=first + np.arange(series) // OF_A_LOCATION,
        countries=("US",) * (first + -(-series // OF_A_LOCATION)),
        plans=Plans(
            promo=(rng.random(shape) < 0.02).astype(np.float32),
            price=np.full(shape, 2, np.float32),
            opened=np.ones(shape, np.float32),
        ),
    )


def parts(series: int) -> Iterator[Panel]:
    """Yield so many series in parts of whole locations, as the worker divides them."""
    size = AT_ONCE // OF_A_LOCATION * OF_A_LOCATION
    for number, begin in enumerate(range(0, series, size)):
        yield panel(number, min(size, series - begin), begin // OF_A_LOCATION)


class Watch:
    """Looks at this process and all below it; keeps the most memory that each depth ever held."""

    def __init__(self) -> None:
        self.most: dict[int, float] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_on)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._look(os.getpid(), 0)
        self._over.set()
        self._thread.join()

    def _look_on(self) -> None:
        while not self._over.wait(0.05):
            self._look(os.getpid(), 0)

    def _look(self, process: int, depth: int) -> None:
        with suppress(OSError):
            status = Path(f"/proc/{process}/status").read_text()
            held = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
            megabytes = float(held[0]) / 1024 if held else 0.0
            self.most[depth] = max(self.most.get(depth, 0.0), megabytes)
            tasks = Path(f"/proc/{process}/task")
            for task in tasks.iterdir():
                for child in (task / "children").read_text().split():
                    self._look(int(child), depth + 1)


async def main(series: int, processes: int) -> dict[str, float]:
    """Train, forecast all parts, and read what was forecast, as a run of the worker does."""
    executor = HERE if processes == 1 else LocalProcesses(processes)
    with TemporaryDirectory() as folder, Watch() as watch:
        sample = panel(0, min(AT_ONCE, series), 0)
        async with Computer(_MEMORY_MB) as computer:
            task = Training(sample, AHEAD, 0)
            trained: Trained = await computer.run("training", task, _unheard, _SECONDS)
        training = watch.most[1]
        watch.most.pop(1)
        files, size = list[PartFile](), 0
        for n, part in enumerate(parts(series)):
            files.append(PartFile(Path(folder) / f"{n}.part", ()))
            content = pickle.dumps(part, pickle.HIGHEST_PROTOCOL)
            files[-1].path.write_bytes(content)
            size += len(content)
        base = Speaker(ModelFamily.NETWORK, trained.learned[ModelFamily.NETWORK])
        paths = tuple(one.path for one in files)
        asked = Updating(
            sample, AHEAD, DAYS - 1, DAYS - 1, DAYS - 1, 0, base, trained.totals,
            trained.reservoir, parts=paths, executor=executor,
        )  # fmt: skip
        async with Computer(_MEMORY_MB) as computer:
            await computer.run("updating", asked, _unheard, _SECONDS)
        forecast = sum(len(one.made().classes) for one in files)
    assert forecast == series, "all are forecast"
    return {
        "panel": size / 1e6, "training": training, "updating": watch.most[1],
        "part": watch.most.get(2, 0.0), "parent": watch.most[0],
    }  # fmt: skip


async def _unheard(_done: float, _step: str) -> None:
    """Tell nobody how far it is."""


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(*map(int, sys.argv[1:])))))
