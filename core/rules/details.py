"""Values of what a category must know (``core.rules.catalogue.Field``): read as people write them, kept in one form.

A value is kept as text: a whole number and đồng as digits, a moment as ISO 8601 in UTC to the second (D29), a choice as
its key, a text trimmed on one line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from core.errors import Invalid
from core.rules.calendar import LOCAL, whole_second
from core.rules.catalogue import Catalogue, Entry, Field, standing_for
from core.rules.text import fold, keepable, visible

LONGEST = 200  # signs of a text
MOST_DIGITS = 15  # of a number or an amount
MOST_SIGNS = 100  # of a number with the zeros before it
FIRST_YEAR, LAST_YEAR = 2000, 2100  # of a moment; an epoch or a swapped digit lies outside
LEAST_BARE = 1_000  # đồng: below it, “50” without a unit may well mean 50.000

_DIGITS = re.compile(r"\d+")
_POINTS, _COMMAS, _BLANKS = (re.compile(rf"\d{{1,3}}(?:{sign}\d{{3}})+") for sign in (r"\.", ",", " "))
_NO_FRACTION = re.compile(r"[.,]00?")
_MONEY = re.compile(
    r"(?P<number>\d[\d., ]*?) ?(?:(?P<unit>k|nghin|ngan|tr|trieu|ty|ti) ?(?P<rest>\d{1,3})?)? ?(?P<dong>d|dong|vnd)?"
)
_UNITS: Mapping[str, int] = {
    "k": 1_000, "nghin": 1_000, "ngan": 1_000, "tr": 1_000_000, "trieu": 1_000_000, "ty": 10**9, "ti": 10**9,
}  # fmt: skip
_FRACTION = re.compile(r"(\d{1,3})[.,](\d{1,2})")
_DAY = r"(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>\d{4})"
_TIME = r"(?P<hour>\d{1,2})(?::|h|g)(?P<minute>\d{2})(?::(?P<second>\d{2}))?"
_MOMENTS = tuple(re.compile(form) for form in (rf"{_DAY}[ ,]+{_TIME}", rf"{_TIME}[ ,]+(?:ngay )?{_DAY}"))


def fields_of(categories: Catalogue, category: str, *, retired: bool = False) -> dict[str, Field]:
    """What a complaint of ``category`` must know, by key: the fields of its parent, then its own, which win.

    ``retired``: also what it is no longer asked for. A value stays when the complaint moves to another category, so a
    key is personal wherever one category says so.
    """
    entry = categories.get(category)
    if entry is None:
        return {}
    of_parent = categories[entry.parent].fields if entry.parent in categories else ()
    personal = {field.key for one in categories.values() for field in one.fields if field.personal}
    return {
        field.key: field if field.personal or field.key not in personal else replace(field, personal=True)
        for field in (*of_parent, *entry.fields)
        if retired or not field.retired
    }


def fields_of_all(categories: Catalogue, among: Iterable[str], *, retired: bool = False) -> dict[str, Field]:
    """What a complaint about these categories must know (D34), in their order.

    A key that several ask for means what the first of them says.
    """
    found: dict[str, Field] = {}
    for category in among:
        for key, field in fields_of(categories, category, retired=retired).items():
            found.setdefault(key, field)
    return found


def choices_of(categories: Catalogue, among: Collection[str] = ()) -> dict[str, tuple[Field, ...]]:
    """Key → the fields of categories that are a choice under it; none for a key that is personal in any category.

    ``among``: the categories whose fields are meant, with what counts under them and what they are divided from; empty
    for all. A field no longer asked for stays, as its values do.
    """
    wanted = {*standing_for(categories, among), *(categories[key].parent for key in among if key in categories)}
    found: dict[str, tuple[Field, ...]] = {}
    for key, category in categories.items():
        for field in category.fields:
            if field.type == "choice" and (not among or key in wanted):
                found[field.key] = (*found.get(field.key, ()), field)
    personal = {field.key for category in categories.values() for field in category.fields if field.personal}
    return {key: fields for key, fields in found.items() if key not in personal}


def parse(field: Field, text: str) -> str:
    """``text`` as a person writes it → the value as it is kept; empty for nothing typed.

    Raises Invalid with a sentence where it is no such value, or could mean two.
    """
    if keepable(text) != text:
        raise Invalid("The text holds signs that cannot be kept: type it again, or paste it as plain text.")
    tidy = " ".join(visible(unicodedata.normalize("NFKC", text) if field.type != "text" else text).split())
    return _READ[field.type](field, unicodedata.normalize("NFC", tidy)) if tidy else ""


def problem(field: Field, text: str) -> str | None:
    """Why ``text`` is no value of ``field``, as a sentence to be translated; None for one, and for nothing typed."""
    try:
        parse(field, text)
    except Invalid as refused:
        return refused.template
    return None


def is_value(field: Field, value: str) -> bool:
    """Whether ``value``, as it is kept, is one of ``field``: another category may mean something else by its key."""
    if field.type == "money":
        return _DIGITS.fullmatch(value) is not None
    try:
        return parse(field, value) == value != ""
    except Invalid:
        return False


def missing(fields: Iterable[Field], known: Iterable[str], before: str) -> list[Field]:
    """The fields whose values are not among ``known`` and are needed before ``before`` (``intake`` or ``forward``)."""
    needed = ("intake",) if before == "intake" else ("intake", "forward")
    have = set(known)
    return [field for field in fields if field.required in needed and field.key not in have]


def _text(_field: Field, text: str) -> str:
    if len(text) > LONGEST:
        raise Invalid("At most 200 characters fit here: put the rest into the text.")
    return text


def _number(_field: Field, text: str) -> str:
    """Digits, or groups of three with points or blanks between; a comma may be a decimal sign, so it is refused."""
    if not (_DIGITS.fullmatch(text) or _POINTS.fullmatch(text) or _BLANKS.fullmatch(text)):
        raise Invalid("Write a whole number, like 1234 or 1.234.")
    return _short(_joined(text))


def _money(_field: Field, text: str) -> str:
    """Whole đồng: 50.000, 50,000đ, 50k, 1,2tr, 1tr2. One point or comma with three digits groups thousands.

    Đồng has no smaller coin and banks write 50,000 as well as 50.000. With a unit the same signs could be a fraction,
    so 1.234k is refused, and so is a bare number below 1.000, which many write for thousands.
    """
    found = _MONEY.fullmatch(fold(text).replace("₫", "d"))
    if found is None or (found["rest"] and found["unit"] not in ("tr", "trieu", "ty", "ti")):
        raise Invalid("Write an amount in đồng, like 50.000, 50k or 1,2tr.")
    number, unit = found["number"].strip(), _UNITS.get(found["unit"] or "", 1)
    amount = _with_unit(number, unit, found["rest"] or "") if unit > 1 else _dong(number)
    if unit == 1 and not found["dong"] and 0 < amount < LEAST_BARE:
        raise Invalid("Is this đồng or thousands of đồng? Write 500đ or 500k.")
    return _short(str(amount))


def _dong(number: str) -> int:
    """An amount without a unit of thousands; decimals are taken only where they are zeros after groups."""
    if _is_whole(number):
        return _whole(_joined(number))
    whole, decimals = number[:-3], number[-3:]
    groups = _COMMAS if decimals[:1] == "." else _POINTS
    if _NO_FRACTION.fullmatch(decimals) and groups.fullmatch(whole):
        return _whole(_joined(whole))
    raise Invalid("This amount can be read in two ways: write it in full, like 1.200.000.")


def _with_unit(number: str, unit: int, rest: str) -> int:
    """``1,2`` tr, ``1`` tr ``2`` and ``1`` tr ``250`` → đồng."""
    fraction = _FRACTION.fullmatch(number)
    if fraction and not rest:
        whole, decimals = fraction.groups()
    elif _DIGITS.fullmatch(number):
        whole, decimals = number, rest
    else:
        raise Invalid("This amount can be read in two ways: write it in full, like 1.200.000.")
    return _whole(whole) * unit + (int(decimals) * unit // 10 ** len(decimals) if decimals else 0)


def _moment(_field: Field, text: str) -> str:
    """``16/11/2026 09:00``, ``9h05 16/11/2026`` in local time, or ISO 8601, local unless it names its zone."""
    try:
        at = _as_moment(text)
    except (ValueError, OverflowError):
        at = None
    if at is None:
        raise Invalid("Write day and time, like 16/11/2026 09:00.")
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise Invalid("This year cannot be right: check it.")
    return whole_second(at.replace(tzinfo=LOCAL) if at.tzinfo is None else at).isoformat()


def _as_moment(text: str) -> datetime | None:
    for form in _MOMENTS:
        if found := form.fullmatch(fold(text)):
            parts = {name: int(part or 0) for name, part in found.groupdict().items()}
            return datetime(**parts)  # type: ignore[arg-type] # noqa: DTZ001 (local, as its caller says)
    return datetime.fromisoformat(text) if len(text) > len("2026-11-16") else None


def _choice(field: Field, text: str) -> str:
    """A key, or a name in either language without regard to case and accents; of a retired choice if nothing else."""
    if any(text == choice.key for choice in field.choices):
        return text
    named = [choice for choice in field.choices if fold(text) in (fold(choice.vi), fold(choice.en))]
    named = [choice for choice in named if not choice.retired] or named
    if len(named) != 1:
        raise Invalid("Choose one from the list.")
    return named[0].key


_READ: Mapping[str, Callable[[Field, str], str]] = {
    "text": _text,
    "number": _number,
    "money": _money,
    "moment": _moment,
    "choice": _choice,
}


def choice_of(field: Field, value: str) -> Entry | None:
    """The choice that a kept value names."""
    return next((choice for choice in field.choices if choice.key == value), None)


def moment_of(value: str) -> datetime:
    """The instant that a kept value of a moment names, in UTC."""
    return datetime.fromisoformat(value).astimezone(UTC)


def _is_whole(number: str) -> bool:
    return any(form.fullmatch(number) for form in (_DIGITS, _POINTS, _COMMAS, _BLANKS))


def _joined(number: str) -> str:
    return re.sub(r"[., ]", "", number)


def _short(digits: str) -> str:
    value = str(_whole(digits))
    if len(value) > MOST_DIGITS:
        raise Invalid("This number is too large: check its digits.")
    return value


def _whole(digits: str) -> int:
    """The number; Python itself refuses to read thousands of digits, so a few are looked at first."""
    if len(digits) > MOST_SIGNS:
        raise Invalid("This number is too large: check its digits.")
    return int(digits)
