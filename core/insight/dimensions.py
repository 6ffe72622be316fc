"""By what figures are narrowed and split: each dimension declared once, with its keys in their own order.

Everything that knows dimensions reads this table: the columns of the facts, the filter and its bar, the splits of the
SLA page, the coded columns of exports. Names are in ``core/locale/*/names.po``: of a dimension under ``dimension``, of
"no value" under ``no value``, of its keys under the dimension's own key unless a catalogue of the organisation names
them. Beside the table stands a dimension ``field_KEY`` for each choice that the categories in use must know
(``of_fields``), shared by all categories that name that key, as its column of exports is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from core import catalogues
from core.catalogues import name_of as name_in
from core.i18n import label, named
from core.rules.catalogue import Catalogue, Catalogues, Entry, Field, category_of, counted_as
from core.rules.details import choices_of
from core.rules.marks import visible
from core.rules.procedure import RATED
from core.rules.steps import State
from core.rules.verdicts import Verdict

NONE = "none"  # the key that stands for "no value yet", so that such rows can be named in a URL too
AGES = ("0", "1", "3", "7", "14", "30")  # each bucket of open complaints by the whole days it starts at
FIELD = "field_"
"""What the key of a dimension or column for a field of the categories begins with."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension of the figures.

    ``source``: the catalogue that lists and names its keys, or the keys themselves. ``column``: a column of the
    complaints. ``within``: the dimension whose entries it divides, from whose column its own is made. ``carried``:
    copied from the complaint to each of its SLA cycles. ``of_cycles``: each of these has its own. ``filter``: the
    filter bar and the URL narrow by it (which needs a column, carried). ``split``: its place among the splits of the
    SLA page (which needs ``filter``), None for none. ``optional``: a row may be without a value, and the filter bar
    offers that. ``fields``: the fields of categories that it stands for.
    """

    key: str
    source: tuple[str, ...] | Callable[[Catalogues], Catalogue]
    column: bool = True
    carried: bool = True
    of_cycles: bool = False
    filter: bool = False
    split: int | None = None
    optional: bool = False
    within: str = ""
    fields: tuple[Field, ...] = ()


DIMENSIONS: Mapping[str, Dimension] = {
    dimension.key: dimension
    for dimension in (
        Dimension("procedure", lambda all: all.procedures, filter=True, split=4),
        Dimension("category", lambda all: all.categories, filter=True, split=1),
        Dimension("subcategory", lambda all: all.categories, filter=True, optional=True, within="category"),
        Dimension("channel", lambda all: all.channels, filter=True, split=2),
        Dimension("department", lambda all: all.departments, filter=True, split=3, optional=True),
        Dimension("level", lambda all: all.levels, filter=True, optional=True),
        Dimension("kind", ("complaint", "inquiry"), filter=True, optional=True),
        Dimension("product", lambda all: all.products, optional=True),
        Dimension("platform", lambda all: all.platforms, optional=True),
        Dimension("branch", lambda all: all.branches, filter=True, optional=True),
        Dimension("state", tuple(state.value for state in State), carried=False),
        Dimension("outcome", lambda all: all.outcomes, carried=False, optional=True),
        Dimension("root_cause", lambda all: all.causes, carried=False, optional=True),
        Dimension("breach_reason", lambda all: all.breach_reasons, carried=False, of_cycles=True, optional=True),
        Dimension("stage", RATED, column=False, carried=False),
        Dimension("verdict", tuple(verdict.value for verdict in Verdict), column=False, carried=False),
    )
}
COLUMNS = tuple(one.key for one in DIMENSIONS.values() if one.column)
STORED = tuple(key for key in COLUMNS if not DIMENSIONS[key].within)
CARRIED = tuple(one.key for one in DIMENSIONS.values() if one.carried)
OF_CYCLES = tuple(one.key for one in DIMENSIONS.values() if one.of_cycles)
FILTERS = tuple(one.key for one in DIMENSIONS.values() if one.filter)
SPLITS = tuple(sorted((key for key in FILTERS if DIMENSIONS[key].split), key=lambda key: DIMENSIONS[key].split or 0))


def of_fields(categories: Catalogue, among: Collection[str] = ()) -> dict[str, Dimension]:
    """A dimension for each choice that categories must know; ``among`` as in ``details.choices_of``."""
    return {f"{FIELD}{key}": _of_field(key, fields) for key, fields in choices_of(categories, among).items()}


def _of_field(key: str, fields: tuple[Field, ...]) -> Dimension:
    choices: dict[str, Entry] = {}
    for choice in (choice for field in fields for choice in field.choices):
        if choice.key not in choices or choices[choice.key].retired:
            choices[choice.key] = choice
    return Dimension(f"{FIELD}{key}", lambda _all: choices, filter=True, optional=True, fields=fields)


def get(dimension: str, among: Collection[str] = ()) -> Dimension:
    """The dimension of that key; ``among`` as in ``of_fields``. KeyError where there is none."""
    found = DIMENSIONS.get(dimension)
    return found or of_fields(catalogues.catalogues().categories, among)[dimension]


def choices_in(category: str | None) -> tuple[str, ...]:
    """The dimensions of the choices that the category must know; none without one."""
    return tuple(of_fields(catalogues.catalogues().categories, [category])) if category else ()


def filters() -> tuple[str, ...]:
    """By what figures can be narrowed now: ``FILTERS``, then the choices of the categories."""
    return (*FILTERS, *of_fields(catalogues.catalogues().categories))


def keys(dimension: str, among: Collection[str] = ()) -> tuple[str, ...]:
    """The keys under which figures count, in the order of the catalogue: retired ones too, none that was merged.

    ``among``: of a field, those that it has in these categories.
    """
    found = get(dimension, among)
    if isinstance(found.source, tuple):
        return found.source
    entries = found.source(catalogues.catalogues())
    below = bool(found.within)
    return tuple(key for key, one in entries.items() if not one.into and bool(one.parent) is below)


class Counted(NamedTuple):
    """Under which keys figures count the entries of the lists (D20): of a dimension, key → key where they differ.

    ``merged``: what an entry was merged into. ``above``: the category a sub-category belongs to, by the dimension that
    divides it. ``choices``: dimension of a field → its keys, in the order of the keys. ``amounts``: the keys of fields
    that hold amounts of money; ``personal``: those of them that tell of a person.
    """

    merged: Mapping[str, Mapping[str, str]]
    above: Mapping[str, Mapping[str, str]]
    choices: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    amounts: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()


def counted(all: Catalogues) -> Counted:
    """How figures count under these catalogues."""
    merged, above = dict[str, Mapping[str, str]](), dict[str, Mapping[str, str]]()
    for key, dimension in DIMENSIONS.items():
        if isinstance(dimension.source, tuple):
            continue
        entries = dimension.source(all)
        into = {one: counted_as(entries, one) for one, entry in entries.items() if entry.into}
        if dimension.within:
            below = (one for one, entry in entries.items() if entry.parent and not entry.into)
            above[key] = {one: category_of(entries, one) for one in below}
        elif into:
            merged[key] = into
    above = {key: parents for key, parents in above.items() if parents}
    fields = of_fields(all.categories)
    choices = {key: tuple(one.key for field in fields[key].fields for one in field.choices) for key in sorted(fields)}
    asked = [field for entry in all.categories.values() for field in entry.fields if field.type == "money"]
    personal = {field.key for field in asked if field.personal}
    return Counted(merged, above, choices, tuple(sorted({field.key for field in asked})), tuple(sorted(personal)))


def key_of(dimension: str, key: str) -> str:
    """The key under which figures count ``key``."""
    source = DIMENSIONS[dimension].source
    return key if isinstance(source, tuple) else counted_as(source(catalogues.catalogues()), key)


def asked(dimension: str, wanted: Collection[str]) -> tuple[str, ...]:
    """The keys of a dimension that ``wanted`` mean, ``NONE`` among them, in order.

    A merged entry means its target, a sub-category among the categories the one it belongs to.
    """
    found = get(dimension)
    source, within = found.source, found.within
    if not isinstance(source, tuple):
        entries = source(catalogues.catalogues())
        wanted = {counted_as(entries, key) for key in wanted}
        if not within:
            wanted = {category_of(entries, key) for key in wanted}
    return tuple(key for key in (*keys(dimension), NONE) if key in wanted)


def choices(dimension: str) -> tuple[str, ...]:
    """``keys``, and ``NONE`` where a row may be without a value."""
    return (*keys(dimension), NONE) if get(dimension).optional else keys(dimension)


def offers(dimension: str, used: Collection[str]) -> tuple[str, ...]:
    """``choices`` without the retired entries that no row has; ``used``: the keys that rows have."""
    source = get(dimension).source
    entries = {} if isinstance(source, tuple) else source(catalogues.catalogues())
    return tuple(key for key in choices(dimension) if key in used or key not in entries or not entries[key].retired)


def title(dimension: str, among: Collection[str] = ()) -> str:
    """The dimension's name in the reader's language; of a field by the names that it has ``among`` these categories."""
    if fields := get(dimension, among).fields:
        return titled(fields)
    return named("dimension", dimension)


def amounts() -> tuple[str, ...]:
    """The keys of the fields that hold amounts of money, under the catalogues in use."""
    return counted(catalogues.catalogues()).amounts


def titled(fields: Iterable[Field]) -> str:
    """The name of a key that several categories must know, in the reader's language: each of its names once."""
    return " / ".join(dict.fromkeys(visible(label(field.vi, field.en)) for field in fields))


def name_of(dimension: str, key: str | None) -> str:
    """The key's name in the reader's language; words for no value, the key itself for one no longer listed."""
    found = get(dimension)
    if key is None or key == NONE:
        return named("no value", "field" if found.fields else dimension if found.optional else NONE)
    if isinstance(found.source, tuple):
        return named(dimension, key)
    return name_in(found.source(catalogues.catalogues()), key)
