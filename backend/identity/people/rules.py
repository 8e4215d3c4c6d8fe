"""What is known of people, and what they may do to one another: pure, time comes in."""

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

from backend.core.roles import Role

_SCHEME: Final = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who a browser's cookie stands for, as the database says it now.

    `location_ids` None means all; `distributor_id` and `channel` limit a partner. `signed_in_at` is
    when the password was given, `expires_at` when it has to be given again at the latest.
    """

    org_id: UUID
    session_id: UUID
    user_id: UUID
    email: str
    name: str
    role: Role
    location_ids: frozenset[UUID] | None
    distributor_id: UUID | None
    channel: str | None
    signed_in_at: datetime
    expires_at: datetime


def secret_digest(secret: str) -> bytes | None:
    """Return what is stored of a cookie or a link; None when it is not one of ours in shape.

    One SHA-256 is enough: they are 256 random bits, there is nothing to guess.
    """
    return sha256(secret.encode()).digest() if _SCHEME.fullmatch(secret) else None
