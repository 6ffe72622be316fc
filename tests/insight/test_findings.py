from datetime import date

import pandas as pd
import pytest

from core.insight import causes, compliance, findings, signals, volume
from core.insight.filters import Filter
from tests.insight.given import NOVEMBER, NOW, TODAY, WEEK_46, WEEK_47, Case, Clock, register

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


COMPLIANCE = [
    ([kept("2026-11-10"), late("2026-11-11")], NOVEMBER, "Tuần 46: 50 % đúng hạn"),
    ([kept("2026-10-20")] * 30 + [kept("2026-11-10")], NOVEMBER, "Tuần 46: 100 % đúng hạn, như thường lệ"),
    ([kept("2026-10-20")] * 30 + [late("2026-11-10")], NOVEMBER, "Tuần 46: 0 % đúng hạn, thấp hơn giới hạn dưới"),
    ([kept("2026-11-17")], WEEK_47, "Tuần này đến nay: 100 % đúng hạn"),
    ([Case(Clock("2026-11-20 17:30"))], WEEK_47, "Kỳ này chưa có nghĩa vụ nào đến hạn"),
    ([], WEEK_47, "Không có nghĩa vụ nào đến hạn trong kỳ này"),
]


def weeks_of(cases: list[Case], filter: Filter) -> dict[str, pd.DataFrame]:
    facts = register(cases)
    return {stage: compliance.by_week(facts, filter, NOW, stage) for stage in compliance.RATED_STAGES}


def acknowledged_late(day: str) -> Case:
    return Case(Clock(f"{day} 17:30", f"{day} 20:00", term="acknowledge"), recorded="2026-08-01 09:00")


TOLD = "Tiếp nhận: Tuần 46: 0 % đúng hạn"
UNANSWERED, KEPT = acknowledged_late("2026-11-10"), kept("2026-11-10")
STAGES = [
    ([UNANSWERED], "resolve", TOLD, "one fell due, and the title says so"),
    ([UNANSWERED], "acknowledge", TOLD, "the chosen promise is named"),
    ([UNANSWERED, KEPT], "resolve", "Tuần 46: 100 % đúng hạn", "the result counts most"),
    ([UNANSWERED, KEPT], "acknowledge", TOLD, "unless another is chosen"),
    ([KEPT], "acknowledge", "Tuần 46: 100 % đúng hạn", "nothing of the chosen one fell due"),
    ([], "acknowledge", "Tiếp nhận: Không có nghĩa vụ nào đến hạn trong kỳ này", "nothing at all"),
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
    (30, 20, "Nội dung: 100 % số hồ sơ, tổng số tăng 50 % so với kỳ trước"),
    (20, 40, "Nội dung: 100 % số hồ sơ, tổng số giảm 50 % so với kỳ trước"),
    (21, 20, "Nội dung: 100 % số hồ sơ, số hồ sơ gần như kỳ trước"),
    (5, 1, "Nội dung: 100 % số hồ sơ, tổng 5 (kỳ trước 1)"),
    (0, 9, "Không có hồ sơ nào trong kỳ này"),
]


@pytest.mark.parametrize(("this", "before", "sentence"), CATEGORIES)
def test_categories_in_one_sentence(this: int, before: int, sentence: str) -> None:
    new, old = (
        Case(recorded="2026-11-10 10:00", category="content"),
        Case(recorded="2026-11-03 10:00", category="content"),
    )
    assert findings.categories(volume.by_category(register([new] * this + [old] * before), WEEK_46, TODAY)) == sentence


def closed(day: str, cause: str | None) -> Case:
    return Case(recorded="2026-08-01 09:00", closed_at=f"{day} 16:00", root_cause=cause)


CAUSES = [
    ([closed("2026-11-10", "otp_delivery")] * 9, "Không gửi được OTP tăng có ý nghĩa"),
    (
        [closed("2026-11-10", "otp_delivery")],
        "Không gửi được OTP: 100 % hồ sơ đã đóng; không nguyên nhân nào tăng có ý nghĩa",
    ),
    ([closed("2026-11-10", None)], "Kỳ này chưa ghi nguyên nhân nào"),
    ([], "Kỳ này chưa ghi nguyên nhân nào"),
]


@pytest.mark.parametrize(("cases", "sentence"), CAUSES)
def test_causes_in_one_sentence(cases: list[Case], sentence: str) -> None:
    facts = register(cases)
    assert findings.causes(causes.pareto(facts, WEEK_46), causes.risen(facts, WEEK_46, TODAY)) == sentence


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


def test_signals_name_what_stands_out_and_its_rows() -> None:
    cases = [kept("2026-10-20")] * 30 + [late("2026-11-10")] * 2 + [closed("2026-11-10", "otp_delivery")] * 9
    cases += [Case(recorded="2026-11-10 10:00", category="login")] * 9
    found = signals.newest(register(cases), WEEK_46, NOW)
    assert [signal.sentence for signal in found] == [
        "Thông báo kết quả, tuần 46: 0 % đúng hạn, thường là 100 %",
        "Nguyên nhân “Không gửi được OTP” tăng có ý nghĩa: 9, kỳ trước 0",
        "“Đăng nhập/đăng xuất” tăng có ý nghĩa: 9 hồ sơ, kỳ trước 0",
    ]
    assert [signal.slice.of for signal in found] == ["due", "closed", "recorded"]


def test_nothing_stands_out_of_a_quiet_or_empty_register() -> None:
    assert signals.newest(register([kept("2026-11-10")]), WEEK_46, NOW) == []
    assert signals.newest(register([]), WEEK_46, NOW) == []


def test_an_empty_frame_says_nothing_fell_due() -> None:
    empty = pd.DataFrame({"ended": [], "due": [], "met": [], "running": []}).astype({"ended": bool})
    assert findings.compliance({"resolve": empty}, "resolve") == "Không có nghĩa vụ nào đến hạn trong kỳ này"
