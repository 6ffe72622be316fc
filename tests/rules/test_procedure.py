"""A procedure file becomes a value, and a wrong one says which file, which key and why."""

from __future__ import annotations

import dataclasses
from datetime import date, time
from pathlib import Path

import pytest

from core import shipped
from core.errors import Invalid, NotFound
from core.rules import clocks, terms
from core.rules.procedure import AfterHours, Procedure, Repeats, Unit, check, dump, parse
from tests.engines import everything
from tests.local_time import at
from tests.rules.unknown_names import UNKNOWN

POPS = (shipped.DATA / "procedures" / "pops.toml").read_text(encoding="utf-8")

SIXTH = """
key = "ha-long"
name = "Quy trình Hạ Long"
name_en = "Ha Long procedure"
organisation = "Hạ Long"
swaps = "government"
pause_on = ["waiting_customer"]

[hours]
stated = true
rule = "Sáng 08:00-12:00, chiều 13:00-17:00, thứ Bảy buổi sáng"
decision = "D2"
monday = ["08:00-12:00", "13:00-17:00"]
tuesday = ["08:00-12:00", "13:00-17:00"]
wednesday = ["08:00-12:00", "13:00-17:00"]
thursday = ["08:00-12:00", "13:00-17:00"]
friday = ["08:00-12:00", "13:00-17:00"]
saturday = ["08:00-12:00"]

[[terms]]
key = "acknowledge"
stage = "acknowledge"
label = "Tiếp nhận"
label_en = "Acknowledge"
from = "received"
to = ["acknowledged"]
amount = 90
unit = "working_minute"
after_hours = "next_open"
warn_at = 0.5
source = "Hạ Long 1"
rule = "Trả lời trong 90 phút làm việc"
decision = "D3"

[[terms]]
key = "refund"
stage = "resolve"
label = "Hoàn tiền"
label_en = "Refund"
from = "incident"
to = ["result_notified"]
amount = 10
unit = "calendar_day"
after_hours = "same_day"
warn_at = 0.5
source = "Hạ Long 2"
rule = "Hoàn tiền trong 10 ngày kể từ ngày gặp sự cố"
decision = "D1"

[admissible]
amount = 5
unit = "calendar_day"
source = "Hạ Long 3"
rule = "Nhận trong 5 ngày"
decision = "D1"
"""


def test_adding_a_sixth_procedure_is_adding_a_file(tmp_path: Path) -> None:
    for path in (shipped.DATA / "procedures").glob("*.toml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "ha-long.toml").write_text(SIXTH, encoding="utf-8")
    found = shipped.read_procedures(tmp_path)
    assert set(found) == {*shipped.procedures(), "ha-long"}
    own = found["ha-long"]
    calendar = own.calendar(shipped.calendar_days(own.swaps))
    events = [clocks.Occurrence("received", at("2026-10-09 16:00"))]
    by_term = {c.term: c for c in clocks.cycles(own, calendar, events, incident_on=date(2026, 10, 2))}
    assert by_term["acknowledge"].due_at == at("2026-10-10 08:30"), (
        "an hour on Friday, half an hour on Saturday morning"
    )
    assert by_term["refund"].due_at == at("2026-10-13 00:00"), "the tenth day is Monday 12/10, to its end"
    assert terms.admissible_until(own, calendar, date(2026, 10, 5)) == date(2026, 10, 10)
    assert terms.admissible_until(own, calendar, date(2026, 10, 6)) == date(2026, 10, 12), "a Sunday moves to Monday"
    assert terms.admissible_until(own, calendar, date(2026, 10, 5), 30) == date(2026, 11, 4), "its own limit"


def test_pops_says_what_its_source_says() -> None:
    pops = shipped.procedure("pops")
    assert pops.week == (((time(8, 30), time(17, 30)),),) * 5 + ((), ())
    assert [(t.key, t.amount, t.unit, t.after_hours) for t in pops.terms] == [
        ("acknowledge", 1, Unit.WORKING_DAY, AfterHours.NEXT_OPEN),
        ("resolve", 5, Unit.WORKING_DAY, AfterHours.NEXT_OPEN),
    ]
    assert pops.terms[1].repeats is Repeats.ON_REOPENING
    assert [(g.key, g.at_least, g.at_most) for g in pops.guides] == [
        ("classify", 1, 1),
        ("investigate", 1, 5),
        ("conciliate", 1, 5),
        ("notify", 1, 1),
        ("close", 1, 1),
    ]
    assert (pops.pause_on, pops.swaps, pops.admissible) == ((), "none", None)
    assert pops.conciliation is not None
    assert pops.conciliation.rounds == 2


@pytest.mark.parametrize(
    ("key", "promised", "stated"),
    [
        (
            "misa",
            [
                ("acknowledge", 1, "hour"),
                ("reply", 24, "hour"),
                ("root_cause", 3, "working_day"),
                ("action_evidence", 3, "working_day"),
            ],
            False,
        ),
        ("vhv", [("reply", 10, "working_day")], False),
        ("minh-tuan", [("feedback", 24, "hour"), ("resolve", 30, "working_day")], False),
        ("dai-huu", [("feedback", 24, "hour"), ("resolve", 20, "working_day")], False),
        ("pops", [("acknowledge", 1, "working_day"), ("resolve", 5, "working_day")], True),
    ],
)
def test_the_numbers_of_each_source(key: str, promised: list[tuple[str, int, str]], stated: bool) -> None:
    procedure = shipped.procedure(key)
    assert [(t.key, t.amount, t.unit.value) for t in procedure.terms] == promised
    assert procedure.hours_stated is stated
    assert all(term.source and term.rule and term.decision.startswith("D") for term in procedure.terms)


def test_an_unknown_procedure_names_those_there_are() -> None:
    with pytest.raises(NotFound, match="pops"):
        shipped.procedure("popps")


def test_a_procedure_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        shipped.procedure("pops").version = 2  # type: ignore[misc]  # that it cannot is the point


@pytest.mark.parametrize(
    ("good", "bad", "key", "reason"),
    [
        ('key = "pops"\n', 'key = "pops"\nversion = 1\n', "version", "the register counts versions, remove this line"),
        ('key = "pops"\n', 'key = "pops"\nverzion = 1\n', "verzion", "check its spelling"),
        ('key = "pops"\n', 'kye = "pops"\n', "key", "missing"),
        ("rounds = 2", 'rounds = "2"', "conciliation.rounds", "whole number"),
        ("rounds = 2", "rounds = true", "conciliation.rounds", "whole number"),
        ('swaps = "none"', 'swaps = "some"', "swaps", "one of none, government"),
        ("pause_on = []", 'pause_on = ["weather"]', "pause_on", "waiting_customer"),
        ('monday = ["08:30-17:30"]', 'monday = ["08:30"]', "hours.monday", "intervals like"),
        ('monday = ["08:30-17:30"]', 'monday = ["17:30-08:30"]', "hours.monday", "closes before it opens"),
        ('monday = ["08:30-17:30"]', 'monday = ["08:30-12:00", "11:00-17:00"]', "hours.monday", "overlaps"),
        ("stated = true", "stated = false", "hours.monday", "write 00:00-24:00"),
        ('unit = "working_day"', 'unit = "fortnight"', "terms\\[1\\].unit", "one of working_day"),
        ("amount = 1\n", "amount = -1\n", "terms\\[1\\].amount", "at least 1"),
        ("amount = 5", "amount = 5.5", "terms\\[2\\].amount", "whole number"),
        ("warn_at = 0.75", "warn_at = 75", "terms\\[1\\].warn_at", "between 0 and 1"),
        ('after_hours = "next_open"', 'after_hours = "whenever"', "terms\\[1\\].after_hours", "next_open, same_day"),
        ('key = "resolve"', 'key = "acknowledge"', "terms", "one key to two terms"),
        ('from = "received"', 'fron = "received"', "terms\\[1\\].from", "missing"),
        ('to = ["result_notified", "closed"]', "to = []", "terms\\[2\\].to", "event that meets"),
        ("at_most = 5", "at_most = 0", "guides\\[2\\].at_most", "at least 1"),
        ("rounds = 2", "rounds = 0", "conciliation.rounds", "at least 1"),
        ('to = ["acknowledged",', 'to = ["acknowledged", "acknowledged",', "terms\\[1\\].to", "twice"),
    ],
)
def test_a_wrong_file_says_which_key_and_why(good: str, bad: str, key: str, reason: str) -> None:
    assert good in POPS
    with pytest.raises(Invalid, match=rf"^ours\.toml: {key} .*{reason}"):
        parse(POPS.replace(good, bad, 1), file="ours.toml")


def test_a_text_stored_with_lines_of_an_older_version_is_still_read() -> None:
    stored = POPS.replace('key = "pops"\n', 'key = "pops"\nversion = 1\ncategories = ["login"]\nlevels = []\n')
    vhv = (shipped.DATA / "procedures" / "vhv.toml").read_text(encoding="utf-8")
    own = vhv + "\n[admissible.products]\nvoucher = 30\n"
    assert parse(own, file="vhv.toml", version=1) == parse(vhv, file="vhv.toml", version=1)
    with pytest.raises(Invalid, match=r"vhv\.toml: admissible\.products .* stands in the list of products"):
        parse(own, file="vhv.toml")
    assert parse(stored, file="pops.toml", version=3) == parse(POPS, file="pops.toml", version=3)
    assert parse(stored, file="pops.toml", version=3).version == 3
    assert parse(POPS, file="pops.toml").version == 0, "no register has taken it into use"


def changed(key: str, **changes: object) -> Procedure:
    return dataclasses.replace(shipped.procedure(key), **changes)  # type: ignore[arg-type]  # fields of several types


MORNING = (time(7), time(11, 30)), (time(13), time(0))
WRITTEN = [
    # procedure, why
    *((one, key) for key, one in sorted(shipped.procedures().items())),
    (parse(SIXTH, file="ha-long.toml"), "minutes, calendar days, a pause, a Saturday, another day's hours"),
    (changed("pops", week=(MORNING, *((),) * 6)), "two intervals a day, the second until 24:00"),
    (changed("pops", name='Quy trình "mới" \\ dòng\nhai'), "quotation marks, a backslash and a line break"),
    (changed("pops", guides=(), conciliation=None, flags=frozenset()), "nothing but terms"),
]


@pytest.mark.parametrize(("procedure", "why"), WRITTEN, ids=[why for _, why in WRITTEN])
def test_what_is_written_is_read_as_the_same_value(procedure: Procedure, why: str) -> None:
    assert parse(dump(procedure), file="ours.toml") == procedure, why


def test_only_what_ends_with_the_result_follows_the_term_of_a_product() -> None:
    misa = shipped.procedure("misa").with_reply_days(4)
    assert [(t.key, t.amount, t.unit, t.is_products_own) for t in misa.terms] == [
        ("acknowledge", 1, Unit.HOUR, False),
        ("reply", 4, Unit.WORKING_DAY, True),
        ("root_cause", 3, Unit.WORKING_DAY, False),
        ("action_evidence", 3, Unit.WORKING_DAY, False),
    ]
    assert shipped.procedure("misa").with_reply_days(None) is shipped.procedure("misa"), "the product has none"


@pytest.mark.parametrize("key", sorted(shipped.procedures()))
def test_a_shipped_procedure_names_only_what_is_known(key: str) -> None:
    check(shipped.procedure(key), everything(), file=f"{key}.toml")


@pytest.mark.parametrize(("key", "good", "bad", "says", "mend"), UNKNOWN)
def test_a_name_that_nobody_knows_is_refused(key: str, good: str, bad: str, says: str, mend: str) -> None:
    text = (shipped.DATA / "procedures" / f"{key}.toml").read_text(encoding="utf-8")
    assert good in text
    procedure = parse(text.replace(good, bad, 1), file="ours.toml")
    with pytest.raises(Invalid) as refused:
        check(procedure, shipped.catalogues(key), file="ours.toml")
    assert str(refused.value).startswith(f"ours.toml: {says}")
    assert mend in str(refused.value)


KEYS = [
    # procedure, line as shipped, line with another key, path, longest, why
    ("pops", 'key = "acknowledge"', 'key = "Acknowledge"', "terms[1].key", 24, "a capital letter"),
    ("pops", 'key = "acknowledge"', f'key = "{"k" * 25}"', "terms[1].key", 24, "longer than the column of clocks"),
    ("pops", 'key = "acknowledge"', 'key = "xac nhan"', "terms[1].key", 24, "a blank"),
]


@pytest.mark.parametrize(("key", "good", "bad", "path", "longest", "why"), KEYS)
def test_a_key_the_register_could_not_hold_is_refused(
    key: str, good: str, bad: str, path: str, longest: int, why: str
) -> None:
    text = (shipped.DATA / "procedures" / f"{key}.toml").read_text(encoding="utf-8")
    assert good in text
    procedure = parse(text.replace(good, bad, 1), file="ours.toml")
    with pytest.raises(Invalid) as refused:
        check(procedure, everything(), file="ours.toml")
    wanted = f"ours.toml: {path} must be lower-case letters, digits and _, 2 to {longest} of them"
    assert str(refused.value).startswith(wanted), why


def test_what_counts_as_an_event_is_the_callers() -> None:
    with pytest.raises(Invalid, match=r"pops\.toml: terms\[1\]\.to names an unknown event “result_notified”"):
        check(shipped.procedure("pops"), everything(), {"received", "acknowledged"}, file="pops.toml")


def test_broken_toml_names_file_and_line() -> None:
    with pytest.raises(Invalid, match=r"ours\.toml: this is not valid TOML.*line 2"):
        parse('key = "x"\nname = = 1', file="ours.toml")


def test_a_file_named_unlike_its_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "popz.toml").write_text(POPS, encoding="utf-8")
    with pytest.raises(Invalid, match=r"popz\.toml: key must be popz"):
        shipped.read_procedures(tmp_path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            (
                'year = 2026\n[[off]]\nday = "2026-01-01"\nname = "a"\nname_en = "a"\n'
                'source = "s"\nconfidence = "confirmed"'
            ),
            "a date",
        ),
        (
            'year = 2026\n[[off]]\nday = 2026-01-01\nname = "a"\nname_en = "a"\nsource = "s"\nconfidence = "sure"',
            "one of confirmed",
        ),
        ('year = 2026\n[[swap]]\noff = 2026-01-02\nsource = "s"\nconfidence = "confirmed"', "name_off is missing"),
        ("year = 2026\nholidays = []", "check its spelling"),
        (
            'year = 2026\n[[off]]\nday = 2027-01-01\nname = "a"\nname_en = "a"\nsource = "s"\nconfidence = "confirmed"',
            "outside",
        ),
    ],
)
def test_a_wrong_calendar_file_says_why(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "2026.toml").write_text(text, encoding="utf-8")
    with pytest.raises(Invalid, match=words):
        shipped.read_calendar(tmp_path)


def test_a_gap_between_calendar_years_is_refused(tmp_path: Path) -> None:
    for year in (2025, 2027):
        (tmp_path / f"{year}.toml").write_text(f"year = {year}", encoding="utf-8")
    with pytest.raises(Invalid, match="one year after another"):
        shipped.read_calendar(tmp_path)
