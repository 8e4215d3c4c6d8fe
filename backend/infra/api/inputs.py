"""From GraphQL inputs to drafts."""

from typing import Any

from strawberry import UNSET


def given(source: object) -> dict[str, Any]:
    """Return the fields of an input that were given, null included; those left out are absent."""
    return {name: value for name, value in vars(source).items() if value is not UNSET}
