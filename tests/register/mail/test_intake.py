"""What becomes of mails: logged once, added to their open case, ignored or refused; on both engines (D43)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import func, select

from core.register.case import case as cases
from core.register.case import complaints
from core.register.case.customers import CustomerDraft
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint, Evidence, Person
from core.register.log.verify import verify
from core.register.mail.intake import Arrived, Became, Box, Taken, take
from core.register.mail.reading import read
from core.register.notices import reads
from core.rules.steps import State
from tests.conftest import Cast
from tests.files import PNG
from tests.local_time import at
from tests.register.cases import draft
from tests.register.cases import take as step
from tests.register.mail.test_reading import SAID, mail
from tests.register.ways import WAY_TO, filled

ARRIVED = at("2026-11-16 09:05")
BOX = Box("pops", "other")


def arrive(register: Register, made: EmailMessage | bytes, *, when: datetime = ARRIVED, box: Box = BOX) -> Taken:
    raw = made if isinstance(made, bytes) else made.as_bytes()
    with register.write() as session:
        return take(session, Arrived(read(raw), raw, when), box, now=when + timedelta(seconds=20))


def the_case(register: Register, code: str | None) -> Complaint:
    with register.read() as session:
        return session.scalars(select(Complaint).where(Complaint.code == code)).one()


def texts(register: Register, complaint: Complaint) -> list[str]:
    with register.read() as session:
        its = select(Evidence.body).where(Evidence.complaint_id == complaint.id, Evidence.body.is_not(None))
        return [body or "" for body in session.scalars(its.order_by(Evidence.id))]


def files(register: Register, complaint: Complaint) -> list[str]:
    with register.read() as session:
        its = select(Evidence.file_name).where(Evidence.complaint_id == complaint.id, Evidence.kind == "file")
        return [name or "" for name in session.scalars(its.order_by(Evidence.id))]


@pytest.fixture(autouse=True)
def people(cast: Cast) -> Cast:
    return cast


def test_a_mail_is_a_complaint(register: Register) -> None:
    taken = arrive(register, mail(files={"ảnh.png": PNG}))
    case = the_case(register, taken.code)
    assert (taken.became, case.code, case.state) == (Became.LOGGED, "KN-2026-000001", State.received)
    assert (case.channel, case.category, case.source) == ("email", "other", "mail")
    assert (case.recorded_at, case.sent_at) == (ARRIVED, at("2026-11-16 09:00"))
    assert case.assignee_id is None and case.logged_by_id is None
    assert texts(register, case) == [f"Nạp Stars chưa nhận được\n\n{SAID}"]
    assert files(register, case) == ["mail.eml", "ảnh.png"]
    with register.read() as session:
        assert case.customer_id is not None
        assert verify(register).problems == []
        assert session.scalar(select(func.count()).select_from(Complaint)) == 1


def test_a_mail_counts_once(register: Register) -> None:
    first = arrive(register, mail())
    assert arrive(register, mail()) == Taken(Became.KNOWN)
    assert arrive(register, mail("Khác hẳn")) == Taken(Became.KNOWN), "its id says that it is the same"
    other = arrive(register, mail(headers={"Message-ID": "<m2@example.com>"}))
    assert (first.code, other.code) == ("KN-2026-000001", "KN-2026-000002")


def test_a_mail_without_an_id_is_known_by_all_of_it(register: Register) -> None:
    raw = b"From: an@example.com\r\nSubject: x\r\n\r\nMot"
    assert arrive(register, raw).became is Became.LOGGED
    assert arrive(register, raw).became is Became.KNOWN
    assert arrive(register, raw + b" hai").became is Became.LOGGED


@pytest.mark.parametrize("headers", [{"Auto-Submitted": "auto-replied"}, {"From": "mailer-daemon@example.com"}])
def test_what_no_person_wrote_is_ignored_and_known(register: Register, headers: dict[str, str]) -> None:
    assert arrive(register, mail(headers=headers)) == Taken(Became.IGNORED)
    assert arrive(register, mail(headers=headers)) == Taken(Became.KNOWN)
    with register.read() as session:
        assert session.scalars(select(Complaint)).all() == []


def again(text: str = "Đây là ảnh", **headers: str) -> EmailMessage:
    return mail(text, headers={"Message-ID": f"<again{hash(text)}@example.com>", "Subject": "Re: Nạp Stars", **headers})


def test_an_answer_in_the_thread_belongs_to_its_case(register: Register, cast: Cast) -> None:
    case = the_case(register, arrive(register, mail()).code)
    asking: StepFields = {"text": "Gửi giúp ảnh", "chase_on": date(2026, 11, 18)}
    for key in ("acknowledge", "classify", "ask_customer"):
        fields = asking if key == "ask_customer" else filled(key, ARRIVED)
        step(register, key, case, cast.agent, ARRIVED + timedelta(hours=1), **fields)
    later = ARRIVED + timedelta(hours=2)
    taken = arrive(register, again(**{"In-Reply-To": "<m1@example.com>", "From": "anh@khac.example"}), when=later)
    case = the_case(register, case.code)
    assert taken == Taken(Became.ADDED, case.code)
    assert case.state == State.investigating, "it answers the question that waited"
    assert texts(register, case)[-1] == "Đây là ảnh"
    with register.read() as session:
        told = cases.load(session, case.code).events[-1]
        assert (told.kind, told.actor_id, told.payload["api_key"]) == ("customer_replied", None, -1)
        assert [one.kind for one in reads.newest(session, cast.agent, limit=5)] == ["customer_replied"]
    assert verify(register).problems == []


def test_an_answer_to_an_answer_belongs_there_too(register: Register) -> None:
    code = arrive(register, mail()).code
    arrive(register, again("Một", **{"In-Reply-To": "<m1@example.com>", "Message-ID": "<n1@example.com>"}))
    assert arrive(register, again("Hai", References="<n1@example.com>")) == Taken(Became.ADDED, code)


def test_in_any_other_state_it_is_a_note_that_acknowledges_nothing(register: Register, cast: Cast) -> None:
    case = the_case(register, arrive(register, mail()).code)
    assert arrive(register, again(**{"In-Reply-To": "<m1@example.com>"})).became is Became.ADDED
    case = the_case(register, case.code)
    assert (case.state, case.acknowledged_at) == (State.received, None)
    with register.read() as session:
        assert [one.kind for one in reads.newest(session, cast.lead, limit=5)] == ["customer_wrote"]


def test_a_code_belongs_to_the_case_of_the_same_sender_alone(register: Register, cast: Cast) -> None:
    with register.write() as session:
        customer = CustomerDraft(name="Ánh", email="anh.nguyen@example.com")
        code = complaints.log(session, draft(customer=customer), Act(cast.agent, ARRIVED)).code
    subject = f"Về hồ sơ {code}"
    assert arrive(register, again("Của tôi", Subject=subject)) == Taken(Became.ADDED, code)
    other = arrive(register, again("Của ai đó", Subject=subject, From="ke.khac@example.com"))
    assert (other.became, other.code) == (Became.LOGGED, "KN-2026-000002")
    assert subject in texts(register, the_case(register, other.code))[0], "it says what it is about"


def test_what_has_ended_takes_nothing(register: Register, cast: Cast) -> None:
    case = the_case(register, arrive(register, mail()).code)
    for key in WAY_TO[State.closed]:
        step(register, key, case, cast.agent, ARRIVED + timedelta(hours=1), **filled(key, ARRIVED + timedelta(days=1)))
    taken = arrive(register, again(**{"In-Reply-To": "<m1@example.com>"}), when=ARRIVED + timedelta(hours=3))
    assert (taken.became, taken.code) == (Became.LOGGED, "KN-2026-000002")
    assert the_case(register, taken.code).customer_id == case.customer_id


def test_a_merged_case_goes_on_in_the_other(register: Register, cast: Cast) -> None:
    first = the_case(register, arrive(register, mail()).code)
    second = the_case(register, arrive(register, mail("Lại", headers={"Message-ID": "<m2@example.com>"})).code)
    step(register, "merge", second, cast.lead, ARRIVED + timedelta(hours=1), merged_into=first.code, text="Một việc")
    taken = arrive(register, again(**{"In-Reply-To": "<m2@example.com>"}), when=ARRIVED + timedelta(hours=2))
    assert taken == Taken(Became.ADDED, first.code)


def test_a_mail_that_cannot_be_logged_is_refused_once_and_takes_no_code(register: Register) -> None:
    wrong = Box("pops", "nothing_such")
    assert arrive(register, mail(), box=wrong).became is Became.REFUSED
    assert arrive(register, mail(), box=wrong).became is Became.KNOWN
    assert arrive(register, again()).code == "KN-2026-000001"
    assert verify(register).problems == []


def test_what_cannot_be_evidence_stays_within_the_mail(register: Register) -> None:
    made = mail(files={"a.exe": b"MZ", "b.png": b"no picture", "c.png": PNG, "": PNG})
    case = the_case(register, arrive(register, made).code)
    assert files(register, case) == ["mail.eml", "c.png"]


def test_an_empty_mail_is_still_somebody_writing(register: Register) -> None:
    case = the_case(register, arrive(register, b"From: an@example.com\r\n\r\n").code)
    assert texts(register, case)[0] == "…"


def test_nobody_is_named_in_the_log(register: Register, people: Cast) -> None:
    arrive(register, mail())
    with register.read() as session:
        logged = "".join(cases.history(session, 1)[0].payload)
        assert "anh" not in logged and "Nạp" not in logged
        assert session.get(Person, people.agent.id) is not None
