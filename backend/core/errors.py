"""The errors a caller may see.

```
ShelfcastError            code, message, field, details
  Invalid                 the request makes no sense          (InvalidGtin, InvalidQuantity)
    TooMuch               larger than this server accepts
  NotFound                the thing is not there              (UnknownProduct)
  Conflict                valid, but not in this state        (StaleQuantity)
  NotAllowed              who you are forbids it              (MissingScope)
    Unauthenticated       nobody known asks
  Unreachable             a dependency is down; retry later   (DatabaseUnreachable)
```

Leaves live in their domain's errors.py. `code` is public and never renamed. GraphQL copies
`extensions` into `errors[].extensions`; everything that is not a ShelfcastError is logged and
masked.
"""

from collections.abc import Sequence
from typing import ClassVar, Final

MOST_MESSAGE: Final = 500


class ShelfcastError(Exception):
    """An outcome the caller can act on, with a stable public code.

    `field` is the path of the offending input as the client spells it, outermost first.
    """

    code: ClassVar[str] = "ERROR"

    def __init__(
        self, message: str, *, field: Sequence[str] | None = None, **details: object
    ) -> None:
        if len(message) > MOST_MESSAGE:  # it repeats what was sent
            message = f"{message[:MOST_MESSAGE]}…"
        super().__init__(message)
        self.message = message
        self.field = list(field) if field is not None else None
        self.details = details

    @property
    def extensions(self) -> dict[str, object]:
        """What goes into `errors[].extensions` of a GraphQL answer."""
        extensions: dict[str, object] = {"code": self.code}
        if self.field is not None:
            extensions["field"] = self.field
        return extensions | self.details


class Invalid(ShelfcastError):
    """The request makes no sense, whatever the state."""

    code = "BAD_USER_INPUT"


class NotFound(ShelfcastError):
    """The thing named is not there, or may not be seen."""

    code = "NOT_FOUND"


class Conflict(ShelfcastError):
    """The request is valid, but not in the present state."""

    code = "CONFLICT"


class NotAllowed(ShelfcastError):
    """Who asks may not do this."""

    code = "FORBIDDEN"


class Unauthenticated(NotAllowed):
    """Nobody known asks."""

    code = "UNAUTHENTICATED"


class Unreachable(ShelfcastError):
    """Something needed is down or overloaded; the same request may succeed later."""

    code = "UNAVAILABLE"


class TooMuch(Invalid):
    """The request is larger than this server accepts."""

    code = "LIMIT_EXCEEDED"
