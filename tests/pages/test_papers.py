"""Papers on the pages (D39): written on a case, looked at, issued, corrected; their parts replaced."""

from __future__ import annotations

import base64
from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import TextInput

from core import shipped
from core.i18n import named
from core.register.case import case as cases
from core.register.case import issued
from core.register.case.issued import Issued
from core.register.log.database import Register
from core.register.papers import parts
from core.rules.colours import Colours
from core.rules.papers import COLOURS, LOGO, template_of, text_of
from tests.conftest import Cast
from tests.pages.screen import Screen, said
from tests.register.cases import MON, advanced, logged, take
from tests.register.papers.test_issue import issue

CODE = "KN-2026-000001"
NOW = MON + timedelta(hours=3)
FIRST, SECOND = f"step.{CODE}.1", f"step.{CODE}.2"


def opened(register: Register, cast: Cast, monkeypatch: pytest.MonkeyPatch, who: str = "agent") -> AppTest:
    app = Screen(register, getattr(cast, who), NOW).open("complaint", monkeypatch, code=CODE)
    assert not app.exception
    return app


def papers_of(register: Register) -> tuple[Issued, ...]:
    with register.read() as session:
        return issued.fold(cases.load(session, CODE).events)


def buttons(app: AppTest) -> list[str]:
    return [str(one.key) for one in app.button]


def test_what_is_offered_is_one_click_from_its_text(
    sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    advanced(sqlite_register, sqlite_cast, 1)
    app = opened(sqlite_register, sqlite_cast, monkeypatch)
    app = app.button(key="paper.written_reply").click().run()
    assert app.selectbox(key=f"{FIRST}.step").value == "issue_paper"
    text = app.text_area(key=f"{FIRST}.issue_paper.text")
    begun = str(text.value)
    assert "mã hồ sơ KN-2026-000001" in begun and "[nêu kết quả giải quyết]" in begun
    app = app.button(key=f"{FIRST}.issue_paper.save").click().run()
    assert named("what is final", "issue_paper") in said(app), "it is fixed: asked first"
    app = app.button(key=f"{FIRST}.issue_paper.save.confirm").click().run()
    assert "hãy viết kết quả vào đó" in said(app) and papers_of(sqlite_register) == ()
    app = app.text_area(key=f"{FIRST}.issue_paper.text").set_value("Đã hoàn 49.000đ.").run()
    app = app.button(key=f"{FIRST}.issue_paper.save").click().run()
    app = app.button(key=f"{FIRST}.issue_paper.save.confirm").click().run()
    assert not app.exception
    assert [one.number for one in papers_of(sqlite_register)] == ["0001/2026/TL"]
    assert "Văn bản trả lời · 0001/2026/TL" in said(app)
    assert "paper.written_reply" not in buttons(app), "it was issued"
    assert not any(key.endswith(".undo") for key in buttons(app)), "and is not taken back"


def test_a_look_before_it_is_issued_writes_nothing(
    sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    advanced(sqlite_register, sqlite_cast, 1)
    app = opened(sqlite_register, sqlite_cast, monkeypatch)
    app = app.button(key="paper.written_reply").click().run()
    app = app.button(key=f"{FIRST}.issue_paper.look").click().run()
    assert not app.exception and not app.error
    assert len(app.get("image")) == 1
    assert papers_of(sqlite_register) == ()


def test_a_corrected_one_begins_with_what_the_old_one_said(
    sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    advanced(sqlite_register, sqlite_cast, 1)
    issue(sqlite_register, CODE, sqlite_cast.agent, "Hoàn 94.000đ.")
    app = opened(sqlite_register, sqlite_cast, monkeypatch, "lead")
    app = app.selectbox(key=f"{FIRST}.step").set_value("issue_paper").run()
    app = app.selectbox(key=f"{FIRST}.issue_paper.replaces").set_value("0001/2026/TL").run()
    text = app.text_area(key=f"{FIRST}.issue_paper.text")
    assert text.value == "Hoàn 94.000đ."
    app = text.set_value("Hoàn 49.000đ.").run()
    app = app.button(key=f"{FIRST}.issue_paper.save").click().run()
    app = app.button(key=f"{FIRST}.issue_paper.save.confirm").click().run()
    assert [(one.number, one.replaces) for one in papers_of(sqlite_register)] == [
        ("0001/2026/TL", ""),
        ("0002/2026/TL", "0001/2026/TL"),
    ]
    assert "~~Văn bản trả lời · 0001/2026/TL~~" in said(app)
    assert "thay thế 0001/2026/TL" in said(app)


def test_a_text_that_was_typed_stays_when_another_paper_is_chosen(
    sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaint = logged(sqlite_register, sqlite_cast, procedure="minh-tuan", channel="office")
    take(sqlite_register, "acknowledge", complaint, sqlite_cast.agent, MON)
    app = opened(sqlite_register, sqlite_cast, monkeypatch)
    app = app.button(key="paper.intake_slip").click().run()
    paper, text = f"{FIRST}.issue_paper.paper", f"{FIRST}.issue_paper.text"
    slip = app.text_area(key=text).value
    app = app.selectbox(key=paper).set_value("settlement_minutes").run()
    assert app.text_area(key=text).value not in ("", slip), "the first text of the other one"
    app = app.text_area(key=text).set_value("Tự viết").run()
    app = app.selectbox(key=paper).set_value("intake_slip").run()
    assert app.text_area(key=text).value == "Tự viết"


def test_settled_on_the_spot_gives_minutes_and_no_slip(
    sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaint = logged(sqlite_register, sqlite_cast, procedure="minh-tuan", channel="office")
    assert {"paper.intake_slip", "paper.settlement_minutes"} <= set(
        buttons(opened(sqlite_register, sqlite_cast, monkeypatch))
    )
    take(sqlite_register, "acknowledge", complaint, sqlite_cast.agent, MON)
    take(sqlite_register, "classify", complaint, sqlite_cast.agent, MON, kind="complaint", category="payment")
    take(sqlite_register, "notify_result", complaint, sqlite_cast.agent, MON, text="Hoàn tiền tại quầy")
    app = opened(sqlite_register, sqlite_cast, monkeypatch)
    offered = [key for key in buttons(app) if key.startswith("paper.")]
    assert offered == ["paper.settlement_minutes", "paper.written_reply"]
    app = app.button(key="paper.settlement_minutes").click().run()
    assert "Hoàn tiền tại quầy" in str(app.text_area(key=f"{FIRST}.issue_paper.text").value)


@pytest.mark.parametrize("who", ["manager", "analyst", "admin"])
def test_who_issues_none_sees_numbers_and_no_file(
    who: str, sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    advanced(sqlite_register, sqlite_cast, 1)
    one = issue(sqlite_register, CODE, sqlite_cast.agent, "Chuyện riêng của khách.")
    app = opened(sqlite_register, sqlite_cast, monkeypatch, who)
    assert "Văn bản trả lời · 0001/2026/TL" in said(app)
    assert "Chuyện riêng" not in said(app)
    assert not any(key.startswith("paper.") for key in buttons(app))
    links = [link.proto.url for link in app.get("link_button")]
    assert f"/evidence/{one.file_id}" not in links and f"/papers/{CODE}.pdf" in links


def parts_page(register: Register, cast: Cast, monkeypatch: pytest.MonkeyPatch, part: str) -> AppTest:
    app = Screen(register, cast.admin, NOW).open("catalogues", monkeypatch, list="papers", part=part)
    assert not app.exception
    return app


def field(app: AppTest) -> str:
    return next(str(one.key) for one in app.text_area if str(one.key).startswith("papers_text_"))


def test_an_administrator_replaces_a_template_and_puts_it_back(
    sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = template_of("written_reply")
    app = parts_page(sqlite_register, sqlite_cast, monkeypatch, name)
    assert app.text_area(key=field(app)).value == shipped.paper_part(name)
    app = app.text_area(key=field(app)).set_value("#show: paper\n\n#title(d.titel)").run()
    app = app.button(key="papers_look").click().run()
    assert "Dòng 3:" in said(app) and "titel" in said(app)
    app = app.button(key="papers_save").click().run()
    assert "Dòng 3:" in said(app)
    assert "titel" in str(app.text_area(key=field(app)).value), "what was typed stays"
    app = app.text_area(key=field(app)).set_value("#show: paper\n#title(d.title)\n#paragraphs(d.body)").run()
    app = app.button(key="papers_look").click().run()
    assert len(app.get("image")) == 1 and not app.error
    app = app.button(key="papers_save").click().run()
    assert "Đã thay “Văn bản trả lời: mẫu trình bày”" in said(app)
    with sqlite_register.read() as session:
        assert parts.get(session, name).version == 1
    app = app.button(key="papers_back").click().run()
    assert app.text_area(key=field(app)).value == shipped.paper_part(name)
    changes = Screen(sqlite_register, sqlite_cast.admin, NOW).open("catalogues", monkeypatch, list="changes")
    assert "Văn bản trả lời: mẫu trình bày" in said(changes) and "thay mẫu" in said(changes)


def test_the_first_text_is_the_organisations_own(
    sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    advanced(sqlite_register, sqlite_cast, 1)
    app = parts_page(sqlite_register, sqlite_cast, monkeypatch, text_of("written_reply"))
    app = app.text_area(key=field(app)).set_value("Kính chào {name}, {due}").run()
    app = app.button(key="papers_save").click().run()
    assert "Đã thay" in said(app)
    case = opened(sqlite_register, sqlite_cast, monkeypatch).button(key="paper.written_reply").click().run()
    assert str(case.text_area(key=f"{FIRST}.issue_paper.text").value).startswith("Kính chào Khách Thử, Thời hạn")


def test_a_logo_is_handed_in_and_taken_away(
    sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = BytesIO()
    Image.new("RGB", (40, 20), "teal").save(picture, "PNG")
    app = parts_page(sqlite_register, sqlite_cast, monkeypatch, LOGO)
    app = app.file_uploader[0].upload("logo.png", picture.getvalue(), "image/png").run()
    app = app.button(key="papers_save").click().run()
    assert not app.exception and "logo" in said(app)
    with sqlite_register.read() as session:
        assert base64.b64decode(parts.get(session, LOGO).content) == picture.getvalue()
    app = app.button(key="papers_back").click().run()
    with sqlite_register.read() as session:
        assert parts.logo(session) is None


def colours_of(app: AppTest) -> list[TextInput]:
    return [one for one in app.main.text_input if str(one.key).startswith("papers_")]


def test_colours_are_chosen_looked_at_and_put_back(
    sqlite_register: Register, sqlite_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = parts_page(sqlite_register, sqlite_cast, monkeypatch, COLOURS)
    assert [str(one.value) for one in colours_of(app)] == ["#0F766E", "#3B5BA9"]
    app = colours_of(app)[0].set_value("#ffcc00").run()
    assert "#FFCC00 1,5 : 1" in said(app), "told before anything is pressed"
    for pressed in ("papers_look", "papers_save"):
        app = app.button(key=pressed).click().run()
        assert "Chữ trắng trên nền #FFCC00 khó đọc: hãy chọn màu chính đậm hơn." in said(app)
        assert len(app.get("image")) == 1, "the colours, no paper"
    app = colours_of(app)[0].set_value("xanh").run()
    app = app.button(key="papers_save").click().run()
    assert "“XANH” không phải mã màu" in said(app)
    app = colours_of(app)[0].set_value("#1f4e79").run()
    app = app.button(key="papers_look").click().run()
    assert len(app.get("image")) > 1 and not app.error, "minutes with these colours"
    app = app.button(key="papers_save").click().run()
    assert "có màu này" in said(app)
    with sqlite_register.read() as session:
        assert parts.colours(session) == Colours("#1F4E79", "#3B5BA9")
    changes = Screen(sqlite_register, sqlite_cast.admin, NOW).open("catalogues", monkeypatch, list="changes")
    assert "Màu của tổ chức" in said(changes)
    app = app.button(key="papers_back").click().run()
    assert colours_of(app)[0].value == "#0F766E"
