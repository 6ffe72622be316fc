"""The values of what a complaint's category must know, each with the field that says what it means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from core.rules.catalogue import Catalogue, Field
from core.rules.details import fields_of, fields_of_all, is_value
from core.rules.masking import HIDDEN


@dataclass(frozen=True, slots=True)
class Value:
    """One value for one reader.

    ``value``: as it is kept; empty where it is not known, ``HIDDEN`` where the reader may not see it. ``is_other``: the
    category the complaint has now does not ask for it.
    """

    field: Field
    value: str
    is_other: bool = False

    def masked(self) -> Value:
        """The same for somebody who may not know the person."""
        return replace(self, value=HIDDEN) if self.value and self.field.personal else self


def of_case(
    categories: Catalogue, among: Sequence[str], known: Mapping[str, str], personal: Iterable[str] = ()
) -> tuple[Value, ...]:
    """What the categories ``among`` (of the complaint, then of its further issues, D34) must know, known or not.

    In their order; then what is known besides. ``known``: field → value as it is kept. ``personal``: the fields whose
    values are kept as evidence.
    """
    category, fields = among[0], fields_of_all(categories, among)
    own = {key: known[key] for key, field in fields.items() if key in known and is_value(field, known[key])}
    found = [Value(_kept(field, personal), own.get(key, "")) for key, field in fields.items()]
    others = ((key, value) for key, value in known.items() if key not in own)
    return (*found, *(Value(field_for(categories, category, *one, personal), one[1], True) for one in others))


def field_for(categories: Catalogue, category: str, key: str, value: str, personal: Iterable[str] = ()) -> Field:
    """The field ``key`` that gives ``value`` a meaning: of ``category``, else of any other, else a text by its key."""
    named = [fields_of(categories, one, retired=True).get(key) for one in (category, *categories)]
    fitting = (field for field in named if field is not None and (not value or is_value(field, value)))
    return _kept(next(fitting, Field(key, key, key)), personal)


def _kept(field: Field, personal: Iterable[str]) -> Field:
    """Personal as well where the value is kept so, whatever the list says now."""
    return replace(field, personal=True) if field.key in personal else field
