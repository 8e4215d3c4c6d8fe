"""One-time links: signed, so that made-up ones never reach the database."""

import hmac
import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from backend.core.ids import new_id
from backend.identity.models import OneTimeLink
from backend.identity.people import statements
from backend.identity.people.rules import Link, LinkKind, secret_digest
from backend.infra.work import Work

PURPOSE: Final = "one-time links"
"""What the signing key is derived for."""
PATHS: Final = {LinkKind.INVITATION: "/invitation", LinkKind.PASSWORD_RESET: "/reset"}
"""Where a link leads."""
_SIGNATURE: Final = 32


async def make_link(
    work: Work, kind: LinkKind, user: tuple[UUID, str, str], *, lifetime: timedelta
) -> Link:
    """Return a new link for a person (id, e-mail address, name); it ends those made before."""
    user_id, email, name = user
    await work.rows(statements.END_LINKS, user_id, work.now)
    secret = secrets.token_urlsafe(32)
    made = OneTimeLink(
        id=new_id(),
        org_id=work.principal.org_id,
        digest=secret_digest(secret),
        kind=kind.value,
        user_id=user_id,
        created_at=work.now,
        expires_at=work.now + lifetime,
    )
    await made.save(using_db=work.tx, force_create=True)
    signed = secret + _signature(work.derived_key(PURPOSE), kind, secret)
    return Link(user_id, email, name, kind, signed, made.expires_at)


def digest_of(key: bytes, kind: LinkKind, signed: str) -> bytes | None:
    """Return the digest of a link that we signed for that purpose, else None."""
    secret, signature = signed[:-_SIGNATURE], signed[-_SIGNATURE:]
    expected = _signature(key, kind, secret)
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
        return None
    return secret_digest(secret)


def address_of(origin: str, link: Link) -> str:
    """Return the URL that is sent to somebody."""
    return f"{origin}{PATHS[link.kind]}?token={link.secret}"


def _signature(key: bytes, kind: LinkKind, secret: str) -> str:
    text = f"{kind.value} {secret}".encode("utf-8", "replace")
    return hmac.new(key, text, sha256).hexdigest()[:_SIGNATURE]
