"""Evidence files: who may open them, and that they stay files whatever is in them."""

from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import select

from core.register.case import complaints
from core.register.case.draft import Draft
from core.register.case.evidence import FileDraft
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.tables import Complaint, Evidence, Person, Request
from core.register.reads import dossier
from tests.engines import MONDAY
from tests.files import content_of
from tests.web.site import Site


def keep(site: Site, name: str = "biên lai.png") -> int:
    with site.register.write() as session:
        draft = Draft(
            "hotline",
            site.now,
            "Tôi bị trừ tiền hai lần",
            "payment",
            files=(FileDraft(name, BytesIO(content_of(name))),),
        )
        complaint = complaints.log(session, draft, Act(None, site.now))
        return session.scalars(
            select(Evidence.id).where(Evidence.complaint_id == complaint.id, Evidence.kind == "file")
        ).one()


@pytest.mark.parametrize(("name", "at"), [("ảnh chụp.png", ""), ("sao kê.pdf", "/view")])
def test_a_file_opens_for_those_who_work_with_customers_and_nobody_else(site: Site, name: str, at: str) -> None:
    file = f"/evidence/{keep(site, name)}{at}"
    assert site.visitor().get(file, headers={"accept": "image/png,application/pdf"}).status_code == 401
    answers = {
        role: site.person(role).get(file).status_code
        for role in ("reporter", "agent", "lead", "handler", "manager", "analyst", "admin")
    }
    # The handler answers for Payments, and the complaint was not forwarded there; the reporter did not log it.
    assert answers == {
        "reporter": 403, "agent": 200, "lead": 200, "handler": 403, "manager": 403, "analyst": 403, "admin": 403,
    }  # fmt: skip


def test_a_department_opens_the_files_of_what_was_forwarded_to_it(site: Site) -> None:
    file = keep(site)
    with site.register.write() as session:
        asked = {"complaint_id": session.scalars(select(Complaint.id)).one(), "department": "payment"}
        session.add(Request(**asked, number=1, asked_at=MONDAY, due_at=MONDAY, reminded=0))
    assert site.person("handler").get(f"/evidence/{file}").status_code == 200


def test_the_board_opens_what_came_with_a_question_to_it_and_no_other_file(site: Site) -> None:
    other = keep(site)
    site.staff("agent")
    with site.register.read() as session:
        agent = session.scalars(select(Person).where(Person.role == "agent")).one()
        code, act = session.scalars(select(Complaint.code)).one(), Act(agent, site.now)
        session.expunge(agent)
    with site.register.write() as session:
        complaints.take(session, code, "acknowledge", {"text": "Đã nhận"}, act)
        asked: StepFields = {"addressee": "board", "text": "Hoàn cả năm?", "due_at": site.now + timedelta(days=1)}
        files = (FileDraft("sao kê.pdf", BytesIO(content_of("sao kê.pdf"))),)
        complaints.take(session, code, "escalate", {**asked, "files": files}, act)
        session.flush()
        came = session.scalars(select(Evidence.id).where(Evidence.kind == "file", Evidence.id != other)).one()

    def answers(file: int) -> dict[str, int]:
        roles = ("manager", "lead", "analyst", "admin", "reporter")
        return {role: site.person(role).get(f"/evidence/{file}").status_code for role in roles}

    assert answers(came) == {"manager": 200, "lead": 200, "analyst": 403, "admin": 403, "reporter": 403}
    assert answers(other) == {"manager": 403, "lead": 200, "analyst": 403, "admin": 403, "reporter": 403}
    shown = opened_on_the_case(site, code)
    assert shown == {"•••.png": False, "sao kê.pdf": True}, "on the case too"
    with site.register.write() as session:
        complaints.take(session, code, "undo", {}, act)
    assert answers(came)["manager"] == 403, "the question was taken back by undoing: it was never asked"
    assert opened_on_the_case(site, code) == {"•••.png": False, "•••.pdf": False}


def opened_on_the_case(site: Site, code: str) -> dict[str, bool]:
    """Name of each file as a manager reads it on the case → whether it opens."""
    with site.register.read() as session:
        manager = session.scalars(select(Person).where(Person.role == "manager")).first()
        assert manager is not None
        found = dossier.read(session, code, by=manager, now=site.now, language="vi")
    return {file.name: file.opens for moment in found.moments for file in moment.files}


def test_a_navigation_to_a_file_without_a_session_asks_for_sign_in_first(site: Site) -> None:
    answer = site.visitor().get(f"/evidence/{keep(site)}")
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/sign-in?next=/evidence/" + answer.headers["location"].rsplit("/", 1)[1],
    )


@pytest.mark.parametrize(
    ("name", "kind", "why"),
    [
        ("ảnh chụp.png", "inline", "a picture is looked at"),
        ("ghi âm.mp3", "inline", "a recording is listened to"),
        ("nhật ký.log", "inline", "plain text is read"),
        ("thư.eml", "attachment", "may hold a page"),
        ("sao kê.pdf", "attachment", "may hold scripts"),
        ("bảng.xlsx", "attachment", "belongs to another program"),
    ],
)
def test_what_a_browser_could_run_is_handed_over_as_a_file(site: Site, name: str, kind: str, why: str) -> None:
    answer = site.person().get(f"/evidence/{keep(site, name)}")
    assert answer.headers["content-disposition"].startswith(kind), why
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-store"


def test_a_pdf_is_shown_in_the_viewer_of_the_browser_and_nowhere_else(site: Site) -> None:
    answer = site.person().get(f"/evidence/{keep(site, 'sao kê.pdf')}/view")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.headers["content-disposition"].startswith("inline")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'self'" in policy
    assert "sandbox" not in policy, "no viewer works in one"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", ["ảnh chụp.png", "thư.eml", "bảng.xlsx", "nhật ký.log"])
def test_only_a_pdf_is_let_out_of_the_sandbox(site: Site, name: str) -> None:
    assert site.person().get(f"/evidence/{keep(site, name)}/view").status_code == 404


def test_a_recording_can_be_listened_to_from_the_middle(site: Site) -> None:
    answer = site.person().get(f"/evidence/{keep(site, 'a.mp3')}", headers={"range": "bytes=4-6"})
    assert (answer.status_code, answer.content) == (206, content_of("a.mp3")[4:7])


@pytest.mark.parametrize(
    "path",
    ["/evidence/999999", "/evidence/1", "/evidence/9999999999999999999", "/evidence/" + "9" * 5_000, "/evidence/x"],
    ids=["unknown", "a text", "beyond 64 bits", "beyond what Python reads", "no number"],
)
def test_what_is_no_file_is_not_found(site: Site, path: str) -> None:
    keep(site)  # evidence 1 is the text of the complaint, not a file
    assert site.person().get(path).status_code == 404


def test_a_file_missing_on_disk_says_where_to_look(site: Site) -> None:
    file = keep(site)
    for kept in site.register.evidence_dir.iterdir():
        kept.unlink()
    answer = site.person().get(f"/evidence/{file}")
    assert answer.status_code == 404
    assert len(answer.text) > 20
