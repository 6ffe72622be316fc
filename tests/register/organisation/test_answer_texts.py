"""Answer texts in the register: drafted, approved, offered, used and counted; each version stays with its event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from core.errors import Conflict, Invalid, NotAllowed, NotFound
from core.register.case.steps.recording import StepFields
from core.register.log import seal
from core.register.log.act import Act
from core.register.log.database import Register, open_up
from core.register.log.tables import AnswerText, Event, Person
from core.register.log.verify import verify
from core.register.organisation import answer_texts, lists
from core.register.reads import answer_fields, dossier
from core.rules.answer_text import Text
from tests.conftest import Cast
from tests.engines import MONDAY
from tests.local_time import at
from tests.register.cases import advanced, logged, take
from tests.register.log.old_register import back_to

TEXT = Text("Xin mã giao dịch", "Kính gửi {name}, xin mã giao dịch của hồ sơ {code}.", "payment", "ask_customer")
KEY, SHIPPED = "xin_ma_giao_dich", "xin_chung_tu_thanh_toan"


def drafted(register: Register, by: Person, one: Text = TEXT) -> AnswerText:
    with register.write() as session:
        return answer_texts.begin(session, one, Act(by, MONDAY))


def done(
    register: Register, act: Callable[..., AnswerText], by: Person, version: int, *more: Text, key: str = KEY
) -> AnswerText:
    with register.write() as session:
        return act(session, key, *more, version, Act(by, MONDAY))


def offered(register: Register, step: str = "ask_customer", category: str = "payment") -> list[str]:
    with register.read() as session:
        rows = answer_texts.offered(session, category=category, step=step, channel="hotline")
        return [answer_texts.name_of(row) for row in rows]


def standing(register: Register, key: str = KEY) -> answer_texts.Standing:
    with register.read() as session:
        return answer_texts.get(session, key)


def test_a_draft_is_offered_once_a_lead_approved_it(register: Register, cast: Cast) -> None:
    before = offered(register)
    assert before == ["xin_chung_tu_thanh_toan@1"], "what POPS brings"
    draft = drafted(register, cast.agent)
    assert (draft.key, draft.version, draft.status) == (KEY, 1, "draft")
    assert offered(register) == before
    done(register, answer_texts.approve, cast.lead, 1)
    assert offered(register) == [*before, f"{KEY}@2"]
    assert verify(register).problems == []


def test_the_approved_text_is_offered_until_the_new_one_is_approved(register: Register, cast: Cast) -> None:
    drafted(register, cast.agent)
    done(register, answer_texts.approve, cast.lead, 1)
    new = replace(TEXT, body="Mới: {code}")
    done(register, answer_texts.redraft, cast.agent2, 2, new)
    assert f"{KEY}@2" in offered(register)
    assert standing(register).draft is not None
    done(register, answer_texts.approve, cast.manager, 3)
    assert f"{KEY}@4" in offered(register)
    shown = standing(register).offered
    assert shown is not None and shown.body == "Mới: {code}"
    assert [row.status for row in standing(register).versions] == ["draft", "approved", "draft", "approved"]
    assert standing(register).versions[1].body == TEXT.body, "a version never changes"


def test_a_dropped_draft_leaves_what_is_offered(register: Register, cast: Cast) -> None:
    drafted(register, cast.agent)
    done(register, answer_texts.approve, cast.lead, 1)
    done(register, answer_texts.redraft, cast.agent, 2, replace(TEXT, title="Khác"))
    with pytest.raises(NotAllowed, match="ask a lead"):
        done(register, answer_texts.drop, cast.agent2, 3)
    done(register, answer_texts.drop, cast.agent, 3)
    assert f"{KEY}@2" in offered(register)
    assert standing(register).draft is None


def test_a_retired_text_is_offered_no_longer_and_may_come_back(register: Register, cast: Cast) -> None:
    drafted(register, cast.agent)
    done(register, answer_texts.approve, cast.lead, 1)
    done(register, answer_texts.retire, cast.admin, 2)
    assert offered(register) == ["xin_chung_tu_thanh_toan@1"]
    with pytest.raises(Invalid, match="not offered any more"):
        done(register, answer_texts.retire, cast.admin, 3)
    done(register, answer_texts.redraft, cast.agent, 3, TEXT)
    done(register, answer_texts.approve, cast.lead, 4)
    assert f"{KEY}@5" in offered(register)


def test_each_write_is_an_event_that_says_what_changed_and_holds_no_words(register: Register, cast: Cast) -> None:
    drafted(register, cast.agent)
    done(register, answer_texts.approve, cast.lead, 1)
    done(register, answer_texts.redraft, cast.agent, 2, replace(TEXT, body="Mới", channel="email"))
    with register.read() as session:
        its = select(Event).where(Event.subject == "answer_text").order_by(Event.id)
        events = [event for event in session.scalars(its) if seal.read(event.payload)["key"] == KEY]
    assert [(event.kind, event.subject_id, event.actor_id) for event in events] == [
        ("drafted", 1, cast.agent.id),
        ("approved", 2, cast.lead.id),
        ("drafted", 3, cast.agent.id),
    ]
    assert seal.read(events[-1].payload)["changed"] == ["status", "body", "channel"]
    assert not any("Kính gửi" in event.payload or "Mới" in event.payload for event in events)


MAY = [
    # act, who may; drop is each one's own as well
    (answer_texts.begin, "agent agent2 lead"),
    (answer_texts.approve, "lead manager admin"),
    (answer_texts.drop, "agent lead manager admin"),
]  # fmt: skip


@pytest.mark.parametrize(("act", "who"), MAY, ids=["begin", "approve", "drop"])
def test_who_may_do_what(register: Register, cast: Cast, act: Callable[..., AnswerText], who: str) -> None:
    allowed = set()
    for role in ("agent", "agent2", "lead", "handler", "manager", "analyst", "admin"):
        by, one = getattr(cast, role), replace(TEXT, title=f"Của {role}")
        try:
            if act is answer_texts.begin:
                drafted(register, by, one)
            else:
                draft = drafted(register, cast.agent, one)
                done(register, act, by, 1, key=draft.key)
        except NotAllowed:
            continue
        allowed.add(role)
    assert allowed == set(who.split())


def test_whoever_saw_an_older_version_is_told(register: Register, cast: Cast) -> None:
    drafted(register, cast.agent)
    done(register, answer_texts.redraft, cast.agent2, 1, replace(TEXT, body="Của người khác"))
    for act, more in (
        (answer_texts.redraft, (TEXT,)),
        (answer_texts.approve, ()),
        (answer_texts.drop, ()),
        (answer_texts.retire, ()),
    ):
        with pytest.raises(Conflict):
            done(register, act, cast.lead, 1, *more)
    assert standing(register).newest.body == "Của người khác"


WRONG = [
    # what the text says, the field that must be mended, why
    ({"title": "  "}, "title", "without a title nobody finds it"),
    ({"title": "x" * 121}, "title", "too long for a list"),
    ({"body": "\n "}, "body", "there is nothing to insert"),
    ({"body": "x" * 4_001}, "body", "longer than anybody reads"),
    ({"body": "Chào {ten}"}, "body", "a field that nothing fills"),
    ({"body": "Chào\0"}, "body", "no database keeps it"),
    ({"category": "nothing"}, "category", "no such category"),
    ({"channel": "nothing"}, "channel", "no such channel"),
    ({"step": "note"}, "step", "a note is not said to the customer"),
]


@pytest.mark.parametrize(("wrong", "field", "why"), WRONG, ids=[row[-1] for row in WRONG])
def test_a_wrong_text_is_refused_by_its_field(
    sqlite_register: Register, sqlite_cast: Cast, wrong: dict[str, str], field: str, why: str
) -> None:
    with pytest.raises(Invalid) as refused:
        drafted(sqlite_register, sqlite_cast.agent, replace(TEXT, **wrong))
    assert set(refused.value.fields) == {field}, why


def test_nothing_to_decide_and_nothing_new_are_said(sqlite_register: Register, sqlite_cast: Cast) -> None:
    drafted(sqlite_register, sqlite_cast.agent)
    with pytest.raises(Invalid, match="approve or drop it first"):
        done(sqlite_register, answer_texts.retire, sqlite_cast.lead, 1)
    done(sqlite_register, answer_texts.approve, sqlite_cast.lead, 1)
    with pytest.raises(Invalid, match="waits for approval"):
        done(sqlite_register, answer_texts.approve, sqlite_cast.lead, 2)
    with pytest.raises(Invalid, match="Nothing is different"):
        done(sqlite_register, answer_texts.redraft, sqlite_cast.agent, 2, replace(TEXT, title=" Xin  mã giao dịch "))
    with pytest.raises(NotFound):
        done(sqlite_register, answer_texts.approve, sqlite_cast.lead, 1, key="nothing")


def test_a_text_changed_behind_the_log_is_found(register: Register, cast: Cast) -> None:
    drafted(register, cast.agent)
    with register.write() as session:
        session.execute(update(AnswerText).where(AnswerText.key == KEY).values(status="approved"))
    assert verify(register).problems == [f"answer_text {KEY} version 1: is not the one that was taken into use"]
    with register.write() as session:
        session.execute(text("DELETE FROM answer_texts WHERE key = :key"), {"key": KEY})
    assert verify(register).wrong == 1


def test_a_draft_whose_place_went_meanwhile_is_refused_by_what_is_wrong(
    sqlite_register: Register, sqlite_cast: Cast
) -> None:
    """Who approves has no form in which a field could be marked."""
    drafted(sqlite_register, sqlite_cast.agent)
    with sqlite_register.write() as session:
        version = lists.version(session, "categories")
        lists.retire(session, "categories", "payment", Act(sqlite_cast.admin, MONDAY), version=version)
    with pytest.raises(Invalid, match="Choose a category from the list, or all"):
        done(sqlite_register, answer_texts.approve, sqlite_cast.lead, 1)
    done(sqlite_register, answer_texts.redraft, sqlite_cast.agent, 1, replace(TEXT, category=None))
    done(sqlite_register, answer_texts.approve, sqlite_cast.lead, 2)


def test_the_texts_that_fit_best_come_first(register: Register, cast: Cast) -> None:
    for title, more in (("B", {}), ("A", {}), ("Z", {"category": "payment", "channel": "hotline"})):
        key = drafted(register, cast.lead, Text(title, title, step="ask_customer", **more)).key
        done(register, answer_texts.approve, cast.lead, 1, key=key)
    assert [name.partition("@")[0] for name in offered(register)] == [
        "text_z", "xin_chung_tu_thanh_toan", "text_a", "text_b",
    ]  # fmt: skip


# what a complaint says of it


def ask(register: Register, cast: Cast, **fields: object) -> None:
    """Ask the customer, on a classified complaint."""
    filled: StepFields = {"chase_on": at("2026-11-18 09:00").date(), **fields}  # type: ignore[typeddict-item]
    take(register, "ask_customer", advanced(register, cast, 2), cast.agent, at("2026-11-16 11:00"), **filled)


def test_what_was_used_is_counted_by_step_and_by_whether_it_was_changed(register: Register, cast: Cast) -> None:
    used = "xin_chung_tu_thanh_toan@1"
    with register.read() as session:
        body = answer_texts.bodies(session, used)[used]
    ask(register, cast, text=body, answer_text=used)
    ask(register, cast, text="Viết lại hết", answer_text=used)
    ask(register, cast, text="Không dùng câu nào")
    with register.read() as session:
        found = answer_texts.uses(session, MONDAY)
        later = answer_texts.uses(session, MONDAY + timedelta(days=91))
    assert found == {"xin_chung_tu_thanh_toan": answer_texts.Uses(2, 2, 1, {"ask_customer": 2})}
    assert later["xin_chung_tu_thanh_toan"].recent == 0
    assert verify(register).problems == []


USED = f"{SHIPPED}@1"


def counted(register: Register, key: str = SHIPPED) -> answer_texts.Uses | None:
    with register.read() as session:
        return answer_texts.uses(session, MONDAY).get(key)


def test_a_register_of_the_version_before_counts_what_its_log_says(register: Register, cast: Cast) -> None:
    """Migration 0012: the same counts as those that were kept with each event, and verification finds them whole."""
    ask(register, cast, text="Viết lại", answer_text=USED)
    ask(register, cast, text="Viết lại nữa", answer_text=USED)
    before = counted(register)
    with register.write() as session:
        back_to(session, "0011")
    again = open_up(register.url, register.evidence_dir, now=MONDAY)
    try:
        assert counted(again) == before == answer_texts.Uses(2, 2, 2, {"ask_customer": 2})
        assert verify(again).problems == []
        ask(again, cast, text="Và nữa", answer_text=USED)
        assert counted(again) == answer_texts.Uses(3, 3, 3, {"ask_customer": 3})
    finally:
        again.engine.dispose()


COUNTS = [
    # what somebody does to the table behind the log, why
    ("UPDATE answer_text_uses SET times = times + 1", "more than there were"),
    ("UPDATE answer_text_uses SET changed = 0", "fewer changed"),
    ("DELETE FROM answer_text_uses", "none at all"),
    ("UPDATE answer_text_uses SET key = 'da_tiep_nhan'", "of another text"),
]


@pytest.mark.parametrize(("tampering", "why"), COUNTS, ids=[row[1] for row in COUNTS])
def test_counts_that_the_log_does_not_give_are_found(
    sqlite_register: Register, sqlite_cast: Cast, tampering: str, why: str
) -> None:
    ask(sqlite_register, sqlite_cast, text="Viết lại", answer_text=USED)
    with sqlite_register.write() as session:
        session.execute(text(tampering))
    problems = verify(sqlite_register).problems
    assert problems and all("its uses on 2026-11-16 are not those" in one for one in problems), why


def test_a_retired_text_is_offered_no_more_and_keeps_its_counts(register: Register, cast: Cast) -> None:
    ask(register, cast, text="Viết lại", answer_text=USED)
    done(register, answer_texts.retire, cast.lead, 1, key=SHIPPED)
    assert offered(register) == []
    assert counted(register) == answer_texts.Uses(1, 1, 1, {"ask_customer": 1})
    ask(register, cast, text="Đang gõ dở khi bị thôi dùng", answer_text=USED)
    assert counted(register) == answer_texts.Uses(2, 2, 2, {"ask_customer": 2}), "put in while it was offered"


@pytest.mark.parametrize("name", ["nothing@1", f"{SHIPPED}@2", SHIPPED, "@", "a@²", "draft"])
def test_only_what_was_approved_can_have_been_used(sqlite_register: Register, sqlite_cast: Cast, name: str) -> None:
    if name == "draft":
        name = answer_texts.name_of(drafted(sqlite_register, sqlite_cast.agent))
    with pytest.raises(Invalid) as refused:
        ask(sqlite_register, sqlite_cast, text="x", answer_text=name)
    assert set(refused.value.fields) == {"answer_text"}


# what stands for the fields


def words(register: Register, cast: Cast, code: str, *, now: str, step: str = "ask_customer") -> dict[str, str]:
    with register.read() as session:
        whole = dossier.read(session, code, by=cast.agent, now=at(now), language="en")
        return answer_fields.of(session, whole, step, "Người viết", at(now))


def test_the_fields_are_those_of_the_complaint(register: Register, cast: Cast) -> None:
    complaint = advanced(register, cast, 1)
    assert words(register, cast, complaint.code, now="2026-11-16 11:00") == {
        "name": "Khách Thử",
        "code": complaint.code,
        "deadline": "17:30 thứ Hai 23/11/2026",
        "holder": cast.agent.name,
    }
    take(register, "assign", complaint, cast.lead, at("2026-11-16 11:00"), assignee_id=cast.agent2.id)
    assert words(register, cast, complaint.code, now="2026-11-16 11:00")["holder"] == cast.agent2.name
    assert words(register, cast, complaint.code, now="2026-11-30 09:00")["deadline"] == "", "past: nothing to promise"


def test_who_acknowledges_tells_the_deadline_that_begins_with_it(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast)
    due = words(register, cast, complaint.code, now="2026-11-16 11:00", step="acknowledge")["deadline"]
    assert due == "17:30 thứ Hai 23/11/2026"
    take(register, "acknowledge", complaint, cast.agent, at("2026-11-16 11:00"))
    assert words(register, cast, complaint.code, now="2026-11-16 11:01")["deadline"] == due, "as it was told"


def test_without_an_approved_calendar_no_deadline_is_told(sqlite_register: Register, sqlite_cast: Cast) -> None:
    complaint = logged(sqlite_register, sqlite_cast)
    found = words(sqlite_register, sqlite_cast, complaint.code, now="2027-12-31 09:00", step="acknowledge")
    assert found["deadline"] == ""


def test_an_unknown_customer_is_addressed_all_the_same(sqlite_register: Register, sqlite_cast: Cast) -> None:
    from core.register.case.customers import CustomerDraft

    complaint = logged(sqlite_register, sqlite_cast, customer=CustomerDraft())
    assert words(sqlite_register, sqlite_cast, complaint.code, now="2026-11-16 09:30")["name"] == "Quý khách"
