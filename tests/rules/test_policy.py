"""What a person is offered on a complaint, drawn by hand: by role, state, and who owes an answer."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from core import shipped
from core.errors import NotAllowed
from core.rules import policy
from core.rules.catalogue import Entry
from core.rules.requests import Request
from core.rules.steps import STEPS, Direction
from tests.engines import MONDAY, everything


@dataclass
class Somebody:
    """An actor; ``department`` only for those who answer for one."""

    role: str
    department: str | None = None
    id: int = 7
    branch: str | None = None


AGENT, LEAD, MANAGER, STRANGER = Somebody("agent"), Somebody("lead"), Somebody("manager"), Somebody("stranger")
PAYMENT, ENGINEERING = Somebody("handler", "payment"), Somebody("handler", "engineering")
WITHOUT = Somebody("handler")
REPORTER = Somebody("reporter")
HANOI, HANOI_LEAD = Somebody("agent", branch="hanoi"), Somebody("lead", branch="hanoi")
HANOI_PAYMENT, HANOI_REPORTER = Somebody("handler", "payment", branch="hanoi"), Somebody("reporter", branch="hanoi")
HANOI_MANAGER, HANOI_ANALYST = Somebody("manager", branch="hanoi"), Somebody("analyst", branch="hanoi")
HANOI_ADMIN = Somebody("admin", branch="hanoi")
DANANG, HAIPHONG = Somebody("agent", branch="danang"), Somebody("agent", branch="haiphong")
CASHIER = Somebody("handler", "cashier")
KNOWN = replace(
    everything(),
    departments={
        "payment": Entry("payment", "Thanh toán", "Payments"),
        "engineering": Entry("engineering", "Kỹ thuật", "Engineering"),
        "cashier": Entry("cashier", "Thu ngân", "Cashier", retired=True, into="payment"),
        "till": Entry("till", "Quầy thu", "Till", retired=True, into="cashier"),
    },
    branches={
        "hanoi": Entry("hanoi", "Hà Nội", "Ha Noi"),
        "danang": Entry("danang", "Đà Nẵng", "Da Nang"),
        "haiphong": Entry("haiphong", "Hải Phòng", "Hai Phong", retired=True, into="hanoi"),
    },
)
"""The lists in use; what was merged belongs to the other (D20)."""


def columns(department: str | None = None, ended: str | None = "answered", **known: object) -> dict[str, object]:
    """What the policy looks at of a complaint: received, of nobody and nowhere, or asked of a ``department``."""
    asked = (request(1, department, ended),) if department else ()
    nothing = dict.fromkeys(
        ("kind", "branch", "logged_by_id", "incident", "direction", "direction_from", "direction_by_id")
    )
    return {"state": "received", "requests": asked} | nothing | known


def request(number: int, department: str, ended: str | None = None) -> Request:
    """A request that is open, or ended in that way."""
    return Request(number, department, MONDAY, MONDAY, ended_at=MONDAY if ended else None, ended=ended)


WORK = "classify assign forward"
OWED = "return_request recall remind"
WAITED = "chase end_waiting"
TALK = "escalate tell_progress promise negotiate"
ISSUES = "add_issue remove_issue"
LAST = (
    f"note add_evidence details {ISSUES} verify_customer issue_paper explain_miss correct join_incident merge withdraw"
)
OF_CARE = "action_done send_evidence verify_evidence check_effect"
PREVENT = f"analyse {OF_CARE}"
OF_OWNERS = "analyse action_done send_evidence"
OF_BOARD = "approve_analysis return_analysis"
"""Whether anything waits for such a step is for the case to know (``core.rules.prevention.offers``)."""
HANDLED_LAST = LAST.replace("join_incident", f"join_incident {PREVENT}")
OF_LEADS = HANDLED_LAST.replace("verify_customer", "verify_customer admit")

# who, state, department of the complaint, does it owe an answer, steps in table order, why; whether there is a miss to
# explain is for the page to know
OFFERED = [
    (
        AGENT,
        "received",
        None,
        False,
        f"acknowledge assign negotiate {LAST}",
        "nothing before the first word",
    ),
    (AGENT, "acknowledged", None, False, f"classify assign ask_customer {TALK} {LAST}", "classified, or more is asked"),
    (
        AGENT,
        "classified",
        None,
        False,
        f"{WORK} ask_customer propose {TALK} notify_result {LAST}",
        "handled",
    ),
    (
        LEAD,
        "investigating",
        "payment",
        True,
        f"{WORK} answer {OWED} ask_customer propose decide {TALK} notify_result {OF_LEADS}",
        "customer care may write down the answer that is owed",
    ),
    (
        LEAD,
        "investigating",
        "payment",
        False,
        f"{WORK} ask_customer propose decide {TALK} notify_result {OF_LEADS}",
        "an answer that nobody owes cannot be given",
    ),
    (
        AGENT,
        "waiting_customer",
        "payment",
        True,
        f"classify assign answer {OWED} record_reply {WAITED} {TALK} notify_result {HANDLED_LAST}",
        "the department may answer while the customer is asked",
    ),
    (
        AGENT,
        "proposed",
        None,
        False,
        f"classify assign {WAITED} accept refuse {TALK} notify_result {HANDLED_LAST}",
        "agrees?",
    ),
    (
        LEAD,
        "proposed",
        "payment",
        True,
        f"classify assign answer {OWED} {WAITED} accept refuse decide {TALK} notify_result {OF_LEADS}",
        "a lead may decide finally, and the department still answers",
    ),
    (AGENT, "decided", None, False, f"classify assign {TALK} notify_result {HANDLED_LAST}", "to be told officially"),
    (
        AGENT,
        "resolved",
        None,
        False,
        f"assign refuse close {HANDLED_LAST}",
        "told, to be closed, unless the customer refuses",
    ),
    (
        AGENT,
        "closed",
        None,
        False,
        f"note add_evidence issue_paper explain_miss correct join_incident {PREVENT} reopen",
        "closed",
    ),
    (
        AGENT,
        "withdrawn",
        None,
        False,
        f"note add_evidence issue_paper explain_miss correct join_incident {OF_CARE} reopen",
        "taken back, and brought up again",
    ),
    (AGENT, "merged", None, False, f"explain_miss correct {OF_CARE}", "it goes on in another one"),
    (LEAD, "merged", None, False, f"explain_miss correct {OF_CARE} unmerge", "a lead takes it out again"),
    (PAYMENT, "merged", "payment", False, "action_done send_evidence", "what was planned goes on"),
    (
        PAYMENT,
        "investigating",
        "payment",
        True,
        f"answer return_request note add_evidence details {OF_OWNERS}",
        "its own",
    ),
    (PAYMENT, "investigating", "payment", False, f"note add_evidence details {OF_OWNERS}", "its own, answered"),
    (PAYMENT, "investigating", "engineering", True, "", "another department's"),
    (ENGINEERING, "investigating", "payment", True, "", "another department's"),
    (PAYMENT, "received", None, False, "", "with no department yet"),
    (
        PAYMENT,
        "investigating",
        "cashier",
        True,
        f"answer return_request note add_evidence details {OF_OWNERS}",
        "merged into the own one: it owes",
    ),
    (ENGINEERING, "investigating", "cashier", True, "", "merged into another department"),
    (WITHOUT, "received", None, False, "", "an account without department matches nothing, least of all nothing"),
    (
        MANAGER,
        "investigating",
        "payment",
        True,
        f"decide {OF_BOARD} check_effect",
        "looks on, and approves a final decision",
    ),
    (STRANGER, "investigating", "payment", True, "", "an unknown role"),
]


@pytest.mark.parametrize(("who", "state", "department", "owes", "steps", "why"), OFFERED)
def test_steps_offered(who: Somebody, state: str, department: str | None, owes: bool, steps: str, why: str) -> None:
    complaint = columns(department, None if owes else "answered", state=state, kind="complaint")
    assert policy.steps_for(who, complaint, KNOWN) == tuple(steps.split()), why


def test_a_complaint_joins_one_incident_and_leaves_that_one() -> None:
    apart, within = columns(kind="complaint"), columns(kind="complaint", incident="SC-2026-0001")
    offered = (set(policy.steps_for(AGENT, apart, KNOWN)), set(policy.steps_for(AGENT, within, KNOWN)))
    assert (offered[0] - offered[1], offered[1] - offered[0]) == ({"join_incident"}, {"leave_incident"})


def test_a_procedure_without_rounds_offers_none() -> None:
    complaint = columns(state="proposed", kind="complaint")
    without = set(policy.steps_for(LEAD, complaint, KNOWN, conciliates=False))
    assert set(policy.steps_for(LEAD, complaint, KNOWN)) - without == {"accept", "refuse", "decide"}
    policy.check_procedure("propose", shipped.procedure("pops"))
    policy.check_procedure("note", shipped.procedure("vhv"))
    with pytest.raises(NotAllowed, match="no step of"):
        policy.check_procedure("propose", shipped.procedure("vhv"))


@pytest.mark.parametrize(
    ("kind", "is_taken", "wanted", "why"),
    [
        (None, True, {"acknowledge_and_classify", "settle"}, "nothing was done yet"),
        (None, False, {"acknowledge_and_classify", "refuse_intake"}, "what the rules do not take is not settled"),
        ("complaint", True, {"settle"}, "classified at intake"),
        ("complaint", False, {"refuse_intake"}, "classified at intake, and not taken"),
    ],
)
def test_what_is_done_in_one_save(kind: str | None, is_taken: bool, wanted: set[str], why: str) -> None:
    found = policy.together_for(AGENT, columns(kind=kind), KNOWN, is_taken=is_taken)
    assert set(found) == wanted, why
    assert all("classify" not in steps for steps in found.values()) is (kind is not None), why
    assert policy.together_for(MANAGER, columns(kind=kind), KNOWN, is_taken=is_taken) == {}
    without = replace(KNOWN, outcomes={})
    assert "refuse_intake" not in policy.together_for(AGENT, columns(kind=kind), without, is_taken=is_taken), (
        "an organisation that does not have the outcome"
    )


def test_no_result_is_offered_before_the_complaint_is_classified() -> None:
    waiting = columns(state="waiting_customer")
    assert "notify_result" not in policy.steps_for(AGENT, waiting, KNOWN)
    assert "notify_result" in policy.steps_for(AGENT, waiting | {"kind": "inquiry"}, KNOWN)
    assert policy.together_for(AGENT, waiting, KNOWN) == {}, "nor is it settled in one save"
    told = {"settle": ("notify_result", "close")}
    assert policy.together_for(AGENT, waiting | {"kind": "inquiry"}, KNOWN) == told
    assert (
        policy.together_for(PAYMENT, waiting | {"kind": "inquiry", "requests": (request(1, "payment"),)}, KNOWN) == {}
    )


# who, what was asked and how it ended, sees it, why
OF_SEVERAL = [
    (PAYMENT, "payment engineering", True, "asked with another"),
    (ENGINEERING, "payment engineering", True, "the other one too"),
    (PAYMENT, "payment:returned", False, "said that it is not theirs"),
    (PAYMENT, "payment:recalled engineering", False, "taken back, and another goes on"),
    (ENGINEERING, "payment:recalled engineering", True, "the other that goes on"),
    (PAYMENT, "payment:returned payment:answered", True, "answered what was asked again"),
    (PAYMENT, "payment:answered engineering", True, "answered, and another was asked after it"),
    (PAYMENT, "payment:released", True, "sees how what it was asked ended"),
    (PAYMENT, "cashier:returned engineering", False, "of a department merged into the own one: returned"),
]


@pytest.mark.parametrize(("who", "asked", "sees", "why"), OF_SEVERAL)
def test_who_sees_what_several_were_asked(who: Somebody, asked: str, sees: bool, why: str) -> None:
    told = [(*one.split(":"), None)[:2] for one in asked.split()]
    requests = tuple(request(n, str(department), ended) for n, (department, ended) in enumerate(told, 1))
    assert policy.sees(who, columns() | {"requests": requests}, KNOWN) is sees, why


# who, what was asked and how it ended, steps of a request that are offered, why
OF_A_REQUEST = [
    (PAYMENT, "payment engineering", "answer return_request", "its own is open"),
    (PAYMENT, "payment:answered engineering", "", "another owes, not they"),
    (LEAD, "payment:answered engineering", "answer return_request recall remind", "customer care for any"),
    (LEAD, "payment:answered", "", "nobody owes"),
]


@pytest.mark.parametrize(("who", "asked", "steps", "why"), OF_A_REQUEST)
def test_what_is_offered_of_a_request(who: Somebody, asked: str, steps: str, why: str) -> None:
    told = [(*one.split(":"), None)[:2] for one in asked.split()]
    requests = tuple(request(n, str(department), ended) for n, (department, ended) in enumerate(told, 1))
    complaint = columns(state="investigating", kind="complaint") | {"requests": requests}
    offered = policy.steps_for(who, complaint, KNOWN)
    assert [step for step in offered if step in ("answer", *OWED.split())] == steps.split(), why


# who, of whom a direction is awaited (empty: of nobody), steps of a direction that are offered, why
GIVE, FOLLOW = "direct approve_proposal return_proposal", "remind_direction recall_direction"
OF_DIRECTIONS = [
    (AGENT, "", "escalate", "nothing is awaited: it may be asked for"),
    (AGENT, "superior", FOLLOW, "one is awaited at a time, and an agent gives none"),
    (LEAD, "superior", f"{GIVE} {FOLLOW}", "a lead is who is asked"),
    (LEAD, "board", FOLLOW, "a lead does not speak for the board"),
    (replace(LEAD, id=8), "superior", FOLLOW, "nobody directs what they asked themselves"),
    (MANAGER, "superior", GIVE, "the board is above everybody"),
    (MANAGER, "board", GIVE, "the board is who is asked"),
    (MANAGER, "", "", "the board asks nobody"),
    (PAYMENT, "superior", "", "a department neither asks nor directs"),
]


@pytest.mark.parametrize(("who", "whom", "steps", "why"), OF_DIRECTIONS)
def test_what_is_offered_of_a_direction(who: Somebody, whom: str, steps: str, why: str) -> None:
    awaited = {"direction": "waiting", "direction_from": whom, "direction_by_id": 8} if whom else {}
    complaint = columns("payment", None, state="investigating", kind="complaint", **awaited)
    every = {key for key, step in STEPS.items() if step.direction not in (None, Direction.RELEASES)}
    assert [step for step in policy.steps_for(who, complaint, KNOWN) if step in every] == steps.split(), why
    for step in set(GIVE.split()) - set(steps.split()) if whom else ():
        with pytest.raises(NotAllowed):
            policy.check_step(who, step, complaint, KNOWN)


# who, what was asked, does the procedure let departments reply, may tell the result, why
REPLIES = [
    (PAYMENT, "payment", True, True, "owes an answer by a procedure in which departments reply (MISA 2)"),
    (PAYMENT, "payment", False, False, "elsewhere customer care tells it"),
    (PAYMENT, "payment:answered", True, False, "owes nothing any more"),
    (ENGINEERING, "payment", True, False, "was not asked"),
    (LEAD, "payment:answered", True, True, "customer care always may"),
]


@pytest.mark.parametrize(("who", "asked", "reply", "may", "why"), REPLIES)
def test_who_tells_the_result(who: Somebody, asked: str, reply: bool, may: bool, why: str) -> None:
    department, _, ended = asked.partition(":")
    complaint = columns(department, ended or None, state="investigating", kind="complaint")
    assert ("notify_result" in policy.steps_for(who, complaint, KNOWN, departments_reply=reply)) is may, why
    procedure = shipped.procedure("misa" if reply else "pops")
    try:
        policy.check_step(who, "notify_result", complaint, KNOWN)
        policy.check_procedure("notify_result", procedure, who)
    except NotAllowed:
        assert not may, why
    else:
        assert may, why


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
    (PAYMENT, "cashier", True, True, "of a department merged into the own one"),
    (PAYMENT, "till", True, True, "of one merged into that one before"),
    (ENGINEERING, "cashier", False, False, "of one merged into another department"),
    (CASHIER, "payment", True, True, "an account that was left in the merged one belongs to the other too"),
    (CASHIER, "engineering", False, False, "and to no third"),
]


@pytest.mark.parametrize(("who", "department", "sees", "files", "why"), SEEN)
def test_who_sees_a_complaint_and_its_files(
    who: Somebody, department: str | None, sees: bool, files: bool, why: str
) -> None:
    complaint = columns(department=department)
    assert (policy.sees(who, complaint, KNOWN), policy.sees_file(who, complaint, KNOWN, added_by=8)) == (sees, files), (
        why
    )


# who, whom the question asks that the file came with, opens it, why
WITH_A_QUESTION = [
    (MANAGER, "board", True, "the board is asked"),
    (MANAGER, "superior", True, "a superior too, which the board may be"),
    (MANAGER, None, False, "it came with no question"),
    (HANOI_MANAGER, "board", False, "of another branch: the complaint is not seen"),
    (HANOI_ANALYST, "board", False, "an analyst answers nothing"),
    (STRANGER, "board", False, "an unknown role"),
    (LEAD, None, True, "who works with customers opens all"),
]


@pytest.mark.parametrize(("who", "asked_of", "opens", "why"), WITH_A_QUESTION, ids=[row[-1] for row in WITH_A_QUESTION])
def test_who_is_asked_opens_what_came_with_the_question(
    who: Somebody, asked_of: str | None, opens: bool, why: str
) -> None:
    complaint = columns(branch="danang")
    assert policy.sees_file(who, complaint, KNOWN, added_by=8, asked_of=asked_of) is opens, why


# who, branch and department of the complaint, sees it, why
OF_BRANCHES = [
    (AGENT, "danang", None, True, "of no branch: sees all"),
    (HANOI, "hanoi", None, True, "the own branch"),
    (HANOI, "danang", None, False, "another branch"),
    (HANOI, None, None, True, "of no branch yet: somebody must take it (D32)"),
    (HANOI_LEAD, "danang", None, False, "a lead of one branch is none of the other"),
    (HANOI_LEAD, None, None, True, "of no branch yet: somebody must take it (D32)"),
    (HANOI_PAYMENT, "hanoi", "payment", True, "own branch and own department"),
    (HANOI_PAYMENT, None, "payment", True, "asked, and of no branch: it must be answered"),
    (HANOI_PAYMENT, "danang", "payment", False, "own department, another branch"),
    (HANOI_PAYMENT, "hanoi", "engineering", False, "own branch, another department"),
    (HANOI_MANAGER, None, None, False, "whoever works on nothing counts the own branch alone"),
    (HANOI_ANALYST, "danang", None, False, "figures of the own branch alone"),
    (HANOI_ANALYST, "hanoi", None, True, "figures of the own branch"),
    (HANOI_ADMIN, "danang", None, False, "an administrator of one branch too"),
    (HANOI, "haiphong", None, True, "of a branch merged into the own one"),
    (HANOI_ANALYST, "haiphong", None, True, "its figures too"),
    (HANOI_PAYMENT, "haiphong", "cashier", True, "branch and department were merged both"),
    (HANOI_PAYMENT, "haiphong", "engineering", False, "merged branch, another department"),
    (DANANG, "haiphong", None, False, "merged into another branch"),
    (HAIPHONG, "hanoi", None, True, "an account that was left in the merged one"),
    (HAIPHONG, "danang", None, False, "sees no third branch"),
]


@pytest.mark.parametrize(("who", "branch", "department", "sees", "why"), OF_BRANCHES)
def test_who_sees_a_complaint_of_a_branch(
    who: Somebody, branch: str | None, department: str | None, sees: bool, why: str
) -> None:
    complaint = columns(branch=branch, department=department)
    assert policy.sees(who, complaint, KNOWN) is sees, why
    if not sees:
        with pytest.raises(NotAllowed, match="another branch|not with your department"):
            policy.check_sees(who, complaint, KNOWN)


# who, who logged it, its branch, who handed the file in, sees it, opens the file, why
OWN = [
    (REPORTER, 7, None, 7, True, True, "logged it, and its own file"),
    (REPORTER, 7, None, 8, True, False, "what somebody else added may show anybody"),
    (REPORTER, 7, None, None, True, False, "what the register itself added"),
    (REPORTER, 8, None, 7, False, False, "somebody else's, whoever added to it"),
    (REPORTER, None, None, None, False, False, "logged by nobody known"),
    (HANOI_REPORTER, 7, "danang", 7, True, True, "what one logged stays one's own wherever it belongs"),
    (AGENT, 8, None, 8, True, True, "customer care sees all"),
    (MANAGER, 7, None, 7, True, False, "masked is masked, also of what one handed in in another role"),
]


@pytest.mark.parametrize(("who", "logged_by", "branch", "added_by", "sees", "opens", "why"), OWN)
def test_who_follows_what_they_logged(
    who: Somebody,
    logged_by: int | None,
    branch: str | None,
    added_by: int | None,
    sees: bool,
    opens: bool,
    why: str,
) -> None:
    complaint = columns(logged_by_id=logged_by, branch=branch)
    assert (policy.sees(who, complaint, KNOWN), policy.sees_file(who, complaint, KNOWN, added_by=added_by)) == (
        sees,
        opens,
    ), why


# who, the branches for which they may log, why
LOGGED_FOR = [
    (AGENT, None, "any"),
    (HANOI, ("hanoi", "haiphong", None), "the own one or none, since what is logged for another is not seen again"),
    (DANANG, ("danang", None), "nothing was merged into it"),
    (HANOI_REPORTER, None, "any: a reporter sees what they logged"),
]


@pytest.mark.parametrize(("who", "branches", "why"), LOGGED_FOR)
def test_for_which_branches_somebody_logs(who: Somebody, branches: policy.Values | None, why: str) -> None:
    assert policy.branches_of(who, KNOWN) == branches, why


# state, steps, why
OF_REPORTERS = [
    ("received", "note add_evidence", "adds what it forgot"),
    ("waiting_customer", "note add_evidence", "still open"),
    ("resolved", "note add_evidence", "told, not closed"),
    ("closed", "", "over"),
    ("withdrawn", "", "over"),
]


@pytest.mark.parametrize(("state", "steps", "why"), OF_REPORTERS)
def test_who_logged_it_adds_to_it_while_it_is_open(state: str, steps: str, why: str) -> None:
    assert policy.steps_for(REPORTER, columns(state=state, logged_by_id=7), KNOWN) == tuple(steps.split()), why
    assert policy.steps_for(REPORTER, columns(state=state, logged_by_id=8), KNOWN) == (), why


# who, step, department of the complaint, sentence of the refusal or None, why
WRITTEN = [
    (AGENT, "assign", None, None, "hands it over as a lead does (D23)"),
    (LEAD, "assign", None, None, "gives out the work"),
    (PAYMENT, "assign", "payment", "Your role does not include this step", "customer care says who holds it"),
    (PAYMENT, "answer", "payment", None, "its own"),
    (PAYMENT, "answer", "engineering", "not with your department", "another department's"),
    (PAYMENT, "answer", "cashier", None, "of a department merged into the own one"),
    (ENGINEERING, "answer", "cashier", "not with your department", "merged into another department"),
    (PAYMENT, "close", "payment", "Your role does not include this step", "customer care closes"),
    (MANAGER, "note", None, "Your role does not include this step", "looks on"),
    (REPORTER, "note", None, "that you logged yourself", "somebody else's"),
    (REPORTER, "acknowledge", None, "Your role does not include this step", "logs and follows, no more"),
]


@pytest.mark.parametrize(("who", "step", "department", "refusal", "why"), WRITTEN)
def test_who_takes_a_step(who: Somebody, step: str, department: str | None, refusal: str | None, why: str) -> None:
    complaint = columns(department=department)
    if refusal is None:
        policy.check_step(who, step, complaint, KNOWN)
        return
    with pytest.raises(NotAllowed, match=refusal):
        policy.check_step(who, step, complaint, KNOWN)
    assert why


# who, step, state, holder; whether whoever takes the step holds the complaint from then on, why
TAKES_HOLD = [
    (AGENT, "acknowledge", "received", None, True, "the first step on a case that nobody holds"),
    (LEAD, "classify", "acknowledged", None, True, "a lead who works on it holds it like everybody"),
    (AGENT, "acknowledge", "received", 8, False, "a colleague holds it, and helping takes nothing away"),
    (AGENT, "note", "received", None, False, "a note is no work on the case"),
    (AGENT, "assign", "received", None, False, "says itself who holds it"),
    (AGENT, "reopen", "closed", None, False, "closed when the step began: whoever works on it next holds it"),
    (PAYMENT, "answer", "investigating", None, False, "a department holds no case"),
    (MANAGER, "decide", "proposed", None, False, "decides, and works on nothing"),
]


@pytest.mark.parametrize(("who", "step", "state", "holder", "takes", "why"), TAKES_HOLD)
def test_whose_case_it_becomes(who: Somebody, step: str, state: str, holder: int | None, takes: bool, why: str) -> None:
    assert policy.takes_hold(who, step, {"state": state, "assignee_id": holder}) is takes, why


SETTLED_AT_ONCE = [
    # who, procedure, kinds, why
    (AGENT, "pops", ("inquiry",), "answered from published information (POPS 3A)"),
    (LEAD, "minh-tuan", ("inquiry", "complaint"), "agreed on the spot, with minutes (Minh Tuấn 4)"),
    (AGENT, "dai-huu", ("inquiry", "complaint"), "the same words"),
    (AGENT, "misa", ("inquiry",), "no word of settling a complaint on the spot"),
    (AGENT, "vhv", ("inquiry",), "advised directly (VHV 1)"),
    (REPORTER, "minh-tuan", (), "only reports: neither tells the result nor closes"),
    (PAYMENT, "dai-huu", (), "logs nothing, and closes nothing"),
    (MANAGER, "pops", (), "does no daily work"),
]


@pytest.mark.parametrize(("who", "procedure", "kinds", "why"), SETTLED_AT_ONCE)
def test_what_may_be_logged_as_settled(who: Somebody, procedure: str, kinds: tuple[str, ...], why: str) -> None:
    assert policy.kinds_settled_at_once(who, shipped.procedures()[procedure]) == kinds, why
