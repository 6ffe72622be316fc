"""Reading a table of a shipped or edited TOML file so that every complaint names the file, the key and the reason."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from datetime import date
from typing import NoReturn, TypeVar

from core.errors import Invalid

Value = TypeVar("Value")


def refuse(file: str, key: str, reason: str) -> NoReturn:
    """Raise ``Invalid`` with the file, the key's full path and the reason."""
    raise Invalid("{file}: {key} {reason}.", file=file, key=key, reason=reason)


class Checked:
    """One TOML table, read key by key; ``done`` refuses keys that were not read, so that no typo is ignored.

    Every reader takes its key off the table and refuses a missing or ill-typed value; ``default`` makes a key optional.
    """

    def __init__(self, file: str, at: str, data: object) -> None:
        self.file, self.at = file, at
        if not isinstance(data, dict):
            self.refuse("", "must be a table")
        self._left: dict[str, object] = dict(data)

    def refuse(self, key: str, reason: str) -> NoReturn:
        """Raise ``Invalid`` with the file, the key's full path and the reason."""
        name = ".".join(part for part in (self.at, key) if part) or "the file"
        refuse(self.file, name, reason)

    def has(self, key: str) -> bool:
        """Whether the key is there and not read yet."""
        return key in self._left

    def left(self) -> list[str]:
        """The keys that are not read yet, in the file's order."""
        return list(self._left)

    def _take(self, key: str, kind: type[Value], wanted: str, default: Value | None) -> Value:
        if key not in self._left:
            if default is None:
                self.refuse(key, f"is missing ({wanted})")
            return default
        value = self._left.pop(key)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.refuse(key, f"must be {wanted}, not {value!r}")
        return value

    def text(self, key: str, default: str | None = None) -> str:
        """A text that is not blank."""
        value = self._take(key, str, "a text", default)
        if not value.strip() and default is None:
            self.refuse(key, "must not be empty")
        return value

    def choice(self, key: str, among: Collection[str], default: str | None = None) -> str:
        """A text that is one of ``among``."""
        value = self.text(key, default)
        if value not in among:
            self.refuse(key, f"must be one of {', '.join(among)}, not {value!r}")
        return value

    def integer(self, key: str, least: int, default: int | None = None) -> int:
        """A whole number not below ``least``."""
        value = self._take(key, int, "a whole number", default)
        if value < least:
            self.refuse(key, f"must be at least {least}, not {value}")
        return value

    def fraction(self, key: str) -> float:
        """A share strictly between 0 and 1."""
        value = float(self._take(key, float, "a share between 0 and 1", None))
        if not 0 < value < 1:
            self.refuse(key, f"must be a share between 0 and 1, not {value}")
        return value

    def flag(self, key: str, default: bool | None = None) -> bool:
        """True or false."""
        return self._take(key, bool, "true or false", default)

    def day(self, key: str) -> date:
        """A date written bare, without quotes."""
        return self._take(key, date, "a date like 2026-11-24", None)

    def texts(self, key: str, default: list[str] | None = None) -> tuple[str, ...]:
        """A list of texts, none of them twice."""
        values = self._take(key, list, "a list of texts", default)
        if not all(isinstance(value, str) and value for value in values):
            self.refuse(key, f"must be a list of texts, not {values!r}")
        if len(set(values)) < len(values):
            self.refuse(key, "names something twice")
        return tuple(values)

    def integers(self) -> dict[str, int]:
        """Every remaining key, each with a whole number of at least 1."""
        return {key: self.integer(key, 1) for key in self.left()}

    def pairs(self) -> dict[str, str]:
        """Every remaining key, each with a text."""
        return {key: self.text(key) for key in self.left()}

    def table(self, key: str) -> Checked:
        """A table inside this one."""
        return Checked(self.file, self._path(key), self._take(key, dict, "a table", None))

    def tables(self, key: str) -> list[Checked]:
        """A list of tables, empty when the key is missing; they are numbered from 1 in complaints."""
        rows = self._take(key, list, "a list of tables", [])
        return [Checked(self.file, f"{self._path(key)}[{i}]", row) for i, row in enumerate(rows, 1)]

    def skip(self, key: str) -> None:
        """Take the key off without looking at its value."""
        self._left.pop(key, None)

    def done(self) -> None:
        """Refuse whatever has not been read."""
        for key in self._left:
            self.refuse(key, "is not known here: check its spelling")

    def _path(self, key: str) -> str:
        return f"{self.at}.{key}" if self.at else key


def read_toml(text: str, file: str) -> Checked:
    """The whole file as a table; broken TOML is refused with its line."""
    try:
        return Checked(file, "", tomllib.loads(text))
    except tomllib.TOMLDecodeError as broken:
        raise Invalid("{file}: this is not valid TOML: {reason}.", file=file, reason=str(broken)) from None
