"""Without a session no page, no upload and no page's file; with one the page that was asked for."""

import re
from base64 import b64encode
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
import streamlit
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from core.register.people import accounts, sign_ins
from core.settings import SESSION_COOKIE
from core.web import headers
from tests.web.site import BROWSER, FROM_HERE, GOOD, Site

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
        ({"base_url": "https://kn.example.vn"}, "http://kn.example.vn", True),
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


@pytest.mark.parametrize(
    ("settings", "base_url", "is_told"),
    [
        ({}, "http://pops.test", False),
        ({}, "https://pops.test", True),
        ({"base_url": "https://kn.example.vn"}, "http://kn.example.vn", True),
    ],
)
def test_browsers_are_told_to_stay_with_https_where_people_come_by_it(
    site: Site, settings: dict[str, object], base_url: str, is_told: bool
) -> None:
    site.settings = settings
    answer = site.visitor(base_url).get("/sign-in")
    assert (answer.headers.get("strict-transport-security") == "max-age=31536000") is is_told


@pytest.mark.parametrize(
    ("host", "status", "why"),
    [
        ("pops.test", 200, "the host of BASE_URL"),
        ("POPS.test.", 200, "capitals and the dot of the root mean the same name"),
        ("pops.test:9000", 200, "from another port, as through a tunnel"),
        ("localhost:8501", 200, "this machine"),
        ("127.0.0.1", 200, "this machine"),
        ("[::1]:8501", 200, "this machine"),
        ("evil.test", 400, "a name pointed at this server"),
        ("pops.test.evil.test", 400, "begins like ours"),
        ("evil.test@pops.test", 400, "not a name"),
        ("pops.test:http", 400, "no port"),
        ("10.0.0.5", 400, "an address it does not listen on"),
        ("", 400, "no name at all"),
    ],
)
def test_a_request_for_an_unknown_host_is_refused(site: Site, host: str, status: int, why: str) -> None:
    answer = site.visitor().get("/sign-in", headers={"host": host})
    assert answer.status_code == status, why
    assert ("BASE_URL" in answer.text) is (status == 400)


@pytest.mark.parametrize("path", ["/_stcore/health", "/healthz", "/_stcore/upload_file/a/b", "/static/a.js", "/queue"])
def test_nothing_answers_to_an_unknown_host(site: Site, path: str) -> None:
    assert site.person().get(path, headers={"host": "evil.test"}).status_code == 400


@pytest.mark.parametrize(
    ("headers", "opens", "why"),
    [
        ({"origin": "http://pops.test"}, True, "our own page"),
        ({"origin": "https://pops.test"}, True, "our own page behind a proxy that speaks https"),
        ({"origin": "http://pops.test", "host": "127.0.0.1:8501"}, True, "the proxy did not pass the name on"),
        ({"origin": "http://evil.test"}, False, "a page of another site"),
        ({"origin": "http://pops.test:81"}, False, "another port is another site"),
        ({"origin": "http://[", "host": "pops.test"}, False, "not an address"),
        ({"origin": "file://pops.test"}, False, "not a page of a server"),
        ({"origin": "null"}, False, "a sandboxed frame"),
        ({"origin": ""}, False, "empty"),
        ({}, False, "every browser says where a page comes from"),
        ({"origin": "http://evil.test", "host": "evil.test"}, False, "a name pointed at this server"),
    ],
)
def test_a_websocket_is_for_our_own_pages(site: Site, headers: dict[str, str], opens: bool, why: str) -> None:
    assert is_opened(site.person(), headers) is opens, why


@pytest.mark.parametrize(
    ("cookie", "why"),
    [("", "no session"), (f"{SESSION_COOKIE}=forged", "a forged one")],
)
def test_a_websocket_without_a_session_is_refused(site: Site, cookie: str, why: str) -> None:
    assert not is_opened(site.visitor(), {"origin": "http://pops.test", "cookie": cookie}), why


def test_a_websocket_of_another_path_is_refused(site: Site) -> None:
    assert not is_opened(site.person(), {"origin": "http://pops.test"}, "/elsewhere")


def test_streamlit_learns_who_opened_a_websocket_from_the_gate_alone(site: Site) -> None:
    person = site.person()
    with site.register.read() as session:
        own = accounts.find(session, "agent").id
    sent = {"origin": "https://pops.test", "x-pops-person": "999", "host": "127.0.0.1:8501"}
    with person.websocket_connect("/_stcore/stream", headers=with_session(person, sent)) as stream:
        seen = stream.receive_json()
    assert [value for name, value in seen if name == "x-pops-person"] == [str(own)]
    assert dict(seen)["origin"] == "http://127.0.0.1:8501", "else Streamlit asks the network who it is"


def with_session(visitor: TestClient, headers: dict[str, str]) -> dict[str, str]:
    """The headers of a handshake of that visitor; the test client itself would send neither cookie nor host."""
    cookie = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    return {"host": "pops.test", "cookie": cookie} | headers


def is_opened(visitor: TestClient, headers: dict[str, str], path: str = "/_stcore/stream") -> bool:
    """Whether the websocket opens."""
    with suppress(WebSocketDisconnect), visitor.websocket_connect(path, headers=with_session(visitor, headers)):
        return True
    return False


@pytest.mark.parametrize("path", ["/_stcore/agent/openapi.json", "/_stcore/agent/interact", "/_stcore/agent/mcp"])
def test_the_way_in_for_programs_is_closed_even_to_those_signed_in(site: Site, path: str) -> None:
    assert site.visitor().get(path).status_code == 404
    assert site.person("admin").post(path).status_code == 404


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
        for role in ("reporter", "agent", "lead", "handler", "manager", "analyst", "admin")
    }
    assert answers == {
        "reporter": 403, "agent": 403, "lead": 200, "handler": 403, "manager": 200, "analyst": 200, "admin": 200,
    }  # fmt: skip


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
        assert "camera=()" in answer.headers["permissions-policy"]


def test_pages_run_files_of_this_server_and_the_one_script_that_streamlit_has_inline() -> None:
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    inline = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert [f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}" for text in inline] == [headers.INLINE]
    allowed = re.search(r"script-src ([^;]*)", headers.POLICY)
    assert allowed
    assert allowed.group(1).split() == ["'self'", "blob:", f"'{headers.INLINE}'"]
    assert "default-src 'self';" in headers.POLICY


def test_who_is_signed_in_is_not_asked_again(site: Site) -> None:
    answer = site.person().get("/sign-in?next=/queue")
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue")


def test_the_session_is_the_registers_not_the_cookies(site: Site) -> None:
    with site.register.write() as session:
        token = sign_ins.open_session(session, accounts.find(session, "agent").id, now=site.now)
    assert site.visitor().get("/queue", headers={"cookie": f"{SESSION_COOKIE}={token}"}).status_code == 200


@pytest.mark.parametrize("part", ["x" * 256, "đ" * 128, "9" * 6_000])
@pytest.mark.parametrize("start", ["/app/static/", "/media/", "/", "/evidence/"])
def test_an_address_longer_than_a_file_name_leads_nowhere(site: Site, start: str, part: str) -> None:
    """Streamlit would ask the file system for it, which answers with an error."""
    for visitor in (site.person(), site.visitor()):
        assert visitor.get(start + part, headers={"accept": "image/png"}).status_code == 404
    assert site.person().get("/" + "x" * 255, headers={"accept": "image/png"}).status_code == 200, "the stand-in page"


@pytest.mark.parametrize(
    ("address", "leads_to", "why"),
    [
        ("//evil.example/x", "/sign-in", "a browser would read a host"),
        ("/a%3Fb?c=1", "/sign-in?next=/a%253Fb%3Fc%3D1", "a question mark of the path stays one"),
        ("/%C4%91%C6%A1n", "/sign-in?next=/%25C4%2591%25C6%25A1n", "letters stay quoted"),
    ],
)
def test_only_an_address_of_this_server_is_gone_on_to(site: Site, address: str, leads_to: str, why: str) -> None:
    answer = site.visitor().get(f"http://pops.test{address}")
    assert (answer.status_code, answer.headers["location"]) == (303, leads_to), why


@pytest.mark.parametrize("sign", ["%09", "%0A", "%0D"])
def test_the_gate_decides_by_the_path_that_is_served(site: Site, sign: str) -> None:
    """A sign that an address may not hold is not taken away before the gate looks: this is no open path."""
    assert site.visitor().get(f"/sign-in{sign}").status_code == 303
    assert site.visitor().get(f"/_st{sign}core/health", headers=BROWSER).status_code == 303
    assert site.person().get(f"/que{sign}ue").status_code == 404
