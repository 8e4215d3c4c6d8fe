"""People of the demo retailer, one per role, with a password made for this installation."""

import json
import os
import secrets
from pathlib import Path
from typing import Final

from backend.core.principal import Principal
from backend.core.roles import Role
from backend.identity.people import accounts, reach
from backend.identity.people.passwords import Passwords
from backend.identity.people.rules import Reach
from backend.infra.database import Database
from backend.infra.work import Work

DOMAIN: Final = "demo.shelfcast.example"
ROLES: Final = (
    Role.OWNER,
    Role.MANAGER,
    Role.CLERK,
    Role.ANALYST,
    Role.AUDITOR,
    Role.SCREEN,
    Role.PARTNER,
)
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another
_FIRST_STORE: Final = "select code from locations where kind = 'STORE' order by code limit 1"
_PRESENT: Final = "select email from users where email = any($1)"
_NEW_PASSWORD: Final = "update users set password_hash = $2 where email = any($1)"


def login_file(data_dir: Path) -> Path:
    """Return where the demo's logins are written down."""
    return data_dir / "demo" / "logins.json"


async def ensure_logins(database: Database, principal: Principal, data_dir: Path) -> None:
    """Make the demo's people, and write their logins down for the installation's owner alone.

    Those already there keep their password, unless the file that told it was lost.
    """
    path = login_file(data_dir)
    known = json.loads(path.read_text())["password"] if path.exists() else None
    password = known or "-".join(
        "".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4)
    )
    passwords = Passwords()
    stored = await passwords.hash(password)
    passwords.close()
    async with database.work(principal) as work:
        emails = {role: f"{role.lower()}@{DOMAIN}" for role in ROLES}
        present = {row["email"] for row in await work.rows(_PRESENT, list(emails.values()))}
        if known is None:
            await work.rows(_NEW_PASSWORD, list(present), stored)
        for role, email in emails.items():
            if email not in present:
                name = f"Demo {role.lower()}"
                limits = await _limits(work, role)
                await accounts.add_user(work, email, name, role, limits, password_hash=stored)
    _write(path, {"password": password, "emails": list(emails.values())})


async def _limits(work: Work, role: Role) -> Reach:
    """Return what the demo's clerk and partner are limited to; nobody else is."""
    if role is Role.PARTNER:
        return Reach(channel="MARKETPLACE")
    store = await work.row(_FIRST_STORE)
    if role is Role.CLERK and store is not None:
        return Reach(location_ids=await reach.location_ids(work, [store["code"]]))
    return Reach()


def _write(path: Path, content: dict[str, object]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file)
