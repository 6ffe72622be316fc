"""Without a session no page, no upload and no page's file; with one the page that was asked for."""

from datetime import timedelta

import pytest

from core.register.people import accounts, sign_ins
from core.settings import SESSION_COOKIE
from tests.web.site import FROM_HERE, GOOD, Site

LIVED = {"httponly", "path=/", "samesite=lax"}


@pytest.mark.parametrize(
    ("address", "leads_to", "why"),
    [
        ("/", "/sign-in", "the first page needs no next"),
        ("/queue", "/sign-in?next=/queue", "a page"),
        ("/complaint?code=KN-2026-000001", "/sign-in?next=/complaint%3Fcode%3DKN-2026-000001", "a page with its query"),
        (
            "/queue?q=%C4%91%E1%BB%95i&s=a%26b",
            "/sign-in?next=/queue%3Fq%3D%25C4%2591%25E1%25BB%2595i%26s%3Da%2526b",
            "nothing of the query is lost",
        ),
        ("/nowhere", "/sign-in?next=/nowhere", "a stranger does not learn which pages there are"),
        ("/pages/shell.py", "/sign-in?next=/pages/shell.py", "whatever it is"),
        ("/oauth2callback", "/sign-in?next=/oauth2callback", "Streamlit's own sign-in is not used"),
    ],
)
def test_a_deep_link_without_a_session_asks_for_sign_in_first(
    site: Site, address: str, leads_to: str, why: str
) -> None:
    answer = site.visitor().get(address)
    assert (answer.status_code, answer.headers["location"]) == (303, leads_to), why
    assert answer.headers["cache-control"] == "no-store"


def test_after_signing_in_exactly_that_page_opens(site: Site) -> None:
    visitor = site.visitor()
    form = visitor.get("/queue?q=%C4%91%E1%BB%95i&s=a%26b", follow_redirects=True)
    assert "mở sau khi đăng nhập" in form.text
    answer = visitor.post(str(form.url), data={"login": "agent", "password": GOOD}, headers=FROM_HERE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue?q=%C4%91%E1%BB%95i&s=a%26b")
    assert visitor.get(answer.headers["location"]).text == "page /queue"


def test_the_cookie_is_for_the_browser_only(site: Site) -> None:
    answer = site.visitor().post("/sign-in", data={"login": "agent", "password": GOOD}, headers=FROM_HERE)
    name, *marks = answer.headers["set-cookie"].split("; ")
    assert name.startswith(f"{SESSION_COOKIE}=")
    assert {mark.lower() for mark in marks} == LIVED | {"max-age=1209600"}


@pytest.mark.parametrize(
    ("settings", "base_url", "secure"),
    [
        ({}, "http://pops.test", False),
        ({}, "https://pops.test", True),
        ({"base_url": "https://kn.example.vn"}, "http://pops.test", True),
        ({"secure_cookie": True}, "http://pops.test", True),
        ({"secure_cookie": False}, "https://pops.test", False),
    ],
)
def test_the_cookie_is_secure_where_people_come_by_https(
    site: Site, settings: dict[str, object], base_url: str, secure: bool
) -> None:
    site.settings = settings
    answer = site.visitor(base_url).post("/sign-in", data={"login": "agent", "password": GOOD}, headers=FROM_HERE)
    assert ("secure" in answer.headers["set-cookie"].lower()) is secure


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "../../etc", "%00", '"quoted"'])
def test_a_forged_cookie_opens_nothing_and_is_taken_away(site: Site, token: str) -> None:
    visitor = site.visitor()
    answer = visitor.get("/queue", headers={"cookie": f"{SESSION_COOKIE}={token}"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/queue")
    assert answer.headers["set-cookie"].startswith(f'{SESSION_COOKIE}="";')


def test_an_expired_cookie_opens_nothing(site: Site) -> None:
    person = site.person()
    token = person.cookies[SESSION_COOKIE]
    site.later(days=14)
    assert person.get("/queue", headers={"cookie": f"{SESSION_COOKIE}={token}"}).status_code == 303


def test_a_revoked_cookie_opens_nothing(site: Site) -> None:
    person = site.person()
    assert person.get("/queue").status_code == 200
    with site.register.write() as session:
        accounts.end_sessions(session, accounts.find(session, "agent").id, now=site.now)
    assert person.get("/queue").status_code == 303


def test_signing_out_ends_the_session_in_the_register_not_only_in_the_browser(site: Site) -> None:
    person = site.person()
    token = person.cookies[SESSION_COOKIE]
    answer = person.post("/sign-out", headers=FROM_HERE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert SESSION_COOKIE not in person.cookies
    assert person.get("/queue", headers={"cookie": f"{SESSION_COOKIE}={token}"}).status_code == 303


def test_a_session_survives_a_restart_of_the_server(site: Site) -> None:
    person = site.person()
    token = person.cookies[SESSION_COOKIE]
    site.register.engine.dispose()
    after_restart = Site(site.register, site.now + timedelta(hours=11)).visitor()
    assert after_restart.get("/queue", headers={"cookie": f"{SESSION_COOKIE}={token}"}).text == "page /queue"


@pytest.mark.parametrize(
    "path", ["/_stcore/health", "/static/js/a.js", "/app/static/a.woff2", "/favicon.png", "/healthz"]
)
def test_what_the_program_itself_consists_of_is_open(site: Site, path: str) -> None:
    assert site.visitor().get(path).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/_stcore/upload_file/a/b"),
        ("GET", "/media/a.png"),
        ("POST", "/_stcore/upload_file/a/b"),
        ("GET", "/_stcore/metrics"),
    ],
)
def test_uploads_pictures_of_pages_and_how_many_are_here_need_a_session(site: Site, method: str, path: str) -> None:
    assert site.visitor().request(method, path).status_code == 403


def test_a_data_route_answers_by_its_own_check_for_every_role(site: Site) -> None:
    plain = {"accept": "text/csv"}
    assert site.visitor().get("/export/rows.csv", headers=plain).status_code == 401
    answers = {
        role: site.person(role).get("/export/rows.csv", headers=plain).status_code
        for role in ("agent", "lead", "handler", "manager", "analyst", "admin")
    }
    assert answers == {"agent": 403, "lead": 200, "handler": 403, "manager": 200, "analyst": 200, "admin": 200}


@pytest.mark.parametrize(
    ("address", "status", "why"),
    [
        ("/", 200, "the first page"),
        ("/queue", 200, "a page"),
        ("/queue/", 200, "Streamlit itself takes the slash away"),
        ("/people", 200, "a page of another role: it says so itself"),
        ("/nowhere", 404, "not a page"),
        ("/queue/more", 404, "pages have no pages under them"),
        ("/export/rows.csv", 403, "a route beside the pages, with its own check"),
    ],
)
def test_an_address_that_leads_nowhere_is_said_to(site: Site, address: str, status: int, why: str) -> None:
    answer = site.person().get(address)
    assert answer.status_code == status, why
    assert ("Không có trang này" in answer.text) is (status == 404)


def test_the_first_page_has_one_address(site: Site) -> None:
    answer = site.person().get("/overview?week=47")
    assert (answer.status_code, answer.headers["location"]) == (307, "/?week=47")


def test_every_answer_carries_the_headers_and_pages_of_streamlit_may_not_be_framed_elsewhere(site: Site) -> None:
    for answer in (site.person().get("/queue"), site.visitor().get("/sign-in"), site.visitor().get("/")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "frame-ancestors" in answer.headers["content-security-policy"]


def test_who_is_signed_in_is_not_asked_again(site: Site) -> None:
    answer = site.person().get("/sign-in?next=/queue")
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue")


def test_the_session_is_the_registers_not_the_cookies(site: Site) -> None:
    with site.register.write() as session:
        token = sign_ins.open_session(session, accounts.find(session, "agent").id, now=site.now)
    assert site.visitor().get("/queue", headers={"cookie": f"{SESSION_COOKIE}={token}"}).status_code == 200
