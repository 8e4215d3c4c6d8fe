"""The `[uplink]` part of the settings: where reads go, as whom and how patiently."""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit

from edge_agent.client_key import ClientKey, read_client_key
from edge_agent.toml_table import TomlTable, is_table

if TYPE_CHECKING:
    from collections.abc import Mapping

ENV_PREFIX: Final = "SHELFCAST_EDGE_"
_PROXY_SCHEMES: Final = ("http", "https")


@dataclass(frozen=True, slots=True)
class UplinkSettings:
    """Where reads go and how patiently."""

    url: str
    """The backend's GraphQL endpoint."""
    token_url: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    """Empty where the client proves itself with `key`."""
    key: ClientKey | None = None
    proxy: str = field(default="", repr=False)
    """May hold a name and password; empty: what the environment says."""
    ca_file: Path | None = None
    """The only certificates trusted; None: those of the system."""
    max_batch: int = 500
    """Reads per request, at most what the server takes."""
    max_requests: int = 4
    """Requests in flight, each for another device; a device never has two."""
    timeout_s: float = 10.0
    backoff_base_s: float = 1.0
    backoff_cap_s: float = 300.0


@dataclass(frozen=True, slots=True)
class _Client:
    """Who the agent is to the backend."""

    id: str
    secret: str
    key: ClientKey | None


def read_uplink(table: TomlTable, folder: Path, environ: Mapping[str, str]) -> UplinkSettings:
    """Read the table; relative paths start at the folder. Raises SettingsInvalid."""
    url = _web_address(table, "url", None)
    token_url = _web_address(table, "token_url", _token_url(url))
    client = _read_client(table, folder, environ)
    settings = UplinkSettings(
        url, token_url, client.id, client.secret, client.key,
        proxy=_proxy(table),
        ca_file=_ca_file(table, folder),
        max_batch=table.integer("max_batch", 500, low=1, high=500),
        max_requests=table.integer("max_requests", 4, low=1, high=32),
        timeout_s=table.number("timeout_s", 10.0, low=0.05, high=300),
        backoff_base_s=table.number("backoff_base_s", 1.0, low=0.001, high=3600),
        backoff_cap_s=table.number("backoff_cap_s", 300.0, low=0.001, high=86400),
    )  # fmt: skip
    table.finish()
    return settings


def _read_client(table: TomlTable, folder: Path, environ: Mapping[str, str]) -> _Client:
    """Take id and secret, or key, from the environment, the table, or the file it names."""
    given: dict[str, str] = {}
    if table.has("client_file"):
        name = table.text("client_file")
        given = _read_client_file(table, folder / Path(name).expanduser())
    for key in ("client_id", "client_secret", "key_file"):
        if table.has(key):
            given[key] = table.text(key)
        given[key] = environ.get(ENV_PREFIX + key.upper()) or given.get(key, "")
    _refuse_unless_given(table, "client_id", given)
    if given["key_file"] and not given["client_secret"]:
        path = folder / Path(given["key_file"]).expanduser()
        return _Client(given["client_id"], "", _read_key(table, path))
    _refuse_unless_given(table, "client_secret", given)
    return _Client(given["client_id"], given["client_secret"], None)


def _refuse_unless_given(table: TomlTable, key: str, given: Mapping[str, str]) -> None:
    if not given[key]:
        hint = f"is missing; give it here, in client_file or as {ENV_PREFIX}{key.upper()}"
        table.refuse(key, None, f"{hint}, or pair the agent: shelfcast edge pair")


def _read_client_file(table: TomlTable, path: Path) -> dict[str, str]:
    try:
        content: object = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as exc:
        table.refuse("client_file", str(path), f"cannot be read: {exc}")
    if not is_table(content):
        table.refuse("client_file", str(path), "must hold a JSON object")
    known = ("client_id", "client_secret", "key_file")
    given = {key: str(content[key]) for key in known if key in content}
    if "key_file" in given:
        given["key_file"] = str(path.parent / given["key_file"])
    return given


def _read_key(table: TomlTable, path: Path) -> ClientKey:
    try:
        return read_client_key(path)
    except (OSError, ValueError) as exc:
        table.refuse("key_file", str(path), f"cannot be used: {exc}")


def _proxy(table: TomlTable) -> str:
    """Return the address; a wrong one is told without its value, which may hold a secret."""
    value = table.text("proxy", "")
    try:
        parts = urlsplit(value)
        is_sound = parts.scheme in _PROXY_SCHEMES and parts.hostname and parts.port != 0
    except ValueError:
        is_sound = False
    if value and not is_sound:
        table.refuse("proxy", None, "must be an http:// or https:// address")
    return value


def _ca_file(table: TomlTable, folder: Path) -> Path | None:
    if not table.has("ca_file"):
        return None
    path = folder / Path(table.text("ca_file")).expanduser()
    try:
        ssl.create_default_context(cafile=path)
    except (OSError, ValueError) as exc:
        table.refuse("ca_file", str(path), f"cannot be used: {exc}")
    return path


def _web_address(table: TomlTable, key: str, default: str | None) -> str:
    value = table.text(key, default)
    try:
        parts = urlsplit(value)
    except ValueError:
        table.refuse(key, value, "is no web address")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        table.refuse(key, value, "must be an http:// or https:// address")
    if "@" in parts.netloc:
        table.refuse(key, None, "must hold no name and no password")
    return value


def _token_url(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, "/oauth/token", "", ""))
