"""What an access token is worth at this moment: client, person, sign-in and consent together."""

from typing import Any

from backend.core.principal import Principal
from backend.core.roles import Role
from backend.core.scopes import Scope
from backend.identity import statements
from backend.identity.rules import Claims, Limits
from backend.infra.work import Work


async def standing_of(work: Work, claims: Claims) -> Principal | None:
    """Return whom a token with these claims stands for; None when it is worth nothing any more."""
    row = await work.row(
        statements.STANDING,
        claims.client_id,
        claims.user_id,
        claims.session_id,
        claims.grant_id,
        claims.token_id,
    )
    if row is None or row["is_ended"]:
        return None
    limits = _limits(row, "client").within(_limits(row, "user"))
    if limits is None:
        return None
    return Principal(
        org_id=claims.org_id,
        client_id=claims.client_id,
        scopes=limits.leave_of(claims.scopes),
        locations=limits.location_ids,
        partner=limits.distributor_id,
        channel=limits.channel,
        expires_at=claims.expires_at,
        token_id=claims.token_id,
        user_id=claims.user_id,
        session_id=claims.session_id,
        grant_id=claims.grant_id,
    )


def _limits(row: dict[str, Any], whose: str) -> Limits:
    scopes, places = row.get(f"{whose}_scopes"), row[f"{whose}_location_ids"]
    role = row[f"{whose}_role"]
    return Limits(
        role=None if role is None else Role(role),
        scopes=None if scopes is None else frozenset(map(Scope, scopes)),
        location_ids=None if places is None else frozenset(places),
        distributor_id=row[f"{whose}_distributor_id"],
        channel=row[f"{whose}_channel"],
    )
