"""Devices' agents: let one in with a one-time code, show how they are."""

import argparse
import json
import sys
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, Final

from backend.core.settings import BackendSettings
from backend.fleet import enrolment, lists
from backend.fleet.lists import AgentCriteria, AgentOrder
from backend.fleet.models import Agent
from backend.infra.api.relay import MOST_ROWS
from backend.infra.database import Database
from backend.infra.work import Work
from backend.programs import command

Verb = Callable[[Work, argparse.Namespace, BackendSettings], Coroutine[Any, Any, str]]
"""Returns what is printed once its work is committed."""


def main(argv: list[str]) -> int:
    """Run one verb on the organisation's agents."""
    arguments = _parser().parse_args(argv)
    return command.run("device", lambda: _run(arguments))


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    command.add_data_dir(common)
    command.add_organisation(common)
    common.add_argument("--json", action="store_true", help="print JSON")
    parser = argparse.ArgumentParser(prog="shelfcast device", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    enrol = verbs.add_parser(
        "enrol", parents=[common], help="make a code that lets one agent in, once and soon"
    )
    enrol.add_argument("--location", required=True, metavar="CODE", help="where it will be")
    enrol.add_argument(
        "--devices", nargs="+", metavar="CODE", help="the only devices it may speak for (all there)"
    )
    enrol.add_argument("--name", help="what it will be called (what it calls itself)")
    verbs.add_parser("agents", parents=[common], help="show the agents and how they are")
    return parser


def _run(arguments: argparse.Namespace) -> int:
    settings = command.settings_of(arguments)

    async def on(database: Database) -> int:
        principal = await command.principal_of(database, arguments.org, "shelfcast device")
        async with database.work(principal) as work:
            answer = await _VERBS[arguments.verb](work, arguments, settings)
        print(answer)
        return 0

    return command.on_database(settings, on)


async def _enrol(work: Work, arguments: argparse.Namespace, settings: BackendSettings) -> str:
    made = await enrolment.make_code(
        work,
        arguments.location,
        arguments.devices,
        arguments.name,
        lifetime=settings.enrolment_lifetime,
    )
    pairing = f"shelfcast edge pair {made.code} --server {settings.origin} --config edge.toml"
    if arguments.json:
        facts = {
            "code": made.code,
            "location": made.location.code,
            "expires_at": made.expires_at.isoformat(),
            "server": settings.origin,
            "command": pairing,
        }
        return json.dumps(facts, indent=2)
    until = f"{made.expires_at.astimezone():%H:%M:%S %Z}"
    return f"{made.code}\n\nGood once, until {until}. On the agent's machine:\n  {pairing}"


async def _agents(work: Work, arguments: argparse.Namespace, _: BackendSettings) -> str:
    page = await lists.list_agents(
        work, AgentCriteria(), AgentOrder.NAME, descending=False, first=MOST_ROWS, after=None
    )
    agents = [row for _, row in page.rows]
    if arguments.json:
        return json.dumps(list(map(_facts, agents)), indent=2)
    return "\n".join(map(_line, agents)) or "no agents"


def _line(agent: Agent) -> str:
    heard = "never" if agent.heard_at is None else f"{_age(agent.heard_at)} ago"
    troubles = " ".join(agent.troubles)
    figures = f"{agent.outbox_depth} waiting"
    return f"{agent.state:<9}  heard {heard:<12}  {figures:<16}  {agent.name}  {troubles}".rstrip()


def _age(moment: datetime) -> str:
    seconds = (datetime.now(UTC) - moment).total_seconds()
    return f"{seconds:.0f} s" if seconds < 600 else f"{seconds / 60:.0f} min"


def _facts(agent: Agent) -> dict[str, object]:
    return {
        "id": str(agent.id),
        "name": agent.name,
        "client_id": agent.client_id,
        "state": agent.state,
        "troubles": agent.troubles,
        "heard_at": agent.heard_at and agent.heard_at.isoformat(),
        "software_version": agent.software_version,
        "configuration_version": agent.configuration_version,
        "clock_skew_ms": agent.clock_skew_ms,
        "outbox_depth": agent.outbox_depth,
        "reads_refused": agent.reads_refused,
        "reads_dropped": agent.reads_dropped,
        "reads_parked": agent.reads_parked,
        "last_error": agent.last_error,
    }


_VERBS: Final[dict[str, Verb]] = {"enrol": _enrol, "agents": _agents}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
