"""How the agent is, drawn for a terminal. Pure: a status in, lines out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edge_agent.status import Report

LEAST_WIDTH: Final = 60
_MINUTE_S: Final = 60
_HOUR_S: Final = 3600
_DAY_S: Final = 86_400
_BOLD, _ALARM, _PLAIN = "\x1b[1m", "\x1b[1;31m", "\x1b[0m"


@dataclass(frozen=True, slots=True)
class Canvas:
    """What a terminal can show. Colour only repeats what the words say."""

    width: int = 80
    has_colour: bool = False

    def fit(self, text: str, style: str = "") -> str:
        """Return a line that is not too long for the terminal."""
        plain = "".join(sign if sign.isprintable() else "?" for sign in text)
        cut = plain if len(plain) <= self.width else plain[: self.width - 1] + "…"
        return f"{style}{cut}{_PLAIN}" if style and self.has_colour else cut


def draw(report: Report, before: Report | None, canvas: Canvas) -> list[str]:
    """Draw a status; with the one read before it, rates per second too."""
    told: Report | None = report["agent"]
    lines = [
        canvas.fit(_headline(report, told), _BOLD if report["isRunning"] else _ALARM),
        canvas.fit(f"outbox   {_outbox(report)}"),
        canvas.fit(f"lost     {_losses(report)}", _ALARM if report["losses"] else ""),
    ]
    if told is None:
        return [*lines, canvas.fit("         It has never run, or elsewhere.")]
    rates = _Rates(told, before["agent"] if before else None)
    lines.append(canvas.fit(f"uplink   {_uplink(report, told, rates)}"))
    if report["lastError"]:
        lines.append(canvas.fit(f"         ERROR {report['lastError']}", _ALARM))
    if (refused := told["configuration"]["refused"]) is not None:
        text = f"config   {refused['version']} {refused['state']}: {refused['error']}"
        lines.append(canvas.fit(text, _ALARM))
    return [*lines, "", *_devices(told, rates, canvas)]


def _headline(report: Report, told: Report | None) -> str:
    if told is None or not report["isRunning"]:
        since = f", last heard of {_ago(_now_ms() - told['writtenMs'])}" if told else ""
        return f"NOT RUNNING{since}"
    configuration = told["configuration"]
    which = f"configuration {configuration['version']}" if configuration["version"] else "own file"
    trial = ", ON TRIAL" if configuration["isOnTrial"] else ""
    return f"RUNNING  version {told['version']}  pid {told['pid']}  {which}{trial}"


def _outbox(report: Report) -> str:
    if report["depth"] is None:
        return "none yet"
    oldest_ms = report["oldestAgeMs"]
    parts = [
        f"{report['depth']} wait" + (f", oldest {_span(oldest_ms)}" if oldest_ms else ""),
        f"{report['parked']} parked",
        f"{report['sizeBytes'] / 1_000_000:.1f} MB",
    ]
    if report.get("isDiskFull"):
        parts.append("DISK FULL")
    if not report["hasBallast"]:
        parts.append("NO BALLAST")
    return "  ".join(parts)


def _losses(report: Report) -> str:
    sums: dict[str, int] = {}
    losses: list[Report] = report["losses"] or []
    for loss in losses:
        sums[loss["kind"]] = sums.get(loss["kind"], 0) + loss["count"]
    return "  ".join(f"{count} {kind}" for kind, count in sums.items()) or "nothing"


def _uplink(report: Report, told: Report, rates: _Rates) -> str:
    at_ms, skew_ms = report["lastSuccessMs"], told["clockSkewMs"]
    skew = "unknown" if skew_ms is None else f"{skew_ms / 1000:+.1f} s"
    state = "FAILING" if report["lastError"] else "OK"
    reached = "never" if at_ms is None else _ago(told["writtenMs"] - at_ms)
    return f"{state}  {rates.delivered}/s  last through {reached}  clock {skew}"


def _devices(told: Report, rates: _Rates, canvas: Canvas) -> Iterable[str]:
    yield canvas.fit(
        f"{'DEVICE':<16} {'STATE':<12} {'PROTOCOL':<12} {'READS/S':>8} {'READS':>10} {'GARBAGE':>8}"
        f" LAST",
        _BOLD,
    )
    if not told["devices"]:
        yield "none"
    for device in told["devices"]:
        last_ms = device["last_read_ms"]
        last = "never" if last_ms is None else _span(told["writtenMs"] - last_ms)
        is_well = device["state"] == "CONNECTED" and not device["refused"]
        yield canvas.fit(
            f"{device['code'][:16]:<16} {device['state']:<12} {device['protocol']:<12}"
            f" {rates.of(device):>8} {device['reads']:>10} {device['garbage']:>8} {last}",
            "" if is_well else _ALARM,
        )
        if device["refused"]:
            yield canvas.fit(f"  {device['refused']} REFUSED", _ALARM)
        if device["last_error"]:
            yield canvas.fit(f"  {device['last_error']}")


class _Rates:
    """What happened per second between two states of one process."""

    def __init__(self, now: Report, before: Report | None) -> None:
        is_same = before is not None and before["pid"] == now["pid"]
        self._before: Report | None = before if is_same else None
        self._seconds = (now["writtenMs"] - before["writtenMs"]) / 1000 if is_same and before else 0
        self._now = now

    @property
    def delivered(self) -> str:
        """Of the uplink."""
        before = self._before["uplink"]["delivered"] if self._before else 0
        return self._rate(self._now["uplink"]["delivered"] - before)

    def of(self, device: Report) -> str:
        """Of a device."""
        devices: list[Report] = self._before["devices"] if self._before else []
        known = (one["reads"] for one in devices if one["port"] == device["port"])
        return self._rate(device["reads"] - next(known, device["reads"]))

    def _rate(self, count: int) -> str:
        return f"{max(count, 0) / self._seconds:.1f}" if self._seconds > 0 else "-"


def _ago(ms: float) -> str:
    return f"{_span(ms)} ago"


def _span(ms: float) -> str:
    seconds = max(ms, 0) / 1000
    if seconds < 2 * _MINUTE_S:
        return f"{seconds:.0f} s"
    if seconds < 2 * _HOUR_S:
        return f"{seconds / _MINUTE_S:.0f} min"
    return f"{seconds / _HOUR_S:.0f} h" if seconds < 2 * _DAY_S else f"{seconds / _DAY_S:.0f} d"


def _now_ms() -> int:
    return round(datetime.now(UTC).timestamp() * 1000)
