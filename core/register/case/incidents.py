"""What is done for an incident (D24): an event on each complaint, in one transaction; those that refuse are listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Unpack

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import Conflict, Invalid, NotAllowed, PopsError
from core.i18n import N_, gettext
from core.register.case import case as cases
from core.register.case import complaints, incident
from core.register.case.batch import Result
from core.register.case.case import Case
from core.register.case.draft import UNKEEPABLE
from core.register.case.evidence import text_of
from core.register.case.incident import LONGEST_TITLE
from core.register.case.steps.recording import StepFields
from core.register.log import act as acts
from core.register.log.act import Act
from core.register.log.tables import Complaint, Evidence, Incident
from core.rules import policy
from core.rules.calendar import whole_second
from core.rules.prevention import ANALYSE
from core.rules.requests import open_of
from core.rules.steps import JOIN, LEAVE
from core.rules.text import keepable

CORRECTS = "correct_times"
"""Whoever may correct times (leads) corrects what an incident is called and when it ended."""
MEND = N_("Please mend the marked fields; everything you typed is still here.")
MOST = 500
"""Complaints of one act."""
Versions = Mapping[str, int | None]
"""Code of a complaint → the version that the person was looking at; None where nobody looked."""
Steps = Sequence[tuple[str, StepFields]]
StepsOf = Callable[[Case, Sequence[Case]], Steps]
"""A complaint, and those before it of which the act is possible → the steps to take on it."""


def begin(session: Session, versions: Versions, title: str, act: Act) -> tuple[str | None, Result]:
    """Open an incident from these complaints: its code, and what became of each; None where none of them can join.

    The word of the first that joins is what the incident is called, its category that of the incident.
    """
    _check_may(session, JOIN, act)
    title = _checked(title)
    row = incident.next_row(session, act)
    code = row["code"]

    def steps(_case: Case, before: Sequence[Case]) -> Steps:
        return [(JOIN, {"incident": code, "text": "" if before else title})]

    incident.let_join(session, code)
    joining, result = prepared(session, versions, steps, act)
    if not joining:
        return None, result
    row["category"] = joining[0].row["category"]
    row["title_id"] = joining[0].events[-1].payload["text_id"]
    incident.log_opening(session, row, act)
    cases.save(session, joining)
    return code, result


def join(session: Session, code: str, versions: Versions, act: Act) -> Result:
    """Let these complaints belong to the incident."""
    _check_may(session, JOIN, act)
    _going_on(session, code)
    joining, result = prepared(session, versions, lambda _case, _before: [(JOIN, {"incident": code})], act)
    cases.save(session, joining)
    return result


def leave(session: Session, code: str, versions: Versions, text: str, act: Act) -> Result:
    """These complaints have another cause; also of an incident that has ended."""
    _check_may(session, LEAVE, act)
    incident.of_code(session, code)
    return _take(session, code, versions, lambda _case, _before: [(LEAVE, {"text": text})], act)


def end(session: Session, code: str, act: Act) -> None:
    """It is over: nothing more is done for it, and no complaint joins; each complaint goes on by itself."""
    _check_may(session, JOIN, act)
    incident.log_end(session, _going_on(session, code), act)


def correct_name(session: Session, code: str, title: str, reason: str, act: Act) -> None:
    """What it should have been called, and why; also of one that has ended. Raises NotAllowed, NotFound, Invalid."""
    found = _to_correct(session, code, act)
    name = _checked(title)
    if name == text_of(session, found.title_id):
        raise Invalid(MEND, {"title": N_("It is called so already.")})
    name_id, reason_id = _written(session, found, (name, reason), act)
    incident.log_correction(
        session, found, {"corrects": incident.NAME, "title_id": name_id, "reason_id": reason_id}, act
    )


def correct_end(session: Session, code: str, ended_at: datetime | None, reason: str, act: Act) -> None:
    """When it ended, if not when that was said; None: it has not ended, and goes on.

    Raises NotAllowed, NotFound, Invalid.
    """
    found = _to_correct(session, code, act)
    if found.ended_at is None:
        raise NotAllowed(N_("This incident has not ended."))
    ended_at = whole_second(ended_at) if ended_at is not None else None
    wrong = ""
    if ended_at is not None and not found.opened_at < ended_at <= act.now:
        wrong = N_("Give a time after its opening that is not in the future.")
    elif ended_at == found.ended_at:
        wrong = N_("It ended at that time already.")
    if wrong:
        raise Invalid(MEND, {"ended_at": wrong})
    (reason_id,) = _written(session, found, (reason,), act)
    said = {"corrects": incident.END, "ended_at": ended_at and ended_at.isoformat(), "reason_id": reason_id}
    incident.log_correction(session, found, said, act)


def _to_correct(session: Session, code: str, act: Act) -> Incident:
    _check_may(session, CORRECTS, act)
    return incident.of_code(session, code)


def _written(session: Session, found: Incident, words: Sequence[str], act: Act) -> list[int]:
    """The texts as notes on the complaint that the incident was opened from, for the log holds no word: their ids."""
    name = session.get(Evidence, found.title_id) if found.title_id is not None else None
    whose = Complaint.id == name.complaint_id if name is not None else Complaint.incident == found.code
    code = session.scalar(select(Complaint.code).where(whose).order_by(Complaint.id).limit(1))
    if code is None:
        raise NotAllowed(N_("No complaint belongs to it, on which the reason could be written down."))
    case = cases.load(session, code)
    for text in words:
        complaints.add_steps(session, case, [("note", StepFields(text=text))], act, for_incident=found.code)
    cases.save(session, [case])
    return [event.payload["text_id"] for event in case.events[-len(words) :]]


def forward(session: Session, code: str, versions: Versions, asked: Sequence[StepFields], act: Act) -> Result:
    """Ask each of these departments once, for every complaint that may be forwarded (D19)."""
    return _for_all(session, code, versions, "forward", lambda _case, _before: [("forward", one) for one in asked], act)


def answer(session: Session, code: str, versions: Versions, department: str, text: str, act: Act) -> Result:
    """What ``department`` found counts for each complaint about which it owes an answer."""

    def steps(case: Case, _before: Sequence[Case]) -> Steps:
        owed = [one.number for one in open_of(case.row["requests"]) if one.department == department]
        if not owed:
            raise NotAllowed(N_("This department owes no answer to this complaint."))
        return [("answer", {"request": number, "text": text}) for number in owed]

    return _for_all(session, code, versions, "answer", steps, act)


def tell(session: Session, code: str, versions: Versions, told: Callable[[str], StepFields], act: Act) -> Result:
    """The result as these customers were told it; ``told``: code of a complaint → channel and words."""
    return _for_all(
        session, code, versions, "notify_result", lambda case, _before: [("notify_result", told(case.row["code"]))], act
    )


def analyse(session: Session, code: str, versions: Versions, act: Act, **fields: Unpack[StepFields]) -> Result:
    """Cause and prevention, written once (D25): the first complaint has the actions, the others name it."""

    def steps(_case: Case, before: Sequence[Case]) -> Steps:
        if not before or not fields.get("actions"):
            return [(ANALYSE, fields)]
        said = gettext(N_("Planned once for incident {incident}, with complaint {code}."))
        text = said.format(incident=code, code=before[0].row["code"])
        return [(ANALYSE, {**fields, "actions": (), "text": text})]

    return _for_all(session, code, versions, ANALYSE, steps, act)


def decide(session: Session, code: str, versions: Versions, step: str, text: str, act: Act) -> Result:
    """What the board says of an analysis that was written once (D25): ``step`` approves or returns it, for each."""
    return _for_all(session, code, versions, step, lambda _case, _before: [(step, {"text": text})], act)


def _for_all(session: Session, code: str, versions: Versions, step: str, steps: StepsOf, act: Act) -> Result:
    """Take ``steps`` for an incident that has not ended."""
    _check_may(session, step, act)
    _going_on(session, code)
    return _take(session, code, versions, steps, act)


def _take(session: Session, code: str, versions: Versions, steps: StepsOf, act: Act) -> Result:
    taking, result = prepared(session, versions, steps, act, of=code)
    refuse_if_alike(result)
    cases.save(session, taking)
    return result


def prepared(
    session: Session,
    versions: Versions,
    steps: StepsOf,
    act: Act,
    of: str | None = None,
) -> tuple[list[Case], Result]:
    """The complaints with their steps in memory, and what becomes of each; one that refuses leaves the others be.

    ``of``: the incident that they belong to, which their events name.
    """
    if len(versions) > MOST:
        raise Invalid(N_("At most {n} complaints at a time: choose fewer."), n=MOST)
    ready, overtaken, refused = list[Case](), list[str](), dict[str, PopsError]()
    for code, version in versions.items():
        try:
            case = cases.load(session, code)
            if of is not None and case.row["incident"] != of:
                raise NotAllowed(N_("This complaint does not belong to the incident any more."))
            its_act = replace(act, version=version)
            complaints.add_steps(session, case, steps(case, ready), its_act, for_incident=of)
            ready.append(case)
        except Conflict:
            overtaken.append(code)
        except PopsError as why:
            refused[code] = why
    return ready, Result(tuple(case.row["code"] for case in ready), tuple(overtaken), refused)


def refuse_if_alike(result: Result) -> None:
    """Where nothing can be done because of what was filled in, say so at the fields rather than once a complaint.

    What must be known of a complaint before it is forwarded (``details.…``) is no field of the form.
    """
    whys = list(result.refused.values())
    if result.done or not whys or not isinstance(first := whys[0], Invalid) or not _of_the_form(first):
        return
    if all(isinstance(why, Invalid) and why.fields == first.fields for why in whys):
        raise first


def _of_the_form(why: Invalid) -> bool:
    return bool(why.fields) and not any(name.startswith("details.") for name in why.fields)


def _check_may(session: Session, step: str, act: Act) -> None:
    actor = acts.actor(session, act)
    if actor is not None:
        policy.check_action(actor, step)


def _going_on(session: Session, code: str) -> Incident:
    found = incident.of_code(session, code)
    if found.ended_at is not None:
        raise NotAllowed(N_("The incident {code} has ended: open another one."), code=code)
    return found


def _checked(title: str) -> str:
    """The title, in one line; Invalid where it cannot be so."""
    title = " ".join(title.split())
    problem = ""
    if not title:
        problem = N_("Say in a few words what happened.")
    elif len(title) > LONGEST_TITLE:
        problem = N_("The name is longer than 200 letters: shorten it.")
    elif keepable(title) != title:
        problem = UNKEEPABLE
    if problem:
        raise Invalid(MEND, {"title": problem})
    return title
