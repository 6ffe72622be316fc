"""The events of one complaint with who caused them and the texts and files they added."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.register import rulebook
from core.register.api import keys
from core.register.case import actions, contact
from core.register.case.case import event_of, history
from core.register.case.evidence import PEOPLE, text_of
from core.register.case.payload import CaseEvent, Payload
from core.register.log.act import OWN_PAGE
from core.register.log.tables import Event, Evidence, Person
from core.register.reads import mails
from core.register.reads.details import Value, field_for
from core.register.reads.mails import Mailed
from core.rules import checklist, clocks, misses, prevention
from core.rules.catalogue import Catalogue, Field
from core.rules.checklist import Item
from core.rules.correction import CONTACT, HAPPENED, KEYS, TEXTS
from core.rules.masking import HIDDEN
from core.rules.notices import CUSTOMER_WROTE
from core.rules.prevention import Prevention
from core.rules.procedure import Procedure
from core.rules.steps import CORRECTED, ESCALATE, STEPS
from core.rules.undo import effective, undone


@dataclass(frozen=True, slots=True)
class File:
    """A stored file: ``size`` in bytes; ``opens``: whether the reader may open it.

    ``kind``: what it shows (``core.rules.evidence_kinds``), empty where nobody said it.
    """

    id: int
    name: str
    media_type: str
    size: int
    added_at: datetime
    opens: bool = True
    kind: str = ""


class Wanted(NamedTuple):
    """One thing that the customer was asked to send.

    ``field``: of the category, None where it is none; ``kind``: of evidence; ``line``: what somebody typed instead.
    ``came_at``, ``came_by``: when it came, and the name of who said so.
    """

    number: int
    field: Field | None
    kind: str
    line: str
    came_at: datetime | None = None
    came_by: str = ""


class Explained(NamedTuple):
    """A missed promise, named as its clock is (empty for a promised date, D14), and the reason that was given."""

    term: str
    label: str
    label_en: str
    number: int
    breach_reason: str


class Changed(NamedTuple):
    """One value that was corrected (D21): a field of ``core.rules.correction.KEYS``, or a detail of a contact.

    ``was`` and ``becomes``: a key, an instant as ISO text, or a text; empty where nothing is known. ``issue``: the
    number of the further issue that it is about, 0 for none (D34).
    """

    field: str
    was: str
    becomes: str
    issue: int = 0


class Planned(NamedTuple):
    """A preventive action as an analysis planned it; ``owner``: the name of who does it."""

    number: int
    what: str
    owner: str
    owner_id: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Analysed:
    """What an analysis says (D25): one why after the other, what is planned, and who is responsible."""

    whys: tuple[str, ...]
    actions: tuple[Planned, ...]
    people: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """One event.

    ``who`` and ``who_id``: name and id of who caused it, None for the register itself. ``assignee``: the name of the
    payload's id, "?" if unknown. ``values``: what it said of what the category must know, empty where that is not known
    any more, or what it verified of the customer. ``explained``: the missed promises whose reason it gave, one by one.
    ``analysed``: of an analysis; ``action``: what is done by the preventive action that it is about. ``recording``:
    where a recording lies that is kept elsewhere. ``wanted``: what the customer is asked to send; ``came``: what of it
    came. ``undone_at``: when ``who`` took it back (D22), None for what counts. ``corrected_at``: when it really
    happened, where that was corrected (D21). ``changes``: what a correction corrected; ``corrects``: the kind of the
    event whose time it corrected. ``of_code``: the complaint that it happened to, where it is shown with the one in
    which that goes on (D13). ``by_key``: where the customer did it by themselves (D41), the name of the API key that
    they came by, empty on the register's own page; None else. ``stands_in_for``: the name of the absent colleague for
    whom ``who`` took the step (D23). ``subject``: of the mail by which the customer was told, ``mail``: what became of
    it (D46).
    """

    seq: int
    kind: str
    who: str | None
    happened_at: datetime
    logged_at: datetime
    payload: Payload
    text: str
    files: tuple[File, ...]
    assignee: str = ""
    values: tuple[Value, ...] = ()
    explained: tuple[Explained, ...] = ()
    analysed: Analysed | None = None
    action: str = ""
    recording: str = ""
    wanted: tuple[Wanted, ...] = ()
    came: tuple[Wanted, ...] = ()
    who_id: int | None = None
    undone_at: datetime | None = None
    corrected_at: datetime | None = None
    changes: tuple[Changed, ...] = ()
    corrects: str = ""
    of_code: str = ""
    stands_in_for: str = ""
    by_key: str | None = None
    subject: str = ""
    mail: Mailed | None = None

    @property
    def at(self) -> datetime:
        """When it happened, as it counts."""
        return self.corrected_at or self.happened_at

    @property
    def name(self) -> str:
        """The key of what it is called: what a customer wrote by themselves is no note of ours (D41, D43)."""
        is_note = self.kind == STEPS["note"].event
        return CUSTOMER_WROTE if is_note and self.by_key is not None else self.kind


def read(
    session: Session,
    complaint_id: int,
    events: Sequence[Event],
    *,
    reads_names: bool = False,
    now: datetime | None = None,
) -> tuple[Moment, ...]:
    """The complaint's ``events`` as moments, oldest first; with who is responsible where the reader ``reads_names``.

    ``now``: as of ``mails.of_steps``.
    """
    evidence = {row.id: row for row in session.scalars(select(Evidence).where(Evidence.complaint_id == complaint_id))}
    told = [event_of(event) for event in events]
    payloads, taken_back = [event.payload for event in told], undone(told)
    counting = {event.seq: event.at for event in effective(told)}
    names = names_of(session, _people(events, payloads))
    of_keys = keys.names(session, (payload.get("api_key", OWN_PAGE) for payload in payloads))
    asked = wanted_of(session, effective(told))
    categories, category = rulebook.catalogues(session).categories, ""
    of_customers = rulebook.organisation(session).customer_fields
    procedure = rulebook.of(session).procedure(session, payloads[0]["procedure"], payloads[0]["procedure_version"])
    by_mail = [event for event, payload in zip(events, payloads, strict=True) if "mail" in payload]
    mailed = mails.of_steps(session, complaint_id, by_mail, now)
    found = []
    for event, payload in zip(events, payloads, strict=True):
        its_category = payload.get("category") or category
        values = (*_values(payload, categories, its_category, evidence), *_facts(payload, of_customers, evidence))
        explained = tuple(_explained(payload, procedure))
        undoing = taken_back.get(event.seq)
        category = category if undoing else its_category
        undone_at = undoing.at if undoing else None
        moment = _moment(event, payload, evidence, names)
        moment = replace(moment, values=values, explained=explained, undone_at=undone_at)
        if event.seq in mailed and not undoing:
            moment = replace(moment, mail=mailed[event.seq])
        if "api_key" in payload:
            moment = replace(moment, by_key=of_keys.get(payload["api_key"], ""))
        moment = replace(moment, wanted=_wanted(session, told[event.seq - 1]), came=_came(payload, asked))
        if counting.get(event.seq, event.happened_at) != event.happened_at:
            moment = replace(moment, corrected_at=counting[event.seq])
        if event.kind == CORRECTED:
            of = events[payload["of"] - 1].kind if payload["corrects"] == HAPPENED else ""
            moment = replace(moment, changes=tuple(_changes(payload, evidence)), corrects=of)
        found.append(moment)
    if not reads_names:
        evidence = {number: row for number, row in evidence.items() if row.kind != PEOPLE}
    return tuple(_with_actions(found, told, evidence, names))


def wanted_of(session: Session, events: Sequence[CaseEvent]) -> dict[int, Wanted]:
    """Number → what the customer was asked to send by a history as it counts."""
    items = checklist.fold(events)
    if not items:
        return {}
    names = names_of(session, [item.came_by or 0 for item in items.values()])
    category = next((one.payload["category"] for one in reversed(events) if one.payload.get("category")), "")
    return {number: _named(session, item, category or "", names) for number, item in items.items()}


def _wanted(session: Session, event: CaseEvent) -> tuple[Wanted, ...]:
    """What this event alone asks for; also of one that was undone."""
    return tuple(_named(session, item, "", {}) for item in checklist.items_of(event, after=0))


def _came(payload: Payload, asked: Mapping[int, Wanted]) -> tuple[Wanted, ...]:
    return tuple(asked[number] for number in payload.get("came") or () if number in asked)


def _named(session: Session, item: Item, category: str, names: Mapping[int, str]) -> Wanted:
    of, _dot, key = item.what.partition(".")
    lines = text_of(session, item.text_id).splitlines()
    return Wanted(
        item.number,
        field_for(rulebook.catalogues(session).categories, category, key, "") if of == "detail" else None,
        key if of == "evidence" else "",
        lines[item.line] if item.line < len(lines) else "",
        item.came_at,
        names.get(item.came_by or 0, ""),
    )


def _with_actions(
    moments: Sequence[Moment], events: Sequence[CaseEvent], evidence: Mapping[int, Evidence], names: Mapping[int, str]
) -> Iterator[Moment]:
    """The moments with what those of prevention say; each event is read as of when it was written."""
    for n, moment in enumerate(moments, 1):
        if moment.kind not in prevention.EVENTS:
            yield moment
        elif moment.kind == actions.ANALYSED:
            yield replace(moment, analysed=_analysed(moment.payload, actions.fold(events[:n]), evidence, names))
        else:
            meant = actions.fold(events[:n]).actions.get(int(moment.payload.get("action") or 0))
            yield replace(moment, action=_body(evidence, meant.what_id) if meant else "")


def _analysed(
    payload: Payload, found: Prevention, evidence: Mapping[int, Evidence], names: Mapping[int, str]
) -> Analysed:
    its = [action for action in found.actions.values() if action.what_id in payload.get("what_ids", ())]
    return Analysed(
        tuple(_body(evidence, payload.get("whys_id")).splitlines()),
        tuple(
            Planned(one.number, _body(evidence, one.what_id), names.get(one.owner_id, "?"), one.owner_id, one.due_at)
            for one in its
        ),
        _body(evidence, payload.get("people_id")) or (HIDDEN if "people_id" in payload else ""),
    )


def _body(evidence: Mapping[int, Evidence], number: int | None) -> str:
    return (evidence[number].body or "") if number is not None and number in evidence else ""


def names_of(session: Session, people: Iterable[int]) -> dict[int, str]:
    """Names by id of the colleagues ``people``."""
    known = select(Person.id, Person.name).where(Person.id.in_(set(people)))
    return {row.id: row.name for row in session.execute(known)}


class HandedIn(NamedTuple):
    """How a text or file came: ``by`` the id of who handed it in (None: the register itself), and with a question for a
    direction that was not undone whom that is ``asked_of``.
    """

    by: int | None
    asked_of: str | None


def handed_in(session: Session, row: Evidence) -> HandedIn:
    """Of a text or file that the log names."""
    events = history(session, row.complaint_id)
    named = [one for one in map(event_of, events) if str(row.id) in one.payload.get("digests", {})]
    stands = {one.seq for one in effective(list(map(event_of, events)))}
    questions = [one for one in named if one.kind == STEPS[ESCALATE].event and one.seq in stands]
    return HandedIn(named[0].actor_id if named else None, questions[0].payload["addressee"] if questions else None)


def _people(events: Sequence[Event], payloads: Sequence[Payload]) -> set[int]:
    actors = {event.actor_id for event in events if event.actor_id is not None}
    actors |= {action["owner_id"] for payload in payloads for action in payload.get("actions", ())}
    actors |= {payload["stands_in_for"] for payload in payloads if "stands_in_for" in payload}
    return actors | {payload["assignee_id"] or 0 for payload in payloads if "assignee_id" in payload}


def _changes(payload: Payload, evidence: Mapping[int, Evidence]) -> Iterator[Changed]:
    """What a correction corrected: of a contact each detail that changed."""

    def text(evidence_id: object) -> str:
        return (evidence[evidence_id].body or "") if isinstance(evidence_id, int) and evidence_id in evidence else ""

    field, said = payload["corrects"], cast("Mapping[str, object]", payload)
    if field == CONTACT:
        was, becomes = contact.read(text(payload.get("was_id"))), contact.read(text(payload.get("becomes_id")))
        for name, old, new in zip(was._fields, was, becomes, strict=True):
            if old != new:
                yield Changed(name, old, new)
        return
    key = KEYS[field][0]
    stood, stands = payload["was"][key], said.get(key)
    if isinstance(stands, Mapping):  # how each of the issues ended: one of them was corrected
        stands = stands.get(str(payload["issue"]))
    if field in TEXTS:
        yield Changed(field, text(stood), text(stands))
    else:
        yield Changed(field, str(stood or ""), str(stands or ""), payload.get("issue", 0))


def _moment(event: Event, payload: Payload, evidence: Mapping[int, Evidence], names: Mapping[int, str]) -> Moment:
    texts = [evidence[number].body or "" for number in _texts(event.kind, payload) if number in evidence]
    kinds = payload.get("file_kinds", {})
    files = tuple(
        _file(evidence[number], kinds.get(str(number), "")) for number in payload.get("files", ()) if number in evidence
    )
    who = None if event.actor_id is None else names.get(event.actor_id, "?")
    assignee = names.get(payload["assignee_id"] or 0, "?") if "assignee_id" in payload else ""
    return Moment(
        event.seq,
        event.kind,
        who,
        event.happened_at,
        event.logged_at,
        payload,
        "\n".join(texts),
        files,
        assignee,
        recording=_body(evidence, payload.get("recording_id")),
        subject=_body(evidence, payload.get("subject_id")),
        who_id=event.actor_id,
        stands_in_for=names.get(payload["stands_in_for"], "?") if "stands_in_for" in payload else "",
    )


def _values(
    payload: Payload, categories: Catalogue, category: str, evidence: Mapping[int, Evidence]
) -> Iterator[Value]:
    for key, value in payload.get("details", {}).items():
        yield Value(field_for(categories, category, key, value or ""), value or "")
    for key, number in payload.get("detail_ids", {}).items():
        body = (evidence[number].body or "") if number in evidence else ""
        yield Value(field_for(categories, category, key, body, (key,)), body)


def _facts(payload: Payload, fields: Sequence[Field], evidence: Mapping[int, Evidence]) -> Iterator[Value]:
    """What was verified of the customer, in the order of the organisation's fields."""
    personal = payload.get("fact_ids", {})
    said = payload.get("facts", {}) | {key: _body(evidence, number) for key, number in personal.items()}
    named = {field.key: field for field in fields}
    for key in (*(key for key in named if key in said), *(key for key in said if key not in named)):
        field = named.get(key, Field(key, key, key))
        yield Value(replace(field, personal=field.personal or key in personal), said[key])


def _explained(payload: Payload, procedure: Procedure) -> Iterator[Explained]:
    given = dict(payload.get("breach_reasons", {}))
    if "explains" in payload:
        given[payload["explains"]] = payload.get("breach_reason") or ""
    for promise, reason in given.items():
        run = misses.named(promise)
        term = clocks.term_of(run, procedure)
        yield Explained(run.term, term.label if term else "", term.label_en if term else "", run.number, reason)


def _texts(kind: str, payload: Payload) -> list[int]:
    """Ids of the texts an event names, without the remedy sought, which the page shows apart.

    Of a correction its reason: what it corrects is among ``changes``.
    """
    if kind == CORRECTED:
        return [payload["text_id"]] if "text_id" in payload else []
    found = (payload.get("statement_id"), payload.get("text_id"), payload.get("lesson_id"))
    return [number for number in found if number is not None]


def _file(row: Evidence, kind: str) -> File:
    media_type = row.media_type or "application/octet-stream"
    return File(row.id, row.file_name or "?", media_type, row.size or 0, row.added_at, kind=kind)
