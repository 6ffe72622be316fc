"""What evidence shows, recordings kept elsewhere, and what the customer must send: written, read, masked, undone."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO

import pytest
from sqlalchemy import select

from core.errors import Invalid
from core.register.case import complaints
from core.register.case.complaints import PastStep
from core.register.case.evidence import FileDraft
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint, Evidence, SlaCycle
from core.register.log.verify import verify
from core.register.reads import dossier, search
from core.register.reads.dossier import Dossier
from core.rules.masking import HIDDEN
from core.rules.steps import UNDO
from tests.conftest import Cast
from tests.files import PNG
from tests.local_time import at
from tests.register.cases import MON, draft, files_of, logged

NOW = at("2026-11-16 10:00")
PLACE = "https://tong-dai.example/ghi-am/20261116-0915"
ASKED: StepFields = {
    "text": "Anh vui lòng gửi thêm",
    "chase_on": NOW.date(),
    "wanted": ["evidence.payment_proof", "detail.transaction"],
    "wanted_more": "Tên người nhận tiền\n\nẢnh CCCD của Văn An",
}


def picture(kind: str | None, name: str = "ảnh.png") -> FileDraft:
    return FileDraft(name, BytesIO(PNG), kind)


def take(register: Register, cast: Cast, complaint: Complaint, step: str, fields: StepFields, when: datetime) -> None:
    with register.write() as session:
        complaints.take(session, complaint.code, step, fields, Act(cast.agent, when))


def read(register: Register, complaint: Complaint, by: object, when: datetime = NOW) -> Dossier:
    with register.read() as session:
        return dossier.read(session, complaint.code, by=by, now=when, language="vi")  # type: ignore[arg-type] # a Person


def asked(register: Register, cast: Cast, **changed: object) -> Complaint:
    """A complaint whose customer was asked for four things at ten o'clock."""
    complaint = logged(register, cast)
    take(register, cast, complaint, "acknowledge", {"text": "Đã nhận"}, NOW)
    take(register, cast, complaint, "ask_customer", {**ASKED, **changed}, NOW)  # type: ignore[typeddict-item]
    return complaint


def test_what_a_file_shows_is_said_by_the_event_that_brought_it(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast, files=(picture("error_picture", "a.png"), picture(None, "b.png")))
    take(register, cast, complaint, "acknowledge", {"files": (picture("identity", "c.png"),)}, NOW)
    found = read(register, complaint, cast.agent)
    assert [(file.name, file.kind) for file in files_of(found)] == [
        ("a.png", "error_picture"), ("b.png", ""), ("c.png", "identity"),
    ]  # fmt: skip
    assert [moment.who for moment in found.moments if moment.files] == ["Agent Thử"] * 2, "who added it"
    assert verify(register, files=True).is_whole


def test_a_kind_that_is_none_keeps_nothing(register: Register, cast: Cast) -> None:
    with pytest.raises(Invalid, match="ảnh.png"):
        logged(register, cast, files=(picture("selfie"),))
    assert list(register.evidence_dir.glob("*")) == []


def test_a_recording_that_lies_elsewhere_is_evidence_without_a_file(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast)
    call: StepFields = {"recording": f" {PLACE} ", "recording_at": MON}
    take(register, cast, complaint, "add_evidence", call, NOW)
    moment = read(register, complaint, cast.agent).moments[-1]
    assert moment.recording == PLACE
    assert datetime.fromisoformat(moment.payload["recording_at"] or "") == MON
    with register.read() as session:
        assert session.scalars(select(Evidence.body).where(Evidence.kind == "recording")).all() == [PLACE]
        assert [hit.code for hit in search.find(session, "20261116", by=cast.agent).hits] == [complaint.code]
    assert read(register, complaint, cast.analyst).moments[-1].recording == HIDDEN, "an address may name who called"
    assert verify(register).is_whole


def test_a_recording_is_said_at_intake_too(register: Register, cast: Cast) -> None:
    with register.write() as session:
        complaint = complaints.log(session, draft(recording=PLACE), Act(cast.agent, MON))
    assert read(register, complaint, cast.agent).moments[0].recording == PLACE


NO_RECORDINGS: list[tuple[StepFields, str, str]] = [
    # fields, field to mend, why
    ({}, "files", "neither a file nor a place"),
    ({"recording": "  "}, "files", "a blank is no place"),
    ({"recording": "a\nb"}, "recording", "one line"),
    ({"recording": "a" * 501}, "recording", "too long for an address"),
    ({"recording": PLACE, "recording_at": NOW + timedelta(hours=1)}, "recording_at", "no call from the future"),
    ({"files": (picture(None),), "recording_at": MON}, "recording", "the time of what call?"),
]


@pytest.mark.parametrize(("fields", "mend", "why"), NO_RECORDINGS, ids=[row[-1] for row in NO_RECORDINGS])
def test_what_is_no_recording_is_refused(
    sqlite_register: Register, sqlite_cast: Cast, fields: StepFields, mend: str, why: str
) -> None:
    complaint = logged(sqlite_register, sqlite_cast)
    with pytest.raises(Invalid) as refused:
        take(sqlite_register, sqlite_cast, complaint, "add_evidence", fields, NOW)
    assert set(refused.value.fields) == {mend}, why


def words(found: Dossier) -> list[str]:
    return [one.field.key if one.field else one.kind or one.line for one in found.missing]


def test_what_was_asked_for_is_ticked_as_it_comes(register: Register, cast: Cast) -> None:
    complaint = asked(register, cast)
    assert words(read(register, complaint, cast.agent)) == [
        "payment_proof", "transaction", "Tên người nhận tiền", "Ảnh CCCD của Văn An",
    ]  # fmt: skip
    later = NOW + timedelta(hours=1)
    take(register, cast, complaint, "add_evidence", {"files": (picture("payment_proof"),), "came": [1]}, later)
    take(register, cast, complaint, "details", {"details": {"transaction": "FT1"}, "came": [2]}, later)
    take(register, cast, complaint, "record_reply", {"text": "Tên là An", "came": [3]}, later)
    found = read(register, complaint, cast.agent, later)
    assert words(found) == ["Ảnh CCCD của Văn An"]
    assert [(one.came_at, one.came_by) for one in found.checklist[:3]] == [(later, "Agent Thử")] * 3
    assert found.complaint.state == "acknowledged", "answered, though not all came"
    take(register, cast, complaint, "note", {"text": "Khách đến quầy", "came": [4]}, later)
    assert words(read(register, complaint, cast.agent, later)) == []
    assert verify(register).is_whole


def test_undoing_takes_what_came_back_and_the_list_too(register: Register, cast: Cast) -> None:
    complaint = asked(register, cast)
    minute = NOW + timedelta(minutes=1)
    take(register, cast, complaint, "note", {"text": "Nhầm", "came": [1]}, minute)
    take(register, cast, complaint, UNDO, {}, minute)
    assert len(read(register, complaint, cast.agent).missing) == 4, "nothing came after all"
    other = asked(register, cast)
    take(register, cast, other, UNDO, {}, minute)
    assert read(register, other, cast.agent).checklist == (), "nothing was asked after all"


NOT_POSSIBLE: list[tuple[str, StepFields, str, str]] = [
    # step, fields, field to mend, why
    ("record_reply", {"text": "Đây", "came": [5]}, "came", "there is no fifth thing"),
    ("note", {"text": "Đây", "came": [0]}, "came", "they are counted from 1"),
    ("add_evidence", {"files": (picture(None),), "came": [1, 9]}, "came", "one of them is none"),
]


@pytest.mark.parametrize(("step", "fields", "mend", "why"), NOT_POSSIBLE, ids=[row[-1] for row in NOT_POSSIBLE])
def test_only_what_is_missing_comes(
    sqlite_register: Register, sqlite_cast: Cast, step: str, fields: StepFields, mend: str, why: str
) -> None:
    complaint = asked(sqlite_register, sqlite_cast)
    with pytest.raises(Invalid) as refused:
        take(sqlite_register, sqlite_cast, complaint, step, fields, NOW)
    assert set(refused.value.fields) == {mend}, why


def test_a_thing_comes_once(register: Register, cast: Cast) -> None:
    complaint = asked(register, cast)
    take(register, cast, complaint, "note", {"text": "Đã có", "came": [1]}, NOW)
    with pytest.raises(Invalid):
        take(register, cast, complaint, "note", {"text": "Lần nữa", "came": [1]}, NOW)


NO_LISTS: list[tuple[StepFields, str, str]] = [
    ({"wanted": ["detail.no_such"]}, "wanted", "the category does not ask for it"),
    ({"wanted": ["evidence.selfie"]}, "wanted", "no kind of evidence"),
    ({"wanted_more": "\n".join(map(str, range(19)))}, "wanted_more", "two chosen and nineteen lines are too many"),
]


@pytest.mark.parametrize(("changed", "mend", "why"), NO_LISTS, ids=[row[-1] for row in NO_LISTS])
def test_what_cannot_be_asked_for(
    sqlite_register: Register, sqlite_cast: Cast, changed: StepFields, mend: str, why: str
) -> None:
    with pytest.raises(Invalid) as refused:
        asked(sqlite_register, sqlite_cast, **changed)
    assert set(refused.value.fields) == {mend}, why


@pytest.mark.parametrize("role", ["manager", "analyst", "admin"])
def test_what_was_typed_of_the_list_is_masked_like_any_text(role: str, register: Register, cast: Cast) -> None:
    complaint = asked(register, cast)
    found = read(register, complaint, getattr(cast, role))
    shown = repr((found.checklist, found.moments))
    assert "Văn An" not in shown
    assert [one.line for one in found.missing] == ["", "", HIDDEN, HIDDEN]


def test_the_kind_said_at_intake_moves_no_clock_and_saves_a_step(register: Register, cast: Cast) -> None:
    with register.write() as session:
        plain = complaints.log(session, draft(), Act(cast.agent, MON))
        known = complaints.log(session, draft(kind="complaint"), Act(cast.agent, MON))
        assert (known.kind, known.state, known.assignee_id) == ("complaint", "received", None)
        assert known.next_due_at == plain.next_due_at, "no clock starts or moves"
        for one, state in ((plain, "acknowledged"), (known, "classified")):
            after = complaints.take(session, one.code, "acknowledge", {}, Act(cast.agent, NOW))
            assert after.state == state
    assert verify(register).is_whole
    kept = read(register, known, cast.agent)
    assert "settle" in kept.together, "told and closed in one save"


def test_what_was_classified_at_intake_is_acknowledged_alone(register: Register, cast: Cast) -> None:
    with register.write() as session:
        known = complaints.log(session, draft(kind="inquiry"), Act(cast.agent, MON))
    found = read(register, known, cast.agent, MON)
    assert found.together == {"settle": ("acknowledge", "notify_result", "close")}


def test_an_inquiry_known_at_intake_has_no_root_cause_to_analyse(register: Register) -> None:
    """MISA promises the analysis of complaints alone (MISA 4)."""
    steps = [PastStep("acknowledge", NOW), PastStep("notify_result", NOW, {"text": "Xong"})]
    terms = {}
    with register.write() as session:
        for kind in ("inquiry", "complaint"):
            given = draft(category="other", procedure="misa", kind=kind)
            [case] = complaints.write_histories(session, [(given, steps)], Act(None, NOW))
            its = select(SlaCycle.term).where(SlaCycle.complaint_id == case.id)
            terms[kind] = set(session.scalars(its))
    assert terms["complaint"] - terms["inquiry"] == {"root_cause"}


def test_who_does_not_classify_does_not_say_the_kind(register: Register, cast: Cast) -> None:
    with pytest.raises(Invalid) as refused, register.write() as session:
        complaints.log(session, draft(kind="complaint"), Act(cast.reporter, MON))
    assert set(refused.value.fields) == {"kind"}
