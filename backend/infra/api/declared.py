"""What it takes to see the fields of a type that say nothing themselves.

A field says who may use it with `Requires` or `Hides`; the others go by their type. These
declarations cost nothing at run time: a test walks the schema and proves that nobody reaches an
object without the scopes its type names.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from backend.core.scopes import Scope

T = TypeVar("T", bound=type)
_NAME: Final = "__seen_by__"


@dataclass(frozen=True, slots=True)
class SeenBy:
    """Who sees the plain fields of a type.

    `scopes` are what every way to it requires. `opens` are those that who holds one needs no more
    for what lies in it: the resolver that made it saw to them.
    """

    scopes: frozenset[Scope] = frozenset()
    opens: frozenset[Scope] = frozenset()


def seen_with(*scopes: Scope) -> Callable[[T], T]:
    """Declare that objects of a type are reached with these scopes only."""

    def declare(cls: T) -> T:
        setattr(cls, _NAME, SeenBy(frozenset(scopes)))
        return cls

    return declare


def comes_along(cls: T) -> T:
    """Declare that whoever sees what a type belongs to may see it too, such as names."""
    setattr(cls, _NAME, SeenBy())
    return cls


def public(cls: T) -> T:
    """Declare that every access token may see a type."""
    setattr(cls, _NAME, SeenBy())
    return cls


def chosen_by_scope(cls: T) -> T:
    """Declare that what a type holds was chosen by the caller's scopes when it was made."""
    setattr(cls, _NAME, SeenBy(opens=frozenset(Scope)))
    return cls


def seen_by(cls: type) -> SeenBy | None:
    """Return what was declared for a type; None: nothing was."""
    return getattr(cls, _NAME, None)
