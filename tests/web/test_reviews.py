"""The files of a weekly review: who takes them, what they say, and that the log remembers."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.papers import pack
from core.register.log.act import Act
from core.register.log.tables import Event
from core.register.people import accounts
from core.web.reviews import PATH
from tests.web.site import Site


def address(week: str = "2026-W40", kind: str = "pptx") -> str:
    return PATH.format(week=week, kind=kind)


@pytest.mark.parametrize(
    ("role", "status"),
    [("lead", 200), ("manager", 200), ("analyst", 200), ("admin", 200), ("agent", 403), ("handler", 403)],
)
def test_who_takes_a_review_away(site: Site, role: str, status: int) -> None:
    assert site.person(role).get(address()).status_code == status


UNKNOWN = [
    ("2026-W99", "pptx", "no week"),
    ("abc", "pptx", "no week at all"),
    ("2026-W40", "docx", "no such kind"),
]


@pytest.mark.parametrize(("week", "kind", "why"), UNKNOWN, ids=[row[-1] for row in UNKNOWN])
def test_what_is_not_there(site: Site, week: str, kind: str, why: str) -> None:
    assert site.person("lead").get(address(week, kind)).status_code == 404, why


def test_a_week_that_has_not_begun_has_none(site: Site) -> None:
    to_come = (site.now + timedelta(days=14)).isocalendar()
    assert site.person("lead").get(address(f"{to_come.year}-W{to_come.week:02d}")).status_code == 404


def test_it_comes_under_the_name_of_its_week_and_the_log_says_who_took_it(site: Site) -> None:
    answer = site.person("manager").get(address())
    assert answer.headers["Content-Disposition"] == 'attachment; filename="hop-tuan-2026-W40.pptx"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content.startswith(b"PK"), "a zip archive, as every file of Office"
    with site.register.read() as session:
        newest = session.scalars(select(Event).order_by(Event.id.desc())).first()
        assert newest is not None
        assert (newest.subject, newest.kind) == ("export", "exported")
        assert json.loads(newest.payload) == {"review": "2026-W40", "format": "pptx"}


def test_the_minutes_come_as_a_pdf(site: Site) -> None:
    answer = site.person("lead").get(address(kind="pdf"))
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="hop-tuan-2026-W40.pdf"'
    assert answer.content.startswith(b"%PDF")


def test_whoever_only_asks_for_its_head_takes_nothing(site: Site) -> None:
    answer = site.person("manager").head(address())
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="hop-tuan-2026-W40.pptx"'
    with site.register.read() as session:
        assert session.scalars(select(Event).where(Event.subject == "export")).all() == []


def test_an_account_that_was_closed_meanwhile_takes_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    manager = site.person("manager")

    def closed(*_given: object) -> bytes:
        with site.register.write() as session:
            (person,) = (one for one in accounts.list_people(session) if one.role == "manager")
            accounts.deactivate(session, person.id, Act(None, site.now))
        return b"slides"

    monkeypatch.setattr(pack, "make", closed)
    answer = manager.get(address())
    assert answer.status_code == 403
    assert b"slides" not in answer.content


def test_nothing_without_a_session(site: Site) -> None:
    assert site.visitor().get(address(), headers={"accept": "text/csv"}).status_code == 401
