"""`shelfcast up`: start every program, keep it running, stop all of them in order."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shelfcast.child import Child, ProgramFailed
from shelfcast.credentials import database_fingerprint, ensure_credentials
from shelfcast.instance import CannotStart, Instance, require_free_port
from shelfcast.plan import NO_DEMO_HERE, Options, Plan, client_names

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from shelfcast.program import Program


class Supervisor:
    """Runs programs inside an instance; stops them in the reverse order of their start."""

    def __init__(self, instance: Instance, urls: Mapping[str, str]) -> None:
        self._instance = instance
        self._urls = dict(urls)
        self._groups: list[list[Child]] = []

    async def start(self, *programs: Program) -> None:
        """Start programs side by side and return when each is ready.

        Raises:
            ProgramFailed: one of them does not get ready.
        """
        children = [Child(program, self._instance.log_folder, say) for program in programs]
        self._groups.append(children)
        for child in children:
            child.on_change = self._record
        await asyncio.gather(*(child.start() for child in children))

    async def run_once(self, program: Program) -> None:
        """Run a program to its end.

        Raises:
            ProgramFailed: its exit code was not 0.
        """
        await Child(program, self._instance.log_folder, say).run_once()

    async def stop(self) -> None:
        """Stop what was started last first; returns when all are gone."""
        while self._groups:
            await asyncio.gather(*(child.stop() for child in self._groups.pop()))

    def _record(self) -> None:
        running = [child for group in self._groups for child in group if child.pid]
        restarts = {child.program.name: child.restarts for child in running}
        self._instance.write(
            {"urls": self._urls, "restarts": restarts},
            {child.program.name: child.pid for child in running if child.pid},
        )


def say(text: str) -> None:
    """Tell the terminal, with the time of day."""
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


async def bring_up(supervisor: Supervisor, plan: Plan, instance: Instance) -> None:
    """Start everything in the order in which one needs the other."""
    began = time.monotonic()
    if plan.options.is_embedded:
        await supervisor.start(plan.database())
    await supervisor.run_once(plan.migrate())
    has_demo = plan.options.demo and await _load_demo(supervisor, plan)
    for name in client_names(has_demo=has_demo):
        path = instance.client_folder / f"{name}.json"
        log = instance.log_folder / f"client-{name}.log"
        await ensure_credentials(plan.create_client(name), path, plan.options, log)
    await supervisor.start(plan.backend(), plan.worker(), plan.dashboard())
    _announce(plan, time.monotonic() - began)
    if has_demo:
        plan.edge_config.unlink(missing_ok=True)  # of the last run, perhaps with another port
        await supervisor.start(plan.simulator())
        await supervisor.start(plan.edge())
        say("the demo retailer sells: its figures are invented")


async def _load_demo(supervisor: Supervisor, plan: Plan) -> bool:
    """Fill an empty installation with the demo retailer; False where it belongs to a real one."""
    database = database_fingerprint(plan.options)
    marker = plan.demo_folder / "loaded"
    if marker.exists() and marker.read_text() == database and _logins(plan):
        return True
    say("loading the demo retailer, this once")
    try:
        await supervisor.run_once(plan.demo_load())
    except ProgramFailed as exc:
        if exc.code != NO_DEMO_HERE:
            raise
        say("this installation belongs to a real retailer: there is no demo")
        return False
    marker.parent.mkdir(mode=0o700, exist_ok=True)
    marker.write_text(database)
    return True


def _logins(plan: Plan) -> dict[str, Any]:
    """Return what `demo load` wrote down for its people; empty before, and without a demo."""
    try:
        return (
            json.loads((plan.demo_folder / "logins.json").read_text()) if plan.options.demo else {}
        )
    except (OSError, ValueError):
        return {}


def _announce(plan: Plan, seconds: float) -> None:
    say(f"Shelfcast is up after {seconds:.1f} s")
    for name, url in plan.urls().items():
        print(f"          {name:<8} {url}")
    print(f"          data     {plan.options.data_dir} (logs in logs/)")
    if logins := _logins(plan):
        print(f"          demo logins, all with the password {logins['password']}")
        for email in logins["emails"]:
            print(f"                   {email}")
    print("          Ctrl-C stops everything", flush=True)


async def run(options: Options) -> None:
    """Bring everything up, keep it up until SIGINT or SIGTERM, and take it down."""
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    plan = Plan(options)
    with Instance(options.data_dir) as instance:
        require_free_port(options.host, options.port, "--port", "backend")
        require_free_port(
            options.dashboard_host, options.dashboard_port, "--dashboard-port", "dashboard"
        )
        supervisor = Supervisor(instance, plan.urls())
        try:
            await _until(stopping, bring_up(supervisor, plan, instance))
        finally:
            say("stopping")
            await supervisor.stop()


async def _until(stopping: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    """Do the work, then wait for the event; the event ends the work early, its failure both."""
    working = asyncio.create_task(work)
    waiting = asyncio.create_task(stopping.wait())
    await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if working.done():
        working.result()
        await waiting
    working.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working


def _parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="shelfcast up", description="Start everything, watch it, print the URLs."
    )
    folder = environment.get("SHELFCAST_DATA_DIR") or _default_data_dir(environment)
    parser.add_argument(
        "--data-dir", type=Path, default=Path(folder), help="where all data lie (%(default)s)"
    )
    port = int(environment.get("SHELFCAST_PORT") or 8000)
    parser.add_argument("--port", type=int, default=port, help="of the backend (%(default)s)")
    port = int(environment.get("SHELFCAST_DASHBOARD_PORT") or 8050)
    parser.add_argument(
        "--dashboard-port", type=int, default=port, help="of the web pages (%(default)s)"
    )
    parser.add_argument(
        "--no-demo", dest="demo", action="store_false", help="start an empty retailer"
    )
    parser.add_argument(
        "--speed",
        type=float,
        help="of the simulated stores: 1 sells about 2 things a second; left out: as in their past",
    )
    return parser


def _default_data_dir(environment: Mapping[str, str]) -> Path:
    # The same rule as in the programs' settings, which the launcher does not import.
    base = environment.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "shelfcast"


def main(argv: list[str]) -> int:
    """Run `up`; 0 after an orderly stop, 1 when something does not start."""
    environment = dict(os.environ)
    arguments = vars(_parser(environment).parse_args(argv))
    data_dir: Path = arguments.pop("data_dir").absolute()
    try:
        asyncio.run(run(Options(data_dir, environment, **arguments)))
    except (CannotStart, ProgramFailed) as exc:
        print(f"shelfcast up: {exc}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
