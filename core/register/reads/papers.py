"""Papers as pages ask for them (D39): the text that one begins with, a look before it is issued, the whole file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.i18n import day, due_words, moment, named
from core.register import rulebook
from core.register.case import case as cases
from core.register.case.case import Case
from core.register.log import seal
from core.register.log.act import Act
from core.register.log.seal import Subject
from core.register.log.tables import Evidence, Person
from core.register.papers import contents, parts, typeset
from core.register.papers.data import Data, Said, in_vietnamese
from core.register.reads import dossier as dossiers
from core.register.reads.dossier import Dossier
from core.register.reads.timeline import Moment
from core.rules import policy
from core.rules.calendar import local_day
from core.rules.catalogue import Catalogue, Catalogues
from core.rules.evidence_kinds import RECORDING
from core.rules.marks import visible
from core.rules.masking import HIDDEN
from core.rules.papers import FILE_OF_A_CASE, KINDS
from core.rules.policy import Actor
from core.rules.steps import ISSUE, ISSUED

NOT_SHOWN = "(không hiển thị theo vai trò của người lập)"
KIND = "evidence kind"


def first_text(session: Session, code: str, kind: str, *, by: Actor, now: datetime) -> str:
    """The text that a paper of that kind begins with; NotAllowed, NotFound."""
    return contents.first_text(session, _case(session, code, by), kind, now)


def pictures(session: Session, code: str, said: Said, *, by: Actor, now: datetime) -> list[bytes]:
    """The pages of the paper as it would be issued, without a number; raises Invalid for a broken template."""
    data = contents.data_of(session, _case(session, code, by), said, now)
    return typeset.pictures(parts.template(session, said.kind)[0], data, now)


def text_of(session: Session, code: str, number: str, *, by: Actor) -> str:
    """What somebody wrote for the paper of that number, to correct it; empty where there is none."""
    case = _case(session, code, by)
    its = [event for event in case.events if event.kind == ISSUED and event.payload["paper_number"] == number]
    return case.text(session, its[-1].payload["text_id"]) if its else ""


def file_of(session: Session, code: str, *, by: Person, now: datetime) -> bytes:
    """The whole file of a case as a PDF: as much of it as ``by`` sees, masked as on its page.

    Raises NotFound, NotAllowed as its page does.
    """
    whole = dossiers.read(session, code, by=by, now=now, language="vi")
    case = cases.load(session, whole.complaint.code)
    return typeset.pdf(parts.template(session, FILE_OF_A_CASE)[0], _file(session, case, whole, by, now), now)


def log_taken(session: Session, code: str, act: Act, *, whole: bool) -> None:
    """Record who took the file of which case; never what stood in it."""
    assert act.by is not None, "the register itself takes no files"
    payload: dict[str, object] = {"paper": FILE_OF_A_CASE, "code": code, "whole": whole, "format": "pdf"}
    seal.append(session, Subject("export", act.by.id), "exported", payload, act.stamp)


def _case(session: Session, code: str, by: Actor) -> Case:
    case = cases.load(session, code)
    policy.check_step(by, ISSUE, case.row, rulebook.catalogues(session))
    return case


@in_vietnamese
def _file(session: Session, case: Case, whole: Dossier, by: Person, now: datetime) -> Data:
    data = contents.data_of(session, case, Said(FILE_OF_A_CASE, "", by.name), now)
    contact = whole.contact
    data["is_draft"], data["is_masked"] = False, whole.is_masked
    data["footer"] = f"{KINDS[FILE_OF_A_CASE].mark} · {day(local_day(now))}"
    details = (whole.named_as or contact.name, contact.phone, contact.email, contact.account) if contact else ()
    names = ("Họ và tên", "Điện thoại", "Thư điện tử", "Tài khoản")
    data["customer"] = [[name, visible(said)] for name, said in zip(names, details, strict=False) if said]
    data["customer_name"] = data["addressee"] = ""
    data["statement"], data["remedy"] = _said(whole.statement), _said(whole.remedy)
    if whole.is_masked:
        personal = {value.field.vi for value in whole.values if value.value == HIDDEN}
        data["facts"] = [[name, NOT_SHOWN if name in personal else said] for name, said in data["facts"]]
    data["facts"] += _ended(rulebook.catalogues(session), whole)
    data["clocks"] = [
        {
            "name": clock.label or "Ngày đã hẹn với khách hàng",
            "due": due_words(clock.due_at),
            "verdict": named("verdict", clock.verdict.value),
            "because": clock.because,
        }
        for clock in whole.clocks
    ]
    departments = rulebook.catalogues(session).departments
    data["moments"] = [_moment(one, departments) for one in whole.whole_story]
    data["evidence"] = list(_evidence(session, whole))
    return data


def _said(text: str) -> str:
    return NOT_SHOWN if text == HIDDEN else visible(text)


def _ended(known: Catalogues, whole: Dossier) -> list[list[str]]:
    """Where the case stands, and how it ended."""
    complaint = whole.complaint
    said = [["Trạng thái", named("state", complaint.state)]]
    for name, catalogue, key in (
        ("Kết quả xử lý", known.outcomes, complaint.outcome),
        ("Nguyên nhân gốc", known.causes, complaint.root_cause),
    ):
        if entry := catalogue.get(key or ""):
            said.append([name, visible(entry.vi)])
    return said


def _moment(one: Moment, departments: Catalogue) -> dict[str, str]:
    asked = departments.get(one.payload.get("department") or "")
    what = [
        named("event", one.name),
        visible(asked.vi) if asked else "",
        one.of_code,
        f"sửa lại, trước ghi {moment(one.happened_at)}" if one.corrected_at else "",
        "đã hoàn tác" if one.undone_at else "",
    ]
    if one.kind == ISSUED:
        what[1:1] = [named("paper", one.payload["paper"]), one.payload["paper_number"]]
    said = one.text
    if one.kind == "received" and not one.of_code:
        said = ""  # it stands above
    return {
        "at": moment(one.at),
        "what": " · ".join(filter(None, what)),
        "who": visible(_who(one)),
        "said": _said(said),
    }


def _who(one: Moment) -> str:
    return one.who or ("hệ thống" if one.by_key is None else "khách hàng")


def _evidence(session: Session, whole: Dossier) -> Iterator[dict[str, str]]:
    """Each file of the case, and each place of a recording, with the digest by which the log attests it."""
    for one in whole.whole_story:
        who = f"{visible(_who(one))}, {moment(one.logged_at)}"
        for file in one.files:
            kind = f" ({named(KIND, file.kind)})" if file.kind else ""
            yield {"name": f"{visible(file.name)}{kind}", "who": who, "digest": _digest(session, file.id)}
        if one.recording:
            name = f"{named(KIND, RECORDING)}: {_said(one.recording)}"
            yield {"name": name, "who": who, "digest": _digest(session, one.payload.get("recording_id"))}


def _digest(session: Session, evidence_id: int | None) -> str:
    digest = session.scalar(select(Evidence.digest).where(Evidence.id == evidence_id))
    return digest.hex() if digest else ""
