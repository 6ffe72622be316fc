"""The history of each sample complaint: its steps one after the other in working time, some late, some left open."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Unpack

from core.commands.sample_rhythm import Call, Draw, rhythm
from core.commands.sample_texts import Story, Writer
from core.register.case.complaints import History, PastStep
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.case.steps.recording import StepFields
from core.rules.calendar import WorkCalendar, local_day

SOURCE = "sample"
PLATFORMS = {"app_ios": ("ios",), "app_android": ("android",), "web": ("web",)}
ANY_PLATFORM = ("android", "android", "ios", "ios", "smart_tv", "web")
RECEIPTS = "Chúng tôi đã nhận được phản ánh của quý khách, mã hồ sơ đã gửi kèm tin nhắn này."
QUESTIONS = (
    "Quý khách vui lòng gửi ảnh chụp màn hình thông báo lỗi và số điện thoại đăng nhập.",
    "Quý khách cho xin mã giao dịch hoặc ảnh biên lai thanh toán.",
    "Quý khách đang dùng phiên bản ứng dụng nào, trên thiết bị gì?",
)
REPLIES = (
    "Mình gửi ảnh ở trên rồi đó.",
    "Mã giao dịch mình gửi trong hình nhé.",
    "Mình dùng bản mới nhất, máy vẫn vậy.",
)
LESSONS = ("", "", "", "Cần báo trước cho khách khi đối tác chậm.", "Bổ sung câu hỏi thường gặp cho tổng đài.")
WITHDRAWN = "Khách báo đã tự xử lý được, không cần giải quyết tiếp."
REOPENED = "Khách báo lỗi còn lặp lại sau khi đã thông báo kết quả."
FORGOTTEN_FOR = timedelta(weeks=3)
ANSWER_WITHIN, ASK_AGAIN_AFTER = 2, timedelta(days=3)  # working days; days


class Sample:
    """Makes the history of one call after another; ``staff`` maps a role or a department to the ids of its people."""

    def __init__(self, until: datetime, calendar: WorkCalendar, staff: dict[str, list[int]], chance: Random) -> None:
        self.until, self.calendar, self.staff, self.chance = until, calendar, staff, chance
        self.writer = Writer(chance)
        self.rhythm = rhythm()
        self.fractions = Random(0)  # noqa: S311 -- apart from ``chance``, which the rest of the sample is drawn from
        self.reasons = Draw(self.rhythm["reasons"].items())
        self.outcomes = Draw(self.rhythm["outcomes"].items())
        self.customers = 0

    def history(self, call: Call, reference: str) -> History:
        """The complaint of ``call`` and what was done until the sample ends."""
        history = _History(self, call)
        history.make()
        return self._draft(call, reference), [step for step in history.steps if step.at <= self.until]

    def happens(self, share: str) -> bool:
        """Whether something that happens this often happens now."""
        return self.chance.random() < self.rhythm["shares"][share]

    def live(self, at: datetime) -> datetime:
        """``at`` as a clock shows it while people work: with a fraction of a second (D29)."""
        return at + timedelta(microseconds=self.fractions.randrange(1_000_000))

    def _draft(self, call: Call, reference: str) -> Draft:
        story, chance = call.story, self.chance
        at = call.at - timedelta(minutes=chance.randrange(5, 2_000)) if self.happens("incident_time") else None
        return Draft(
            channel=call.channel,
            recorded_at=self.live(call.at),
            statement=self.writer.statement(story, plain=self.happens("plain")),
            category=story.category,
            customer=self._customer(call.channel),
            incident_at=at,
            remedy=self.writer.one_of(story.remedies) if self.happens("remedy") else "",
            product=chance.choice(story.products),
            platform=chance.choice(PLATFORMS.get(call.channel, ANY_PLATFORM)),
            source=SOURCE,
            external_ref=reference,
        )

    def _customer(self, channel: str) -> CustomerDraft:
        if not self.happens("named"):
            return CustomerDraft()
        if self.customers and self.happens("returning"):
            return self.writer.customer(self.chance.randint(1, self.customers), channel)
        self.customers += 1
        return self.writer.customer(self.customers, channel)


class _History:
    """One history while it is made: the moment the next step starts from, and the steps so far."""

    def __init__(self, sample: Sample, call: Call) -> None:
        self.sample, self.chance, self.story, self.channel = sample, sample.chance, call.story, call.channel
        incident = sample.rhythm["incident"]
        self.at = call.at
        self.pace = incident["slower"] if call.in_incident else 1.0
        self.reason = incident["reason"] if call.in_incident else sample.reasons.one(self.chance)
        self.agent = self._somebody("agent")
        self.steps: list[PastStep] = []

    def make(self) -> None:
        """Every step; a few of the newest complaints stop on the way, as none stays there for months."""
        is_recent = self.at > self.sample.until - FORGOTTEN_FOR
        self._make()
        if is_recent and self.sample.happens("stuck"):
            del self.steps[self.chance.randrange(len(self.steps)) :]

    def _make(self) -> None:
        story = self.story
        kind = "inquiry" if story.is_inquiry else "complaint"
        self._step("acknowledge_inquiry" if story.is_inquiry else "acknowledge", step="acknowledge", text=RECEIPTS)
        self._add("assign", self.at, self.agent, assignee_id=self.agent)
        if self.sample.happens("withdrawn"):
            self._step("question", step="withdraw", text=WITHDRAWN)
            return
        self._step("classify", kind=kind)
        if not story.is_inquiry:
            self._ask_customer()
            self._ask_department(story)
        self._step("result_inquiry" if story.is_inquiry else "result", step="notify_result", text=self._text("results"))
        self._close()
        if self.sample.happens("reopened"):
            self._step("reopen", text=REOPENED)
            self._step("result", step="notify_result", text=self._text("results"))
            self._close()

    def _ask_customer(self) -> None:
        if self.sample.happens("asked"):
            asked_at = self._after("question")
            again = local_day(asked_at + ASK_AGAIN_AFTER)
            self._add("ask_customer", asked_at, self.agent, text=self.chance.choice(QUESTIONS), chase_on=again)
            self._step("reply", step="record_reply", text=self.chance.choice(REPLIES))

    def _ask_department(self, story: Story) -> None:
        if story.department and self.sample.happens("forwarded"):
            at = self._after("forward")
            question = self._text("asks")
            self._add(
                "forward", at, self.agent, department=story.department, text=question, due_at=self._answer_due(at)
            )
            self._add("answer", self._after("answer"), self._somebody(story.department), text=self._text("answers"))

    def _answer_due(self, asked_at: datetime) -> datetime:
        calendar = self.sample.calendar
        return calendar.closing(calendar.add_days(local_day(asked_at), ANSWER_WITHIN))

    def _close(self) -> None:
        inquiry = self.story.is_inquiry
        self._step(
            "close",
            outcome="answered" if inquiry else self.sample.outcomes.one(self.chance),
            root_cause=self.story.cause or None,
            breach_reason=self.reason,
            lesson="" if inquiry else self.chance.choice(LESSONS),
        )

    def _step(self, duration: str, step: str = "", **fields: Unpack[StepFields]) -> None:
        self._add(step or duration, self._after(duration), self.agent, **fields)

    def _add(self, step: str, at: datetime, actor: int, **fields: Unpack[StepFields]) -> None:
        self.at = at
        self.steps.append(PastStep(step, self.sample.live(at), fields, actor))

    def _after(self, duration: str) -> datetime:
        """Working time after the step before, drawn for this kind of step; past the sample's end none is needed."""
        if self.at > self.sample.until:
            return self.at
        middle, spread = self.sample.rhythm["steps"][duration]
        hours = middle * self.pace * self.chance.lognormvariate(0, spread)
        return self.sample.calendar.add(self.at, timedelta(seconds=round(max(60.0, hours * 3600))))

    def _text(self, which: str) -> str:
        return self.sample.writer.one_of(getattr(self.story, which), "Đã kiểm tra theo thông tin khách cung cấp.")

    def _somebody(self, role: str) -> int:
        return self.chance.choice(self.sample.staff[role])
