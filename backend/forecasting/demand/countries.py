"""Which country a location lies in, whatever its address says: its holidays follow from it."""

from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import TZPATH

from holidays.registry import COUNTRIES

from backend.forecasting.network.calendars import is_country

_OTHERS: Final = {
    "england": "GB", "great britain": "GB", "uk": "GB", "scotland": "GB", "wales": "GB",
    "united states of america": "US", "eire": "IE", "the netherlands": "NL",
    "czech republic": "CZ",
}  # fmt: skip


def country_of(written: str | None, timezone: str) -> str | None:
    """Return the code (ISO 3166) of a country written as code or English name, else of a time zone.

    None where neither says it.
    """
    text = " ".join((written or "").replace(".", "").split()).casefold()
    return _codes().get(text) if text else _zones().get(timezone)


@cache
def _codes() -> dict[str, str]:
    """Return codes by name and by the codes of two and of three letters."""
    found = dict(_OTHERS)
    for name, (_, code, longer, *_rest) in COUNTRIES.items():
        names = (name.replace("_", " "), code.casefold(), longer.casefold())
        found |= dict.fromkeys(names, code)
    return {name: code for name, code in found.items() if is_country(code)}


@cache
def _zones() -> dict[str, str]:
    """Return codes by time zone, where the system has the table of them."""
    tables = [path for folder in TZPATH if (path := Path(folder) / "zone.tab").is_file()]
    if not tables:
        return {}
    rows = [line.split("\t") for line in tables[0].read_text("utf-8").splitlines()]
    return {row[2]: row[0] for row in rows if len(row) > 2 and is_country(row[0])}
