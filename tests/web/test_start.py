"""What a start does to the register: a seal, no drafts of more than a week, a set-up code where it is needed."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from core.register.log.database import Register
from core.register.log.tables import FormDraft
from core.register.people import form_drafts, setup
from core.register.people.accounts import Account
from core.register.people.form_drafts import LASTS, LOG
from core.web import start
from tests.conftest import Cast

SECOND = timedelta(seconds=1)


def test_what_lay_in_a_stopped_register_for_a_week_goes(register: Register, cast: Cast, now: datetime) -> None:
    later = now + LASTS + SECOND
    with register.write() as session:
        form_drafts.keep(session, cast.agent.id, LOG, "abcdefgh1", {"statement": "cũ"}, now=now)
        form_drafts.keep(session, cast.lead.id, LOG, "abcdefgh2", {"statement": "mới"}, now=later - LASTS)
        form_drafts.end(session, cast.agent2.id, LOG, "abcdefgh3", now=now)
    start.begin(register, later)
    with register.read() as session:
        assert list(session.scalars(select(FormDraft.person_id))) == [cast.lead.id], "the texts and the marks"


def test_a_seal_is_kept_and_a_code_is_made_where_nobody_can_come_in(register: Register, now: datetime) -> None:
    code = start.begin(register, now)
    assert code is not None
    assert len(register.seals.read()) == 1
    with register.write() as session:
        setup.first_admin(session, code, Account("admin", "Lan", "admin"), "ba con mèo đen 7", now=now)
    assert start.begin(register, now) is None
