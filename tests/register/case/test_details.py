"""What a category must know: logged with the complaint, completed and corrected later, proved, found, and masked."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from core.errors import Invalid
from core.register import rulebook
from core.register.backup.load import restore
from core.register.backup.save import save
from core.register.case import complaints, details, intake
from core.register.case.complaints import PastStep
from core.register.case.draft import Draft
from core.register.case.steps.recording import StepFields
from core.register.log import seal
from core.register.log.act import Act
from core.register.log.database import Register, open_register
from core.register.log.tables import Complaint, Detail, Event, Evidence
from core.register.log.verify import verify
from core.register.reads import dossier, search
from core.rules import catalogue
from core.shipped import catalogue_texts
from tests.conftest import Cast
from tests.engines import MONDAY, Sqlite
from tests.local_time import at
from tests.register.cases import MON, draft, logged, take
from tests.register.ways import PAYMENT

CODE = "FT26320001"
TO_PAYMENT: StepFields = {"department": "payment", "text": "Kiểm tra", "due_at": at("2026-11-18 17:30")}


def known(register: Register, complaint: Complaint) -> dict[str, str]:
    with register.read() as session:
        return details.known(session, complaint.id)


def classified(register: Register, cast: Cast, **values: str) -> Complaint:
    """A complaint about a payment of which ``values`` are known, ready to be forwarded."""
    complaint = logged(register, cast, details=values)
    complaint = take(register, "acknowledge", complaint, cast.agent, MON)
    return take(register, "classify", complaint, cast.agent, MON, kind="complaint")


def test_values_are_kept_as_they_are_meant_and_the_personal_ones_out_of_the_log(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast, details={**PAYMENT, "amount": "1,2tr", "transaction": f" {CODE} "})
    assert known(register, complaint) == {
        "amount": "1200000", "method": "momo", "time": "2026-11-15T13:15:00+00:00", "transaction": CODE,
    }  # fmt: skip
    with register.read() as session:
        payloads = "".join(session.scalars(select(Event.payload)))
        rows = {row.field: (row.value, row.evidence_id is not None) for row in session.scalars(select(Detail))}
        evidence = session.scalars(select(Evidence.body).where(Evidence.kind == "detail")).all()
    assert CODE not in payloads
    assert '"amount":"1200000"' in payloads
    assert rows["amount"] == ("1200000", False)
    assert rows["transaction"] == (None, True)
    assert evidence == [CODE]
    assert verify(register).is_whole


REFUSED = [
    # category, values, field that is refused, why
    ("payment", {"amount": "1.234k"}, "details.amount", "no amount"),
    ("payment", {"series": "Conan"}, "details.series", "another category's"),
    ("other", {"amount": "50k"}, "details.amount", "a category that asks for nothing"),
    ("payment", {"method": "cash"}, "details.method", "not in the list"),
    ("payment", {"transaction": "a\0"}, "details.transaction", "no database keeps NUL"),
]


@pytest.mark.parametrize(("category", "values", "field", "why"), REFUSED)
def test_a_value_that_is_none_is_refused_under_its_field(
    category: str, values: dict[str, str], field: str, why: str, sqlite_register: Register, sqlite_cast: Cast
) -> None:
    with pytest.raises(Invalid) as refused:
        logged(sqlite_register, sqlite_cast, category=category, details=values)
    assert set(refused.value.fields) == {field}, why


def with_transaction_at_intake(register: Register) -> None:
    """The list of categories by which a payment cannot be logged without its code."""
    wanted = catalogue_texts()["categories"].replace(
        'en = "Transaction code"\ntype = "text"', 'en = "Transaction code"\ntype = "text"\nrequired = "intake"'
    )
    entries = catalogue.parse(wanted, name="categories", file="categories.toml")
    assert entries["payment"].fields[0].required == "intake"
    with register.write() as session:
        rulebook.add_catalogue(session, "categories", entries.values(), Act(None, MON))


def test_what_is_needed_at_intake_is_asked_of_people_not_of_histories(register: Register, cast: Cast) -> None:
    with_transaction_at_intake(register)
    with pytest.raises(Invalid) as refused:
        logged(register, cast, details=PAYMENT)
    assert set(refused.value.fields) == {"details.transaction"}
    complaint = logged(register, cast, details={**PAYMENT, "transaction": CODE})
    with pytest.raises(Invalid) as emptied:
        take(register, "details", complaint, cast.agent, MON, details={"transaction": ""})
    assert set(emptied.value.fields) == {"details.transaction"}, "it is corrected, never emptied"
    with register.write() as session:
        complaints.write_histories(session, [(draft(details={}), ())], Act(None, MON))
    assert logged(register, cast, category="login").category == "login", "the category's own only"


def test_it_is_forwarded_once_everything_needed_is_known(register: Register, cast: Cast) -> None:
    complaint = classified(register, cast, amount="50k")
    with pytest.raises(Invalid) as refused:
        take(register, "forward", complaint, cast.agent, MON, **TO_PAYMENT)
    assert set(refused.value.fields) == {"details.time", "details.method"}
    assert "Thời điểm thanh toán, Hình thức thanh toán" in str(refused.value)
    given = {"time": "15/11/2026 20:15", "method": "Ví MoMo"}
    complete: StepFields = {**TO_PAYMENT, "details": given}
    complaint = take(register, "forward", complaint, cast.agent, MON, **complete)
    assert (complaint.department, known(register, complaint)["method"]) == ("payment", "momo")
    assert verify(register).is_whole


def test_a_history_is_forwarded_as_it_was(register: Register) -> None:
    past = [PastStep("acknowledge", MON), PastStep("classify", MON, {"kind": "complaint"})]
    with register.write() as session:
        history = (draft(details={}), [*past, PastStep("forward", MON, TO_PAYMENT)])
        (case,) = complaints.write_histories(session, [history], Act(None, MON))
    assert case.row["department"] == "payment"


def test_values_are_completed_corrected_and_taken_back(register: Register, cast: Cast) -> None:
    complaint = classified(register, cast, **PAYMENT)
    complaint = take(register, "details", complaint, cast.agent, MON, details={**PAYMENT, "transaction": CODE})
    with register.read() as session:
        newest = session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
        payload = seal.read(newest.payload)
    assert "details" not in payload, "what stays as it was is no news"
    assert isinstance(payload["detail_ids"], dict)
    assert [*payload["detail_ids"]] == ["transaction"]
    complaint = take(register, "details", complaint, cast.agent, MON, details={"transaction": "FT9", "amount": ""})
    assert known(register, complaint) == {
        "method": "momo", "time": "2026-11-15T13:15:00+00:00", "transaction": "FT9",
    }  # fmt: skip
    take(register, "details", complaint, cast.agent, MON, details={"transaction": ""})
    assert "transaction" not in known(register, complaint)
    with pytest.raises(Invalid) as nothing:
        take(register, "details", complaint, cast.agent, MON, details={"transaction": "", "method": "momo"})
    assert set(nothing.value.fields) == {"details"}
    assert verify(register).is_whole


def test_a_value_stays_when_the_complaint_moves_to_another_category(register: Register, cast: Cast) -> None:
    complaint = classified(register, cast, **PAYMENT, transaction=CODE)
    complaint = take(register, "classify", complaint, cast.agent, MON, kind="complaint", category="login")
    with register.read() as session:
        found = dossier.read(session, complaint.code, by=cast.agent, now=MON, language="vi").values
    own = {value.field.key: value.value for value in found if not value.is_other}
    others = {value.field.vi: value.value for value in found if value.is_other}
    assert own == {"account": "", "method": "", "device": ""}, "“momo” is no way of signing in"
    assert others["Hình thức thanh toán"] == "momo"
    assert others["Mã giao dịch"] == CODE
    with pytest.raises(Invalid) as refused:
        take(register, "forward", complaint, cast.agent, MON, **TO_PAYMENT)
    assert set(refused.value.fields) == {"details.account", "details.method"}, "asked by the category it has now"
    complaint = take(register, "classify", complaint, cast.agent, MON, kind="complaint", category="payment")
    assert take(register, "forward", complaint, cast.agent, MON, **TO_PAYMENT).department == "payment"


def test_a_value_finds_its_complaint_for_those_who_see_it(register: Register, cast: Cast) -> None:
    complaint = logged(register, cast, details={**PAYMENT, "transaction": CODE})
    content = logged(register, cast, category="content", details={"title": "Thám tử lừng danh"})
    with register.read() as session:

        def found(words: str, by: str) -> list[str]:
            return [hit.code for hit in search.find(session, words, by=getattr(cast, by)).hits]

        assert found(CODE.lower(), "agent") == [complaint.code]
        assert found("tham tu lung danh", "agent") == [content.code]
        assert found(CODE, "analyst") == []
    take(register, "details", content, cast.agent, MON, details={"title": "Conan"})
    with register.read() as session:
        assert found("conan", "lead") == [content.code]
        assert found("lung danh", "lead") == []


TAMPERED = [
    # statement, what verification says, why
    ("UPDATE details SET value = '1' WHERE field = 'amount'", "amount", "another amount"),
    ("DELETE FROM details WHERE field = 'method'", "method", "a value gone"),
    ("UPDATE details SET evidence_id = NULL, value = 'FT1' WHERE field = 'transaction'", "transaction", "made public"),
    ("INSERT INTO details (complaint_id, field, value) VALUES (1, 'series', 'Conan')", "series", "a value added"),
]


@pytest.mark.parametrize(("statement", "field", "why"), TAMPERED)
def test_a_value_changed_behind_the_log_is_found(
    statement: str, field: str, why: str, register: Register, cast: Cast
) -> None:
    logged(register, cast, details={**PAYMENT, "transaction": CODE})
    with register.write() as session:
        session.execute(text(statement))
    assert any(f"“{field}”" in str(problem) for problem in verify(register).problems), why


def test_the_same_form_sent_twice_is_logged_once_and_another_value_is_another_complaint(
    sqlite_register: Register, sqlite_cast: Cast
) -> None:
    act, reference = Act(sqlite_cast.agent, MON), intake.new_reference(MON)

    def sent(**values: str) -> tuple[str, bool]:
        with sqlite_register.write() as session:
            complaint, is_new = intake.log_once(session, draft(details={**PAYMENT, **values}), reference, act)
            return complaint.code, is_new

    assert sent(transaction=CODE) == ("KN-2026-000001", True)
    assert sent(transaction=f" {CODE}", amount="49k") == ("KN-2026-000001", False)
    assert sent(transaction="FT2") == ("KN-2026-000002", True)


def test_a_backup_brings_the_values_back(register: Register, cast: Cast, tmp_path: Path) -> None:
    complaint = logged(register, cast, details={**PAYMENT, "transaction": CODE})
    with register.read() as session:
        save(session.connection(), tmp_path / "backup", register.evidence_dir, now=MONDAY)
    target = Sqlite.url(tmp_path / "new" / "c.db"), tmp_path / "new" / "evidence"
    restore(*target, tmp_path / "backup", now=MONDAY)
    copy = open_register(*target)
    assert known(copy, complaint) == known(register, complaint)
    assert verify(copy).is_whole
    copy.engine.dispose()


def test_a_draft_of_the_past_without_values_is_still_a_draft(sqlite_register: Register, sqlite_cast: Cast) -> None:
    with sqlite_register.write() as session:
        given = Draft("email", MON - timedelta(days=1), "Lỗi", "payment")
        assert complaints.log(session, given, Act(sqlite_cast.agent, MON)).category == "payment"
