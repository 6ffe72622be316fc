"""Merging and taking out again on the screens (D13): on the case, from its other direction, in the queue's bar."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from core.register.case.customers import CustomerDraft
from core.register.log.database import Register
from core.register.log.tables import Complaint
from core.register.log.verify import verify
from core.register.reads import merges
from core.ui.queue.actions import TABLE
from tests.conftest import Cast
from tests.local_time import at
from tests.pages import rows
from tests.pages.screen import Screen, said
from tests.register.cases import advanced, logged, take

EARLIER, SECOND, THIRD = "KN-2026-000001", "KN-2026-000002", "KN-2026-000003"
NOW = at("2026-11-17 09:00")


@pytest.fixture
def filled(sqlite_register: Register, sqlite_cast: Cast) -> Register:
    """Two complaints of one customer, and one of another."""
    logged(sqlite_register, sqlite_cast, recorded_at=at("2026-11-13 09:00"), statement="Chưa thấy Stars đâu")
    advanced(sqlite_register, sqlite_cast, 2)
    stranger = CustomerDraft(name="Người Khác", phone="0987 654 321")
    logged(sqlite_register, sqlite_cast, recorded_at=at("2026-11-16 15:00"), customer=stranger)
    return sqlite_register


def opened(
    register: Register, cast: Cast, who: str, monkeypatch: pytest.MonkeyPatch, page: str = "complaint", **query: str
) -> AppTest:
    app = Screen(register, getattr(cast, who), NOW + timedelta(minutes=20)).open(page, monkeypatch, **query)
    assert not app.exception
    return app


def key(code: str, name: str, turn: int = 1) -> str:
    return f"step.{code}.{turn}.{name}"


def chosen(app: AppTest, code: str, step: str) -> AppTest:
    return app.selectbox(key=key(code, "step")).set_value(step).run()


def merged(register: Register, cast: Cast) -> None:
    with register.read() as session:
        second = session.scalars(select(Complaint).where(Complaint.code == SECOND)).one()
    take(register, "merge", second, cast.agent, NOW, merged_into=EARLIER, text="Cùng một lần nạp")


def links(app: AppTest) -> list[str]:
    return [str(link.proto.label) for link in app.main.get("page_link")]


def state(register: Register, code: str) -> tuple[str, str | None]:
    with register.read() as session:
        one = session.scalars(select(Complaint).where(Complaint.code == code)).one()
        return one.state, one.merged_into


def test_it_is_merged_once_it_was_confirmed(
    filled: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = chosen(opened(filled, sqlite_cast, "agent", monkeypatch, code=SECOND), SECOND, "merge")
    into = app.selectbox(key=key(SECOND, "merge.merged_into"))
    assert into.value == EARLIER, "the customer's other complaint, which came first"
    assert [option.split(" · ")[0] for option in into.options] == [EARLIER, "Hồ sơ khác, theo mã"]
    app = app.button(key=key(SECOND, "merge.save")).click().run()
    assert state(filled, SECOND) == ("classified", None), "asked first (D22)"
    assert "thời hạn đã quá vẫn tính là trễ" in said(app)
    app = app.button(key=key(SECOND, "merge.save.confirm")).click().run()
    assert not app.exception
    assert state(filled, SECOND) == ("merged", EARLIER)
    assert "Đã gộp" in said(app)
    assert f"Đã gộp: xử lý tiếp trong {EARLIER}" in links(app), "one click to where it went"
    assert verify(filled).is_whole


def test_the_other_one_tells_the_whole_story(
    filled: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    merged(filled, sqlite_cast)
    app = opened(filled, sqlite_cast, "agent", monkeypatch, code=EARLIER)
    text = said(app)
    assert "1 hồ sơ đã gộp vào:" in text
    assert SECOND in links(app)
    assert "Nạp 200 Stars, đã trừ tiền mà chưa thấy Stars." in text, "what the other one says, read where it is"
    assert f"từ {SECOND}" in text
    assert text.count("Có hồ sơ gộp vào") == 1
    monkeypatch.setattr(merges, "TOLD", 0)
    assert "và 1 hồ sơ nhận trước đó" in said(opened(filled, sqlite_cast, "agent", monkeypatch, code=EARLIER))


def test_an_undone_merge_stands_in_the_form_as_it_was_chosen(
    filled: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its code, since it is of another customer: no other one may stand there instead."""
    with filled.read() as session:
        third = session.scalars(select(Complaint).where(Complaint.code == THIRD)).one()
    when = NOW + timedelta(minutes=10)
    take(filled, "merge", third, sqlite_cast.lead, when, merged_into=EARLIER, text="Vợ gọi thay chồng")
    app = opened(filled, sqlite_cast, "lead", monkeypatch, code=THIRD)
    app = app.button(key=key(THIRD, "undo")).click().run()
    assert state(filled, THIRD) == ("received", None)
    form = key(THIRD, "merge.merged_into", 2)
    assert app.selectbox(key=form).value == "by_code"
    assert app.text_input(key=f"{form}.code").value == EARLIER


def test_the_later_one_offers_the_other_direction(
    filled: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = chosen(opened(filled, sqlite_cast, "agent", monkeypatch, code=EARLIER), EARLIER, "merge")
    into = app.selectbox(key=key(EARLIER, "merge.merged_into"))
    assert into.value is None, "none of the others came before it"
    app = into.set_value(SECOND).run()
    assert f"có thể gộp {SECOND} vào hồ sơ này" in said(app)
    [there] = [link for link in app.main.get("page_link") if str(link.proto.label) == f"Gộp {SECOND} vào hồ sơ này"]
    assert there.proto.query_string == f"code={SECOND}&into={EARLIER}"
    app = opened(filled, sqlite_cast, "agent", monkeypatch, code=SECOND, into=EARLIER)
    assert app.selectbox(key=key(SECOND, "step")).value == "merge"
    assert app.selectbox(key=key(SECOND, "merge.merged_into")).value == EARLIER
    assert "into" not in app.query_params, "begun once"
    for unknown in ("KN-2026-999999", "<b>", "x" * 300):
        app = opened(filled, sqlite_cast, "agent", monkeypatch, code=SECOND, into=unknown)
        app = app.button(key=key(SECOND, "merge.save")).click().run()
        app = app.button(key=key(SECOND, "merge.save.confirm")).click().run()
        assert not app.exception
        assert state(filled, SECOND) == ("classified", None)


OTHERS = [
    # who, says, does not say, may take it out, why
    ("agent", "Đã gộp", None, False, "customer care reads it and takes no step"),
    ("lead", "Đã gộp", None, True, "a lead takes it out again"),
    ("manager", "Đã gộp", "Nạp 200 Stars", False, "who does not read texts reads none of either"),
    ("analyst", "Đã gộp", "Nạp 200 Stars", False, "nor here"),
]


@pytest.mark.parametrize(("who", "says", "hides", "takes_out", "why"), OTHERS, ids=[row[0] for row in OTHERS])
def test_each_role_reads_what_it_may(
    filled: Register,
    sqlite_cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
    who: str,
    says: str,
    hides: str | None,
    takes_out: bool,
    why: str,
) -> None:
    merged(filled, sqlite_cast)
    app = opened(filled, sqlite_cast, who, monkeypatch, code=SECOND)
    assert says in said(app), why
    steps = [box for box in app.selectbox if str(box.key) == key(SECOND, "step")]
    assert ("Tách ra xử lý riêng" in (steps[0].options if steps else [])) is takes_out, why
    survivor = said(opened(filled, sqlite_cast, who, monkeypatch, code=EARLIER))
    for text in (said(app), survivor):
        assert hides is None or hides not in text, why


def test_a_lead_takes_it_out_again(filled: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    merged(filled, sqlite_cast)
    app = opened(filled, sqlite_cast, "lead", monkeypatch, code=SECOND)
    assert app.selectbox(key=key(SECOND, "step")).value == "unmerge", "what there is to do"
    app = app.button(key=key(SECOND, "unmerge.save")).click().run()
    assert "Hãy ghi lý do tách hồ sơ ra xử lý riêng." in said(app)
    app = app.text_area(key=key(SECOND, "unmerge.text")).set_value("Hai lần nạp khác nhau").run()
    app = app.button(key=key(SECOND, "unmerge.save")).click().run()
    assert not app.exception
    assert state(filled, SECOND) == ("classified", None)
    assert "Có hồ sơ tách ra" in said(opened(filled, sqlite_cast, "lead", monkeypatch, code=EARLIER))


def test_an_open_question_is_named_before(filled: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    with filled.read() as session:
        second = session.scalars(select(Complaint).where(Complaint.code == SECOND)).one()
    due = at("2026-11-18 17:30")
    take(filled, "forward", second, sqlite_cast.agent, NOW, department="payment", text="Kiểm tra", due_at=due)
    app = chosen(opened(filled, sqlite_cast, "agent", monkeypatch, code=SECOND), SECOND, "merge")
    assert "thu hồi yêu cầu trước khi gộp" in said(app)


def test_ticked_rows_go_on_in_the_one_received_first(
    filled: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(filled, sqlite_cast, "agent", monkeypatch, "queue", segment="all")
    app = rows.tick(app, TABLE, EARLIER)
    assert "queue_merge" not in {str(button.key) for button in app.button}, "one alone goes nowhere"
    app = rows.tick(app, TABLE, SECOND, THIRD, EARLIER)
    app = app.button(key="queue_merge").click().run()
    assert not app.exception
    assert (state(filled, SECOND), state(filled, EARLIER)[0]) == (("merged", EARLIER), "received")
    text = said(app)
    assert f"Gộp vào {EARLIER}: đã xong 1 hồ sơ, 1 không làm được" in text
    assert "KN-2026-000003: Theo dữ liệu hiện có, đây là hai khách hàng khác nhau" in text, "refusals say why"
    assert SECOND not in rows.keys(app), "no row of the queue any more"


def test_what_none_of_them_takes_is_said_at_its_field_and_the_ticks_stay(
    filled: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(filled, sqlite_cast, "lead", monkeypatch, "queue", segment="all")
    app = rows.tick(app, TABLE, THIRD, EARLIER)
    app = app.button(key="queue_merge").click().run()
    assert not app.exception
    assert any("cùng một khách hàng" in str(one.value) for one in (*app.error, *app.caption, *app.markdown))
    assert state(filled, THIRD)[1] is None
    app = app.text_input(key="queue_merge_why").set_value("Vợ gọi thay chồng").run()
    app = app.button(key="queue_merge").click().run()
    assert state(filled, THIRD) == ("merged", EARLIER)


def test_whoever_only_looks_on_merges_nothing(
    filled: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(filled, sqlite_cast, "manager", monkeypatch, "queue", segment="all")
    app = rows.tick(app, TABLE, EARLIER, SECOND)
    assert "queue_merge" not in {str(button.key) for button in app.button}
