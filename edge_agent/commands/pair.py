"""`edge pair`: make this machine a client of a backend, with a one-time code."""

from __future__ import annotations

import glob
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge_agent.durable import write_durably
from edge_agent.errors import PairingRefused, SettingsInvalid
from edge_agent.first_config import first_config
from edge_agent.pairing import Pairing, Way, server_of
from edge_agent.toml_table import TomlTable

if TYPE_CHECKING:
    import argparse

_CLIENT_FILE: Final = "edge.json"
_SERIAL_PORTS: Final = "/dev/serial/by-id/*"


def add_to(parser: argparse.ArgumentParser) -> None:
    """Give the command its options."""
    add = parser.add_argument
    add("code", metavar="CODE", help="the one-time code, from the Devices page")
    add("--config", type=Path, required=True, metavar="FILE", help="made where there is none")
    add("--server", metavar="URL", help="the backend; not needed where the file names it")
    add("--ca-file", type=Path, metavar="FILE", help="trust these certificates only")
    parser.set_defaults(command=_pair)


def _pair(options: argparse.Namespace) -> int:
    config: Path = options.config
    way, client_file = _read(config) if config.exists() else (None, config.parent / _CLIENT_FILE)
    if options.server is not None:
        proxy, ca_file = (way.proxy, way.ca_file) if way else ("", None)
        way = Way(server_of(options.server), proxy, ca_file)
    if way is None:
        raise PairingRefused(f"{config} does not exist: say --server URL")
    if options.ca_file is not None:
        way = Way(way.server, way.proxy, options.ca_file)
    config.parent.mkdir(parents=True, exist_ok=True)
    paired = Pairing(client_file).pair(options.code, way)
    place = f" at {paired.location}" if paired.location else ""
    print(f"Paired{place} as client {paired.client_id}; its key is beside {client_file}.")
    if config.exists():
        print("An agent that runs has to be started again.")
        return 0
    ports = sorted(glob.glob(_SERIAL_PORTS))  # noqa: PTH207 - an absolute pattern
    text = first_config(paired, client_file.name, ca_file=way.ca_file, ports=ports)
    write_durably(config, text.encode("utf-8"))
    print(f"Made {config} with {len(paired.devices)} devices to give ports to. Then start it:")
    print(f"  shelfcast edge --config {config}")
    return 0


def _read(config: Path) -> tuple[Way, Path]:
    """Return the server and the client file that a configuration names; the rest may be wrong."""
    try:
        values = tomllib.loads(config.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise SettingsInvalid(str(config), "file", None, f"cannot be read: {exc}") from exc
    uplink = TomlTable(str(config), "", values).table("uplink")
    for key in ("client_id", "client_secret", "key_file"):
        if uplink.has(key):
            uplink.refuse(
                key,
                None,
                f'would win over the pairing: put client_file = "{_CLIENT_FILE}" in its place',
            )
    client_file = config.parent / Path(uplink.text("client_file", _CLIENT_FILE)).expanduser()
    ca_file = uplink.text("ca_file", "")
    return Way(
        server_of(uplink.text("url")),
        uplink.text("proxy", ""),
        config.parent / Path(ca_file).expanduser() if ca_file else None,
    ), client_file
