"""The form: one sentence for every wrong try, only the password typed is lost, nothing from elsewhere is taken."""

import re

import pytest
from httpx2 import Response

from core.register.people import attempts
from core.settings import SESSION_COOKIE
from core.web import line
from tests.web.site import FROM_HERE, GOOD, Site


def sentence(answer: Response) -> str:
    found = re.search(r'class="problem"[^>]*>([^<]*)<', answer.text)
    assert found, answer.text
    return found.group(1)


def wrong(site: Site, login: str, password: str = "not it") -> Response:
    answer = site.visitor().post("/sign-in", data={"login": login, "password": password}, headers=FROM_HERE)
    assert answer.status_code == 422
    assert SESSION_COOKIE not in answer.headers.get("set-cookie", "")
    return answer


def test_signing_in_again_ends_the_session_that_this_browser_had(site: Site) -> None:
    browser, elsewhere = site.person(), site.person()
    older, right = browser.cookies[SESSION_COOKIE], {"login": "agent", "password": GOOD}
    browser.post("/sign-in", data=right | {"password": "not it"}, headers=FROM_HERE)
    assert browser.get("/queue").status_code == 200, "a wrong password ends nothing"
    site.later(seconds=1)
    assert browser.post("/sign-in", data=right, headers=FROM_HERE).status_code == 303
    assert browser.cookies[SESSION_COOKIE] != older
    assert browser.get("/queue").status_code == 200
    assert elsewhere.get("/queue").status_code == 200, "another browser of the same person"
    thief = site.visitor()
    assert thief.get("/queue", headers={"cookie": f"{SESSION_COOKIE}={older}"}).status_code == 303
    site.staff("lead")
    newer = browser.cookies[SESSION_COOKIE]
    browser.post("/sign-in", data={"login": "lead", "password": GOOD}, headers=FROM_HERE)
    assert thief.get("/queue", headers={"cookie": f"{SESSION_COOKIE}={newer}"}).status_code == 303, "somebody else"


def test_a_wrong_password_and_a_name_nobody_has_look_the_same(site: Site) -> None:
    known, unknown = wrong(site, "agent"), wrong(site, "nobody")
    assert sentence(known) == sentence(unknown) == "Tên đăng nhập hoặc mật khẩu không đúng."
    without_name = [re.sub(r"nonce[-=][\"']?[\w-]+|agent|nobody", "", answer.text) for answer in (known, unknown)]
    assert without_name[0] == without_name[1]


def test_the_next_try_waits_the_same_for_both(site: Site) -> None:
    for login in ("agent", "nobody"):
        wrong(site, login)
        assert sentence(wrong(site, login, GOOD)) == "Thử quá nhiều lần: chờ 1 giây rồi thử lại."
    site.later(seconds=1)
    answer = site.visitor().post("/sign-in", data={"login": "agent", "password": GOOD}, headers=FROM_HERE)
    assert answer.status_code == 303


def test_the_typed_name_stays_and_is_only_text(site: Site) -> None:
    text = wrong(site, '"><script>alert(1)</script>').text
    assert "<script>alert" not in text
    assert 'value="&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"' in text
    assert "not it" not in text


@pytest.mark.parametrize(
    ("headers", "allowed", "why"),
    [
        ({"sec-fetch-site": "same-origin"}, True, "our own form in a browser"),
        ({"sec-fetch-site": "cross-site"}, False, "a form of another site"),
        ({"sec-fetch-site": "same-site"}, False, "a neighbouring subdomain"),
        ({"sec-fetch-site": "none"}, False, "no page sends a form without being a page"),
        (
            {"sec-fetch-site": "cross-site", "origin": "http://pops.test"},
            False,
            "the browser's word beats a header that may be set",
        ),
        ({"origin": "http://pops.test"}, True, "plain http, where browsers do not send Sec-Fetch-Site"),
        ({"origin": "http://evil.test"}, False, "another host"),
        ({"origin": "http://pops.test:8080"}, False, "another port"),
        ({"origin": "null"}, False, "a sandboxed frame"),
        ({"origin": ""}, False, "empty is not the same"),
        ({}, False, "neither: no browser of today"),
    ],
)
@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/setup?code=x"])
def test_a_post_from_another_site_is_refused(
    site: Site, headers: dict[str, str], allowed: bool, why: str, path: str
) -> None:
    person = site.person()
    answer = person.post(path, data={"login": "agent", "password": GOOD}, headers=headers)
    assert (answer.status_code != 403) is allowed, why
    if not allowed:
        assert "trang web khác" in answer.text
        assert person.get("/queue").status_code == 200


def test_opening_the_address_of_signing_out_signs_nobody_out(site: Site) -> None:
    for visitor in (site.person(), site.visitor()):
        answer = visitor.get("/sign-out")
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
    person = site.person()
    person.get("/sign-out")
    assert person.get("/queue").text == "page /queue"


def test_behind_a_proxy_the_address_people_type_counts_as_ours(site: Site) -> None:
    site.settings = {"base_url": "https://kn.example.vn"}
    visitor, sent = site.visitor("http://127.0.0.1:8501"), {"login": "agent", "password": GOOD}
    assert visitor.post("/sign-in", data=sent, headers={"origin": "https://kn.example.vn"}).status_code == 303
    assert visitor.post("/sign-in", data=sent, headers={"origin": "https://evil.vn"}).status_code == 403


@pytest.mark.parametrize(
    ("wanted", "goes_to", "why"),
    [
        ("/queue", "/queue", "a page"),
        ("/complaint?code=KN-2026-000001", "/complaint?code=KN-2026-000001", "a page with its query"),
        ("https://evil.test/", "/", "another site"),
        ("//evil.test/", "/", "another site, without its scheme"),
        ("/\\evil.test", "/", "browsers read a backslash as a slash"),
        ("/\t/evil.test", "/", "browsers drop tabs"),
        ("/\n/evil.test", "/", "and line ends"),
        (" //evil.test", "/", "and leading spaces"),
        ("javascript:alert(1)", "/", "not a path"),
        ("queue", "/", "not from the root"),
        ("", "/", "nothing"),
        ("/sign-in?next=/queue", "/", "a circle"),
        ("/sign-out", "/", "would show an error"),
        ("/" + "x" * 3_000, "/", "too long for a header"),
    ],
)
def test_after_signing_in_nobody_is_sent_elsewhere(site: Site, wanted: str, goes_to: str, why: str) -> None:
    answer = site.visitor().post(
        "/sign-in", params={"next": wanted}, data={"login": "agent", "password": GOOD}, headers=FROM_HERE
    )
    assert (answer.status_code, answer.headers["location"]) == (303, goes_to), why


def test_a_form_too_large_is_not_read(site: Site) -> None:
    answer = site.visitor().post("/sign-in", content=b"login=" + b"x" * 20_000, headers=FROM_HERE)
    assert answer.status_code == 413


def test_signs_that_no_database_stores_are_left_out_of_a_form(site: Site) -> None:
    answer = site.visitor().post("/sign-in", content=b"login=ag%00ent&password=x", headers=FROM_HERE)
    assert (answer.status_code, 'value="agent"' in answer.text) == (422, True)


def test_a_form_with_too_many_fields_is_refused_with_a_sentence(site: Site) -> None:
    fields = {f"f{n}": "x" for n in range(18)} | {"login": "agent", "password": GOOD}
    assert site.visitor().post("/sign-in", data=fields, headers=FROM_HERE).status_code == 303
    answer = site.visitor().post("/sign-in", data=fields | {"one": "more"}, headers=FROM_HERE)
    assert (answer.status_code, answer.text) == (400, "Biểu mẫu có quá nhiều ô: tối đa 20.")


def test_an_address_with_no_tries_left_is_told_when_to_come_back(site: Site) -> None:
    visitor = site.visitor()
    for number in range(attempts.OF_ADDRESS.tries):
        answer = visitor.post("/sign-in", data={"login": f"x.{number}", "password": GOOD}, headers=FROM_HERE)
        assert answer.status_code == 422
    right = {"login": "agent", "password": GOOD}
    answer = visitor.post("/sign-in?next=/queue", data=right, headers=FROM_HERE)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")
    assert "thử lại sau 30 giây" in answer.text
    assert 'href="/sign-in?next=%2Fqueue"' in answer.text
    site.later(seconds=30)
    assert visitor.post("/sign-in", data=right, headers=FROM_HERE).status_code == 303
    assert visitor.post("/sign-in", data=right, headers=FROM_HERE).status_code == 303, "a right try is none"


def test_a_long_line_is_said_to_be_one(site: Site) -> None:
    site.line = line.Line(longest=0, seconds=2.5, length=3)
    answer = site.visitor().post("/sign-in", data={"login": "agent", "password": GOOD}, headers=FROM_HERE)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "8")
    assert "thử lại sau 8 giây" in answer.text


def test_what_is_no_form_at_all_is_a_wrong_try(site: Site) -> None:
    assert site.visitor().post("/sign-in", content=b"\xff\x00&&=", headers=FROM_HERE).status_code == 422


def test_the_page_runs_only_its_own_script_and_is_never_kept(site: Site) -> None:
    answer = site.visitor().get("/sign-in")
    policy = answer.headers["content-security-policy"]
    nonce = re.search(r"script-src 'nonce-([\w-]+)'", policy)
    assert nonce
    assert f'<script nonce="{nonce.group(1)}">' in answer.text
    assert answer.text.count("<script") == 1
    assert "default-src 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"
    assert nonce.group(1) not in site.visitor().get("/sign-in").text


def test_the_form_speaks_vietnamese_and_english_by_choice_and_remembers_it(site: Site) -> None:
    visitor = site.visitor()
    assert '<html lang="vi">' in visitor.get("/sign-in?next=/queue").text
    english = visitor.get("/sign-in?next=/queue&lang=en").text
    assert '<html lang="en">' in english
    assert 'action="/sign-in?next=%2Fqueue"' in english
    answer = visitor.post("/sign-in", data={"login": "x", "password": "y"}, headers=FROM_HERE)
    assert sentence(answer) == "The login name or the password is not right."


@pytest.mark.parametrize(
    "mark",
    [
        'autocomplete="username"',
        'autocomplete="current-password"',
        "autofocus",
        'role="alert"',
        '<label for="login">',
        '<label for="password">',
    ],
)
def test_the_form_is_made_for_password_keepers_and_screen_readers(site: Site, mark: str) -> None:
    assert mark in site.visitor().get("/sign-in").text


def test_health_says_whether_the_register_answers_and_nothing_else(site: Site) -> None:
    answer = site.visitor().get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok")
