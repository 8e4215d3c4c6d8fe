"""Clients, their secrets and the scopes a token gets: pure, randomness and time come in."""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import reduce
from typing import Any, Final
from uuid import UUID

from msgspec import UNSET, UnsetType

from backend.core.roles import SCOPES_OF, Role, scopes_within
from backend.core.scopes import InvalidScope, Scope, parse_scopes
from backend.core.texts import is_storable
from backend.core.times import zone
from backend.identity.errors import InvalidClientName, InvalidOrganisation

SECRET_BYTES: Final = 32
SALT_BYTES: Final = 16
_LONGEST_NAME: Final = 100
_CODE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """The credentials of a new client; nobody can ever read the secret again.

    The secret is empty where the client has none: it is public, or proves itself with a key.
    """

    client_id: str
    client_secret: str = field(repr=False)


class ClientKind(StrEnum):
    """Whether a client can keep a secret (RFC 6749 §2.1)."""

    CONFIDENTIAL = "CONFIDENTIAL"
    """It can: a server."""
    PUBLIC = "PUBLIC"
    """It cannot: an app on somebody's device."""


@dataclass(frozen=True, slots=True)
class ClientState:
    """What is known of a client while it proves itself and asks for tokens.

    `secret_hash` is None where it is public or proves itself with a key of `jwks`. The secret
    before the last rotation is good until `previous_secret_until`.
    """

    org_id: UUID
    client_id: str
    name: str
    kind: ClientKind
    secret_hash: str | None = field(repr=False)
    previous_secret_hash: str | None = field(repr=False)
    previous_secret_until: datetime | None
    jwks: dict[str, Any] | None
    redirect_uris: tuple[str, ...]
    is_first_party: bool
    scopes: frozenset[Scope]
    role: Role | None
    revoked_at: datetime | None

    @property
    def held_scopes(self) -> frozenset[Scope]:
        """The scopes its tokens may carry."""
        return Limits(role=self.role).leave_of(self.scopes)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client or a person may do at most; None sets no limit."""

    role: Role | None = None
    scopes: frozenset[Scope] | None = None
    location_ids: frozenset[UUID] | None = None
    distributor_id: UUID | None = None
    channel: str | None = None

    def within(self, other: "Limits") -> "Limits | None":
        """Return what both allow; None where they are limited to different parties."""
        if _differ(self.distributor_id, other.distributor_id) or _differ(
            self.channel, other.channel
        ):
            return None
        scopes = [limit for one in (self, other) if (limit := one.most_scopes) is not None]
        return Limits(
            scopes=reduce(scopes_within, scopes) if scopes else None,
            location_ids=_both(self.location_ids, other.location_ids),
            distributor_id=self.distributor_id or other.distributor_id,
            channel=self.channel or other.channel,
        )

    @property
    def most_scopes(self) -> frozenset[Scope] | None:
        """The scopes that role and scopes leave; None where neither sets a limit."""
        if self.role is None:
            return self.scopes
        held = SCOPES_OF[self.role]
        return held if self.scopes is None else scopes_within(self.scopes, held)

    def leave_of(self, scopes: frozenset[Scope]) -> frozenset[Scope]:
        """Return which of `scopes` are good."""
        most = self.most_scopes
        return scopes if most is None else scopes_within(scopes, most)


@dataclass(frozen=True, slots=True)
class ClientTraits:
    """What makes a client more than a program with a secret and scopes.

    `jwks` are the public keys it proves itself with instead of a secret. `role`, `distributor_id`
    and `channel` limit it; None does not.
    """

    kind: ClientKind = ClientKind.CONFIDENTIAL
    redirect_uris: tuple[str, ...] = ()
    jwks: dict[str, Any] | None = None
    is_first_party: bool = False
    role: Role | None = None
    distributor_id: UUID | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class LimitsChange:
    """What is to change of a client's limits; UNSET stays as it is, None limits no more."""

    role: Role | UnsetType | None = UNSET
    distributor_id: UUID | UnsetType | None = UNSET
    channel: str | UnsetType | None = UNSET


@dataclass(frozen=True, slots=True)
class ClientDetails:
    """What an administrator sees of a client."""

    client_id: str
    name: str
    scopes: tuple[Scope, ...]
    location_ids: tuple[UUID, ...] | None
    traits: ClientTraits
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class OrganisationDetails:
    """An organisation, and the database's time."""

    id: UUID
    code: str
    name: str
    currency: str
    timezone: str
    fiscal_year_start: int
    fiscal_calendar: str
    fiscal_year_end: str
    is_demo: bool
    closed_at: datetime | None
    server_time: datetime


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token as the endpoint answers it; `expires_in` in seconds."""

    access_token: str = field(repr=False)
    expires_in: int
    scopes: frozenset[Scope]


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified access token says (RFC 9068 §2.2)."""

    org_id: UUID
    client_id: str
    scopes: frozenset[Scope]
    token_id: str
    expires_at: datetime
    user_id: UUID | None = None
    session_id: UUID | None = None
    grant_id: UUID | None = None

    @property
    def subject(self) -> str:
        """The person it is for; the client where it acts for itself (RFC 9068 §2.2)."""
        return self.client_id if self.user_id is None else str(self.user_id)


def client_name(name: str) -> str:
    """Return a client's name, trimmed.

    Raises:
        InvalidClientName: empty, or longer than 100 characters.
    """
    trimmed = name.strip()
    if not trimmed or len(trimmed) > _LONGEST_NAME or not trimmed.isprintable():
        raise InvalidClientName(
            "a client's name has 1 to 100 printable characters", field=["name"], value=name[:60]
        )
    return trimmed


def check_organisation(
    code: str, name: str, currency: str, timezone: str
) -> tuple[str, str, str, str]:
    """Return what names an organisation, checked.

    Raises:
        InvalidOrganisation: a code that is not lower-case letters, digits and hyphens, a name
            without letters, a currency that is not three capitals.
        InvalidTimeZone: the time zone is unknown.
    """
    if not _CODE.fullmatch(code):
        raise InvalidOrganisation(f"{code!r} is not a code", field=["code"], value=code[:60])
    if not name.strip() or len(name) > _LONGEST_NAME or not is_storable(name):
        raise InvalidOrganisation(f"{name!r} is not a name", field=["name"], value=name[:60])
    if not _CURRENCY.fullmatch(currency):
        raise InvalidOrganisation(
            f"{currency!r} is not an ISO 4217 code", field=["currency"], value=currency[:60]
        )
    return code, name.strip(), currency, zone(timezone, ["timezone"]).key


def new_credentials(id_bytes: bytes, secret_bytes: bytes) -> ClientSecret:
    """Return credentials made of random bytes; the prefixes let secret scanners recognise them."""
    name = base64.b32encode(id_bytes).decode().rstrip("=").lower()
    secret = base64.urlsafe_b64encode(secret_bytes).decode().rstrip("=")
    return ClientSecret(f"sc_{name}", f"scs_{secret}")


def hash_secret(secret: str, salt: bytes) -> str:
    """Return what is stored of a secret.

    One SHA-256 is enough: secrets are 256 random bits, there is no dictionary to slow down, and a
    slow hash would let anybody burn our CPU with made-up secrets. Passwords need Argon2id.
    """
    digest = hashlib.sha256(salt + secret.encode()).digest()
    return f"sha256${salt.hex()}${digest.hex()}"


def is_secret(secret: str, stored: str) -> bool:
    """Tell in constant time whether `secret` is the one that was hashed."""
    scheme, salt, digest = stored.split("$")
    expected = hash_secret(secret, bytes.fromhex(salt))
    return scheme == "sha256" and hmac.compare_digest(expected.rpartition("$")[2], digest)


def is_secret_of(secret: str, client: ClientState, now: datetime) -> bool:
    """Tell whether a client has this secret, or had it until a rotation a while ago."""
    if client.secret_hash is not None and is_secret(secret, client.secret_hash):
        return True
    until = client.previous_secret_until
    if client.previous_secret_hash is None or until is None or until <= now:
        return False
    return is_secret(secret, client.previous_secret_hash)


def granted_scopes(wanted: str | None, held: frozenset[Scope]) -> frozenset[Scope]:
    """Return the scopes of a token: those asked for, or all the client holds.

    Raises:
        InvalidScope: unknown, or not held; `admin` holds all.
    """
    if wanted is None or not wanted.strip():
        return held
    scopes = parse_scopes(wanted)
    missing = frozenset[Scope]() if Scope.ADMIN in held else scopes - held
    if missing:
        first = min(missing)
        raise InvalidScope(f"this client may not ask for {first}", field=["scope"], value=first)
    return scopes


def scope_text(scopes: frozenset[Scope]) -> str:
    """Return scopes as OAuth writes them: sorted, one space between."""
    return " ".join(sorted(scopes))


def _differ(one: object, other: object) -> bool:
    return one is not None and other is not None and one != other


def _both(one: frozenset[UUID] | None, other: frozenset[UUID] | None) -> frozenset[UUID] | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other
