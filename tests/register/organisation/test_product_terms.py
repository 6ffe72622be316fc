"""Products with a complaint period and a reply term of their own (VHV 1 and 3), fixed when a complaint is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from core.register import rulebook
from core.register.calendar import calendars
from core.register.calendar import changes as calendar_changes
from core.register.case import complaints
from core.register.case.draft import Draft
from core.register.clocks import promises
from core.register.log.act import Act
from core.register.log.database import Register, open_register, open_up
from core.register.log.tables import Complaint, Person, SlaCycle
from core.register.log.verify import verify
from core.register.people import accounts
from core.register.people.accounts import Account
from core.register.reads import dossier, queue
from core.rules.policy import Actor
from tests.engines import MONDAY
from tests.local_time import at

NOW = at("2026-11-16 09:00")


@pytest.fixture
def vhv(empty_database_url: str, tmp_path: Path) -> Iterator[Register]:
    """A register of VHV, whose list gives hosting 5 days to reply and vouchers 30 days to complain."""
    open_up(empty_database_url, tmp_path / "evidence", organisation="vhv", now=MONDAY).engine.dispose()
    register = open_register(empty_database_url, tmp_path / "evidence")
    yield register
    register.engine.dispose()


def somebody(register: Register, role: str) -> Person:
    with register.write() as session:
        return accounts.add(session, Account(login=role, name="Người Thử", role=role), None, Act(None, NOW))


def log(session: Session, product: str | None) -> Complaint:
    channel = next(iter(rulebook.catalogues(session).channels))
    category = next(iter(rulebook.catalogues(session).categories))
    return complaints.log(
        session, Draft(channel, NOW, "Không truy cập được", category, product=product), Act(None, NOW)
    )


REPLIES = [
    # product, due, warned, why
    (None, "2026-12-02 00:00", "10 working days over 24/11, which is off"),
    ("portal", "2026-12-02 00:00", "a product without a term of its own"),
    ("voucher", "2026-12-02 00:00", "its own period is for complaining, not for replying"),
    ("hosting", "2026-11-24 00:00", "5 working days of its own"),
]  # fmt: skip


def test_the_reply_is_due_by_the_products_own_term(vhv: Register) -> None:
    with vhv.write() as session:
        logged = {product: log(session, product).id for product, _, _ in REPLIES}
        ahead = {
            product: promises.outlook(session, "", NOW, product=product, language="vi").promises[0].due_at
            for product in logged
        }
    for product, due, why in REPLIES:
        assert _due(vhv, logged[product]) == ahead[product] == at(due), why
    assert verify(vhv).problems == []


PERIODS = [
    # product, incident, last day, why
    (None, "2026-11-02", "2026-11-11", "7 working days"),
    ("portal", "2026-11-02", "2026-11-11", "a product without a period of its own"),
    ("hosting", "2026-11-02", "2026-11-11", "its own term is for replying, not for complaining"),
    ("voucher", "2026-11-02", "2026-12-15", "30 working days over 24/11"),
]


@pytest.mark.parametrize(("product", "incident", "until", "why"), PERIODS)
def test_a_complaint_is_taken_within_the_products_own_period(
    vhv: Register, product: str | None, incident: str, until: str, why: str
) -> None:
    with vhv.read() as session:
        ahead = promises.outlook(
            session, "", NOW, incident_on=date.fromisoformat(incident), product=product, language="vi"
        )
    assert ahead.taken_until == date.fromisoformat(until), why


def test_a_later_change_of_the_list_moves_nothing_that_was_promised(vhv: Register) -> None:
    """Not by a step, not by a change of the calendar, not by a replay (D9)."""
    admin = somebody(vhv, "admin")
    with vhv.write() as session:
        complaint = log(session, "hosting")
        promised, code = complaint.id, complaint.code
        products = rulebook.catalogues(session).products
        shorter = [replace(one, reply_days=2) if one.key == "hosting" else one for one in products.values()]
        rulebook.add_catalogue(session, "products", shorter, Act(None, NOW))
        after = log(session, "hosting").id
        complaints.take(session, code, "acknowledge", {"text": "Đã nhận"}, Act(None, at("2026-11-16 10:00")))
    assert _due(vhv, promised) == at("2026-11-24 00:00"), "5 working days, as promised"
    assert _due(vhv, after) == at("2026-11-19 00:00"), "2 working days since"
    _close_thursday(vhv, admin)
    assert _due(vhv, promised) == at("2026-11-26 00:00"), "19/11 and 24/11 are off: five days of its own"
    assert verify(vhv).problems == []


def test_the_page_and_the_queue_count_with_it_and_say_so(vhv: Register) -> None:
    agent = somebody(vhv, "agent")
    with vhv.write() as session:
        complaint = log(session, "hosting")
        known = dossier.read(session, complaint.code, by=agent, now=NOW, language="vi")
        (line,) = queue.page(session, "all", by=agent, now=NOW)
    (reading,) = known.clocks
    assert "5 ngày làm việc kể từ" in reading.because
    assert "thời hạn riêng của sản phẩm" in reading.because
    assert line.left is not None
    assert line.left.day == 24 * 3600


def _due(register: Register, complaint_id: int) -> datetime:
    with register.read() as session:
        cycle = session.get(SlaCycle, (complaint_id, "reply", 1))
        assert cycle is not None
        return cycle.due_at


def _close_thursday(register: Register, by: Actor) -> None:
    with register.write() as session:
        rule = calendar_changes.decided((), "Nghỉ công ty")
        days = calendar_changes.with_changes(
            calendars.current(session), {date(2026, 11, 19): rule}, today=date(2026, 11, 16)
        )
        calendars.apply(session, days, "Nghỉ công ty", Act(by, at("2026-11-16 12:00")))
