"""Figures for Prometheus, on loopback only: its text format is thirty lines, a library 0.6 MB."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from edge_agent.version import software_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from edge_agent.crew import Crew
    from edge_agent.keeper import OutboxHealth
    from edge_agent.outbox import Outbox

log = logging.getLogger(__name__)

HOST: Final = "127.0.0.1"
_PREFIX: Final = "shelfcast_edge_"
_MAX_HEAD_BYTES: Final = 8 * 1024
_MAX_CLIENTS: Final = 8
_TIMEOUT_S: Final = 5.0

Samples = list[tuple["Mapping[str, str]", float]]


class MetricsServer:
    """Answers `GET /metrics`; `run` until cancelled. A port in use is logged, nothing more."""

    def __init__(self, port: int, crew: Crew, outbox: Outbox) -> None:
        self.port = port
        self._crew = crew
        self._outbox = outbox
        self._clients = 0

    async def run(self) -> None:
        """Serve."""
        try:
            server = await asyncio.start_server(self._serve, HOST, self.port, limit=_MAX_HEAD_BYTES)
        except OSError as exc:
            log.error("No figures are served on port %d: %s", self.port, exc)  # noqa: TRY400
            return
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            await server.serve_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients += 1
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                if self._clients <= _MAX_CLIENTS:
                    await self._answer(reader, writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            self._clients -= 1
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, _, rest = head.partition(b" ")
        path = rest.split(b" ", 1)[0].split(b"?", 1)[0]
        status, body = b"404 Not Found", b"see /metrics\n"
        if method == b"GET" and path == b"/metrics":
            text = render(self._crew, await self._outbox.health())
            status, body = b"200 OK", text.encode("utf-8")
        writer.write(
            b"HTTP/1.1 %b\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
            b"Content-Length: %d\r\nConnection: close\r\n\r\n%b" % (status, len(body), body)
        )
        await writer.drain()


def render(crew: Crew, health: OutboxHealth) -> str:
    """Write all figures in the text format."""
    return "".join([*_outbox(health), *_uplink(crew), *_devices(crew)])


def _outbox(health: OutboxHealth) -> Iterable[str]:
    counts = health.counts
    age_s = (health.oldest_age_ms or 0) / 1000
    yield _gauge("outbox_reads", "Reads that wait to be sent.", counts.depth)
    yield _gauge("outbox_oldest_seconds", "Age of the oldest of them.", age_s)
    yield _gauge("outbox_bytes", "Size of the outbox.", counts.size_bytes)
    yield _gauge("outbox_parked", "Reads set aside for a person.", counts.parked)
    yield _gauge("disk_full", "Whether the disk takes nothing.", health.is_disk_full)
    yield _gauge("ballast", "Whether the reserve on the disk is there.", health.has_ballast)
    lost: Samples = [
        ({"device": one.device, "class": one.read_class, "kind": one.kind}, one.count)
        for one in counts.losses
    ]
    yield _metric("lost_reads_total", "counter", "Reads refused, dropped or expired.", lost)


def _uplink(crew: Crew) -> Iterable[str]:
    told = crew.counters
    yield _metric("info", "gauge", "The program.", [({"version": software_version()}, 1)])
    yield _counter("requests_total", "Requests with reads.", told.requests)
    yield _counter("delivered_reads_total", "Reads the backend took.", told.delivered)
    yield _counter("parked_reads_total", "Reads the backend refused for good.", told.parked)
    yield _gauge("uplink_failing", "Whether reads are held up.", told.last_error is not None)
    if told.last_success_ms is not None:
        at_s = told.last_success_ms / 1000
        yield _gauge("last_success_timestamp_seconds", "When reads last got through.", at_s)
    if (skew_ms := crew.skew_ms) is not None:
        skew_s = skew_ms / 1000
        yield _gauge("clock_skew_seconds", "How far this clock is ahead.", skew_s)


def _devices(crew: Crew) -> Iterable[str]:
    for name, kind, summary in (
        ("is_connected", "gauge", "Whether the port is open."),
        ("connections", "counter", "How often it was opened."),
        ("reads", "counter", "Reads made durable."),
        ("refused", "counter", "Reads the outbox refused."),
        ("garbage", "counter", "Pieces that made no sense."),
        ("tags_present", "gauge", "Tags in the field now."),
    ):
        samples: Samples = [
            (
                {"device": one.settings.code, "port": one.settings.port},
                float(getattr(one.counters, name)),
            )
            for one in crew.devices
        ]
        ending = "_total" if kind == "counter" else ""
        yield _metric(f"device_{name.removeprefix('is_')}{ending}", kind, summary, samples)
    quarantined: Samples = [
        ({"device": one.settings.code, "port": one.settings.port}, one.state == "QUARANTINED")
        for one in crew.devices
    ]
    yield _metric("device_quarantined", "gauge", "Whether it is left alone.", quarantined)


def _gauge(name: str, summary: str, value: float) -> str:
    return _metric(name, "gauge", summary, [({}, value)])


def _counter(name: str, summary: str, value: float) -> str:
    return _metric(name, "counter", summary, [({}, value)])


def _metric(name: str, kind: str, summary: str, samples: Samples) -> str:
    if not samples:
        return ""
    lines = [f"# HELP {_PREFIX}{name} {summary}", f"# TYPE {_PREFIX}{name} {kind}"]
    for labels, value in samples:
        inner = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        lines.append(f"{_PREFIX}{name}{f'{{{inner}}}' if inner else ''} {float(value):.15g}")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
