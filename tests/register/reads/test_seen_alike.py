"""One rule on what a department sees (D19), three forms of it: for a complaint at hand, for queries, for figures."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from core import catalogues
from core.insight import facts, filters
from core.insight.filters import Filter
from core.register import rulebook
from core.register.case import complaints
from core.register.case.complaints import PastStep
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint
from core.register.organisation import lists
from core.register.people import accounts
from core.register.people.accounts import Account
from core.register.reads import queue
from core.register.reads.visible import columns_of, visible
from core.rules import policy
from tests.conftest import Cast
from tests.engines import MONDAY
from tests.register.ways import PAYMENT, filled

# What is asked of whom and what becomes of it, and who sees it: Payments, Engineering, Content merged into Payments.
ASKED = [
    ("", "", "nobody was asked"),
    ("payment", "payment", "one"),
    ("payment engineering", "payment engineering", "two at once"),
    ("payment:answer engineering", "payment engineering", "one of two has answered"),
    ("payment:return_request engineering", "engineering", "one of two has returned it"),
    ("payment engineering:recall", "payment", "one of two was recalled"),
    ("payment:return_request", "", "the only one returned it"),
    ("content", "payment", "merged into Payments since"),
    ("content:return_request engineering:answer", "engineering", "returned, and merged since"),
    ("engineering:notify_result", "engineering", "the result was told without the answer"),
]
OWING = {1, 2, 5, 7}
"""Those that Payments owes an answer, by their place in ``ASKED``."""


@pytest.fixture
def filled_register(register: Register, cast: Cast) -> Register:
    """A complaint for each row of ``ASKED``."""
    with register.write() as session:
        for asked, _sees, _why in ASKED:
            steps = [PastStep(step, MONDAY, filled(step, MONDAY)) for step in ("acknowledge", "classify")]
            told = [part.partition(":") for part in asked.split()]
            due_at = MONDAY + timedelta(days=2)
            steps += [
                PastStep("forward", MONDAY, {"department": department, "text": "?", "due_at": due_at})
                for department, _colon, _end in told
            ]
            steps += [
                PastStep(end, MONDAY, {"request": n, "text": "!", "channel": "email"})
                for n, (_department, _colon, end) in enumerate(told, 1)
                if end
            ]
            draft = Draft("email", MONDAY, "Lỗi", "payment", details=PAYMENT)
            complaints.write_histories(session, [(draft, steps)], Act(cast.agent, MONDAY))
        version = lists.version(session, "departments")
        lists.merge(session, "departments", "content", "payment", Act(cast.admin, MONDAY), version=version)
    return register


@pytest.mark.parametrize("department", ["payment", "engineering"])
def test_the_three_forms_of_the_rule_say_the_same(filled_register: Register, department: str) -> None:
    wanted = {n for n, (_asked, sees, _why) in enumerate(ASKED) if department in sees.split()}
    with filled_register.write() as session:
        account = Account("one.more", "Người Thử", "handler", department)
        person = accounts.add(session, account, None, Act(None, MONDAY))
    with filled_register.read() as session:
        known = rulebook.catalogues(session)
        rows = list(session.scalars(select(Complaint).order_by(Complaint.id)))
        at_hand = {n for n, one in enumerate(rows) if policy.sees(person, columns_of(one), known)}
        ids = {one.id: n for n, one in enumerate(rows)}
        queried = {ids[found] for found in session.scalars(select(Complaint.id).where(visible(session, person)))}
        catalogues.use(known)
        whole = Filter(MONDAY.date() - timedelta(days=9), MONDAY.date() + timedelta(days=9)).seen_by(person)
        waiting = {ids[line.id] for line in queue.page(session, "waiting_department", by=person, now=MONDAY)}
    counted = {ids[found] for found in filters.complaints(facts.load(filled_register), whole).collect()["id"]}
    assert at_hand == queried == counted == wanted
    if department == "payment":
        assert waiting == OWING
