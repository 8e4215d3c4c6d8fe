"""What is known of people, and what they may do to one another: pure, time comes in."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final
from uuid import UUID

from backend.core.roles import Role
from backend.core.texts import is_storable, printable
from backend.identity.people.errors import InvalidEmail, InvalidReach, RoleTooHigh

_SCHEME: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_EMAIL: Final = re.compile(
    r"[^\s@\x00-\x1f\x7f]{1,64}@[^\s@.\x00-\x1f\x7f]+(\.[^\s@.\x00-\x1f\x7f]+)*"
)
_LONGEST_EMAIL: Final = 254  # RFC 5321 §4.5.3.1


class LinkKind(StrEnum):
    """What a one-time link is for."""

    INVITATION = "INVITATION"
    PASSWORD_RESET = "PASSWORD_RESET"


@dataclass(frozen=True, slots=True)
class Reach:
    """What limits somebody: these locations (None: all), a distributor, a channel."""

    location_ids: frozenset[UUID] | None = None
    distributor_id: UUID | None = None
    channel: str | None = None

    def is_within(self, other: "Reach") -> bool:
        """Tell whether `other` allows all of it."""
        return (
            (
                other.location_ids is None
                or (self.location_ids is not None and self.location_ids <= other.location_ids)
            )
            and other.distributor_id in (None, self.distributor_id)
            and other.channel in (None, self.channel)
        )


@dataclass(frozen=True, slots=True)
class UserDetails:
    """A person as an administrator sees them; None for what never happened."""

    id: UUID
    email: str
    name: str
    role: Role
    reach: Reach
    has_password: bool
    created_at: datetime
    last_sign_in_at: datetime | None
    disabled_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Link:
    """A link that lets one person set a password, once, until it expires."""

    user_id: UUID
    email: str
    name: str
    kind: LinkKind
    secret: str = field(repr=False)
    expires_at: datetime


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


@dataclass(frozen=True, slots=True)
class OpenLink:
    """Whom a link that can still be used is for."""

    org_id: UUID
    digest: bytes
    kind: LinkKind
    user_id: UUID
    email: str
    name: str
    organisation: str


def secret_digest(secret: str) -> bytes | None:
    """Return what is stored of a cookie or a link; None when it is not one of ours in shape.

    One SHA-256 is enough: they are 256 random bits, there is nothing to guess.
    """
    return sha256(secret.encode()).digest() if _SCHEME.fullmatch(secret) else None


def check_email(value: str) -> str:
    """Return an e-mail address as it is kept: trimmed, in lower case.

    Raises:
        InvalidEmail: it is none.
    """
    email = value.strip().lower()
    if len(email) > _LONGEST_EMAIL or not _EMAIL.fullmatch(email) or not is_storable(email):
        raise InvalidEmail(
            f"{printable(value)!r} is not an e-mail address",
            field=["input", "email"],
            value=printable(value),
        )
    return email


def check_reach(role: Role, reach: Reach) -> None:
    """Refuse limits that do not go with a role.

    Raises:
        InvalidReach: an owner with limits, a partner without, or a partner's for somebody else.
    """
    is_partner = reach.distributor_id is not None or reach.channel is not None
    if role is Role.OWNER and reach != Reach():
        raise InvalidReach("an owner has no limits", field=["input", "role"])
    if role is Role.PARTNER and not is_partner:
        raise InvalidReach(
            "a partner is limited to a distributor or a channel", field=["input", "role"]
        )
    if role is not Role.PARTNER and is_partner:
        raise InvalidReach(
            "only a partner is limited to a distributor or a channel", field=["input", "role"]
        )


def check_rank(own: Role, own_reach: Reach, other: Role, other_reach: Reach) -> None:
    """Refuse to give, change or take away what is above one's own role and limits.

    Raises:
        RoleTooHigh: it is above.
    """
    if own not in (Role.OWNER, Role.ADMIN) or (other is Role.OWNER and own is not Role.OWNER):
        raise RoleTooHigh(f"only a role above gives or changes {other}", field=["input", "role"])
    if not other_reach.is_within(own_reach):
        raise RoleTooHigh("this reaches beyond your own limits", field=["input", "locations"])
