"""The data files that come with the product: organisations with their lists and texts, procedures, days off."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType

from core.errors import Invalid, NotFound
from core.i18n import N_, os_reason
from core.rules import answer_text, catalogue
from core.rules.answer_text import Text
from core.rules.catalogue import LISTS, Catalogue, Catalogues
from core.rules.checked import Checked, read_toml, refuse
from core.rules.days import CONFIDENCES, CalendarDays, DayRule
from core.rules.organisation import Organisation
from core.rules.organisation import parse as parse_organisation
from core.rules.procedure import SWAPS, Procedure, parse
from core.rules.procedure import check as check_names

DATA = Path(__file__).resolve().parent.parent / "data"
FIRST, LAST, COMMON = "pops", "empty", "common"
ORDER = (FIRST, "vhv", "misa", "minh-tuan", "dai-huu")
ORGANISATION_FILE, ANSWER_TEXTS_FILE = "organisation.toml", "answer_texts.toml"


@cache
def procedures() -> Mapping[str, Procedure]:
    """Every shipped procedure by key: adding a file to ``data/procedures`` adds a procedure."""
    return read_procedures(DATA / "procedures")


def procedure_texts() -> Mapping[str, str]:
    """The shipped procedure files as text, by key; the register keeps the versions it has taken into use (D9)."""
    return {file.stem: file.read_text(encoding="utf-8") for file in sorted((DATA / "procedures").glob("*.toml"))}


def read_procedures(folder: Path) -> Mapping[str, Procedure]:
    """Every procedure of a folder by key; the file's name is the key."""
    found: dict[str, Procedure] = {}
    for path in sorted(folder.glob("*.toml")):
        procedure = parse(path.read_text(encoding="utf-8"), file=path.name)
        if procedure.key != path.stem:
            raise Invalid("{file}: key must be {key}, like the file's name.", file=path.name, key=path.stem)
        found[procedure.key] = procedure
    return MappingProxyType(found)


def procedure(key: str) -> Procedure:
    """The shipped procedure of that key; ``NotFound`` names the ones there are."""
    try:
        return procedures()[key]
    except KeyError:
        raise NotFound(
            "There is no procedure {key}: choose one of {known}.", key=key, known=", ".join(procedures())
        ) from None


@cache
def organisations() -> Mapping[str, Organisation]:
    """Every shipped organisation by key in the order they are offered in: those of ``ORDER``, others, the empty one."""
    folders = [path for path in (DATA / "organisations").iterdir() if (path / ORGANISATION_FILE).exists()]
    found = {path.name: _organisation(path) for path in sorted(folders)}
    order = sorted(found, key=lambda key: (key == LAST, ORDER.index(key) if key in ORDER else len(ORDER)))
    return MappingProxyType({key: found[key] for key in order})


def organisation(key: str) -> Organisation:
    """The shipped organisation of that key; ``NotFound`` names the ones there are."""
    try:
        return organisations()[key]
    except KeyError:
        raise NotFound(
            N_("There is no organisation “{key}”: choose one of {known}."), key=key, known=", ".join(organisations())
        ) from None


def catalogue_texts(organisation: str = FIRST) -> Mapping[str, str]:
    """The lists an organisation begins with as text, by name: its own, else the common one, else an empty one."""
    return {name: _list_text(DATA / "organisations", organisation, name) for name in LISTS}


@cache
def catalogues(organisation: str = FIRST) -> Catalogues:
    """What a new register of that organisation begins with."""
    lists = _lists(organisation)
    return catalogue.assemble(lists, [procedure(key) for key in organisations()[organisation].procedures])


def answer_texts(organisation: str = FIRST) -> Mapping[str, Text]:
    """The answer texts an organisation begins with, by key; none where it brings none."""
    file = DATA / "organisations" / organisation / ANSWER_TEXTS_FILE
    return answer_text.parse(_text(file) if file.exists() else "", file=f"{organisation}/{ANSWER_TEXTS_FILE}")


@cache
def paper_part(part: str, organisation: str = FIRST) -> str:
    """A part of the papers (``core.rules.papers.PARTS``) as text: the organisation's own, else the common one.

    Empty for the logo, of which none comes with the program.
    """
    first, _dot, key = part.partition(".")
    file = f"{key}.{first}"  # typ.intake_slip is intake_slip.typ
    for place in (organisation, COMMON):
        if (found := DATA / "papers" / place / file).exists():
            return _text(found)
    return ""


def _lists(organisation: str) -> dict[str, Catalogue]:
    texts = catalogue_texts(organisation)
    return {name: catalogue.parse(text, name=name, file=f"{organisation}/{name}.toml") for name, text in texts.items()}


def _organisation(folder: Path) -> Organisation:
    name = f"{folder.name}/{ORGANISATION_FILE}"
    return parse_organisation(_text(folder / ORGANISATION_FILE), key=folder.name, file=name)


def _list_text(folder: Path, organisation: str, name: str) -> str:
    for place in (organisation, COMMON):
        if (file := folder / place / f"{name}.toml").exists():
            return _text(file)
    return ""


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as problem:
        raise Invalid("“{file}” cannot be opened: {reason}.", file=file.name, reason=os_reason(problem)) from problem


def check() -> None:
    """Raise Invalid, naming file, key and reason, when a register could not take the files into use as they are now."""
    procedures = read_procedures(DATA / "procedures")
    for path in sorted((DATA / "organisations").iterdir()):
        if not (path / ORGANISATION_FILE).exists():
            continue
        one = _organisation(path)
        file = f"{path.name}/{ORGANISATION_FILE}"
        for key in one.procedures:
            if key not in procedures:
                refuse(file, "procedures", f"names an unknown procedure “{key}”: use one of {', '.join(procedures)}")
        enabled = [procedures[key] for key in one.procedures]
        known = catalogue.assemble(_lists(path.name), enabled)
        for procedure in enabled:
            check_names(procedure, known, file=f"{procedure.key}.toml")
        texts_file = f"{path.name}/{ANSWER_TEXTS_FILE}"
        answer_text.check(answer_texts(path.name), known.categories, known.channels, file=texts_file)


@cache
def calendar_days(swaps: str = "none", culture_day: bool = True) -> CalendarDays:
    """Vietnam's shipped days as version 1 of a calendar.

    ``swaps``: "government" adds the days the State swapped for civil servants. ``culture_day``: 24/11 is off from 2026.
    """
    return read_calendar(DATA / "calendar", swaps, culture_day)


def read_calendar(folder: Path, swaps: str = "none", culture_day: bool = True) -> CalendarDays:
    """The days of every year file of a folder; years must follow one another without a gap."""
    if swaps not in SWAPS:
        raise Invalid("Swaps are {known}, not {given}.", known=" or ".join(SWAPS), given=swaps)
    days: dict[date, DayRule] = {}
    years: list[int] = []
    for path in sorted(folder.glob("*.toml")):
        top = read_toml(path.read_text(encoding="utf-8"), path.name)
        years.append(top.integer("year", 1976))
        days.update(_days_off(top, culture_day))
        days.update(_swapped(top, swaps == "government"))
        top.done()
    if not years or years != list(range(years[0], years[-1] + 1)):
        raise Invalid("The calendar files must hold one year after another, not {years}.", years=years)
    return CalendarDays(1, years[0], years[-1], days)


def _days_off(top: Checked, culture_day: bool) -> dict[date, DayRule]:
    days: dict[date, DayRule] = {}
    for row in top.tables("off"):
        day, rule = row.day("day"), _rule(row, (), "name", "name_en")
        if not row.flag("culture_day", False) or culture_day:
            days[day] = rule
        row.done()
    return days


def _swapped(top: Checked, wanted: bool) -> dict[date, DayRule]:
    """Days off and the Saturdays worked instead, empty when the organisation does not follow the government's swaps."""
    days: dict[date, DayRule] = {}
    for row in top.tables("swap"):
        source, sure = row.text("source"), row.choice("confidence", CONFIDENCES)
        for key, hours in (("off", ()), ("worked", None)):
            if row.has(key):
                days[row.day(key)] = DayRule(hours, row.text(f"name_{key}"), row.text(f"name_{key}_en"), source, sure)
        row.done()
    return days if wanted else {}


def _rule(row: Checked, hours: tuple[()] | None, name: str, name_en: str) -> DayRule:
    return DayRule(hours, row.text(name), row.text(name_en), row.text("source"), row.choice("confidence", CONFIDENCES))
