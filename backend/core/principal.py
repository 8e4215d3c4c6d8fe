"""Who acts: the organisation, and what of it may be seen and done."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Final
from uuid import UUID

from backend.core.errors import NotAllowed
from backend.core.scopes import Scope

OF_THE_WHOLE: Final = frozenset({Scope.ADMIN, Scope.AUDIT_READ, Scope.PRIVACY_ADMIN})
"""Scopes that nobody limited to a part of the organisation can use."""


class MissingScope(NotAllowed):
    """The token lacks a scope that the field asks for."""

    code = "MISSING_SCOPE"


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated client, or a program acting for an organisation.

    `locations` limits what is seen and done to these location ids; None means all of the
    organisation's, an empty set none. `partner` limits it to a distributor's id, `channel` to what
    is sold there; None sets no such limit. `expires_at` is when the access token ends; None for
    programs. `user_id`, `session_id` and `grant_id` tell for which person, by which
    sign-in and consent; None where there is none.
    """

    org_id: UUID
    client_id: str
    scopes: frozenset[Scope]
    locations: frozenset[UUID] | None = None
    partner: UUID | None = None
    expires_at: datetime | None = None
    token_id: str | None = None
    user_id: UUID | None = None
    session_id: UUID | None = None
    grant_id: UUID | None = None
    channel: str | None = None

    def has(self, scope: Scope) -> bool:
        """Tell whether `scope` was granted, itself or through `admin`.

        Who is limited has no say in what is the whole organisation's.
        """
        if self.is_limited and scope in OF_THE_WHOLE:
            return False
        return scope in self.scopes or Scope.ADMIN in self.scopes

    def require(self, scope: Scope) -> None:
        """Refuse to go on without `scope`.

        Raises:
            MissingScope: it was not granted.
        """
        if not self.has(scope):
            limits = " without limits" if self.is_limited and scope in OF_THE_WHOLE else ""
            raise MissingScope(f"this needs the scope {scope.value}{limits}", scope=scope.value)

    def sees(self, location: UUID | None) -> bool:
        """Tell whether what belongs to `location` (None: to the whole organisation) may be seen."""
        return self.locations is None or location is None or location in self.locations

    @property
    def is_limited(self) -> bool:
        """Tell whether less than the whole organisation is seen, whatever the scopes."""
        return self.locations is not None or self.is_partner

    @property
    def is_partner(self) -> bool:
        """Tell whether only sales of its own are seen: a distributor's, or of one channel."""
        return self.partner is not None or self.channel is not None

    @property
    def audience(self) -> bytes:
        """Equal for principals that see exactly the same.

        They may share one execution of a subscription.
        """
        locations = sorted(map(str, self.locations)) if self.locations is not None else None
        seen = repr((self.org_id, locations, self.partner, self.channel, sorted(self.scopes)))
        return blake2b(seen.encode(), digest_size=16).digest()


def program(org_id: UUID, name: str) -> Principal:
    """Return the principal of one of our own programs acting for an organisation."""
    return Principal(org_id=org_id, client_id=name, scopes=frozenset({Scope.ADMIN}))
