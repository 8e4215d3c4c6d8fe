"""People who may sign in: create, list, disable, enable, reset a password."""

import argparse
import json
import sys
from collections.abc import Callable, Coroutine
from typing import Any, Final

from backend.core.roles import Role
from backend.core.settings import BackendSettings
from backend.identity.people import accounts, links, reach, statements
from backend.identity.people.errors import UserNotFound
from backend.identity.people.passwords import Passwords, check_password
from backend.identity.people.rules import UserDetails, check_email
from backend.infra.database import Database
from backend.infra.work import Work
from backend.programs import command

_ALL: Final = "select * from users order by name, id"


def main(argv: list[str]) -> int:
    """Run one verb on the organisation's people."""
    arguments = _parser().parse_args(argv)
    return command.run("user", lambda: _run(arguments))


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    command.add_data_dir(common)
    command.add_organisation(common)
    parser = argparse.ArgumentParser(prog="shelfcast user", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    create = verbs.add_parser(
        "create", parents=[common], help="add a person; prints the link of their invitation"
    )
    create.add_argument("--email", required=True, help="the address they sign in with")
    create.add_argument("--name", required=True, help="who it is")
    create.add_argument("--role", required=True, choices=[role.value for role in Role])
    create.add_argument("--locations", nargs="+", metavar="CODE", help="only these locations")
    create.add_argument("--distributor", metavar="CODE", help="a partner's distributor")
    create.add_argument("--channel", help="a partner's channel")
    create.add_argument(
        "--password-stdin", action="store_true", help="read the password instead of inviting"
    )
    listing = verbs.add_parser("list", parents=[common], help="show who may sign in")
    listing.add_argument("--json", action="store_true", help="print JSON")
    for name, summary in (
        ("disable", "shut somebody out at once"),
        ("enable", "let somebody in again"),
        ("reset-password", "print a link by which somebody chooses a new password"),
    ):
        verb = verbs.add_parser(name, parents=[common], help=summary)
        verb.add_argument("email")
    return parser


Verb = Callable[[Work, argparse.Namespace, BackendSettings], Coroutine[Any, Any, str]]
"""Returns what is printed once its work is committed."""


def _run(arguments: argparse.Namespace) -> int:
    verbs: dict[str, Verb] = {
        "create": _create,
        "list": _list,
        "disable": _disable,
        "enable": _enable,
        "reset-password": _reset,
    }
    settings = command.settings_of(arguments)

    async def on(database: Database) -> int:
        principal = await command.principal_of(database, arguments.org, "shelfcast user")
        async with database.work(principal) as work:
            answer = await verbs[arguments.verb](work, arguments, settings)
        print(answer)
        return 0

    return command.on_database(settings, on)


async def _create(work: Work, arguments: argparse.Namespace, settings: BackendSettings) -> str:
    limits = await reach.resolve_reach(
        work, arguments.locations, arguments.distributor, arguments.channel
    )
    who = (arguments.email, arguments.name, Role(arguments.role), limits)
    if not arguments.password_stdin:
        _, link = await accounts.invite(work, *who, lifetime=settings.invitation_lifetime)
        return links.address_of(settings.origin, link)
    password = sys.stdin.readline().rstrip("\r\n")
    check_password(password, [arguments.name, arguments.email])
    passwords = Passwords()
    stored = await passwords.hash(password)
    passwords.close()
    user = await accounts.add_user(work, *who, password_hash=stored)
    return f"{user.email} may sign in"


async def _list(work: Work, arguments: argparse.Namespace, _: BackendSettings) -> str:
    users = [accounts.user_details(row) for row in await work.rows(_ALL)]
    if arguments.json:
        return json.dumps([_facts(user) for user in users], indent=2)
    return "\n".join(map(_line, users)) or "nobody"


async def _disable(work: Work, arguments: argparse.Namespace, _: BackendSettings) -> str:
    user = await accounts.disable_user(work, (await _named(work, arguments.email)).id)
    return f"{user.email} is shut out"


async def _enable(work: Work, arguments: argparse.Namespace, _: BackendSettings) -> str:
    user = await accounts.enable_user(work, (await _named(work, arguments.email)).id)
    return f"{user.email} may sign in"


async def _reset(work: Work, arguments: argparse.Namespace, settings: BackendSettings) -> str:
    user = await _named(work, arguments.email)
    link = await accounts.make_reset_link(work, user.id, lifetime=settings.reset_lifetime)
    return links.address_of(settings.origin, link)


async def _named(work: Work, email: str) -> UserDetails:
    row = await work.row(statements.USER_BY_EMAIL, check_email(email))
    if row is None:
        raise UserNotFound(f"nobody here has the address {email[:60]!r}")
    return accounts.user_details(row)


def _state(user: UserDetails) -> str:
    if user.disabled_at is not None:
        return "disabled"
    return "active" if user.has_password else "invited"


def _line(user: UserDetails) -> str:
    return f"{user.role:<8} {_state(user):<8} {user.email:<40} {user.name}"


def _facts(user: UserDetails) -> dict[str, object]:
    return {
        "id": str(user.id),
        "email": user.email,
        "name": user.name,
        "role": user.role.value,
        "state": _state(user),
        "last_sign_in_at": user.last_sign_in_at and user.last_sign_in_at.isoformat(),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
