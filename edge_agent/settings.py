"""The agent's settings: one TOML file, secrets also from the environment.

Plain dataclasses: pydantic would double the size of an installation in a shop and the time it
takes to start, for thirty values.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from edge_agent.drivers import DRIVERS, SerialLine, load_driver
from edge_agent.drivers.port import FlowControl, Parity
from edge_agent.drivers.tcp import split_address
from edge_agent.errors import SettingsInvalid
from edge_agent.presence import TagSettings
from edge_agent.protocols import PROTOCOLS, LineFraming, ProtocolOptions
from edge_agent.toml_table import TomlTable
from edge_agent.uplink_settings import UplinkSettings, read_uplink

if TYPE_CHECKING:
    from collections.abc import Mapping

_MIB = 1024 * 1024
LOG_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR")


@dataclass(frozen=True, slots=True)
class OutboxSettings:
    """Where reads wait and how many."""

    path: Path
    max_rows: int = 2_000_000
    """Beyond it the oldest tags leave, and barcodes are refused when there are none."""
    max_bytes: int = 1024 * _MIB
    """Of the file, in the same way; its log takes up to 8 MiB more."""
    max_age_h: int = 2160
    """Powered hours after which a sighting of a tag expires; 0: never. Barcodes never do."""
    ballast_bytes: int = 16 * _MIB
    """Reserved on the disk, and given up when it is full; 0: nothing is."""
    commit_interval_ms: int = 5
    """Least distance of two commits in a flood; a read after a pause never waits."""


@dataclass(frozen=True, slots=True)
class DeviceSettings:
    """One port and the device behind it."""

    code: str
    """The device's code in the backend; two ports may belong to one device."""
    read_point: str
    port: str
    """A path, best under /dev/serial/by-id so that it survives replugging; for tcp host:number."""
    driver: str = "serial"
    line: SerialLine = field(default_factory=SerialLine)
    options: ProtocolOptions = field(default_factory=LineFraming)
    """Those of the protocol; they say which it is."""
    tags: TagSettings = field(default_factory=TagSettings)
    antenna_points: Mapping[int, str] = field(default_factory=dict[int, str])
    """Read points of single antennas; `read_point` is that of the others."""

    @property
    def protocol(self) -> str:
        """The name of the protocol."""
        return next(name for name, kind in PROTOCOLS.items() if type(self.options) is kind)


@dataclass(frozen=True, slots=True)
class LogFile:
    """A log that never takes more than `max_bytes` in each of so many `files`."""

    path: Path
    max_bytes: int
    files: int


@dataclass(frozen=True, slots=True)
class Settings:
    """All that one agent process needs to know."""

    uplink: UplinkSettings
    outbox: OutboxSettings
    devices: tuple[DeviceSettings, ...]
    log_level: str = "INFO"
    log_file: LogFile | None = None
    """None: the log goes to standard error."""
    metrics_port: int | None = None
    """On loopback; None: no figures are served."""

    @property
    def status_path(self) -> Path:
        """Where the running agent tells how it is."""
        return self.outbox.path.with_name(self.outbox.path.name + ".status.json")


def load_settings(file: Path, environ: Mapping[str, str]) -> Settings:
    """Read the file, let `SHELFCAST_EDGE_CLIENT_ID` and `…_CLIENT_SECRET` override it.

    Relative paths in the file start at its folder. Raises SettingsInvalid.
    """
    return read_settings(read_toml(file), file, environ)


def read_toml(file: Path) -> dict[str, Any]:
    """Return what a file says, unchecked. Raises SettingsInvalid where it is no TOML."""
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise SettingsInvalid(str(file), "file", None, f"cannot be read: {exc}") from exc


def read_settings(
    values: Mapping[str, Any], file: Path, environ: Mapping[str, str], *, name: str = ""
) -> Settings:
    """Check what a file, or a configuration of that `name` in its place, says.

    Raises SettingsInvalid.
    """
    root = TomlTable(name or str(file), "", values)
    settings = Settings(
        read_uplink(root.table("uplink"), file.parent, environ),
        _outbox(root.table("outbox"), file.parent),
        _devices(root),
        root.text("log_level", "INFO").upper(),
        _log_file(root.table("log"), file.parent),
        _metrics_port(root.table("metrics")),
    )
    if settings.log_level not in LOG_LEVELS:
        root.refuse("log_level", settings.log_level, f"must be one of: {', '.join(LOG_LEVELS)}")
    root.finish()
    return settings


def _log_file(table: TomlTable, folder: Path) -> LogFile | None:
    if not table.has("file"):
        table.finish()
        return None
    log_file = LogFile(
        folder / Path(table.text("file")).expanduser(),
        max_bytes=table.integer("max_bytes", 5 * _MIB, low=64 * 1024, high=1 << 30),
        files=table.integer("files", 4, low=1, high=100),
    )
    table.finish()
    return log_file


def _metrics_port(table: TomlTable) -> int | None:
    port = table.integer("port", 0, low=1, high=65535) if table.has("port") else None
    table.finish()
    return port


def _outbox(table: TomlTable, folder: Path) -> OutboxSettings:
    path = folder / Path(table.text("path")).expanduser()
    settings = OutboxSettings(
        path,
        max_rows=table.integer("max_rows", 2_000_000, low=1, high=1_000_000_000),
        max_bytes=table.integer("max_bytes", 1024 * _MIB, low=64 * 1024, high=1 << 44),
        max_age_h=table.integer("max_age_h", 2160, low=0, high=876_000),
        ballast_bytes=_ballast_bytes(table),
        commit_interval_ms=table.integer("commit_interval_ms", 5, low=0, high=1000),
    )
    table.finish()
    return settings


def _ballast_bytes(table: TomlTable) -> int:
    """Take none, or enough for the log of a few deletions."""
    size = table.integer("ballast_bytes", 16 * _MIB, low=0, high=1 << 34)
    if 0 < size < _MIB:
        table.refuse("ballast_bytes", size, f"must be 0 or at least {_MIB}")
    return size


def _devices(root: TomlTable) -> tuple[DeviceSettings, ...]:
    devices: list[DeviceSettings] = []
    for table in root.tables("devices"):
        device = _device(table)
        if any(device.port == other.port for other in devices):
            table.refuse("port", device.port, "is used twice")
        devices.append(device)
    return tuple(devices)


def _device(table: TomlTable) -> DeviceSettings:
    protocol = _one_of(table, "protocol", "lines", list(PROTOCOLS))
    kind = PROTOCOLS[protocol]
    driver = _driver(table, kind.default_driver)
    device = DeviceSettings(
        code=table.text("code"),
        read_point=table.text("read_point"),
        port=_port(table, driver),
        driver=driver,
        line=_line(table, kind.default_baudrate),
        options=kind.read(table),
        tags=_tags(table.table("tags")),
        antenna_points=table.texts_by_number("antenna_points", low=1, high=255),
    )
    table.finish()
    return device


def _driver(table: TomlTable, default: str) -> str:
    driver = _one_of(table, "driver", default, list(DRIVERS))
    try:
        load_driver(driver)
    except ImportError as exc:
        table.refuse("driver", driver, f"is not installed ({exc.name}): shelfcast[{driver}]")
    return driver


def _port(table: TomlTable, driver: str) -> str:
    port = table.text("port")
    if driver == "tcp":
        try:
            split_address(port)
        except ValueError:
            table.refuse("port", port, "must be host:number")
    return port


def _line(table: TomlTable, baudrate: int) -> SerialLine:
    return SerialLine(
        table.integer("baudrate", baudrate, low=50, high=4_000_000),
        table.integer("data_bits", 8, low=5, high=8),
        table.choice("parity", Parity.NONE),
        table.integer("stop_bits", 1, low=1, high=2),
        table.choice("flow_control", FlowControl.NONE),
    )


def _tags(table: TomlTable) -> TagSettings:
    default = TagSettings()
    settings = TagSettings(
        table.choice("report", default.report),
        _milliseconds(table, "period_s", default.period_ms),
        table.integer("appear_count", default.appear_count, low=1, high=1000),
        _milliseconds(table, "appear_window_s", default.appear_window_ms),
        _milliseconds(table, "leave_s", default.leave_ms),
        table.number("min_rssi", 0, low=-200, high=255) if table.has("min_rssi") else None,
    )
    table.finish()
    return settings


def _milliseconds(table: TomlTable, key: str, default_ms: int) -> int:
    return round(table.number(key, default_ms / 1000, low=0.01, high=86_400) * 1000)


def _one_of(table: TomlTable, key: str, default: str, names: list[str]) -> str:
    value = table.text(key, default)
    if value not in names:
        table.refuse(key, value, f"must be one of: {', '.join(names)}")
    return value
