"""The whole organisation as one TOML file, so that another register can be made equal to this one (D20).

The file holds the organisation, every list, the targets, the answer texts that are offered, what was replaced of its
papers, and each procedure in the version in force and in those that apply from a later day::

    format = 1
    [organisation]  # as data/organisations/<key>/organisation.toml, with its key; known: see proposals.known
    [lists.channels.hotline]  # as data/organisations/<key>/channels.toml
    [[targets]]
    [answer_texts.received]  # those offered, as data/organisations/<key>/answer_texts.toml
    [papers]  # "typ.base" = a template, "img.logo" = base64, "toml.colours" = TOML; the others are the program's own
    [procedures]  # key = the text of data/procedures/<key>.toml
    [later_procedures.pops]  # the day from which it applies = its text
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import NamedTuple, NoReturn

import tomli_w
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import Invalid
from core.i18n import N_, gettext, label
from core.register import rulebook
from core.register.log.act import Act
from core.register.log.tables import ProcedureVersion
from core.register.organisation import answer_texts, entries, identity, lists, proposals
from core.register.organisation.audit import IMPORTED
from core.register.organisation.procedure_versions import KEY_RULE, RESERVED, RESERVED_SENTENCE
from core.register.organisation.proposals import DECLINED, KNOWN
from core.register.papers import parts as paper_parts
from core.register.rulebook import ORGANISATION, TARGETS, Change
from core.rules import answer_text, catalogue, organisation, procedure, targets
from core.rules.answer_text import Text
from core.rules.calendar import LOCAL, local_day
from core.rules.catalogue import KEY, LISTS, Catalogue, Entry, Field
from core.rules.checked import read_toml
from core.rules.organisation import CUSTOMER_FIELDS, Organisation
from core.rules.targets import Target, Targets

FORMAT = 1
LISTS_OF, PROCEDURES, LATER, ANSWER_TEXTS = "lists", "procedures", "later_procedures", "answer_texts"
PAPERS = "papers"


class InForce(NamedTuple):
    """One text of a procedure, and the day from which it applies; ``date.min`` for the one that applies now."""

    since: date
    text: str

    @property
    def place(self) -> str:
        """The part of the file in which such a text stands."""
        return PROCEDURES if self.since == date.min else LATER

    def keys(self, procedure: str) -> tuple[str, ...]:
        """Where in the file it stands."""
        return (self.place, procedure) if self.place == PROCEDURES else (self.place, procedure, str(self.since))

    def is_same(self, other: InForce) -> bool:
        """Whether both say the same from the same day on."""
        return self.since == other.since and _said(self.text) == _said(other.text)


class Part(NamedTuple):
    """What an import wrote of one part of the file (``lists.channels``, ``procedures.pops``); no changes: it is new."""

    name: str
    changes: tuple[Change, ...]


class Contents(NamedTuple):
    """A file as read: each part for itself is right. A list that the file does not have is not in ``lists``.

    ``later``: procedure → day from which it applies → its text. ``papers``: part → its content, None where the file
    says nothing of papers, as those of older versions.
    """

    organisation: Organisation
    lists: Mapping[str, Catalogue]
    targets: Targets
    answer_texts: Mapping[str, Text]
    procedures: Mapping[str, str]
    later: Mapping[str, Mapping[date, str]]
    papers: Mapping[str, str] | None = None


def export(session: Session, *, now: datetime) -> str:
    """The file of this register's organisation; NotReady while nobody has said whose it is."""
    known, whose = rulebook.catalogues(session), rulebook.organisation(session)
    whose = replace(whose, known=proposals.known(session, whose))
    whole: dict[str, object] = {
        "format": FORMAT,
        ORGANISATION: tomllib.loads(organisation.dump(whose)),
        LISTS_OF: {name: tomllib.loads(catalogue.dump(getattr(known, name).values(), name)) for name in LISTS},
        **tomllib.loads(targets.dump(rulebook.targets(session))),
        ANSWER_TEXTS: tomllib.loads(answer_text.dump(_offered_texts(session))),
        PAPERS: paper_parts.replaced(session),
    }
    tables, in_force = "", f"\n[{PROCEDURES}]"
    for key, timetable in _timetables(session, now).items():
        in_force += f"\n{key} = {_quoted(timetable[0].text)}\n"
        later = "".join(f"\n{one.since} = {_quoted(one.text)}\n" for one in timetable[1:])
        tables += f"\n[{LATER}.{key}]{later}" if later else ""
    return f"{tomli_w.dumps(whole)}{in_force}{tables}"


def take_in(session: Session, text: str, act: Act, *, file: str) -> list[Part]:
    """Make the register's organisation what the file says; returns what was written, nothing where all is equal.

    A register that is nobody's becomes that organisation's; one of the same organisation gets new versions of what
    differs. A key never goes: entries that the file does not have are no longer offered, procedures become former ones,
    and targets that apply already stay (D16). A procedure whose day has come since the export applies at once.

    Raises Invalid naming file, key and reason; nothing is written then.
    """
    wanted = read(text, file)
    is_new = not rulebook.has_organisation(session)
    before = None if is_new else rulebook.organisation(session)
    if before is not None and before.key != wanted.organisation.key:
        own = label(before.name, before.name_en)
        _refuse(file, f"{ORGANISATION}.key", N_("This register is of “{own}”, and stays so."), own=own)
    parts = [
        *_take_lists(session, wanted.lists, act, file=file, is_new=is_new),
        *_take_procedures(session, wanted, act, file=file),
        *_take_organisation(session, wanted.organisation, before, act, file=file),
        *_take_targets(session, wanted.targets, act),
    ]
    known = rulebook.catalogues(session)
    answer_text.check(wanted.answer_texts, known.categories, known.channels, file=_place(file, ANSWER_TEXTS))
    parts += [
        Part(f"{ANSWER_TEXTS}.{key}", tuple(changes))
        for key, changes in answer_texts.make_offered(session, wanted.answer_texts, act).items()
    ]
    parts += [
        Part(f"{PAPERS}.{name}", (change,))
        for name, change in paper_parts.make(session, wanted.papers, act, file=file).items()
    ]
    for key in rulebook.organisation(session).procedures:
        for one in _timetable(session, key, act.now):
            place = _place(file, *one.keys(key))
            procedure.check(procedure.parse(one.text, file=place), known, file=place)
    return parts


def read(text: str, file: str) -> Contents:
    """The parts of a file; Invalid naming file, key and reason."""
    top = read_toml(text, file)
    if (given := top.integer("format", 1)) != FORMAT:
        top.refuse("format", f"is {given}: this program reads {FORMAT}")
    for name in (ORGANISATION, LISTS_OF, PROCEDURES):
        top.table(name)
    top.tables(TARGETS)
    for name in (ANSWER_TEXTS, LATER, PAPERS):
        top.skip(name)
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
        _check_procedure(file, (PROCEDURES, key), key, one)
    return Contents(
        organisation.parse(tomli_w.dumps(raw[ORGANISATION]), file=_place(file, ORGANISATION)),
        found,
        targets.parse(tomli_w.dumps({TARGETS: raw.get(TARGETS, [])}), file=file),
        answer_text.parse(tomli_w.dumps(raw.get(ANSWER_TEXTS, {})), file=_place(file, ANSWER_TEXTS)),
        texts,
        _later(raw.get(LATER, {}), texts, file),
        read_toml(tomli_w.dumps(raw[PAPERS]), _place(file, PAPERS)).pairs() if PAPERS in raw else None,
    )


def _later(raw: Mapping[str, object], in_force: Collection[str], file: str) -> dict[str, dict[date, str]]:
    """Procedure → day → text."""
    top, found = read_toml(tomli_w.dumps({LATER: raw}), file).table(LATER), dict[str, dict[date, str]]()
    for key in top.left():
        found[key] = {}
        if key not in in_force:
            _refuse(file, f"{LATER}.{key}", N_("The file has no procedure “{procedure}”."), procedure=key)
        for day, text in top.table(key).pairs().items():
            _check_procedure(file, (LATER, key, day), key, text)
            try:
                found[key][date.fromisoformat(day)] = text
            except ValueError:
                _refuse(file, f"{LATER}.{key}.{day}", N_("Write the day from which it applies, like 2026-12-31."))
    return found


def _check_procedure(file: str, place: tuple[str, ...], key: str, text: str) -> None:
    if not KEY.fullmatch(key.replace("-", "_")):
        _refuse(file, ".".join(place), KEY_RULE)
    if key in RESERVED:
        _refuse(file, ".".join(place), RESERVED_SENTENCE)
    if procedure.parse(text, file=_place(file, *place)).key != key:
        _refuse(file, ".".join(place), N_("Its text has another key."))


def _offered_texts(session: Session) -> dict[str, Text]:
    standing = sorted(answer_texts.every(session).items())
    return {key: answer_texts.text_of(one.offered) for key, one in standing if one.offered is not None}


def _take_lists(
    session: Session, wanted: Mapping[str, Catalogue], act: Act, *, file: str, is_new: bool
) -> Iterator[Part]:
    """The lists as the file says them, and what it does not have retired; all are looked at before one is written."""
    before: dict[str, Catalogue] = {name: {} if is_new else lists.current(session, name) for name in LISTS}
    cleaned = {name: {key: entries.cleaned(entry) for key, entry in one.items()} for name, one in wanted.items()}
    after = {name: _with_retired(before[name], cleaned[name]) for name in wanted}
    if is_new:
        after = {name: after.get(name, {}) for name in LISTS}
    its = {one: after.get(one, before[one]) for one in ("categories", "channels")}
    for name, one in after.items():
        staffed = () if is_new else lists.people_of(session, name).keys()
        for problem in entries.problems(name, before[name], one, **its, staffed=staffed):
            _refuse(file, f"{LISTS_OF}.{name}.{problem.key}.{problem.field}", problem.sentence)
    for name, one in after.items():
        changes = tuple(lists.differences(before[name], one, name))
        if is_new or changes:
            rulebook.add_catalogue(session, name, one.values(), act, _begun(name, file) if is_new else changes)
            yield Part(f"{LISTS_OF}.{name}", () if is_new else changes)


def _with_retired(before: Catalogue, wanted: Catalogue) -> Catalogue:
    """The list as the file says it, with every entry, detail and choice that it does not have as retired ones."""
    missing = {key: replace(entry, retired=True) for key, entry in before.items() if key not in wanted}
    return {key: _with_fields(before.get(key), entry) for key, entry in wanted.items()} | missing


def _with_fields(before: Entry | None, wanted: Entry) -> Entry:
    return replace(wanted, fields=_fields(before.fields if before else (), wanted.fields))


def _fields(before: Iterable[Field], wanted: Iterable[Field]) -> tuple[Field, ...]:
    old = {field.key: field for field in before}
    new = {field.key: _with_choices(old.get(field.key), field) for field in wanted}
    missing = (replace(field, retired=True) for key, field in old.items() if key not in new)
    return (*new.values(), *missing)


def _with_choices(before: Field | None, wanted: Field) -> Field:
    keys = {one.key for one in wanted.choices}
    missing = (replace(one, retired=True) for one in (before.choices if before else ()) if one.key not in keys)
    return replace(wanted, choices=(*wanted.choices, *missing))


def _begun(name: str, file: str) -> tuple[Change, ...]:
    """What the log says of a part that begins with the file."""
    return (Change(name, IMPORTED, "", file),)


def _take_procedures(session: Session, wanted: Contents, act: Act, *, file: str) -> Iterator[Part]:
    for key, text in wanted.procedures.items():
        yield from _take_procedure(session, key, _as_of(act.now, text, wanted.later.get(key, {})), act, file=file)


def _take_procedure(session: Session, key: str, after: list[InForce], act: Act, *, file: str) -> Iterator[Part]:
    """Write what differs, from the first difference on: a newer version replaces all that would apply after it (D9)."""
    before = _timetable(session, key, act.now)
    same = 0
    while before[same:] and after[same:] and before[same].is_same(after[same]):
        same += 1
    written = after[same:]
    if same and before[same:] and (not written or before[same].since < written[0].since):
        written.insert(0, InForce(before[same].since, after[same - 1].text))  # what was to apply from that day does not
    for one in written:
        old = next((known.text for known in reversed(before) if known.since <= one.since), "")
        changes = tuple(_differences(_said(old), _said(one.text))) if old else ()
        applies_from = datetime.combine(one.since, time(0), LOCAL) if one.place == LATER else None
        rulebook.add_procedure(session, key, one.text, act, changes or _begun(key, file), applies_from)
        yield Part(".".join(one.keys(key)), changes)


def _as_of(now: datetime, in_force: str, later: Mapping[date, str]) -> list[InForce]:
    """These texts as they stand ``now``: of those whose day has come the last is in force, then each that differs."""
    today, found = local_day(now), [InForce(date.min, in_force)]
    for day, text in sorted(later.items()):
        if day <= today:
            found = [InForce(date.min, text)]
        elif _said(text) != _said(found[-1].text):
            found.append(InForce(day, text))
    return found


def _take_organisation(
    session: Session, wanted: Organisation, before: Organisation | None, act: Act, *, file: str
) -> Iterator[Part]:
    """Procedures that were enabled and that the file does not enable go on for the complaints that follow them."""
    once = (*wanted.former, *((*before.procedures, *before.former) if before else ()))
    former = tuple(dict.fromkeys(key for key in once if key not in wanted.procedures))
    name, name_en = entries.clean(wanted.name), entries.clean(wanted.name_en)
    is_declined_alike = before is not None and set(before.declined) == set(wanted.declined)
    declined = before.declined if before and is_declined_alike else wanted.declined  # they are in no order
    after = replace(wanted, name=name, name_en=name_en, former=former, declined=declined, known=())
    itself = proposals.known(session, before or after)
    known = (*(before.known if before else ()), *(mark for mark in wanted.known if mark not in itself))
    of_before = before.customer_fields if before else ()
    after = replace(after, known=known, customer_fields=_fields(of_before, wanted.customer_fields))
    for field, sentence in identity.name_problems(after).items():
        _refuse(file, f"{ORGANISATION}.{field}", sentence)
    for field, sentence in entries.fields_problems(after.customer_fields, of_before):
        _refuse(file, f"{ORGANISATION}.{CUSTOMER_FIELDS}.{field}", sentence)
    for key in (*after.procedures, *after.former):
        if not rulebook.version_of(session, "procedure", key):
            _refuse(file, f"{ORGANISATION}.procedures", N_("The file has no procedure “{procedure}”."), procedure=key)
    if after != before:
        changes = tuple(_changes(before, after)) if before else ()
        rulebook.add_organisation(session, after, act, changes or _begun(ORGANISATION, file))
        yield Part(ORGANISATION, changes)


def _changes(before: Organisation, after: Organisation) -> Iterator[Change]:
    for what in (identity.NAME, identity.NAME_EN):
        old, new = getattr(before, what), getattr(after, what)
        if old != new:
            yield Change(ORGANISATION, what, old, new)
    for key in after.procedures:
        if key not in before.procedures:
            yield Change(key, identity.ENABLED, "", "yes")
    for key in after.former:
        if key not in before.former:
            yield Change(key, identity.DISABLED, "", "yes")
    if before.procedures[0] != after.procedures[0]:
        yield Change(ORGANISATION, identity.FIRST, before.procedures[0], after.procedures[0])
    old, new = ((*one.procedures, *one.former) for one in (before, after))
    yield from lists.moves([key for key in old if key in new], [key for key in new if key in old])
    yield from lists.field_differences(ORGANISATION, before.customer_fields, after.customer_fields)
    yield from _marked(DECLINED, before.declined, after.declined)
    yield from _marked(KNOWN, before.known, after.known)


def _marked(what: str, before: Collection[str], after: Collection[str]) -> Iterator[Change]:
    """The proposals of which one of both says ``what``."""
    for mark in dict.fromkeys((*before, *after)):
        if (mark in before) != (mark in after):
            name, key = mark.split("/")[:2]
            said = f"{name}: {key}"
            yield Change(ORGANISATION, what, *((said, "") if mark in before else ("", said)))


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


def _timetables(session: Session, now: datetime) -> dict[str, list[InForce]]:
    """The timetable of every procedure that the register has."""
    keys = [one.name for one in rulebook.in_use(session) if one.subject == "procedure"]
    return {key: _timetable(session, key, now) for key in keys}


def _timetable(session: Session, key: str, now: datetime) -> list[InForce]:
    """The texts of procedure ``key`` that are in force now or later, in that order; none where there is no such one.

    A newer version replaces all that would apply after it (D9).
    """
    later, ends = dict[date, str](), datetime.max.replace(tzinfo=UTC)
    for one in rulebook.procedure_versions(session, key):
        if one.applies_from is not None and one.applies_from >= ends:
            continue
        text = _text_of(session, key, one.version)
        if one.applies_from is None or one.applies_from <= now:
            return _as_of(now, text, later)
        later[local_day(one.applies_from)], ends = text, one.applies_from
    return []


def _text_of(session: Session, key: str, version: int) -> str:
    """The version as it was written; without what only older programs knew, which no file may say."""
    its = ProcedureVersion.key == key, ProcedureVersion.version == version
    text = session.scalars(select(ProcedureVersion.content).where(*its)).one()
    try:
        procedure.parse(text, file=f"{key}.toml")
    except Invalid:
        return procedure.dump(procedure.parse(text, file=f"{key}.toml", version=version))
    return text


def _quoted(text: str) -> str:
    """A text of TOML within TOML: as it is written where that is possible, so that it can be read and edited."""
    is_plain = "'''" not in text and not text.endswith("'") and "\r" not in text
    return f"'''\n{text}'''" if is_plain else tomli_w.dumps({"": text}).partition(" = ")[2].rstrip("\n")


def _said(text: str) -> dict[tuple[str, str], str]:
    """(table, key) → value of everything the text of a procedure says; a table in a list is named by its own ``key``.

    Read and written anew, so that neither the order of flags nor a default that only one text spells out is a
    difference.
    """
    return dict(_flat(tomllib.loads(procedure.dump(procedure.parse(text, file=PROCEDURES))), ""))


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
