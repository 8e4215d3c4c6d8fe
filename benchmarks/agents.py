"""Configuration files of edge agents."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

_BACKOFF: Final = {"backoff_base_s": 0.2, "backoff_cap_s": 2.0}


def write_config(
    file: Path,
    uplink: Mapping[str, object],
    outbox: Mapping[str, object],
    devices: Sequence[Mapping[str, object]],
) -> None:
    """Write one; a `tags` table of a device becomes a table of its own."""
    lines = ['log_level = "WARNING"', "[uplink]", *_pairs({**_BACKOFF, **uplink})]
    lines += ["[outbox]", *_pairs(outbox)]
    for device in devices:
        plain = {key: value for key, value in device.items() if key != "tags"}
        lines += ["[[devices]]", *_pairs(plain)]
        if isinstance(tags := device.get("tags"), Mapping):
            lines += ["[devices.tags]", *_pairs(tags)]
    file.write_text("\n".join(lines))


def _pairs(values: Mapping[str, object]) -> list[str]:
    # JSON strings are TOML strings, as long as they are plain.
    return [f"{key} = {json.dumps(value)}" for key, value in values.items()]
