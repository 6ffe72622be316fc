"""What a category must know, changed by an administrator one field at a time (D20)."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from core.errors import Invalid, NotFound
from core.i18n import N_
from core.register.log.act import Act
from core.register.organisation import entries as rules
from core.register.organisation import lists
from core.rules.catalogue import Entry, Field
from core.rules.text import fold

LIST = "categories"


def put(session: Session, category: str, wanted: Field, choices: str, act: Act, *, version: int) -> str:
    """Add a field to a category, or change the one with the key of ``wanted``; returns its key.

    ``choices``: for the type choice a line each, ``Vietnamese / English``; a choice keeps its key as long as one of its
    names stays, and one without a line is no longer offered. What kind a field is and whether it is personal stay once
    it is made, since what was recorded is kept by it. One that is no longer asked for is asked for again, also where
    it is added anew by name and type. Raises as ``lists.add``, with the fields vi, en and choices.
    """
    entry = _category(session, category)
    known = {one.key: one for one in entry.fields}
    before = known.get(wanted.key) if wanted.key else _dropped(wanted, entry.fields)
    if wanted.key and before is None:
        raise NotFound(N_("There is no such entry."))
    key = before.key if before else rules.propose_key(wanted.vi, known)
    kept = replace(wanted, type=before.type, personal=before.personal) if before else wanted
    vi, en = rules.clean(wanted.vi), rules.clean(wanted.en)
    field = replace(kept, key=key, vi=vi, en=en, choices=(), retired=False)
    if field.type == "choice":
        field = replace(field, choices=_choices(choices, before.choices if before else ()))
    if wrong := rules.field_problems(field, [one for one in entry.fields if one.key != key]):
        raise Invalid(next(iter(wrong.values())), wrong)
    fields = tuple({**known, key: field}.values())
    lists.change(session, LIST, replace(entry, fields=fields), act, version=version)
    return key


def drop(session: Session, category: str, key: str, act: Act, *, version: int) -> None:
    """Ask for the field no longer; its values stay with the complaints, named and masked. Raises as ``put``."""
    entry = _category(session, category)
    fields = tuple(replace(one, retired=one.retired or one.key == key) for one in entry.fields)
    lists.change(session, LIST, replace(entry, fields=fields), act, version=version)


def _dropped(wanted: Field, fields: tuple[Field, ...]) -> Field | None:
    """The field that was asked for under this name and type until it was dropped."""
    kind = (wanted.type, wanted.personal, fold(wanted.vi))
    return next((one for one in fields if one.retired and (one.type, one.personal, fold(one.vi)) == kind), None)


def _category(session: Session, key: str) -> Entry:
    found = lists.current(session, LIST).get(key)
    if found is None:
        raise NotFound(N_("There is no such entry."))
    return found


def _choices(lines: str, before: tuple[Entry, ...]) -> tuple[Entry, ...]:
    known = {one.key: one for one in before}
    by_name = {name: {fold(getattr(one, name)): one.key for one in before} for name in ("vi", "en")}
    found: dict[str, Entry] = {}
    for line in filter(None, (rules.clean(line) for line in lines.splitlines())):
        vi, _slash, en = (part.strip() for part in line.partition(" / "))
        kept = by_name["vi"].get(fold(vi)) or by_name["en"].get(fold(en or vi))
        key = kept or rules.propose_key(vi, {*found, *known})
        if key not in found:
            found[key] = Entry(key, vi, en or vi)
    gone = (replace(one, retired=True) for key, one in known.items() if key not in found)
    return (*found.values(), *gone)
