"""`edge run`: the agent itself, until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from edge_agent import logs
from edge_agent.agent import Agent
from edge_agent.clock import SystemClock
from edge_agent.managed import ManagedConfiguration
from edge_agent.systemd import Notifier

if TYPE_CHECKING:
    import argparse


def add_to(parser: argparse.ArgumentParser) -> None:
    """Give the command its options."""
    parser.add_argument("--config", type=Path, required=True, metavar="FILE")
    parser.set_defaults(command=_run)


def _run(options: argparse.Namespace) -> int:
    clock = SystemClock()
    managed = ManagedConfiguration(options.config, os.environ, clock)
    settings = managed.start()
    logs.set_up(settings)
    asyncio.run(
        _run_until_signal(Agent(settings, clock, managed=managed, notifier=Notifier(os.environ)))
    )
    return 0


async def _run_until_signal(agent: Agent) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, agent.stop)
    await agent.run()
