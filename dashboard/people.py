"""Whoever is signed in, and what they may see and do here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboard.client import SignedOut
from dashboard.record_queries import ME

if TYPE_CHECKING:
    from dashboard.sessions import Session

ADMIN = "admin"
ROLES = {
    "OWNER": "Owner",
    "ADMIN": "Administrator",
    "MANAGER": "Manager",
    "ANALYST": "Analyst",
    "CLERK": "Clerk",
    "AUDITOR": "Auditor",
    "SCREEN": "Wall screen",
    "DEVICE": "Device",
    "PARTNER": "Partner",
}
"""What a role is called on a page."""

WALL_SCOPES = frozenset(
    {"alerts:read", "catalogue:read", "locations:read", "sales:read", "stock:read"}
)


@dataclass(frozen=True, slots=True)
class Person:
    """A person as the backend describes them; without values nobody in particular."""

    id: str = ""
    name: str = ""
    email: str = ""
    role: str = ""
    scopes: frozenset[str] = frozenset()
    session_id: str = ""
    organisation: str = ""
    is_demo: bool = False
    """Whether all figures of the organisation are made up."""

    @classmethod
    async def of(cls, session: Session) -> Person:
        """Ask the backend whose session it is."""
        found = await session.execute(ME)
        me, organisation = found["me"], found["organisation"]
        user = me["user"]
        if user is None:
            raise SignedOut("the token stands for a program, not for a person")
        return cls(
            id=user["id"],
            name=user["name"],
            email=user["email"],
            role=user["role"],
            scopes=frozenset(me["scopes"]),
            session_id=me["sessionId"] or "",
            organisation=organisation["name"],
            is_demo=organisation["isDemo"],
        )

    @property
    def is_screen(self) -> bool:
        """Whether this is a wall screen, which shows the wall and nothing else."""
        return self.role == "SCREEN"

    def may(self, *scopes: str) -> bool:
        """Tell whether every one of these scopes is held; `admin` holds all."""
        return ADMIN in self.scopes or self.scopes.issuperset(scopes)
