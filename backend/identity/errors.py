"""Why somebody was not let in, or a client not changed."""

from backend.core.errors import Conflict, Invalid, NotAllowed, NotFound, Unauthenticated


class InvalidToken(Unauthenticated):
    """An access token that is not ours, not for us, expired, or of a client that was revoked."""


class ClientNotFound(NotFound):
    """No OAuth client of this organisation has that id."""

    code = "CLIENT_NOT_FOUND"

    def __init__(self, client_id: str) -> None:
        shown = client_id[:60]
        super().__init__(f"there is no client {shown!r}", field=["input", "clientId"], value=shown)


class OrganisationNotFound(NotFound):
    """No organisation has that code, or none was named where there are several."""

    code = "ORGANISATION_NOT_FOUND"


class InvalidOrganisation(Invalid):
    """What names an organisation is not well formed."""

    code = "INVALID_ORGANISATION"


class InvalidClientName(Invalid):
    """A client's name must say who it is."""

    code = "INVALID_CLIENT_NAME"


class GrantNotFound(NotFound):
    """No grant that may be ended has that id."""

    code = "GRANT_NOT_FOUND"


class InvalidClient(Invalid):
    """A client whose parts contradict each other."""

    code = "INVALID_CLIENT"


class InvalidKeySet(Invalid):
    """Not a set of public keys that a client could prove itself with."""

    code = "INVALID_KEY_SET"


class TokenRefused(Exception):
    """What the token endpoint answers instead of a token (RFC 6749 §5.2)."""

    def __init__(
        self, error: str, description: str, *, status: int = 400, retry_after: int | None = None
    ) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status
        self.retry_after = retry_after
        """Seconds after which it is worth trying again; None when waiting does not help."""


class InvalidFiscalYear(Invalid):
    """A fiscal year that begins in no month."""

    code = "INVALID_FISCAL_YEAR"


class CurrencyInUse(Conflict):
    """The currency stays what it is once there are sales."""

    code = "CURRENCY_IN_USE"


class OrganisationNotClosed(Invalid):
    """Closing was not confirmed with the organisation's own code."""

    code = "ORGANISATION_NOT_CLOSED"


class OwnersOnly(NotAllowed):
    """Only an owner of the organisation may do this."""

    code = "OWNERS_ONLY"
