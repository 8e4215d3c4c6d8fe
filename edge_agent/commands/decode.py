"""`edge decode`: say what frames a byte string holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from edge_agent.errors import ProtocolError
from edge_agent.protocols import (
    PROTOCOLS,
    Broken,
    Event,
    Notice,
    Scan,
    TagSeen,
    Terminator,
    decode_frames,
)
from edge_agent.toml_table import TomlTable

if TYPE_CHECKING:
    import argparse


def add_to(parser: argparse.ArgumentParser) -> None:
    """Give the command its options."""
    add = parser.add_argument
    add("--protocol", choices=list(PROTOCOLS), required=True)
    add("--hex", required=True, metavar="H", help="the bytes, as hexadecimal digits")
    add("--terminator", choices=list(Terminator), help="of lines (default any)")
    add("--prefix", help="of lines: what the scanner puts before a code")
    add("--suffix", help="of lines: what it puts behind, before the terminator")
    add("--json", action="store_true", help="print JSON on one line")
    parser.set_defaults(command=_decode)


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
