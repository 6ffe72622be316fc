"""The shipped mappings on rows shaped like the real files, invented here, with each of their traps."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from core.register.importing.delimited import Delimited
from core.register.importing.importer import Report, take_in
from core.register.importing.mapping import parse
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint, Customer, Event, Evidence
from core.register.log.verify import verify
from tests.register.importing.files import NOW, told

MAPPINGS = Path(__file__).parents[3] / "data" / "mappings"
INCIDENTS = (
    "number,incident_state,opened_at,sys_updated_at,contact_type,category,subcategory,u_symptom,priority,caller_id,"
    "resolved_at"
)
REVIEWS = "app_name,text,score,at,sent,topic6,cat4"
CONSOLE = (
    "Package Name,App Version Code,App Version Name,Reviewer Language,Device,Review Submit Date and Time,"
    "Review Submit Millis Since Epoch,Review Last Update Date and Time,Review Last Update Millis Since Epoch,"
    "Star Rating,Review Title,Review Text,Developer Reply Date and Time,Developer Reply Millis Since Epoch,"
    "Developer Reply Text,Review Link"
)


def brought(register: Register, folder: Path, name: str, header: str, *rows: str) -> Report:
    mapping = parse((MAPPINGS / f"{name}.toml").read_text(encoding="utf-8"), file=name)
    path = folder / f"{name}.csv"
    path.write_text("\n".join([header, *rows]), encoding=mapping.encoding)
    file = Delimited(path, mapping.encoding, mapping.delimiter)
    return take_in(register, file, mapping, act=Act(None, NOW))


def incident(
    number: str, state: str, updated: str, *, opened: str = "29-02-2016 09:00", symptom: str = "Symptom 7"
) -> str:
    return f"{number},{state},{opened},{updated},Phone,Category 3,Subcategory 1,{symptom},3 - Moderate,Caller 5,?"


def kinds(register: Register, reference: str) -> list[tuple[str, datetime]]:
    with register.read() as session:
        its = session.scalar(select(Complaint.id).where(Complaint.external_ref == reference))
        events = select(Event).where(Event.subject == "complaint", Event.subject_id == its).order_by(Event.seq)
        return [(event.kind, event.happened_at) for event in session.scalars(events)]


def test_an_incident_with_its_life(register: Register, tmp_path: Path) -> None:
    report = brought(
        register, tmp_path, "uci_incidents", INCIDENTS,
        incident("INC1", "New", "29-02-2016 09:05"),
        incident("INC1", "Awaiting User Info", "29-02-2016 10:00", symptom="?"),
        incident("INC1", "Active", "29-02-2016 11:00"),
        incident("INC1", "Resolved", "29-02-2016 12:00"),
        incident("INC1", "Closed", "05-03-2016 12:00"),
    )  # fmt: skip
    assert (report.accepted, told(report)) == (1, [])
    ten, eleven, noon = (datetime(2016, 2, 29, hour, tzinfo=UTC) for hour in (3, 4, 5))
    assert kinds(register, "INC1") == [
        ("received", datetime(2016, 2, 29, 2, tzinfo=UTC)),
        ("acknowledged", ten),
        ("classified", ten),
        ("customer_asked", ten),
        ("customer_replied", eleven),
        ("result_notified", noon),
        ("closed", datetime(2016, 3, 5, 5, tzinfo=UTC)),
    ]
    with register.read() as session:
        complaint = session.scalars(select(Complaint)).one()
        said = session.scalars(select(Evidence.body).where(Evidence.kind == "statement")).one()
        account = session.scalars(select(Customer.account)).one()
    assert (complaint.channel, complaint.category, complaint.outcome) == ("hotline", "other", "not_recorded")
    assert (complaint.root_cause, complaint.breach_reason) == ("unknown", None), (
        "nothing was missed, so no reason is given"
    )
    assert said == "INC1: Category 3, Subcategory 1, Symptom 7 (3 - Moderate)"
    assert account == "Caller 5"
    assert verify(register).is_whole


def test_the_traps_of_the_incident_log(sqlite_register: Register, tmp_path: Path) -> None:
    report = brought(
        sqlite_register, tmp_path, "uci_incidents", INCIDENTS,
        incident("EARLY", "Active", "29-02-2016 07:00"),
        incident("EARLY", "Closed", "29-02-2016 12:00"),
        incident("SPOT", "Resolved", "29-02-2016 09:00"),
        incident("SPOT", "Closed", "05-03-2016 10:00"),
        incident("BACK", "Resolved", "29-02-2016 10:00"),
        incident("BACK", "Active", "01-03-2016 10:00"),
        incident("BACK", "Closed", "02-03-2016 10:00"),
        incident("MIXED", "New", "29-02-2016 11:10"),
        incident("MIXED", "New", "29-02-2016 09:52"),
        incident("MIXED", "Resolved", "29-02-2016 11:03"),
        incident("ELSE", "Awaiting Problem", "29-02-2016 11:00"),
        incident("ELSE", "Awaiting Vendor", "29-02-2016 12:00"),
    )  # fmt: skip
    assert (report.accepted, report.refused) == (4, 1)
    assert [(row, column) for row, column, _ in told(report)] == [(2, "sys_updated_at")], (
        "taken up before it was opened"
    )
    names = {
        number: [kind for kind, _ in kinds(sqlite_register, number)] for number in ("SPOT", "BACK", "MIXED", "ELSE")
    }
    start = ["received", "acknowledged", "classified"]
    assert names["SPOT"] == [*start, "result_notified", "closed"], "settled in the minute it was opened"
    assert names["BACK"] == [*start, "result_notified", "closed", "reopened", "result_notified", "closed"]
    assert names["MIXED"] == [*start, "result_notified"]
    assert names["ELSE"] == [*start, "forwarded"], "a vendor after a problem is still the same wait"


def test_reviews_are_complaints_of_the_moment_they_were_written(register: Register, tmp_path: Path) -> None:
    rows = [
        "Ngân hàng Thử,Chuyển tiền rồi mà chưa nhận đc 😡,1,2025-12-21 22:01:00,0,1,payment",
        'Ngân hàng Thử,"App ổn, nhưng ""hơi"" chậm",5,2025-12-20 08:00:00,2,3,app_error',
        "Ví Thử,=1+1 là mấy,3,2022-12-03 14:43:00,1,4,other",
    ]
    report = brought(register, tmp_path, "vn_bank_app_reviews", REVIEWS, *rows)
    assert (report.accepted, told(report)) == (3, [])
    assert brought(register, tmp_path, "vn_bank_app_reviews", REVIEWS, *reversed(rows)).known == 3
    with register.read() as session:
        first = session.scalars(select(Complaint).order_by(Complaint.id)).first()
        said = list(session.scalars(select(Evidence.body).order_by(Evidence.id)))
    assert first is not None
    assert first.recorded_at == datetime(2025, 12, 21, 15, 1, tzinfo=UTC), "22:01 in Vietnam"
    assert (first.category, first.channel, first.platform, first.state) == (
        "payment",
        "app_android",
        "android",
        "received",
    )
    assert said[1:] == ['[Ngân hàng Thử] App ổn, nhưng "hơi" chậm', "[Ví Thử] =1+1 là mấy"]
    assert verify(register).is_whole


def console(at: str, millis: int, text: str, *, title: str = "", stars: int = 1, changed: str = "") -> str:
    reply = ",,," if not changed else f"{changed},1,Chào bạn,"
    return f'vn.pops.app,77,1.0.6,vi,a52q,{at},{millis},{changed or at},{millis},{stars},{title},"{text}",{reply}'


def test_reviews_of_google_play_console(register: Register, tmp_path: Path) -> None:
    rows = [
        console("2026-11-12T16:30:00Z", 1794241800123, "Nạp tiền, chưa thấy Stars", title="Mất tiền"),
        console("2026-11-12T16:30:00Z", 1794241800124, "Hay, cảm ơn", stars=5),
        console("2026-11-13T01:00:00Z", 1794272400000, ""),
    ]
    report = brought(register, tmp_path, "google_play_console", CONSOLE, *rows)
    assert (report.accepted, report.refused) == (2, 1)
    assert [(row, column) for row, column, _ in told(report)] == [(4, "Review Title, Review Text")], "stars alone"
    changed = console("2026-11-12T16:30:00Z", 1794241800123, "Đã được hoàn", changed="2026-11-20T01:00:00Z", stars=5)
    again = brought(register, tmp_path, "google_play_console", CONSOLE, changed, rows[1])
    assert (again.accepted, again.known) == (0, 2), "next month's report brings nobody twice"
    with register.read() as session:
        first = session.scalars(select(Complaint).order_by(Complaint.id)).first()
        said = session.scalars(select(Evidence.body).order_by(Evidence.id)).first()
    assert first is not None
    assert (first.channel, first.platform, first.category) == ("app_android", "android", "other")
    assert first.recorded_at == datetime(2026, 11, 12, 16, 30, tzinfo=UTC)
    assert said == "Mất tiền Nạp tiền, chưa thấy Stars"
