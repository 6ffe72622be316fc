"""Catalogues: the keys the register stores and the names people read; keys never change once used, names may (D20)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import tomli_w

from core.rules.checked import Checked, read_toml

if TYPE_CHECKING:
    from core.rules.procedure import Procedure

LONGEST_KEY = 31
KEY = re.compile(rf"[a-z][a-z0-9_]{{1,{LONGEST_KEY - 1}}}")
TYPES = ("text", "number", "money", "moment", "choice")
REQUIRED = ("", "intake", "forward")


@dataclass(frozen=True, slots=True)
class Field:
    """What a category must know: a typed value beside the text of the complaint.

    ``type``: one of ``TYPES`` (money: whole đồng). ``required``: before the complaint is logged (``intake``), before
    it is forwarded (``forward``), or never (empty). ``personal``: masked, kept out of the log and erased.
    ``retired``: no longer asked for; its values are still named, masked and exported, like those of a retired choice.
    """

    key: str
    vi: str
    en: str
    type: str = "text"
    required: str = ""
    personal: bool = False
    choices: tuple[Entry, ...] = ()
    retired: bool = False

    @property
    def offered(self) -> tuple[Entry, ...]:
        """The choices that a form offers."""
        return tuple(one for one in self.choices if not one.retired)


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of a catalogue with its names in both languages.

    ``retired``: no longer offered, still named and counted. ``into``: the entry it was merged into, under which figures
    count it. The rest is known to one catalogue each (``ATTRIBUTES``): ``suits``, the categories a cause explains;
    ``parent``, the category a sub-category belongs to, ``fields``, what it must know, and ``names_people``, whether its
    complaints name the people responsible to the board (MISA 4), ``taken_by``, the only channels it is taken by (VHV
    1); ``written``, whether a channel is answered in writing; ``mailbox`` of a department; ``complaint_days`` and
    ``reply_days``, a product's own complaint period (in the unit of the procedure's) and reply term (working days).
    """

    key: str
    vi: str
    en: str
    retired: bool = False
    into: str = ""
    suits: tuple[str, ...] = ()
    parent: str = ""
    fields: tuple[Field, ...] = ()
    names_people: bool = False
    taken_by: tuple[str, ...] = ()
    written: bool = False
    mailbox: str = ""
    complaint_days: int | None = None
    reply_days: int | None = None


Catalogue = Mapping[str, Entry]
NAMES = ("vi", "en", "retired", "into")
FIELD = ("vi", "en", "type", "required", "personal", "retired")
CHOICES, RETIRED_CHOICES = "choices", "retired_choices"
ATTRIBUTES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "channels": ("written",),
        "categories": ("parent", "fields", "names_people", "taken_by"),
        "departments": ("mailbox",),
        "causes": ("suits",),
        "outcomes": (),
        "breach_reasons": (),
        "platforms": (),
        "products": ("complaint_days", "reply_days"),
        "branches": (),
        "levels": (),
    }
)
"""The catalogues that are lists of their own, and what their entries may say beside names."""
LISTS = tuple(ATTRIBUTES)


@dataclass(frozen=True, slots=True)
class Catalogues:
    """Every list of keys with names that the organisation uses, each in its own order.

    ``procedures`` come from the organisation and its procedures, the others are lists of their own.
    """

    channels: Catalogue
    categories: Catalogue
    departments: Catalogue
    causes: Catalogue
    outcomes: Catalogue
    breach_reasons: Catalogue
    platforms: Catalogue
    products: Catalogue
    branches: Catalogue
    levels: Catalogue
    procedures: Catalogue


def assemble(
    lists: Mapping[str, Catalogue], procedures: Iterable[Procedure], former: Iterable[Procedure] = ()
) -> Catalogues:
    """The whole value: one catalogue for each of ``LISTS``, and the names of the procedures; ``former`` are retired."""
    enabled, retired = tuple(procedures), tuple(former)
    named = procedure_names((*enabled, *retired))
    named |= {one.key: replace(named[one.key], retired=True) for one in retired}
    return Catalogues(**{name: lists[name] for name in LISTS}, procedures=named)


def procedure_names(procedures: Iterable[Procedure]) -> dict[str, Entry]:
    """Key → the procedure's name among these: whose it is, with its own name where an organisation has several."""
    every = tuple(procedures)
    of_organisation = Counter(one.organisation for one in every)
    found = {}
    for one in every:
        names = (one.organisation, one.organisation)
        if of_organisation[one.organisation] > 1:
            names = (f"{one.organisation} · {one.name}", f"{one.organisation} · {one.name_en}")
        found[one.key] = Entry(one.key, *names)
    return found


def offered(catalogue: Catalogue, kept: str | None = None) -> dict[str, Entry]:
    """The entries that a form offers: those in use, and ``kept``, what the complaint says already."""
    return {key: entry for key, entry in catalogue.items() if not entry.retired or key == kept}


def is_offered(catalogue: Catalogue, key: str) -> bool:
    """Whether ``key`` is an entry in use."""
    return key in catalogue and not catalogue[key].retired


def counted_as(catalogue: Catalogue, key: str) -> str:
    """The key under which figures count ``key``: what it was merged into, however often, or itself."""
    seen: list[str] = []
    while (entry := catalogue.get(key)) is not None and entry.into and entry.into not in (key, *seen):
        seen.append(key)
        key = entry.into
    return key


def category_of(categories: Catalogue, key: str) -> str:
    """The category under which figures count ``key``: through merges and over a sub-category, itself otherwise."""
    seen = set[str]()
    while key not in seen:
        seen.add(key)
        key = counted_as(categories, key)
        if key in categories:
            key = categories[key].parent or key
    return key


def names_people(categories: Catalogue, key: str) -> bool:
    """Whether complaints of this category, or of the one it counts under, name the people responsible (MISA 4)."""
    meant = (key, counted_as(categories, key), category_of(categories, key))
    return any(categories[one].names_people for one in meant if one in categories)


def standing_for(catalogue: Catalogue, keys: Collection[str]) -> tuple[str, ...]:
    """Every key that a complaint may say where ``keys`` are meant: merged entries and sub-categories among them."""
    meant = [key for key in catalogue if counted_as(catalogue, key) in keys]
    below = [key for key in catalogue if category_of(catalogue, key) in keys]
    return tuple(dict.fromkeys((*keys, *meant, *below)))


def parse(text: str, *, name: str, file: str) -> dict[str, Entry]:
    """The TOML of catalogue ``name`` (tables ``[key]`` with ``vi``, ``en``, attributes) → entries in the text's order.

    Raises Invalid naming file, key and reason.
    """
    top = read_toml(text, file)
    entries = {key: _entry(key, top.table(key), name) for key in top.left()}
    for entry in entries.values():
        table = Checked(file, entry.key, {})
        for attribute, other in (("into", entry.into), ("parent", entry.parent)):
            if other and (other not in entries or other == entry.key):
                table.refuse(attribute, f"names “{other}”, which is no other entry of this list")
        if entry.parent and entries[entry.parent].parent:
            table.refuse("parent", f"is “{entry.parent}”, itself a sub-category: one level only")
        if entry.into and not entry.retired:
            table.refuse("into", "is of a merged entry: say retired = true too")
    return entries


def dump(entries: Iterable[Entry], name: str) -> str:
    """Entries of catalogue ``name`` as the TOML that ``parse`` reads; what is not set is left out."""
    return tomli_w.dumps({entry.key: _table(entry, ATTRIBUTES[name]) for entry in entries})


def _entry(key: str, table: Checked, name: str) -> Entry:
    if not KEY.fullmatch(key):
        table.refuse("", f"a key is lower-case letters, digits and _, 2 to {LONGEST_KEY} of them")
    known = ATTRIBUTES[name]
    entry = Entry(
        key,
        table.text("vi"),
        table.text("en"),
        retired=table.flag("retired", False),
        into=table.text("into", ""),
        suits=table.texts("suits", []) if "suits" in known else (),
        parent=table.text("parent", "") if "parent" in known else "",
        fields=parse_fields(table.table("fields")) if "fields" in known and table.has("fields") else (),
        names_people=table.flag("names_people", False) if "names_people" in known else False,
        taken_by=tuple(table.texts("taken_by", [])) if "taken_by" in known else (),
        written=table.flag("written", False) if "written" in known else False,
        mailbox=table.text("mailbox", "") if "mailbox" in known else "",
        complaint_days=_days(table, "complaint_days") if "complaint_days" in known else None,
        reply_days=_days(table, "reply_days") if "reply_days" in known else None,
    )
    table.done()
    return entry


def _days(table: Checked, key: str) -> int | None:
    return table.integer(key, 1) if table.has(key) else None


def parse_fields(table: Checked) -> tuple[Field, ...]:
    """The fields of a table whose keys are theirs, in its order; raises Invalid naming file, key and reason."""
    return tuple(_field(key, table.table(key)) for key in table.left())


def _field(key: str, table: Checked) -> Field:
    if not KEY.fullmatch(key):
        table.refuse("", f"a key is lower-case letters, digits and _, 2 to {LONGEST_KEY} of them")
    field = Field(
        key,
        table.text("vi"),
        table.text("en"),
        type=table.choice("type", TYPES),
        required=table.choice("required", REQUIRED, ""),
        personal=table.flag("personal", False),
        choices=(*_choices(table, CHOICES), *_choices(table, RETIRED_CHOICES)),
        retired=table.flag("retired", False),
    )
    if (field.type == "choice") != bool(field.offered) or len({one.key for one in field.choices}) < len(field.choices):
        table.refuse("choices", "are needed for the type choice, and for no other")
    table.done()
    return field


def _choices(field: Checked, which: str) -> tuple[Entry, ...]:
    found: list[Entry] = []
    table = field.table(which) if field.has(which) else Checked("", "", {})
    for key in table.left():
        names = table.texts(key)
        if not KEY.fullmatch(key) or len(names) not in (1, 2):
            table.refuse(key, 'must be a key with its names, like momo = ["Ví MoMo", "MoMo wallet"]')
        found.append(Entry(key, names[0], names[-1], retired=which == RETIRED_CHOICES))
    return tuple(found)


def _table(entry: Entry, attributes: Iterable[str]) -> dict[str, object]:
    table = {name: value for name in (*NAMES, *attributes) if _is_set(value := getattr(entry, name))}
    if entry.fields:
        table["fields"] = dump_fields(entry.fields)
    return table


def dump_fields(fields: Iterable[Field]) -> dict[str, dict[str, object]]:
    """The table that ``parse_fields`` reads to the same fields."""
    return {field.key: _field_table(field) for field in fields}


def _field_table(field: Field) -> dict[str, object]:
    table = {name: value for name in FIELD if _is_set(value := getattr(field, name))}
    retired = tuple(one for one in field.choices if one.retired)
    for name, choices in ((CHOICES, field.offered), (RETIRED_CHOICES, retired)):
        if choices:
            table[name] = {one.key: [one.vi, one.en] if one.vi != one.en else [one.vi] for one in choices}
    return table


def _is_set(value: object) -> bool:
    return value not in ("", (), None, False)
