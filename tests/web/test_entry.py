"""Between password and session: each step has its page, nothing else opens, and where one wanted to go is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pyotp
import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import SignIn
from core.register.people import accounts, passwords, second_factor
from core.register.people.entry import change_password
from core.settings import SESSION_COOKIE
from tests.web.site import FROM_HERE, GOOD, Site

OTHER = "sáu con chim sẻ 9"
BOTH = {"password": OTHER, "again": OTHER}
STEPS = ("/sign-in/code", "/sign-in/password", "/sign-in/second-factor")


def begin(site: Site, wanted: str = "/queue") -> tuple[TestClient, str]:
    """A visitor who gave the agent's password, and where they were sent."""
    visitor = site.visitor()
    answer = visitor.post(
        "/sign-in", params={"next": wanted}, data={"login": "agent", "password": GOOD}, headers=FROM_HERE
    )
    assert answer.status_code == 303
    return visitor, answer.headers["location"]


def temporary(site: Site) -> None:
    """Somebody else knows the agent's password."""
    with site.register.write() as session:
        accounts.change_password(session, accounts.find(session, "agent").id, GOOD, Act(None, site.now), for_now=True)


def demanded(site: Site) -> None:
    with site.register.write() as session:
        second_factor.demand(session, ["agent"], Act(None, site.now))


def offered(site: Site) -> str:
    with site.register.write() as session:
        return second_factor.offer(session, accounts.find(session, "agent").id, now=site.now)


def opens_nothing(visitor: TestClient) -> None:
    for address in ("/", "/queue", "/people"):
        answer = visitor.get(address)
        assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/sign-in"), address
    for method, path in (("PUT", "/_stcore/upload_file/a/b"), ("GET", "/media/a.png"), ("GET", "/_stcore/metrics")):
        assert visitor.request(method, path).status_code == 403, path
    for path in ("/export/rows.csv", "/export/complaints.csv", "/evidence/1"):
        assert visitor.get(path, headers={"accept": "text/csv"}).status_code == 401, path
    assert SESSION_COOKIE in visitor.cookies, "looking around does not end the way in"


def test_the_code_is_asked_after_the_password_and_leads_where_one_wanted_to_go(site: Site) -> None:
    secret = site.factor("agent")
    visitor, location = begin(site, "/complaint?code=KN-2026-000001")
    assert location == "/sign-in/code?next=%2Fcomplaint%3Fcode%3DKN-2026-000001"
    opens_nothing(visitor)
    assert 'autocomplete="one-time-code"' in visitor.get(location).text
    half = visitor.cookies[SESSION_COOKIE]
    answer = visitor.post(location, data={"code": pyotp.TOTP(secret).at(site.now)}, headers=FROM_HERE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/complaint?code=KN-2026-000001")
    assert visitor.cookies[SESSION_COOKIE] != half
    assert visitor.get("/queue").text == "page /queue"


def test_a_wrong_code_is_said_and_the_next_try_waits(site: Site) -> None:
    secret = site.factor("agent")
    visitor, location = begin(site)
    wrong = visitor.post(location, data={"code": "000000"}, headers=FROM_HERE)
    assert wrong.status_code == 422
    assert "Mã này không đúng" in wrong.text
    right = {"code": pyotp.TOTP(secret).at(site.now)}
    assert "chờ 1 giây" in visitor.post(location, data=right, headers=FROM_HERE).text
    site.later(seconds=1)
    assert visitor.post(location, data=right, headers=FROM_HERE).status_code == 303


def test_a_password_that_somebody_else_knows_is_changed_first(site: Site) -> None:
    temporary(site)
    visitor, location = begin(site)
    assert location == "/sign-in/password?next=%2Fqueue"
    opens_nothing(visitor)
    for sent, says in (
        (BOTH | {"again": "x"}, "Hai mật khẩu không giống nhau"),
        ({"password": GOOD, "again": GOOD}, "Đây là mật khẩu hiện tại"),
        ({"password": "agent123456", "again": "agent123456"}, "đừng dùng tên"),
    ):
        answer = visitor.post(location, data=sent, headers=FROM_HERE)
        assert answer.status_code == 422
        assert says in answer.text
    asked = visitor.post(location, data={"password": "qwertyqwerty", "only_strength": "yes"}, headers=FROM_HERE)
    assert asked.json()["level"] == 0
    answer = visitor.post(location, data=BOTH, headers=FROM_HERE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue")
    assert visitor.get("/queue").text == "page /queue"


def test_a_demanded_second_factor_is_set_up_first_and_its_recovery_codes_are_shown_once(site: Site) -> None:
    demanded(site)
    visitor, location = begin(site)
    assert location == "/sign-in/second-factor?next=%2Fqueue"
    opens_nothing(visitor)
    form = visitor.get(location)
    secret = offered(site)
    assert secret in form.text, "the key to type"
    assert "<svg" in form.text, "and the picture to scan"
    assert 'href="otpauth://totp/' in form.text, "and the link for the phone itself"
    assert visitor.post(location, data={"code": "000000"}, headers=FROM_HERE).status_code == 422
    answer = visitor.post(location, data={"code": pyotp.TOTP(secret).at(site.now)}, headers=FROM_HERE)
    assert answer.status_code == 200
    assert answer.text.count("<li><code>") == 10
    assert 'href="/queue"' in answer.text
    assert visitor.get("/queue").text == "page /queue"
    assert visitor.get(location).headers["location"] == "/sign-in"
    assert secret not in answer.text


def test_setting_it_up_ends_every_other_way_in_that_waits_for_it(site: Site) -> None:
    demanded(site)
    (one, location), (other, _same) = begin(site), begin(site)
    form = other.get(location)
    assert form.status_code == 200
    right = {"code": pyotp.TOTP(offered(site)).at(site.now)}
    assert one.post(location, data=right, headers=FROM_HERE).status_code == 200
    assert one.get("/queue").text == "page /queue"
    for answer in (other.get(location), other.post(location, data=right, headers=FROM_HERE)):
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert other.get("/sign-in").status_code == 200, "and begins again"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_step_that_cannot_be_shown_any_more_begins_again(site: Site, method: str) -> None:
    """The second factor is on, and a half session waits for it all the same: a write came between."""
    demanded(site)
    visitor, location = begin(site)
    site.factor("agent")
    with site.register.write() as session:
        session.execute(update(SignIn).values(ended_at=None))
    answer = visitor.request(method, location, data={"code": "000000"}, headers=FROM_HERE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert visitor.get("/sign-in").status_code == 200


def test_code_then_password_one_after_the_other(site: Site) -> None:
    secret = site.factor("agent")
    temporary(site)
    visitor, location = begin(site)
    assert visitor.get("/sign-in/password").headers["location"] == "/sign-in/code", "each step in its turn"
    answer = visitor.post(location, data={"code": pyotp.TOTP(secret).at(site.now)}, headers=FROM_HERE)
    assert answer.headers["location"] == "/sign-in/password?next=%2Fqueue"
    opens_nothing(visitor)
    assert visitor.get("/sign-in?next=/queue").headers["location"] == "/sign-in/password?next=%2Fqueue"
    answer = visitor.post(answer.headers["location"], data=BOTH, headers=FROM_HERE)
    assert answer.headers["location"] == "/queue"


@pytest.mark.parametrize("path", STEPS)
def test_a_step_is_for_nobody_else(site: Site, path: str) -> None:
    for visitor in (site.visitor(), site.person()):
        assert visitor.get(path).headers["location"] == "/sign-in"
        answer = visitor.post(path, data=BOTH | {"code": "123456"}, headers=FROM_HERE)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


@pytest.mark.parametrize("path", STEPS)
def test_a_step_sent_from_another_site_is_refused(site: Site, path: str) -> None:
    secret = site.factor("agent")
    visitor, _location = begin(site)
    sent = {"code": pyotp.TOTP(secret).at(site.now)}
    assert visitor.post(path, data=sent, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    opens_nothing(visitor)


def test_the_way_in_ends_after_a_quarter_of_an_hour(site: Site) -> None:
    secret = site.factor("agent")
    visitor, location = begin(site)
    site.later(minutes=15)
    answer = visitor.post(location, data={"code": pyotp.TOTP(secret).at(site.now)}, headers=FROM_HERE)
    assert answer.headers["location"] == "/sign-in"
    assert visitor.get("/sign-in").status_code == 200


def test_somebody_else_may_start_again(site: Site) -> None:
    site.factor("agent")
    visitor, location = begin(site)
    assert 'action="/sign-out"' in visitor.get(location).text
    assert visitor.post("/sign-out", headers=FROM_HERE).headers["location"] == "/sign-in"
    assert "password" in visitor.get("/sign-in").text


@pytest.mark.parametrize("wanted", ["/sign-in/code", "/invite?code=x", "/sign-in/password?next=/"])
def test_nobody_is_led_in_a_circle(site: Site, wanted: str) -> None:
    assert begin(site, wanted)[1] == "/"


@pytest.mark.parametrize("way", ["change_password", "new_password", "invite"])
def test_no_password_is_judged_or_hashed_while_the_register_is_written(
    site: Site, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Argon2 and the estimate take a good part of a second, and everybody who saves would wait for them."""
    writing, done = 0, []
    write = Register.write

    @contextmanager
    def counted(self: Register) -> Iterator[Session]:
        nonlocal writing
        with write(self) as session:
            writing += 1
            try:
                yield session
            finally:
                writing -= 1

    def watched(name: str) -> Callable[..., object]:
        work = getattr(passwords, name)

        def watch(*given: object) -> object:
            done.append((name, writing))
            return work(*given)

        return watch

    if way == "new_password":
        temporary(site)
        visitor, address = begin(site)
    else:
        visitor, address = site.person(), site.invitation("agent")
    for name in ("hash_password", "strength"):
        monkeypatch.setattr(passwords, name, watched(name))
    monkeypatch.setattr(Register, "write", counted)
    if way == "change_password":
        with site.register.read() as session:
            person = accounts.find(session, "agent")
        token = visitor.cookies[SESSION_COOKIE]
        change_password(site.register, person, token, GOOD, OTHER, now=site.now)
    else:
        assert visitor.post(address, data=BOTH, headers=FROM_HERE).status_code in {200, 303}
    assert sorted(done) == [("hash_password", 0), ("strength", 0)]
    answer = site.visitor().post("/sign-in", data={"login": "agent", "password": OTHER}, headers=FROM_HERE)
    assert answer.status_code == 303, "and it is the new password"


def test_the_session_knows_the_device(site: Site) -> None:
    visitor = site.visitor()
    agent = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/142.0 Safari/537.36"
    sent = {"login": "agent", "password": GOOD}
    visitor.post("/sign-in", data=sent, headers=FROM_HERE | {"user-agent": agent})
    from core.register.people import sign_ins

    with site.register.read() as session:
        found = sign_ins.open_sessions(session, accounts.find(session, "agent").id, None, now=site.now)
    assert [one.device for one in found] == ["Chrome, Windows"]


def test_using_pages_keeps_the_session_and_leaving_them_ends_it(site: Site) -> None:
    person = site.person()
    token = person.cookies[SESSION_COOKIE]
    for _half_day in range(3):
        site.later(hours=11)
        assert person.get("/queue", headers={"cookie": f"{SESSION_COOKIE}={token}"}).status_code == 200
    site.later(hours=12)
    assert person.get("/queue", headers={"cookie": f"{SESSION_COOKIE}={token}"}).status_code == 303
