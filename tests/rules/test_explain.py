"""A deadline explains itself: one sentence, the steps of the count, and day by day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from core import shipped
from core.rules import clocks, reasons, terms
from core.rules.calendar import WorkCalendar
from core.rules.clocks import ClockPayload, Cycle, Occurrence
from core.rules.procedure import AfterHours, Procedure, Unit
from tests.local_time import at


def under(key: str, swaps: str = "none") -> tuple[Procedure, WorkCalendar]:
    procedure = shipped.procedure(key)
    return procedure, procedure.calendar(shipped.calendar_days(swaps))


def clock(key: str, term: str, *steps: tuple[str, str], swaps: str = "none", data: ClockPayload | None = None) -> Cycle:
    events = [Occurrence(kind, at(when), data or {}) for kind, when in steps]
    return [c for c in clocks.cycles(*under(key, swaps), events) if c.term == term][-1]


# ruff: disable[E501]  # a row of a table stays one line
SENTENCES = [
    (
        "pops", "resolve", "none", [("received", "2026-11-20 09:00"), ("acknowledged", "2026-11-20 10:00")],
        ("Hạn thông báo kết quả là 17:30 thứ Hai 30/11/2026: 5 ngày làm việc kể từ thứ Sáu 20/11/2026, ngày đầu không tính; "
        "không tính 24/11 (Ngày Văn hóa Việt Nam) và thứ Bảy, Chủ nhật (theo POPS I.3)."),
        "a holiday and a weekend are left out",
    ),
    (
        "pops", "acknowledge", "none", [("received", "2026-11-21 16:02")],
        ("Hạn phản hồi tiếp nhận là 17:30 thứ Tư 25/11/2026: 16:02 thứ Bảy 21/11/2026 ngoài giờ tiếp nhận nên coi như nhận lúc "
        "08:30 thứ Hai 23/11/2026; 1 ngày làm việc kể từ thứ Hai 23/11/2026, ngày đầu không tính; "
        "không tính 24/11 (Ngày Văn hóa Việt Nam) (theo POPS I.3)."),
        "received on a Saturday",
    ),
    (
        "pops", "acknowledge", "none", [("received", "2026-11-24 10:00")],
        ("Hạn phản hồi tiếp nhận là 17:30 thứ Năm 26/11/2026: 10:00 thứ Ba 24/11/2026 ngoài giờ tiếp nhận (Ngày Văn hóa Việt Nam) "
        "nên coi như nhận lúc 08:30 thứ Tư 25/11/2026; 1 ngày làm việc kể từ thứ Tư 25/11/2026, ngày đầu không tính (theo POPS I.3)."),
        "received on a day off, which is named",
    ),
    (
        "pops", "acknowledge", "government", [("received", "2025-04-25 10:00")],
        ("Hạn phản hồi tiếp nhận là 17:30 thứ Bảy 26/04/2025: 1 ngày làm việc kể từ thứ Sáu 25/04/2025, ngày đầu không tính; "
        "có tính ngày 26/04 (Làm bù cho ngày 02/05/2025) (theo POPS I.3)."),
        "a worked Saturday is named",
    ),
    (
        "minh-tuan", "resolve", "none", [("received", "2026-01-26 09:00")],
        ("Hạn giải quyết khiếu nại là 24:00 thứ Hai 16/03/2026: 30 ngày làm việc kể từ thứ Hai 26/01/2026, ngày đầu không tính; "
        "không tính 16/02 đến 20/02 (nghỉ lễ, Tết) và thứ Bảy, Chủ nhật (theo Minh Tuấn bước 5)."),
        "the end of a day is 24:00 of that day; Tết is one stretch",
    ),
    (
        "misa", "acknowledge", "none", [("received", "2026-10-10 22:30")],
        ("Hạn tiếp nhận khiếu nại là 23:30 thứ Bảy 10/10/2026: 1 giờ liên tục kể từ 22:30 thứ Bảy 10/10/2026, "
        "tính cả ban đêm và ngày nghỉ (theo MISA bước 1)."),
        "hours of the clock",
    ),
    (
        "pops", "resolve", "none",
        [("received", "2026-10-01 09:00"), ("result_notified", "2026-10-02 09:00"), ("closed", "2026-10-02 10:00"), ("reopened", "2026-10-05 09:00")],
        ("Hạn thông báo kết quả là 17:30 thứ Hai 12/10/2026: 5 ngày làm việc kể từ thứ Hai 05/10/2026, ngày đầu không tính; "
        "không tính thứ Bảy, Chủ nhật; tính lại từ khi mở lại hồ sơ lần 1 (theo POPS I.3)."),
        "re-opened",
    ),
]  # fmt: skip
# ruff: enable[E501]


@pytest.mark.parametrize(("key", "term", "swaps", "steps", "sentence", "why"), SENTENCES)
def test_one_sentence_for_the_customer(
    key: str, term: str, swaps: str, steps: list[tuple[str, str]], sentence: str, why: str
) -> None:
    assert reasons.because(clock(key, term, *steps, swaps=swaps), *under(key, swaps)) == sentence, why


def test_the_sentence_in_english() -> None:
    cycle = clock("pops", "resolve", ("received", "2026-11-20 09:00"), ("acknowledged", "2026-11-20 10:00"))
    assert reasons.because(cycle, *under("pops"), "en") == (
        "The deadline for result to the customer is 17:30 Monday 30/11/2026: 5 working days from Friday 20/11/2026, "
        "the first day not counted; "
        "leaving out 24/11 (Vietnam Cultural Day) and Saturdays and Sundays (under POPS I.3)."
    )


def test_a_promised_date_explains_itself() -> None:
    data: ClockPayload = {"kind": "reply", "due_at": "2026-10-12T12:00+07:00"}
    cycle = clock("pops", "promised_reply", ("date_promised", "2026-10-06 10:00"), data=data)
    assert reasons.because(cycle, *under("pops")) == (
        "Hạn đã hẹn với khách hàng là 12:00 thứ Hai 12/10/2026: "
        "ngày hẹn được báo cho khách hàng lúc 10:00 thứ Ba 06/10/2026."
    )


def test_day_by_day() -> None:
    cycle = clock("pops", "resolve", ("received", "2026-11-20 09:00"), ("acknowledged", "2026-11-20 10:00"))
    days = reasons.explain(cycle, *under("pops"))
    assert [(d.day.day, d.kind, d.number) for d in days] == [
        (20, "start", None),
        (21, "skipped", None),
        (22, "skipped", None),
        (23, "counted", 1),
        (24, "skipped", None),
        (25, "counted", 2),
        (26, "counted", 3),
        (27, "counted", 4),
        (28, "skipped", None),
        (29, "skipped", None),
        (30, "due", 5),
    ]
    assert days[4].text == "thứ Ba 24/11: ngày nghỉ, không tính (Ngày Văn hóa Việt Nam)"
    assert days[-1].text_en == "Monday 30/11: working day 5, the term ends"


C, M = Unit.CALENDAR_DAY, Unit.WORKING_MINUTE
NEXT, SAME = AfterHours.NEXT_OPEN, AfterHours.SAME_DAY
# unit, amount, what comes outside hours, received, what the days say (POPS hours; 24/11/2026 is a day off), why
DAYS = [
    (
        C, 5, SAME, "2026-11-20 09:00",
        ["thứ Sáu 20/11: ngày đầu, không tính", "thứ Bảy 21/11: ngày thứ 1", "Chủ nhật 22/11: ngày thứ 2",
         "thứ Hai 23/11: ngày thứ 3", "thứ Ba 24/11: ngày thứ 4 (Ngày Văn hóa Việt Nam)",
         "thứ Tư 25/11: ngày thứ 5, hết hạn"],
        "weekends and days off count",
    ),
    (
        C, 1, SAME, "2026-11-20 09:00",
        ["thứ Sáu 20/11: ngày đầu, không tính", "thứ Bảy 21/11: ngày thứ 1, trùng ngày nghỉ nên dời hạn",
         "Chủ nhật 22/11: cuối tuần, không tính", "thứ Hai 23/11: ngày làm việc kế tiếp, hết hạn"],
        "the last one is a day off: the end moves, and what lies between does not count",
    ),
    (
        C, 1, SAME, "2026-11-23 09:00",
        ["thứ Hai 23/11: ngày đầu, không tính",
         "thứ Ba 24/11: ngày thứ 1, trùng ngày nghỉ nên dời hạn (Ngày Văn hóa Việt Nam)",
         "thứ Tư 25/11: ngày làm việc kế tiếp, hết hạn"],
        "it moves from a holiday too",
    ),
    (
        C, 2, SAME, "2026-11-21 09:00",
        ["thứ Bảy 21/11: ngày đầu, không tính", "Chủ nhật 22/11: ngày thứ 1", "thứ Hai 23/11: ngày thứ 2, hết hạn"],
        "the first day is not counted because it is the first, not because of the weekend",
    ),
    (
        C, 2, NEXT, "2026-11-20 18:00",
        ["thứ Hai 23/11: ngày đầu, không tính", "thứ Ba 24/11: ngày thứ 1 (Ngày Văn hóa Việt Nam)",
         "thứ Tư 25/11: ngày thứ 2, hết hạn"],
        "deemed received at the next opening",
    ),
    (M, 60, NEXT, "2026-11-20 09:00", ["thứ Sáu 20/11: 60 phút trong giờ làm việc, hết hạn"], "all on the first day"),
    (
        M, 120, NEXT, "2026-11-20 16:00",
        ["thứ Sáu 20/11: 90 phút trong giờ làm việc", "thứ Bảy 21/11: cuối tuần, không tính",
         "Chủ nhật 22/11: cuối tuần, không tính", "thứ Hai 23/11: 30 phút trong giờ làm việc, hết hạn"],
        "the first day counts, the weekend does not",
    ),
    (
        M, 120, NEXT, "2026-11-23 16:30",
        ["thứ Hai 23/11: 60 phút trong giờ làm việc", "thứ Ba 24/11: ngày nghỉ, không tính (Ngày Văn hóa Việt Nam)",
         "thứ Tư 25/11: 60 phút trong giờ làm việc, hết hạn"],
        "nor does a day off",
    ),
    (
        M, 60, NEXT, "2026-11-23 16:59:40",
        ["thứ Hai 23/11: 30 phút trong giờ làm việc", "thứ Ba 24/11: ngày nghỉ, không tính (Ngày Văn hóa Việt Nam)",
         "thứ Tư 25/11: 30 phút trong giờ làm việc, hết hạn"],
        "30 min 20 s and 29 min 40 s: what is shown sums to the term",
    ),
    (
        M, 60, SAME, "2026-11-23 18:00",
        ["thứ Hai 23/11: ngoài giờ làm việc, không tính",
         "thứ Ba 24/11: ngày nghỉ, không tính (Ngày Văn hóa Việt Nam)",
         "thứ Tư 25/11: 60 phút trong giờ làm việc, hết hạn"],
        "after closing nothing of that day counts",
    ),
    (
        M, 60, NEXT, "2025-04-25 17:00",
        ["thứ Sáu 25/04: 30 phút trong giờ làm việc",
         "thứ Bảy 26/04: 30 phút trong giờ làm việc, hết hạn (Làm bù cho ngày 02/05/2025)"],
        "a worked Saturday counts",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("unit", "amount", "after_hours", "received", "days", "why"), DAYS, ids=[r[-1] for r in DAYS])
def test_each_day_says_whether_it_counts(
    unit: Unit, amount: int, after_hours: AfterHours, received: str, days: list[str], why: str
) -> None:
    pops, calendar = under("pops", "government" if "2025" in received else "none")
    term = replace(pops.terms[0], unit=unit, amount=amount, after_hours=after_hours)
    procedure = replace(pops, terms=(term,))
    [cycle] = clocks.cycles(procedure, calendar, [Occurrence("received", at(received))])
    found = reasons.explain(cycle, procedure, calendar)
    assert [day.text for day in found] == days, why
    assert [day.kind in (reasons.COUNTED, reasons.DUE) for day in found] == ["không tính" not in day for day in days]


def test_the_days_to_a_promised_date_say_their_open_time() -> None:
    data: ClockPayload = {"kind": "reply", "due_at": "2026-10-12T12:00+07:00"}
    cycle = clock("pops", "promised_reply", ("date_promised", "2026-10-08 10:00"), data=data)
    assert [day.text_en for day in reasons.explain(cycle, *under("pops"))] == [
        "Thursday 08/10: 450 minutes of office time",
        "Friday 09/10: 540 minutes of office time",
        "Saturday 10/10: weekend, not counted",
        "Sunday 11/10: weekend, not counted",
        "Monday 12/10: 210 minutes of office time, the term ends",
    ]


@pytest.mark.parametrize("key", sorted(shipped.procedures()))
@pytest.mark.parametrize("received", ["2026-02-14 12:00", "2026-08-28 23:00", "2026-11-23 17:30", "2025-04-25 10:00"])
def test_the_days_sum_to_the_open_time_and_end_on_the_term(key: str, received: str) -> None:
    procedure, calendar = under(key, "government")
    steps = [
        ("received", received),
        ("acknowledged", received),
        ("result_notified", received),
        ("action_done", received),
    ]
    for cycle in clocks.cycles(procedure, calendar, [Occurrence(kind, at(when)) for kind, when in steps]):
        days = reasons.explain(cycle, procedure, calendar)
        assert [d.day for d in days] == [days[0].day + timedelta(days=i) for i in range(len(days))]
        term = clocks.term_of(cycle, procedure)
        assert term is not None
        around = (cycle.due_at - cycle.starts_at).total_seconds()
        counted = around if term.unit.value == "hour" else calendar.seconds_between(cycle.starts_at, cycle.due_at)
        assert sum(d.seconds for d in days) == counted
        if term.unit.value == "working_day":
            assert [d.number for d in days if d.number] == list(range(1, term.amount + 1))
        assert reasons.because(cycle, procedure, calendar).endswith(f"(theo {term.source}).")


@pytest.mark.parametrize(
    ("acknowledged", "days"),
    [
        (
            "2026-11-20 16:30",  # a Friday: the Saturday counts
            ["thứ Sáu 20/11: 7 giờ 30 phút", "thứ Bảy 21/11: 16 giờ 30 phút, hết hạn"],
        ),
        (
            "2026-11-23 20:15:40",  # into a public holiday; the minutes sum to 24 hours in spite of the seconds
            ["thứ Hai 23/11: 3 giờ 44 phút", "thứ Ba 24/11: 20 giờ 16 phút, hết hạn"],
        ),
        ("2026-11-23 00:00", ["thứ Hai 23/11: 24 giờ 0 phút, hết hạn"]),  # to midnight: no line for the day after
    ],
)
def test_hours_without_a_break_leave_no_day_out(acknowledged: str, days: list[str]) -> None:
    cycle = clock("misa", "reply", ("received", acknowledged), ("acknowledged", acknowledged))
    assert [day.text for day in reasons.explain(cycle, *under("misa"))] == days


def test_preview_gives_its_reasons_in_sentences() -> None:
    acknowledge, _ = terms.preview(*under("pops"), at("2026-11-21 16:02"))
    assert acknowledge.because == (
        "16:02 thứ Bảy 21/11/2026 ngoài giờ tiếp nhận nên coi như nhận lúc 08:30 thứ Hai 23/11/2026",
        "1 ngày làm việc kể từ thứ Hai 23/11/2026, ngày đầu không tính",
        "không tính 24/11 (Ngày Văn hóa Việt Nam)",
    )


def test_a_calendar_explains_hours_too() -> None:
    calendar = under("pops")[1]
    lines = calendar.explain(at("2026-11-20 16:00"), at("2026-11-25 09:00"))
    assert [(line.day, line.seconds, line.reason, line.name) for line in lines] == [
        (date(2026, 11, 20), 5400, "", ""),
        (date(2026, 11, 21), 0, "weekend", ""),
        (date(2026, 11, 22), 0, "weekend", ""),
        (date(2026, 11, 23), 32400, "", ""),
        (date(2026, 11, 24), 0, "day_off", "Ngày Văn hóa Việt Nam"),
        (date(2026, 11, 25), 1800, "", ""),
    ]
