"""The deadlines command as a caller sees it: options, JSON, CSV, and sentences for mistakes."""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core import shipped
from core.commands import deadlines
from core.errors import Invalid, NotFound, PopsError
from core.i18n import use
from core.register import rulebook
from core.register.log.act import Act
from core.register.log.database import open_up
from core.register.organisation import lists
from core.rules.catalogue import Entry
from tests.engines import MONDAY

NOW = ("--now", "2026-12-31T09:00+07:00")


@pytest.fixture
def english() -> None:
    """The reader's language, which ``python -m core`` chooses before the command runs."""
    use("en")


def ran(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    deadlines.add(parser.add_subparsers())
    options = parser.parse_args(["deadlines", *arguments])
    return int(options.func(options))


def answered(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert ran(*arguments, *NOW, "--json") == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def told(answer: dict[str, Any], term: str) -> dict[str, Any]:
    return next(row for row in answer["terms"] if row["term"] == term)


@pytest.mark.parametrize(
    ("arguments", "term", "due", "why"),
    [
        ("pops --recorded 2026-10-09T17:29+07:00", "acknowledge", "2026-10-12T17:30:00+07:00", "inside hours"),
        ("pops --recorded 2026-10-09T17:30+07:00", "acknowledge", "2026-10-13T17:30:00+07:00", "17:30 is closed"),
        ("pops --recorded 2026-10-09T10:30:00Z", "acknowledge", "2026-10-13T17:30:00+07:00", "the same instant in UTC"),
        (
            "pops --recorded 2026-11-20T09:00+07:00 --acknowledged 2026-11-20T10:00+07:00",
            "resolve",
            "2026-11-30T17:30:00+07:00",
            "24/11 is a day off",
        ),
        (
            "pops --recorded 2025-04-25T10:00+07:00 --swaps government",
            "acknowledge",
            "2025-04-26T17:30:00+07:00",
            "swapped Saturday",
        ),
        ("pops --recorded 2025-04-25T10:00+07:00 --swaps none", "acknowledge", "2025-04-28T17:30:00+07:00", "no swaps"),
        ("misa --recorded 2026-10-10T22:30+07:00", "acknowledge", "2026-10-10T23:30:00+07:00", "elapsed hours"),
        (
            "misa --recorded 2026-08-27T09:00+07:00 --resolved 2026-08-27T15:00+07:00 --swaps government",
            "root_cause",
            "2026-09-05T00:00:00+07:00",
            "24:00 is the next day's 00:00",
        ),
        ("dai-huu --recorded 2026-10-09T16:00+07:00", "feedback", "2026-10-10T16:00:00+07:00", "24 hours"),
        ("vhv --recorded 2026-10-10T10:00+07:00", "reply", "2026-10-24T00:00:00+07:00", "10 working days"),
        ("minh-tuan --recorded 2026-01-26T09:00+07:00", "resolve", "2026-03-17T00:00:00+07:00", "across Tết"),
    ],
)
def test_due_in_json(capsys: pytest.CaptureFixture[str], arguments: str, term: str, due: str, why: str) -> None:
    assert told(answered(capsys, *arguments.split()), term)["due_at"] == due, why


def test_the_json_is_stable(capsys: pytest.CaptureFixture[str]) -> None:
    recorded = "2026-10-09T16:02+07:00"
    answer = answered(capsys, "pops", "--recorded", recorded, "--acknowledged", "2026-10-13T09:00+07:00")
    assert list(answer) == ["procedure", "recorded_at", "terms", "admissible_until"]
    assert answer["terms"][0] == {
        "term": "acknowledge",
        "unit": "working_day",
        "amount": 1,
        "starts_at": "2026-10-09T16:02:00+07:00",
        "due_at": "2026-10-12T17:30:00+07:00",
        "verdict": "missed",
        "because": [
            "1 ngày làm việc kể từ thứ Sáu 09/10/2026, ngày đầu không tính",
            "không tính thứ Bảy, Chủ nhật",
            "POPS I.3: Tiếp nhận tối đa 01 ngày làm việc tính từ ngày hệ thống ghi nhận khiếu nại qua các kênh hỗ trợ",
        ],
    }
    assert told(answer, "resolve")["verdict"] == "overdue"


def test_a_clock_that_has_not_started_has_no_due(capsys: pytest.CaptureFixture[str]) -> None:
    resolve = told(answered(capsys, "pops", "--recorded", "2026-11-20T16:02+07:00"), "resolve")
    assert (resolve["starts_at"], resolve["due_at"], resolve["verdict"]) == (None, None, None)
    assert resolve["because"][1] == "muộn nhất là 17:30 thứ Ba 01/12/2026 nếu bước trước xong đúng hạn"


@pytest.mark.parametrize(("swaps", "until"), [("government", "2026-09-07"), ("none", "2026-09-04")])
def test_until_when_vhv_takes_it(capsys: pytest.CaptureFixture[str], swaps: str, until: str) -> None:
    given = ("vhv", "--recorded", "2026-08-25T10:00+07:00", "--incident", "2026-08-24", "--swaps", swaps)
    assert answered(capsys, *given)["admissible_until"] == until


PRODUCTS = [
    # procedure, product, days until the result, last day, why
    ("vhv", "portal", 10, "2026-09-04", "a product without terms of its own"),
    ("vhv", "hosting", 5, "2026-09-04", "its own reply term"),
    ("vhv", "voucher", 10, "2026-10-07", "its own complaint period: 30 working days over 1 and 2 September"),
    ("pops", "pops_app", 5, None, "of another organisation, whose list gives it none"),
]


@pytest.mark.parametrize(("procedure", "product", "days", "until", "why"), PRODUCTS)
def test_a_product_of_the_organisation_brings_its_own_terms(
    capsys: pytest.CaptureFixture[str], procedure: str, product: str, days: int, until: str | None, why: str
) -> None:
    given = (procedure, "--recorded", "2026-08-25T10:00+07:00", "--incident", "2026-08-24", "--product", product)
    answer = answered(capsys, *given)
    assert (answer["terms"][-1]["amount"], answer["admissible_until"]) == (days, until), why


def test_a_product_that_no_organisation_of_the_procedure_has_is_refused() -> None:
    with pytest.raises(Invalid, match="There is no product pops_app: choose one of portal, e_office"):
        ran("vhv", "--recorded", "2026-08-25T10:00+07:00", "--product", "pops_app")


def test_explained_day_by_day(capsys: pytest.CaptureFixture[str]) -> None:
    days = told(answered(capsys, "pops", "--recorded", "2026-11-23T10:00+07:00", "--explain"), "acknowledge")["days"]
    assert [(day["day"], day["kind"], day["number"]) for day in days] == [
        ("2026-11-23", "start", None),
        ("2026-11-24", "skipped", None),
        ("2026-11-25", "due", 1),
    ]
    assert ran("pops", "--recorded", "2026-11-23T10:00+07:00", "--explain", *NOW) == 0
    shown = capsys.readouterr().out
    assert "Phản hồi tiếp nhận: 17:30 thứ Tư 25/11/2026 (quá hạn)" in shown
    assert "thứ Ba 24/11: ngày nghỉ, không tính (Ngày Văn hóa Việt Nam)" in shown


@pytest.mark.usefixtures("english")
def test_words_in_english(capsys: pytest.CaptureFixture[str]) -> None:
    assert ran("vhv", "--recorded", "2026-10-10T10:00+07:00", "--incident", "2026-10-09", *NOW) == 0
    shown = capsys.readouterr().out
    assert "Reply to the customer: 24:00 Friday 23/10/2026 (overdue)" in shown
    assert "Complaints are taken until the end of Tuesday 20/10/2026" in shown


ROWS = """\ufeffcode,recorded_at,acknowledged_at,resolved_at,incident_on
KN-1,2026-10-09T17:29+07:00,2026-10-12T09:00+07:00,2026-10-13T10:00+07:00,
KN-2,2026-10-09T17:30+07:00,,,
KN-3,yesterday,,,
KN-4,2026-10-09T17:30,,,
"""


@pytest.mark.usefixtures("english")
def test_a_file_of_complaints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cases, out = tmp_path / "cases.csv", tmp_path / "due.csv"
    cases.write_text(ROWS, encoding="utf-8")
    assert ran("pops", "--in", str(cases), "--out", str(out), *NOW) == 1
    with out.open(encoding="utf-8-sig", newline="") as read:
        first, second, *refused = csv.DictReader(read)
    assert first["code"] == "KN-1"
    assert first["acknowledge_due_at"] == "2026-10-12T17:30:00+07:00"
    assert first["acknowledge_verdict"] == first["resolve_verdict"] == "met"
    assert first["resolve_starts_at"] == "2026-10-12T09:00:00+07:00"
    assert second["acknowledge_starts_at"] == "2026-10-12T08:30:00+07:00"
    assert second["acknowledge_verdict"] == "overdue"
    assert second["resolve_due_at"] == second["resolve_verdict"] == ""
    assert [row["acknowledge_due_at"] for row in refused] == ["", ""]
    problems = capsys.readouterr().err
    assert "row 4: recorded_at: yesterday is not a time" in problems
    assert "row 5: recorded_at: 2026-10-09T17:30 has no time zone" in problems


def test_a_file_of_complaints_with_a_limit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cases = tmp_path / "cases.csv"
    cases.write_text("recorded_at,incident_on\n2026-08-25T10:00+07:00,2026-08-24\n", encoding="utf-8")
    assert ran("vhv", "--in", str(cases), "--swaps", "government", *NOW) == 0
    assert capsys.readouterr().out.splitlines() == [
        "recorded_at,incident_on,reply_starts_at,reply_due_at,reply_verdict,admissible_until",
        "2026-08-25T10:00+07:00,2026-08-24,2026-08-25T10:00:00+07:00,2026-09-12T00:00:00+07:00,overdue,2026-09-07",
    ]


AT_NINE, AT_TEN = "2026-11-20T09:00+07:00", "2026-11-20T10:00+07:00"
MET = ("2026-11-20T09:00:00+07:00", "2026-11-23T17:30:00+07:00", "met")


def judged(folder: Path, text: str, encoding: str = "utf-8") -> tuple[int, str]:
    """The exit code and the text of the file written for a file of ``text``, its byte order mark left on."""
    cases, out = folder / "cases.csv", folder / "due.csv"
    cases.write_bytes(text.encode(encoding))
    code = ran("pops", "--in", str(cases), "--out", str(out), *NOW)
    return code, out.read_bytes().decode("utf-8")


HEADERS = [
    ("recorded_at, acknowledged_at", "a space after the comma"),
    ("\ufeffrecorded_at,acknowledged_at", "Excel's byte order mark"),
    ("recorded_at\u00a0,\u200backnowledged_at", "a space that does not break, a sign that is not seen"),
    ("Recorded_At,ACKNOWLEDGED_AT", "capital letters"),
    ('"recorded_at","acknowledged_at"', "quoted"),
]


@pytest.mark.parametrize(("header", "why"), HEADERS)
def test_a_name_is_known_however_it_is_written(tmp_path: Path, header: str, why: str) -> None:
    code, out = judged(tmp_path, f"{header}\n{AT_NINE},{AT_TEN}\n")
    (row,) = csv.reader(out.splitlines()[1:])
    assert (code, tuple(row[2:5])) == (0, MET), why


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("first", ["", "sep={}\r\n"])
def test_the_delimiter_of_the_file_is_kept(tmp_path: Path, delimiter: str, first: str) -> None:
    rows = [["recorded_at", "acknowledged_at", "Ghi chú"], [AT_NINE, AT_TEN, "lỗi, nặng; gấp"]]
    text = "".join(delimiter.join(f'"{cell}"' for cell in row) + "\r\n" for row in rows)
    code, out = judged(tmp_path, first.format(delimiter) + text)
    header, row = csv.reader(out.splitlines(), delimiter=delimiter)
    assert code == 0
    assert header[:4] == ["\ufeffrecorded_at", "acknowledged_at", "Ghi chú", "acknowledge_starts_at"], (
        "as Excel opens it"
    )
    assert row[2:6] == ["lỗi, nặng; gấp", *MET]


UNREAD = [
    ("acknowleged_at", "column acknowleged_at: not read; did you mean acknowledged_at?"),
    ("Acknowledged at", "column Acknowledged at: not read; did you mean acknowledged_at?"),
    ("resolved", "column resolved: not read; did you mean resolved_at?"),
    ("Ghi chú", "column Ghi chú: not read\n"),
    ("resolve_due_at", "column resolve_due_at: worked out anew"),
]


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(("name", "sentence"), UNREAD)
def test_a_column_that_is_not_read_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, sentence: str
) -> None:
    code, _out = judged(tmp_path, f"recorded_at,{name}\n{AT_NINE},x\n")
    assert code == 0
    assert sentence in capsys.readouterr().err


def test_what_is_read_or_has_no_name_is_not_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = f"recorded_at,acknowledged_at,resolved_at,incident_on,,\n{AT_NINE},,,,,\n"
    assert judged(tmp_path, text)[0] == 0
    assert capsys.readouterr().err == ""


def test_a_judged_file_can_be_judged_again(tmp_path: Path) -> None:
    code, once = judged(tmp_path, f"recorded_at;acknowledged_at;Ghi chú\n{AT_NINE};;lỗi\n{AT_NINE};{AT_TEN};\n")
    again, twice = judged(tmp_path, once)
    assert (code, again) == (0, 0)
    assert twice == once
    code, changed = judged(tmp_path, once.replace(f"{AT_NINE};;lỗi", f"{AT_NINE};{AT_TEN};lỗi"))
    assert [row["acknowledge_verdict"] for row in csv.DictReader(changed.splitlines(), delimiter=";")] == ["met", "met"]


ROWS_OF_ONE = [
    (AT_NINE, "", "missing cells at the end are empty: spreadsheets leave them out"),
    (f"{AT_NINE},{AT_TEN},x,,,", "", "empty surplus cells are no fault"),
    (f"{AT_NINE},{AT_TEN},x,gấp,", "row 2: 5 cells under 3 columns", "a comma in a text that is not quoted"),
    ("2026-11-20 09:00,,x", "row 2: recorded_at: 2026-11-20 09:00 has no time zone", "a naive time names no instant"),
    (
        f"{AT_NINE},20/11/2026 10:00,x",
        "row 2: acknowledged_at: 20/11/2026 10:00 is not a time",
        "another column's fault",
    ),
    (f",{AT_TEN},x", "row 2: recorded_at: is missing", "nothing to count from"),
    (
        f'\n  ,,\n{AT_NINE},,"a\nb"\nyesterday,,x',
        "row 6: recorded_at: yesterday",
        "the line of the file, blank rows left out",
    ),
]


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(("rows", "problem", "why"), ROWS_OF_ONE)
def test_a_row_is_judged_or_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rows: str, problem: str, why: str
) -> None:
    code, out = judged(tmp_path, f"recorded_at,acknowledged_at,note\n{rows}\n")
    *_, last = csv.reader(out.splitlines(keepends=True))
    problems = [line for line in capsys.readouterr().err.splitlines() if line.startswith("row")]
    assert code == bool(problem), why
    assert len(last) == 9, "three columns and two terms of three answers each"
    assert (last[4] == "") is bool(problem), why
    assert len(problems) == code and all(line.startswith(problem) for line in problems), why


@pytest.mark.parametrize("header", ["recorded_at,Recorded_at", "recorded_at,note,note"])
def test_a_doubled_name_is_refused_before_anything_is_written(tmp_path: Path, header: str) -> None:
    with pytest.raises(Invalid, match="more than once"):
        judged(tmp_path, f"{header}\n{AT_NINE},x,y\n")
    assert not (tmp_path / "due.csv").exists()


def test_rows_are_judged_while_they_are_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that breaks off in the middle: what stood before the break is written."""
    cases = tmp_path / "cases.csv"
    cases.write_bytes(f"recorded_at\n{AT_NINE}\n".encode() + b"x" * 20_000 + b"\n\xff")
    with pytest.raises(Invalid, match="cannot be used"):
        ran("pops", "--in", str(cases), *NOW)
    assert MET[1] in capsys.readouterr().out


FOUND = [
    (
        (
            f"recorded_at,acknowledged_at,resolve_due_at,x\n{AT_NINE},{AT_TEN},keepme,1\n{AT_NINE},,keep2,2\n"
            f"2026-11-20 09:00,,bad,3\n\n{AT_NINE},,a,4,5,6\n{AT_NINE}\n"
        ),
        1,
        ("row 4: recorded_at", "row 6: 6 cells under 4 columns", "column x: not read"),
    ),
    (
        f"recorded_at,acknowleged_at,resolved\n{AT_NINE},{AT_TEN},2026-11-21T10:00+07:00\n",
        0,
        ("did you mean acknowledged_at?", "did you mean resolved_at?"),
    ),
    (f"recorded_at,Ghi chú\n{AT_NINE},lỗi đăng nhập\n", 0, ("column Ghi chú: not read",)),
]
"""Files that were judged wrongly, or without a word, before."""


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(("text", "code", "words"), FOUND)
def test_files_that_went_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, code: int, words: tuple[str, ...]
) -> None:
    found, out = judged(tmp_path, text)
    problems = capsys.readouterr().err
    assert found == code and out.startswith("\ufeff")
    assert [word for word in words if word not in problems] == []
    assert "keepme" not in out and "keep2" not in out


def test_the_help_says_what_the_exit_codes_mean(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        ran("--help")
    assert "exit codes: 0 everything was judged; 1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ("popz --recorded 2026-10-09T10:00+07:00", NotFound, "choose one of dai-huu"),
        ("pops", Invalid, "--recorded"),
        ("pops --recorded 2026-10-09T10:00", Invalid, "no time zone"),
        ("pops --recorded 09/10/2026", Invalid, "is not a time"),
        ("pops --recorded 2031-10-09T10:00+07:00", Invalid, "2015 to 2027"),
        ("vhv --recorded 2026-10-09T10:00+07:00 --incident 9/10", Invalid, "is not a date"),
        ("pops --in /nowhere/cases.csv", Invalid, "cannot be used"),
    ],
)
def test_mistakes_are_one_sentence(arguments: str, error: type[PopsError], words: str) -> None:
    with pytest.raises(error, match=words):
        ran(*arguments.split())


@pytest.mark.parametrize("moment", ["0001-01-01T00:00+07:00", "9999-12-31T23:59-07:00"])
def test_a_moment_outside_all_calendars_is_one_sentence(moment: str) -> None:
    with pytest.raises(Invalid, match="is not a time like"):
        ran("pops", "--recorded", moment)


def test_a_cell_without_end_is_one_sentence(tmp_path: Path) -> None:
    source = tmp_path / "cases.csv"
    source.write_text("recorded_at,x\n2026-11-20T16:02+07:00," + "a" * 1_100_000, encoding="utf-8")
    with pytest.raises(Invalid, match="cannot be used"):
        ran("pops", "--in", str(source))


def test_a_file_needs_its_column_and_is_never_overwritten(tmp_path: Path) -> None:
    cases = tmp_path / "cases.csv"
    cases.write_text("received\n2026-10-09T10:00+07:00\n", encoding="utf-8")
    with pytest.raises(Invalid, match="recorded_at; it has received"):
        ran("pops", "--in", str(cases))
    with pytest.raises(Invalid, match="another file"):
        ran("pops", "--in", str(cases), "--out", str(cases))
    assert cases.read_text(encoding="utf-8").startswith("received")


def test_from_the_shell() -> None:
    command = [sys.executable, "-m", "core", "deadlines", "pops", "--recorded", "2026-11-20T16:02+07:00", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parent.parent)
    assert done.returncode == 0, done.stderr
    assert told(json.loads(done.stdout), "acknowledge")["due_at"] == "2026-11-23T17:30:00+07:00"


def test_the_register_answers_by_its_own_procedure_calendar_and_products(
    empty_database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_database_url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    register = open_up(empty_database_url, tmp_path / "evidence", organisation="vhv", now=MONDAY)
    recorded = ("--recorded", "2026-11-16T09:00+07:00")
    ten_days = told(answered(capsys, "--register", *recorded), "reply")
    assert ten_days == told(answered(capsys, "vhv", *recorded), "reply"), "as shipped while nothing was changed"
    text = shipped.procedure_texts()["vhv"].replace("amount = 10", "amount = 4", 1)
    with register.write() as session:
        rulebook.add_procedure(session, "vhv", text, Act(None, MONDAY))
        lists.add(session, "products", Entry("", "Gói thử", "Trial", reply_days=2), Act(None, MONDAY), version=1)
    four_days = told(answered(capsys, "--register", *recorded), "reply")
    two_days = told(answered(capsys, "--register", "--product", "goi_thu", *recorded), "reply")
    due = [one["due_at"] for one in (ten_days, four_days, two_days)]
    ends = [f"{day}T00:00:00+07:00" for day in ("2026-12-02", "2026-11-21", "2026-11-19")]
    assert due == ends, "24:00 of the tenth, fourth and second working day after it; 24/11 is a day off"
    for arguments in (("pops", "--register"), (), ("--register", "--swaps", "none")):
        with pytest.raises(PopsError):
            ran(*arguments, *recorded)
    register.engine.dispose()


def test_whoever_reads_may_stop_reading() -> None:
    """As ``| head -3`` does: no traceback."""
    command = [sys.executable, "-m", "core", "deadlines", "pops", "--recorded", "2026-11-20T10:00+07:00"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=Path(__file__).parent.parent
    ) as running:
        assert running.stdout is not None and running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 0
