"""Importing files: what is accepted, what is refused where and why, and that doing it again adds nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from core.errors import Invalid, NotAllowed, PopsError
from core.i18n import use
from core.register.importing import importer
from core.register.importing.delimited import Delimited
from core.register.importing.importer import Mode, Report, Told, take_in
from core.register.importing.mapping import ColumnMap, parse
from core.register.importing.reader import Arrival, Refusal
from core.register.importing.table import find
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint, Customer, Event, Person, SlaCycle
from core.register.log.verify import verify
from tests.conftest import Cast
from tests.register.importing.files import FINE, HEADER, MAPPING, NOW, told

EVENTS = """
source = "desk_log"
procedure = "pops"
[time]
formats = ["%d/%m/%Y %H:%M"]
zone = "Asia/Ho_Chi_Minh"
[reference]
column = "number"
[columns]
recorded_at = "opened"
[constants]
channel = "hotline"
category = "other"
[templates]
statement = "Sự cố {number}"
[history]
state = "state"
at = "changed"
[history.stages]
New = "received"
Active = "worked"
Asked = "waiting_customer"
Elsewhere = "waiting_department"
Resolved = "resolved"
Closed = "closed"
[history.fields.classify]
kind = "complaint"
[history.fields.forward]
department = "engineering"
text = "không ghi"
within_days = 5
[history.fields.answer]
text = "không ghi"
[history.fields.ask_customer]
text = "không ghi"
within_days = 3
[history.fields.record_reply]
text = "không ghi"
[history.fields.notify_result]
text = "không ghi"
[history.fields.close]
outcome = "not_recorded"
root_cause = "unknown"
breach_reason = "not_recorded"
[history.fields.reopen]
text = "không ghi"
"""


def mapping(text: str = MAPPING) -> ColumnMap:
    return parse(text, file="test.toml")


def file_of(folder: Path, *rows: str, header: str = HEADER, raw: bytes | None = None) -> Delimited:
    path = folder / "old.csv"
    path.write_bytes(raw if raw is not None else "\r\n".join([header, *rows, ""]).encode())
    return Delimited(path)


WHOLE = Mode()


def brought(
    register: Register,
    file: Delimited,
    text: str = MAPPING,
    *,
    mode: Mode = WHOLE,
) -> Report:
    return take_in(register, file, mapping(text), act=Act(None, NOW), mode=mode)


def count(register: Register, table: type = Complaint) -> int:
    with register.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def kinds_of(register: Register, reference: str) -> list[str]:
    with register.read() as session:
        its = session.scalar(select(Complaint.id).where(Complaint.external_ref == reference))
        steps = select(Event.kind).where(Event.subject == "complaint", Event.subject_id == its).order_by(Event.seq)
        return list(session.scalars(steps))


# what is accepted


def test_a_row_becomes_a_complaint_with_its_clock(register: Register, tmp_path: Path) -> None:
    report = brought(register, file_of(tmp_path, FINE))
    assert (report.accepted, report.known, report.refused, report.rows) == (1, 0, 0, 1)
    with register.read() as session:
        complaint = session.scalars(select(Complaint)).one()
        clock = session.scalars(select(SlaCycle)).one()
        phone = session.scalars(select(Customer.phone_key)).one()
    assert complaint.code == "KN-2026-000001"
    assert complaint.recorded_at == datetime(2026, 10, 5, 2, 30, tzinfo=UTC), "09:30 in Vietnam"
    assert (complaint.category, complaint.channel, complaint.incident_at) == ("payment", "email", None)
    assert (complaint.source, complaint.external_ref) == ("old_desk", "1")
    assert (clock.term, clock.due_at) == ("acknowledge", datetime(2026, 10, 6, 10, 30, tzinfo=UTC))
    assert phone == "84500111222"


def test_importing_again_adds_nothing(register: Register, tmp_path: Path) -> None:
    file = file_of(tmp_path, FINE, FINE.replace("1,", "2,", 1))
    brought(register, file)
    events = count(register, Event)
    again = brought(register, file)
    assert (again.accepted, again.known, again.refused) == (0, 2, 0)
    assert count(register, Event) == events
    assert verify(register).is_whole


def test_a_dry_run_finds_everything_and_writes_nothing(register: Register, tmp_path: Path) -> None:
    before = count(register, Event)
    file = file_of(tmp_path, FINE, FINE.replace("1,", "2,", 1).replace("email", "pigeon"))
    report = take_in(register, file, mapping(), act=Act(None, NOW), mode=Mode(dry_run=True))
    assert (report.accepted, report.refused) == (1, 1)
    assert (count(register), count(register, Customer), count(register, Event)) == (0, 0, before)


def test_refused_rows_leave_no_gap_in_the_codes(register: Register, tmp_path: Path) -> None:
    rows = [FINE.replace("1,", f"{n},", 1) for n in range(1, 8)]
    rows[2] = rows[2].replace("email", "pigeon")
    report = brought(register, file_of(tmp_path, *rows), mode=Mode(batch=3))
    assert (report.accepted, report.refused) == (6, 1)
    with register.read() as session:
        numbers = list(session.scalars(select(Complaint.number).order_by(Complaint.id)))
        assert session.scalar(select(func.count()).select_from(Customer)) == 1, (
            "one phone, one customer, none left over"
        )
    assert numbers == [1, 2, 3, 4, 5, 6]
    assert verify(register).is_whole


def test_progress_is_told_batch_by_batch(sqlite_register: Register, tmp_path: Path) -> None:
    steps: list[int] = []
    rows = [FINE.replace("1,", f"{n},", 1) for n in range(1, 6)]
    take_in(
        sqlite_register,
        file_of(tmp_path, *rows),
        mapping(),
        act=Act(None, NOW),
        mode=Mode(batch=2),
        told=Told(progress=lambda report: steps.append(report.done)),
    )
    assert steps == [2, 4, 5]


SAME_FILE = [
    # bytes of the file, why
    ("\ufeff" + HEADER + "\n" + FINE + "\n", "utf-8", "a byte order mark is not part of the first name"),
    (HEADER + "\r\n" + FINE + "\r\n", "utf-8", "line ends of Windows"),
    (HEADER + "\n" + FINE, "utf-8", "no line end at the end"),
    (HEADER + "\n\n" + FINE + "\n\n,,,,,,\n", "utf-8", "empty rows are no complaints"),
    (" number , opened,happened,topic,via,phone,text\n" + FINE + "\n", "utf-8", "blanks around names"),
    (HEADER + "\n" + FINE.replace("email", " email "), "utf-8", "blanks around cells"),
    (HEADER + ",more\n" + FINE + ",x\n", "utf-8", "columns the mapping does not name"),
]


@pytest.mark.parametrize(("text", "encoding", "why"), SAME_FILE, ids=[row[-1] for row in SAME_FILE])
def test_ways_to_write_the_same_file(
    sqlite_register: Register, tmp_path: Path, text: str, encoding: str, why: str
) -> None:
    report = brought(sqlite_register, file_of(tmp_path, raw=text.encode(encoding)))
    assert (report.accepted, told(report)) == (1, []), why


def test_a_text_keeps_its_lines_quotes_and_accents(sqlite_register: Register, tmp_path: Path) -> None:
    said = 'Dòng một,\nDòng "hai" — được'
    file = file_of(tmp_path, FINE.rsplit(",", 1)[0] + ',"' + said.replace('"', '""') + '"')
    brought(sqlite_register, file)
    with sqlite_register.read() as session:
        from core.register.log.tables import Evidence

        assert session.scalars(select(Evidence.body).where(Evidence.kind == "statement")).one() == said


def test_another_encoding_and_delimiter_when_the_mapping_says_so(sqlite_register: Register, tmp_path: Path) -> None:
    text = MAPPING.replace('missing = ["?"]', 'missing = ["?"]\nencoding = "utf-16"\ndelimiter = ";"')
    path = tmp_path / "old.csv"
    path.write_bytes((HEADER + "\n" + FINE).replace(",", ";").encode("utf-16"))
    report = take_in(sqlite_register, Delimited(path, "utf-16", ";"), mapping(text), act=Act(None, NOW))
    assert report.accepted == 1


def test_a_hash_names_rows_that_have_no_number(register: Register, tmp_path: Path) -> None:
    text = MAPPING.replace('column = "number"', 'hash_of = ["opened", "text"]')
    other = FINE.replace("chưa có", "vẫn chưa")
    report = brought(register, file_of(tmp_path, FINE, other, FINE), text)
    assert (report.accepted, report.refused) == (2, 1)
    assert told(report) == [(4, "opened, text", "Hồ sơ này đã có ở dòng 2.")]
    assert brought(register, file_of(tmp_path, FINE, other), text).known == 2


# what is refused

BAD_ROWS = [
    # row, column, part of the sentence, why
    (FINE.replace("05/10/2026 09:30", "32/10/2026 09:30"), "opened", "không phải thời điểm", "no such day"),
    (FINE.replace("05/10/2026 09:30", "0001-01-01T00:00:00+0700"), "opened", "không phải thời điểm", "before all time"),
    (FINE.replace("05/10/2026 09:30", "?"), "opened", "Thiếu thời điểm ghi nhận", "missing, as this file writes it"),
    (FINE.replace("05/10/2026 09:30", "05/10/2027 09:30"), "opened", ".", "in the future"),
    (FINE.replace("05/10/2026 09:30", "05/10/1999 09:30"), "opened", ".", "before the calendar begins"),
    (FINE.replace("?", "06/10/2026 10:00"), "happened", ".", "an incident after its complaint"),
    (FINE.replace("Money", "Weather"), "topic", "“Weather” chưa có nghĩa", "a word the mapping does not know"),
    (FINE.replace("email", "pigeon"), "via", ".", "no such channel"),
    (FINE.replace("0500 111222", "12"), "phone", ".", "no phone number"),
    (FINE.replace("Nạp rồi mà chưa có", ""), "text", ".", "nothing said"),
    (FINE.replace("Nạp rồi", "Nạp\0rồi"), "text", "NUL", "a damaged text"),
    (FINE.replace("Nạp rồi", "x" * 20_001), "text", ".", "longer than a text may be"),
    (FINE.replace("1,", ",", 1), "number", "Thiếu mã tham chiếu", "no reference"),
    (FINE.replace("1,", "9" * 129 + ",", 1), "number", "128", "a reference longer than its column"),
    (FINE + ",more", "", "8 ô trong khi tiêu đề có 7 cột", "a comma too many"),
    (FINE.rsplit(",", 1)[0], "", "6 ô", "a comma too few"),
]


@pytest.mark.parametrize(("row", "column", "sentence", "why"), BAD_ROWS, ids=[row[-1] for row in BAD_ROWS])
def test_a_bad_row_is_named_by_number_column_and_reason(
    sqlite_register: Register, tmp_path: Path, row: str, column: str, sentence: str, why: str
) -> None:
    good = FINE.replace("1,", "77,", 1)
    report = brought(sqlite_register, file_of(tmp_path, good, row))
    assert (report.accepted, report.refused) == (1, 1), why
    (number, where, reason) = told(report)[0]
    assert (number, where) == (3, column), why
    assert any(part in reason for part in sentence.split("|")), reason


def test_the_reason_is_there_in_both_languages(sqlite_register: Register, tmp_path: Path) -> None:
    report = brought(sqlite_register, file_of(tmp_path, FINE + ",more"))
    assert told(report)[0][2].startswith("Dòng có 8 ô")
    use("en")
    assert told(report)[0][2].startswith("The row has 8 cells")


def test_several_bad_fields_are_all_named(sqlite_register: Register, tmp_path: Path) -> None:
    report = brought(sqlite_register, file_of(tmp_path, FINE.replace("email", "pigeon").replace("0500 111222", "12")))
    assert report.refused == 1
    assert [(row, column) for row, column, _ in told(report)] == [(2, "via"), (2, "phone")]


# ruff: disable[E501]  # a row of a table stays one line
UNUSABLE = [
    # bytes of the file (None: no file), part of the sentence, why
    (None, "cannot be opened", "no such file"),
    (b"", "is empty", "nothing in it"),
    (b"\r\n", "is empty", "no names in it"),
    ((HEADER + ",text\n").encode(), "more than once", "a name twice"),
    (HEADER.replace("topic", "subject").encode(), "no column “topic”", "a column the mapping needs is not there"),
    ((HEADER + "\n" + FINE).encode("utf-16"), "not written in utf-8", "another encoding"),
    ((HEADER + "\n" + FINE + "\n" + FINE).encode("cp1258", "replace") + b"\x81\xff", "not written in utf-8", "another encoding, seen late"),
    ((HEADER + "\n" + FINE.replace("Nạp", '"Nạp')).encode(), "quote", "a quote that is never closed"),
]  # fmt: skip
# ruff: enable[E501]


@pytest.mark.parametrize(("raw", "sentence", "why"), UNUSABLE, ids=[row[-1] for row in UNUSABLE])
def test_a_file_that_cannot_be_used_is_refused_before_anything_is_written(
    sqlite_register: Register, tmp_path: Path, raw: bytes | None, sentence: str, why: str
) -> None:
    file = file_of(tmp_path, raw=raw) if raw is not None else Delimited(tmp_path / "none.csv")
    with pytest.raises(Invalid) as refused:
        brought(sqlite_register, file)
    assert sentence in str(refused.value), why
    assert count(sqlite_register) == 0


def test_what_is_left_unread_is_named(tmp_path: Path) -> None:
    table = find(file_of(tmp_path, header=HEADER + ",score,colour"), mapping().wanted())
    assert table.unread() == ["score", "colour"]


@pytest.mark.parametrize("sign", ["\u200e", "\u200b", "\ufeff"], ids=["left-to-right mark", "zero width", "byte order"])
def test_the_order_of_day_and_month_is_proved_by_cells_as_they_are_read(
    sqlite_register: Register, tmp_path: Path, sign: str
) -> None:
    rows = [
        FINE.replace("05/10/2026", f"{sign}03/11/2026"),
        FINE.replace("1,05/10/2026", f"2,{sign}10/25/2026", 1),
    ]
    with pytest.raises(Invalid) as refused:
        brought(sqlite_register, file_of(tmp_path, *rows))
    assert refused.value.values["line"] == 3
    assert count(sqlite_register) == 0


# histories

# ruff: disable[E501]  # a row of a table stays one line
LIVES = [
    # rows (state, when), kinds of events, why
    ([("New", "09:00")], ["received"], "still new"),
    ([("New", "09:00"), ("Active", "10:00")], ["received", "acknowledged", "classified"], "taken up"),
    ([("Active", "10:00"), ("Active", "11:00")], ["received", "acknowledged", "classified"], "the same stage twice is one step"),
    ([("Resolved", "09:00")], ["received", "acknowledged", "classified", "result_notified"], "settled on the spot"),
    (
        [("Asked", "10:00"), ("Active", "12:00"), ("Elsewhere", "13:00"), ("Active", "15:00"), ("Resolved", "16:00"), ("Closed", "17:00")],
        ["received", "acknowledged", "classified", "customer_asked", "customer_replied", "forwarded", "department_answered", "result_notified", "closed"],
        "every wait",
    ),
    (
        [("Resolved", "10:00"), ("Active", "12:00"), ("Closed", "17:00")],
        ["received", "acknowledged", "classified", "result_notified", "closed", "reopened", "result_notified", "closed"],
        "work after the result is a re-opening",
    ),
    ([("New", "11:00"), ("New", "09:05"), ("Resolved", "10:00")], ["received", "acknowledged", "classified", "result_notified"], "a row that changes nothing may lie"),
]  # fmt: skip
# ruff: enable[E501]


def log_of(*rows: tuple[str, str], number: str = "INC1") -> list[str]:
    return [f"{number},05/10/2026 09:00,{state},05/10/2026 {at}" for state, at in rows]


@pytest.mark.parametrize(("rows", "kinds", "why"), LIVES, ids=[row[-1] for row in LIVES])
def test_a_life_told_by_rows(
    register: Register, tmp_path: Path, rows: list[tuple[str, str]], kinds: list[str], why: str
) -> None:
    report = brought(register, file_of(tmp_path, *log_of(*rows), header="number,opened,state,changed"), EVENTS)
    assert told(report) == [], why
    assert kinds_of(register, "INC1") == kinds, why
    assert verify(register).is_whole


BAD_LIVES = [
    # rows, row refused, column, part of the sentence, why
    ([("Active", "08:00")], 2, "changed", "trước lúc ghi nhận", "taken up before it was opened"),
    ([("Active", "12:00"), ("Resolved", "11:00")], 3, "changed", "trước bước", "resolved before it was taken up"),
    ([("Active", "12:00"), ("New", "13:00")], 3, "state", "quay lại “New”", "back to new"),
    ([("Active", "12:00"), ("Parked", "13:00")], 3, "state", "“Parked”", "an unknown stage"),
    ([("Active", "")], 2, "changed", "Không đọc được “05/10/2026” thành thời điểm", "no time"),
]


@pytest.mark.parametrize(("rows", "row", "column", "sentence", "why"), BAD_LIVES, ids=[row[-1] for row in BAD_LIVES])
def test_a_life_with_a_bad_row_is_refused_whole(
    sqlite_register: Register,
    tmp_path: Path,
    rows: list[tuple[str, str]],
    row: int,
    column: str,
    sentence: str,
    why: str,
) -> None:
    other = log_of(("Resolved", "11:00"), number="INC2")
    report = brought(
        sqlite_register, file_of(tmp_path, *log_of(*rows), *other, header="number,opened,state,changed"), EVENTS
    )
    assert (report.accepted, report.refused) == (1, 1), why
    (number, where, reason) = told(report)[0]
    assert (number, where) == (row, column), why
    assert any(part in reason for part in sentence.split("|")), reason
    assert kinds_of(sqlite_register, "INC1") == []


MISSHAPEN = [
    # rows of INC1, line of the reason, why
    (["INC1,05/10/2026 09:00,New,05/10/2026 09:00", "INC1,05/10/2026 09:00,Active"], 3, "a cell too few, at the end"),
    (["INC1,05/10/2026 09:00,Active", "INC1,05/10/2026 09:00,Resolved,05/10/2026 11:00"], 2, "and at the beginning"),
    (
        ["INC1,05/10/2026 09:00,New,05/10/2026 09:00", "INC1,05/10/2026 09:00,Active,05/10/2026 10:00,lạc"],
        3,
        "a cell too many",
    ),
    (['INC1,05/10/2026 09:00,"New"x,05/10/2026 09:00', "INC1,05/10/2026 09:00,New,05/10/2026 09:00"], 2, "a quote"),
    (
        ["\u200eINC1 ,05/10/2026 09:00,New", "INC1,05/10/2026 09:00,Active,05/10/2026 10:00"],
        2,
        "the reference is read as in any other row",
    ),
]


@pytest.mark.parametrize("apart", [True, False], ids=["apart", "together"])
@pytest.mark.parametrize(("rows", "line", "why"), MISSHAPEN, ids=[row[-1] for row in MISSHAPEN])
def test_a_misshapen_row_refuses_its_whole_life(
    sqlite_register: Register, tmp_path: Path, rows: list[str], line: int, why: str, apart: bool
) -> None:
    """Else the mended row would find its complaint known, and its step would never come in."""
    other = log_of(("Resolved", "11:00"), number="INC2")
    lines = [*rows[:1], *other, *rows[1:]] if apart else [*rows, *other]
    header = "number,opened,state,changed"
    refused: list[Refusal] = []
    file = file_of(tmp_path, *lines, header=header)
    report = take_in(
        sqlite_register, file, mapping(EVENTS), act=Act(None, NOW), told=Told(refused=lambda some: refused.extend(some))
    )
    assert (report.accepted, report.refused) == (1, 1), why
    assert [problem[0] for problem in told(report)] == [line + (apart and line == 3)], why
    assert [len(refusal.records) for refusal in refused] == [2], "both rows are there to be mended"
    assert kinds_of(sqlite_register, "INC1") == []
    mended = log_of(("New", "09:00"), ("Resolved", "10:00"))
    assert brought(sqlite_register, file_of(tmp_path, *mended, header=header), EVENTS).accepted == 1


def test_a_row_whose_reference_cannot_be_read_is_refused_alone(sqlite_register: Register, tmp_path: Path) -> None:
    fine, header = log_of(("New", "09:00"), ("Active", "10:00")), "number,opened,state,changed"
    rows = [fine[0], ",05/10/2026 09:00,Active", header, fine[1], ",,Active", header]
    report = brought(sqlite_register, file_of(tmp_path, *rows, header=header), EVENTS)
    assert [line for line, _, _ in told(report)] == [3, 4, 6, 7]
    assert (report.accepted, report.refused) == (1, 4)
    assert kinds_of(sqlite_register, "INC1")[-1] == "classified"


def test_rows_of_one_life_need_not_stand_together(sqlite_register: Register, tmp_path: Path) -> None:
    a, b = log_of(("Active", "10:00"), ("Resolved", "11:00")), log_of(("Active", "10:30"), number="INC2")
    brought(sqlite_register, file_of(tmp_path, a[0], b[0], a[1], header="number,opened,state,changed"), EVENTS)
    assert kinds_of(sqlite_register, "INC1")[-1] == "result_notified"
    assert kinds_of(sqlite_register, "INC2")[-1] == "classified"


def test_a_late_history_closes_with_the_reason_of_the_mapping(sqlite_register: Register, tmp_path: Path) -> None:
    row = "INC1,05/10/2026 09:00,Closed,30/10/2026 09:00"
    brought(sqlite_register, file_of(tmp_path, row, header="number,opened,state,changed"), EVENTS)
    with sqlite_register.read() as session:
        complaint = session.scalars(select(Complaint)).one()
    assert (complaint.outcome, complaint.root_cause, complaint.breach_reason) == (
        "not_recorded",
        "unknown",
        "not_recorded",
    )


def test_an_import_leaves_its_own_mark_in_the_log(register: Register, tmp_path: Path) -> None:
    brought(register, file_of(tmp_path, FINE, FINE.replace("1,", "2,", 1)), mode=Mode(batch=1))
    with register.read() as session:
        marks = list(session.scalars(select(Event.payload).where(Event.kind == "imported").order_by(Event.id)))
    assert marks == ['{"accepted":1,"source":"old_desk"}'] * 2


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_deadline_beyond_the_calendar_refuses_its_row_only(
    sqlite_register: Register, tmp_path: Path, dry_run: bool
) -> None:
    rows = [FINE.replace("05/10/2026", "20/12/2027"), FINE.replace("1,05/10/2026", "2,31/12/2027", 1)]
    later = datetime(2028, 1, 5, tzinfo=UTC)
    report = take_in(
        sqlite_register, file_of(tmp_path, *rows), mapping(), act=Act(None, later), mode=Mode(dry_run=dry_run)
    )
    assert (report.accepted, report.refused) == (1, 1)
    assert told(report)[0][0] == 3
    assert count(sqlite_register) == (0 if dry_run else 1)


def test_two_imports_at_once_bring_every_complaint_once(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one is in between when a refused row has made this one look which others can come in."""
    rehearsed, theirs = importer._rehearse, file_of(tmp_path, FINE)

    def overtaken(
        register: Register, target: importer.Target, arrivals: Sequence[Arrival]
    ) -> tuple[importer.Taken, list[tuple[Arrival, PopsError]]]:
        found = rehearsed(register, target, arrivals)
        assert brought(register, theirs).accepted == 1
        return found

    monkeypatch.setattr(importer, "_rehearse", overtaken)
    (tmp_path / "mine").mkdir()
    others = FINE.replace("1,", "2,", 1), FINE.replace("1,", "3,", 1).replace("email", "pigeon")
    report = brought(register, file_of(tmp_path / "mine", FINE, *others))
    assert (report.accepted, report.known, report.refused) == (1, 1, 1)
    assert count(register) == 2
    assert verify(register).is_whole


@pytest.mark.parametrize(
    "change", [{"active": False}, {"role": "agent"}], ids=["the account is closed", "the role may not any more"]
)
def test_who_may_import_is_asked_in_every_batch(
    sqlite_register: Register, sqlite_cast: Cast, tmp_path: Path, change: dict[str, object]
) -> None:
    def changed(_report: Report) -> None:
        with sqlite_register.write() as session:
            session.execute(update(Person).where(Person.id == sqlite_cast.lead.id).values(change))

    file = file_of(tmp_path, FINE, FINE.replace("1,", "2,", 1))
    act, told_after = Act(sqlite_cast.lead, NOW), Told(progress=changed)
    with pytest.raises(NotAllowed):
        take_in(sqlite_register, file, mapping(), act=act, mode=Mode(batch=1), told=told_after)
    assert count(sqlite_register) == 1, "the batch before it stays"


def test_a_column_may_have_any_name_in_a_template(sqlite_register: Register, tmp_path: Path) -> None:
    text = MAPPING.replace('statement = "text"', '[templates]\nstatement = "{lời khách.1 (gốc)}"')
    header = HEADER.replace("text", "lời khách.1 (gốc)")
    assert brought(sqlite_register, file_of(tmp_path, FINE, header=header), text).accepted == 1
