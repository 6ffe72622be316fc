"""What a person is offered on a complaint, drawn by hand: by role, state, and who owes an answer."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from core.errors import NotAllowed
from core.rules import policy


@dataclass
class Somebody:
    """An actor; ``department`` only for those who answer for one."""

    role: str
    department: str | None = None
    id: int = 7


AGENT, LEAD, MANAGER, STRANGER = Somebody("agent"), Somebody("lead"), Somebody("manager"), Somebody("stranger")
PAYMENT, ENGINEERING = Somebody("handler", "payment"), Somebody("handler", "engineering")
WITHOUT = Somebody("handler")
WORK = "classify assign forward"

# who, state, department of the complaint, does it owe an answer, steps in table order, why
OFFERED = [
    (
        AGENT,
        "received",
        None,
        False,
        "acknowledge assign note add_evidence details withdraw",
        "nothing before the first word",
    ),
    (AGENT, "acknowledged", None, False, "classify assign note add_evidence details withdraw", "classified next"),
    (
        AGENT,
        "classified",
        None,
        False,
        f"{WORK} ask_customer notify_result note add_evidence details withdraw",
        "handled",
    ),
    (
        LEAD,
        "investigating",
        "payment",
        True,
        f"{WORK} answer ask_customer notify_result note add_evidence details withdraw",
        "customer care may write down the answer that is owed",
    ),
    (
        LEAD,
        "investigating",
        "payment",
        False,
        f"{WORK} ask_customer notify_result note add_evidence details withdraw",
        "an answer that nobody owes cannot be given",
    ),
    (
        AGENT,
        "waiting_customer",
        "payment",
        True,
        "classify assign answer record_reply notify_result note add_evidence details withdraw",
        "the department may answer while the customer is asked",
    ),
    (AGENT, "resolved", None, False, "assign close note add_evidence details withdraw", "told, to be closed"),
    (AGENT, "closed", None, False, "note add_evidence reopen", "closed"),
    (AGENT, "withdrawn", None, False, "note add_evidence", "withdrawn for good"),
    (PAYMENT, "investigating", "payment", True, "answer note add_evidence details", "its own"),
    (PAYMENT, "investigating", "payment", False, "note add_evidence details", "its own, answered"),
    (PAYMENT, "investigating", "engineering", True, "", "another department's"),
    (ENGINEERING, "investigating", "payment", True, "", "another department's"),
    (PAYMENT, "received", None, False, "", "with no department yet"),
    (WITHOUT, "received", None, False, "", "an account without department matches nothing, least of all nothing"),
    (MANAGER, "investigating", "payment", True, "", "looks on"),
    (STRANGER, "investigating", "payment", True, "", "an unknown role"),
]


@pytest.mark.parametrize(("who", "state", "department", "owes", "steps", "why"), OFFERED)
def test_steps_offered(who: Somebody, state: str, department: str | None, owes: bool, steps: str, why: str) -> None:
    complaint = {"state": state, "department": department, "waiting_department": owes}
    assert policy.steps_for(who, complaint) == tuple(steps.split()), why


# who, department of the complaint, sees it, opens its files, why
SEEN = [
    (AGENT, None, True, True, "works with customers"),
    (MANAGER, "payment", True, False, "sees every complaint, masked"),
    (PAYMENT, "payment", True, True, "the own department's"),
    (PAYMENT, "engineering", False, False, "another department's"),
    (PAYMENT, None, False, False, "never forwarded"),
    (WITHOUT, None, False, False, "no department is not the department None"),
    (STRANGER, None, False, False, "an unknown role"),
    (STRANGER, "payment", False, False, "an unknown role"),
]


@pytest.mark.parametrize(("who", "department", "sees", "files", "why"), SEEN)
def test_who_sees_a_complaint_and_its_files(
    who: Somebody, department: str | None, sees: bool, files: bool, why: str
) -> None:
    complaint = {"department": department}
    assert (policy.sees(who, complaint), policy.sees_files(who, complaint)) == (sees, files), why


# who, step, department of the complaint, assignee named, sentence of the refusal or None, why
WRITTEN = [
    (AGENT, "assign", None, 7, None, "takes it"),
    (AGENT, "assign", None, 8, "You can take a complaint yourself", "gives it away"),
    (AGENT, "assign", None, None, "You can take a complaint yourself", "names nobody"),
    (LEAD, "assign", None, 8, None, "gives out the work"),
    (AGENT, "note", None, 8, None, "the field belongs to assigning alone"),
    (PAYMENT, "answer", "payment", None, None, "its own"),
    (PAYMENT, "answer", "engineering", None, "not with your department", "another department's"),
    (PAYMENT, "close", "payment", None, "Your role does not include this step", "customer care closes"),
    (MANAGER, "note", None, None, "Your role does not include this step", "looks on"),
]


@pytest.mark.parametrize(("who", "step", "department", "assignee", "refusal", "why"), WRITTEN)
def test_who_takes_a_step(
    who: Somebody, step: str, department: str | None, assignee: int | None, refusal: str | None, why: str
) -> None:
    complaint = {"department": department}
    if refusal is None:
        policy.check_step(who, step, complaint, {"assignee_id": assignee})
        return
    with pytest.raises(NotAllowed, match=refusal):
        policy.check_step(who, step, complaint, {"assignee_id": assignee})
    assert why
