"""The agent's command line: run it, ask how it is, try a scanner without one."""

from __future__ import annotations

import argparse
import sys

from edge_agent.commands import decode, pair, requeue, run, simulate, status
from edge_agent.errors import EdgeError

_COMMANDS = {
    "run": (run, "run the agent until it is told to stop"),
    "pair": (pair, "make this machine a client of a backend, with a one-time code"),
    "status": (status, "show how the agent is, live; exit code 1: not running"),
    "simulate": (simulate, "be readers on ptys or TCP ports"),
    "decode": (decode, "say what frames a byte string holds"),
    "requeue": (requeue, "send parked reads again; the agent must be off"),
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
    for name, (command, summary) in _COMMANDS.items():
        command.add_to(commands.add_parser(name, help=summary))
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
