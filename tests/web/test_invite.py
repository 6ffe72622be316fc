"""The page behind a one-time link: opens for whoever has it, once, and gives nothing away."""

from __future__ import annotations

import html
import unicodedata

import pytest

from core.register.people import accounts
from core.rules.marks import one_line
from core.settings import SESSION_COOKIE
from tests.naughty import TEXTS
from tests.poisoned import POISON
from tests.web.site import FROM_HERE, GOOD, Site

OTHER = "sáu con chim sẻ 9"
BOTH = {"password": OTHER, "again": OTHER}


def test_the_link_sets_the_password_and_the_person_signs_in_with_it(site: Site) -> None:
    link, visitor = site.invitation("lead"), site.visitor()
    form = visitor.get(link)
    assert form.status_code == 200
    assert "Chọn mật khẩu" in form.text
    assert "<strong>lead</strong>" in form.text
    answer = visitor.post(link, data=BOTH, headers=FROM_HERE)
    assert answer.status_code == 200
    assert "Mật khẩu của bạn đã được lưu" in answer.text
    assert SESSION_COOKIE not in visitor.cookies, "the link alone signs nobody in"
    signed_in = visitor.post("/sign-in", data={"login": "lead", "password": OTHER}, headers=FROM_HERE)
    assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/")
    for answer in (visitor.get(link), visitor.post(link, data=BOTH, headers=FROM_HERE)):
        assert answer.status_code == 410
        assert "không còn hiệu lực" in answer.text


@pytest.mark.parametrize("link", ["/invite", "/invite?code=", "/invite?code=guessed", "/invite?code=%F0%9F"])
def test_without_a_good_code_there_is_no_form(site: Site, link: str) -> None:
    site.invitation("agent")
    for answer in (site.visitor().get(link), site.visitor().post(link, data=BOTH, headers=FROM_HERE)):
        assert answer.status_code == 410
        assert "<form" not in answer.text


def test_after_three_days_the_link_is_gone(site: Site) -> None:
    link = site.invitation("agent")
    site.later(hours=71, minutes=59)
    assert site.visitor().get(link).status_code == 200
    site.later(minutes=1)
    assert site.visitor().get(link).status_code == 410


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"again": "another one"}, "Hai mật khẩu không giống nhau"),
        ({"password": "short", "again": "short"}, "Quá ngắn: ít nhất 10 ký tự"),
        ({"password": "matkhau123456", "again": "matkhau123456"}, "ở đây ai cũng thử trước"),
        ({"password": "lead12345678", "again": "lead12345678"}, "đừng dùng tên"),
    ],
)
def test_a_refused_password_is_said_why_and_the_link_stays_good(site: Site, changes: dict[str, str], says: str) -> None:
    link = site.invitation("lead")
    answer = site.visitor().post(link, data=BOTH | changes, headers=FROM_HERE)
    assert answer.status_code == 422
    assert says in answer.text
    assert 'value="short"' not in answer.text
    assert site.visitor().post(link, data=BOTH, headers=FROM_HERE).status_code == 200


def test_a_post_from_another_site_sets_no_password(site: Site) -> None:
    link = site.invitation("agent")
    answer = site.visitor().post(link, data=BOTH, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert site.visitor().get(link).status_code == 200


def test_the_address_with_its_code_goes_nowhere(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    link = site.invitation("agent")
    answer = site.visitor().get(link)
    assert answer.headers["referrer-policy"] == "strict-origin"
    assert answer.headers["cache-control"] == "no-store"
    assert "http" not in answer.text.replace("http-equiv", ""), "nothing of another host is named"
    site.visitor().post(link, data=BOTH, headers=FROM_HERE)
    assert link.split("=")[1] not in caplog.text


def test_a_session_of_somebody_else_in_the_same_browser_is_left_alone(site: Site) -> None:
    person = site.person("agent")
    assert person.post(site.invitation("lead"), data=BOTH, headers=FROM_HERE).status_code == 200
    assert person.get("/queue").text == "page /queue"


def test_the_strength_is_asked_while_typing_and_nothing_is_stored(site: Site) -> None:
    link = site.invitation("lead")
    asked = {"password": "lead12345678", "again": "", "only_strength": "yes"}
    answer = site.visitor().post(link, data=asked, headers=FROM_HERE)
    assert answer.json() == {"level": 0, "sentence": "Quá dễ đoán: đừng dùng tên hoặc tên đăng nhập của bạn"}
    strong = site.visitor().post(link, data=asked | {"password": "ba con mèo đen ăn 7 con cá!"}, headers=FROM_HERE)
    assert strong.json() == {"level": 3, "sentence": "Rất mạnh"}
    assert site.visitor().post("/invite?code=x", data=asked, headers=FROM_HERE).status_code == 410
    assert (
        site.visitor().post("/sign-in", data={"login": "lead", "password": GOOD}, headers=FROM_HERE).status_code == 303
    )


def test_the_form_speaks_the_language_of_the_person_and_another_on_demand(site: Site) -> None:
    link = site.invitation("agent")
    assert '<html lang="vi">' in site.visitor().get(link).text
    english = site.visitor().get(link + "&lang=en")
    assert "Choose a password" in english.text


@pytest.mark.parametrize("name", [*TEXTS, POISON])
def test_a_name_is_read_letter_by_letter(site: Site, name: str) -> None:
    link = site.invitation("lead")
    with site.register.write() as session:
        accounts.find(session, "lead").name = name
    answer = site.visitor().get(link)
    assert f'<p class="who">{html.escape(one_line(name), quote=False)} · ' in unquoted(answer.text)
    assert not any(unicodedata.bidirectional(sign) in ("RLO", "LRO", "RLE", "LRE") for sign in answer.text)


def unquoted(page: str) -> str:
    """The page with its quotation marks as they are read."""
    return page.replace("&#34;", '"').replace("&#39;", "'")
