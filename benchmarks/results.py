"""What a benchmark found, and how it is shown."""

import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """One measured number. `reached` says whether it meets `target`; None where none is set."""

    what: str
    value: float
    unit: str
    target: str = ""
    reached: bool | None = None


@dataclass(frozen=True)
class Result:
    """All figures of one benchmark; `load` is the machine's load average before and after."""

    name: str
    figures: Sequence[Figure]
    notes: Sequence[str] = ()
    load: tuple[float, float] = (0.0, 0.0)
    raw: dict[str, Any] = field(default_factory=dict)


def at_least(what: str, value: float, unit: str, least: float) -> Figure:
    """Return a figure that should not be smaller than `least`."""
    return Figure(what, value, unit, f"≥ {least:,g}", value >= least)


def at_most(what: str, value: float, unit: str, most: float) -> Figure:
    """Return a figure that should not be larger than `most`."""
    return Figure(what, value, unit, f"≤ {most:,g}", value <= most)


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value that `percent` of all do not exceed (inclusive, interpolated)."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def show(results: Sequence[Result]) -> None:
    """Print one table."""
    table = Table("benchmark", "what", "measured", "unit", "target", "", box=None)
    for result in results:
        name = result.name
        for figure in result.figures:
            mark = {None: "", True: "yes", False: "[red]no[/red]"}[figure.reached]
            table.add_row(name, figure.what, written(figure), figure.unit, figure.target, mark)
            name = ""
        for note in (*result.notes, f"load {result.load[0]:.1f} → {result.load[1]:.1f}"):
            table.add_row("", f"[dim]{note}[/dim]", "", "", "", "")
    Console(width=None if os.isatty(1) else 140).print(table)


def written(figure: Figure) -> str:
    """Write a number with as many digits as mean something."""
    digits = 0 if figure.value >= 1000 else 1 if figure.value >= 20 else 2
    return f"{figure.value:,.{digits}f}"


def as_json(results: Sequence[Result]) -> dict[str, Any]:
    """Return all results with what they were measured on."""
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "cpus": os.cpu_count(),
            "cpu": _cpu_name(),
            "system": platform.platform(),
            "python": platform.python_version(),
        },
        "results": [asdict(result) for result in results],
    }


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
