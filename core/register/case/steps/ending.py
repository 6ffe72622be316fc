"""Steps 6 and 7 of the procedure: result notified, case closed; or withdrawn, or re-opened."""

from __future__ import annotations

from core.errors import NotAllowed
from core.i18n import N_
from core.register.case.payload import CaseEvent, Payload, Row
from core.register.case.steps import issues as several
from core.register.case.steps.misses import reasons_given
from core.register.case.steps.prevention import must_name
from core.register.case.steps.recording import Content, Reader, Recording, Situation, StepFields
from core.rules import issues
from core.rules.admission import INADMISSIBLE
from core.rules.directions import is_owed
from core.rules.prevention import is_closable

WITHDRAWN = "withdrawn"
"""The outcome of the step ``withdraw``; closing never gives it."""


def notify_result(situation: Situation, fields: StepFields) -> Content:
    """The result as notified to the customer, and the channel: this satisfies “resolved” (D4, POPS step 6)."""
    read = Reader("notify_result", situation, fields)
    if situation.is_live and situation.procedure.result_after_direction and is_owed(situation.directions):
        raise NotAllowed(
            N_("By this complaint's procedure the result is told once the direction that was asked for is there.")
        )
    channel = read.channel(N_("Choose the channel the result was told through."))
    text = read.text("text", fields.get("text"), N_("Write the result the customer was told."))
    payload = Payload(channel=channel)
    if situation.answers_for is not None:  # the department itself replies, which answers what it owes (MISA 2)
        payload["answered"] = [one.number for one in situation.owed]
    said, texts = read.told("result", text)
    return read.done(payload | said, texts)


def notified(row: Row, event: CaseEvent) -> None:
    """The newest result counts."""
    row["resolved_at"] = event.at


def close(situation: Situation, fields: StepFields) -> Content:
    """Outcome and root cause, lesson; the reason of each missed deadline that has none yet (POPS step 7)."""
    read = Reader("close", situation, fields)
    is_looked_into = fields.get("outcome") != INADMISSIBLE
    if (
        situation.is_live
        and is_looked_into
        and not is_closable(situation.prevention, situation.procedure, names_people=must_name(situation))
    ):
        raise NotAllowed(N_("The board looks first: an analysis that names the people responsible must be approved."))
    catalogues = situation.catalogues
    outcomes = {key: entry for key, entry in catalogues.outcomes.items() if key != WITHDRAWN}
    outcome = read.entry("outcome", fields.get("outcome"), outcomes, N_("Choose how the complaint ended."))
    if situation.is_live and outcome and (outcome == INADMISSIBLE) != bool(situation.against):
        read.problems["outcome"] = (
            N_("The rules do not take this complaint: close it as not taken, or let a lead admit it.")
            if situation.against
            else N_("The rules take this complaint: choose how it ended.")
        )
    payload = Payload(outcome=outcome, root_cause=_root_cause(read, outcome))
    payload |= several.ends(read, outcomes, outcome)
    payload |= reasons_given(read)
    return read.done(payload, {"lesson_id": ("lesson", read.text("lesson", fields.get("lesson")))})


def _root_cause(read: Reader, outcome: str | None) -> str | None:
    """Why it happened; what was not taken was not looked into."""
    cause, kept = read.fields.get("root_cause"), read.situation.row["root_cause"]
    if outcome == INADMISSIBLE and not cause:
        return None
    sentence = N_("Choose the root cause; “not determined” if it is unknown.")
    return read.entry("root_cause", cause, read.situation.catalogues.causes, sentence, kept=kept)


def closed(row: Row, event: CaseEvent) -> None:
    """How it ended, and why it happened."""
    payload = event.payload
    row["closed_at"] = event.at
    row["outcome"] = payload.get("outcome")
    row["root_cause"] = payload.get("root_cause")
    row["issues"] = issues.ended(row["issues"], payload.get("issue_outcomes") or {}, payload.get("issue_causes") or {})
    row["lesson_id"] = payload.get("lesson_id") or row["lesson_id"]


def withdraw(situation: Situation, fields: StepFields) -> Content:
    """Why the customer takes the complaint back (D13)."""
    read = Reader("withdraw", situation, fields)
    text = read.text("text", fields.get("text"), N_("Write why the complaint is withdrawn."))
    return read.done(Payload(keeps_due=True), {"text_id": ("reason", text)})


def withdrawn(row: Row, event: CaseEvent) -> None:
    """An end with its own outcome."""
    row["closed_at"] = event.at
    row["outcome"] = WITHDRAWN
    row["issues"] = issues.withdrawn(row["issues"], WITHDRAWN)


def reopen(situation: Situation, fields: StepFields) -> Content:
    """Why it opens again: a new cycle begins, the old verdict stays (D6)."""
    read = Reader("reopen", situation, fields)
    text = read.text("text", fields.get("text"), N_("Write why the complaint opens again."))
    return read.done(Payload(), {"text_id": ("reason", text)})


def reopened(row: Row, _event: CaseEvent) -> None:
    """It has no end any more; cause, reason and lesson stay until the next one."""
    row["closed_at"] = None
    row["resolved_at"] = None
    row["outcome"] = None
    row["issues"] = issues.reopened(row["issues"])
    row["reopened"] += 1


RECORDINGS = {
    "notify_result": Recording(notify_result, notified),
    "close": Recording(close, closed),
    "withdraw": Recording(withdraw, withdrawn),
    "reopen": Recording(reopen, reopened),
}
