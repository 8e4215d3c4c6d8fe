"""Figures about this process in Prometheus' text format."""

from bisect import bisect_left
from collections.abc import Callable
from typing import Final

Labels = tuple[tuple[str, str], ...]
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """Counters, gauges and durations by name; `text` writes them all."""

    def __init__(self) -> None:
        self._help: dict[str, tuple[str, str]] = {}
        self._counts: dict[str, dict[Labels, float]] = {}
        self._durations: dict[str, dict[Labels, list[float]]] = {}
        self._gauges: dict[str, Callable[[], float]] = {}

    def count(self, name: str, summary: str, /, **labels: str) -> None:
        """Add one to a counter."""
        self._help.setdefault(name, ("counter", summary))
        series = self._counts.setdefault(name, {})
        key = tuple(sorted(labels.items()))
        series[key] = series.get(key, 0) + 1

    def observe(self, name: str, summary: str, seconds: float, **labels: str) -> None:
        """Add one duration to a histogram."""
        self._help.setdefault(name, ("histogram", summary))
        series = self._durations.setdefault(name, {})
        # One cell per bucket, one beyond the last, and the sum.
        cells = series.setdefault(tuple(sorted(labels.items())), [0.0] * (len(_BUCKETS) + 2))
        cells[bisect_left(_BUCKETS, seconds)] += 1
        cells[-1] += seconds

    def gauge(self, name: str, summary: str, read: Callable[[], float]) -> None:
        """Ask `read` for a figure whenever the metrics are read."""
        self._help[name] = ("gauge", summary)
        self._gauges[name] = read

    def text(self) -> str:
        """Return all figures, ready to be scraped."""
        lines: list[str] = []
        for name, (kind, summary) in sorted(self._help.items()):
            lines += [f"# HELP {name} {summary}", f"# TYPE {name} {kind}"]
            if name in self._gauges:
                lines.append(f"{name} {self._gauges[name]():g}")
            for labels, value in self._counts.get(name, {}).items():
                lines.append(f"{name}{_braces(labels)} {value:g}")
            for labels, cells in self._durations.get(name, {}).items():
                lines += _histogram(name, labels, cells)
        return "\n".join(lines) + "\n"


def _histogram(name: str, labels: Labels, cells: list[float]) -> list[str]:
    lines: list[str] = []
    total = 0.0
    for bound, value in zip((*map(str, _BUCKETS), "+Inf"), cells, strict=False):
        total += value
        lines.append(f"{name}_bucket{_braces((*labels, ('le', bound)))} {total:g}")
    suffix = _braces(labels)
    return [*lines, f"{name}_sum{suffix} {cells[-1]:g}", f"{name}_count{suffix} {total:g}"]


def _braces(labels: Labels) -> str:
    if not labels:
        return ""
    inside = ",".join(f'{key}="{_escaped(value)}"' for key, value in labels)
    return "{" + inside + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
