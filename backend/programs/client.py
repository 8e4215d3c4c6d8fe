"""OAuth clients: create, list, update, documents, secrets, revoke; and the keys of tokens."""

import argparse
import json
import sys
from collections.abc import Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from backend import schema
from backend.core.errors import NotFound
from backend.core.limits import DEFAULTS
from backend.core.roles import Role
from backend.core.scopes import Scope, parse_scopes
from backend.identity import clients as identity, documents
from backend.identity.errors import InvalidKeySet
from backend.identity.keys import KeyRing
from backend.identity.rules import (
    ClientDetails,
    ClientKind,
    ClientSecret,
    ClientTraits,
    scope_text,
)
from backend.infra.api.documents import check_document
from backend.infra.database import Database
from backend.infra.secret_key import secret_key
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
    create.add_argument(
        "--redirect-uri",
        nargs="+",
        default=[],
        metavar="URI",
        help="where people come back to after signing in at it",
    )
    create.add_argument("--role", choices=list(Role), help="what it is; limits it beside --scope")
    create.add_argument(
        "--keys",
        type=Path,
        metavar="FILE",
        help="JWK set of public keys it proves itself with instead of with a secret",
    )
    create.add_argument(
        "--public", action="store_true", help="an app on people's devices, without a secret"
    )
    create.add_argument(
        "--first-party", action="store_true", help="our own: people are not asked for consent"
    )
    listing = verbs.add_parser("list", parents=[common], help="show the clients, without secrets")
    listing.add_argument("--json", action="store_true", help="print JSON")
    update = verbs.add_parser("update", parents=[common], help="change what a client may do")
    update.add_argument("client_id")
    update.add_argument("--scope", help=scopes)
    limits = update.add_mutually_exclusive_group()
    limits.add_argument("--locations", nargs="+", metavar="CODE", help="only these locations")
    limits.add_argument("--all-locations", action="store_true", help="all locations")
    rotate = verbs.add_parser(
        "rotate-secret", parents=[common], help="give a client a new secret, printed this once"
    )
    rotate.add_argument("client_id")
    rotate.add_argument(
        "--grace", type=float, default=0, metavar="HOURS", help="the old one is good for so long"
    )
    keys = verbs.add_parser(
        "rotate-keys", parents=[common], help="make the next key that signs access tokens"
    )
    keys.add_argument(
        "--leaked", action="store_true", help="refuse the old keys, and what they signed, at once"
    )
    registered = verbs.add_parser(
        "documents", parents=[common], help="register GraphQL documents; prints their ids as JSON"
    )
    registered.add_argument("client_id")
    registered.add_argument("files", nargs="*", type=Path, metavar="FILE", help="one document each")
    registered.add_argument("--remove", nargs="+", default=[], metavar="ID", help="take these away")
    binding = registered.add_mutually_exclusive_group()
    binding.add_argument("--restrict", action="store_true", help="it may run nothing else")
    binding.add_argument("--free", action="store_true", help="it may run anything")
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
        "rotate-secret": _rotate_secret,
        "documents": _documents,
        "revoke": _revoke,
    }

    settings = command.settings_of(arguments)

    async def on(database: Database) -> int:
        if arguments.verb == "rotate-keys":
            keys = KeyRing(database, secret_key(settings))
            kid = await keys.rotate(settings.token_lifetime, at_once=arguments.leaked)
            print(json.dumps({"kid": kid}))
            return 0
        principal = await command.principal_of(database, arguments.org, "shelfcast client")
        async with database.work(principal) as work:
            answer = await verbs[arguments.verb](work, arguments)
        print(answer)
        return 0

    return command.on_database(settings, on)


async def _create(work: Work, arguments: argparse.Namespace) -> str:
    traits = ClientTraits(
        kind=ClientKind.PUBLIC if arguments.public else ClientKind.CONFIDENTIAL,
        redirect_uris=tuple(arguments.redirect_uri),
        is_first_party=arguments.first_party,
        jwks=None if arguments.keys is None else _key_set(arguments.keys),
        role=None if arguments.role is None else Role(arguments.role),
    )
    made = await identity.create_client(
        work,
        arguments.name,
        parse_scopes(arguments.scope),
        await _ids(work, arguments.locations),
        traits,
    )
    return _credentials(made)


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


async def _rotate_secret(work: Work, arguments: argparse.Namespace) -> str:
    grace = timedelta(hours=arguments.grace)
    return _credentials(await identity.rotate_client_secret(work, arguments.client_id, grace=grace))


async def _documents(work: Work, arguments: argparse.Namespace) -> str:
    built = schema.build()._schema  # noqa: SLF001 - graphql-core's schema has no public name
    bodies = [file.read_text(encoding="utf-8") for file in arguments.files]
    for body in bodies:
        check_document(built, body, DEFAULTS)
    book = await documents.register(
        work,
        arguments.client_id,
        bodies,
        remove=arguments.remove,
        is_restricted=True if arguments.restrict else False if arguments.free else None,
    )
    return json.dumps({"restricted": book.is_restricted, "documents": list(book.documents)})


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


def _credentials(made: ClientSecret) -> str:
    secret = {"client_secret": made.client_secret} if made.client_secret else {}
    return json.dumps({"client_id": made.client_id} | secret)


def _key_set(path: Path) -> dict[str, object]:
    try:
        keys = json.loads(path.read_text())
    except (OSError, ValueError) as exc:
        raise InvalidKeySet(f"{path} cannot be read as JSON: {exc}") from exc
    return keys if isinstance(keys, dict) else {}


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
        "kind": client.traits.kind,
        "redirect_uris": list(client.traits.redirect_uris),
        "is_first_party": client.traits.is_first_party,
        "role": client.traits.role,
        "locations": None if client.location_ids is None else list(map(str, client.location_ids)),
        "created_at": client.created_at.isoformat(),
        "last_used_at": client.last_used_at and client.last_used_at.isoformat(),
        "revoked_at": client.revoked_at and client.revoked_at.isoformat(),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
