"""`edge status`: how the agent is."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from edge_agent.settings import load_settings
from edge_agent.status import read_status
from edge_agent.toml_table import is_list, is_table

if TYPE_CHECKING:
    import argparse


def add_to(parser: argparse.ArgumentParser) -> None:
    """Give the command its options."""
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--config", type=Path, required=True, metavar="FILE")
    parser.set_defaults(command=_status)


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
