"""Where a complaint can stand and what can be done to it: each state and each step declared once (POPS steps 1-7).

Everything else that knows steps derives from these two tables or adds its own part under the same key: the register the
check and the change (``core.register.case.steps``), the screens form, words and icon (``core.ui.steps``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, Flag, StrEnum, auto

from core.errors import NotAllowed
from core.rules import issues


class Phase(StrEnum):
    """The seven steps of the written procedure (POPS III.2), in their order."""

    RECORD = "record"
    ACKNOWLEDGE = "acknowledge"
    CLASSIFY = "classify"
    HANDLE = "handle"
    CONCILIATE = "conciliate"
    NOTIFY = "notify"
    CLOSE = "close"


def phases_of(*, conciliates: bool) -> tuple[Phase, ...]:
    """The steps in their order, without rounds with the customer where the procedure has none."""
    return tuple(phase for phase in Phase if phase is not Phase.CONCILIATE or conciliates)


class State(StrEnum):
    """Where a complaint stands; the register stores these words."""

    received = "received"
    acknowledged = "acknowledged"
    classified = "classified"
    investigating = "investigating"
    waiting_customer = "waiting_customer"
    proposed = "proposed"
    decided = "decided"
    resolved = "resolved"
    closed = "closed"
    withdrawn = "withdrawn"
    merged = "merged"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a state means to those who do not know its name.

    ``next_phase``: what the procedure wants next; None at an end. ``imported_as``: the stage by which a mapping of a
    foreign file names it, where that is not the state's own name.
    """

    next_phase: Phase | None
    imported_as: str = ""


WORKED_ON = "worked"
STATES: Mapping[State, Standing] = {
    State.received: Standing(Phase.ACKNOWLEDGE),
    State.acknowledged: Standing(Phase.CLASSIFY),
    State.classified: Standing(Phase.HANDLE, imported_as=WORKED_ON),
    State.investigating: Standing(Phase.HANDLE, imported_as=WORKED_ON),
    State.waiting_customer: Standing(Phase.HANDLE),
    State.proposed: Standing(Phase.CONCILIATE),
    State.decided: Standing(Phase.NOTIFY),
    State.resolved: Standing(Phase.CLOSE),
    State.closed: Standing(None),
    State.withdrawn: Standing(None),
    State.merged: Standing(None),
}
EVERYWHERE = frozenset(STATES)
ANY = EVERYWHERE - {State.merged}
"""Wherever it stands by itself; what was merged into another complaint goes on there (D13)."""
OPEN = frozenset(state for state, standing in STATES.items() if standing.next_phase)
WORKED = OPEN - {State.received, State.resolved}
HANDLED = EVERYWHERE - {State.received, State.acknowledged, State.classified}
"""From the investigation on: a cause can be analysed, and what was planned against it is followed to its end (D25)."""
AWAITING_CUSTOMER = frozenset({State.waiting_customer, State.proposed})
"""The customer was asked something, or has to say whether they agree; each has a day on which we ask again."""


class Effect(Flag):
    """What an event does to clocks beyond the terms that a procedure ties to its name."""

    NONE = 0
    CANCELS = auto()  # ends every running clock; without a verdict what is not overdue yet (D13)
    REOPENS = auto()  # starts the next cycle of terms that repeat on re-opening (D6)
    PAUSES = auto()  # begins a pause where the procedure allows one and a chase date is given (D5)
    ENDS_PAUSE = auto()  # nobody waits for the customer any more (D5)
    KEEPS_UPDATE = auto()  # keeps a promised progress update (D14)
    KEEPS_REPLY = auto()  # keeps every other promised date (D14)
    KEEPS_SOLUTION = auto()  # keeps the date by which a customer who refused hears again (D17)
    PROMISES = auto()  # starts a clock of its own where it carries a promised date (D14)


class Department(Enum):
    """What a step does to the answer a department owes."""

    ASKS = "asks"
    ANSWERS = "answers"
    RETURNS = "returns"  # it is not theirs
    RECALLS = "recalls"  # nobody needs the answer any more
    REMINDS = "reminds"
    RELEASES = "releases"  # whatever was owed, nobody waits for it any more


class Direction(Enum):
    """What a step does to the direction that is asked of a superior or the board (Minh Tuấn 3, MISA 2)."""

    ASKS = "asks"
    DIRECTS = "directs"
    APPROVES = "approves"
    RETURNS = "returns"  # what is proposed is not agreed to
    RECALLS = "recalls"  # nobody needs the direction any more
    REMINDS = "reminds"
    RELEASES = "releases"  # the result was told without it, or the complaint withdrawn


ANSWERED = frozenset({Direction.DIRECTS, Direction.APPROVES, Direction.RETURNS})
"""What whoever is asked may say."""
OF_A_DIRECTION = ANSWERED | {Direction.RECALLS, Direction.REMINDS}
"""What is done about a direction that is awaited, and possible only then."""
OF_A_REQUEST = frozenset({Department.ANSWERS, Department.RETURNS, Department.RECALLS, Department.REMINDS})
"""What is done to one request of a department, and possible only while an answer is owed (D19)."""


class Need(StrEnum):
    """When a field must be filled in."""

    ALWAYS = "always"
    OPTIONAL = "optional"
    OF_COMPLAINTS = "of_complaints"  # an inquiry (kind A) may leave it empty
    OF_MISSES = "of_misses"  # once for each broken promise that has no reason yet, else not even shown


@dataclass(frozen=True, slots=True)
class Carried:
    """One field of a step and when it must be filled in."""

    name: str
    need: Need = Need.ALWAYS


@dataclass(frozen=True, slots=True)
class Step:
    """One step a person can take.

    ``event``: what the log calls it. ``from_states``: where it is possible. ``by``: the roles that may take it;
    ``open_for``: those of ``by`` that may take it only while the complaint is open; ``replying``: those that may take
    it only while their own department owes an answer, by a procedure that lets departments reply to the customer (MISA
    2). ``carries``: its fields. ``to``: the state it leads to (None: the state stays), ``to_from`` where that depends
    on the state it is taken in, ``unclassified`` where it leads while nobody has said yet what kind of matter it is,
    ``classified`` where somebody has said it before the procedure asks; ``after_classifying``: only once somebody has.
    ``department``, ``direction``: what it does to an answer that is owed, to a direction that is asked for.
    ``phase``: which step of the procedure it does. ``conciliates``: only where the procedure has rounds with the
    customer (D17). ``effect``: what it does to clocks. ``likely``: state → how likely it is next there (1 the
    likeliest). ``seldom``: possible nearly always, meant seldom. ``beside``: stands beside the order of the steps: it
    may be dated before the step it follows, and imported histories do not need it. ``final``: a screen asks for
    confirmation before it is saved (D22).
    """

    key: str
    event: str
    from_states: frozenset[State]
    by: frozenset[str]
    carries: tuple[Carried, ...] = ()
    to: State | None = None
    to_from: Mapping[State, State] = field(default_factory=dict)
    unclassified: State | None = None
    classified: State | None = None
    after_classifying: bool = False
    open_for: frozenset[str] = frozenset()
    replying: frozenset[str] = frozenset()
    phase: Phase | None = None
    conciliates: bool = False
    effect: Effect = Effect.NONE
    department: Department | None = None
    direction: Direction | None = None
    likely: Mapping[State, int] = field(default_factory=dict)
    seldom: bool = False
    beside: bool = False
    final: bool = False
    fields: Mapping[str, Need] = field(init=False, compare=False)
    """Name of each field that it carries → when it must be filled in; made once, every step of a history asks."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", {carried.name: carried.need for carried in self.carries})

    def leads_to(self, state: State, *, is_classified: bool | None = None) -> State:
        """The state after this step in ``state``; NotAllowed when the procedure does not go that way.

        ``is_classified``: whether somebody has said what kind of matter it is; None for where it leads as a rule, which
        is how an event is read that says nothing else.
        """
        if state not in self.from_states:
            raise NotAllowed(
                "“{step}” is not possible while the complaint is “{state}”: reload to see the steps that are.",
                step=self.key,
                state=state.value,
            )
        if self.after_classifying and is_classified is False:
            raise NotAllowed("Say first what kind of matter this is: classify it.")
        if self.unclassified and is_classified is False:
            return self.unclassified
        if self.classified and is_classified:
            return self.classified
        return self.to_from.get(state, self.to or state)

    def takes_hold(self, state: State) -> bool:
        """Whether it is work on the case: whoever takes it holds the complaint, where nobody does (D23).

        What is merged is worked on elsewhere from then on.
        """
        return state in OPEN and not self.beside and self.to is not State.merged

    def field_names(self) -> frozenset[str]:
        """The fields it must or may carry."""
        return frozenset(self.fields)

    def needs(self, name: str, *, kind: str | None, unexplained: bool) -> bool:
        """Whether ``name`` must be filled in, for a complaint of ``kind`` that has an ``unexplained`` miss or none.

        KeyError for a field the step does not carry, so that no check asks for what is declared nowhere.
        """
        match self.fields[name]:
            case Need.OF_COMPLAINTS:
                return kind != "inquiry"
            case Need.OF_MISSES:
                return unexplained
            case need:
                return need is Need.ALWAYS


def _need(*names: str) -> tuple[Carried, ...]:
    return tuple(Carried(name) for name in names)


def _may(*names: str) -> tuple[Carried, ...]:
    return tuple(Carried(name, Need.OPTIONAL) for name in names)


_TOLD = ("answer_text", "mail", "subject", "enclosed")
"""What a step that tells the customer something may carry: the answer text that was used, and the mail (D46)."""
CARE = frozenset({"agent", "lead"})
DEPARTMENTS = frozenset({"handler"})
CARE_AND_DEPARTMENTS = CARE | DEPARTMENTS
REPORTERS = frozenset({"reporter"})
LEADS = frozenset({"lead"})
DECIDERS = LEADS | {"manager"}
ASKED = frozenset({State.investigating, State.waiting_customer, State.proposed, State.decided})
"""Where a department may owe an answer."""
BOARD = frozenset({"manager"})
VERIFY, VERIFIED = "verify_customer", "customer_verified"
"""The step by which what is known of the customer is verified, and its event (MISA 2)."""
ADMIT, ADMITTED = "admit", "admitted"
"""The step by which a lead admits what the rules do not take, and its event (``core.rules.admission``)."""
CLOSE = "close"
"""The step that ends a complaint with what came of it."""
UNDO, UNDONE = "undo", "undone"
"""The step that takes the last one back, and its event (``core.rules.undo``)."""
ESCALATE, DIRECT = "escalate", "direct"
"""The steps by which a direction is asked for, and given."""
JOIN, LEAVE = "join_incident", "leave_incident"
"""The steps by which a complaint belongs to an incident, and does not any more (D24)."""
MERGE, MERGED = "merge", "merged"
"""The step by which a complaint goes on in another one, and its event (D13)."""
UNMERGE, UNMERGED = "unmerge", "unmerged"
"""The step by which it goes on by itself again, as if it had not been merged (``core.rules.undo``), and its event."""
MERGED_IN, TAKEN_OUT = "merged_in", "taken_out"
"""The events of the complaint that another one was merged into, and that it was taken out of again."""
ISSUE, ISSUED = "issue_paper", "paper_issued"
"""The step by which a paper is issued to the customer, and its event (D39)."""
CORRECT, CORRECTED = "correct", "corrected"
"""The step by which an earlier event says something else, and its event (``core.rules.correction``)."""
TOLD_RESULT = Effect.ENDS_PAUSE | Effect.KEEPS_UPDATE | Effect.KEEPS_REPLY | Effect.KEEPS_SOLUTION

STEPS: Mapping[str, Step] = {
    step.key: step
    for step in (
        Step(
            "acknowledge",
            "acknowledged",
            frozenset({State.received}),
            CARE,
            _need("channel") + _may("text", "files", *_TOLD),
            State.acknowledged,
            classified=State.classified,
            phase=Phase.ACKNOWLEDGE,
            effect=Effect.KEEPS_UPDATE,
            likely={State.received: 1},
        ),
        Step(
            "classify",
            "classified",
            WORKED,
            CARE,
            _need("kind", "category") + _may("level"),
            to_from={State.acknowledged: State.classified},
            phase=Phase.CLASSIFY,
            likely={State.acknowledged: 1},
            seldom=True,
        ),
        Step(
            "assign",
            "assigned",
            OPEN,
            CARE,
            _need("assignee_id") + _may("text"),
            seldom=True,
            beside=True,
        ),
        Step(
            "forward",
            "forwarded",
            frozenset({State.classified, State.investigating}),
            CARE,
            _need("department", "text", "due_at") + _may("files", "details"),
            State.investigating,
            phase=Phase.HANDLE,
            department=Department.ASKS,
            likely={State.classified: 1},
        ),
        Step(
            "answer",
            "department_answered",
            ASKED,
            CARE_AND_DEPARTMENTS,
            _need("text") + _may("request", "files"),
            phase=Phase.HANDLE,
            department=Department.ANSWERS,
        ),
        Step(
            "return_request",
            "request_returned",
            ASKED,
            CARE_AND_DEPARTMENTS,
            _need("text") + _may("request", "belongs_to", "files"),
            department=Department.RETURNS,
            seldom=True,
        ),
        Step(
            "recall",
            "request_recalled",
            ASKED,
            CARE,
            _need("text") + _may("request", "files"),
            department=Department.RECALLS,
            seldom=True,
        ),
        Step(
            "remind",
            "department_reminded",
            ASKED,
            CARE,
            _may("request", "text", "files"),
            department=Department.REMINDS,
            seldom=True,
            beside=True,
        ),
        Step(
            "ask_customer",
            "customer_asked",
            frozenset({State.acknowledged, State.classified, State.investigating}),
            CARE,
            _need("text", "chase_on") + _may("files", "wanted", "wanted_more", *_TOLD),
            State.waiting_customer,
            phase=Phase.HANDLE,
            effect=Effect.PAUSES | Effect.KEEPS_UPDATE,
        ),
        Step(
            "record_reply",
            "customer_replied",
            frozenset({State.waiting_customer}),
            CARE,
            _need("text") + _may("files", "came"),
            State.investigating,
            unclassified=State.acknowledged,
            phase=Phase.HANDLE,
            effect=Effect.ENDS_PAUSE,
            likely={State.waiting_customer: 1},
        ),
        Step(
            "chase",
            "customer_chased",
            AWAITING_CUSTOMER,
            CARE,
            _need("channel", "chase_on") + _may("text", "files", *_TOLD),
            phase=Phase.HANDLE,
            effect=Effect.KEEPS_UPDATE,
            likely={State.waiting_customer: 2, State.proposed: 3},
        ),
        Step(
            "end_waiting",
            "customer_silent",
            AWAITING_CUSTOMER,
            CARE,
            _may("text", "due_at", "files"),
            to_from={State.waiting_customer: State.investigating, State.proposed: State.decided},
            unclassified=State.acknowledged,
            phase=Phase.HANDLE,
            effect=Effect.ENDS_PAUSE | Effect.PROMISES,
            seldom=True,
        ),
        Step(
            "propose",
            "remedy_proposed",
            frozenset({State.classified, State.investigating}),
            CARE,
            _need("channel", "text", "chase_on") + _may("files", *_TOLD),
            State.proposed,
            phase=Phase.CONCILIATE,
            conciliates=True,
            effect=Effect.KEEPS_UPDATE | Effect.KEEPS_SOLUTION,
            likely={State.investigating: 2},
        ),
        Step(
            "accept",
            "remedy_accepted",
            frozenset({State.proposed}),
            CARE,
            _may("text", "due_at", "files"),
            State.decided,
            phase=Phase.CONCILIATE,
            conciliates=True,
            effect=Effect.PROMISES,
            likely={State.proposed: 1},
        ),
        Step(
            "refuse",
            "remedy_refused",
            frozenset({State.proposed, State.resolved}),
            CARE,
            _need("text", "due_at") + _may("files"),
            State.investigating,
            phase=Phase.CONCILIATE,
            conciliates=True,
            effect=Effect.PROMISES,
            likely={State.proposed: 2, State.resolved: 2},
        ),
        Step(
            "decide",
            "final_decision",
            frozenset({State.investigating, State.proposed}),
            DECIDERS,
            _need("text") + _may("due_at"),
            State.decided,
            phase=Phase.CONCILIATE,
            conciliates=True,
            effect=Effect.PROMISES,
            final=True,
            seldom=True,
        ),
        Step(
            ESCALATE,
            "escalated",
            WORKED,
            CARE,
            _need("addressee", "text", "due_at") + _may("files"),
            direction=Direction.ASKS,
            seldom=True,
        ),
        Step(
            DIRECT,
            "directed",
            WORKED,
            DECIDERS,
            _need("text"),
            direction=Direction.DIRECTS,
            seldom=True,
            beside=True,
        ),
        Step(
            "approve_proposal",
            "proposal_approved",
            WORKED,
            DECIDERS,
            _may("text"),
            direction=Direction.APPROVES,
            seldom=True,
            beside=True,
        ),
        Step(
            "return_proposal",
            "proposal_returned",
            WORKED,
            DECIDERS,
            _need("text"),
            direction=Direction.RETURNS,
            seldom=True,
            beside=True,
        ),
        Step(
            "remind_direction",
            "direction_reminded",
            WORKED,
            CARE,
            _may("text"),
            direction=Direction.REMINDS,
            seldom=True,
            beside=True,
        ),
        Step(
            "recall_direction",
            "direction_recalled",
            WORKED,
            CARE,
            _need("text"),
            direction=Direction.RECALLS,
            seldom=True,
            beside=True,
        ),
        Step(
            "tell_progress",
            "progress_told",
            WORKED,
            CARE,
            _need("channel", "text") + _may("files", *_TOLD),
            effect=Effect.KEEPS_UPDATE,
            seldom=True,
            beside=True,
        ),
        Step(
            "promise",
            "date_promised",
            WORKED,
            CARE,
            _need("promised", "due_at", "channel", "text") + _may("files", *_TOLD),
            effect=Effect.KEEPS_UPDATE | Effect.PROMISES,
            seldom=True,
            beside=True,
        ),
        Step(
            "negotiate",
            "negotiation_requested",
            WORKED | {State.received},
            CARE,
            _may("text", "files"),
            seldom=True,
            beside=True,
        ),
        Step(
            "notify_result",
            "result_notified",
            WORKED - {State.acknowledged},
            CARE_AND_DEPARTMENTS,
            _need("channel", "text") + _may("files", *_TOLD),
            State.resolved,
            replying=DEPARTMENTS,
            after_classifying=True,
            phase=Phase.NOTIFY,
            effect=TOLD_RESULT,
            department=Department.RELEASES,
            direction=Direction.RELEASES,
            likely={State.classified: 2, State.investigating: 1, State.decided: 1},
        ),
        Step(
            CLOSE,
            "closed",
            frozenset({State.resolved}),
            CARE,
            (
                Carried("outcome"),
                Carried("root_cause", Need.OF_COMPLAINTS),
                Carried("issue_outcomes"),
                Carried("issue_causes", Need.OF_COMPLAINTS),
                Carried("breach_reason", Need.OF_MISSES),
                Carried("lesson", Need.OPTIONAL),
                Carried("files", Need.OPTIONAL),
            ),
            State.closed,
            phase=Phase.CLOSE,
            effect=TOLD_RESULT,
            likely={State.resolved: 1},
        ),
        Step(
            "note",
            "noted",
            ANY,
            CARE_AND_DEPARTMENTS | REPORTERS,
            _need("text") + _may("files", "came", "work_log"),
            open_for=REPORTERS,
            likely={State.closed: 1, State.withdrawn: 1},
            seldom=True,
            beside=True,
        ),
        Step(
            "add_evidence",
            "evidence_added",
            ANY,
            CARE_AND_DEPARTMENTS | REPORTERS,
            _may("files", "recording", "recording_at", "text", "came"),
            open_for=REPORTERS,
            likely={State.closed: 2, State.withdrawn: 2},
            seldom=True,
            beside=True,
        ),
        Step(
            "details",
            "details_given",
            OPEN,
            CARE_AND_DEPARTMENTS,
            _need("details") + _may("files", "came"),
            seldom=True,
            beside=True,
        ),
        Step(
            issues.ADD,
            issues.ADDED,
            OPEN,
            CARE,
            _need("issue_category") + _may("text", "files"),
            seldom=True,
            beside=True,
        ),
        Step(
            issues.REMOVE,
            issues.REMOVED,
            OPEN,
            CARE,
            _need("issue", "text"),
            seldom=True,
            beside=True,
        ),
        Step(
            VERIFY,
            VERIFIED,
            OPEN,
            CARE,
            _may("facts", "still"),
            seldom=True,
            beside=True,
        ),
        Step(
            ADMIT,
            ADMITTED,
            OPEN,
            LEADS,
            _need("text"),
            seldom=True,
            beside=True,
        ),
        Step(
            ISSUE,
            ISSUED,
            ANY,
            CARE,
            _need("paper", "text") + _may("replaces"),
            seldom=True,
            beside=True,
            final=True,
        ),
        Step(
            "explain_miss",
            "miss_explained",
            EVERYWHERE,
            CARE,
            _need("explains", "breach_reason") + _may("text"),
            seldom=True,
            beside=True,
        ),
        Step(
            CORRECT,
            CORRECTED,
            EVERYWHERE,
            CARE,
            _need("corrects") + _may("of", "issue", "becomes", "text"),
            seldom=True,
            beside=True,
        ),
        Step(
            JOIN,
            "incident_joined",
            ANY,
            CARE,
            _need("incident") + _may("text"),
            seldom=True,
            beside=True,
        ),
        Step(
            LEAVE,
            "incident_left",
            ANY,
            CARE,
            _may("text"),
            seldom=True,
            beside=True,
        ),
        Step(
            "analyse",
            "root_cause_analysed",
            HANDLED - {State.withdrawn, State.merged},
            CARE_AND_DEPARTMENTS,
            _need("root_cause", "whys") + _may("actions", "text", "people"),
            seldom=True,
            beside=True,
        ),
        Step(
            "approve_analysis",
            "analysis_approved",
            HANDLED,
            BOARD,
            _may("text"),
            seldom=True,
            beside=True,
        ),
        Step(
            "return_analysis",
            "analysis_returned",
            HANDLED,
            BOARD,
            _need("text"),
            seldom=True,
            beside=True,
        ),
        Step(
            "action_done",
            "action_done",
            HANDLED,
            CARE_AND_DEPARTMENTS,
            _need("action") + _may("text"),
            seldom=True,
            beside=True,
        ),
        Step(
            "send_evidence",
            "action_evidence_sent",
            HANDLED,
            CARE_AND_DEPARTMENTS,
            _need("action", "files") + _may("text"),
            seldom=True,
            beside=True,
        ),
        Step(
            "verify_evidence",
            "action_verified",
            HANDLED,
            CARE,
            _need("action", "verified") + _may("text"),
            seldom=True,
            beside=True,
        ),
        Step(
            "check_effect",
            "effect_checked",
            HANDLED,
            CARE | BOARD,
            _need("action", "effect", "text"),
            seldom=True,
            beside=True,
        ),
        Step(
            "reopen",
            "reopened",
            frozenset({State.closed, State.withdrawn}),
            CARE,
            _need("text") + _may("files"),
            State.investigating,
            unclassified=State.acknowledged,
            effect=Effect.REOPENS | Effect.ENDS_PAUSE,
            likely={State.closed: 3, State.withdrawn: 3},
            seldom=True,
        ),
        Step(
            MERGE,
            MERGED,
            OPEN,
            CARE,
            _need("merged_into") + _may("text"),
            State.merged,
            direction=Direction.RELEASES,
            effect=Effect.CANCELS | Effect.ENDS_PAUSE,
            seldom=True,
            final=True,
        ),
        Step(
            UNMERGE,
            UNMERGED,
            frozenset({State.merged}),
            LEADS,
            _need("text"),
            likely={State.merged: 1},
            seldom=True,
        ),
        Step(
            "withdraw",
            "withdrawn",
            OPEN,
            CARE,
            _need("text") + _may("files"),
            State.withdrawn,
            effect=Effect.CANCELS | Effect.ENDS_PAUSE,
            department=Department.RELEASES,
            direction=Direction.RELEASES,
            seldom=True,
            final=True,
        ),
        Step(UNDO, UNDONE, EVERYWHERE, CARE_AND_DEPARTMENTS | REPORTERS | BOARD, seldom=True, beside=True),
    )
}
REFUSE = "refuse_intake"
TOGETHER: Mapping[str, tuple[str, ...]] = {
    "acknowledge_and_classify": ("acknowledge", "classify"),
    "settle": ("acknowledge", "classify", "notify_result", "close"),
    REFUSE: ("acknowledge", "classify", "notify_result", "close"),
}
"""Steps that one person takes in one save: POPS 2 and 3, what is settled at once (D26), what is not taken (VHV 1)."""


def steps_together(key: str, state: State) -> tuple[str, ...]:
    """The steps of ``TOGETHER[key]`` that are still to be taken in ``state``; empty where fewer than two are."""
    following, order = STATES[state].next_phase, list(Phase)
    if following is None:
        return ()
    left = tuple(step for step in TOGETHER[key] if order.index(_phase(step)) >= order.index(following))
    return left if len(left) > 1 and state in STEPS[left[0]].from_states else ()


def _phase(step: str) -> Phase:
    phase = STEPS[step].phase
    assert phase is not None, f"{step} has no place in the order of the procedure"
    return phase


STEP_OF_EVENT: Mapping[str, Step] = {step.event: step for step in STEPS.values()}


def is_in_order(event: str) -> bool:
    """Whether an event is a step that has its place in the order of the steps."""
    step = STEP_OF_EVENT.get(event)
    return step is not None and not step.beside


CLOSED_UNTIMED = "closed_untimed"
"""It came in as closed, and nobody knows since when: its clocks end without a verdict (D30)."""

OTHER_EVENTS: Mapping[str, Effect] = {
    "received": Effect.NONE,
    "recalculated": Effect.NONE,
    "incident": Effect.NONE,  # stands for the day of the incident where a term counts from it
    MERGED_IN: Effect.NONE,
    TAKEN_OUT: Effect.NONE,
    CLOSED_UNTIMED: Effect.CANCELS | Effect.ENDS_PAUSE,
}
"""Events without a step of their own; procedures may tie terms to them all the same (D14)."""
EFFECTS: Mapping[str, Effect] = {**OTHER_EVENTS, **{step.event: step.effect for step in STEPS.values()}}
"""Every event of a complaint that a procedure may name, with its effect on clocks."""


def events_with(effect: Effect) -> frozenset[str]:
    """The events that have this effect on clocks."""
    return frozenset(event for event, effects in EFFECTS.items() if effect in effects)


def steps_from(state: State) -> tuple[str, ...]:
    """The steps possible in ``state``, in the order of the table."""
    return tuple(key for key, step in STEPS.items() if state in step.from_states)


def events_of(phase: Phase) -> frozenset[str]:
    """The events that do this step of the procedure."""
    return frozenset(step.event for step in STEPS.values() if step.phase is phase)


def ranked(keys: tuple[str, ...], state: State, kind: str | None) -> tuple[str, ...]:
    """``keys``, likeliest first: a direction, an answer, the procedure's next step, the rest, the seldom ones.

    ``keys`` are the steps possible now (``policy.steps_for``): direction and answer are among them only while owed.
    """

    def rank(key: str) -> tuple[bool, bool, bool, int, bool]:
        step = STEPS[key]
        directs, answers = step.direction in ANSWERED, step.department is Department.ANSWERS
        # An inquiry answered from published information goes straight on (POPS step 3A).
        settles = kind == "inquiry" and state is State.classified and step.phase is Phase.NOTIFY
        likely = step.likely.get(state, len(STEPS))
        return not directs, not answers, not settles, likely, step.seldom

    return tuple(sorted(keys, key=rank))  # sorting keeps the table's order among equals
