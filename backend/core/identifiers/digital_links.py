"""Canonical GS1 Digital Links (GS1 Digital Link Standard: URI Syntax, 4.12)."""

from typing import Final
from urllib.parse import quote

Elements = tuple[tuple[str, str], ...]
"""Application identifiers with their values."""

# Keys, each with the qualifiers that follow it in the path, in their order.
_KEYS: Final = {
    "01": ("22", "10", "21", "235"),
    "8006": ("22", "10", "21"),
    "00": (),
    "414": ("254", "7040"),
    "8003": (),
    "8004": ("7040",),
}


def digital_link(elements: Elements) -> str | None:
    """Return the link that says the same as `elements`; None without exactly one key among them."""
    values = dict(elements)
    keys = [ai for ai in _KEYS if ai in values]
    if len(keys) != 1:
        return None
    path = [keys[0], *(ai for ai in _KEYS[keys[0]] if ai in values)]
    link = "https://id.gs1.org" + "".join(f"/{ai}/{_escaped(values[ai])}" for ai in path)
    rest = sorted(ai for ai in values if ai not in path)
    return link + "?" * bool(rest) + "&".join(f"{ai}={_escaped(values[ai])}" for ai in rest)


def _escaped(value: str) -> str:
    return quote(value, safe="")
