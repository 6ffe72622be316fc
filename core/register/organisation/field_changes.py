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

    ``choices``: for the type choice a line each, ``Vietnamese / English``; a choice keeps its key as long as its
    Vietnamese name stays, and one that is left out is retired. A field no longer asked for that is added again, by
    name and type, keeps its key. What kind a field is and whether it is personal stay once it is made, since what was
    recorded is kept by it. Raises as ``lists.add``, with the fields vi, en and choices.
    """
    entry = _category(session, category)
    known = {one.key: one for one in entry.fields}
    before = known.get(wanted.key) if wanted.key else _dropped(wanted, entry.fields)
    if wanted.key and before is None:
        raise NotFound(N_("There is no such entry."))
    key = before.key if before else rules.propose_key(wanted.vi, known)
    kept = replace(wanted, type=before.type, personal=before.personal) if before else wanted
    field = replace(kept, key=key, vi=rules.clean(wanted.vi), en=rules.clean(wanted.en), choices=())
    if field.type == "choice":
        field = replace(field, choices=_choices(choices, before.choices if before else ()))
    _check(field, [one for one in entry.fields if one.key != key and not one.retired])
    fields = tuple({**known, key: field}.values())
    lists.change(session, LIST, replace(entry, fields=fields), act, version=version)
    return key


def drop(session: Session, category: str, key: str, act: Act, *, version: int) -> None:
    """Ask for the field no longer; its values stay with the complaints. Raises as ``put``."""
    entry = _category(session, category)
    fields = tuple(replace(one, retired=True) if one.key == key else one for one in entry.fields)
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
    keys = {fold(one.vi): one.key for one in before}
    found: dict[str, Entry] = {}
    for line in filter(None, (rules.clean(line) for line in lines.splitlines())):
        vi, _slash, en = (part.strip() for part in line.partition(" / "))
        key = keys.get(fold(vi)) or rules.propose_key(vi, {*found, *keys.values()})
        if key not in found:
            found[key] = Entry(key, vi, en or vi)
    gone = (replace(one, retired=True) for one in before if one.key not in found)
    return (*found.values(), *gone)


def _check(field: Field, others: list[Field]) -> None:
    wrong: dict[str, str] = {}
    for name in ("vi", "en"):
        text: str = getattr(field, name)
        if not fold(text):
            wrong[name] = N_("Write the name.")
        elif len(text) > rules.LONGEST_NAME:
            wrong[name] = N_("Shorten the name: at most 80 characters.")
        elif any(fold(text) == fold(getattr(one, name)) for one in others):
            wrong[name] = N_("Another detail of this category has this name.")
    if field.type == "choice" and all(one.retired for one in field.choices):
        wrong["choices"] = N_("Write at least one choice.")
    elif any(len(name) > rules.LONGEST_NAME for one in field.choices for name in (one.vi, one.en)):
        wrong["choices"] = N_("Shorten the name: at most 80 characters.")
    if wrong:
        raise Invalid(next(iter(wrong.values())), wrong)
