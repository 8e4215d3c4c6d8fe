"""The agent's settings: one TOML file, secrets also from the environment.

Plain dataclasses: pydantic would double the size of an installation in a shop and the time it
takes to start, for thirty values.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from edge_agent.drivers import DRIVERS
from edge_agent.errors import SettingsInvalid
from edge_agent.protocols import PROTOCOLS, LineFraming, Terminator
from edge_agent.toml_table import TomlTable, is_table

if TYPE_CHECKING:
    from collections.abc import Mapping

ENV_PREFIX = "SHELFCAST_EDGE_"
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class UplinkSettings:
    """Where reads go and how patiently."""

    url: str
    """The backend's GraphQL endpoint."""
    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    max_batch: int = 500
    """Reads per request, at most what the server takes."""
    max_requests: int = 4
    """Requests in flight, each for another device; a device never has two."""
    timeout_s: float = 10.0
    backoff_base_s: float = 1.0
    backoff_cap_s: float = 300.0


@dataclass(frozen=True, slots=True)
class OutboxSettings:
    """Where reads wait and how many."""

    path: Path
    max_rows: int = 2_000_000
    max_bytes: int = 1024 * _MIB
    commit_interval_ms: int = 5
    """Least distance of two commits in a flood; a read after a pause never waits."""


@dataclass(frozen=True, slots=True)
class DeviceSettings:
    """One port and the device behind it."""

    code: str
    """The device's code in the backend; two ports may belong to one device."""
    read_point: str
    port: str
    """A path, best under /dev/serial/by-id so that it survives replugging."""
    baudrate: int = 9600
    driver: str = "serial"
    protocol: str = "lines"
    framing: LineFraming = field(default_factory=LineFraming)


@dataclass(frozen=True, slots=True)
class Settings:
    """All that one agent process needs to know."""

    uplink: UplinkSettings
    outbox: OutboxSettings
    devices: tuple[DeviceSettings, ...]
    log_level: str = "INFO"

    @property
    def status_path(self) -> Path:
        """Where the running agent tells how it is."""
        return self.outbox.path.with_name(self.outbox.path.name + ".status.json")


def load_settings(file: Path, environ: Mapping[str, str]) -> Settings:
    """Read the file, let `SHELFCAST_EDGE_CLIENT_ID` and `…_CLIENT_SECRET` override it.

    Relative paths in the file start at its folder. Raises SettingsInvalid.
    """
    try:
        values = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise SettingsInvalid(str(file), "file", None, f"cannot be read: {exc}") from exc
    root = TomlTable(str(file), "", values)
    settings = Settings(
        _uplink(root.table("uplink"), file.parent, environ),
        _outbox(root.table("outbox"), file.parent),
        _devices(root),
        root.text("log_level", "INFO").upper(),
    )
    if settings.log_level not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        root.refuse("log_level", settings.log_level, "must be DEBUG, INFO, WARNING or ERROR")
    root.finish()
    return settings


def _uplink(table: TomlTable, folder: Path, environ: Mapping[str, str]) -> UplinkSettings:
    url = _web_address(table, "url", None)
    token_url = _web_address(table, "token_url", _token_url(url))
    client_id, client_secret = _credentials(table, folder, environ)
    settings = UplinkSettings(
        url, token_url, client_id, client_secret,
        max_batch=table.integer("max_batch", 500, low=1, high=500),
        max_requests=table.integer("max_requests", 4, low=1, high=32),
        timeout_s=table.number("timeout_s", 10.0, low=0.05, high=300),
        backoff_base_s=table.number("backoff_base_s", 1.0, low=0.001, high=3600),
        backoff_cap_s=table.number("backoff_cap_s", 300.0, low=0.001, high=86400),
    )  # fmt: skip
    table.finish()
    return settings


def _credentials(table: TomlTable, folder: Path, environ: Mapping[str, str]) -> tuple[str, str]:
    """Take id and secret from the environment, the table, or the JSON file it names."""
    given: dict[str, str] = {}
    if table.has("client_file"):
        name = table.text("client_file")
        given = _read_client_file(table, folder / Path(name).expanduser())
    for key in ("client_id", "client_secret"):
        if table.has(key):
            given[key] = table.text(key)
        given[key] = environ.get(ENV_PREFIX + key.upper()) or given.get(key, "")
        if not given[key]:
            hint = f"is missing; give it here, in client_file or as {ENV_PREFIX}{key.upper()}"
            table.refuse(key, None, hint)
    return given["client_id"], given["client_secret"]


def _read_client_file(table: TomlTable, path: Path) -> dict[str, str]:
    try:
        content: object = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as exc:
        table.refuse("client_file", str(path), f"cannot be read: {exc}")
    if not is_table(content):
        table.refuse("client_file", str(path), "must hold a JSON object")
    return {key: str(value) for key, value in content.items() if key.startswith("client_")}


def _outbox(table: TomlTable, folder: Path) -> OutboxSettings:
    path = folder / Path(table.text("path")).expanduser()
    settings = OutboxSettings(
        path,
        max_rows=table.integer("max_rows", 2_000_000, low=1, high=1_000_000_000),
        max_bytes=table.integer("max_bytes", 1024 * _MIB, low=64 * 1024, high=1 << 44),
        commit_interval_ms=table.integer("commit_interval_ms", 5, low=0, high=1000),
    )
    table.finish()
    return settings


def _devices(root: TomlTable) -> tuple[DeviceSettings, ...]:
    devices: list[DeviceSettings] = []
    for table in root.tables("devices"):
        device = _device(table)
        if any(device.port == other.port for other in devices):
            table.refuse("port", device.port, "is used twice")
        devices.append(device)
    return tuple(devices)


def _device(table: TomlTable) -> DeviceSettings:
    device = DeviceSettings(
        code=table.text("code"),
        read_point=table.text("read_point"),
        port=table.text("port"),
        baudrate=table.integer("baudrate", 9600, low=50, high=4_000_000),
        driver=_one_of(table, "driver", "serial", list(DRIVERS)),
        protocol=_one_of(table, "protocol", "lines", list(PROTOCOLS)),
        framing=_framing(table),
    )
    table.finish()
    return device


def _framing(table: TomlTable) -> LineFraming:
    gap_ms = None
    if table.has("idle_gap_ms"):
        gap_ms = table.integer("idle_gap_ms", 0, low=1, high=60_000)
    return LineFraming(
        table.choice("terminator", Terminator.ANY),
        _bytes(table, "prefix"),
        _bytes(table, "suffix"),
        gap_ms,
    )


def _bytes(table: TomlTable, key: str) -> bytes:
    value = table.text(key, "")
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        table.refuse(key, value, "must be characters U+0000 to U+00FF, one per byte")


def _one_of(table: TomlTable, key: str, default: str, names: list[str]) -> str:
    value = table.text(key, default)
    if value not in names:
        table.refuse(key, value, f"must be one of: {', '.join(names)}")
    return value


def _web_address(table: TomlTable, key: str, default: str | None) -> str:
    value = table.text(key, default)
    try:
        parts = urlsplit(value)
    except ValueError:
        table.refuse(key, value, "is no web address")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        table.refuse(key, value, "must be an http:// or https:// address")
    return value


def _token_url(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, "/oauth/token", "", ""))
