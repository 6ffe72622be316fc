"""Moments as foreign files write them: read by the mapping's forms, in the order of day and month of their column."""

from __future__ import annotations

import re
from calendar import month_abbr, month_name
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache

from core.errors import Invalid
from core.i18n import N_
from core.rules.calendar import LOCAL, whole_second

DAY_FIRST, MONTH_FIRST = "day_first", "month_first"
MONTHS, DAYS_ALONE = range(1, 13), range(13, 32)  # numbers of a month or a day; numbers that only a day has
EXAMPLE = datetime(2026, 12, 31, 16, 2, tzinfo=LOCAL)
EXAMPLES = 3  # forms shown in a sentence
NOON, MIDNIGHT = 12, 24
_TIME_ONLY = "HIMSfpz"
_PARTS = {
    "d": r"(?P<d>\d{1,2})",
    "m": r"(?P<m>\d{1,2})",
    "Y": r"(?P<Y>\d{4})",
    "y": r"(?P<y>\d{2})",
    "H": r"(?P<H>\d{1,2})",
    "I": r"(?P<I>\d{1,2})",
    "M": r"(?P<M>\d{1,2})",
    "S": r"(?P<S>\d{1,2})",
    "f": r"(?P<f>\d{1,6})",
    "p": r"(?P<p>AM|PM|SA|CH)",  # Excel writes sáng and chiều as SA and CH where Windows speaks Vietnamese
    "z": r"(?P<z>Z|[+-]\d{2}:?\d{2})",
    "b": r"(?P<b>[^\W\d_]{3})",
    "B": r"(?P<b>[^\W\d_]{3,9})",
    "a": r"[^\W\d_]+",
    "A": r"[^\W\d_]+",
    "%": "%",
}
_MONTHS = {
    name.lower(): n for names in (month_abbr, month_name) for n, name in enumerate(names) if name
}  # English: the program sets no locale
_CENTURY = 69  # two-digit years from here on are of the 1900s, as in POSIX

UNREADABLE = N_("“{text}” cannot be read as a time: write it like {examples}.")
NOT_REAL = N_("“{text}” is no real time: check day, month, hour and minute.")
NARROW = N_("The cell holds “{text}” only: the column was too narrow. Widen it and export the file again.")
SERIAL = N_("“{text}” is a spreadsheet's own number for a time: give the column a date format and export it again.")
SHORT_YEAR = N_(
    "“{text}” has a year of two digits: write all four, like {examples}, or add this way of writing to “formats” in "
    "the mapping."
)
HALF_DAY = N_(
    "“{text}” is written with morning or afternoon (SA/CH, AM/PM): write it like {examples}, or add this way of "
    "writing to “formats” in the mapping."
)
_ODD = (
    (re.compile(r"#+"), NARROW),
    (re.compile(r"\d{4,6}([.,]\d+)?"), SERIAL),
    (re.compile(r".*\d\s*(SA|CH|AM|PM)", re.IGNORECASE), HALF_DAY),
    (re.compile(r"\d{1,2}[/.-](\d{1,2}|[A-Za-z]{3})[/.-]\d{2}(\s.*)?"), SHORT_YEAR),
)


class NoMoment(Exception):
    """A text that is no moment: the template of the sentence that says why."""

    def __init__(self, template: str) -> None:
        self.template = template


@dataclass(frozen=True, slots=True)
class Form:
    """One form of ``[time] formats``, such as ``%d/%m/%Y %H:%M``.

    ``order``: whether day or month comes first, where both are numbers. ``shape``: the part with the date, day and
    month alike, by which forms that differ in their order are found.
    """

    text: str
    pattern: re.Pattern[str]
    order: str
    shape: str

    def read(self, text: str, zone: tzinfo) -> datetime | None:
        """The instant in UTC; None where the text is not written so. ValueError for a day or hour that is none."""
        found = self.pattern.fullmatch(text)
        return None if found is None else _instant(found.groupdict(), zone)

    def proves(self, text: str) -> str:
        """The order that the text can only have been written in; empty where it could be either, or is no date."""
        found = self.pattern.fullmatch(text) if self.order else None
        if found is None:
            return ""
        day, month = int(found["d"]), int(found["m"])
        if day in DAYS_ALONE and month in MONTHS:
            return self.order
        return _other(self.order) if day in MONTHS and month in DAYS_ALONE else ""


def examples(forms: Sequence[Form]) -> str:
    """A moment in each of the first forms: ``“31/12/2026 16:02”``; its day can be no month."""
    return " / ".join(f"“{EXAMPLE.strftime(one.text.strip())}”" for one in forms[:EXAMPLES])


@cache
def form(text: str) -> Form:
    """The form that a mapping writes so; ValueError for one that no time can be read by."""
    letters = re.findall("%(.)", text)
    if unknown := [letter for letter in letters if letter not in _PARTS]:
        raise ValueError(f"%{unknown[0]}")
    date = {letter.lower() for letter in letters if letter in "dmYybB"}
    if not ({"d", "y"} <= date and date & {"m", "b"}) or ("I" in letters) != ("p" in letters):
        raise ValueError(text)
    pattern = re.sub(
        r"%(.)|\s+|[^%\s]+",
        lambda part: _PARTS[part[1]] if part[1] else r"\s+" if part[0].isspace() else re.escape(part[0]),
        text.strip(),
    )
    numeric = [letter for letter in letters if letter in "dm"]
    order = {"dm": DAY_FIRST, "md": MONTH_FIRST}.get("".join(numeric), "")
    shape = re.sub(rf"[\s:.T]*%[{_TIME_ONLY}]", "", text).replace("%d", "%?").replace("%m", "%?").strip()
    return Form(text, re.compile(pattern, re.IGNORECASE), order, shape)


def swapped(forms: Sequence[Form]) -> tuple[Form, Form] | None:
    """Two of the forms whose dates differ in nothing but the order of day and month, if there are any."""
    for n, one in enumerate(forms):
        for other in forms[:n]:
            if one.shape == other.shape and one.order != other.order:
                return other, one
    return None


def read(text: str, forms: Sequence[Form], zone: tzinfo) -> datetime:
    """The instant of ``text`` in UTC, cut to the second (D29); NoMoment with the reason where no form fits."""
    unreal = False
    for one in forms:
        try:
            found = one.read(text, zone)
        except (ValueError, OverflowError):
            unreal = True
        else:
            if found is not None:
                return found
    if unreal:
        raise NoMoment(NOT_REAL)
    raise NoMoment(next((template for odd, template in _ODD if odd.fullmatch(text)), UNREADABLE))


@dataclass
class Orders:
    """What the cells of one column prove about the order of day and month: shape → order → first line and text."""

    column: str
    proofs: dict[str, dict[str, tuple[int, str]]] = field(default_factory=dict)

    def see(self, text: str, line: int, forms: Iterable[Form]) -> None:
        """Take one more cell as evidence."""
        for one in forms:
            if order := one.proves(text):
                self.proofs.setdefault(one.shape, {}).setdefault(order, (line, text))

    def check(self, forms: Iterable[Form], *, file: str) -> None:
        """Invalid, naming the lines that prove it, where the column is not written in the order of the forms."""
        for one in forms:
            proofs = self.proofs.get(one.shape, {})
            if one.order and _other(one.order) in proofs:
                self._refuse(one.order, proofs, file)

    def _refuse(self, order: str, proofs: Mapping[str, tuple[int, str]], file: str) -> None:
        line, text = proofs[_other(order)]
        values = {"file": file, "column": self.column, "line": line, "text": text}
        if order in proofs:
            template = N_(
                "“{file}”, column “{column}”: line {line} (“{text}”) and line {other_line} (“{other}”) do not have day "
                "and month in the same order. Write the whole column in one order and import it again; nothing was "
                "written."
            )
            values["other_line"], values["other"] = proofs[order]
        elif order == DAY_FIRST:
            template = N_(
                "“{file}”, column “{column}”: line {line} (“{text}”) proves that the month comes first, but the "
                "mapping reads the day first. Mend the mapping's forms or the column; nothing was written."
            )
        else:
            template = N_(
                "“{file}”, column “{column}”: line {line} (“{text}”) proves that the day comes first, but the mapping "
                "reads the month first. Mend the mapping's forms or the column; nothing was written."
            )
        raise Invalid(template, None, **values)


def _other(order: str) -> str:
    return MONTH_FIRST if order == DAY_FIRST else DAY_FIRST


def _instant(parts: Mapping[str, str | None], zone: tzinfo) -> datetime:
    hour, rest = _hour(parts)
    moment = datetime(
        _year(parts),
        int(parts.get("m") or _MONTHS.get((parts.get("b") or "").lower(), 0)),
        int(parts["d"] or 0),
        hour,
        int(parts.get("M") or 0),
        int(parts.get("S") or 0),
        int((parts.get("f") or "").ljust(6, "0")) if parts.get("f") else 0,
        tzinfo=_zone(parts.get("z"), zone),
    )
    return whole_second(moment + rest)


def _year(parts: Mapping[str, str | None]) -> int:
    if full := parts.get("Y"):
        return int(full)
    short = int(parts["y"] or 0)
    return short + (1900 if short >= _CENTURY else 2000)


def _hour(parts: Mapping[str, str | None]) -> tuple[int, timedelta]:
    """Hour of the day, and the day that 24:00 adds (ISO 8601: the end of a day is the midnight of the next)."""
    if half := parts.get("I"):
        hour = int(half)
        if not 1 <= hour <= NOON:
            raise ValueError(half)
        is_afternoon = (parts["p"] or "").upper() in ("PM", "CH")
        return hour % NOON + NOON * is_afternoon, timedelta()
    hour = int(parts.get("H") or 0)
    if hour == MIDNIGHT and not int(parts.get("M") or 0) and not int(parts.get("S") or 0):
        return 0, timedelta(days=1)
    return hour, timedelta()


def _zone(text: str | None, zone: tzinfo) -> tzinfo:
    if text is None:
        return zone
    if text.upper() == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))
