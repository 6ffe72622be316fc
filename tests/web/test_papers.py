"""The file of a case as a PDF: for whom its page opens, as much of it as they see, and the log says who took it."""

from __future__ import annotations

import json
from io import BytesIO

from pypdf import PdfReader
from sqlalchemy import select

from core.register.case import complaints
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.register.log.tables import Event
from tests.web.site import Site

ROLES = ("reporter", "agent", "lead", "handler", "manager", "analyst", "admin")


def logged(site: Site) -> str:
    with site.register.write() as session:
        draft = Draft(
            "hotline", site.now, "Bị trừ tiền", "payment", customer=CustomerDraft("Trần Thị Thử", "0912345678")
        )
        return complaints.log(session, draft, Act(None, site.now)).code


def taken(site: Site) -> list[dict[str, object]]:
    with site.register.read() as session:
        return [json.loads(one.payload) for one in session.scalars(select(Event).where(Event.subject == "export"))]


def test_whoever_opens_the_case_takes_its_file_and_nobody_else(site: Site) -> None:
    at = f"/papers/{logged(site)}.pdf"
    assert site.visitor().get(at, headers={"accept": "application/pdf"}).status_code == 401
    answers = {role: site.person(role).get(at).status_code for role in ROLES}
    # The handler answers for Payments, and the complaint was not forwarded there; the reporter did not log it.
    assert answers == {
        "reporter": 403, "agent": 200, "lead": 200, "handler": 403, "manager": 200, "analyst": 200, "admin": 200,
    }  # fmt: skip
    assert [one["whole"] for one in taken(site)] == [True, True, False, False, False]
    assert all(one["code"] == "KN-2026-000001" and "Trần" not in json.dumps(one) for one in taken(site))


def test_it_is_whole_for_care_and_masked_for_others(site: Site) -> None:
    at = f"/papers/{logged(site)}.pdf"
    for role, is_whole in (("agent", True), ("manager", False)):
        answer = site.person(role).get(at)
        said = PdfReader(BytesIO(answer.content)).pages[0].extract_text()
        assert ("Trần Thị Thử" in said) is is_whole and ("Bị trừ tiền" in said) is is_whole
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["cache-control"] == "private, no-store"


def test_a_case_that_is_not_there_and_a_look_without_a_file(site: Site) -> None:
    agent, at = site.person("agent"), f"/papers/{logged(site)}.pdf"
    assert agent.get("/papers/KN-2026-999999.pdf").status_code == 404
    assert (agent.head(at).status_code, taken(site)) == (200, [])
