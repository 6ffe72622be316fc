"""Whose register it is: one organisation with the procedures it has enabled (D20)."""

from __future__ import annotations

from dataclasses import dataclass

import tomli_w

from core.rules.catalogue import Field, dump_fields, parse_fields
from core.rules.checked import Checked, read_toml

CUSTOMER_FIELDS = "customer_fields"


@dataclass(frozen=True, slots=True)
class Organisation:
    """``key``: the shipped organisation it was seeded from.

    ``procedures``: keys of those enabled; the first is the one a form begins with. ``former``: keys of those that were
    enabled once, whose complaints go on under them. ``declined``: what an upgrade proposed and nobody wants
    (``core.register.organisation.proposals``). ``known``: what an upgrade proposed and the register that this one was
    imported from had decided about, by the same marks. ``customer_fields``: what is verified of each customer (MISA 2).
    """

    key: str
    name: str
    name_en: str
    procedures: tuple[str, ...]
    former: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    customer_fields: tuple[Field, ...] = ()


def parse(text: str, *, key: str = "", file: str) -> Organisation:
    """The organisation a TOML text describes; ``key``: its own where the text, a shipped file, does not say it.

    Raises Invalid naming file, key and reason.
    """
    top = read_toml(text, file)
    organisation = Organisation(
        top.text("key", key or None),
        top.text("name"),
        top.text("name_en"),
        top.texts("procedures"),
        top.texts("former", []),
        top.texts("declined", []),
        top.texts("known", []),
        _customer_fields(top.table(CUSTOMER_FIELDS)) if top.has(CUSTOMER_FIELDS) else (),
    )
    if not organisation.procedures:
        top.refuse("procedures", "is empty: an organisation works by at least one")
    if both := set(organisation.procedures) & set(organisation.former):
        top.refuse("former", f"names “{min(both)}”, which is enabled")
    top.done()
    return organisation


def dump(organisation: Organisation) -> str:
    """The TOML that ``parse`` reads to the same value."""
    table = {"key": organisation.key, "name": organisation.name, "name_en": organisation.name_en}
    lists = {name: [*getattr(organisation, name)] for name in ("procedures", "former", "declined")}
    known = {"known": [*organisation.known]} if organisation.known else {}  # an older version knows no such key
    fields = {CUSTOMER_FIELDS: dump_fields(organisation.customer_fields)} if organisation.customer_fields else {}
    return tomli_w.dumps(table | lists | known | fields)


def _customer_fields(table: Checked) -> tuple[Field, ...]:
    fields = parse_fields(table)
    for field in fields:
        if field.required:
            table.refuse(f"{field.key}.required", "is of a category's field: nothing waits for what is verified")
    return fields
