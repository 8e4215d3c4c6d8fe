"""`edge status`: how the agent is, once or live."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge_agent.settings import load_settings
from edge_agent.status import read_status
from edge_agent.status_view import Canvas, draw

if TYPE_CHECKING:
    import argparse

    from edge_agent.settings import Settings
    from edge_agent.status import Report

_REFRESH_S: Final = 1.0
# A screen of its own, without the cursor; and back.
_ENTER, _LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
_HOME, _REST_OF_LINE, _REST_OF_SCREEN = "\x1b[H", "\x1b[K", "\x1b[J"


def add_to(parser: argparse.ArgumentParser) -> None:
    """Give the command its options."""
    parser.add_argument("--config", type=Path, required=True, metavar="FILE")
    parser.add_argument("--json", action="store_true", help="print JSON, once")
    parser.add_argument("--once", action="store_true", help="print it once, also on a terminal")
    parser.set_defaults(command=_status)


def _status(options: argparse.Namespace) -> int:
    settings = load_settings(options.config, os.environ)
    is_live = sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"
    if is_live and not (options.once or options.json):
        return _show_live(settings)
    report = read_status(settings)
    if options.json:
        print(json.dumps(report))
    else:
        print("\n".join(draw(report, None, _canvas())))
    return 0 if report["isRunning"] else 1


def _show_live(settings: Settings) -> int:
    """Draw again and again, in place, until Ctrl-C."""
    before: Report | None = None
    now = read_status(settings)
    sys.stdout.write(_ENTER)
    try:
        while True:
            lines = draw(now, before, _canvas())[: shutil.get_terminal_size().lines - 1]
            text = "".join(f"{line}{_REST_OF_LINE}\n" for line in lines)
            sys.stdout.write(f"{_HOME}{text}{_REST_OF_SCREEN}")
            sys.stdout.flush()
            time.sleep(_REFRESH_S)
            after = read_status(settings)
            if _written_ms(after) != _written_ms(now):
                before = now
            now = after
    except KeyboardInterrupt:
        return 0 if now["isRunning"] else 1
    finally:
        sys.stdout.write(_LEAVE)
        sys.stdout.flush()


def _written_ms(report: Report) -> int:
    return report["agent"]["writtenMs"] if report["agent"] else 0


def _canvas() -> Canvas:
    """Return what the terminal can show; NO_COLOR is heeded (no-color.org)."""
    has_colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return Canvas(shutil.get_terminal_size().columns, has_colour)
