"""Prevention (MISA 4, D25): the analysis and what the board says of it; each action until its effect is checked."""

from __future__ import annotations

from datetime import date, datetime

from core.i18n import N_
from core.register.case.actions import TEXT
from core.register.case.evidence import PEOPLE
from core.register.case.payload import CaseEvent, Payload, Planned, Row, instant
from core.register.case.steps.recording import ActionFields, Content, Reader, Recording, Situation, StepFields
from core.rules.calendar import local_day
from core.rules.catalogue import names_people
from core.rules.issues import standing
from core.rules.prevention import (
    ANALYSE,
    APPROVE,
    CHECK,
    DONE,
    MOST_ACTIONS,
    MOST_WHYS,
    RETURN,
    SEND,
    STAGE_OF,
    VERIFY,
    Analysis,
    Effect,
    Verified,
    fits,
)


def analyse(situation: Situation, fields: StepFields) -> Content:
    """The root cause by one why after the other, and what is done so that it does not happen again."""
    read, row = Reader(ANALYSE, situation, fields), situation.row
    cause = read.entry(
        "root_cause",
        fields.get("root_cause"),
        situation.catalogues.causes,
        N_("Choose the root cause."),
        kept=row["root_cause"],
    )
    texts = {"whys_id": ("why", _whys(read)), "text_id": ("plan", read.text("text", fields.get("text")))}
    actions = [one for one in fields.get("actions") or () if any(one.values())]
    plan = [_planned(read, number, one) for number, one in enumerate(actions, 1)]
    if len(actions) > MOST_ACTIONS:
        read.problems["actions"] = N_(
            "An analysis plans five actions at most: put those together that belong together."
        )
    if not actions and not texts["text_id"][1]:
        read.problems["text"] = N_("Plan an action, or write why none is needed.")
    texts |= {f"{TEXT}{number}": ("action", (one.get("what") or "").strip()) for number, one in enumerate(actions, 1)}
    people = read.text("people", fields.get("people"))
    if not people and situation.is_live and must_name(situation):
        read.problems["people"] = N_("Name the people responsible: the board alone will read it.")
    texts["people_id"] = (PEOPLE, people)
    return read.done(Payload(root_cause=cause, actions=[one for one in plan if one]), texts)


def must_name(situation: Situation) -> bool:
    """Whether an analysis must name the people responsible: of attitude and broken commitments at MISA."""
    categories, row = situation.catalogues.categories, situation.row
    its_own = (row["category"], *(one.category for one in standing(row["issues"])))
    return situation.procedure.board_looks and any(names_people(categories, one) for one in its_own)


def _whys(read: Reader) -> str:
    """The answers, a line each; the first one is needed."""
    whys = [" ".join(why.split()) for why in read.fields.get("whys") or ()]
    if len(whys) > MOST_WHYS:
        read.problems["whys"] = N_("Five whys at most.")
    return read.text("whys", "\n".join(why for why in whys if why), N_("Write why it happened, at least once."))


def _planned(read: Reader, number: int, action: ActionFields) -> Planned | None:
    """One action of the plan, with a sentence per field that must be mended."""
    situation, problems = read.situation, dict[str, str]()
    due_on, owner = action.get("due_on"), action.get("owner_id")
    if (action.get("what") or "").strip():
        read.text(f"actions.{number}.what", action.get("what"))
    else:
        problems["what"] = N_("Write what is done so that it does not happen again.")
    if owner is None or (situation.is_live and owner not in situation.owners_see):
        problems["owner_id"] = N_("Choose a colleague who sees this complaint.")
    if not isinstance(due_on, date) or isinstance(due_on, datetime):
        problems["due_on"] = N_("Give the day by which it is done.")
    elif due_on < local_day(situation.at):
        problems["due_on"] = N_("That day is over already: give the day by which it is done.")
    read.problems |= {f"actions.{number}.{name}": problem for name, problem in problems.items()}
    if problems or owner is None or not isinstance(due_on, date) or situation.office_closes is None:
        return None
    return Planned(owner_id=owner, due_at=instant(situation.office_closes(due_on)) or "")


def analysed(row: Row, event: CaseEvent) -> None:
    """The board has to look; the cause is the one that was analysed."""
    row["analysis"] = Analysis.waiting
    row["root_cause"] = event.payload.get("root_cause")


def approve(situation: Situation, fields: StepFields) -> Content:
    """The board agrees with analysis and plan: its actions begin."""
    read = Reader(APPROVE, situation, fields)
    text = read.text("text", fields.get("text"))
    _refuse_unless_waiting(read)
    return read.done(Payload(), {"text_id": ("note", text)})


def approved(row: Row, _event: CaseEvent) -> None:
    """What was planned is done now."""
    row["analysis"] = Analysis.approved


def return_(situation: Situation, fields: StepFields) -> Content:
    """The board wants another analysis; the verdict of the clock stays."""
    read = Reader(RETURN, situation, fields)
    text = read.text("text", fields.get("text"), N_("Write what is to be done better."))
    _refuse_unless_waiting(read)
    return read.done(Payload(), {"text_id": ("reason", text)})


def returned(row: Row, _event: CaseEvent) -> None:
    """It is analysed again."""
    row["analysis"] = Analysis.returned


def _refuse_unless_waiting(read: Reader) -> None:
    if not fits(read.step.key, read.situation.prevention):
        read.problems["text"] = N_("No analysis waits for approval here: reload to see how far it is.")


def done(situation: Situation, fields: StepFields) -> Content:
    """The action is done; its evidence is due some working days later."""
    read = Reader(DONE, situation, fields)
    return read.done(_action(read), {"text_id": ("note", read.text("text", fields.get("text")))})


def send(situation: Situation, fields: StepFields) -> Content:
    """Files that show it."""
    read = Reader(SEND, situation, fields)
    if not fields.get("files"):
        read.problems["files"] = N_("Choose at least one file.")
    return read.done(_action(read), {"text_id": ("note", read.text("text", fields.get("text")))})


def verify(situation: Situation, fields: StepFields) -> Content:
    """What customer care found in the evidence: it shows that the action is done, or it is sent anew."""
    read = Reader(VERIFY, situation, fields)
    found = read.word("verified", fields.get("verified"), tuple(Verified), N_("Choose whether it is confirmed."))
    text = read.text("text", fields.get("text"))
    if found == Verified.refused and not text:
        read.problems["text"] = N_("Write what the evidence does not show.")
    return read.done(_action(read) | Payload(verified=found or ""), {"text_id": ("note", text)})


def check(situation: Situation, fields: StepFields) -> Content:
    """Whether the cause has become rarer since."""
    read = Reader(CHECK, situation, fields)
    found = read.word("effect", fields.get("effect"), tuple(Effect), N_("Choose what the action has brought."))
    text = read.text("text", fields.get("text"), N_("Write what you looked at."))
    return read.done(_action(read) | Payload(effect=found or ""), {"text_id": ("note", text)})


def _action(read: Reader) -> Payload:
    """The action that the step is taken on: one that waits for just this."""
    waiting = [str(one.number) for one in read.situation.prevention.at(STAGE_OF[read.step.key])]
    number = read.word("action", read.fields.get("action"), waiting, N_("Choose an action that waits for this."))
    return Payload(action=number or "")


RECORDINGS = {
    ANALYSE: Recording(analyse, analysed),
    APPROVE: Recording(approve, approved),
    RETURN: Recording(return_, returned),
    DONE: Recording(done),
    SEND: Recording(send),
    VERIFY: Recording(verify),
    CHECK: Recording(check),
}
