"""OAuth clients: create, list, update, revoke."""

import argparse
import json
import sys
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

from backend.core.errors import NotFound
from backend.core.scopes import Scope, parse_scopes
from backend.identity import clients as identity
from backend.identity.rules import ClientDetails, scope_text
from backend.infra.database import Database
from backend.infra.work import Work
from backend.locations import service as locations
from backend.programs import command


def main(argv: list[str]) -> int:
    """Run one verb on the organisation's OAuth clients."""
    arguments = _parser().parse_args(argv)
    return command.run("client", lambda: _run(arguments))


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    command.add_data_dir(common)
    command.add_organisation(common)
    parser = argparse.ArgumentParser(prog="shelfcast client", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    scopes = "scopes, separated by spaces: " + " ".join(Scope)
    create = verbs.add_parser(
        "create", parents=[common], help="make a client; prints its id and, this once, its secret"
    )
    create.add_argument("--name", required=True, help="who it is")
    create.add_argument("--scope", required=True, help=scopes)
    create.add_argument(
        "--locations", nargs="+", metavar="CODE", help="only these locations (all of them)"
    )
    listing = verbs.add_parser("list", parents=[common], help="show the clients, without secrets")
    listing.add_argument("--json", action="store_true", help="print JSON")
    update = verbs.add_parser("update", parents=[common], help="change what a client may do")
    update.add_argument("client_id")
    update.add_argument("--scope", help=scopes)
    limits = update.add_mutually_exclusive_group()
    limits.add_argument("--locations", nargs="+", metavar="CODE", help="only these locations")
    limits.add_argument("--all-locations", action="store_true", help="all locations")
    revoke = verbs.add_parser("revoke", parents=[common], help="end a client for good")
    revoke.add_argument("client_id")
    return parser


Verb = Callable[[Work, argparse.Namespace], Coroutine[Any, Any, str]]
"""Returns what is printed once its work is committed."""


def _run(arguments: argparse.Namespace) -> int:
    verbs: dict[str, Verb] = {
        "create": _create,
        "list": _list,
        "update": _update,
        "revoke": _revoke,
    }

    async def on(database: Database) -> int:
        principal = await command.principal_of(database, arguments.org, "shelfcast client")
        async with database.work(principal) as work:
            answer = await verbs[arguments.verb](work, arguments)
        print(answer)
        return 0

    return command.on_database(command.settings_of(arguments), on)


async def _create(work: Work, arguments: argparse.Namespace) -> str:
    made = await identity.create_client(
        work, arguments.name, parse_scopes(arguments.scope), await _ids(work, arguments.locations)
    )
    return json.dumps({"client_id": made.client_id, "client_secret": made.client_secret})


async def _list(work: Work, arguments: argparse.Namespace) -> str:
    clients = await identity.list_clients(work)
    if arguments.json:
        return json.dumps([_facts(client) for client in clients], indent=2)
    return "\n".join(map(_line, clients)) or "no clients"


async def _update(work: Work, arguments: argparse.Namespace) -> str:
    await identity.update_client(
        work,
        arguments.client_id,
        scopes=parse_scopes(arguments.scope) if arguments.scope else None,
        locations=await _ids(work, arguments.locations),
        all_locations=arguments.all_locations,
    )
    return f"{arguments.client_id} changed"


async def _revoke(work: Work, arguments: argparse.Namespace) -> str:
    await identity.revoke_client(work, arguments.client_id)
    return f"{arguments.client_id} revoked"


async def _ids(work: Work, codes: list[str] | None) -> list[UUID] | None:
    if codes is None:
        return None
    found = await locations.resolve_locations(work, codes)
    for code in codes:
        if code not in found:
            raise NotFound(f"there is no location {code!r}")
    return [found[code].id for code in codes]


def _line(client: ClientDetails) -> str:
    state = "revoked" if client.revoked_at else "active "
    used = f"{client.last_used_at:%Y-%m-%d %H:%M}" if client.last_used_at else "never used"
    scopes = scope_text(frozenset(client.scopes))
    return f"{client.client_id}  {state}  {used:<16}  {client.name}  [{scopes}]"


def _facts(client: ClientDetails) -> dict[str, object]:
    return {
        "client_id": client.client_id,
        "name": client.name,
        "scope": scope_text(frozenset(client.scopes)),
        "locations": None if client.location_ids is None else list(map(str, client.location_ids)),
        "created_at": client.created_at.isoformat(),
        "last_used_at": client.last_used_at and client.last_used_at.isoformat(),
        "revoked_at": client.revoked_at and client.revoked_at.isoformat(),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
