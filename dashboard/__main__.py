"""Start the dashboard: `python -m dashboard`."""

from __future__ import annotations

import argparse
import gc
import sys
from pathlib import Path

import uvicorn
from pydantic import ValidationError

from dashboard.app import create_app
from dashboard.client import BackendClient
from dashboard.settings import DashboardSettings

GARBAGE = (50_000, 20, 20)
"""Objects between two collections of the young, and how often the older follow."""


def main(argv: list[str]) -> int:
    """Serve until a signal ends it; return the exit code."""
    arguments = _parser().parse_args(argv)
    given = {name: value for name, value in vars(arguments).items() if value is not None}
    try:
        settings = DashboardSettings(**given)
    except ValidationError as exc:
        print(exc, file=sys.stderr)
        return 2
    app = create_app(settings, BackendClient(settings))
    # An answer makes thousands of objects and no cycle; modules and pages stay for good, to look
    # through them holds every page up.
    gc.set_threshold(*GARBAGE)
    gc.freeze()
    uvicorn.run(
        app,
        host=settings.dashboard_host,
        port=settings.dashboard_port,
        log_level=settings.log_level.lower(),
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="shelfcast dashboard",
        description="Serve the dashboard. Every option is also an environment variable.",
    )
    parser.add_argument("--data-dir", type=Path, help="folder of the instance")
    parser.add_argument("--host", dest="dashboard_host", help="address to listen on")
    parser.add_argument("--port", dest="dashboard_port", type=int, help="port to listen on")
    parser.add_argument("--backend-url", help="where this server reaches the backend")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
