"""Several issues of one complaint (D34): one is added or taken out while it is open, each ends with the closing."""

from __future__ import annotations

from collections.abc import Callable

from core.i18n import N_
from core.register.case.payload import CaseEvent, Payload, Row
from core.register.case.steps.recording import Content, Reader, Recording, Situation, StepFields
from core.rules import issues
from core.rules.admission import INADMISSIBLE
from core.rules.catalogue import Catalogue
from core.rules.issues import ADD, MOST, REMOVE, Issue

CATEGORY = N_("Choose what the other issue is about.")
TOO_MANY = N_("A case holds ten issues at most: log what goes beyond as a case of its own.")
WHICH = N_("Choose the issue that this is about.")
OUTCOME = N_("Choose how this issue ended.")
CAUSE = N_("Choose the root cause of this issue; “not determined” if it is unknown.")


def add(situation: Situation, fields: StepFields) -> Content:
    """What else it is about; what the customer said stands in the statement, or with this step."""
    read, known = Reader(ADD, situation, fields), situation.row["issues"]
    category = read.entry("issue_category", fields.get("issue_category"), situation.catalogues.categories, CATEGORY)
    if len(issues.standing(known)) + 1 >= MOST:
        read.problems["issue_category"] = TOO_MANY
    text = read.text("text", fields.get("text"))
    said = Payload(issue=issues.next_number(known), issue_category=category)
    return read.done(said, {"text_id": ("note", text)})


def added(row: Row, event: CaseEvent) -> None:
    """One more issue."""
    payload = event.payload
    row["issues"] = (*row["issues"], Issue(payload["issue"], payload["issue_category"] or ""))


def remove(situation: Situation, fields: StepFields) -> Content:
    """Which one is none, and why."""
    read = Reader(REMOVE, situation, fields)
    one = meant(read, fields.get("issue"))
    text = read.text("text", fields.get("text"), N_("Write why this is no issue of the case."))
    said = Payload(issue=one.number, issue_category=one.category) if one else Payload()
    return read.done(said, {"text_id": ("reason", text)})


def removed(row: Row, event: CaseEvent) -> None:
    """Its number is given to no other one."""
    row["issues"] = issues.removed(row["issues"], event.payload["issue"])


def meant(read: Reader, number: int | None) -> Issue | None:
    """The issue of that number; a problem of the field ``issue`` where there is no such one."""
    found = next((one for one in issues.standing(read.situation.row["issues"]) if one.number == number), None)
    if found is None:
        read.problems["issue"] = WHICH
    return found


def ends(read: Reader, outcomes: Catalogue, outcome: str | None) -> Payload:
    """How each further issue ended and why it happened, asked one by one; ``outcome``: of the complaint itself.

    What the rules do not take is refused as a whole, and nobody looks for a cause.
    """
    its = issues.standing(read.situation.row["issues"])
    if not its:
        return Payload()
    if outcome == INADMISSIBLE:
        return Payload(issue_outcomes={str(one.number): INADMISSIBLE for one in its})
    outcomes = {key: entry for key, entry in outcomes.items() if key != INADMISSIBLE}
    given, causes = read.fields.get("issue_outcomes") or {}, read.fields.get("issue_causes") or {}

    def ended(one: Issue) -> str | None:
        return read.entry("issue_outcomes", given.get(str(one.number)), outcomes, OUTCOME)

    def caused(one: Issue) -> str | None:
        known = read.situation.catalogues.causes
        return read.entry("issue_causes", causes.get(str(one.number)), known, CAUSE, kept=one.root_cause)

    return Payload(
        issue_outcomes=_each(read, "issue_outcomes", its, ended),
        issue_causes=_each(read, "issue_causes", its, caused) or None,
    )


def _each(read: Reader, field: str, its: issues.Issues, read_one: Callable[[Issue], str | None]) -> dict[str, str]:
    """Number as text → key; a problem under ``FIELD.NUMBER``."""
    found = {}
    for one in its:
        key = read_one(one)
        if key:
            found[str(one.number)] = key
        if field in read.problems:
            read.problems[f"{field}.{one.number}"] = read.problems.pop(field)
    return found


RECORDINGS = {ADD: Recording(add, added), REMOVE: Recording(remove, removed)}
