"""What may stand in a configuration that is given to agents. Pure."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any, Final

MOST_BYTES: Final = 65_536
MOST_PROBLEMS: Final = 50
KNOWN: Final = ("log_level", "uplink", "outbox", "devices", "metrics")
"""What an agent understands at the top."""
OWN: Final = {
    "uplink": frozenset(
        {"url", "token_url", "client_file", "client_id", "client_secret", "key_file", "proxy",
         "ca_file"}
    ),
    "outbox": frozenset({"path"}),
}  # fmt: skip
"""What is the agent's own: where it sends, who it is, where its files lie."""
_SECRET_NAME: Final = re.compile(r"secret|passw|token|credential|private|api_?key", re.IGNORECASE)
_SECRET_VALUE: Final = re.compile(
    r"\bscs_[\w-]{20}|-----BEGIN [A-Z ]*PRIVATE KEY|://[^/\s]*:[^/\s]*@"
)
_AT_LINE: Final = re.compile(r"\(at line (\d+), column \d+\)")
_HEADING: Final = re.compile(r"\s*(\[\[?)\s*([\w.\"'-]+)\s*\]\]?")
_KEY: Final = re.compile(r"\s*[\"']?([\w-]+)[\"']?\s*(?:=|\.)")

Points = Mapping[str, frozenset[str]]
"""Read points by the code of their device."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a document is not taken; `line` counts from 1, None where it is about all of it."""

    message: str
    key: str | None = None
    line: int | None = None


def problems_of(text: str, places: Mapping[str, Points]) -> list[Problem]:
    """Return what is wrong with a document, by line; empty where it may be given to agents.

    `places` holds of each agent, by its name, what there is where it is.
    """
    size = len(text.encode("utf-8", "replace"))
    if size > MOST_BYTES:
        return [Problem(f"{size} bytes: at most {MOST_BYTES}")]
    if "\x00" in text:
        return [Problem("there is a character in it that cannot be kept")]
    try:
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as exc:
        found = _AT_LINE.search(str(exc))
        message = _AT_LINE.sub("", str(exc)).strip() or "this is not TOML"
        return [Problem(message, line=int(found[1]) if found else None)]
    lines = _Lines(text)
    found = [*_structure(values), *_secrets(values, ()), *_devices(values, places)]
    problems = [Problem(message, ".".join(path), lines.of(path)) for path, message in found]
    return sorted(dict.fromkeys(problems), key=lambda one: one.line or 0)[:MOST_PROBLEMS]


def names_devices(text: str) -> bool:
    """Tell whether a sound document says which devices there are."""
    return bool(tomllib.loads(text).get("devices"))


def diff_of(before: str, after: str) -> str:
    """Return a unified diff of two documents, without headings; empty where they are equal."""
    lines = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=3)
    return "\n".join(line for line in lines if not line.startswith(("---", "+++")))


_Path = tuple[str, ...]
_Found = Iterator[tuple[_Path, str]]


def _structure(values: dict[str, Any]) -> _Found:
    for name, value in values.items():
        if name == "log":
            yield (name,), "is the agent's own and stays in its file"
        elif name not in KNOWN:
            yield (name,), f"is not known here; there are {', '.join(KNOWN)}"
        elif name == "log_level":
            if not isinstance(value, str):
                yield (name,), "is a text"
        elif name == "devices":
            if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
                yield (name,), "is written [[devices]], once per port"
        elif not isinstance(value, dict):
            yield (name,), f"is written [{name}]"
        else:
            for key in value.keys() & OWN.get(name, frozenset()):
                yield (name, key), "is the agent's own and stays in its file"


def _secrets(value: Any, path: _Path) -> _Found:
    """Find what must not lie in a database in the clear, and be shown to all who see devices."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if _SECRET_NAME.search(name) and name not in OWN.get(path[0] if path else "", ()):
                yield (*path, name), "looks like a secret: those stay on the agent's machine"
            else:
                yield from _secrets(inner, (*path, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _secrets(inner, (*path, str(index)))
    elif isinstance(value, str) and _SECRET_VALUE.search(value):
        yield path, "holds a secret: those stay on the agent's machine"


def _devices(values: dict[str, Any], places: Mapping[str, Points]) -> _Found:
    devices = values.get("devices")
    if not isinstance(devices, list):
        return
    ports: set[object] = set()
    for index, device in enumerate(devices):
        if not isinstance(device, dict):
            continue
        path = ("devices", str(index))
        for key in ("code", "port"):
            if not isinstance(device.get(key), str) or not device[key]:
                yield (*path, key), "is missing"
        if isinstance(device.get("port"), str):
            if device["port"] in ports:
                yield (*path, "port"), f"{device['port']} is used twice"
            ports.add(device["port"])
        for name, points in places.items():
            yield from _reading(device, path, name, points)


def _reading(device: dict[str, Any], path: _Path, agent: str, points: Points) -> _Found:
    """Check that a device and its read points are there where the agent is."""
    code = device.get("code")
    if not isinstance(code, str) or not code:
        return
    if code not in points:
        yield (*path, "code"), f"there is no device {code[:60]!r} where {agent} is"
        return
    wanted: list[tuple[_Path, Any]] = [((*path, "read_point"), device.get("read_point"))]
    antennas = device.get("antenna_points")
    if isinstance(antennas, dict):
        wanted += [((*path, "antenna_points", key), value) for key, value in antennas.items()]
    for at, point in wanted:
        if point is not None and point not in points[code]:
            there = ", ".join(sorted(points[code])) or "none"
            yield at, f"{code} has no read point {str(point)[:60]!r}; there are {there}"
    if "read_point" not in device and not antennas:
        yield (*path, "read_point"), "is missing"


class _Lines:
    """Where keys stand in a document: tomllib does not tell."""

    def __init__(self, text: str) -> None:
        self._of: dict[_Path, int] = {}
        table: _Path = ()
        counts: dict[str, int] = {}
        for number, line in enumerate(text.splitlines(), 1):
            if heading := _HEADING.match(line):
                table = self._table(heading[1] == "[[", heading[2].replace('"', ""), counts)
                self._of.setdefault(table, number)
            elif key := _KEY.match(line):
                self._of.setdefault((*table, key[1]), number)

    def of(self, path: Sequence[str]) -> int | None:
        """Return the line of a key; that of its table where it is not to be found."""
        for length in range(len(path), 0, -1):
            if (line := self._of.get(tuple(path[:length]))) is not None:
                return line
        return None

    @staticmethod
    def _table(is_item: bool, name: str, counts: dict[str, int]) -> _Path:
        head, *rest = name.split(".")
        if is_item and not rest:
            counts[head] = counts.get(head, -1) + 1
        return (head, str(counts[head]), *rest) if head in counts else (head, *rest)
