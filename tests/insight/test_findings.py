from datetime import date, datetime, timedelta

import pandas as pd
import pytest

from core import shipped
from core.insight import causes, comparison, compliance, findings, rows, signals, tet, volume
from core.insight.comparison import DayOff
from core.insight.dimensions import name_of
from core.insight.filters import Filter
from tests.insight.given import (
    CALENDAR,
    LONG_SINCE,
    NOVEMBER,
    NOW,
    WEEK_46,
    WEEK_47,
    Case,
    Clock,
    at,
    beside,
    register,
    weeks_before,
)  # fmt: skip

QUIET = dict.fromkeys(("overdue", "due_today", "unacknowledged", "all"), 0)
ATTENTION = [
    ({"all": 3, "overdue": 1, "due_today": 2, "unacknowledged": 0}, "1 hồ sơ quá hạn, 2 đến hạn hôm nay"),
    ({"all": 3, "unacknowledged": 1}, "1 chưa tiếp nhận"),
    ({"all": 3}, "Không có hồ sơ nào quá hạn hay đến hạn hôm nay"),
    ({}, "Không còn hồ sơ nào đang mở"),
]


@pytest.mark.parametrize(("counts", "sentence"), ATTENTION)
def test_what_needs_a_person(counts: dict[str, int], sentence: str) -> None:
    assert findings.attention(QUIET | counts) == sentence


def test_a_department_is_told_of_its_own() -> None:
    assert findings.attention(QUIET, of_department=True) == "Phòng của bạn không có hồ sơ nào đang mở"


def kept(day: str) -> Case:
    return Case(Clock(f"{day} 17:30", f"{day} 09:00"), recorded="2026-08-01 09:00")


def late(day: str) -> Case:
    return Case(Clock(f"{day} 17:30", f"{day} 20:00"), recorded="2026-08-01 09:00")


PAYMENT = "Thanh toán POPS Stars / Tắt quảng cáo"
RESULT = "Thông báo kết quả"
COMPLIANCE = [
    (
        [*[kept("2026-11-10")] * 20, *[late("2026-11-11")] * 20],
        NOVEMBER,
        f"{RESULT}, tuần 46: chưa đạt chỉ tiêu 95\xa0% (50\xa0% của 40)",
    ),
    (
        weeks_before(30, 29) + [kept("2026-11-10")] * 20,
        NOVEMBER,
        f"{RESULT}, tuần 46: đạt chỉ tiêu 95\xa0% (100\xa0% của 20), như thường lệ",
    ),
    (
        weeks_before(100, 87) + [kept("2026-11-10")] * 26 + [late("2026-11-10")] * 4,
        NOVEMBER,
        f"{RESULT}, tuần 46: chưa đạt chỉ tiêu 95\xa0% (87\xa0% của 30), như thường lệ",
    ),
    (
        weeks_before(30, 29) + [late("2026-11-10")] * 20,
        NOVEMBER,
        f"{RESULT}, tuần 46: chưa đạt chỉ tiêu 95\xa0% (0\xa0% của 20), thấp hơn giới hạn dưới",
    ),
    (
        [kept("2026-11-10")] * 946 + [late("2026-11-10")] * 54,
        NOVEMBER,
        f"{RESULT}, tuần 46: chưa đạt chỉ tiêu 95\xa0% (94,6\xa0% của 1.000)",
    ),
    (
        [kept("2026-11-10")] * 95 + [late("2026-11-10")] * 5,
        NOVEMBER,
        f"{RESULT}, tuần 46: đạt chỉ tiêu 95\xa0% (95\xa0% của 100)",
    ),
    ([kept("2026-11-10")] * 19, NOVEMBER, f"{RESULT}: 19 trên 19 đúng hạn, còn quá ít để đánh giá"),
    (
        [kept("2026-11-03")] * 19 + [kept("2026-11-10")],
        NOVEMBER,
        f"{RESULT}, cả kỳ: đạt chỉ tiêu 95\xa0% (100\xa0% của 20)",
    ),
    ([kept("2026-11-17")] * 20, WEEK_47, f"{RESULT}, cả kỳ: đạt chỉ tiêu 95\xa0% (100\xa0% của 20)"),
    ([Case(Clock("2026-11-20 17:30"))], WEEK_47, f"{RESULT}: kỳ này chưa có gì đến hạn"),
    ([], WEEK_47, f"{RESULT}: không có gì đến hạn trong kỳ này"),
]


def weeks_of(cases: list[Case], filter: Filter) -> dict[str, pd.DataFrame]:
    facts = register(cases)
    return {stage: compliance.by_week(facts, filter, NOW, stage, CALENDAR) for stage in compliance.RATED_STAGES}


def acknowledged_late(day: str) -> Case:
    return Case(Clock(f"{day} 17:30", f"{day} 20:00", term="acknowledge"), recorded="2026-08-01 09:00")


TOLD = "Tiếp nhận, tuần 46: chưa đạt chỉ tiêu 95\xa0% (0\xa0% của 20)"
UNANSWERED, KEPT = [acknowledged_late("2026-11-10")] * 20, [kept("2026-11-10")] * 20
KEPT_TOLD = f"{RESULT}, tuần 46: đạt chỉ tiêu 95\xa0% (100\xa0% của 20)"
STAGES = [
    (UNANSWERED, "resolve", TOLD, "acknowledgements fell due, and the title says so"),
    (UNANSWERED, "acknowledge", TOLD, "the chosen promise is named"),
    (UNANSWERED + KEPT, "resolve", KEPT_TOLD, "the result counts most"),
    (UNANSWERED + KEPT, "acknowledge", TOLD, "unless another is chosen"),
    (KEPT, "acknowledge", KEPT_TOLD, "nothing of the chosen one fell due"),
    ([], "acknowledge", "Tiếp nhận: không có gì đến hạn trong kỳ này", "nothing at all"),
]


@pytest.mark.parametrize(("cases", "stage", "sentence", "why"), STAGES, ids=[row[3] for row in STAGES])
def test_the_title_tells_of_the_promise_shown_or_of_what_fell_due(
    cases: list[Case], stage: str, sentence: str, why: str
) -> None:
    assert findings.compliance(weeks_of(cases, NOVEMBER), stage) == sentence, why


@pytest.mark.parametrize(("cases", "filter", "sentence"), COMPLIANCE, ids=[row[2] for row in COMPLIANCE])
def test_compliance_in_one_sentence(cases: list[Case], filter: Filter, sentence: str) -> None:
    assert findings.compliance(weeks_of(cases, filter), "resolve") == sentence


CATEGORIES = [
    # categories: this week, the week before; title, why
    ({"content": (60, 20)}, "Nội dung tăng 200\xa0% (60 hồ sơ, trước đó 20)", "beyond chance"),
    ({"content": (20, 60)}, "Nội dung giảm 67\xa0% (20 hồ sơ, trước đó 60)", "a fall is a change too"),
    ({"content": (30, 1)}, "Nội dung tăng lên 30 hồ sơ, trước đó 1", "no percentage of one"),
    (
        {"content": (60, 20), "payment": (400, 300)},
        f"{PAYMENT} tăng 33\xa0% (400 hồ sơ, trước đó 300)",
        "the biggest mover, not the steepest",
    ),
    (
        {"content": (19, 0), "payment": (40, 40)},
        f"{PAYMENT}: 68\xa0% trong 59 hồ sơ; không nhóm nào tăng hay giảm thật",
        "nineteen are not announced",
    ),
    (
        {"content": (30, 20)},
        "Nội dung: 100\xa0% trong 30 hồ sơ; không nhóm nào tăng hay giảm thật",
        "chance does as much",
    ),
    ({"content": (5, 1)}, "Kỳ này chỉ có 5 hồ sơ: quá ít để nhận định", "five"),
    ({"content": (0, 9)}, "Không có hồ sơ nào trong kỳ này", "none"),
]


def categories_of(cases: list[Case], filter: Filter, choice: str = "before") -> str:
    facts = register([LONG_SINCE, Case(recorded="2026-10-28 09:00"), *cases])
    against = beside(facts, filter, choice=choice)
    weekly = volume.by_week_and_category(facts, filter)
    return findings.categories(volume.by_category(facts, against), weekly, against, NOW)


@pytest.mark.usefixtures("each_by_itself")
@pytest.mark.parametrize(("counts", "sentence", "why"), CATEGORIES, ids=[row[-1] for row in CATEGORIES])
def test_categories_in_one_sentence(counts: dict[str, tuple[int, int]], sentence: str, why: str) -> None:
    cases = [
        Case(recorded=f"{day} 10:00", category=key)
        for key, both in counts.items()
        for day, n in zip(("2026-11-10", "2026-11-03"), both, strict=True)
        for _ in range(n)
    ]
    assert categories_of(cases, WEEK_46) == sentence, why


def test_without_a_comparison_the_title_compares_nothing() -> None:
    cases = [Case(recorded="2026-11-10 10:00", category="content")] * 60
    assert categories_of(cases, WEEK_46, "none") == "Nội dung: 100\xa0% trong 60 hồ sơ"
    assert categories_of(cases, WEEK_46, "last_year") == "Nội dung: 100\xa0% trong 60 hồ sơ", "it is not covered"


@pytest.mark.usefixtures("each_by_itself")
def test_a_change_of_unequal_open_times_is_told_per_open_hour() -> None:
    """Week 48 has a day off: 60 in 36 hours after 40 in 45 is 88 % more an hour."""
    week_48, now = Filter(date(2026, 11, 23), date(2026, 11, 29)), at("2026-11-30 09:00")
    days = ["2026-11-25"] * 60 + ["2026-11-18"] * 40
    cases = [Case(recorded=f"{day} 10:00", category="content") for day in days]
    facts = register([LONG_SINCE, Case(recorded="2026-10-28 09:00"), *cases])
    against = beside(facts, week_48, now=now)
    found, weekly = volume.by_category(facts, against), volume.by_week_and_category(facts, week_48)
    title = findings.categories(found, weekly, against, now)
    assert title == "Nội dung tăng 88\xa0% mỗi giờ làm việc (60 hồ sơ, trước đó 40)"


ROSE_IN = [
    # complaints recorded on, in a period of three weeks, how the title ends, why
    ({"2026-11-03": 40}, ", dồn vào tuần 45", "most of the rise lies in week 45"),
    ({"2026-11-03": 15, "2026-11-10": 15, "2026-11-17": 15}, "", "it rose in every week"),
]


@pytest.mark.parametrize(("days", "ends", "why"), ROSE_IN, ids=[row[-1] for row in ROSE_IN])
def test_the_week_of_a_rise_is_named_where_most_of_it_lies(days: dict[str, int], ends: str, why: str) -> None:
    three = Filter(date(2026, 10, 26), date(2026, 11, 15)) if ends else NOVEMBER
    old = [Case(recorded=f"2026-10-{day} 10:00", category="content") for day in ("05", "06", "12", "13", "19", "20")]
    new = [Case(recorded=f"{day} 10:00", category="content") for day, n in days.items() for _ in range(n)]
    found = categories_of([*old, *new], three)
    assert found.startswith("Nội dung tăng lên")
    assert found.endswith(ends or "trước đó 6"), why


def closed(day: str, cause: str | None) -> Case:
    return Case(recorded="2026-08-01 09:00", closed_at=f"{day} 16:00", root_cause=cause)


CAUSES = [
    ([closed("2026-11-10", "otp_delivery")] * 25, "Không gửi được OTP tăng lên 25 hồ sơ, trước đó 0"),
    (
        [closed("2026-11-10", "otp_delivery")] * 60
        + [closed("2026-11-03", "otp_delivery")] * 20
        + [closed("2026-11-10", "app_release")] * 30,
        "Không gửi được OTP tăng 200\xa0% (60 hồ sơ, trước đó 20); 1 nguyên nhân khác cũng tăng",
    ),
    (
        [closed("2026-11-10", "otp_delivery")] * 19 + [closed("2026-11-11", None)],
        "Không gửi được OTP: 95\xa0% trong 20 hồ sơ đã đóng; không nguyên nhân nào tăng thật",
    ),
    ([closed("2026-11-10", "otp_delivery")] * 9, "Kỳ này chỉ có 9 hồ sơ: quá ít để nhận định"),
    ([closed("2026-11-10", None)], "Kỳ này chưa ghi nguyên nhân nào"),
    ([], "Kỳ này chưa ghi nguyên nhân nào"),
]


@pytest.mark.usefixtures("each_by_itself")
@pytest.mark.parametrize(("cases", "sentence"), CAUSES, ids=[row[1] for row in CAUSES])
def test_causes_in_one_sentence(cases: list[Case], sentence: str) -> None:
    facts = register([LONG_SINCE, Case(recorded="2026-10-28 09:00"), *cases])
    against = beside(facts, WEEK_46, "closed")
    risen = causes.risen(facts, against)
    weekly = causes.by_week(facts, WEEK_46, findings.most_risen(risen, against) or "none")
    assert findings.causes(causes.pareto(facts, WEEK_46), risen, weekly, against, NOW) == sentence


BESIDE_CHOSEN = [
    # complaints in this week, in the two weeks chosen, title, why
    (60, 60, "{payment} nhiều hơn 100\xa0% mỗi giờ làm việc (60 hồ sơ, 14/09–27/09/2026 có 60)", "per open hour"),
    (25, 150, "{payment} ít hơn 67\xa0% mỗi giờ làm việc (25 hồ sơ, 14/09–27/09/2026 có 150)", "fewer"),
    (40, 10, "{payment}: 40 hồ sơ, 14/09–27/09/2026 có 10", "of too few no percentage"),
    (30, 60, "{payment}: 100\xa0% trong 30 hồ sơ; không nhóm nào tăng hay giảm thật", "the same rate"),
]


@pytest.mark.usefixtures("each_by_itself")
@pytest.mark.parametrize(("now", "before", "title", "why"), BESIDE_CHOSEN, ids=[row[-1] for row in BESIDE_CHOSEN])
def test_a_title_names_the_days_that_were_chosen(now: int, before: int, title: str, why: str) -> None:
    days = ["2026-11-10"] * now + ["2026-09-15"] * (before - 1) + ["2026-10-20"]
    facts = register([Case(recorded="2026-09-14 08:00"), *(Case(recorded=f"{day} 09:00") for day in days)])
    against = beside(facts, WEEK_46, choice="2026-09-14..2026-09-27")
    weekly = volume.by_week_and_category(facts, WEEK_46)
    assert findings.categories(volume.by_category(facts, against), weekly, against, NOW) == title.format(
        payment=name_of("category", "payment")
    ), why


COMPARED = [
    # period, choice, read, sentence, why
    (WEEK_46, "before", NOW, "so với 02/11–08/11/2026 · 45 giờ làm việc so với 45", "both weeks whole"),
    (WEEK_47, "before", NOW, "so với 09/11–11/11/2026 đến 10:00 · 19,5 giờ làm việc so với 19,5", "running"),
    (
        Filter(date(2026, 11, 23), date(2026, 11, 29)),
        "before",
        at("2026-11-30 09:00"),
        "so với 16/11–22/11/2026 · 36 giờ làm việc so với 45 · ngày nghỉ kỳ này: 24/11 (Ngày Văn hóa Việt Nam)",
        "a day off",
    ),
    (
        WEEK_46,
        "last_year",
        NOW,
        "Không so sánh với 10/11–16/11/2025: sổ chỉ có đủ số liệu từ 14/09/2026.",
        "not covered",
    ),
    (WEEK_46, "none", NOW, "", "nothing was asked for"),
    (
        WEEK_47,
        "before",
        at("2026-11-16 03:00"),
        "Không so sánh: kỳ này chưa qua giờ làm việc nào, hoặc 09/11–15/11/2026 không có giờ làm việc.",
        "nobody has worked yet",
    ),
    (
        WEEK_46,
        "2026-09-14..2026-09-27",
        NOW,
        (
            "so với 14/09–27/09/2026 · 7 ngày so với 14 ngày, nên số liệu được so theo giờ làm việc · "
            "45 giờ làm việc so với 90"
        ),
        "days that were chosen, twice as many",
    ),
    (
        WEEK_46,
        "2026-09-14..2026-09-20",
        NOW,
        "so với 14/09–20/09/2026 · 45 giờ làm việc so với 45",
        "days that were chosen, as many",
    ),
    (
        WEEK_46,
        "2026-11-10..2026-11-11",
        NOW,
        "Không so sánh với 10/11–11/11/2026: khoảng này trùng ngày với kỳ đang xem. Hãy chọn khoảng không trùng ngày.",
        "they overlap",
    ),
    (
        WEEK_46,
        "2026-11-16..2026-11-18",
        NOW,
        "Không so sánh với 16/11–18/11/2026: khoảng này chưa kết thúc. Hãy chọn nó làm kỳ đang xem, rồi so với kỳ này.",
        "it still runs",
    ),
    (
        WEEK_47,
        "2026-09-14..2026-09-27",
        NOW,
        (
            "Không so sánh với 14/09–27/09/2026: kỳ này đang chạy, phải qua ít nhất 7 ngày, hoặc hai khoảng có cùng "
            "số ngày."
        ),
        "a running week beside two",
    ),
]


@pytest.mark.parametrize(("filter", "choice", "now", "sentence", "why"), COMPARED, ids=[row[-1] for row in COMPARED])
def test_what_is_compared_is_said_with_hours_and_days_off(
    filter: Filter, choice: str, now: datetime, sentence: str, why: str
) -> None:
    facts = register([LONG_SINCE, Case(recorded="2026-10-28 09:00")])
    assert findings.compared(beside(facts, filter, choice=choice, now=now)) == sentence, why


def test_where_no_office_hours_are_stated_days_are_counted() -> None:
    whole_days = shipped.procedures()["misa"].calendar(shipped.calendar_days())
    facts = register([LONG_SINCE, Case(recorded="2026-10-28 09:00")])
    found = comparison.of(facts, WEEK_47, whole_days, NOW)
    assert findings.compared(found) == "so với 09/11–11/11/2026 đến 10:00 · 2,4 ngày làm việc so với 2,4"


OFF = [
    (["2026-02-16", "2026-02-17", "2026-02-18"], "16/02–18/02 (Tết Nguyên Đán)", "a run has the name of Tết"),
    (["2026-04-30", "2026-05-01"], "30/04–01/05 (Ngày Giải phóng miền Nam)", "else of its first day"),
    (["2026-02-20", "2026-02-23"], "20/02–23/02 (Mùng bốn)", "over a weekend"),
    (["2026-01-01", "2026-03-02", "2026-04-01", "2026-05-04"], "4 ngày", "of many only how many"),
]


@pytest.mark.parametrize(("days", "words", "why"), OFF, ids=[row[-1] for row in OFF])
def test_days_off_in_words(days: list[str], words: str, why: str) -> None:
    names = {"2026-02-17": tet.NAME, "2026-04-30": "Ngày Giải phóng miền Nam", "2026-02-20": "Mùng bốn"}
    off = [DayOff(date.fromisoformat(day), names.get(day, "Nghỉ"), "") for day in days]
    assert findings.days_off(off) == words, why


CHANGES = [
    (0.83, 0.92, True, "-9 điểm", "the sign is ASCII, as Streamlit reads it"),
    (0.914, 0.946, True, "-4 điểm", "the difference of what is shown: 91 and 95"),
    (0.5, 0.5, True, "0 điểm", "no sign without a change"),
    (1284, 12, False, "+1.272", "as the reader writes numbers"),
    (float("nan"), 0.5, True, None, "nothing fell due: nothing to compare"),
]


@pytest.mark.parametrize(("now", "before", "points", "said", "why"), CHANGES)
def test_changes_as_a_metric_shows_them(now: float, before: float, points: bool, said: str | None, why: str) -> None:
    assert findings.change(now, before, points=points) == said, why


def test_periods_name_both_years_only_where_they_differ() -> None:
    assert findings.period(date(2026, 8, 24), date(2026, 11, 22)) == "24/08–22/11/2026"
    assert findings.period(date(2025, 11, 24), date(2026, 11, 22)) == "24/11/2025–22/11/2026"


@pytest.mark.usefixtures("each_by_itself")
def test_signals_name_what_stands_out_and_its_rows() -> None:
    cases = [*weeks_before(30, 29), Case(recorded="2026-10-12 09:00", category="other")]
    cases += [Case(Clock("2026-11-10 17:30", "2026-11-10 20:00"))] * 8 + [
        Case(Clock("2026-11-10 17:30", "2026-11-10 09:00"))
    ] * 12
    cases += [Case(closed_at="2026-11-10 16:00", root_cause="otp_delivery")] * 9
    cases += [Case(recorded="2026-11-10 10:00", category="login")] * 12
    facts = register(cases)
    found = signals.newest(facts, WEEK_46, CALENDAR, NOW)
    assert [signal.sentence for signal in found] == [
        (
            "Thông báo kết quả, tuần 46: 60\xa0% đúng hạn (12 trên 20), "
            "thấp hơn mức thường 97\xa0% là 37 điểm: dưới giới hạn"
        ),
        "Nguyên nhân “Không gửi được OTP” tăng thật: đóng 9, bốn tuần liền trước 0",
        "“Đăng nhập/đăng xuất” tăng thật: nhận 12, bốn tuần liền trước 0",
    ]
    assert [signal.slice.of for signal in found] == ["due", "closed", "recorded"]
    assert [rows.count(facts, signal.slice, NOW) for signal in found] == [20, 9, 12], "the rows that were counted (D15)"


def test_a_lasting_fall_is_one_signal_of_all_its_weeks() -> None:
    """Four weeks that each lie within the limits; the rows are those of the four weeks."""
    fall = weeks_before(100, 92, weeks=31)[400:]
    for week in range(4):
        day = date(2026, 10, 7) + timedelta(weeks=week)
        stops = [f"{day} 09:00"] * 87 + [f"{day} 20:00"] * 13
        fall += [Case(Clock(f"{day} 17:30", stop), recorded=f"{day - timedelta(days=5)} 09:00") for stop in stops]
    (signal,) = signals.newest(register(fall), WEEK_46, CALENDAR, at("2026-11-02 09:00"))
    assert signal.sentence == (
        "Thông báo kết quả, tuần 41–44: 87\xa0% đúng hạn (348 trên 400), thấp hơn mức thường 92\xa0% là 5 điểm: bốn "
        "tuần liền dưới mức thường"
    )
    assert (signal.slice.filter.start, signal.slice.filter.end) == (date(2026, 10, 5), date(2026, 11, 1))


def test_nothing_stands_out_of_a_quiet_or_empty_register() -> None:
    assert signals.newest(register([kept("2026-11-10")]), WEEK_46, CALENDAR, NOW) == []
    assert signals.newest(register([]), WEEK_46, CALENDAR, NOW) == []


def test_an_empty_frame_says_nothing_fell_due() -> None:
    empty = compliance.by_week(register([]), WEEK_46, NOW, "resolve", CALENDAR).iloc[:0]
    assert findings.compliance({"resolve": empty}, "resolve") == f"{RESULT}: không có gì đến hạn trong kỳ này"
