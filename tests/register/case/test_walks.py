"""Random walks over every step of every procedure: what must hold of a complaint whatever people do with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from io import BytesIO
from random import Random

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import Invalid, NotAllowed
from core.insight import facts
from core.register import rulebook
from core.register.case import actions, complaints, incidents, issued
from core.register.case import case as cases
from core.register.case.batch import Result
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.case.evidence import FileDraft
from core.register.case.steps.correction import is_timed
from core.register.case.steps.recording import Becomes, StepFields
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint, Issue, SlaCycle
from core.register.log.verify import verify
from core.register.papers import issue
from core.register.reads.visible import columns_of
from core.rules import checklist, directions, policy, prevention
from core.rules.evidence_kinds import KINDS
from core.rules.issues import ADD, MOST, REMOVE, standing
from core.rules.issues import Issue as Further
from core.rules.requests import open_of
from core.rules.steps import ASKED, ISSUE, MERGE, OPEN, STEPS, UNDO, UNMERGE, VERIFY, WORKED, State, ranked
from core.rules.verdicts import verdict
from tests.conftest import Cast
from tests.engines import MONDAY, everything
from tests.files import PNG
from tests.register.ways import INCIDENT, SURVIVOR, filled, log_survivor, open_incident, verify_customers

WALKS, OF_ANOTHER, STEPS_OF_ONE, ACTS = 11, 10, 49, 30
"""How many complaints of POPS, of each other procedure, how many steps of each, how many acts of an incident at least.
"""
OTHERS = ("vhv", "misa", "minh-tuan", "dai-huu")
MAY_REFUSE = {"decide", "end_waiting", "accept", "explain_miss", "correct", "merge", "notify_result"}
MAY_REFUSE |= {"forward", "propose", "close"}
"""Steps that need more than a state: a proposal, reminders, a date, a miss, a value that may stand there, another
complaint that is open and came first, a direction that came (MISA 3), a complaint that the rules take: correcting when
it happened may make it one that came too late."""
RARE = {"action_done", "send_evidence", "verify_evidence", "check_effect"}
"""Steps at the end of a way that few walks take whole; ``test_prevention`` takes it."""


def test_whatever_people_do_the_register_stays_whole(register: Register, cast: Cast) -> None:
    walks(register, cast, "pops", WALKS)


@pytest.mark.parametrize("procedure", OTHERS)
def test_so_it_does_by_the_other_procedures(procedure: str, sqlite_register: Register, sqlite_cast: Cast) -> None:
    walks(sqlite_register, sqlite_cast, procedure, OF_ANOTHER)


def walks(register: Register, cast: Cast, procedure: str, count: int) -> None:
    """``count`` complaints of ``procedure``, and what holds of the register afterwards."""
    chance, verifies = Random(procedure), procedure == "misa"
    taken, tried = Counter[str](), Counter[str]()
    with register.write() as session:
        open_incident(session, MONDAY)
        log_survivor(session, MONDAY)
        if verifies:
            verify_customers(session)
    for _walk in range(count):
        walk(register, cast, procedure, chance, taken, tried)
    acts_for_all(register, cast, chance)
    possible = {key for key, step in STEPS.items() if procedure == "pops" or not step.conciliates}
    assert (VERIFY in taken) is verifies, "nobody else verifies anything of customers (MISA 2)"
    assert {"forward", "close"} <= set(taken)
    assert possible - set(taken) <= {*MAY_REFUSE, *RARE, VERIFY, UNDO} - {MERGE}, (
        "every other step was taken at least once"
    )
    check(register, SURVIVOR)
    report = verify(register)
    assert report.is_whole, report.problems
    anew = facts.load(register)
    kept = facts.current(register)
    for name in ("complaints", "cycles", "requests"):
        assert (
            getattr(anew, name)
            .sort("id" if name == "complaints" else "complaint_id")
            .equals(getattr(kept, name).sort("id" if name == "complaints" else "complaint_id"))
        )


def acts_for_all(register: Register, cast: Cast, chance: Random) -> None:
    """Everything that can be done for an incident, in any order, on whatever complaints there are (D24)."""
    now = MONDAY + timedelta(days=90)
    with register.read() as session:
        codes = list(session.scalars(select(Complaint.code).order_by(Complaint.id)))
    done = Counter[str]()
    for n in range(3 * ACTS):
        if n >= ACTS and set(done) == set(FOR_ALL):
            break
        now += timedelta(minutes=chance.choice((1, 50, 600)))
        name, by = chance.choice(list(FOR_ALL)), chance.choice((cast.lead, cast.agent))
        some = dict.fromkeys(chance.sample(codes, chance.randrange(1, len(codes) + 1)))
        with register.write() as session:
            try:
                result = FOR_ALL[name](session, INCIDENT, some, Act(by, now))
            except Invalid:
                continue  # none of them could, and all for one reason
        done[name] += len(result.done)
        assert not result.overtaken
        assert set(result.done) | set(result.refused) == set(some), f"{name} loses none, act {n}"
        for code in result.done:
            check(register, code)
    assert set(done) == set(FOR_ALL)
    assert {name for name, times in done.items() if times} >= {"join", "leave"}, done


def ask(session: Session, code: str, versions: incidents.Versions, act: Act) -> Result:
    question: StepFields = {"department": "payment", "text": "Hỏi chung", "due_at": act.now + timedelta(days=2)}
    return incidents.forward(session, code, versions, [question], act)


def tell(session: Session, code: str, versions: incidents.Versions, act: Act) -> Result:
    return incidents.tell(session, code, versions, lambda one: {"channel": "email", "text": f"Xong {one}"}, act)


def analyse(session: Session, code: str, versions: incidents.Versions, act: Act) -> Result:
    return incidents.analyse(
        session, code, versions, act, root_cause="unknown", whys=["Chưa rõ"], text="Không cần", people="Ai đó"
    )


FOR_ALL: Mapping[str, Callable[[Session, str, incidents.Versions, Act], Result]] = {
    "join": incidents.join,
    "leave": lambda session, code, some, act: incidents.leave(session, code, some, "", act),
    "forward": ask,
    "answer": lambda session, code, some, act: incidents.answer(session, code, some, "payment", "Chung", act),
    "tell": tell,
    "analyse": analyse,
}


def walk(
    register: Register, cast: Cast, procedure: str, chance: Random, taken: Counter[str], tried: Counter[str]
) -> None:
    """One complaint and what a lead, an agent and its department do with it."""
    now = MONDAY + timedelta(minutes=chance.randrange(10_000))
    with register.write() as session:
        draft = Draft("email", now, "Lỗi", "payment", procedure=procedure, incident_at=now - timedelta(hours=2))
        if procedure == "misa":
            draft = draft._replace(customer=CustomerDraft(name="Khách", phone=f"09123456{chance.randrange(10, 99)}"))
        code = complaints.log(session, draft, Act(cast.agent, now)).code
    for _step in range(STEPS_OF_ONE):
        now += timedelta(minutes=chance.choice((1, 50, 600, 3_000)))
        before = verdicts(register, code, now)
        step = one_step(register, cast, code, now, chance, tried)
        if step not in ("correct", UNMERGE):  # a merge taken back lets clocks run on (D13)
            after = verdicts(register, code, now)
            ended = {key for key, given in before.items() if given in ("met", "missed", "cancelled")}
            assert {key: after[key] for key in ended} == {key: before[key] for key in ended}, (
                f"{step} changes no verdict"
            )
        if step:
            taken[step] += 1
            check(register, code)


def one_step(
    register: Register, cast: Cast, code: str, now: datetime, chance: Random, tried: Counter[str]
) -> str | None:
    """A step chosen among those that are offered; None where the register refused it for a reason of its own."""
    with register.read() as session:
        complaint = session.scalars(select(Complaint).where(Complaint.code == code)).one()
        procedure = rulebook.current_procedure(session, complaint.procedure, now)
        conciliates, reply = procedure.conciliation is not None, procedure.departments_reply
        case = cases.load(session, code)
        plan, its_issues, papers = actions.fold(case.events), standing(case.row["issues"]), issue.offers(session, case)
        offered = [
            (by, key)
            for by in (cast.lead, cast.agent, cast.handler, cast.manager)
            for key in policy.steps_for(
                by, columns_of(complaint), everything(), conciliates=conciliates, departments_reply=reply
            )
            if prevention.offers(by, key, plan)
            and (key != REMOVE or its_issues)
            and (key != ISSUE or papers)
            and (key != ADD or len(its_issues) < MOST - 1)
        ]
        requests, numbers = open_of(complaint.requests), [one.number for one in issued.fold(case.events)]
        others = list(session.scalars(select(Complaint.code).order_by(Complaint.id)))
        still = checklist.missing(checklist.fold(case.counting))
    keys = tuple(dict.fromkeys(key for _by, key in offered))
    likely = ranked(keys, State(complaint.state), complaint.kind)
    seldom_tried = min(keys, key=lambda key: (tried[key], chance.random()))
    leading_on = [key for key in likely if not STEPS[key].beside]  # else a closed case would collect notes
    step = chance.choice((seldom_tried, seldom_tried, *leading_on[:2]))
    tried[step] += 1  # one that is refused must not be chosen for ever
    by = chance.choice([by for by, key in offered if key == step])
    asked = [one for one in requests if by.department in (None, one.department)]
    fields = filled(step, now + timedelta(hours=30)) | {"assignee_id": by.id}
    if step == MERGE:
        fields["merged_into"] = SURVIVOR if chance.random() < 0.7 else chance.choice(others)
    with_file = step in ("add_evidence", "send_evidence") or (chance.random() < 0.2 and carries(step, "files"))
    kind = chance.choice((None, *KINDS))
    fields["files"] = (FileDraft("ảnh.png", BytesIO(PNG), kind),) if with_file else ()
    fields["came"] = chance.sample(still, chance.randrange(len(still) + 1)) if carries(step, "came") else ()
    if step == "correct":
        fields |= correction(register, code, now, chance)
    fields["addressee"] = chance.choice(procedure.escalates_to)
    fields["department"] = chance.choice(("payment", "payment", "engineering"))
    fields["request"] = chance.choice(asked).number if asked else None
    if step in prevention.STAGE_OF:
        waiting = plan.at(prevention.STAGE_OF[step])
        possible = prevention.own(by, waiting) if step in prevention.OF_OWNERS else waiting
        fields["action"] = str(chance.choice(possible).number)
    fields["effect"] = chance.choice(("effective", "too_early"))
    fields["verified"] = chance.choice(("confirmed", "refused"))
    fields["level"] = "normal" if procedure.gives_levels else None
    if step == VERIFY:
        fields["facts"] = {"title": f"Chức danh {chance.randrange(10)}", "dues": chance.choice(("none", "overdue"))}
        fields["still"] = ("dues",) if chance.random() < 0.3 else ()  # refused while nobody has verified it
    fields |= about_issues(its_issues, chance) | about_papers(papers, numbers, chance)
    if step == "details":
        fields["details"] = {"transaction": f"FT{chance.randrange(10_000)}"}
    try:
        with register.write() as session:
            complaints.take(session, code, step, fields, Act(by, now))
    except (Invalid, NotAllowed):
        assert step in {*MAY_REFUSE, VERIFY, *((ISSUE,) if fields.get("replaces") else ())}, (
            f"{step} was offered and refused"
        )
        return None
    return step


def about_papers(papers: Sequence[str], numbers: Sequence[str], chance: Random) -> StepFields:
    """One that is offered, at times instead of one that was issued, of whatever kind."""
    return {"paper": chance.choice(papers) if papers else None, "replaces": chance.choice((None, *numbers))}


def about_issues(its_issues: Sequence[Further], chance: Random) -> StepFields:
    """One of the further issues, what one more is about, how all of them ended."""
    return {
        "issue": chance.choice(its_issues).number if its_issues else None,
        "issue_category": chance.choice(("locked_chapter", "content")),
        "issue_outcomes": {str(one.number): chance.choice(("upheld", "rejected")) for one in its_issues},
        "issue_causes": {str(one.number): "unknown" for one in its_issues},
    }


def carries(step: str, field: str) -> bool:
    return field in STEPS[step].field_names()


def correction(register: Register, code: str, now: datetime, chance: Random) -> StepFields:
    """Something of the complaint, or the time of one of its events, within the times around it or not."""
    with register.read() as session:
        complaint = session.scalars(select(Complaint).where(Complaint.code == code)).one()
        told = cases.history(session, complaint.id)
    wanted = [one for one in told if is_timed(one.kind)]
    if wanted and chance.random() < 0.6:
        one = chance.choice(wanted)
        moved = one.happened_at + timedelta(minutes=chance.choice((-3_000, -50, -1, 1, 50)))
        return {"corrects": "happened_at", "of": one.seq, "becomes": moved, "text": "Gõ nhầm giờ"}
    becomes: Becomes
    corrects, becomes = chance.choice(
        (
            ("recorded_at", complaint.recorded_at - timedelta(minutes=chance.randrange(1, 5_000))),
            ("channel", chance.choice(("facebook", "hotline", "web"))),
            ("statement", f"Lỗi {chance.randrange(10_000)}"),
            ("contact", {"name": "Khách", "phone": f"09123456{chance.randrange(10, 99)}"}),
            ("incident_at", now - timedelta(days=chance.randrange(1, 90))),
            ("outcome", chance.choice(("upheld", "rejected"))),
            ("issue_category", chance.choice(("locked_chapter", "content", "payment"))),
            ("issue_outcome", chance.choice(("upheld", "rejected"))),
        )
    )
    issue = chance.choice((2, 2, 3))
    return {"corrects": corrects, "becomes": becomes, "issue": issue, "text": "Gõ nhầm"}


def verdicts(register: Register, code: str, now: datetime) -> dict[tuple[str, int], str]:
    """Promise → the verdict that was given, or that it is not due yet."""
    with register.read() as session:
        its = select(SlaCycle).join(Complaint, Complaint.id == SlaCycle.complaint_id).where(Complaint.code == code)
        return {(one.term, one.number): verdict(one, now).value for one in session.scalars(its)}


def check(register: Register, code: str) -> None:
    """What holds after every step."""
    with register.read() as session:
        complaint = session.scalars(select(Complaint).where(Complaint.code == code)).one()
        cycles = list(session.scalars(select(SlaCycle).where(SlaCycle.complaint_id == complaint.id)))
        awaited = directions.awaited(directions.asked(cases.load(session, code).counting))
    running = [cycle for cycle in cycles if cycle.stopped_at is None and cycle.cancelled_at is None]
    state = State(complaint.state)
    twice = {term for term, n in Counter(cycle.term for cycle in running).items() if n > 1} - {"negotiation"}
    assert not [term for term in twice if not term.startswith("promised_")], "one running cycle a promise"
    if state in OPEN - {State.resolved}:
        assert running or complaint.chase_on, f"nobody would look at {code}, which is {state}"
    owed = sorted(open_of(complaint.requests), key=lambda one: (one.due_at, one.number))
    assert complaint.waiting_department is bool(owed)
    assert complaint.department_due_at == (owed[0].due_at if owed else None)
    if owed:
        assert (complaint.department, state in ASKED) == (owed[0].department, True)
    if state in (State.withdrawn, State.merged):
        assert not running
    with register.read() as session:
        its_issues = list(session.scalars(select(Issue).where(Issue.complaint_id == complaint.id)))
    ended = [one.outcome is not None for one in its_issues]
    assert len(set(ended)) < 2, "they end together"
    assert all(ended) or complaint.outcome is None, "no issue of a closed case is left without an outcome"
    assert (state is State.merged) == (complaint.merged_into is not None)
    asked = (awaited.addressee, awaited.asked_by, awaited.due_at, awaited.reminded) if awaited else None
    row = (complaint.direction_from, complaint.direction_by_id, complaint.direction_due_at)
    assert asked == ((*row, complaint.direction_reminded) if complaint.direction == "waiting" else None)
    assert complaint.direction is None or state in WORKED
