"""What people are told of (D40): which events of a complaint concern whom, and which moments of its clocks do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto

from core.rules.steps import STEP_OF_EVENT, STEPS


class Whom(StrEnum):
    """Whom a notice is for, found when its event is written; never whoever caused it, only who sees the complaint."""

    MENTIONED = auto()  # by the login name, in a text that stays inside
    DEPARTMENT = auto()  # everybody of the department whose request the event makes or is about
    HOLDER = auto()  # who holds the complaint; the leads where nobody does
    NEW_HOLDER = auto()  # who holds it from now on
    DECIDERS = auto()  # who may give the direction that is asked for
    ASKER = auto()  # who asked for the direction
    BOARD = auto()  # who approves analyses
    ANALYST = auto()  # who wrote the newest analysis
    OWNERS = auto()  # who is to do the actions that were approved
    REPORTER = auto()  # who logged it and follows only their own (D33)


@dataclass(frozen=True, slots=True)
class Notice:
    """One kind of notice; ``events``: those of a complaint that give one, none where only its clocks do.

    ``urgent``: something has to be done within the day, so a message does not wait for the morning.
    """

    key: str
    whom: Whom
    events: frozenset[str] = frozenset()
    urgent: bool = False


MENTIONED, CUSTOMER_WROTE, MAIL_FAILED = "mentioned", "customer_wrote", "mail_failed"
DUE_TODAY, CHASE_TODAY, WARNED, MISSED = "due_today", "chase_today", "warned", "missed"


def _of(*steps: str) -> frozenset[str]:
    return frozenset(STEPS[step].event for step in steps)


NOTICES: Mapping[str, Notice] = {
    one.key: one
    for one in (
        Notice(MENTIONED, Whom.MENTIONED, urgent=True),
        Notice("forwarded", Whom.DEPARTMENT, _of("forward"), urgent=True),
        Notice("reminded", Whom.DEPARTMENT, _of("remind"), urgent=True),
        Notice("assigned", Whom.NEW_HOLDER, _of("assign")),
        Notice("answered", Whom.HOLDER, _of("answer")),
        Notice("request_returned", Whom.HOLDER, _of("return_request"), urgent=True),
        Notice(CUSTOMER_WROTE, Whom.HOLDER),
        Notice("customer_replied", Whom.HOLDER, _of("record_reply", "accept")),
        Notice("customer_refused", Whom.HOLDER, _of("refuse", "negotiate"), urgent=True),
        Notice("direction_asked", Whom.DECIDERS, _of("escalate", "remind_direction"), urgent=True),
        Notice("directed", Whom.ASKER, _of("direct", "approve_proposal", "return_proposal")),
        Notice("approval_asked", Whom.BOARD, _of("analyse")),
        Notice("analysis_approved", Whom.ANALYST, _of("approve_analysis")),
        Notice("analysis_returned", Whom.ANALYST, _of("return_analysis")),
        Notice("action_given", Whom.OWNERS, _of("approve_analysis")),
        Notice("evidence_sent", Whom.HOLDER, _of("send_evidence")),
        Notice("result_told", Whom.REPORTER, _of("notify_result")),
        Notice("reopened", Whom.HOLDER, _of("reopen")),
        Notice(MAIL_FAILED, Whom.HOLDER, urgent=True),
        Notice(DUE_TODAY, Whom.HOLDER),
        Notice(CHASE_TODAY, Whom.HOLDER),
        Notice(WARNED, Whom.HOLDER, urgent=True),
        Notice(MISSED, Whom.HOLDER, urgent=True),
    )
}
"""The kinds, in the order in which they count: of two kinds by one event, a person gets the first."""
_BY_EVENT: Mapping[str, tuple[Notice, ...]] = {
    event: tuple(notice for notice in NOTICES.values() if event in notice.events)
    for event in sorted({event for notice in NOTICES.values() for event in notice.events})
}
OF_EVENT = frozenset(_BY_EVENT)
"""The events that give a notice of their own."""
INSIDE = _of("note", "add_evidence", "forward", "remind", "answer", "return_request", "escalate", "direct",
             "approve_proposal", "return_proposal", "analyse", "return_analysis", "explain_miss")  # fmt: skip
"""The events whose text stays inside, and may mention colleagues; what a customer said mentions nobody."""
NOTES = _of("note", "add_evidence")
_MENTION = re.compile(r"(?<!\S)[(\[]?@(?P<login>[a-z0-9][a-z0-9._@-]{1,63})", re.IGNORECASE)
MOST_MENTIONED = 20
assert set(STEP_OF_EVENT) >= OF_EVENT, "an event that no step writes gives no notice"


def mentioned(text: str) -> tuple[str, ...]:
    """The login names that ``text`` mentions as @name, folded to small letters, each once; an e-mail address is none.

    A full stop or dash at its end belongs to the sentence. The first ``MOST_MENTIONED`` count.
    """
    found = (match["login"].rstrip("._@-").lower() for match in _MENTION.finditer(text))
    return tuple(dict.fromkeys(found))[:MOST_MENTIONED]


def of_event(kind: str, *, by_person: bool) -> tuple[Notice, ...]:
    """The notices that an event may give, the first that fits counts.

    ``by_person``: whether one of us caused it. What the register itself notes is what a customer wrote: it
    mentions nobody.
    """
    first: tuple[Notice, ...] = ()
    if kind in INSIDE and by_person:
        first = (NOTICES[MENTIONED],)
    elif kind in NOTES and not by_person:
        first = (NOTICES[CUSTOMER_WROTE],)
    return (*first, *_BY_EVENT.get(kind, ()))
