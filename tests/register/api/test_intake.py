"""Complaints that programs send (D41): each logged once, answered the same again, like one that was typed."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import func, select

from core.errors import Invalid, NotAllowed
from core.register.api import intake, keys, requests, secret
from core.register.api.intake import Logged, Sent
from core.register.backup.load import restore
from core.register.backup.save import save
from core.register.case.evidence import FileDraft
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import ApiRequest, CaseSecret, Complaint, Event
from core.register.log.verify import verify
from core.rules.steps import State
from tests.engines import MONDAY, Sqlite
from tests.files import PNG
from tests.register.api.given import brought_to, logged, made, sent


def log(register: Register, *wanted: Sent) -> list[Logged | Exception]:
    with register.write() as session:
        return list(intake.log_all(session, wanted))


def count(register: Register, table: type[Complaint | ApiRequest | CaseSecret]) -> int:
    with register.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_many_are_logged_at_once_as_if_each_came_alone(register: Register) -> None:
    key_id, _key = made(register)
    answers = log(register, *(sent(key_id, statement=f"Lỗi {n}") for n in range(5)))
    codes = [one.code for one in answers if isinstance(one, Logged)]
    assert codes == [f"KN-2026-{n:06d}" for n in range(1, 6)]
    assert len({one.secret for one in answers if isinstance(one, Logged)}) == 5
    with register.read() as session:
        rows = session.scalars(select(Complaint).order_by(Complaint.id)).all()
        events = session.scalars(select(Event).where(Event.subject == "complaint")).all()
    assert {(row.channel, row.state, row.source, row.logged_by_id) for row in rows} == {
        ("web", "received", "api", None)
    }
    assert all(f'"api_key":{key_id}' in event.payload for event in events)
    assert len({row.customer_id for row in rows}) == 1, "one customer, found again within the batch"
    assert verify(register).is_whole


def test_what_is_refused_takes_no_code_and_holds_up_nobody(register: Register) -> None:
    key_id, _key = made(register)
    wrong = sent(key_id, statement=" ", category="weather")
    first, refused, last = log(register, sent(key_id), wrong, sent(key_id))
    assert isinstance(refused, Invalid) and sorted(refused.fields) == ["category", "statement"]
    assert isinstance(first, Logged) and isinstance(last, Logged)
    assert (first.code, last.code) == ("KN-2026-000001", "KN-2026-000002")
    (mended,) = log(register, wrong._replace(draft=sent(key_id).draft))
    assert isinstance(mended, Logged), "nothing was written under that name"
    assert verify(register).is_whole


def test_the_same_request_is_answered_the_same_and_not_done_twice(register: Register) -> None:
    key_id, _key = made(register)
    wanted = sent(key_id, "a-name")
    (first,) = log(register, wanted)
    other, again = log(register, sent(key_id), wanted)
    assert again == first and isinstance(first, Logged) and first.secret
    assert isinstance(other, Logged) and count(register, Complaint) == 2


def test_another_request_of_that_name_is_refused(register: Register) -> None:
    key_id, _key = made(register)
    log(register, sent(key_id, "a-name", b"one"))
    (refused,) = log(register, sent(key_id, "a-name", b"two"))
    assert isinstance(refused, Invalid) and list(refused.fields) == [requests.HEADER]
    other_id, _key = made(register)
    (theirs,) = log(register, sent(other_id, "a-name", b"two"))
    assert isinstance(theirs, Logged), "each key has names of its own"


def test_a_name_is_forgotten_after_two_days(register: Register) -> None:
    key_id, _key = made(register)
    log(register, sent(key_id, "a-name"))
    for hours, kept in ((48, 2), (49, 2)):  # that of the first is over, in its place is the one just written
        log(register, sent(key_id, recorded_at=MONDAY + timedelta(hours=hours, seconds=hours - 48)))
        assert count(register, ApiRequest) == kept
    (again,) = log(register, sent(key_id, "a-name", recorded_at=MONDAY + timedelta(hours=50)))
    assert isinstance(again, Logged) and again.code == "KN-2026-000004"


def test_a_revoked_key_logs_nothing(register: Register) -> None:
    key_id, _key = made(register)
    with register.write() as session:
        keys.revoke(session, key_id, Act(None, MONDAY))
    with pytest.raises(NotAllowed):
        log(register, sent(key_id))
    assert count(register, Complaint) == 0


def test_files_come_with_it(register: Register) -> None:
    key_id, _key = made(register)
    (one,) = log(register, sent(key_id, files=(FileDraft("ảnh.png", BytesIO(PNG)),)))
    assert isinstance(one, Logged)
    with pytest.raises(Invalid):
        log(register, sent(key_id, files=(FileDraft("ảnh.png", BytesIO(b"none")),)))
    (next_one,) = log(register, sent(key_id))
    assert isinstance(next_one, Logged) and next_one.code == "KN-2026-000002", "what was refused took no code"
    assert verify(register).is_whole


def test_what_the_rules_do_not_take_is_not_taken_by_a_program_either(sqlite_register: Register) -> None:
    """VHV 1: it is received, and customer care refuses it; what an import brings in is taken as it was."""
    key_id, _key = made(sqlite_register)
    late = sent(key_id, procedure="vhv", incident_at=MONDAY - timedelta(days=60))
    (one,) = log(sqlite_register, late)
    assert isinstance(one, Logged)
    with pytest.raises(NotAllowed, match="do not take this complaint"), sqlite_register.write() as session:
        brought_to(session, one.code, State.investigating)


@pytest.mark.parametrize(
    ("typed", "is_right", "why"),
    [
        ("{secret}", True, "as it was given"),
        ("  {lower}  ", True, "in small letters, with blanks around"),
        ("{bare}", True, "without its hyphens"),
        ("{first}", False, "the first group alone"),
        ("", False, "nothing"),
        ("AAAA-AAAA-AAAA-AAAA", False, "another one"),
        ("{secret}A", False, "a letter more"),
        ("\ud800", False, "half a sign"),
    ],
)
def test_the_secret_opens_its_case(sqlite_register: Register, typed: str, is_right: bool, why: str) -> None:
    key_id, _key = made(sqlite_register)
    one, other = logged(sqlite_register, key_id), logged(sqlite_register, key_id)
    said = one.secret or ""
    text = typed.format(secret=said, lower=said.lower(), bare=said.replace("-", ""), first=said[:4])
    with sqlite_register.read() as session:
        found = secret.opens(session, f" {one.code.lower()} ", text)
        assert (found is not None and found.code == one.code) is is_right, why
        assert secret.opens(session, other.code, text) is None, "never another case"
        assert secret.opens(session, "KN-2020-000001", text) is None, "nor none"


def test_no_secret_is_kept(sqlite_register: Register) -> None:
    key_id, _key = made(sqlite_register)
    one = logged(sqlite_register, key_id)
    whole = b"".join(path.read_bytes() for path in sqlite_register.evidence_dir.parent.rglob("*") if path.is_file())
    assert one.secret and one.secret.encode() not in whole and one.secret.replace("-", "").encode() not in whole


def test_where_the_key_file_is_lost_secrets_stay_good(register: Register) -> None:
    key_id, _key = made(register)
    wanted = sent(key_id, "a-name")
    (first,) = log(register, wanted)
    register.evidence_dir.with_name(secret.FILE).unlink()
    (again,) = log(register, wanted)
    assert isinstance(first, Logged) and isinstance(again, Logged)
    assert again == first._replace(secret=None), "only the repeated answer has it no more"
    with register.read() as session:
        assert secret.opens(session, first.code, first.secret or "") is not None


def test_a_restored_register_knows_keys_and_secrets_and_holds_no_key_file(register: Register, tmp_path: Path) -> None:
    key_id, key = made(register)
    one = logged(register, key_id)
    with register.read() as session:
        save(session.connection(), tmp_path / "backup", register.evidence_dir, now=MONDAY)
    assert secret.FILE not in {path.name for path in (tmp_path / "backup").rglob("*")}
    url, evidence = Sqlite.url(tmp_path / "new" / "c.db"), tmp_path / "new" / "evidence"
    restore(url, evidence, tmp_path / "backup", now=MONDAY)
    restored = Register(url, evidence)
    with restored.read() as session:
        assert keys.recognise(session, key) is not None
        assert secret.opens(session, one.code, one.secret or "") is not None
    assert verify(restored).is_whole
    restored.engine.dispose()
