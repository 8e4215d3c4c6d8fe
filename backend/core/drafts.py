"""What clients send, before anything is known of it."""

from datetime import datetime
from typing import Annotated

import msgspec

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A moment with an offset, as JSON may spell it (RFC 3339)."""
Int32 = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
"""GraphQL's Int."""
Long53 = Annotated[int, msgspec.Meta(ge=-(2**53) + 1, le=2**53 - 1)]
"""A Long: what a JSON number carries exactly everywhere."""


class Draft(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Base of inputs: decoded from JSON as strictly as GraphQL does. Subclass with kw_only=True."""
