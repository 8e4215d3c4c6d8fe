"""Which version of the agent this is."""

from __future__ import annotations

from importlib import metadata


def software_version() -> str:
    """Return that of the installed package."""
    try:
        return metadata.version("shelfcast")
    except metadata.PackageNotFoundError:
        return "unknown"
