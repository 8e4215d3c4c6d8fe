"""Registration of agents (RFC 7591): a code that a person made opens it once, nothing else does."""

import logging
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backend.core.principal import Principal, program
from backend.core.scopes import Scope
from backend.core.settings import BackendSettings
from backend.core.texts import InvalidText, text
from backend.devices.reach import DeviceSetup
from backend.fleet import enrolment, statements
from backend.fleet.enrolment import MOST_NAME, PURPOSE, Enrolled
from backend.identity.errors import TokenRefused
from backend.identity.oauth.endpoints import NO_STORE, REGISTRATION_PATH, guarded
from backend.identity.throttles import Throttles
from backend.infra.database import Database
from backend.infra.secret_key import secret_key

log = logging.getLogger(__name__)

MOST_BYTES: Final = 16_384
_LONGEST_KEY_ID: Final = 100
_GRANT: Final = "client_credentials"
_WAY: Final = "private_key_jwt"


class _Metadata(msgspec.Struct):
    """What an agent says of itself (RFC 7591 §2); what we do not know is left aside."""

    client_name: str
    token_endpoint_auth_method: str
    grant_types: list[str]
    jwks: dict[str, Any]
    software_id: str | None = None
    software_version: str | None = None
    redirect_uris: list[Any] | None = None
    response_types: list[str] | None = None
    jwks_uri: str | None = None
    scope: str | None = None


_METADATA: Final = msgspec.json.Decoder(_Metadata)


class Registration:
    """The registration endpoint of one process."""

    def __init__(self, database: Database, settings: BackendSettings, throttles: Throttles) -> None:
        self._database = database
        self._settings = settings
        self._key = secret_key(settings).derive(PURPOSE)
        self._failures = throttles.make("enrolment_failures", settings.enrolment_failures, 60)

    def routes(self) -> list[Route]:
        """Return the route."""
        endpoint = guarded(self._register, self._settings)
        return [Route(REGISTRATION_PATH, endpoint, methods=["POST"])]

    async def _register(self, request: Request) -> Response:
        address = request.client.host if request.client else "unknown"
        self._slow_down(address)
        digest = enrolment.digest_typed(_bearer(request), self._key)
        principal = None if digest is None else await self._organisation(digest)
        if digest is None or principal is None:
            raise self._failed(address)
        metadata, key = _read(await request.body())
        async with self._database.work(principal, address=address) as work:
            made = await enrolment.enrol(work, digest, metadata.client_name, key)
        if made is None:
            raise self._failed(address)
        log.info("an agent was let in at %s: %s", made.location.code, made.client_id)
        answer = _answer(made, metadata, key, self._settings.origin)
        return JSONResponse(answer, 201, headers=NO_STORE)

    async def _organisation(self, digest: bytes) -> Principal | None:
        """Return who lets agents into the organisation of a code that has not expired."""
        async with self._database.auth() as connection:
            org_id = await connection.fetchval(statements.FIND_CODE, digest)
        if org_id is None:
            return None
        principal = program(org_id, "enrolment")
        async with self._database.work(principal, read_only=True) as work:
            return principal if await enrolment.is_known(work, digest) else None

    def _slow_down(self, address: str) -> None:
        wait = self._failures.wait_of(address, datetime.now(UTC).timestamp())
        if wait > 0:
            raise TokenRefused(
                "temporarily_unavailable",
                "too many codes that are not good: wait, then try again",
                status=429,
                retry_after=int(wait) + 1,
            )

    def _failed(self, address: str) -> TokenRefused:
        self._failures.note_failure(address, datetime.now(UTC).timestamp())
        return TokenRefused(
            "invalid_token", "the code is not good, or not any more: ask for a new one", status=401
        )


def _bearer(request: Request) -> str:
    scheme, _, code = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise TokenRefused("invalid_token", "send Authorization: Bearer <code>", status=401)
    return code


def _read(body: bytes) -> tuple[_Metadata, dict[str, Any]]:
    """Return what is registered, its name trimmed, and the agent's public key.

    Raises:
        TokenRefused: `invalid_client_metadata` or `invalid_redirect_uri` (RFC 7591 §3.2.2).
    """
    if len(body) > MOST_BYTES:
        raise _unfit(f"at most {MOST_BYTES} bytes")
    try:
        metadata = _METADATA.decode(body)
        metadata.client_name = text(metadata.client_name, ["client_name"], most=MOST_NAME)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
        raise _unfit(f"this is not client metadata: {exc}") from exc
    except InvalidText as exc:
        raise _unfit(exc.message) from exc
    if metadata.redirect_uris:
        raise TokenRefused("invalid_redirect_uri", "nobody signs in at an agent: send none")
    _check(metadata)
    return metadata, _public_key(metadata.jwks)


def _check(metadata: _Metadata) -> None:
    if metadata.token_endpoint_auth_method != _WAY:
        raise _unfit(f"token_endpoint_auth_method must be {_WAY}")
    if metadata.grant_types != [_GRANT] or metadata.response_types:
        raise _unfit(f'grant_types must be ["{_GRANT}"], without response_types')
    if metadata.jwks_uri is not None:
        raise _unfit("send jwks, not jwks_uri: nothing is fetched")
    if metadata.scope not in {None, Scope.READS_WRITE.value}:
        raise _unfit(f"scope is {Scope.READS_WRITE.value}")


def _public_key(jwks: dict[str, Any]) -> dict[str, Any]:
    """Return the one ES256 public key of a set, without anything else that was in it."""
    keys = jwks.get("keys")
    if not isinstance(keys, list) or len(keys) != 1 or not isinstance(keys[0], dict):
        raise _unfit("jwks holds one key")
    given = keys[0]
    if given.get("kty") != "EC" or given.get("crv") != "P-256" or "d" in given:
        raise _unfit("the key is the public half of an ES256 key: EC, P-256, without d")
    if given.get("alg", "ES256") != "ES256" or given.get("use", "sig") != "sig":
        raise _unfit("the key is for ES256 signatures")
    key_id = given.get("kid", "")
    if not isinstance(key_id, str) or len(key_id) > _LONGEST_KEY_ID or not key_id.isprintable():
        raise _unfit(f"kid has at most {_LONGEST_KEY_ID} printable characters")
    kept = {name: given.get(name) for name in ("kty", "crv", "x", "y")}
    try:
        ECKey.import_key(kept).get_op_key("verify")  # pyright: ignore[reportArgumentType] - it checks
    except (JoseError, ValueError, KeyError, TypeError, AttributeError) as exc:
        raise _unfit("the key is not a point on P-256") from exc
    return kept | ({"kid": key_id} if key_id else {}) | {"alg": "ES256", "use": "sig"}


def _unfit(words: str) -> TokenRefused:
    return TokenRefused("invalid_client_metadata", words)


def _answer(
    made: Enrolled, metadata: _Metadata, key: dict[str, Any], issuer: str
) -> dict[str, Any]:
    """Return what is registered (RFC 7591 §3.2.1), and what the agent has to know of its shop."""
    answer: dict[str, Any] = {
        "client_id": made.client_id,
        "client_id_issued_at": int(made.enrolled_at.timestamp()),
        "client_name": made.name,
        "token_endpoint_auth_method": _WAY,
        "grant_types": [_GRANT],
        "jwks": {"keys": [key]},
        "scope": Scope.READS_WRITE.value,
        "token_endpoint": f"{issuer}/oauth/token",
        "shelfcast": {
            "graphql_url": f"{issuer}/graphql",
            "location": made.location.code,
            "devices": [_device(device) for device in made.devices],
        },
    }
    for name in ("software_id", "software_version"):
        value = getattr(metadata, name)
        if value is not None:
            answer[name] = value
    return answer


def _device(device: DeviceSetup) -> dict[str, Any]:
    points = [{"code": code, "role": role.value} for code, role in device.read_points.items()]
    return {"code": device.code, "name": device.name, "readPoints": points}
