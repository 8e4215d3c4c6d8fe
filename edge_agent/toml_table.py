"""Reading TOML so that every mistake names its file, key and value."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NoReturn, TypeGuard, TypeVar

from edge_agent.errors import SettingsInvalid

if TYPE_CHECKING:
    from collections.abc import Mapping

E = TypeVar("E", bound=StrEnum)


def is_table(value: object) -> TypeGuard[dict[str, object]]:
    """Tell whether a parsed value is a table; TOML keys are always text."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[object]]:
    """Tell whether a parsed value is an array."""
    return isinstance(value, list)


class TomlTable:
    """One table of the file; each key is asked for once, `finish` refuses the rest.

    Every method raises SettingsInvalid.
    """

    def __init__(self, file: str, path: str, values: Mapping[str, object]) -> None:
        self._file = file
        self._path = path
        self._values = dict(values)

    def refuse(self, key: str, value: object, reason: str) -> NoReturn:
        """Raise for a value that has the right type and is wrong all the same."""
        shown = None if "secret" in key else value
        raise SettingsInvalid(self._file, self._full(key), shown, reason)

    def has(self, key: str) -> bool:
        """Tell whether the key is there and not yet asked for."""
        return key in self._values

    def text(self, key: str, default: str | None = None) -> str:
        """Return a non-empty text; without a default it must be there."""
        value = self._values.pop(key, default)
        if value is None:
            self.refuse(key, None, "is missing")
        if not isinstance(value, str) or (not value and default is None):
            self.refuse(key, value, "must be a text that is not empty")
        return value

    def number(self, key: str, default: float, *, low: float, high: float) -> float:
        """Return a number between the bounds, both included."""
        value = self._values.pop(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.refuse(key, value, "must be a number")
        if not low <= value <= high:
            self.refuse(key, value, f"must lie between {low} and {high}")
        return value

    def integer(self, key: str, default: int, *, low: int, high: int) -> int:
        """Return a whole number between the bounds, both included."""
        value = self.number(key, default, low=low, high=high)
        if not isinstance(value, int):
            self.refuse(key, value, "must be a whole number")
        return value

    def choice(self, key: str, default: E) -> E:
        """Return a member of the default's enumeration."""
        value = self.text(key, default.value)
        try:
            return type(default)(value)
        except ValueError:
            names = ", ".join(type(default))
            self.refuse(key, value, f"must be one of: {names}")

    def flag(self, key: str, *, default: bool) -> bool:
        """Return a truth value."""
        value = self._values.pop(key, default)
        if not isinstance(value, bool):
            self.refuse(key, value, "must be true or false")
        return value

    def latin1(self, key: str) -> bytes:
        """Return bytes that are given as text, one character each; none by default."""
        value = self.text(key, "")
        try:
            return value.encode("latin-1")
        except UnicodeEncodeError:
            self.refuse(key, value, "must be characters U+0000 to U+00FF, one per byte")

    def integers(self, key: str, *, low: int, high: int) -> tuple[int, ...]:
        """Return a list of whole numbers, each once; empty by default."""
        values = self._values.pop(key, [])
        numbers: list[int] = []
        for value in values if is_list(values) else [values]:
            if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
                self.refuse(key, values, f"must be a list of whole numbers, {low} to {high}")
            if value in numbers:
                self.refuse(key, values, "has a number twice")
            numbers.append(value)
        return tuple(numbers)

    def texts_by_number(self, key: str, *, low: int, high: int) -> dict[int, str]:
        """Return a table whose keys are whole numbers; empty by default."""
        table = self.table(key)
        found: dict[int, str] = {}
        for name in list(table._values):  # noqa: SLF001
            if not name.isdecimal() or not low <= int(name) <= high:
                table.refuse(name, None, f"must be a number from {low} to {high}")
            found[int(name)] = table.text(name)
        return found

    def table(self, key: str) -> TomlTable:
        """Return the table below a key; an absent one is empty."""
        value = self._values.pop(key, {})
        if not is_table(value):
            self.refuse(key, value, "must be a table")
        return TomlTable(self._file, self._full(key), value)

    def tables(self, key: str) -> list[TomlTable]:
        """Return an array of tables; empty by default."""
        value = self._values.pop(key, [])
        if not is_list(value):
            self.refuse(key, value, f"must be given as [[{key}]]")
        tables: list[TomlTable] = []
        for index, item in enumerate(value):
            if not is_table(item):
                self.refuse(key, item, f"must be given as [[{key}]]")
            tables.append(TomlTable(self._file, f"{key}[{index}]", item))
        return tables

    def finish(self) -> None:
        """Refuse a key nobody asked for: most likely a typing mistake."""
        for key, value in self._values.items():
            self.refuse(key, value, "is not a setting")

    def _full(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key
