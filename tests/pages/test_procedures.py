"""Quy trình: everybody reads it, an administrator changes it after looking at the last quarter (D9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from core import shipped
from core.register import rulebook
from core.register.case import complaints
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.verify import verify
from core.register.organisation import procedure_versions
from core.rules.calendar import local_day
from core.rules.procedure import Procedure
from core.rules.roles import ROLES
from tests.conftest import Cast
from tests.pages.screen import Open, Screen, said

AMOUNT = "procedures.pops.1.terms.resolve.amount"
RULE = "procedures.pops.1.terms.resolve.rule"


@pytest.fixture
def open_page(sqlite_register: Register, sqlite_cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Open:
    def page(role: str = "admin", **query: str) -> AppTest:
        return Screen(sqlite_register, getattr(sqlite_cast, role), now).open("procedures", monkeypatch, **query)

    return page


@pytest.fixture
def late(sqlite_register: Register, now: datetime) -> None:
    """A complaint of three weeks ago that nobody answered."""
    with sqlite_register.write() as session:
        draft = Draft("hotline", datetime.fromisoformat("2026-10-26T09:00+07:00"), "Không xem được", "other")
        complaints.log(session, draft, Act(None, now))


def keys(app: AppTest) -> set[str]:
    return {str(button.key) for button in app.main.button}


@pytest.mark.parametrize("role", ROLES)
def test_everybody_reads_it_and_only_an_administrator_changes_it(open_page: Open, role: str) -> None:
    app = open_page(role, edit="1")
    assert not app.exception
    text = said(app)
    assert "Quy trình xử lý khiếu nại POPS" in text
    assert ("Những gì bạn sửa thành một phiên bản mới" in text) == (role == "admin")
    assert ("procedures_edit" in keys(open_page(role))) == (role == "admin")


@pytest.mark.usefixtures("late")
def test_each_version_says_how_many_follow_it(
    open_page: Open, sqlite_register: Register, sqlite_cast: Cast, now: datetime
) -> None:
    with sqlite_register.write() as session:
        before = procedure_versions.newest(session, "pops")
        slower = replace(before, terms=tuple(replace(one, warn_at=0.6) for one in before.terms))
        procedure_versions.change(session, slower, Act(sqlite_cast.admin, now))
        for day in (1, 2):
            draft = Draft("hotline", now + timedelta(days=day), "Không xem được", "other")
            complaints.log(session, draft, Act(None, now + timedelta(days=day)))
    text = said(open_page("agent"))
    assert "2 khiếu nại theo phiên bản này" in text
    assert "1 khiếu nại theo phiên bản này" in text


READ = (
    "Thông báo kết quả · 5 ngày làm việc",
    "Từ: Phản hồi tiếp nhận; nếu không có thì từ Ghi nhận khiếu nại",
    "Đến: Thông báo kết quả hoặc Đóng hồ sơ",
    "Xử lý tối đa 05 ngày làm việc tính từ ngày tiếp nhận thông tin khiếu nại lần đầu tiên",
    "POPS I.3",
    "Sắp hạn khi đã qua 75 % thời hạn",
    "thứ Hai đến thứ Sáu: 08:30-17:30; thứ Bảy đến Chủ nhật: nghỉ",
    "Hòa giải: 2 vòng",
    "Quyết định cuối cùng khi hòa giải không thành",
    "Hòa giải và đề xuất hướng hỗ trợ · 1 đến 5 ngày làm việc",
    "Phiên bản 1, áp dụng từ đầu · kèm theo phần mềm",
)


def test_the_whole_procedure_is_there_to_read(open_page: Open) -> None:
    text = said(open_page("agent")).replace("**", "")
    assert [line for line in READ if line not in text] == []
    assert "D1" not in text, "the number of a decision says nothing to a reader"
    asked = next(one for one in open_page(edit="1").text_input if one.key == RULE.replace(".rule", ".decision"))
    assert (asked.value, "docs/domain.md" in asked.help) == ("D1, D2, D4, D6, D7", True)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("key", sorted(shipped.procedures()))
def test_every_shipped_procedure_is_read_in_both_languages(
    sqlite_cast: Cast, open_page: Open, key: str, language: str
) -> None:
    sqlite_cast.agent.language = language
    app = open_page("agent", procedure=key)
    assert not app.exception
    one = shipped.procedure(key)
    assert app.title[0].value.startswith(one.name if language == "vi" else one.name_en)
    words = said(app)
    for names in (one.flags, one.papers):
        assert not [name for name in names if name in words], "keys are shown by their names"


@pytest.mark.usefixtures("late")
def test_a_change_is_looked_at_before_it_is_taken_into_use(sqlite_register: Register, open_page: Open) -> None:
    app = open_page(edit="1")
    app = app.number_input(key=AMOUNT).set_value(30).run()
    assert "procedures_apply" not in keys(app), "nothing is applied unseen"
    app = app.button(key="procedures_look").click().run()
    assert "1 khiếu nại của 13 tuần qua sẽ có kết quả" not in said(app)
    assert "Thông báo kết quả, số lượng: 5 → 30" in said(app)
    assert "câu của nguồn vẫn là “Xử lý tối đa 05 ngày làm việc" in said(app)
    app = app.number_input(key="procedures.pops.1.terms.acknowledge.amount").set_value(20).run()
    assert "procedures_apply" not in keys(app), "what was looked at is not this any more"
    app = app.button(key="procedures_look").click().run()
    assert "1 khiếu nại của 13 tuần qua sẽ có kết quả" in said(app)
    assert "Phản hồi tiếp nhận: 0 trên 1 đúng hạn (0 %) → 0 trên 0 (–); 1 khi đó chưa đến hạn, 1 tốt lên" in said(app)
    app = app.button(key="procedures_apply").click().run()
    assert not app.exception
    assert "Phiên bản 2 áp dụng từ bây giờ." in said(app)
    assert "Thông báo kết quả, số lượng: 5 → 30" in said(app), "the list of versions says what changed"
    with sqlite_register.read() as session:
        assert [term.amount for term in procedure_versions.newest(session, "pops").terms] == [20, 30]
    assert verify(sqlite_register).problems == []


@pytest.mark.usefixtures("late")
def test_a_version_from_a_day_is_announced_until_then(open_page: Open) -> None:
    app = open_page(edit="1")
    app = app.number_input(key=AMOUNT).set_value(4).run()
    app = app.radio(key="procedures.1.applies").set_value(True).run()
    app = app.date_input(key="procedures.1.applies.on").set_value(date(2026, 12, 1)).run()
    app = app.button(key="procedures_look").click().run()
    app = app.button(key="procedures_apply").click().run()
    assert "Phiên bản 2 áp dụng từ 01/12/2026." in said(app)
    read = open_page("agent")
    assert "Thông báo kết quả** · 5 ngày làm việc" in said(read)
    assert "Phiên bản 2 áp dụng từ 01/12/2026." in said(read)
    assert "Thông báo kết quả** · 4 ngày làm việc" in said(open_page("agent", version="2"))


def test_a_procedure_is_renamed(sqlite_register: Register, open_page: Open) -> None:
    app = open_page(edit="1")
    app = app.text_input(key="procedures.pops.1.procedure.name").set_value(" ").run()
    app = app.button(key="procedures_look").click().run()
    assert "Hãy ghi nội dung" in said(app)
    app = app.text_input(key="procedures.pops.1.procedure.name").set_value("Quy trình Hoa Sen").run()
    app = app.text_input(key="procedures.pops.1.procedure.organisation").set_value("Hoa Sen").run()
    app = app.button(key="procedures_look").click().run()
    app = app.button(key="procedures_apply").click().run()
    assert not app.exception
    assert app.title[0].value == "Quy trình Hoa Sen"
    with sqlite_register.read() as session:
        newest = procedure_versions.newest(session, "pops")
    assert (newest.name, newest.organisation) == ("Quy trình Hoa Sen", "Hoa Sen")


def test_what_is_wrong_is_named_and_nothing_typed_is_lost(open_page: Open) -> None:
    app = open_page(edit="1")
    app = app.number_input(key=AMOUNT).set_value(4).run()
    app = app.text_area(key=RULE).set_value(" ").run()
    app = app.text_input(key="procedures.pops.1.hours.monday").set_value("8h-17h").run()
    app = app.button(key="procedures_look").click().run()
    text = said(app)
    assert "Hãy ghi nội dung" in text
    assert "Hãy ghi giờ như 08:30-12:00" in text
    assert app.number_input(key=AMOUNT).value == 4
    assert "procedures_apply" not in keys(app)


def test_the_second_of_two_administrators_is_told_and_goes_on_with_what_was_typed(
    sqlite_register: Register, sqlite_cast: Cast, open_page: Open, now: datetime
) -> None:
    app = open_page(edit="1")
    app = app.number_input(key=AMOUNT).set_value(4).run()
    app = app.text_input(key="procedures.pops.1.hours.monday").set_value("08:00-12:00").run()
    app = app.button(key="procedures_look").click().run()
    with sqlite_register.write() as session:
        newest = procedure_versions.newest(session, "pops")
        procedure_versions.change(session, newest_with(newest, 3), Act(sqlite_cast.admin, now))
    app = app.button(key="procedures_apply").click().run()
    assert "Trong lúc đó đã có người sửa quy trình này" in said(app)
    assert "Phản hồi tiếp nhận, số lượng: 1 → 3" in said(app)
    app = app.button(key="procedures_go_on").click().run()
    app = app.button(key="procedures_look").click().run()
    app = app.button(key="procedures_apply").click().run()
    assert not app.exception
    with sqlite_register.read() as session:
        newest = procedure_versions.newest(session, "pops")
    assert (newest.version, [term.amount for term in newest.terms]) == (3, [3, 4])
    assert procedure_versions.values(newest)["hours", "monday"] == "08:00-12:00"


def test_a_change_of_a_version_of_a_day_to_come_says_so(
    sqlite_register: Register, open_page: Open, now: datetime
) -> None:
    waits = "Bạn đang sửa phiên bản 2, áp dụng từ"
    assert waits not in said(open_page(edit="1"))
    with sqlite_register.write() as session:
        wanted = newest_with(procedure_versions.newest(session, "pops"), 2)
        procedure_versions.change(session, wanted, Act(None, now), applies_on=local_day(now) + timedelta(days=7))
    assert waits in said(open_page(edit="1"))


def newest_with(procedure: Procedure, amount: int) -> Procedure:
    first, second = procedure.terms
    return replace(procedure, terms=(replace(first, amount=amount), second))


def test_a_new_procedure_is_begun_looked_at_and_enabled(sqlite_register: Register, open_page: Open) -> None:
    app = open_page(new="1")
    app = app.button(key="procedures_begin").click().run()
    assert "Mã gồm chữ thường không dấu" in said(app)
    for name, text in (("key", "pops-kids"), ("name", "Quy trình Kids"), ("name_en", "Kids"), ("organisation", "Kids")):
        app.text_input(key=f"procedures_new_{name}").set_value(text)
    app = app.run().button(key="procedures_begin").click().run()
    assert not app.exception
    assert "Đã lưu Quy trình Kids" in said(app)
    with sqlite_register.read() as session:
        assert "pops-kids" not in rulebook.organisation(session).procedures, "its terms are still another one's"
    app = open_page(procedure="pops-kids").button(key="procedures_enable").click().run()
    assert not app.exception
    with sqlite_register.read() as session:
        assert "pops-kids" in rulebook.organisation(session).procedures
    assert "procedures_enable" not in {button.key for button in open_page(procedure="pops-kids").button}


def test_two_procedures_of_one_organisation_are_told_apart(
    sqlite_register: Register, sqlite_cast: Cast, open_page: Open, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = {"key": "pops-kids", "name": "Quy trình Kids", "name_en": "Kids", "organisation": "POPS"}
    with sqlite_register.write() as session:
        procedure_versions.begin(session, "pops", wanted, Act(sqlite_cast.admin, now))
    app = open_page(procedure="pops-kids")
    named = ["POPS · Quy trình xử lý khiếu nại POPS", "MISA", "POPS · Quy trình Kids"]
    assert [one for one in app.selectbox(key="procedures_key").options if one in named] == named
    app = app.button(key="procedures_enable").click().run()
    assert "Hồ sơ mới được theo cả POPS · Quy trình Kids." in said(app)
    lists = Screen(sqlite_register, sqlite_cast.admin, now).open("catalogues", monkeypatch, list="organisation")
    lists = lists.button(key="organisation_first_pops-kids").click().run()
    assert "Biểu mẫu bắt đầu với POPS · Quy trình Kids" in said(lists)
    history = Screen(sqlite_register, sqlite_cast.admin, now).open("catalogues", monkeypatch, list="changes")
    assert "POPS · Quy trình xử lý khiếu nại POPS → POPS · Quy trình Kids" in said(history)
    log = Screen(sqlite_register, sqlite_cast.agent, now).open("log_complaint", monkeypatch)
    [field] = [one for one in log.selectbox if "POPS · Quy trình Kids" in one.options]
    assert "MISA" in field.options
