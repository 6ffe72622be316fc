"""What customers say by themselves (D41): the steps that exist for it, where the case takes them."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import Conflict, Invalid, NotAllowed, NotFound, PopsError
from core.register.api import intake, keys, messages, requests, secret
from core.register.api.intake import Logged
from core.register.api.messages import Message, Taken
from core.register.case import complaints
from core.register.case.evidence import FileDraft
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Notice
from core.register.log.verify import verify
from core.register.reads import followed
from core.register.reads.dossier import Dossier
from core.register.reads.dossier import read as read_dossier
from core.rules.steps import State
from tests.conftest import Cast
from tests.engines import MONDAY
from tests.files import PNG
from tests.register.api.given import brought_to, logged, made, sent
from tests.register.ways import SURVIVOR

LATER = MONDAY + timedelta(hours=2)


def case(register: Register, state: State) -> tuple[int, Logged]:
    """The key, and a case of it that stands there."""
    key_id, _key = made(register)
    one = logged(register, key_id)
    with register.write() as session:
        brought_to(session, one.code, state)
    return key_id, one


def said(one: Logged, kind: str, text: str = "Lời khách", **more: int | tuple[FileDraft, ...]) -> Message:
    return Message(one.code, one.secret or "", kind, text, **more)  # type: ignore[arg-type] # by name


def take(register: Register, key_id: int | None, message: Message, name: str = "a-name", body: bytes = b"") -> Taken:
    named = requests.named(key_id, name, (body,)) if key_id is not None else None
    with register.write() as session:
        return messages.take(session, message, name=named, now=LATER)


TABLE = """
                  add           accept  refuse
received          note          -       -
acknowledged      note          -       -
classified        note          -       -
investigating     note          -       -
waiting_customer  record_reply  -       -
proposed          note          accept  refuse
decided           note          -       -
resolved          note          -       refuse
closed            -             -       -
withdrawn         -             -       -
merged            -             -       -
"""
CELLS = [
    (State(row.split()[0]), kind, step)
    for row in TABLE.strip().splitlines()[1:]
    for kind, step in zip(TABLE.split()[:3], row.split()[1:], strict=True)
]


@pytest.mark.parametrize(("state", "kind", "step"), CELLS)
def test_each_state_takes_what_fits_it(sqlite_register: Register, state: State, kind: str, step: str) -> None:
    key_id, one = case(sqlite_register, state)
    with sqlite_register.read() as session:
        complaint = secret.opens(session, one.code, one.secret or "")
        assert complaint is not None
        assert (kind in followed.read(session, complaint).may_say) is (step != "-")
    if step == "-":
        with pytest.raises(NotAllowed):
            take(sqlite_register, key_id, said(one, kind))
    else:
        assert take(sqlite_register, key_id, said(one, kind)).step == step
    assert verify(sqlite_register).is_whole


def test_the_table_names_every_state() -> None:
    assert {state for state, _kind, _step in CELLS} == set(State)


def test_the_event_says_that_the_customer_did_it_by_which_key(register: Register, cast: Cast) -> None:
    key_id, one = case(register, State.proposed)
    with register.write() as session:
        code = one.code
        messages.take(session, said(one, "add", "Thêm một ảnh"), name=None, now=LATER)
    taken = take(register, key_id, said(one, "refuse", "Quá ít"))
    story = dossier(register, cast, code).moments
    by = {moment.seq: (moment.kind, moment.who, moment.by_key, moment.text) for moment in story}
    assert by[1][1:3] == (None, "Ứng dụng POPS")
    assert by[taken.version - 1] == ("noted", None, "", "Thêm một ảnh")
    assert by[taken.version] == ("remedy_refused", None, "Ứng dụng POPS", "Quá ít")
    names = {moment.seq: moment.name for moment in story}
    assert names[taken.version - 1] == "customer_wrote", "no internal note: the customer wrote it"
    assert names[taken.version] == "remedy_refused"
    assert story[1].by_key is None, "what colleagues did"


def test_whoever_refuses_is_told_by_when_they_hear(register: Register) -> None:
    """The second working day (D17), at the close of the office; who agrees has the promise that runs."""
    key_id, one = case(register, State.proposed)
    taken = take(register, key_id, said(one, "refuse"))
    assert taken.hears_by is not None and taken.hears_by.isoformat() == "2026-11-18T10:30:00+00:00"
    key_id, other = case(register, State.proposed)
    assert take(register, key_id, said(other, "accept", "")).hears_by is None


def propose(session: Session, code: str) -> None:
    fields: StepFields = {"channel": "email", "text": "Hoàn hai lần", "chase_on": date(2026, 11, 18)}
    complaints.take(session, code, "propose", fields, Act(None, LATER))


def test_where_nothing_is_promised_any_more_agreeing_gives_a_date(register: Register) -> None:
    key_id, one = case(register, State.resolved)
    with register.write() as session:
        messages.take(session, said(one, "refuse"), name=None, now=LATER)
        propose(session, one.code)
    taken = take(register, key_id, said(one, "accept", ""))
    assert taken.hears_by is not None and taken.hears_by.isoformat() == "2026-11-17T10:30:00+00:00"


def test_sent_again_it_is_answered_the_same_and_not_done_twice(register: Register) -> None:
    key_id, one = case(register, State.waiting_customer)
    first = take(register, key_id, said(one, "add"))
    assert take(register, key_id, said(one, "add")) == first, "though the case does not wait any more"
    with pytest.raises(Invalid) as refused:
        take(register, key_id, said(one, "add", "Khác"), body=b"other")
    assert list(refused.value.fields) == [requests.HEADER]
    assert take(register, key_id, said(one, "add"), "b-name").version == first.version + 1


def test_what_a_customer_adds_tells_who_holds_it_and_mentions_nobody(register: Register, cast: Cast) -> None:
    key_id, one = case(register, State.acknowledged)
    take(register, key_id, said(one, "add", f"Nhờ @{cast.agent.login} xem giúp"))
    with register.read() as session:
        told = session.execute(select(Notice.person_id, Notice.kind).where(Notice.kind != "assigned")).all()
    assert [tuple(row) for row in told] == [(cast.lead.id, "customer_wrote")], "the leads, since nobody holds it"


@pytest.mark.parametrize(
    ("change", "refusal", "why"),
    [
        ({"secret": "AAAA-AAAA-AAAA-AAAA"}, NotFound, "not its secret"),
        ({"code": "KN-2020-000001"}, NotFound, "no such case"),
        ({"kind": "shout"}, Invalid, "no such kind"),
        ({"text": "  "}, Invalid, "nothing is said"),
        ({"text": "x" * 20_001}, Invalid, "longer than a text may be"),
        ({"text": "a\0b"}, Invalid, "a sign that no database keeps"),
        ({"version": 1}, Conflict, "the case was asked something since they looked"),
        ({"files": (FileDraft("ảnh.png", BytesIO(b"none")),)}, Invalid, "no picture"),
    ],
)
def test_what_cannot_be_taken_changes_nothing(
    sqlite_register: Register, change: dict[str, object], refusal: type[PopsError], why: str
) -> None:
    key_id, one = case(sqlite_register, State.waiting_customer)
    with pytest.raises(refusal):
        take(sqlite_register, key_id, said(one, "add")._replace(**change))  # type: ignore[arg-type] # by name
    taken = take(sqlite_register, key_id, said(one, "add"))
    assert taken.version == 5, f"{why}: the way there took four, and nothing else came"


def test_files_come_with_what_is_said(register: Register) -> None:
    key_id, one = case(register, State.waiting_customer)
    files = (FileDraft("ảnh.png", BytesIO(PNG)),)
    assert take(register, key_id, said(one, "add", files=files)).step == "record_reply"
    assert verify(register).is_whole


def test_a_revoked_key_says_nothing(register: Register) -> None:
    key_id, one = case(register, State.waiting_customer)
    with register.write() as session:
        keys.revoke(session, key_id, Act(None, LATER))
    with pytest.raises(NotAllowed):
        take(register, key_id, said(one, "add"))


def test_what_a_customer_follows_holds_nothing_else(sqlite_register: Register) -> None:
    """Notes, departments, people and what a result said before it was refused are not theirs to read."""
    _key_id, one = case(sqlite_register, State.waiting_customer)
    with sqlite_register.write() as session:
        complaints.take(session, one.code, "note", {"text": "Khách này hay gọi"}, Act(None, LATER))
        complaint = secret.opens(session, one.code, one.secret or "")
        assert complaint is not None
        found = followed.read(session, complaint)
    assert (found.standing, found.said) == ("waiting_for_you", "Nội dung của bước ask_customer")
    assert [(item.kind, item.line) for item in found.wanted if item.field is None] == [
        ("payment_proof", ""),
        ("", "Tên người nhận tiền"),
    ]
    assert "Khách này hay gọi" not in str(found)


def test_where_a_procedure_has_no_rounds_a_result_is_not_refused(sqlite_register: Register) -> None:
    key_id, _key = made(sqlite_register)
    with sqlite_register.write() as session:
        (one,) = intake.log_all(session, [sent(key_id, procedure="minh-tuan")])
        assert isinstance(one, Logged)
        brought_to(session, one.code, State.resolved)
        complaint = secret.opens(session, one.code, one.secret or "")
        assert complaint is not None and followed.read(session, complaint).may_say == ("add",)
    with pytest.raises(NotAllowed):
        take(sqlite_register, key_id, said(one, "refuse"))


@pytest.mark.parametrize(
    ("state", "standing", "told"),
    [
        (State.received, "received", ""),
        (State.acknowledged, "in_progress", ""),
        (State.investigating, "in_progress", ""),
        (State.waiting_customer, "waiting_for_you", "Nội dung của bước ask_customer"),
        (State.proposed, "proposal", "Nội dung của bước propose"),
        (State.decided, "in_progress", ""),
        (State.resolved, "result_told", "Nội dung của bước notify_result"),
        (State.closed, "closed", "Nội dung của bước notify_result"),
        (State.withdrawn, "withdrawn", ""),
        (State.merged, "joined", ""),
    ],
)
def test_each_state_in_their_words(sqlite_register: Register, state: State, standing: str, told: str) -> None:
    _key_id, one = case(sqlite_register, state)
    with sqlite_register.read() as session:
        complaint = secret.opens(session, one.code, one.secret or "")
        assert complaint is not None
        found = followed.read(session, complaint)
    assert (found.standing, found.said) == (standing, told)
    assert (found.joined == SURVIVOR) is (state is State.merged)


def dossier(register: Register, cast: Cast, code: str) -> Dossier:
    with register.read() as session:
        return read_dossier(session, code, by=cast.agent, now=LATER, language="vi")
