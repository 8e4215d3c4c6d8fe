"""Changes that leave out what stays: UNSET leaves a field as it is, None clears it."""

from typing import TypeVar

from msgspec import UnsetType

T = TypeVar("T")


def chosen(given: T | UnsetType, old: T) -> T:
    """Return what was given, or what was there where nothing was."""
    return old if isinstance(given, UnsetType) else given
