"""Every route that hashes a password or tries a code stands in the line and counts wrong tries; a question does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
import pytest
from httpx2 import Response
from sqlalchemy import select
from starlette.testclient import TestClient

from core.register.log.act import Act
from core.register.log.tables import FailedSignIn
from core.register.people import accounts, attempts, second_factor, sign_ins
from core.web.door import QUESTIONS
from core.web.pace import Pace
from tests.web.site import FROM_HERE, GOOD, Site

OTHER = "sáu con chim sẻ 9"
BOTH = {"password": OTHER, "again": OTHER}
HERE = "testclient"  # the address from which the test client comes


@dataclass
class Way:
    """A form that costs the server a hash or tries a code: what is right, what is wrong, and the answer to right."""

    visitor: TestClient
    path: str
    right: dict[str, str]
    wrong: dict[str, str]
    status: int = 303

    def send(self, fields: dict[str, str]) -> Response:
        return self.visitor.post(self.path, data=fields, headers=FROM_HERE)


def begun(site: Site) -> TestClient:
    visitor = site.visitor()
    answer = visitor.post("/sign-in", data={"login": "agent", "password": GOOD}, headers=FROM_HERE)
    assert answer.headers["location"].startswith("/sign-in/")
    return visitor


def sign_in(site: Site) -> Way:
    site.staff("agent")
    return Way(site.visitor(), "/sign-in", {"login": "agent", "password": GOOD}, {"login": "x", "password": GOOD})


def code(site: Site) -> Way:
    secret = site.factor("agent")
    right = {"code": pyotp.TOTP(secret).at(site.now + timedelta(seconds=1))}
    return Way(begun(site), "/sign-in/code", right, {"code": "000000"})


def password(site: Site) -> Way:
    site.staff("agent")
    with site.register.write() as session:
        accounts.change_password(session, accounts.find(session, "agent").id, GOOD, Act(None, site.now), for_now=True)
    return Way(begun(site), "/sign-in/password", BOTH, {"password": GOOD, "again": GOOD})


def factor(site: Site) -> Way:
    site.staff("agent")
    with site.register.write() as session:
        second_factor.demand(session, ["agent"], Act(None, site.now))
    visitor = begun(site)
    visitor.get("/sign-in/second-factor")
    with site.register.write() as session:
        secret = second_factor.offer(session, accounts.find(session, "agent").id, now=site.now)
    right = {"code": pyotp.TOTP(secret).at(site.now + timedelta(seconds=1))}
    return Way(visitor, "/sign-in/second-factor", right, {"code": "000000"}, 200)


def invite(site: Site) -> Way:
    return Way(site.visitor(), site.invitation("agent"), BOTH, BOTH | {"again": "another one"}, 200)


def setup(site: Site) -> Way:
    right = BOTH | {"login": "admin", "name": "Quản Trị", "organisation": "pops"}
    return Way(site.visitor(), f"/setup?code={site.setup_code()}", right, right | {"again": "another one"})


WAYS = (sign_in, code, password, factor, invite, setup)
WITH_METER = (password, invite, setup)  # whose form asks for the strength of a password


def tries(site: Site) -> int:
    """The wrong tries of this address that count now."""
    with site.register.read() as session:
        row = session.get(FailedSignIn, attempts.key("address", HERE))
        return row.count if row else 0


@pytest.mark.parametrize("way", WAYS)
def test_a_wrong_try_counts_for_the_address_and_a_right_one_does_not(
    new_site: Site, way: Callable[[Site], Way]
) -> None:
    form = way(new_site)
    assert tries(new_site) == 0
    assert form.send(form.wrong).status_code == 422
    assert tries(new_site) == 1
    new_site.later(seconds=1)
    assert form.send(form.right).status_code == form.status
    assert tries(new_site) == 1


@pytest.mark.parametrize("way", WAYS)
def test_an_address_without_tries_waits_at_every_form(new_site: Site, way: Callable[[Site], Way]) -> None:
    form = way(new_site)
    for _try in range(attempts.OF_ADDRESS.tries):
        attempts.take(new_site.register, HERE, now=new_site.now)
    answer = form.send(form.right)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")
    assert "thử lại sau 30 giây" in answer.text


@pytest.mark.parametrize("way", WAYS)
def test_a_full_line_is_told_at_every_form(new_site: Site, way: Callable[[Site], Way]) -> None:
    form = way(new_site)
    new_site.line.longest = 0
    assert form.send(form.right).status_code == 429
    new_site.line.longest = 1
    assert form.send(form.right).status_code == form.status, "nothing was lost by it"


@pytest.mark.parametrize("way", WITH_METER)
def test_asking_for_the_strength_is_no_try_and_stands_in_no_line(new_site: Site, way: Callable[[Site], Way]) -> None:
    form = way(new_site)
    new_site.line.longest = 0
    asked = form.right | {"only_strength": "yes", "password": "qwertyqwerty"}
    for _question in range(QUESTIONS):
        answer = form.send(asked)
        assert (answer.status_code, answer.json()["level"]) == (200, 0)
    assert tries(new_site) == 0
    answer = form.send(asked)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    new_site.later(seconds=1)
    assert form.send(asked).status_code == 200


@pytest.mark.parametrize("path", ["/sign-in/code", "/sign-in/password", "/sign-in/second-factor", "/invite", "/setup"])
def test_whoever_may_not_try_stands_in_no_line_and_writes_nothing(site: Site, path: str) -> None:
    site.line.longest = 0
    answer = site.visitor().post(path, params={"code": "guessed"}, data=BOTH | {"code": "000000"}, headers=FROM_HERE)
    assert answer.status_code in (303, 410)
    with site.register.read() as session:
        assert session.scalars(select(FailedSignIn)).all() == []


def test_a_question_for_the_code_is_a_try(new_site: Site) -> None:
    """Only a form with a new password has a meter; elsewhere the word is a field like any other."""
    form = code(new_site)
    assert form.send(form.wrong | {"only_strength": "yes"}).status_code == 422
    assert tries(new_site) == 1


def test_sample_data_is_filled_in_outside_the_line(new_site: Site) -> None:
    form = setup(new_site)
    waiting = []
    new_site.on_fill = lambda: waiting.append(new_site.line.length)
    assert form.send(form.right | {"with_sample": "yes", "sample": " 500 "}).status_code == 303
    assert (new_site.filled, waiting) == ([500], [0])


def test_a_half_session_still_waits_per_name(new_site: Site) -> None:
    """The wait of a name (``sign_ins.take_a_try``) is beside the limit of the address, not instead of it."""
    form = code(new_site)
    form.send(form.wrong)
    answer = form.send(form.right)
    assert answer.status_code == 422
    assert "chờ 1 giây" in answer.text
    with new_site.register.read() as session:
        assert sign_ins.wait_seconds(session, sign_ins.key_of_login("agent"), now=new_site.now) == 0


@pytest.mark.parametrize(
    ("seconds", "taken", "wait", "why"),
    [
        (0, 0, 0, "the first"),
        (0, 1, 0, "the second"),
        (0, 2, 0, "the third and last at once"),
        (0, 3, 10, "a fourth at the same moment"),
        (4, 3, 6, "a part of the pause is over"),
        (10, 3, 0, "one is back"),
        (60, 3, 0, "all are back"),
    ],
)
def test_so_many_at_once_and_one_back_every_pause(seconds: int, taken: int, wait: int, why: str, now: datetime) -> None:
    pace = Pace(3, timedelta(seconds=10))
    for _one in range(taken):
        assert pace.take("a", now) == 0
    assert pace.take("a", now + timedelta(seconds=seconds)) == wait, why
    assert pace.take("b", now) == 0, "each key has its own"


def test_who_has_everything_back_is_forgotten(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr("core.web.pace.MOST_KEYS", 5)
    pace = Pace(1, timedelta(seconds=10))
    for number in range(5):
        pace.take(f"old.{number}", now)
    pace.take("new", now + timedelta(seconds=10))
    assert set(pace._full_at) == {"new"}
