"""Changes of the organisation's lists by an administrator: looked at first, then one transaction and one event each.

A key once used never goes: an entry is renamed, retired (no longer offered, still named and counted) or merged into
another, under which every figure counts it from then on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, String, case, func, select, type_coerce, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.errors import Conflict, Invalid, NotFound
from core.i18n import N_
from core.register import rulebook
from core.register.log.act import Act
from core.register.log.tables import OPEN, Complaint, Issue, Person, Request, SlaCycle
from core.register.organisation import entries as rules
from core.register.organisation.entries import Problem
from core.register.people import accounts
from core.register.rulebook import Change
from core.rules.catalogue import ATTRIBUTES, NAMES, Catalogue, Entry, Field, counted_as, is_offered

COLUMNS: Mapping[str, InstrumentedAttribute[str] | InstrumentedAttribute[str | None]] = {
    "channels": Complaint.channel,
    "categories": Complaint.category,
    "departments": Request.department,
    "causes": Complaint.root_cause,
    "outcomes": Complaint.outcome,
    "breach_reasons": SlaCycle.breach_reason,
    "platforms": Complaint.platform,
    "products": Complaint.product,
    "branches": Complaint.branch,
    "levels": Complaint.level,
}
"""Where a complaint, a promise of it or a question to a department names an entry of each list."""
OF_ISSUES = {"categories": Issue.category, "causes": Issue.root_cause, "outcomes": Issue.outcome}
"""Where a further issue of a complaint does (D34)."""
OF_PEOPLE = {"departments": Person.department, "branches": Person.branch}
ADDED, POSITION, FIELD = "added", "position", "field"
"""What a ``Change`` is of, beside the attributes of an entry."""


@dataclass(frozen=True, slots=True)
class Used:
    """How many complaints say an entry, how many of them are open, and how many active people belong to it."""

    complaints: int = 0
    open: int = 0
    people: int = 0


def current(session: Session, name: str) -> Catalogue:
    """The list as it stands."""
    found: Catalogue = getattr(rulebook.catalogues(session), name)
    return found


def version(session: Session, name: str) -> int:
    """The version of the list, which whoever changes it hands back."""
    return rulebook.version_of(session, "catalogue", name)


def used(session: Session, name: str, entries: Catalogue | None = None) -> dict[str, Used]:
    """Key → how it is used now; an entry that nothing says is not in it.

    ``entries``: the list, to count each entry together with what was merged into it, as figures do; a merged one keeps
    its own count.
    """
    found = _counted(session, name, {})
    into = {key: counted_as(entries, key) for key, one in entries.items() if one.into} if entries else {}
    if into:
        together = _counted(session, name, into)
        found |= {key: together[key] for key in {*into.values()} & {*together}}
    for key, people in people_of(session, name).items():
        found[key] = replace(found.get(key, Used()), people=people)
    return found


def _counted(session: Session, name: str, into: Mapping[str, str]) -> dict[str, Used]:
    """Key → the complaints that say it, each once; ``into``: merged entry → under which one it is counted."""
    column = COLUMNS[name]
    saying = _saying(column, into)
    if column.class_ in (SlaCycle, Request):
        saying = _each_once(saying, column)
    if name in OF_ISSUES:
        of_issue, own = OF_ISSUES[name], _counted_as(column, into)
        more = _each_once(_saying(of_issue, into), of_issue)
        others = more.where(_counted_as(of_issue, into).is_distinct_from(own)).subquery().c
        rows = union_all(saying, select(others.key, others.is_open)).subquery().c
    else:
        rows = saying.subquery().c
    counted = select(rows.key, func.count(), func.sum(rows.is_open)).group_by(rows.key)
    return {str(key): Used(every, is_open) for key, every, is_open in session.execute(counted)}


def _saying(column: InstrumentedAttribute[Any], into: Mapping[str, str]) -> Select[*tuple[Any, ...]]:
    is_open: ColumnElement[int] = case((OPEN, 1), else_=0)
    key = type_coerce(_counted_as(column, into), String)
    return select(key.label("key"), is_open.label("is_open")).where(column.is_not(None))


def _counted_as(column: InstrumentedAttribute[Any], into: Mapping[str, str]) -> SQLColumnExpression[Any]:
    return case(dict(into), value=column, else_=column) if into else column


def _each_once(saying: Select[*tuple[Any, ...]], column: InstrumentedAttribute[Any]) -> Select[*tuple[Any, ...]]:
    """Of a table of which several rows of one complaint may say the same."""
    beside = column.class_
    return saying.add_columns(Complaint.id).join(Complaint, Complaint.id == beside.complaint_id).distinct()


def people_of(session: Session, name: str) -> dict[str, int]:
    """Key → how many active people belong to it; empty for lists that nobody belongs to."""
    if name not in OF_PEOPLE:
        return {}
    column = OF_PEOPLE[name]
    counted = select(column, func.count()).where(Person.active, column.is_not(None)).group_by(column)
    return {str(key): count for key, count in session.execute(counted)}


def add(session: Session, name: str, wanted: Entry, act: Act, *, version: int) -> str:
    """Add an entry at the end of the list, before “other” (``entries.with_new``); returns its key.

    The key is made from the Vietnamese name; ``wanted.key`` is ignored.

    Raises NotAllowed, Conflict, and Invalid with what to mend per field (names and attributes of ``Entry``).
    """
    before = _opened(session, name, act, version)
    key = rules.propose_key(wanted.vi, before)
    entry = rules.cleaned(replace(wanted, key=key, retired=False, into=""))
    _write(session, name, before, rules.with_new(before, entry), act)
    return key


def change(session: Session, name: str, wanted: Entry, act: Act, *, version: int, position: int | None = None) -> None:
    """Give the entry ``wanted.key`` these names and attributes; whether it is offered stays. Raises as ``add``.

    ``position``: its place (from 1) in the list, the order in which forms offer it; None: the one it has.
    """
    before = _opened(session, name, act, version)
    known = _entry(before, wanted.key)
    entry = rules.cleaned(replace(wanted, retired=known.retired, into=known.into))
    after = {**before, entry.key: entry}
    if position is not None:
        keys = [one for one in before if one != entry.key]
        keys.insert(max(position, 1) - 1, entry.key)
        after = {one: after[one] for one in keys}
    _write(session, name, before, after, act, moved=entry.key)


def retire(session: Session, name: str, key: str, act: Act, *, version: int) -> None:
    """Offer the entry no longer; what says it keeps saying it. Raises as ``add``."""
    before = _opened(session, name, act, version)
    _write(session, name, before, {**before, key: replace(_entry(before, key), retired=True)}, act)


def offer(session: Session, name: str, key: str, act: Act, *, version: int) -> None:
    """Offer a retired or merged entry again; a merged one is counted for itself again. Raises as ``add``."""
    before = _opened(session, name, act, version)
    _write(session, name, before, {**before, key: replace(_entry(before, key), retired=False, into="")}, act)


def merge(session: Session, name: str, key: str, into: str, act: Act, *, version: int) -> None:
    """Count the entry under ``into`` in every figure, and offer it no longer. Raises as ``add``.

    What is with a merged department or branch is with the other one from then on (``core.rules.policy``).
    """
    before = _opened(session, name, act, version)
    if not is_offered(before, into) or into == key:
        sentence = N_("Choose another entry of this list that is offered.")
        raise Invalid(sentence, {"into": sentence})
    entry = replace(_entry(before, key), retired=True, into=into)
    _write(session, name, before, {**before, key: entry}, act)


def replace_all(session: Session, name: str, after: Catalogue, act: Act, *, version: int) -> list[Change]:
    """Make the list ``after`` at once, in its order, as one event; returns what changed. Raises as ``add``."""
    before = _opened(session, name, act, version)
    return _write(session, name, before, after, act)


def problems(session: Session, name: str, after: Catalogue) -> list[Problem]:
    """Why the list cannot become ``after``; nothing is written."""
    categories = after if name == "categories" else rulebook.catalogues(session).categories
    channels = after if name == "channels" else rulebook.catalogues(session).channels
    staffed = people_of(session, name).keys()
    return rules.problems(
        name, current(session, name), after, categories=categories, channels=channels, staffed=staffed
    )


def differences(before: Catalogue, after: Catalogue, name: str, *, moved: str = "") -> list[Change]:
    """What differs between two versions of a list, entry by entry, and where entries stand.

    ``moved``: the only one that somebody put elsewhere; else as few as can have been.
    """
    found: list[Change] = []
    for key, entry in after.items():
        if key not in before:
            found.append(Change(key, ADDED, "", entry.vi))
        else:
            found += _of_entry(before[key], entry, name)
    old, new = [key for key in before if key in after], [key for key in after if key in before]
    if old != new and moved:
        found.append(Change(moved, POSITION, str(old.index(moved) + 1), str(new.index(moved) + 1)))
    elif old != new:
        found += moves(old, new)
    return found


def _opened(session: Session, name: str, act: Act, expected: int) -> Catalogue:
    """The list to be changed, once it is certain who changes it and that nobody else did meanwhile."""
    accounts.check_may(session, act, "manage_lists")
    if expected != version(session, name):
        raise Conflict(N_("Somebody else changed this list meanwhile: look at it as it is now, then try again."))
    return current(session, name)


def _entry(catalogue: Catalogue, key: str) -> Entry:
    if key not in catalogue:
        raise NotFound(N_("There is no such entry."))
    return catalogue[key]


def _write(
    session: Session, name: str, before: Catalogue, after: Catalogue, act: Act, *, moved: str = ""
) -> list[Change]:
    if found := problems(session, name, after):
        raise Invalid(found[0].sentence, {one.field: one.sentence for one in reversed(found)})
    changes = differences(before, after, name, moved=moved)
    if not changes:
        raise Invalid(N_("Nothing changes."))
    rulebook.add_catalogue(session, name, after.values(), act, changes)
    return changes


def _of_entry(before: Entry, after: Entry, name: str) -> Iterator[Change]:
    for attribute in (*NAMES, *(one for one in ATTRIBUTES[name] if one != "fields")):
        old, new = getattr(before, attribute), getattr(after, attribute)
        if old != new:
            yield Change(after.key, attribute, text_of(old), text_of(new))
    yield from field_differences(after.key, before.fields, after.fields)


def field_differences(of: str, before: Iterable[Field], after: Iterable[Field]) -> Iterator[Change]:
    """What changed in the fields of ``of``, a category or the organisation."""
    old, new = ({field.key: _field_text(field) for field in some} for some in (before, after))
    for key in dict.fromkeys((*old, *new)):
        if old.get(key) != new.get(key):
            yield Change(of, FIELD, old.get(key, ""), new.get(key, ""))


def text_of(value: str | bool | int | tuple[str, ...] | None) -> str:
    """An attribute of an entry as the log and the CSV write it: keys with blanks between, ``yes`` or nothing."""
    if isinstance(value, bool):
        return "yes" if value else ""
    return " ".join(value) if isinstance(value, tuple) else str(value or "")


def _field_text(field: Field) -> str:
    """A field in one line, with everything that can change about it."""
    words = [field.type, field.required, "personal" if field.personal else "", "retired" if field.retired else ""]
    words += [f"{one.key} = {one.vi} / {one.en}{' (retired)' if one.retired else ''}" for one in field.choices]
    return f"{field.vi} / {field.en} ({', '.join(filter(None, words))})"


def moves(old: list[str], new: list[str]) -> Iterator[Change]:
    """The fewest entries that must have moved to make ``new`` of ``old``, with their places from 1."""
    at = {key: place for place, key in enumerate(old)}
    stays = _longest_rising([at[key] for key in new])
    for place, key in enumerate(new):
        if at[key] not in stays:
            yield Change(key, POSITION, str(at[key] + 1), str(place + 1))


def _longest_rising(places: Iterable[int]) -> set[int]:
    """The longest subsequence of ``places`` that rises; lists are short, so every end is compared with each before."""
    ends: list[list[int]] = []
    for place in places:
        before = [one for one in ends if one[-1] < place]
        ends.append([*max(before, key=len), place] if before else [place])
    longest = max(ends, key=len, default=None)
    return set(longest or ())
