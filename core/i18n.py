"""The reader's language: gettext catalogues, and numbers, dates and durations as that reader writes them."""

from __future__ import annotations

import errno
import gettext as gnu
import re
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Literal, get_args

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from core.errors import PopsError, Unavailable
from core.rules.calendar import LOCAL, ensure_aware
from core.rules.marks import one_line

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
LANGUAGE_NAMES = {"vi": "Tiếng Việt", "en": "English"}
LOCALE_DIR = Path(__file__).parent / "locale"
_language: ContextVar[Language] = ContextVar("language", default="vi")


def use(language: str) -> None:
    """Use ``language`` in this thread or task from now on; anything unknown means Vietnamese."""
    _language.set("en" if language == "en" else "vi")


def language() -> Language:
    """The language in use here."""
    return _language.get()


@cache
def _catalogue(language: Language) -> gnu.NullTranslations:
    files = sorted((LOCALE_DIR / language).glob("*.po"))
    if not files:
        return gnu.NullTranslations()
    whole = Catalog(locale=language)
    for file in files:
        with file.open("rb") as lines:
            for message in read_po(lines, locale=language):
                if message.id:
                    whole[message.id] = message
    compiled = BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return gnu.GNUTranslations(compiled)


def gettext(message: str) -> str:
    """``message`` in the language in use."""
    return unbroken(_catalogue(_language.get()).gettext(message))


def by_language(message: str) -> dict[str, str]:
    """Language → ``message`` in it, for what is kept as it was said."""
    return {language: unbroken(_catalogue(language).gettext(message)) for language in LANGUAGES}


def in_all_languages(message: str) -> frozenset[str]:
    """``message`` as every language says it, for what the program wrote and reads back."""
    return frozenset(_catalogue(language).gettext(message) for language in LANGUAGES)


def ngettext(one: str, many: str, n: int) -> str:
    """``one`` or ``many`` in the language in use."""
    return unbroken(_catalogue(_language.get()).ngettext(one, many, n))


def named(vocabulary: str, key: str, read_in: Language | None = None) -> str:
    """The name of ``key``: a state, step, role, verdict, column … (``locale/*/names.po``).

    In the language in use, or in ``read_in`` where whoever reads it reads another. ``vocabulary`` is the entry's
    msgctxt. A key without a name is shown as it is; ``tests/test_consumers.py`` lists those.
    """
    return _catalogue(read_in or _language.get()).pgettext(vocabulary, key)


def N_(message: str) -> str:
    """Mark ``message`` for the catalogue without translating it here (tables, error templates)."""
    return message


def sentence(error: PopsError) -> str:
    """The error's sentence in the language in use."""
    return gettext(error.template).format(**error.values)


def advice(error: PopsError) -> str:
    """One line for whoever runs the register, what to do: the error's advice where it has one, else its sentence."""
    template = error.advice if isinstance(error, Unavailable) else error.template
    return one_line(gettext(template).format(**error.values))


OF_SYSTEM = {
    errno.ENOSPC: N_("the disk is full"),
    errno.EDQUOT: N_("the disk is full"),
    errno.EACCES: N_("this user has no right to it"),
    errno.EPERM: N_("this user has no right to it"),
    errno.EROFS: N_("the disk can only be read"),
    errno.ENOENT: N_("there is no such file or folder"),
    errno.EEXIST: N_("there is such a file already"),
    errno.EISDIR: N_("it is a folder"),
    errno.ENOTDIR: N_("a part of its path is no folder"),
}


def os_reason(error: OSError) -> str:
    """What the system said about a file, in the language in use; a rare reason in the system's own words."""
    template = OF_SYSTEM.get(error.errno or 0)
    return gettext(template) if template else error.strerror or type(error).__name__


def of_terminal(environ: Mapping[str, str]) -> Language:
    """The language of a terminal: Vietnamese where LC_ALL, LC_MESSAGES or LANG says so, else English."""
    chosen = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    return "vi" if chosen.startswith("vi") else "en"


def label(vi: str, en: str) -> str:
    """The label that fits the language in use, for names stored as data in both languages."""
    return en if _language.get() == "en" else vi


def number(value: float, digits: int = 0) -> str:
    """``1234.5`` → ``1.234,5`` in Vietnamese, ``1,234.5`` in English; ``digits`` after the point."""
    return _number(value, digits, _language.get())


@lru_cache(maxsize=8192)  # babel takes 50 µs for each, and a page of figures writes hundreds
def _number(value: float, digits: int, language: Language) -> str:
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return format_decimal(value, format=pattern, locale=language)


MOST_DIGITS = 4  # of a share behind the point: one of a million


def percent(share: float | None, digits: int = 0) -> str:
    """``0.83`` → ``83 %``, which no line breaks; no obligations (None) is a dash, never 100 %.

    What is neither all nor nothing is never rounded to it: ``0.996`` → ``99.6 %``.
    """
    if share is None:
        return "–"
    while 0 < share < 1 and round(share * 100, digits) in (0, 100) and digits < MOST_DIGITS:
        digits += 1
    return unbroken(f"{number(share * 100, digits)} %")


_SIGN = re.compile(r"(?<=\d) %")


def unbroken(text: str) -> str:
    """``text`` with each percent sign kept on the line of its number by a no-break space (U+00A0)."""
    return _SIGN.sub("\u00a0%", text) if " %" in text else text


WEEKDAYS = {
    "vi": ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


def day(value: date) -> str:
    """``20/11/2026`` in both languages (D12)."""
    return value.strftime("%d/%m/%Y")


def short_day(value: date, now: datetime) -> str:
    """``20/11``; with its year, ``20/11/2025``, where that is not the local year of ``now``."""
    return value.strftime("%d/%m" if value.year == ensure_aware(now).astimezone(LOCAL).year else "%d/%m/%Y")


def moment(value: datetime) -> str:
    """``20/11/2026 16:02`` on the local clock (D12)."""
    return ensure_aware(value).astimezone(LOCAL).strftime("%d/%m/%Y %H:%M")


def short_moment(value: datetime, now: datetime) -> str:
    """``20/11 16:02`` on the local clock; with its year where ``short_day`` has it."""
    local = ensure_aware(value).astimezone(LOCAL)
    return f"{short_day(local.date(), now)} {local:%H:%M}"


def short_due(value: datetime, now: datetime) -> str:
    """``short_moment`` of the end of a term; at midnight ``hết 19/11``, the day before (as ``due_words``)."""
    local = ensure_aware(value).astimezone(LOCAL)
    if local.time() == time(0):
        return gettext("end of {day}").format(day=short_day(local.date() - timedelta(days=1), now))
    return short_moment(local, now)


SHORT_WEEKDAYS = {
    "vi": ("T2", "T3", "T4", "T5", "T6", "T7", "CN"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}


def near_due(value: datetime, now: datetime) -> str:
    """``hôm nay 17:30``, ``mai 09:00``, ``T4 25/11 17:30``; at midnight ``hết hôm nay``, ``hết T4 25/11``."""
    local = ensure_aware(value).astimezone(LOCAL)
    if local.time() == time(0):
        return gettext("end of {day}").format(day=near_day(value, now))
    return f"{near_day(value, now)} {local:%H:%M}"


def near_day(value: datetime, now: datetime) -> str:
    """The day on which a term ends, as ``near_due`` says it; at midnight the day before."""
    local, today = ensure_aware(value).astimezone(LOCAL), ensure_aware(now).astimezone(LOCAL).date()
    on = local.date() - timedelta(days=1) if local.time() == time(0) else local.date()
    if on == today:
        return gettext("today")
    if on == today + timedelta(days=1):
        return gettext("tomorrow")
    return f"{SHORT_WEEKDAYS[_language.get()][on.weekday()]} {short_day(on, now)}"


def due_words(value: datetime, read_in: Language | None = None) -> str:
    """``17:30 thứ Ba 24/11/2026``; a term that ends at midnight reads ``hết thứ Tư 23/10/2026``.

    ``read_in``: the language of whoever reads it, where that is not the language in use.
    """
    local = ensure_aware(value).astimezone(LOCAL)
    spoken = read_in or _language.get()
    weekdays = WEEKDAYS[spoken]
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        last = date.fromordinal(local.date().toordinal() - 1)
        template = _catalogue(spoken).gettext("end of {weekday} {day}")
        return template.format(weekday=weekdays[last.weekday()], day=day(last))
    return f"{local:%H:%M} {weekdays[local.weekday()]} {day(local.date())}"
