"""Câu trả lời mẫu: the list, a draft, its approval, and the text put into the form of a step."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from core.register.case import complaints
from core.register.case.complaints import PastStep
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Person
from core.register.organisation import answer_texts
from core.rules.answer_text import Text
from tests.conftest import Cast
from tests.engines import MONDAY
from tests.pages import rows
from tests.pages.screen import Screen, said
from tests.register.ways import filled

TEXT = Text("Cảm ơn khách", "Kính gửi {name}, hồ sơ {code}: [nêu kết quả].", step="notify_result")
KEY, CODE = "cam_on_khach", "KN-2026-000001"


@pytest.fixture
def register(sqlite_register: Register) -> Register:
    """SQLite only: the page is not about the database."""
    return sqlite_register


def opened(register: Register, person: Person, monkeypatch: pytest.MonkeyPatch, **query: str) -> AppTest:
    app = Screen(register, person, MONDAY).open("answer_texts", monkeypatch, **query)
    assert not app.exception
    return app


def draft(register: Register, by: Person, one: Text = TEXT) -> None:
    with register.write() as session:
        answer_texts.begin(session, one, Act(by, MONDAY))


def standing(register: Register) -> answer_texts.Standing:
    with register.read() as session:
        return answer_texts.get(session, KEY)


def field(app: AppTest, kind: str, name: str) -> object:
    """The widget of the form whose key ends so."""
    (found,) = [
        one for one in app.get(kind) if str(one.key).startswith("answer_text.") and str(one.key).endswith(f".{name}")
    ]
    return found


def write(app: AppTest, title: str, body: str) -> AppTest:
    field(app, "text_input", "title").set_value(title)  # type: ignore[attr-defined] # a widget
    field(app, "text_area", "body").set_value(body)  # type: ignore[attr-defined] # a widget
    app = app.run()
    return field(app, "button", "save").click().run()  # type: ignore[attr-defined,no-any-return] # a widget


def test_an_agent_drafts_and_a_lead_approves(
    register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(register, sqlite_cast.agent, monkeypatch)
    assert app.title[0].value == "12 câu trả lời mẫu đang dùng"
    app = app.button(key="texts_new").click().run()
    app = write(app, TEXT.title, TEXT.body)
    assert not app.exception
    assert app.query_params == {"text": KEY}
    assert "Đã lưu bản nháp “Cảm ơn khách”, đang chờ duyệt." in said(app)
    assert standing(register).draft is not None
    assert not [button for button in app.button if str(button.key).startswith("text_approve")], "not by an agent"

    app = opened(register, sqlite_cast.lead, monkeypatch)
    assert app.title[0].value == "12 câu trả lời mẫu đang dùng, 1 bản nháp chờ duyệt"
    assert "Chờ bạn duyệt" in said(app)
    app = app.button(key=f"texts_look_{KEY}").click().run()
    app = app.button(key="text_approve_1").click().run()
    assert not app.exception
    assert "Đã duyệt “Cảm ơn khách”" in said(app)
    assert standing(register).offered is not None
    versions = [one.label for one in app.expander]
    assert ["đang dùng" in versions[0], "bản nháp" in versions[1]] == [True, True], versions  # it waits no more


def test_a_draft_is_shown_as_the_customer_would_read_it(
    register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft(register, sqlite_cast.agent)
    app = opened(register, sqlite_cast.agent, monkeypatch, text=KEY)
    assert "Kính gửi Nguyễn Thị An, hồ sơ KN-2026-000123: [nêu kết quả]." in said(app)


def test_a_wrong_draft_keeps_what_was_typed(
    register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = write(opened(register, sqlite_cast.agent, monkeypatch, text="new"), "", "Chào {ten}")
    told = said(app)
    assert "Nhập tiêu đề, tối đa 120 ký tự." in told
    assert "Trong dấu ngoặc nhọn chỉ dùng {name}, {code}, {deadline} và {holder}." in told
    assert field(app, "text_area", "body").value == "Chào {ten}"  # type: ignore[attr-defined] # a widget


def test_whoever_writes_on_an_older_version_is_told_and_loses_nothing(
    register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft(register, sqlite_cast.agent)
    app = opened(register, sqlite_cast.agent, monkeypatch, text=KEY)
    with register.write() as session:
        theirs = Text("Cảm ơn khách", "Của đồng nghiệp", step="notify_result")
        answer_texts.redraft(session, KEY, theirs, 1, Act(sqlite_cast.agent2, MONDAY))
    app = write(app, "Cảm ơn khách", "Của tôi")
    assert "Có người vừa sửa câu mẫu này trong lúc bạn viết" in said(app)
    assert "Của đồng nghiệp" in said(app)
    assert field(app, "text_area", "body").value == "Của tôi"  # type: ignore[attr-defined] # a widget
    assert standing(register).newest.body == "Của đồng nghiệp"
    app = field(app, "button", "save").click().run()  # type: ignore[attr-defined] # a widget
    assert standing(register).newest.body == "Của tôi"


def test_a_lead_approves_only_what_was_on_the_screen(
    register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft(register, sqlite_cast.agent)
    app = opened(register, sqlite_cast.lead, monkeypatch, text=KEY)
    with register.write() as session:
        answer_texts.redraft(session, KEY, Text("Cảm ơn khách", "Câu khác"), 1, Act(sqlite_cast.agent, MONDAY))
    app = app.button(key="text_approve_1").click().run()
    assert "Có người vừa sửa câu mẫu này" in said(app)
    assert standing(register).offered is None


FILTERED = [
    # filter, keys that are left of some, keys that are not, why
    ({"status": "draft"}, {KEY}, {"da_tiep_nhan"}, "what waits"),
    ({"status": "approved"}, {"da_tiep_nhan"}, {KEY}, "what is in use"),
    ({"step": "notify_result"}, {KEY, "ket_qua_hoan_tien"}, {"da_tiep_nhan"}, "one step"),
    ({"category": "payment"}, {KEY, "da_tiep_nhan", "ket_qua_hoan_tien"}, {"huong_dan_dang_nhap"}, "fits any category"),
    ({"step": "nothing"}, {KEY, "da_tiep_nhan"}, set(), "an unknown key filters nothing"),
]


@pytest.mark.parametrize(("query", "left", "gone", "why"), FILTERED, ids=[row[-1] for row in FILTERED])
def test_the_filter(
    register: Register,
    sqlite_cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
    query: dict[str, str],
    left: set[str],
    gone: set[str],
    why: str,
) -> None:
    draft(register, sqlite_cast.agent)
    found = set(rows.keys(opened(register, sqlite_cast.handler, monkeypatch, **query)))
    assert left <= found and not gone & found, why


def test_who_only_reads_gets_no_button(register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    draft(register, sqlite_cast.agent)
    for query in ({}, {"text": KEY}, {"text": "da_tiep_nhan"}, {"text": "new"}):
        app = opened(register, sqlite_cast.handler, monkeypatch, **query)
        assert {button.key for button in app.main.get("button")} <= {"texts_back"}
    app = Screen(register, sqlite_cast.analyst, MONDAY).open("answer_texts", monkeypatch)
    assert "Trang này không thuộc vai trò của bạn" in said(app)


# in the form of a step


def case(register: Register, person: Person, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """A classified complaint whose result is about to be told."""
    steps = [PastStep(key, MONDAY, filled(key, MONDAY)) for key in ("acknowledge", "classify")]
    told = Draft("email", MONDAY, "Lỗi", "payment", customer=CustomerDraft(name="Lê Mai"))
    with register.write() as session:
        complaints.write_histories(session, [(told, steps)], Act(None, MONDAY))
    app = Screen(register, person, MONDAY).open("complaint", monkeypatch, code=CODE)
    return app.selectbox(key=f"step.{CODE}.1.step").set_value("notify_result").run()


PREFIX = f"step.{CODE}.1.notify_result"
REFUNDED = "ket_qua_hoan_tien@1"


def test_a_text_is_put_in_after_what_was_typed_and_counted(
    register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = case(register, sqlite_cast.agent, monkeypatch)
    app = app.text_area(key=f"{PREFIX}.text").set_value("Đã gọi cho khách.").run()
    app = app.selectbox(key=f"{PREFIX}.answer_text").set_value(REFUNDED).run()
    assert not app.exception
    written = app.text_area(key=f"{PREFIX}.text").value or ""
    assert written.startswith("Đã gọi cho khách.\n\nKính gửi Lê Mai,\nPOPS đã kiểm tra xong hồ sơ KN-2026-000001.")
    assert "Còn phải điền: [nêu kết quả đối soát], [số tiền]" in said(app)
    app = app.button(key=f"{PREFIX}.save").click().run()
    assert not app.exception
    with register.read() as session:
        assert answer_texts.uses(session, MONDAY)["ket_qua_hoan_tien"] == answer_texts.Uses(
            1, 1, 1, {"notify_result": 1}
        )
    assert written.rstrip() in said(app), "what was said stays as it was written"


def test_one_key_puts_a_text_in_and_says_which(
    register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = case(register, sqlite_cast.agent, monkeypatch)
    titles = app.selectbox(key=f"{PREFIX}.answer_text").options
    app = app.text_area(key=f"{PREFIX}.text").set_value("Đã gọi cho khách.").run()
    app = app.button(key=f"puts_in.{PREFIX}.answer_text.2").click().run()
    assert not app.exception
    chosen = app.selectbox(key=f"{PREFIX}.answer_text")
    assert chosen.options.index(chosen.format_func(chosen.value)) == 1, "the second of the list"
    assert len(titles) >= 2
    written = app.text_area(key=f"{PREFIX}.text").value or ""
    assert written.startswith("Đã gọi cho khách.\n\n")
    assert len(written) > len("Đã gọi cho khách.\n\n")
    with register.read() as session:
        texts = {answer_texts.name_of(one.newest): one.newest for one in answer_texts.every(session).values()}
    assert texts[str(chosen.value)].title == titles[1]


def test_another_text_takes_the_place_of_the_one_before(
    register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = case(register, sqlite_cast.agent, monkeypatch)
    app = app.selectbox(key=f"{PREFIX}.answer_text").set_value(REFUNDED).run()
    app = app.selectbox(key=f"{PREFIX}.answer_text").set_value("ket_qua_khong_chap_nhan@1").run()
    written = app.text_area(key=f"{PREFIX}.text").value or ""
    assert written.count("Kính gửi Lê Mai") == 1
    assert "Tòa án" in written


def test_a_text_retired_while_it_was_filled_in_is_still_what_was_used(
    register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = case(register, sqlite_cast.agent, monkeypatch)
    app = app.selectbox(key=f"{PREFIX}.answer_text").set_value(REFUNDED).run()
    with register.write() as session:
        answer_texts.retire(session, "ket_qua_hoan_tien", 1, Act(sqlite_cast.lead, MONDAY))
    app = app.button(key=f"{PREFIX}.save").click().run()
    assert not app.exception
    with register.read() as session:
        assert answer_texts.uses(session, MONDAY)["ket_qua_hoan_tien"].changed == 0


def test_who_wrote_a_version_is_said(register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program, a command (an imported file of the organisation) or a person."""
    later = MONDAY + timedelta(hours=1)
    with register.write() as session:
        (key, shipped), *_others = answer_texts.every(session).items()
        changed = replace(answer_texts.text_of(shipped.newest), title="Từ tệp")
        answer_texts.make_offered(session, {key: changed}, Act(None, later))
        answer_texts.redraft(session, key, replace(changed, title="Của Lead"), 2, Act(sqlite_cast.lead, later))
    shown = said(opened(register, sqlite_cast.lead, monkeypatch, text=key))
    for number, who in ((1, "kèm theo phần mềm"), (2, "bằng dòng lệnh"), (3, sqlite_cast.lead.name)):
        (line,) = [one for one in shown.splitlines() if f"Phiên bản {number}" in one]
        assert who in line, line
