"""The verbs of grants: what a person allowed a client, its codes and its refresh tokens."""

import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from tortoise.expressions import Q

from backend.core.ids import new_id
from backend.core.scopes import Scope
from backend.identity.errors import GrantNotFound
from backend.identity.events import AccessChanged, Change, Subject
from backend.identity.models import Grant
from backend.identity.oauth import statements
from backend.identity.oauth.rules import AuthorizationRequest, digest, is_verifier_of
from backend.identity.people.rules import SignedIn
from backend.infra.api.relay import Ordering, Page, fetch_page
from backend.infra.work import Work


class GrantOrder(StrEnum):
    """By what grants are sorted."""

    CREATED_AT = "CREATED_AT"
    """By when they were made."""
    LAST_USED_AT = "LAST_USED_AT"
    """By when the client last got tokens."""


_COLUMNS: Final = {
    GrantOrder.CREATED_AT: "created_at",
    GrantOrder.LAST_USED_AT: "last_used_at",
}
NOBODY: Final = UUID(int=0)
CODE_LIFE: Final = timedelta(seconds=60)


async def open_grant(
    work: Work, asked: AuthorizationRequest, signed_in: SignedIn, scopes: frozenset[Scope]
) -> str:
    """Record what somebody allows a client and return the code that the client exchanges."""
    org_id, grant_id, code = work.principal.org_id, new_id(), _random("scc")
    expires_at = work.now + CODE_LIFE
    await work.rows(
        statements.ADD_GRANT,
        org_id,
        grant_id,
        asked.client.client_id,
        signed_in.user_id,
        signed_in.session_id,
        sorted(scopes),
        work.now,
        expires_at,
    )
    await work.rows(
        statements.ADD_CODE,
        org_id,
        digest(code),
        grant_id,
        asked.redirect_uri,
        asked.code_challenge,
        expires_at,
    )
    work.note("ACCESS_GRANTED", grant_id, client_id=asked.client.client_id, scopes=sorted(scopes))
    return code


async def use_code(
    work: Work, client_id: str, code: str, redirect_uri: str, verifier: str
) -> dict[str, Any] | None:
    """Return the grant of a code and use the code up; None when it is worth nothing.

    A code that comes a second time ends its grant: somebody stole it, before or now.
    """
    row = await work.row(statements.CODE, digest(code))
    if row is None or row["client_id"] != client_id:
        return None
    if row["used_at"] is not None:
        await end_grant(work, row["grant_id"], "CODE_REUSED")
        return None
    if (
        row["expires_at"] <= work.now
        or row["redirect_uri"] != redirect_uri
        or not is_verifier_of(verifier, row["code_challenge"])
    ):
        return None
    await work.rows(statements.USE_CODE, digest(code), work.now)
    return row


async def use_refresh_token(work: Work, client_id: str, token: str) -> dict[str, Any] | None:
    """Return the grant of a refresh token and use the token up; None when it is worth nothing.

    One that comes a second time ends its grant, however short the time between.
    """
    row = await refresh_token(work, client_id, token)
    if row is None:
        return None
    if row["used_at"] is not None:
        await end_grant(work, row["grant_id"], "REFRESH_TOKEN_REUSED")
        return None
    if row["expires_at"] <= work.now or row["ended_at"] is not None:
        return None
    await work.rows(statements.USE_REFRESH_TOKEN, digest(token), work.now)
    return row


async def refresh_token(work: Work, client_id: str, token: str) -> dict[str, Any] | None:
    """Return a refresh token of a client with its grant, used or not; None when it has none."""
    row = await work.row(statements.REFRESH_TOKEN, digest(token))
    return row if row is not None and row["client_id"] == client_id else None


async def add_refresh_token(work: Work, grant_id: UUID, lifetime: timedelta) -> str:
    """Return a new refresh token of a grant; the grant lasts as long as its newest token."""
    token = _random("scr")
    await work.rows(
        statements.ADD_REFRESH_TOKEN,
        work.principal.org_id,
        digest(token),
        grant_id,
        work.now,
        work.now + lifetime,
    )
    return token


async def end_grant(work: Work, grant_id: UUID, why: str) -> None:
    """End what somebody allowed a client: its tokens stop working within a second."""
    if await work.row(statements.END_GRANT, grant_id, work.now) is not None:
        work.note("ACCESS_ENDED", grant_id, why=why)
        work.gather([AccessChanged.of(Subject.GRANT, grant_id, Change.REVOKED, work.now)])


async def take_back(work: Work, grant_id: UUID) -> None:
    """End what somebody allowed a client: one's own grant, as an administrator anybody's.

    Raises:
        GrantNotFound: there is none, it is over, or not one's business.
    """
    who = work.principal
    only_of = None if who.has(Scope.ADMIN) else who.user_id or NOBODY
    if await work.row(statements.END_OWN_GRANT, grant_id, work.now, only_of) is None:
        raise GrantNotFound("there is no such grant", field=["input", "id"])
    work.note("ACCESS_ENDED", grant_id, why="TAKEN_BACK")
    work.gather([AccessChanged.of(Subject.GRANT, grant_id, Change.REVOKED, work.now)])


async def page_of_grants(
    work: Work,
    by: GrantOrder,
    *,
    is_open: bool | None,
    descending: bool,
    first: int,
    after: str | None,
) -> Page[Grant]:
    """Return a page of grants: one's own, for an administrator all."""
    query = Grant.all()
    if not work.principal.has(Scope.ADMIN):
        query = query.filter(user_id=work.principal.user_id or NOBODY)
    if is_open is not None:
        still = Q(ended_at__isnull=True) & Q(expires_at__gt=work.now)
        query = query.filter(still if is_open else ~still)
    columns = (_COLUMNS[by], "id")
    ordering = Ordering(f"grants {by}", columns, (datetime, UUID), descending)
    return await fetch_page(work, query, ordering, first, after)


async def purge_expired(work: Work, before: datetime) -> None:
    """Delete codes, tokens, tickets and grants that expired before that moment."""
    for statement in statements.PURGE:
        await work.rows(statement, before)


def _random(prefix: str) -> str:
    return f"{prefix}_{secrets.token_urlsafe(32)}"
