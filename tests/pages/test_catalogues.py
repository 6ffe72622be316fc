"""Danh mục: what an administrator sees of the lists, changes, is refused, and what the audit list tells of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core import shipped
from core.register import rulebook
from core.register.log.act import Act
from core.register.log.database import Register, open_up
from core.register.organisation import audit, file, lists
from core.register.people import accounts
from core.register.people.accounts import Account
from core.rules.catalogue import Catalogue, Entry
from core.rules.roles import ROLES
from tests.conftest import Cast
from tests.engines import MONDAY
from tests.pages.screen import Open, Screen, said, values
from tests.register.cases import advanced, logged


@pytest.fixture
def see(sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Open:
    """The page as the administrator sees it."""

    def page(role: str = "admin", **query: str) -> AppTest:
        return Screen(sqlite_register, getattr(sqlite_cast, role), MONDAY).open("catalogues", monkeypatch, **query)

    return page


def current(register: Register, name: str) -> Catalogue:
    with register.read() as session:
        return lists.current(session, name)


def tables(app: AppTest) -> dict[str, list[str]]:
    """Key → what its row says, over both tables: those offered first."""
    found: dict[str, list[str]] = {}
    for part in app.main.get("bidi_component"):
        if part.proto.component_name == "pops_rows":
            data: dict[str, Any] = json.loads(part.proto.json)
            for row in data["rows"]:
                found[row["key"]] = [text for cell in row["cells"] for text in (cell["text"], cell["below"]) if text]
    return found


def told(app: AppTest) -> str:
    """Everything on the page and in the dialog over it."""
    dialog = [text for kind in ("markdown", "caption", "error") for text in values(app.get(kind))]
    return "\n".join([said(app), *dialog])


def type_names(app: AppTest, key: str, vi: str, en: str) -> AppTest:
    app.text_input(key=f"{key}.vi").set_value(vi)
    return app.text_input(key=f"{key}.en").set_value(en).run()


@pytest.mark.parametrize("role", [role for role in ROLES if role != "admin"])
def test_nobody_else_opens_the_page(see: Open, role: str) -> None:
    app = see(role, list="channels", entry="hotline")
    assert "không thuộc vai trò" in said(app)
    assert not app.title
    assert not [field for field in app.text_input if str(field.key).startswith("catalogues")]


def test_a_list_shows_its_entries_in_order_with_how_they_are_used(
    see: Open, sqlite_register: Register, sqlite_cast: Cast
) -> None:
    advanced(sqlite_register, sqlite_cast)
    logged(sqlite_register, sqlite_cast)
    app = see(list="departments")
    assert not app.exception
    assert app.title[0].value == "Phòng ban: 6 mục đang dùng"
    shown = tables(app)
    assert list(shown) == list(current(sqlite_register, "departments"))
    assert shown["payment"] == ["Phòng Thanh toán", "Payments", "Handler Thử", "1", "1"]
    assert tables(see(list="channels"))["hotline"][2:] == ["2", "1 đang mở", "1"]


def test_an_entry_is_added_and_offered(see: Open, sqlite_register: Register) -> None:
    app = see(list="platforms", entry="new")
    app = type_names(app, "catalogues.platforms.new", "Đồng hồ", "Watch")
    app = app.button(key="catalogues_create").click().run()
    assert not app.exception
    assert [one.value for one in app.success] == ["Đã thêm “Đồng hồ” vào danh sách."]
    assert current(sqlite_register, "platforms")["dong_ho"].en == "Watch"
    assert "entry" not in app.query_params


def test_a_new_category_is_put_under_another_one_at_once(see: Open, sqlite_register: Register) -> None:
    app = see(list="categories", entry="new")
    assert "được thêm ở bước sau" in told(app)
    app = type_names(app, "catalogues.categories.new", "Hoàn tiền", "Refunds")
    app = app.selectbox(key="catalogues.categories.new.parent").set_value("payment").run()
    app = app.button(key="catalogues_create").click().run()
    assert not app.exception
    assert current(sqlite_register, "categories")["hoan_tien"].parent == "payment"


def test_what_is_wrong_stands_beneath_its_field_and_everything_typed_stays(
    see: Open, sqlite_register: Register
) -> None:
    before = current(sqlite_register, "channels")
    app = type_names(see(list="channels", entry="new"), "catalogues.channels.new", before["hotline"].vi, "")
    app = app.button(key="catalogues_create").click().run()
    beneath = [text for text in values(app.markdown) if ":red[" in text]
    assert ["Một mục khác đang dùng đã có tên này." in beneath[0], "Hãy ghi tên." in beneath[1]] == [True, True]
    assert [one.value for one in app.error] == ["Hãy sửa các ô được đánh dấu."], "said once, at the field"
    assert app.text_input(key="catalogues.channels.new.vi").value == before["hotline"].vi
    assert current(sqlite_register, "channels") == before


def test_renaming_says_first_what_it_moves(see: Open, sqlite_register: Register, sqlite_cast: Cast) -> None:
    advanced(sqlite_register, sqlite_cast)
    logged(sqlite_register, sqlite_cast)
    app = see(list="channels", entry="hotline")
    assert "2 hồ sơ đang dùng, 1 đang mở." in told(app)
    app = type_names(app, "catalogues.channels.hotline", "Tổng đài", "Call centre")
    assert "Tên mới hiện ngay trong biểu mẫu, hồ sơ, số liệu và bản xuất (2 hồ sơ đang dùng, 1 đang mở)." in told(app)
    app = app.number_input(key="catalogues.channels.hotline.place").set_value(3).run()
    assert "sẽ hiện mục này ở vị trí 3" in told(app)
    app = app.button(key="catalogues_save").click().run()
    assert not app.exception
    found = current(sqlite_register, "channels")
    assert (found["hotline"].vi, list(found)[2]) == ("Tổng đài", "hotline")


def test_an_entry_is_merged_and_offered_again(see: Open, sqlite_register: Register) -> None:
    app = see(list="channels", entry="web")
    app = app.selectbox(key="catalogues.channels.web.into").set_value("hotline").run()
    assert "Mọi số liệu và bản xuất, kể cả các tuần đã qua, tính mục này vào" in told(app)
    app = app.button(key="catalogues_merge").click().run()
    assert current(sqlite_register, "channels")["web"].into == "hotline"
    assert "Đã ngừng dùng (1)" in said(app)
    assert any(text.startswith("tính vào") for text in tables(app)["web"])
    app = see(list="channels", entry="web").button(key="catalogues_offer").click().run()
    assert not current(sqlite_register, "channels")["web"].retired


def test_how_an_entry_is_used_reads_on_within_a_sentence(see: Open) -> None:
    shown = told(see(list="channels", entry="hotline"))
    assert "(chưa hồ sơ nào dùng" in shown and "(Chưa" not in shown


def test_the_last_channel_stays_and_the_page_says_why(see: Open, sqlite_register: Register) -> None:
    for key in list(current(sqlite_register, "channels"))[1:]:
        see(list="channels", entry=key).button(key="catalogues_retire").click().run()
    [last] = [key for key, one in current(sqlite_register, "channels").items() if not one.retired]
    app = see(list="channels", entry=last).button(key="catalogues_retire").click().run()
    assert "Đây là mục cuối cùng đang dùng" in told(app)
    assert not current(sqlite_register, "channels")[last].retired


def test_the_second_of_two_administrators_is_told_keeps_what_was_typed_and_can_go_on(
    see: Open, sqlite_register: Register, sqlite_cast: Cast
) -> None:
    app = see(list="channels", entry="hotline")
    with sqlite_register.write() as session:
        seen = lists.version(session, "channels")
        lists.retire(session, "channels", "web", Act(sqlite_cast.admin, MONDAY), version=seen)
    app = type_names(app, "catalogues.channels.hotline", "Tổng đài", "Call centre")
    app = app.button(key="catalogues_save").click().run()
    assert "người khác đã sửa danh mục này" in told(app)
    assert current(sqlite_register, "channels")["hotline"].vi != "Tổng đài"
    assert app.text_input(key="catalogues.channels.hotline.vi").value == "Tổng đài"
    app = app.button(key="catalogues_save").click().run()
    found = current(sqlite_register, "channels")
    assert (found["hotline"].vi, found["web"].retired) == ("Tổng đài", True)


def test_what_another_changed_in_the_entry_is_shown_and_loaded_before_saving(
    see: Open, sqlite_register: Register, sqlite_cast: Cast
) -> None:
    app = see(list="categories", entry="login")
    app.text_input(key="catalogues.categories.login.vi").set_value("Vào tài khoản").run()
    with sqlite_register.write() as session:
        seen, before = lists.version(session, "categories"), lists.current(session, "categories")["login"]
        other = replace(before, en="Getting in", parent="payment")
        lists.change(session, "categories", other, Act(sqlite_cast.admin, MONDAY), version=seen)
    app = app.button(key="catalogues_save").click().run()
    assert not app.exception
    assert "người khác đã sửa mục này" in told(app)
    assert f"{before.en} → Getting in" in told(app)
    assert current(sqlite_register, "categories")["login"] == other, "nothing is overwritten"
    assert "catalogues_save" not in {button.key for button in app.button}
    app = app.button(key="catalogues_go_on").click().run()
    assert app.text_input(key="catalogues.categories.login.vi").value == "Vào tài khoản"
    assert app.text_input(key="catalogues.categories.login.en").value == "Getting in"
    app = app.button(key="catalogues_save").click().run()
    assert not app.exception
    assert current(sqlite_register, "categories")["login"] == replace(other, vi="Vào tài khoản")


def test_what_another_changed_while_a_detail_was_typed_is_shown_and_loaded(
    see: Open, sqlite_register: Register, sqlite_cast: Cast
) -> None:
    key = "catalogues.field.payment.method"
    app = see(list="categories", entry="payment", field="method")
    app.text_input(key=f"{key}.vi").set_value("Trả bằng gì").run()
    with sqlite_register.write() as session:
        seen, before = lists.version(session, "categories"), lists.current(session, "categories")["payment"]
        fields = [replace(one, en="Paid how", required="") if one.key == "method" else one for one in before.fields]
        other = replace(before, fields=tuple(fields))
        lists.change(session, "categories", other, Act(sqlite_cast.admin, MONDAY), version=seen)
    app = app.button(key="catalogues_field_save").click().run()
    assert not app.exception
    assert "người khác đã sửa mục này" in told(app)
    assert "thông tin phải hỏi" in told(app)
    assert current(sqlite_register, "categories")["payment"] == other, "nothing is overwritten"
    app = app.button(key="catalogues_go_on").click().run()
    assert app.text_input(key=f"{key}.vi").value == "Trả bằng gì"
    assert app.text_input(key=f"{key}.en").value == "Paid how"
    app.button(key="catalogues_field_save").click().run()
    [found] = [one for one in current(sqlite_register, "categories")["payment"].fields if one.key == "method"]
    assert (found.vi, found.en, found.required) == ("Trả bằng gì", "Paid how", "")


def test_a_detail_is_asked_for_changed_and_asked_for_no_more(see: Open, sqlite_register: Register) -> None:
    def fields() -> dict[str, tuple[str, str, bool]]:
        found = current(sqlite_register, "categories")["other"].fields
        return {one.key: (one.type, one.required, one.personal) for one in found}

    app = see(list="categories", entry="other", field="new")
    key = "catalogues.field.other.new"
    app = type_names(app, key, "Màu áo", "Shirt colour")
    app = app.selectbox(key=f"{key}.type").set_value("choice").run()
    app = app.text_area(key=f"{key}.choices").set_value("Đỏ / Red\nXanh").run()
    app = app.selectbox(key=f"{key}.required").set_value("forward").run()
    app = app.button(key="catalogues_field_save").click().run()
    assert not app.exception
    assert fields() == {"mau_ao": ("choice", "forward", False)}
    [field] = current(sqlite_register, "categories")["other"].fields
    assert field.choices == (Entry("do", "Đỏ", "Red"), Entry("xanh", "Xanh", "Xanh"))
    app = see(list="categories", entry="other", field="mau_ao")
    app = app.text_area(key="catalogues.field.other.mau_ao.choices").set_value("Đỏ / Dark red\nTím / Purple").run()
    app = app.button(key="catalogues_field_save").click().run()
    [field] = current(sqlite_register, "categories")["other"].fields
    assert [(one.key, one.en, one.retired) for one in field.choices] == [
        ("do", "Dark red", False), ("tim", "Purple", False), ("xanh", "Xanh", True),
    ]  # fmt: skip
    see(list="categories", entry="other", field="mau_ao").button(key="catalogues_field_drop").click().run()
    [field] = current(sqlite_register, "categories")["other"].fields
    assert field.retired, "what was recorded keeps its name"
    app = see(list="categories", entry="other")
    assert "lựa chọn, không còn hỏi" in told(app)
    app = see(list="categories", entry="other", field="mau_ao")
    assert "catalogues_field_drop" not in {button.key for button in app.button}
    app.button(key="catalogues_field_save").click().run()
    [field] = current(sqlite_register, "categories")["other"].fields
    assert not field.retired, "asked for again"


def test_the_audit_list_tells_who_what_from_and_to_in_names(see: Open, sqlite_register: Register) -> None:
    app = type_names(see(list="channels", entry="hotline"), "catalogues.channels.hotline", "Tổng đài", "Hotline")
    app.button(key="catalogues_save").click().run()
    app = see(list="platforms", entry="new")
    app = type_names(app, "catalogues.platforms.new", "Đồng hồ", "Watch")
    app.button(key="catalogues_create").click().run()
    with sqlite_register.read() as session:
        assert len(audit.versions(session, "channels")) == 2
    app = see(list="changes")
    assert not app.exception
    text = said(app)
    assert "**Nền tảng** · 16/11/2026 09:00 · Admin Thử" in text
    assert "Đồng hồ: thêm mới" in text
    assert "Tổng đài: tên tiếng Việt" in text
    assert text.index("Đồng hồ") < text.index("Tổng đài"), "the newest first"
    only = said(see(list="changes", of="channels"))
    assert "Tổng đài: tên tiếng Việt" in only
    assert "Đồng hồ" not in only


def test_the_audit_list_says_what_a_command_brought_and_what_the_program(see: Open, sqlite_register: Register) -> None:
    with sqlite_register.write() as session:
        text = file.export(session, now=MONDAY).replace('\nname = "POPS"', '\nname = "POPS Việt Nam"')
        file.take_in(session, text, Act(None, MONDAY), file="pops.toml")
    app = see(list="changes", of="organisation")
    first, *_rest, last = [text for text in values(app.markdown) if text.startswith("**Tổ chức**")]
    assert first.endswith("bằng dòng lệnh") and last.endswith("kèm theo phần mềm")


def test_what_an_imported_register_began_with_names_the_file(
    sqlite_register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite_register.read() as session:
        text = file.export(session, now=MONDAY)
    copy = open_up(f"sqlite:///{tmp_path / 'copy.db'}", tmp_path / "copy", now=MONDAY)
    with copy.write() as session:
        file.take_in(session, text, Act(None, MONDAY), file="hoa-sen.toml")
        account = Account("quan.tri", "Quản Trị", "admin")
        person = accounts.add(session, account, None, Act(None, MONDAY))
    for page, query in (("catalogues", {"list": "changes", "of": "channels"}), ("procedures", {})):
        shown = said(Screen(copy, person, MONDAY).open(page, monkeypatch, **query))
        assert "bằng dòng lệnh" in shown and "kèm theo phần mềm" not in shown
        assert "lấy từ tệp: hoa-sen.toml" in shown
    copy.engine.dispose()


def test_a_file_is_looked_at_before_it_is_imported(see: Open, sqlite_register: Register) -> None:
    before = current(sqlite_register, "channels")
    bad = "key,vi,en,retired\nfax,Fax,,\n"
    app = see(list="channels")
    app = app.file_uploader[0].upload("kenh.csv", bad.encode()).run()
    assert "1 ô cần sửa, chưa ghi gì." in told(app)
    assert "**Dòng 2, cột en**: Hãy ghi tên." in told(app)
    assert not [button for button in app.button if button.key == "catalogues_import_confirm"]
    good = "key,vi,en,retired\nfax,Fax,Fax,\nweb,Trang web mới,Website,yes\n"
    app = see(list="channels")
    app = app.file_uploader[0].upload("kenh.csv", good.encode()).run()
    assert "thêm 1 mục, sửa 1 mục, trong đó 1 mục ngừng dùng hoặc dùng lại" in told(app)
    assert current(sqlite_register, "channels") == before, "a look writes nothing"
    app = app.button(key="catalogues_import_confirm").click().run()
    assert not app.exception
    found = current(sqlite_register, "channels")
    assert (found["fax"].vi, found["web"].retired, found["web"].vi) == ("Fax", True, "Trang web mới")


def test_what_an_upgrade_brings_is_taken_or_declined(
    see: Open, sqlite_register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = shipped.catalogues("pops")
    more = {key: Entry(key, key.title(), key.title()) for key in ("fax", "telex")}
    newer = replace(now, channels={**now.channels, **more})
    monkeypatch.setattr(shipped, "catalogues", lambda *_organisation: newer)
    app = see(list="proposals")
    assert not app.exception
    assert app.title[0].value == "2 đề xuất của bản cập nhật"
    app = app.button(key="proposals_take_channels_fax").click().run()
    assert current(sqlite_register, "channels")["fax"].vi == "Fax"
    app = app.button(key="proposals_decline_channels_telex").click().run()
    assert not app.exception
    assert "telex" not in current(sqlite_register, "channels")
    assert app.title[0].value == "0 đề xuất của bản cập nhật"
    assert "Không còn đề xuất nào" in said(app), "the page stays where its address says"


def test_a_proposal_that_somebody_else_decided_about_is_said_to_be_gone(
    see: Open, sqlite_register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = shipped.catalogues("pops")
    newer = replace(now, channels={**now.channels, "fax": Entry("fax", "Fax", "Fax")})
    monkeypatch.setattr(shipped, "catalogues", lambda *_organisation: newer)
    tabs = [see(list="proposals") for _ in range(2)]
    tabs[0].button(key="proposals_take_channels_fax").click().run()
    late = tabs[1].button(key="proposals_decline_channels_fax").click().run()
    assert not late.exception
    assert "người khác đã nhận hoặc không nhận" in said(late)
    assert late.query_params["list"] == "proposals"
    with sqlite_register.read() as session:
        assert rulebook.organisation(session).declined == ()


def test_a_proposed_procedure_says_that_taking_it_replaces_the_own_one(
    see: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = shipped.procedures()
    monkeypatch.setattr(shipped, "procedures", lambda: {**known, "pops": replace(known["pops"], name_en="Newer")})
    text = said(see(list="proposals"))
    assert "Nếu nhận, nó thay bản đang dùng từ bây giờ, kể cả những gì tổ chức đã sửa" in text
    assert "Dù nhận hay không" not in text


def test_a_procedure_is_enabled_put_first_and_disabled(see: Open, sqlite_register: Register) -> None:
    def procedures() -> tuple[tuple[str, ...], tuple[str, ...]]:
        with sqlite_register.read() as session:
            whose = rulebook.organisation(session)
            return whose.procedures, whose.former

    enabled = procedures()[0]
    app = see(list="organisation").button(key="organisation_first_misa").click().run()
    assert not app.exception
    assert procedures()[0][0] == "misa"
    app = app.button(key="organisation_disable_misa").click().run()
    assert procedures() == (enabled if "misa" not in enabled else tuple(k for k in enabled if k != "misa"), ("misa",))
    assert "ngừng dùng cho hồ sơ mới" in said(app)
    app = app.button(key="organisation_enable_misa").click().run()
    assert procedures()[0][-1] == "misa"
    app = app.text_input(key="organisation_name").set_value("POPS Việt Nam").run()
    app = app.button(key="organisation_rename").click().run()
    assert app.title[0].value == "POPS Việt Nam"


def test_a_target_is_set_from_a_day_and_taken_back(see: Open, sqlite_register: Register) -> None:
    app = see(list="targets")
    assert "95 %" in said(app)
    app = app.number_input(key="targets_share").set_value(90.0).run()
    app = app.button(key="targets_put").click().run()
    assert not app.exception
    assert "90 %" in said(app)
    with sqlite_register.read() as session:
        assert [one.share for one in rulebook.targets(session)] == [0.9]
        assert audit.versions(session)[0].name == "targets"
    assert "95 % → 90 %" in said(see(list="changes", of="targets"))


def test_a_target_is_offered_for_what_the_procedures_in_use_promise(see: Open, sqlite_register: Register) -> None:
    offered = {"vhv": ["Thông báo kết quả", "Thương lượng"], "misa": ["Tiếp nhận", "Thông báo kết quả", "Phòng ngừa"]}
    for procedure, names in offered.items():
        with sqlite_register.write() as session:
            whose = replace(rulebook.organisation(session), procedures=(procedure,), former=())
            rulebook.add_organisation(session, whose, Act(None, MONDAY))
        app = see(list="targets")
        assert not app.exception
        assert [*app.selectbox(key="targets_stage").options][: len(names)] == names
        assert ("Phòng ngừa" in said(app)) is (procedure == "misa")


@pytest.mark.parametrize(
    "query", [{"list": "nothing"}, {"list": "channels", "entry": "fax"}, {"entry": "x", "field": "y"}]
)
def test_an_address_that_names_nothing_shows_a_list(see: Open, query: dict[str, str]) -> None:
    app = see(**query)
    assert not app.exception
    assert len(tables(app)) > 1
