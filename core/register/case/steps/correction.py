"""What was entered wrong is corrected (D21): an earlier event says something else from then on, with the reason.

The event names that event, what of it, and what it said before. Texts and contacts are evidence, never in the log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, cast

from core.errors import NotAllowed
from core.i18n import N_
from core.register.case.customers import CustomerDraft
from core.register.case.draft import CLOCK_SKEW, LISTED_IN, customer_problems
from core.register.case.payload import CaseEvent, Payload, instant
from core.register.case.steps import issues
from core.register.case.steps.ending import WITHDRAWN
from core.register.case.steps.recording import Becomes, Content, Reader, Recording, Situation, StepFields
from core.rules.admission import INADMISSIBLE
from core.rules.calendar import local_day, whole_second
from core.rules.catalogue import Catalogue
from core.rules.correction import (
    AT_THE_END,
    CONTACT,
    HAPPENED,
    KEYS,
    LEVEL,
    MOMENTS,
    OF_ISSUES,
    PRODUCT,
    RECORDED,
    TEXTS,
    TIMES,
)
from core.rules.correction import needs_lead as is_for_leads
from core.rules.issues import ADDED, Issue
from core.rules.steps import CORRECT, STEP_OF_EVENT, STEPS, State, is_in_order
from core.rules.undo import REWRITING

REASON = N_("Write why: the old value and the reason stay in the timeline.")
UNCHANGED = N_("That stands there already: say what it should be.")
NOT_YET = N_("Nobody has said this yet: there is nothing to correct.")
NEEDED = {
    "statement": N_("Write the complaint, in the words of whoever makes it."),
    "channel": N_("Choose the channel the complaint came through."),
    LEVEL: N_("Choose a level of this procedure."),
    "outcome": N_("Choose how the complaint ended."),
    "root_cause": N_("Choose the root cause; “not determined” if it is unknown."),
    "issue_category": issues.CATEGORY,
    "issue_outcome": issues.OUTCOME,
    "issue_cause": issues.CAUSE,
}
"""What cannot be emptied, and the sentence that asks for it."""
LISTS = {
    **LISTED_IN,
    "outcome": "outcomes",
    "root_cause": "causes",
    "issue_category": "categories",
    "issue_outcome": "outcomes",
    "issue_cause": "causes",
}
OUTCOMES = ("outcome", "issue_outcome")
CAUSES = ("root_cause", "issue_cause")
FUTURE = N_("Give a time that is not in the future.")


class Change(NamedTuple):
    """What the correction says: its payload and texts, and whether anything was known before."""

    payload: Payload
    was_known: bool
    texts: Mapping[str, tuple[str, str]] = {}


def correct(situation: Situation, fields: StepFields) -> Content:
    """One value that was entered wrong; a reason is owed unless nothing was known before."""
    read = Reader(CORRECT, situation, fields)
    becomes, of, issue = fields.get("becomes"), fields.get("of"), fields.get("issue")
    reason = read.text("text", fields.get("text"))
    field = read.word("corrects", fields.get("corrects"), KEYS, N_("Choose what is to be corrected."))
    if field is None:
        return read.done(Payload())
    if not situation.corrects_times and is_for_leads(
        field, situation.procedure, moves_reply=situation.recorded.reply_days != situation.row["reply_days"]
    ):
        raise NotAllowed(N_("A deadline or a figure depends on this: a lead corrects it."))
    change = _moment(read, field, becomes, of) if field in MOMENTS else _changed(read, field, becomes, issue)
    if change.was_known and not reason and not read.problems:
        read.problems["text"] = REASON
    return read.done(change.payload | Payload(corrects=field), {**change.texts, "text_id": ("reason", reason)})


def is_timed(kind: str) -> bool:
    """Whether an event is a step whose own time can be corrected."""
    return kind in STEP_OF_EVENT and kind not in REWRITING


def _changed(read: Reader, field: str, becomes: Becomes, issue: int | None) -> Change:
    if field == CONTACT:
        return _contact(read, contact_of(becomes))
    words = becomes.strip() if isinstance(becomes, str) else ""
    return _text(read, field, words) if field in TEXTS else _key(read, field, words or None, issue)


def _contact(read: Reader, becomes: CustomerDraft) -> Change:
    was = read.situation.recorded.contact
    read.problems |= customer_problems(becomes)
    if becomes == was and not read.problems:
        read.problems["becomes"] = UNCHANGED
    is_lost = any(old and new != old for old, new in zip(was, becomes, strict=True))
    return Change(Payload(of=1), is_lost)


def contact_of(becomes: Becomes) -> CustomerDraft:
    """The contact as it was typed."""
    given = becomes if isinstance(becomes, Mapping) else {}
    return CustomerDraft(*(given.get(name, "").strip() for name in CustomerDraft._fields))


def _text(read: Reader, field: str, becomes: str) -> Change:
    [key] = KEYS[field]
    text, was = read.text("becomes", becomes), read.situation.recorded.texts[field]
    if not text and field in NEEDED:
        read.problems["becomes"] = NEEDED[field]
    elif text == was:
        read.problems["becomes"] = UNCHANGED
    row = read.situation.row
    stood = {"statement": row["statement_id"], "remedy": row["remedy_id"]}[field]
    return Change(Payload(of=1, was={key: stood}), bool(was), {key: (field, text)})


def _key(read: Reader, field: str, typed: str | None, issue: int | None) -> Change:
    """A key of a list of the organisation; ``issue``: of which further issue, where it is one of ``OF_ISSUES``."""
    situation, row = read.situation, read.situation.row
    if field in AT_THE_END and (row["state"] != State.closed or row["outcome"] is None):
        read.problems["corrects"] = NOT_YET
    catalogue: Catalogue = getattr(situation.catalogues, LISTS[field])
    if field == LEVEL and not situation.procedure.gives_levels:
        catalogue = {}
    if field in OUTCOMES:  # a closed complaint was neither withdrawn nor refused: those are steps of their own
        catalogue = {key: entry for key, entry in catalogue.items() if key not in (WITHDRAWN, INADMISSIBLE)}
    one = issues.meant(read, issue) if field in OF_ISSUES else None
    was = _stands_of(one, field) if field in OF_ISSUES else _stands(situation, field)
    sentence = NEEDED.get(field, N_("Choose an entry of the list, or none."))
    becomes = read.entry("becomes", typed, catalogue, sentence)
    is_needed = field in NEEDED and not (field in CAUSES and _may_lack_a_cause(situation))
    if becomes is None and is_needed:
        read.problems["becomes"] = sentence
    elif becomes == was and not read.problems:
        read.problems["becomes"] = UNCHANGED
    if field in OF_ISSUES:
        return _of_issue(situation, field, one, becomes)
    payload = Payload(of=_said_by(situation, field), was={field: was})
    if field == PRODUCT:
        payload["reply_days"] = situation.recorded.reply_days
    if field == "branch":
        _check_seen(read, becomes)
    return Change(_saying(payload, field, becomes), was is not None)


def _of_issue(situation: Situation, field: str, one: Issue | None, becomes: str | None) -> Change:
    """What is said of one further issue (D34): its category where it was added, its end among those of the closing."""
    if one is None:
        return Change(Payload(), was_known=False)
    [key] = KEYS[field]
    events, number = situation.recorded.events, str(one.number)
    was = _stands_of(one, field)
    if field not in AT_THE_END:
        of = next(event.seq for event in events if event.kind == ADDED and event.payload["issue"] == one.number)
        return Change(_saying(Payload(of=of, issue=one.number, was={key: was}), key, becomes), was_known=True)
    of = _said_by(situation, field)
    said = next(
        cast("Mapping[str, Mapping[str, str] | None]", event.payload).get(key) for event in events if event.seq == of
    )
    every = {**(said or {}), number: becomes}
    ends = {n: end for n, end in every.items() if end}
    return Change(cast("Payload", {"of": of, "issue": one.number, "was": {key: was}, key: ends}), was is not None)


def _stands_of(one: Issue | None, field: str) -> str | None:
    stands: str | None = getattr(one, OF_ISSUES[field]) if one else None
    return stands


def _stands(situation: Situation, field: str) -> str | None:
    return cast("Mapping[str, str | None]", situation.row)[field]


def _saying(payload: Payload, key: str, value: str | None) -> Payload:
    return cast("Payload", {**payload, key: value})


def _may_lack_a_cause(situation: Situation) -> bool:
    return not STEPS["close"].needs("root_cause", kind=situation.row["kind"], unexplained=False)


def _said_by(situation: Situation, field: str) -> int:
    """The number of the event that said what stands: a level may be the classification's, the end is the closing's."""
    said_by = {LEVEL: "classified"} | dict.fromkeys(AT_THE_END, "closed")
    its = [
        event.seq
        for event in situation.recorded.events
        if event.kind == said_by.get(field) and (field in AT_THE_END or event.payload.get("level"))
    ]
    return its[-1] if its else 1


def _check_seen(read: Reader, branch: str | None) -> None:
    """Whoever corrects the branch, and whoever holds the complaint, sees it afterwards (D32)."""
    recorded = read.situation.recorded
    if recorded.branches is not None and branch not in recorded.branches:
        read.problems["becomes"] = N_("Choose your own branch: you would not see this complaint again.")
    elif recorded.holder_sees is False:
        read.problems["becomes"] = N_("Whoever holds it would not see it there: give it to somebody else first.")


def _moment(read: Reader, field: str, at: Becomes, of: int | None) -> Change:
    situation, row = read.situation, read.situation.row
    event = _event(read, field, of)
    if event is None:
        return Change(Payload(), was_known=False)
    was = {"sent_at": row["sent_at"], "incident_at": row["incident_at"]}.get(field, event.at)
    [key] = KEYS[field]
    said = Payload(of=event.seq, was={key: instant(was)})
    if not isinstance(at, datetime):
        if at is not None or field in TIMES:
            read.problems["becomes"] = N_("Give a day and a time.")
        elif was is None:
            read.problems["becomes"] = UNCHANGED
        return Change(said, was is not None)
    at = whole_second(at)
    if was == at:
        read.problems["becomes"] = UNCHANGED
    elif at > situation.at + CLOCK_SKEW:
        read.problems["becomes"] = FUTURE
    elif problem := _out_of_place(situation, field, event, at):
        read.problems["becomes"] = problem
    return Change(_saying(said, key, instant(at)), was is not None)


def _event(read: Reader, field: str, of: int | None) -> CaseEvent | None:
    """The event whose time, or whose word, is corrected."""
    events = read.situation.recorded.events
    if field != HAPPENED:
        return events[0]
    found = next((one for one in events if one.seq == of and is_timed(one.kind)), None)
    if found is None:
        read.problems["of"] = N_("Choose the step whose time is wrong.")
    return found


def _out_of_place(situation: Situation, field: str, event: CaseEvent, at: datetime) -> str | None:
    """The sentence for a moment that cannot be: on the wrong side of another one, or before its own date."""
    row = situation.row
    if field in ("incident_at", "sent_at"):
        late = {
            "incident_at": N_("The incident cannot come after the complaint: check both times."),
            "sent_at": N_("It cannot be sent after it reached us: check both times."),
        }
        return late[field] if at > row["recorded_at"] + CLOCK_SKEW else None
    if field == RECORDED and local_day(at).year < situation.recorded.first_year:
        return N_("The time of receipt lies before the first year of the calendar: check the year.")
    if field == RECORDED and any(one and one > at + CLOCK_SKEW for one in (row["incident_at"], row["sent_at"])):
        return N_("It cannot reach us before it happened or was sent: correct that first.")
    return _out_of_order(situation.recorded.events, event, at) or _beyond_its_date(event, at)


def _out_of_order(events: Sequence[CaseEvent], event: CaseEvent, at: datetime) -> str | None:
    """What stands beside the order of the steps may lie anywhere."""
    ordered = [one for one in events if one.seq == 1 or is_in_order(one.kind)]
    if event not in ordered:
        return None
    if any(one.at > at for one in ordered if one.seq < event.seq):
        return N_("It cannot lie before the step it follows: correct that one first.")
    if any(one.at < at for one in ordered if one.seq > event.seq):
        return N_("It cannot lie after the step that follows it: correct that one first.")
    return None


def _beyond_its_date(event: CaseEvent, at: datetime) -> str | None:
    """What a step promises, or when it asks again, cannot lie before the step itself."""
    due_at, chase_on = event.payload.get("due_at"), event.payload.get("chase_on")
    is_beyond = (due_at and datetime.fromisoformat(due_at) < at) or (chase_on and chase_on < local_day(at).isoformat())
    return N_("The date that this step gives would lie before the step itself.") if is_beyond else None


RECORDINGS = {CORRECT: Recording(correct)}  # the fold reads the history anew (core.register.case.projection.follow)
