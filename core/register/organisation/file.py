"""The whole organisation as one TOML file, so that another register can be made equal to this one (D20).

The file holds the organisation, every list, the targets, the answer texts that are offered, and each procedure in its
newest version::

    format = 1
    [organisation]  # as data/organisations/<key>/organisation.toml, with its key
    [lists.channels.hotline]  # as data/organisations/<key>/channels.toml
    [[targets]]
    [answer_texts.received]  # those offered, as data/organisations/<key>/answer_texts.toml
    [procedures]  # key = the text of data/procedures/<key>.toml
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple, NoReturn

import tomli_w
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import Invalid
from core.i18n import N_, gettext
from core.register import rulebook
from core.register.log.act import Act
from core.register.log.tables import ProcedureVersion
from core.register.organisation import answer_texts, entries, identity, lists
from core.register.rulebook import ORGANISATION, TARGETS, Change
from core.rules import answer_text, catalogue, organisation, procedure, targets
from core.rules.answer_text import Text
from core.rules.calendar import local_day
from core.rules.catalogue import LISTS, Catalogue
from core.rules.checked import read_toml
from core.rules.organisation import Organisation
from core.rules.targets import Target, Targets

FORMAT = 1
LISTS_OF, PROCEDURES, ANSWER_TEXTS = "lists", "procedures", "answer_texts"


class Part(NamedTuple):
    """What an import wrote of one part of the file (``lists.channels``, ``procedures.pops``); no changes: it is new."""

    name: str
    changes: tuple[Change, ...]


class Contents(NamedTuple):
    """A file as read: each part for itself is right. A list that the file does not have is not in ``lists``."""

    organisation: Organisation
    lists: Mapping[str, Catalogue]
    targets: Targets
    answer_texts: Mapping[str, Text]
    procedures: Mapping[str, str]


def export(session: Session) -> str:
    """The file of this register's organisation; NotReady while nobody has said whose it is."""
    known = rulebook.catalogues(session)
    whole: dict[str, object] = {
        "format": FORMAT,
        ORGANISATION: tomllib.loads(organisation.dump(rulebook.organisation(session))),
        LISTS_OF: {name: tomllib.loads(catalogue.dump(getattr(known, name).values(), name)) for name in LISTS},
        **tomllib.loads(targets.dump(rulebook.targets(session))),
        ANSWER_TEXTS: tomllib.loads(answer_text.dump(_offered_texts(session))),
    }
    texts = "".join(f"\n{key} = {_quoted(text)}\n" for key, text in _procedure_texts(session).items())
    return f"{tomli_w.dumps(whole)}\n[{PROCEDURES}]{texts}"


def take_in(session: Session, text: str, act: Act, *, file: str) -> list[Part]:
    """Make the register's organisation what the file says; returns what was written, nothing where all is equal.

    A register that is nobody's becomes that organisation's; one of the same organisation gets new versions of what
    differs. A key never goes: entries that the file does not have are no longer offered, procedures become former ones,
    and targets that apply already stay (D16). Raises Invalid naming file, key and reason; nothing is written then.
    """
    wanted = read(text, file)
    is_new = not rulebook.has_organisation(session)
    before = None if is_new else rulebook.organisation(session)
    if before is not None and before.key != wanted.organisation.key:
        _refuse(file, f"{ORGANISATION}.key", N_("This register is of “{own}”, and stays so."), own=before.key)
    parts = [
        *_take_lists(session, wanted.lists, act, file=file, is_new=is_new),
        *_take_procedures(session, wanted.procedures, act),
        *_take_organisation(session, wanted.organisation, before, act, file=file),
        *_take_targets(session, wanted.targets, act),
    ]
    known = rulebook.catalogues(session)
    answer_text.check(wanted.answer_texts, known.categories, known.channels, file=_place(file, ANSWER_TEXTS))
    parts += [
        Part(f"{ANSWER_TEXTS}.{key}", tuple(Change(key, name, "", "") for name in changed if not is_new))
        for key, changed in answer_texts.make_offered(session, wanted.answer_texts, act).items()
    ]
    for key, one in rulebook.current_procedures(session, act.now).items():
        procedure.check(one, known, file=_place(file, PROCEDURES, key))
    return parts


def read(text: str, file: str) -> Contents:
    """The parts of a file; Invalid naming file, key and reason."""
    top = read_toml(text, file)
    if (given := top.integer("format", 1)) != FORMAT:
        top.refuse("format", f"is {given}: this program reads {FORMAT}")
    for name in (ORGANISATION, LISTS_OF, PROCEDURES):
        top.table(name)
    top.tables(TARGETS)
    top.skip(ANSWER_TEXTS)
    top.done()
    raw = tomllib.loads(text)
    of_lists = read_toml(tomli_w.dumps(raw[LISTS_OF]), _place(file, LISTS_OF))
    found = {}
    for name in of_lists.left():
        of_lists.table(name)
        if name not in LISTS:
            of_lists.refuse(name, f"is no list: use {', '.join(LISTS)}")
        found[name] = catalogue.parse(tomli_w.dumps(raw[LISTS_OF][name]), name=name, file=_place(file, LISTS_OF, name))
    texts = read_toml(tomli_w.dumps(raw[PROCEDURES]), _place(file, PROCEDURES)).pairs()
    for key, one in texts.items():
        if procedure.parse(one, file=_place(file, PROCEDURES, key)).key != key:
            _refuse(file, f"{PROCEDURES}.{key}", N_("Its text has another key."))
    return Contents(
        organisation.parse(tomli_w.dumps(raw[ORGANISATION]), file=_place(file, ORGANISATION)),
        found,
        targets.parse(tomli_w.dumps({TARGETS: raw.get(TARGETS, [])}), file=file),
        answer_text.parse(tomli_w.dumps(raw.get(ANSWER_TEXTS, {})), file=_place(file, ANSWER_TEXTS)),
        texts,
    )


def _offered_texts(session: Session) -> dict[str, Text]:
    standing = sorted(answer_texts.every(session).items())
    return {key: answer_texts.text_of(one.offered) for key, one in standing if one.offered is not None}


def _take_lists(
    session: Session, wanted: Mapping[str, Catalogue], act: Act, *, file: str, is_new: bool
) -> Iterator[Part]:
    """The lists as the file says them, and what it does not have retired; all are looked at before one is written."""
    before: dict[str, Catalogue] = {name: {} if is_new else lists.current(session, name) for name in LISTS}
    after = {name: _with_retired(before[name], wanted[name]) for name in wanted}
    if is_new:
        after = {name: after.get(name, {}) for name in LISTS}
    categories = after.get("categories", before["categories"])
    for name, one in after.items():
        staffed = () if is_new else lists.people_of(session, name).keys()
        for problem in entries.problems(name, before[name], one, categories=categories, staffed=staffed):
            _refuse(file, f"{LISTS_OF}.{name}.{problem.key}.{problem.field}", problem.sentence)
    for name, one in after.items():
        changes = tuple(lists.differences(before[name], one, name))
        if is_new or changes:
            rulebook.add_catalogue(session, name, one.values(), act, () if is_new else changes)
            yield Part(f"{LISTS_OF}.{name}", () if is_new else changes)


def _with_retired(before: Catalogue, wanted: Catalogue) -> Catalogue:
    missing = {key: replace(entry, retired=True) for key, entry in before.items() if key not in wanted}
    return {**wanted, **missing}


def _take_procedures(session: Session, wanted: Mapping[str, str], act: Act) -> Iterator[Part]:
    known = _procedure_texts(session)
    for key, text in wanted.items():
        old, new = (_said(known[key]) if key in known else {}), _said(text)
        if old != new:
            changes = tuple(_differences(old, new)) if old else ()
            rulebook.add_procedure(session, key, text, act, changes)
            yield Part(f"{PROCEDURES}.{key}", changes)


def _take_organisation(
    session: Session, wanted: Organisation, before: Organisation | None, act: Act, *, file: str
) -> Iterator[Part]:
    """Procedures that were enabled and that the file does not enable go on for the complaints that follow them."""
    once = (*wanted.former, *((*before.procedures, *before.former) if before else ()))
    former = tuple(dict.fromkeys(key for key in once if key not in wanted.procedures))
    after = replace(wanted, former=former)
    for key in (*after.procedures, *after.former):
        if not rulebook.version_of(session, "procedure", key):
            _refuse(file, f"{ORGANISATION}.procedures", N_("The file has no procedure “{procedure}”."), procedure=key)
    if after != before:
        changes = tuple(_changes(before, after)) if before else ()
        rulebook.add_organisation(session, after, act, changes)
        yield Part(ORGANISATION, changes)


def _changes(before: Organisation, after: Organisation) -> Iterator[Change]:
    for what in (identity.NAME, identity.NAME_EN):
        old, new = getattr(before, what), getattr(after, what)
        if old != new:
            yield Change(ORGANISATION, what, old, new)
    for key in after.procedures:
        if key not in before.procedures:
            yield Change(key, identity.ENABLED, "", "yes")
    for key in before.procedures:
        if key not in after.procedures:
            yield Change(key, identity.DISABLED, "", "yes")
    if before.procedures[0] != after.procedures[0]:
        yield Change(ORGANISATION, identity.FIRST, before.procedures[0], after.procedures[0])


def _take_targets(session: Session, wanted: Targets, act: Act) -> Iterator[Part]:
    before, today = rulebook.targets(session), local_day(act.now)
    said = {(one.stage, one.since): one for one in wanted}
    begun = {(one.stage, one.since): one for one in before if one.since <= today}
    after = targets.ordered((begun | said).values())
    if after != before:
        changes = tuple(_target_changes(before, after))
        rulebook.add_targets(session, after, act, changes)
        yield Part(TARGETS, changes)


def _target_changes(before: Targets, after: Targets) -> Iterator[Change]:
    """As ``core.register.organisation.targets`` logs them: shares as per cent."""
    old, new = ({one[:2]: one for one in some} for some in (before, after))
    for stage, since in sorted({*old, *new}):
        shares = [_per_cent(some.get((stage, since))) for some in (old, new)]
        if shares[0] != shares[1]:
            yield Change(stage, since.isoformat(), *shares)


def _per_cent(target: Target | None) -> str:
    return f"{target.share * 100:g}" if target else ""


def _procedure_texts(session: Session) -> dict[str, str]:
    """The newest version of each procedure as it was written."""
    found = {}
    for one in rulebook.in_use(session):
        if one.subject == "procedure":
            its = ProcedureVersion.key == one.name, ProcedureVersion.version == one.version
            found[one.name] = session.scalars(select(ProcedureVersion.content).where(*its)).one()
    return found


def _quoted(text: str) -> str:
    """A text of TOML within TOML: as it is written where that is possible, so that it can be read and edited."""
    is_plain = "'''" not in text and not text.endswith("'") and "\r" not in text
    return f"'''\n{text}'''" if is_plain else tomli_w.dumps({"": text}).partition(" = ")[2].rstrip("\n")


def _said(text: str) -> dict[tuple[str, str], str]:
    """(table, key) → value of everything a TOML text says; a table in a list is named by its own ``key``."""
    return dict(_flat(tomllib.loads(text), ""))


def _flat(table: Mapping[str, object], at: str) -> Iterator[tuple[tuple[str, str], str]]:
    for name, value in table.items():
        place = f"{at}.{name}" if at else name
        if isinstance(value, dict):
            yield from _flat(value, place)
        elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
            for number, one in enumerate(value, 1):
                yield from _flat(one, f"{place}.{one.get('key', number)}")
        else:
            yield (at or PROCEDURES, name), str(value)


def _differences(old: Mapping[tuple[str, str], str], new: Mapping[tuple[str, str], str]) -> Iterator[Change]:
    for at in dict.fromkeys((*old, *new)):
        if old.get(at) != new.get(at):
            yield Change(*at, old.get(at, ""), new.get(at, ""))


def _place(file: str, *keys: str) -> str:
    """Where in the file a part stands, as a sentence about it names it."""
    return f"{file} [{'.'.join(keys)}]"


def _refuse(file: str, key: str, reason: str, **values: str) -> NoReturn:
    said = gettext(reason).format(**values)
    raise Invalid(N_("{file}, at {key}: {reason}"), file=file, key=key, reason=said)


def words(parts: Iterable[Part]) -> Iterator[str]:
    """A line for each change of an import, for a terminal."""
    for part in parts:
        if not part.changes:
            yield gettext(N_("{part}: taken into use")).format(part=part.name)
        for change in part.changes:
            yield f"{part.name}: {change.key}.{change.what}: “{change.before}” → “{change.after}”"
