"""The route of drafts: only for whoever is signed in, from our own pages, of a form that their role opens."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import datetime

import pytest
from httpx2 import Response
from sqlalchemy import func, select
from starlette.testclient import TestClient

from core.register.case import complaints
from core.register.log.act import Act
from core.register.log.tables import FormDraft, Person, SignIn
from core.register.people.form_drafts import MAX_SIZE
from tests.register.cases import draft
from tests.web.site import FROM_HERE, Site

TOKEN = "abcdefgh1"
TYPED = {"statement": "Khách 0912345678 không vào được"}


def post(site: Site, browser: TestClient, headers: Mapping[str, str] = FROM_HERE, **changes: object) -> Response:
    """For the account made last, unless ``person`` says otherwise."""
    with site.register.read() as session:
        newest = session.scalar(select(func.max(Person.id))) or 0
    sent = {"person": newest, "form": "log", "token": TOKEN, "fields": TYPED, **changes}
    return browser.post("/drafts", json=sent, headers=headers)


def rows(site: Site) -> list[tuple[str, str | None]]:
    with site.register.read() as session:
        return [(row.login, row.fields) for row in session.execute(_OF_WHOM)]


_OF_WHOM = select(Person.login, FormDraft.fields).join(Person, Person.id == FormDraft.person_id)


def test_it_is_kept_and_says_when(site: Site) -> None:
    answer = post(site, site.person("agent"))
    assert (answer.status_code, answer.json()) == (200, {"saved": "09:00"}), "the local time"
    assert answer.headers["cache-control"] == "no-store"
    assert rows(site) == [("agent", json.dumps(TYPED, ensure_ascii=False, separators=(",", ":")))]


def test_nothing_is_kept_for_whoever_signs_in_beside_the_form(site: Site) -> None:
    """On a shared computer the cookie is the next person's, and the form of the one before still sends."""
    site.person("agent")
    with site.register.read() as session:
        drawn_for = session.scalars(select(Person.id)).one()
    answer = post(site, site.person("lead"), person=drawn_for)
    assert (answer.status_code, answer.json()) == (409, {"saved": None})
    assert rows(site) == []


def test_only_new_text_counts_as_use_of_the_session(site: Site) -> None:
    """A tab left open must not put off the idle end for ever."""
    agent = site.person("agent")
    post(site, agent)

    def seen() -> datetime:
        with site.register.read() as session:
            return session.scalars(select(SignIn.last_seen_at)).one()

    before = seen()
    site.later(minutes=30)
    assert post(site, agent).status_code == 200
    assert post(site, agent, token="").status_code == 422
    assert post(site, agent, person=0).status_code == 409
    assert seen() == before
    assert post(site, agent, fields={"statement": "mới"}).status_code == 200
    assert seen() == site.now


def test_without_a_session_nothing_is_kept(site: Site) -> None:
    answer = post(site, site.visitor())
    assert answer.status_code == 401
    assert rows(site) == []


def test_an_ended_session_and_a_closed_account_keep_nothing(site: Site) -> None:
    agent = site.person("agent")
    with site.register.write() as session:
        session.scalars(select(SignIn)).one().ended_at = site.now
    assert post(site, agent).status_code == 401
    agent = site.person("agent")
    with site.register.write() as session:
        person = session.scalars(select(Person)).one()
        person.active, person.language = False, "en"
    answer = post(site, agent, {**FROM_HERE, "accept": "*/*"})
    assert (answer.status_code, answer.text[:23]) == (403, "Your account is closed,"), "no use to sign in again"
    assert rows(site) == []


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"sec-fetch-site": "cross-site"}, "another site"),
        ({"sec-fetch-site": "same-site"}, "a neighbouring subdomain"),
        ({"origin": "https://elsewhere.example"}, "another host"),
        ({}, "no browser"),
    ],
)
def test_other_sites_keep_nothing(site: Site, headers: dict[str, str], why: str) -> None:
    assert post(site, site.person("agent"), headers).status_code == 403, why
    assert rows(site) == [], why


@pytest.mark.parametrize(
    ("role", "form", "status"),
    [
        ("agent", "log", 200),
        ("lead", "log", 200),
        ("handler", "log", 403),
        ("analyst", "log", 403),
        ("agent", "queue", 200),
        ("analyst", "queue", 403),
        ("agent", "case:KN-2026-000001", 200),
        ("handler", "case:KN-2026-000001", 200),
        ("agent", "case:KN-2026-000009", 404),
    ],
)
def test_only_forms_on_pages_of_the_role(site: Site, role: str, form: str, status: int) -> None:
    with site.register.write() as session:
        complaints.log(session, draft(), Act(None, site.now))
    assert post(site, site.person(role), form=form).status_code == status
    assert len(rows(site)) == (status == 200)


def test_a_filling_that_is_over_is_not_kept(site: Site) -> None:
    from core.register.people import form_drafts

    agent = site.person("agent")
    post(site, agent)
    with site.register.write() as session:
        person = session.scalars(select(Person)).one()
        form_drafts.end(session, person.id, "log", TOKEN, now=site.now)
    assert post(site, agent).status_code == 409
    assert rows(site) == [("agent", None)]


@pytest.mark.parametrize(
    ("body", "status", "why"),
    [
        (b"{", 422, "no JSON"),
        (b"[]", 422, "no object"),
        (b"[" * 100_000, 422, "nested without end"),
        (b'{"person": 1, "form": "log", "token": "abcdefgh1", "fields": []}', 422, "fields without names"),
        (b'{"person": 1, "form": 1, "token": "abcdefgh1", "fields": {}}', 422, "a form is a text"),
        (b'{"form": "log", "token": "abcdefgh1", "fields": {}}', 422, "nobody's form"),
        (b'{"person": "1", "form": "log", "token": "abcdefgh1", "fields": {}}', 422, "a person is a number"),
        (b'{"person": 1, "form": "other", "token": "abcdefgh1", "fields": {}}', 422, "no such form"),
        (b" " * (MAX_SIZE + 2_000), 413, "too large to be read"),
        (b"\xff\xfe", 422, "no UTF-8"),
    ],
)
def test_what_is_no_draft_is_refused(site: Site, body: bytes, status: int, why: str) -> None:
    answer = site.person("agent").post("/drafts", content=body, headers=FROM_HERE)
    assert answer.status_code == status, why
    assert rows(site) == [], why


def test_nothing_typed_is_in_the_log(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        agent = site.person("agent")
        post(site, agent)
        post(site, agent, form="0912345678")
    assert "0912345678" not in caplog.text
