"""The endpoints that programs use: token, introspection, revocation, tickets, keys, metadata."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backend.core.scopes import Scope
from backend.core.settings import BackendSettings
from backend.identity.errors import InvalidToken, TokenRefused
from backend.identity.oauth.forms import prove, read_form
from backend.identity.oauth.rules import Tokens, is_plain_http_allowed
from backend.identity.oauth.server import TICKET_SECONDS, AuthorizationServer
from backend.identity.proof import ASSERTION_ALGORITHMS
from backend.identity.rules import ClientKind, ClientState, scope_text

REGISTRATION_PATH: Final = "/oauth/register"
"""Where agents with an enrolment code get a client of their own; the fleet answers there."""
NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_KEYS_LIFE: Final = {"Cache-Control": "public, max-age=300"}
_REALM: Final = 'Basic realm="shelfcast", charset="UTF-8"'
_GRANTS: Final = ("authorization_code", "client_credentials", "refresh_token")
_WAYS: Final = ["client_secret_basic", "client_secret_post", "private_key_jwt"]

Endpoint = Callable[[Request], Awaitable[Response]]


def program_routes(server: AuthorizationServer, settings: BackendSettings) -> list[Route]:
    """Return the routes of the authorization server that no person sees."""

    async def token(request: Request) -> Response:
        return await _token(server, request)

    async def introspect(request: Request) -> Response:
        client, form = await _proven(server, request)
        if client.kind is ClientKind.PUBLIC:
            raise TokenRefused("invalid_client", "only clients that prove themselves", status=401)
        answer = await server.introspect(client, _field(form, "token"))
        return JSONResponse(answer, headers=NO_STORE)

    async def revoke(request: Request) -> Response:
        client, form = await _proven(server, request)
        await server.revoke(client, _field(form, "token"))
        return Response(headers=NO_STORE)

    async def ticket(request: Request) -> Response:
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise TokenRefused("invalid_token", "send Authorization: Bearer …", status=401)
        form = await read_form(request) if await request.body() else {}
        try:
            made = await server.issue_ticket(bearer.strip(), form.get("scope"))
        except InvalidToken as exc:
            raise TokenRefused("invalid_token", exc.message, status=401) from exc
        answer = {"ticket": made, "expiresIn": TICKET_SECONDS}
        return JSONResponse(answer, headers=NO_STORE)

    async def keys(_: Request) -> Response:
        return JSONResponse({"keys": await server.identity.keys.public_keys()}, headers=_KEYS_LIFE)

    async def about(_: Request) -> Response:
        return JSONResponse(metadata(settings.origin), headers=_KEYS_LIFE)

    return [
        *(
            Route(path, guarded(endpoint, settings), methods=["POST"])
            for path, endpoint in (
                ("/oauth/token", token),
                ("/oauth/introspect", introspect),
                ("/oauth/revoke", revoke),
                ("/oauth/ticket", ticket),
            )
        ),
        Route("/.well-known/jwks.json", keys),
        Route("/.well-known/oauth-authorization-server", about),
    ]


def is_safe(request: Request, settings: BackendSettings) -> bool:
    """Tell whether what a request carries cannot be read on the way."""
    return request.url.scheme == "https" or is_plain_http_allowed(
        request.url.hostname, settings.plain_http_hosts
    )


def metadata(issuer: str) -> dict[str, Any]:
    """Return RFC 8414 metadata: only what there is."""
    algorithms = list(ASSERTION_ALGORITHMS)
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "token_endpoint": f"{issuer}/oauth/token",
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "registration_endpoint": f"{issuer}{REGISTRATION_PATH}",
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "grant_types_supported": list(_GRANTS),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "token_endpoint_auth_methods_supported": [*_WAYS, "none"],
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "introspection_endpoint_auth_methods_supported": _WAYS,
        "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
        "revocation_endpoint_auth_methods_supported": [*_WAYS, "none"],
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
        "scopes_supported": [scope.value for scope in Scope],
    }


def guarded(endpoint: Endpoint, settings: BackendSettings) -> Endpoint:
    """Return an endpoint that takes no secret in the clear, and refuses as RFC 6749 has it."""

    async def guard(request: Request) -> Response:
        if not is_safe(request, settings):
            return _refusal(TokenRefused("invalid_request", "use https: this was plain HTTP"))
        try:
            return await endpoint(request)
        except TokenRefused as exc:
            return _refusal(exc)

    return guard


async def _token(server: AuthorizationServer, request: Request) -> Response:
    form = await read_form(request)
    grant = form.get("grant_type")
    if grant not in _GRANTS:
        error = "unsupported_grant_type" if grant else "invalid_request"
        raise TokenRefused(error, f"grant_type must be one of {', '.join(_GRANTS)}")
    client = await prove(server.identity.proof, request, form)
    if grant == "client_credentials":
        if client.kind is ClientKind.PUBLIC:
            raise TokenRefused("unauthorized_client", "a public client acts for people only")
        if client.is_first_party and client.redirect_uris:
            raise TokenRefused("unauthorized_client", "this client acts for people only")
        own = await server.identity.issue_for_itself(client, form.get("scope"))
        tokens = Tokens(own.access_token, own.expires_in, own.scopes)
    elif grant == "authorization_code":
        tokens = await server.exchange(
            client,
            _field(form, "code"),
            _field(form, "redirect_uri"),
            _field(form, "code_verifier"),
        )
    else:
        tokens = await server.refresh(client, _field(form, "refresh_token"), form.get("scope"))
    return JSONResponse(_answer(tokens), headers=NO_STORE)


def _answer(tokens: Tokens) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "access_token": tokens.access_token,
        "token_type": "Bearer",
        "expires_in": tokens.expires_in,
        "scope": scope_text(tokens.scopes),
    }
    if tokens.refresh_token is not None:
        answer["refresh_token"] = tokens.refresh_token
    return answer


async def _proven(
    server: AuthorizationServer, request: Request
) -> tuple[ClientState, dict[str, str]]:
    form = await read_form(request)
    return await prove(server.identity.proof, request, form), form


def _field(form: dict[str, str], name: str) -> str:
    if name not in form:
        raise TokenRefused("invalid_request", f"{name} is missing")
    return form[name]


def _refusal(exc: TokenRefused) -> Response:
    headers = dict(NO_STORE)
    if exc.status == 401:
        is_token = exc.error == "invalid_token"
        headers["WWW-Authenticate"] = 'Bearer error="invalid_token"' if is_token else _REALM
    if exc.retry_after is not None:
        headers["Retry-After"] = str(exc.retry_after)
    body = {"error": exc.error, "error_description": exc.description}
    return JSONResponse(body, exc.status, headers)
