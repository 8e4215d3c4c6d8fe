"""`edge requeue`: send parked reads again."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from edge_agent.outbox import requeue_parked
from edge_agent.protocols import GarbageReason
from edge_agent.settings import load_settings

if TYPE_CHECKING:
    import argparse


def add_to(parser: argparse.ArgumentParser) -> None:
    """Give the command its options."""
    parser.add_argument("--config", type=Path, required=True, metavar="FILE")
    parser.set_defaults(command=_requeue)


def _requeue(options: argparse.Namespace) -> int:
    settings = load_settings(options.config, os.environ)
    count = requeue_parked(settings.outbox, but=list(GarbageReason))
    print(f"{count} reads will be sent again")
    return 0
