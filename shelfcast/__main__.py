"""Dispatch `shelfcast COMMAND` to the program of that name."""

from __future__ import annotations

import runpy
import sys
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """A command: the module that is run, arguments put before the user's, one line of help."""

    module: str
    summary: str
    arguments: tuple[str, ...] = ()


COMMANDS: dict[str, Command] = {
    "up": Command("shelfcast.supervisor", "start everything, watch it, print the URLs"),
    "backend": Command("backend.programs.server", "GraphQL, REST and OAuth server"),
    "worker": Command("backend.programs.worker", "roll-ups, reports, forecasts, notifications"),
    "dashboard": Command("dashboard", "the web pages"),
    "edge": Command("edge_agent", "the agent beside scanners and RFID readers"),
    "database": Command("backend.programs.database", "the embedded PostgreSQL, in the foreground"),
    "migrate": Command("backend.programs.migrate", "bring the database to the current schema"),
    "doctor": Command("backend.programs.doctor", "check every connection and setting"),
    "schema": Command("backend.programs.schema", "print the GraphQL schema"),
    "client": Command("backend.programs.client", "create OAuth clients"),
    "user": Command("backend.programs.user", "people who may sign in"),
    "device": Command("backend.programs.device", "let agents in, show how they are"),
    "token": Command("backend.programs.token", "print an access token"),
    "demo": Command("backend.programs.demo", "load or simulate the demo retailer"),
    "import": Command("backend.programs.imports", "import sales from a file"),
    "report": Command("backend.programs.report", "make a report now and write its files"),
    "forecast": Command("backend.programs.forecast", "train forecasts, or judge them on a table"),
    "decode": Command("backend.programs.decode", "say what a barcode or EPC means"),
}


def usage() -> str:
    """Return the help text: every command with one line."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {command.summary}" for name, command in COMMANDS.items()]
    return "\n".join(
        [
            "usage: shelfcast COMMAND [OPTIONS]",
            "",
            "Shows a retailer what sells and what is on the shelf, as it happens.",
            "",
            "commands:",
            *lines,
            "",
            "`shelfcast COMMAND --help` explains it. Settings: SHELFCAST_*, see .env.example.",
        ]
    )


def main(argv: list[str] | None = None) -> int:
    """Run the named command in this process, as if it had been started with `python -m`."""
    words = sys.argv[1:] if argv is None else argv
    if not words or words[0] in {"-h", "--help", "help"}:
        print(usage())
        return 0 if words else 2
    name, *rest = words
    command = COMMANDS.get(name)
    if command is None:
        print(f"shelfcast: there is no command {name!r}\n\n{usage()}", file=sys.stderr)
        return 2
    sys.argv = [f"shelfcast {name}", *command.arguments, *rest]
    runpy.run_module(command.module, run_name="__main__", alter_sys=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
