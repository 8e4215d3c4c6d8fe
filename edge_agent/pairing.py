"""Pairing: a one-time code makes this machine a client of the backend, with a key of its own.

OAuth dynamic client registration (RFC 7591). What is written first is the key, what makes the
pairing is the client file, last and as a whole: cut off anywhere, the agent is paired or it is
not. The key of an attempt without an answer is used again by the next.
"""

from __future__ import annotations

import json
import socket
import ssl
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NoReturn
from urllib.parse import urlsplit

import httpx2

from edge_agent.client_key import ClientKey, new_client_key, read_client_key
from edge_agent.durable import remove_durably, write_durably
from edge_agent.errors import PairingRefused
from edge_agent.http_client import MAX_ANSWER_BYTES, Answer, retry_after_s
from edge_agent.toml_table import is_list, is_table
from edge_agent.version import software_version

if TYPE_CHECKING:
    from pathlib import Path

TIMEOUT_S: Final = 30.0
_REGISTRATION_PATH: Final = "/oauth/register"
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_MOST_NAME: Final = 80
_KID_SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class Way:
    """How the server is reached."""

    server: str
    """Scheme, host and port."""
    proxy: str = ""
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A device of this place, as the backend knows it."""

    code: str
    name: str
    read_points: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paired:
    """What the backend said to the new client."""

    client_id: str
    graphql_url: str
    token_url: str
    """Empty where it follows from `graphql_url`."""
    location: str
    devices: tuple[KnownDevice, ...]


class Pairing:
    """Makes the client file of an agent; `client_file` and its keys lie in one folder."""

    def __init__(self, client_file: Path) -> None:
        self._client_file = client_file
        self._pending = client_file.with_name(f".{client_file.stem}.pairing.pem")

    def pair(self, code: str, way: Way) -> Paired:
        """Register with a code and keep what came of it.

        Raises PairingRefused; the agent is then paired as it was before, or not.
        """
        is_repeated = self._pending.exists()
        key = self._pending_key()
        try:
            paired = _read_answer(_register(code, key, way), way)
        except PairingRefused as exc:
            if not exc.is_final:
                raise
            remove_durably(self._pending)
            if is_repeated:
                raise PairingRefused(
                    f"{exc.message} (was it used by the attempt that was interrupted?)"
                ) from exc
            raise
        self._keep(key, paired.client_id)
        return paired

    def _pending_key(self) -> ClientKey:
        """Return the key of an attempt that was interrupted, else a new one."""
        try:
            return read_client_key(self._pending)
        except (OSError, ValueError):
            key = new_client_key()
            write_durably(self._pending, key.pem)
            return key

    def _keep(self, key: ClientKey, client_id: str) -> None:
        key_file = self._client_file.with_name(
            f"{self._client_file.stem}-{key.kid[:_KID_SHOWN]}.pem"
        )
        write_durably(key_file, key.pem)
        content = json.dumps({"client_id": client_id, "key_file": key_file.name}, indent=2)
        write_durably(self._client_file, content.encode("utf-8") + b"\n")
        remove_durably(self._pending)
        for old in self._client_file.parent.glob(f"{self._client_file.stem}-*.pem"):
            if old != key_file:
                old.unlink(missing_ok=True)


def server_of(address: str) -> str:
    """Return scheme, host and port of an address, https where it has no scheme.

    Raises PairingRefused for what is none, and for plain http beyond this machine.
    """
    try:
        parts = urlsplit(address if "://" in address else f"https://{address}")
        host, port = parts.hostname, parts.port
    except ValueError as exc:
        raise PairingRefused(f"{address!r} is no web address") from exc
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc or port == 0:
        raise PairingRefused(f"{address!r} is no address of a server")
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise PairingRefused(f"{address}: a code is sent over https only")
    return f"{parts.scheme}://{parts.netloc}"


def _register(code: str, key: ClientKey, way: Way) -> Answer:
    metadata = {
        "client_name": socket.gethostname()[:_MOST_NAME] or "edge agent",
        "token_endpoint_auth_method": "private_key_jwt",
        "grant_types": ["client_credentials"],
        "jwks": {"keys": [key.public_jwk()]},
        "software_id": "shelfcast-edge",
        "software_version": software_version(),
    }
    verify = ssl.create_default_context(cafile=way.ca_file) if way.ca_file else True
    url = way.server + _REGISTRATION_PATH
    headers = {"Authorization": f"Bearer {code}", "Accept": "application/json"}
    try:
        with (
            httpx2.Client(timeout=TIMEOUT_S, proxy=way.proxy or None, verify=verify) as client,
            client.stream("POST", url, json=metadata, headers=headers) as response,
        ):
            return Answer(response.status_code, response.headers, _read_whole(response))
    except UnicodeEncodeError as exc:
        raise PairingRefused("a code has letters and digits only", is_final=True) from exc
    except (httpx2.HTTPError, httpx2.InvalidURL) as exc:
        raise PairingRefused(f"{way.server} does not answer: {type(exc).__name__}: {exc}") from exc


def _read_whole(response: httpx2.Response) -> bytes:
    body = b""
    for piece in response.iter_bytes():
        body += piece
        if len(body) > MAX_ANSWER_BYTES:
            raise PairingRefused("the answer has no end")
    return body


def _read_answer(response: Answer, way: Way) -> Paired:
    try:
        answer: object = json.loads(response.content)
    except ValueError:
        answer = None
    fields = answer if is_table(answer) else {}
    if response.status_code != HTTPStatus.CREATED:
        _refuse(response, fields)
    shop = fields.get("shelfcast")
    told = shop if is_table(shop) else {}
    client_id, graphql_url = fields.get("client_id"), told.get("graphql_url")
    if not isinstance(client_id, str) or not client_id or not isinstance(graphql_url, str):
        raise PairingRefused(f"{way.server}: the answer is not that of a Shelfcast backend")
    server_of(graphql_url)
    token_url = str(fields.get("token_endpoint") or "")
    if token_url:
        server_of(token_url)
    devices = told.get("devices")
    return Paired(
        client_id,
        graphql_url,
        "" if token_url == f"{server_of(graphql_url)}/oauth/token" else token_url,
        str(told.get("location") or ""),
        tuple(map(_device, filter(is_table, devices if is_list(devices) else []))),
    )


def _refuse(response: Answer, fields: dict[str, object]) -> NoReturn:
    """Raise for an answer that is not "created"; final where asking again is of no use."""
    error = str(fields.get("error") or f"HTTP {response.status_code}")[:100]
    description = str(fields.get("error_description") or "no answer of a Shelfcast backend")[:300]
    wait = retry_after_s(response)
    hint = f"; try again in {wait:.0f} s" if wait else ""
    refusing = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
    raise PairingRefused(
        f"{error}: {description}{hint}",
        is_final="error" in fields and response.status_code in refusing,
    )


def _device(table: dict[str, object]) -> KnownDevice:
    points = table.get("readPoints")
    codes = [
        str(one.get("code")) if is_table(one) else str(one)
        for one in (points if is_list(points) else [])
    ]
    return KnownDevice(str(table.get("code")), str(table.get("name") or ""), tuple(codes))
