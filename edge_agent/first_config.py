"""The configuration a newly paired agent starts with: complete, but for where its devices are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from edge_agent.pairing import KnownDevice, Paired

_NO_DEVICE = """
# [[devices]]
# code = "TILL-1"
# read_point = "CHECKOUT"
# port = "/dev/serial/by-id/…"
"""


def first_config(
    paired: Paired, client_file: str, *, ca_file: Path | None, ports: Sequence[str]
) -> str:
    """Write the file; `ports` are those of serial devices that are plugged in now."""
    uplink = [f"url = {_text(paired.graphql_url)}", f"client_file = {_text(client_file)}"]
    if paired.token_url:
        uplink.insert(1, f"token_url = {_text(paired.token_url)}")
    if ca_file is not None:
        uplink.append(f"ca_file = {_text(str(ca_file.absolute()))}")
    place = f" at {_plain(paired.location)}" if paired.location else ""
    lines = [
        f"# An edge agent{place}, made by `shelfcast edge pair`. Every setting: docs/edge.md.",
        "",
        "[uplink]",
        *uplink,
        "",
        "[outbox]",
        'path = "outbox.sqlite3"',
        "",
        "# Its devices, as the backend knows them: give each its port and take away the marks, or",
        "# leave this to the Devices page. Serial ports that were there when this was written:",
        *[f"#   {_plain(port)}" for port in ports or ["none"]],
    ]
    devices = "".join(map(_device, paired.devices)) or _NO_DEVICE
    return "\n".join(lines) + "\n" + devices


def _device(device: KnownDevice) -> str:
    name = f"  # {_plain(device.name)}" if device.name else ""
    first, *others = device.read_points or ("CHECKOUT",)
    choice = f"  # or {_plain(', '.join(others))}" if others else ""
    return (
        f"\n# [[devices]]\n# code = {_text(device.code)}{name}\n"
        f"# read_point = {_text(first)}{choice}\n"
        '# port = "/dev/serial/by-id/…"\n'
    )


def _text(value: str) -> str:
    """Write a TOML basic string, which JSON's are but for the deletion sign."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _plain(value: str) -> str:
    """Return what may stand in a comment: nothing that could end the line."""
    return "".join(sign for sign in value if sign.isprintable())
