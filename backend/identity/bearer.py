"""Who asks beside GraphQL: the bearer of an access token."""

from starlette.requests import Request

from backend.core.errors import Unauthenticated
from backend.core.principal import Principal
from backend.core.scopes import Scope
from backend.identity.authentication import Identity


async def bearer_of(identity: Identity, request: Request, *scopes: Scope) -> Principal:
    """Return who sends a request, with all of the scopes.

    Raises:
        Unauthenticated: no valid access token.
        MissingScope: it was not given one of the scopes.
    """
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated("send an access token: Authorization: Bearer …")
    who = await identity.authenticate(bearer.strip())
    for scope in scopes:
        who.require(scope)
    return who
