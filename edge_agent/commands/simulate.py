"""`edge simulate`: be readers on ptys or TCP ports."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from edge_agent.protocols import Terminator
from edge_agent.simulator import (
    SPEAKERS,
    Disturbance,
    LineSpeaker,
    PtyPort,
    ReaderSimulator,
    TcpPort,
    random_epcs,
    random_gtins,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TERMINATOR_BYTES = {
    Terminator.CR: b"\r",
    Terminator.LF: b"\n",
    Terminator.CRLF: b"\r\n",
    Terminator.ETX: b"\x03",
    Terminator.ANY: b"\r",
    Terminator.IDLE: b"",
}


def add_to(parser: argparse.ArgumentParser) -> None:
    """Give the command its options."""
    add = parser.add_argument
    add("--protocol", choices=list(SPEAKERS), default="lines", help="default lines")
    add("--scanners", type=_positive_int, default=1, metavar="N", help="how many ptys (default 1)")
    add("--link", type=Path, action="append", default=[], metavar="PATH",
        help="make PATH lead to a pty; once per scanner, instead of --scanners")  # fmt: skip
    add("--tcp", type=_address, action="append", default=[], metavar="HOST:PORT",
        help="a TCP port instead of ptys, 0 takes a free one; once per reader")  # fmt: skip
    add("--codes", metavar="FILE", help="codes to scan, one per line, - for standard input; "
        "random GTINs or EPCs when absent")  # fmt: skip
    add(
        "--addressed",
        action="store_true",
        help="each line of codes is N, a tab and the code for the Nth scanner, from 0",
    )
    add("--seed", type=int, default=1, help="of all that is random (default 1)")
    add("--rate", type=_positive, default=2.0, help="scans per second in all (default 2)")
    add("--limit", type=_positive_int, default=1000, help="stop after so many scans (default 1000)")
    add("--wait", type=float, default=60.0, help="seconds to wait for a listener (default 60)")
    add("--terminator", type=Terminator, choices=list(Terminator), default=Terminator.CR)
    add("--noise", type=_chance, default=0.0, help="chance of noise in front of a scan, 0 to 1")
    add("--truncate", type=_chance, default=0.0, help="chance of a scan being cut off, 0 to 1")
    add("--unplug-every", type=_positive_int, metavar="N", help="pull the cable after N scans")
    parser.set_defaults(command=_simulate)


def _address(text: str) -> tuple[str, int]:
    host, _, number = text.rpartition(":")
    return host or "127.0.0.1", int(number)


def _chance(text: str) -> float:
    if not 0 <= (value := float(text)) <= 1:
        raise argparse.ArgumentTypeError("must lie between 0 and 1")
    return value


def _positive(text: str) -> float:
    if not 0 < (value := float(text)) < float("inf"):
        raise argparse.ArgumentTypeError("must be more than 0")
    return value


def _positive_int(text: str) -> int:
    return int(_positive(str(int(text))))


def _simulate(options: argparse.Namespace) -> int:
    readers = [_reader(options, port) for port in _ports(options)]
    for reader in readers:
        print(reader.port.port, flush=True)
    lines = itertools.islice(_codes(options), options.limit)
    try:
        scans = _addressed(lines) if options.addressed else enumerate(lines)
        asyncio.run(_play(readers, scans, options))
    except TimeoutError:
        print("nobody opened the port", file=sys.stderr)
        return 1
    except ValueError as exc:
        print(f"--codes: {exc}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    finally:
        for reader in readers:
            reader.port.unplug()
    return 0


def _ports(options: argparse.Namespace) -> list[PtyPort] | list[TcpPort]:
    if options.tcp:
        return [TcpPort(host, number) for host, number in options.tcp]
    return [PtyPort(link) for link in options.link or [None] * options.scanners]


def _reader(options: argparse.Namespace, port: PtyPort | TcpPort) -> ReaderSimulator:
    speaker = SPEAKERS[options.protocol]()
    if isinstance(speaker, LineSpeaker):
        speaker.terminator = _TERMINATOR_BYTES[options.terminator]
    rng = random.Random(options.seed)
    return ReaderSimulator(port, speaker, Disturbance(options.noise, options.truncate, rng))


def _codes(options: argparse.Namespace) -> Iterator[str]:
    if options.codes is None:
        reads_tags = SPEAKERS[options.protocol]().reads_tags
        return (random_epcs if reads_tags else random_gtins)(options.seed)
    if options.codes == "-":
        lines: Iterable[str] = (line.rstrip("\n") for line in sys.stdin)
    else:
        lines = Path(options.codes).read_text("latin-1").splitlines()
    return (line for line in lines if line)


def _addressed(lines: Iterator[str]) -> Iterator[tuple[int, str]]:
    for line in lines:
        number, _, code = line.partition("\t")
        yield int(number), code


async def _play(
    readers: list[ReaderSimulator], scans: Iterable[tuple[int, str]], options: argparse.Namespace
) -> None:
    """Do the scans, each a reader's number (modulo) and a code, on a schedule that never slips."""
    loop = asyncio.get_running_loop()
    async with contextlib.AsyncExitStack() as stack:
        for reader in readers:
            await stack.enter_async_context(reader)
            await reader.wait_ready(options.wait)
        start = loop.time()
        for index, (number, code) in enumerate(scans):
            reader = readers[number % len(readers)]
            if options.unplug_every and index and index % options.unplug_every == 0:
                await reader.port.wait_read()
                await reader.replug()
            await asyncio.sleep(start + index / options.rate - loop.time())
            await reader.read(code, options.wait)
        for reader in readers:
            await reader.wait_settled(options.wait)
