"""Authorization requests, redirect URIs and PKCE: pure."""

import hmac
import ipaddress
import re
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final
from urllib.parse import SplitResult, urlencode, urlsplit

from authlib.oauth2.rfc7636.challenge import CODE_VERIFIER_PATTERN, create_s256_code_challenge

from backend.core.errors import Invalid
from backend.core.scopes import InvalidScope, Scope
from backend.identity.rules import ClientKind, ClientState, granted_scopes

_LONGEST_URI: Final = 500
_MOST_URIS: Final = 20
_LONGEST_STATE: Final = 1_000
_S256: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_URI: Final = re.compile(r"[!-~]+")
_PRIVATE_SCHEME: Final = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")  # RFC 8252 §7.1


class InvalidRedirectUri(Invalid):
    """A redirect URI that would hand codes to somebody else, or to nobody."""

    code = "INVALID_REDIRECT_URI"


class PlainHttpRefused(Invalid):
    """A public address at which everybody on the way could read passwords and tokens."""

    code = "PLAIN_HTTP_REFUSED"


class RequestFaulty(Exception):
    """An authorization request that cannot be answered to the client: people are told instead."""


class RequestRefused(Exception):
    """An authorization request whose refusal goes back to the client (RFC 6749 §4.1.2.1)."""

    def __init__(self, error: str, description: str, redirect_uri: str, state: str | None) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.redirect_uri = redirect_uri
        self.state = state


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What a client asks a person for; `scopes` are within those the client holds."""

    client: ClientState
    redirect_uri: str
    scopes: frozenset[Scope]
    code_challenge: str
    state: str | None
    query: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the token endpoint answers; `expires_in` in seconds."""

    access_token: str = field(repr=False)
    expires_in: int
    scopes: frozenset[Scope]
    refresh_token: str | None = field(default=None, repr=False)


def check_redirect_uri(uri: str, kind: ClientKind) -> str:
    """Return a URI that codes may be sent to.

    Raises:
        InvalidRedirectUri: not absolute, with a fragment, over plain HTTP to another machine, or of
            a scheme that anybody may claim.
    """
    parts = _split(uri)
    if parts is None or parts.fragment or "#" in uri or parts.username is not None:
        raise _refused(uri, "an absolute URI without fragment and user")
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname)):
        if not parts.hostname:
            raise _refused(uri, "a URI with a host")
    elif parts.scheme == "http":
        raise _refused(uri, "HTTPS: plain HTTP only leads back to the machine itself")
    elif kind is not ClientKind.PUBLIC or not _PRIVATE_SCHEME.fullmatch(parts.scheme):
        raise _refused(uri, "https, or for an app a scheme like com.example.app")
    return uri


def check_redirect_uris(uris: tuple[str, ...], kind: ClientKind) -> None:
    """Refuse redirect URIs that codes must not be sent to.

    Raises:
        InvalidRedirectUri: one of them, or there are more than 20.
    """
    if len(uris) > _MOST_URIS:
        raise InvalidRedirectUri(
            f"a client has at most {_MOST_URIS} redirect URIs", field=["redirectUris"]
        )
    for uri in uris:
        check_redirect_uri(uri, kind)


def is_redirect_of(client: ClientState, uri: str) -> bool:
    """Tell whether codes of a client may go there.

    Only what was registered, letter by letter; a public client's port on loopback is free.
    """
    if uri in client.redirect_uris:
        return True
    if client.kind is not ClientKind.PUBLIC:
        return False
    portless = _without_loopback_port(uri)
    return portless is not None and any(
        portless == _without_loopback_port(known) for known in client.redirect_uris
    )


def is_loopback(host: str | None) -> bool:
    """Tell whether a host is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def is_plain_http_allowed(host: str | None, named: str) -> bool:
    """Tell whether a host may be spoken to without TLS: this machine, or one of those `named`."""
    hosts = {name.strip().lower() for name in named.split(",")} - {""}
    return is_loopback(host) or (host or "").lower() in hosts


def check_origin(origin: str, plain_http_hosts: str) -> None:
    """Refuse to be reached at an address where secrets would travel in the clear.

    Raises:
        PlainHttpRefused: not https, and the host is neither loopback nor one of those named.
    """
    parts = _split(origin)
    if parts is not None and parts.scheme == "https" and parts.hostname:
        return
    if (
        parts is None
        or parts.scheme != "http"
        or not is_plain_http_allowed(parts.hostname, plain_http_hosts)
    ):
        raise PlainHttpRefused(
            f"PLAIN_HTTP_REFUSED: SHELFCAST_PUBLIC_URL is {origin[:100]!r}; give it an https"
            " address, or name its host in SHELFCAST_PLAIN_HTTP_HOSTS if nobody else can listen",
            field=["SHELFCAST_PUBLIC_URL"],
        )


def read_request(
    client: ClientState | None, fields: dict[str, str], query: str
) -> AuthorizationRequest:
    """Return what an authorization request asks for.

    Raises:
        RequestFaulty: nobody knows to whom a refusal should go.
        RequestRefused: it is refused, and the client is told why.
    """
    redirect_uri = fields.get("redirect_uri", "")
    if client is None or client.revoked_at is not None:
        raise RequestFaulty(
            "No app of that id is known here: go back to where you came from and try again."
        )
    if not is_redirect_of(client, redirect_uri):
        raise RequestFaulty("The address to return to is not one that this client registered.")
    state = fields.get("state")

    def refusal(error: str, description: str) -> RequestRefused:
        kept = state if state is None or len(state) <= _LONGEST_STATE else None
        return RequestRefused(error, description, redirect_uri, kept)

    fault = _fault(fields)
    if fault is not None:
        raise refusal(*fault)
    try:
        scopes = granted_scopes(fields.get("scope"), client.held_scopes)
    except InvalidScope as exc:
        raise refusal("invalid_scope", exc.message) from exc
    return AuthorizationRequest(
        client, redirect_uri, scopes, fields["code_challenge"], state, query
    )


def with_parameters(uri: str, parameters: dict[str, str | None]) -> str:
    """Return a redirect URI with an answer added to its query."""
    given = {name: value for name, value in parameters.items() if value is not None}
    joint = "&" if urlsplit(uri).query else "?"
    return uri + ("" if uri.endswith("?") else joint) + urlencode(given)


def is_verifier_of(verifier: str, challenge: str) -> bool:
    """Tell whether a PKCE verifier is the one whose S256 challenge was sent (RFC 7636 §4.6)."""
    if not CODE_VERIFIER_PATTERN.fullmatch(verifier):
        return False
    return hmac.compare_digest(str(create_s256_code_challenge(verifier)), challenge)


def digest(secret: str) -> bytes:
    """Return what is stored of a code, a refresh token or a ticket: randomness needs no salt."""
    return sha256(secret.encode()).digest()


def _fault(fields: dict[str, str]) -> tuple[str, str] | None:
    """Return error and description of what is wrong beside client, address and scope."""
    if "request" in fields:
        return "request_not_supported", "send the parameters themselves"
    if "request_uri" in fields:
        return "request_uri_not_supported", "send the parameters themselves"
    if fields.get("response_type") != "code":
        error = "unsupported_response_type" if "response_type" in fields else "invalid_request"
        return error, "response_type must be code"
    if fields.get("response_mode", "query") != "query":
        return "invalid_request", "response_mode must be query"
    if len(fields.get("state", "")) > _LONGEST_STATE:
        return "invalid_request", f"state has at most {_LONGEST_STATE} characters"
    if fields.get("code_challenge_method") != "S256":
        return "invalid_request", "PKCE is required: code_challenge_method must be S256"
    if not _S256.fullmatch(fields.get("code_challenge", "")):
        return "invalid_request", "code_challenge is not a SHA-256 in base64url"
    return None


def _split(uri: str) -> SplitResult | None:
    if len(uri) > _LONGEST_URI or not _URI.fullmatch(uri):
        return None
    try:
        parts = urlsplit(uri)
        _ = parts.port  # a port that is none is found only when it is asked for
    except ValueError:
        return None
    return parts if parts.scheme and (parts.netloc or parts.path) else None


def _without_loopback_port(uri: str) -> str | None:
    """Return a loopback address (RFC 8252 §7.3) without its port; None for any other."""
    parts = _split(uri)
    if parts is None or parts.scheme != "http" or parts.hostname not in {"127.0.0.1", "::1"}:
        return None
    if parts.username is not None or parts.fragment:
        return None
    return parts._replace(netloc=parts.hostname).geturl()


def _refused(uri: str, wanted: str) -> InvalidRedirectUri:
    return InvalidRedirectUri(
        f"{uri[:60]!r} cannot be a redirect URI: it takes {wanted}",
        field=["redirectUris"],
        value=uri[:60],
    )
