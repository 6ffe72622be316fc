"""The words of an explanation, Vietnamese and English: dates, moments and the sentences around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from core.rules.calendar import DAY_OFF, WEEKEND, DayLine
from core.rules.procedure import Unit


@dataclass(frozen=True)
class Wording:
    """One language. ``index``: its place in a calendar's pairs of names."""

    index: int
    weekdays: tuple[str, ...]
    deadline: str
    promised_deadline: str
    promised: str
    outside: str
    deemed: str
    counts: Mapping[Unit, str]
    plural: str
    skipped: str
    weekend: str
    worked: str
    holidays: str
    to: str
    last_joint: str
    products_own: str
    again: str
    paused: str
    not_counted: str
    nth: str
    nth_of_all: str
    moved: str
    moved_to: str
    ends: str
    weekend_day: str
    day_off: str
    shut: str
    open_time: str
    clock_time: str
    not_started: str
    at_latest: str
    admissible: str

    def on(self, day: date, *, year: bool = False) -> str:
        """Like "thứ Hai 23/11", with the year on request."""
        return f"{self.weekdays[day.weekday()]} {day:{'%d/%m/%Y' if year else '%d/%m'}}"

    def moment(self, t: datetime, *, end: bool = False) -> str:
        """Like "17:30 thứ Hai 30/11/2026"; as the end of a term, midnight is 24:00 of the day before."""
        if end and t.time() == time(0):
            return f"24:00 {self.on(t.date() - timedelta(days=1), year=True)}"
        return f"{t:{'%H:%M:%S' if t.second else '%H:%M'}} {self.on(t.date(), year=True)}"

    def listed(self, parts: Sequence[str]) -> str:
        """The parts with commas and an "and" before the last."""
        return self.last_joint.join(part for part in (", ".join(parts[:-1]), parts[-1]) if part)

    def run_of_days(self, days: Sequence[date], names: Mapping[date, tuple[str, str]]) -> str:
        """One day off with its name, or a run of them from first to last."""
        called = {names[day][self.index] for day in days if day in names}
        shown = f"{days[0]:%d/%m}" if len(days) == 1 else f"{days[0]:%d/%m}{self.to}{days[-1]:%d/%m}"
        name = self.holidays if len(called) > 1 else next(iter(called), "")
        return f"{shown} ({name})" if name else shown

    def day(self, line: DayLine, effect: str, *, is_last: bool) -> str:
        """One date of an explanation with what it did to the count."""
        name = line.name if self.index == 0 else line.name_en
        return f"{self.on(line.day)}: {effect}" + (self.ends if is_last else "") + (f" ({name})" if name else "")

    def off(self, reason: str) -> str:
        """Why nothing was counted, by the ``reason`` of a ``DayLine``."""
        return {WEEKEND: self.weekend_day, DAY_OFF: self.day_off}.get(reason, self.shut)

    def hours(self, day: date, minutes: int, *, is_last: bool) -> str:
        """What one date gave to a count of hours without a break."""
        counted = self.clock_time.format(hours=minutes // 60, minutes=minutes % 60)
        return f"{self.on(day)}: {counted}" + (self.ends if is_last else "")


_VI = Wording(
    index=0,
    weekdays=("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"),
    deadline="Hạn {label} là {ends}: {parts} (theo {source}).",
    promised_deadline="Hạn đã hẹn với khách hàng là {ends}: {parts}.",
    promised="ngày hẹn được báo cho khách hàng lúc {start}",
    outside="ngoài giờ tiếp nhận",
    deemed="{arrived} {outside} nên coi như nhận lúc {start}",
    counts={
        Unit.WORKING_DAY: "{n} ngày làm việc kể từ {day}, ngày đầu không tính",
        Unit.CALENDAR_DAY: (
            "{n} ngày kể từ {day}, ngày đầu không tính, ngày cuối trùng ngày nghỉ thì dời sang ngày làm việc kế tiếp"
        ),
        Unit.HOUR: "{n} giờ liên tục kể từ {start}, tính cả ban đêm và ngày nghỉ",
        Unit.WORKING_MINUTE: "{n} phút trong giờ làm việc kể từ {start}",
    },
    plural="",
    skipped="không tính {days}",
    weekend="thứ Bảy, Chủ nhật",
    worked="có tính ngày {days}",
    holidays="nghỉ lễ, Tết",
    to=" đến ",
    last_joint=" và ",
    products_own="thời hạn riêng của sản phẩm",
    again="tính lại từ khi mở lại hồ sơ lần {number}",
    paused="đã cộng thời gian chờ khách hàng trả lời",
    not_counted="ngày đầu, không tính",
    nth="ngày làm việc thứ {n}",
    nth_of_all="ngày thứ {n}",
    moved=", trùng ngày nghỉ nên dời hạn",
    moved_to="ngày làm việc kế tiếp",
    ends=", hết hạn",
    weekend_day="cuối tuần, không tính",
    day_off="ngày nghỉ, không tính",
    shut="ngoài giờ làm việc, không tính",
    open_time="{minutes} phút trong giờ làm việc",
    clock_time="{hours} giờ {minutes} phút",
    not_started="chưa bắt đầu tính",
    at_latest="muộn nhất là {ends} nếu bước trước xong đúng hạn",
    admissible="Nhận khiếu nại đến hết {day}",
)
_EN = Wording(
    index=1,
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    deadline="The deadline for {label} is {ends}: {parts} (under {source}).",
    promised_deadline="The date promised to the customer is {ends}: {parts}.",
    promised="it was told to the customer at {start}",
    outside="is outside intake hours",
    deemed="{arrived} {outside}, so it counts as received at {start}",
    counts={
        Unit.WORKING_DAY: "{n} working day{s} from {day}, the first day not counted",
        Unit.CALENDAR_DAY: "{n} day{s} from {day}, the first not counted, a last day off moved to the next working day",
        Unit.HOUR: "{n} hour{s} without a break from {start}, nights and days off included",
        Unit.WORKING_MINUTE: "{n} minute{s} of office time from {start}",
    },
    plural="s",
    skipped="leaving out {days}",
    weekend="Saturdays and Sundays",
    worked="counting {days}",
    holidays="public holidays",
    to=" to ",
    last_joint=" and ",
    products_own="the product's own term",
    again="counted anew since re-opening no. {number}",
    paused="with the time spent waiting for the customer added",
    not_counted="first day, not counted",
    nth="working day {n}",
    nth_of_all="day {n}",
    moved=", a day off, so the end moves",
    moved_to="the next working day",
    ends=", the term ends",
    weekend_day="weekend, not counted",
    day_off="day off, not counted",
    shut="outside office hours, not counted",
    open_time="{minutes} minutes of office time",
    clock_time="{hours} h {minutes} min",
    not_started="has not started yet",
    at_latest="at the latest {ends}, if the step before is done in time",
    admissible="Complaints are taken until the end of {day}",
)


def of(language: str) -> Wording:
    """Vietnamese for ``vi``, English for anything else."""
    return _VI if language == "vi" else _EN
