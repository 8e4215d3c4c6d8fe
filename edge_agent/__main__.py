"""The agent's command line: run it, ask how it is, try a scanner without one."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import logging
import os
import random
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from edge_agent.agent import Agent
from edge_agent.errors import EdgeError, ProtocolError
from edge_agent.outbox import requeue_parked
from edge_agent.protocols import (
    PROTOCOLS,
    Broken,
    Event,
    GarbageReason,
    Notice,
    Scan,
    TagSeen,
    Terminator,
    decode_frames,
)
from edge_agent.settings import load_settings
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
from edge_agent.status import read_status
from edge_agent.toml_table import TomlTable, is_list, is_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_COMMANDS = ("run", "status", "simulate", "decode", "requeue")
_TERMINATOR_BYTES = {
    Terminator.CR: b"\r",
    Terminator.LF: b"\n",
    Terminator.CRLF: b"\r\n",
    Terminator.ETX: b"\x03",
    Terminator.ANY: b"\r",
    Terminator.IDLE: b"",
}


def main(argv: list[str]) -> int:
    """Run one command and return its exit code; a bare `--config FILE` means `run`."""
    if argv[:1] == ["--config"] or (argv and argv[0].startswith("--config=")):
        argv = ["run", *argv]
    options = _parser().parse_args(argv)
    try:
        return options.command(options)
    except EdgeError as exc:
        print(f"{exc.code}: {exc.message}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="shelfcast edge", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="{" + ",".join(_COMMANDS) + "}")

    run = commands.add_parser("run", help="run the agent until it is told to stop")
    run.set_defaults(command=_run)
    status = commands.add_parser("status", help="say how the agent is; exit code 1: not running")
    status.add_argument("--json", action="store_true", help="print JSON")
    status.set_defaults(command=_status)
    requeue = commands.add_parser("requeue", help="send parked reads again; the agent must be off")
    requeue.set_defaults(command=_requeue)
    for command in (run, status, requeue):
        command.add_argument("--config", type=Path, required=True, metavar="FILE")
    _add_simulate(commands.add_parser("simulate", help="be readers on ptys or TCP ports"))
    _add_decode(commands.add_parser("decode", help="say what frames a byte string holds"))
    return parser


def _add_simulate(parser: argparse.ArgumentParser) -> None:
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


def _add_decode(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--protocol", choices=list(PROTOCOLS), required=True)
    add("--hex", required=True, metavar="H", help="the bytes, as hexadecimal digits")
    add("--terminator", choices=list(Terminator), help="of lines (default any)")
    add("--prefix", help="of lines: what the scanner puts before a code")
    add("--suffix", help="of lines: what it puts behind, before the terminator")
    add("--json", action="store_true", help="print JSON on one line")
    parser.set_defaults(command=_decode)


def _run(options: argparse.Namespace) -> int:
    settings = load_settings(options.config, os.environ)
    logging.basicConfig(
        level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    # These log every byte they see, codes and tokens among them.
    for name in ("serialx", "httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)
    asyncio.run(_run_until_signal(Agent(settings)))
    return 0


async def _run_until_signal(agent: Agent) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, agent.stop)
    await agent.run()


def _status(options: argparse.Namespace) -> int:
    report = read_status(load_settings(options.config, os.environ))
    if options.json:
        print(json.dumps(report))
    else:
        for key, value in report.items():
            if key != "agent":
                print(f"{key:<14}{_spoken(key, value)}")
    return 0 if report["isRunning"] else 1


def _spoken(key: str, value: object) -> str:
    if value is None or value == []:
        return "-"
    if key == "losses" and is_list(value):
        return "; ".join(" ".join(map(str, one.values())) for one in filter(is_table, value))
    if key == "lastSuccessMs" and isinstance(value, int):
        return datetime.fromtimestamp(value / 1000, UTC).isoformat(timespec="seconds")
    return str(value)


def _requeue(options: argparse.Namespace) -> int:
    settings = load_settings(options.config, os.environ)
    count = requeue_parked(settings.outbox, but=list(GarbageReason))
    print(f"{count} reads will be sent again")
    return 0


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


def _decode(options: argparse.Namespace) -> int:
    try:
        frames = [_frame(event) for event in _events(options)]
    except ProtocolError as exc:
        answer: dict[str, object] = {"protocol": options.protocol, "error": exc.message}
    else:
        answer = {"protocol": options.protocol, "frames": frames}
        if not any("code" in frame or "notice" in frame for frame in frames):
            answer["error"] = frames[0]["error"] if frames else "NO_FRAME"
    print(json.dumps(answer, indent=None if options.json else 2))
    return 1 if "error" in answer else 0


def _events(options: argparse.Namespace) -> list[Event]:
    try:
        data = bytes.fromhex(options.hex)
    except ValueError as exc:
        raise ProtocolError(f"--hex: {exc}") from exc
    names = ("terminator", "prefix", "suffix")
    given = {name: value for name in names if (value := getattr(options, name)) is not None}
    table = TomlTable(options.protocol, "", given)
    protocol = PROTOCOLS[options.protocol].read(table)
    table.finish()
    return decode_frames(protocol, data)


def _frame(event: Event) -> dict[str, object]:
    match event:
        case Scan():
            return {"code": event.code, "symbology": event.symbology, "hex": event.raw.hex()}
        case TagSeen():
            return {
                "code": event.code,
                "epc": event.code,
                "antenna": event.antenna,
                "rssi": event.rssi,
                "rssiRaw": event.rssi_raw,
                "count": event.count,
                "readerTimeUs": event.reader_time_us,
            }
        case Notice():
            return {"notice": event.text, "hex": event.raw.hex()}
        case Broken():
            return {"error": event.reason}
        case _:
            return {"error": event.reason.value, "hex": event.raw.hex()}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
