"""By what figures are split, in words: the name of each split, of each of its keys, and of what a figure counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

from sqlalchemy import select

from core import catalogues
from core.i18n import day, named
from core.insight import dimensions
from core.insight.contents import FIELD
from core.insight.control_chart import week_words
from core.insight.tally import BUCKETS, PERSON
from core.insight.times import KEYS
from core.insight.walked import EVENT
from core.register.log.database import Register
from core.register.log.tables import Person
from core.rules.masking import mask_name

OWN = (*BUCKETS, PERSON, FIELD, *KEYS, EVENT)
"""Splits that are no dimension."""


def title(split: str) -> str:
    """The name of a split in the reader's language."""
    return named("split", split) if split in OWN else dimensions.title(split)


def names(register: Register, split: str, *, colleagues: bool = True) -> Callable[[str], str]:
    """Key → its name in the reader's language; of a stretch of days its first day → how it is called.

    ``colleagues``: people by name, else by their initials (``core.rules.roles.names_colleagues``).
    """
    if split == PERSON:
        with register.read() as session:
            found = session.execute(select(Person.id, Person.name))
            people = {str(id): name if colleagues else mask_name(name) for id, name in found}
        return lambda key: people.get(key, named("no value", PERSON))
    if split in KEYS or split == EVENT:
        return partial(named, split)
    if split == FIELD:
        categories = catalogues.catalogues().categories.values()
        fields = [field for entry in categories for field in entry.fields]
        return lambda key: dimensions.titled(field for field in fields if field.key == key)
    if split in BUCKETS:
        return lambda key: _stretch(split, date.fromisoformat(key))
    return partial(dimensions.name_of, split)


def _stretch(split: str, first: date) -> str:
    if split == "month":
        return f"{first:%m/%Y}"
    return week_words(first, with_year=True) if split == "week" else day(first)
