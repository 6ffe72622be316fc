"""The history of each sample complaint: its steps one after the other in working time, some late, some left open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from random import Random
from typing import Unpack

from core.commands.sample_answers import Answers
from core.commands.sample_plans import Plans
from core.commands.sample_rhythm import Call, Draw, rhythm
from core.commands.sample_texts import Story, Writer, table
from core.register.case.complaints import History, PastStep
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.case.steps.recording import StepFields
from core.rules.answer_text import Text
from core.rules.calendar import WorkCalendar, local_day, whole_second
from core.rules.catalogue import Catalogues, Field, names_people
from core.rules.details import fields_of
from core.rules.directions import Addressee
from core.rules.prevention import APPROVE
from core.rules.procedure import Procedure
from core.rules.steps import DIRECT, ESCALATE, VERIFY

SOURCE = "sample"
SPOKEN = ("hotline", "office")  # where something can be agreed on the spot
BOARD = "board"  # what goes there is about people, and asked of nobody else (MISA 4)
KNOWN_AT_ONCE = 0.8  # how often a customer knows a value at intake
FORGOTTEN_FOR = timedelta(weeks=3)
ANSWER_WITHIN, ASK_AGAIN_AFTER = 2, timedelta(days=3)  # working days; days


@dataclass(frozen=True, slots=True)
class Staff:
    """Ids of the sample's colleagues: agents by branch (None: of none), handlers by department, the board, leads.

    ``names``: what they are called.
    """

    agents: Mapping[str | None, Sequence[int]]
    handlers: Mapping[str, Sequence[int]]
    names: Mapping[int, str]
    board: Sequence[int] = ()
    leads: Sequence[int] = ()

    def agents_of(self, branch: str | None) -> Sequence[int]:
        """The agents of the branch, or all of them where it has none of its own."""
        return self.agents.get(branch) or [person for group in self.agents.values() for person in group]


@dataclass(frozen=True, slots=True)
class Place:
    """The organisation as the register has it; ``calendar``: of its procedure, ``work``: when its staff works.

    ``texts``: the answer texts it offers, by their names. ``customer_fields``: what it verifies of its customers.
    """

    organisation: str
    name: str
    procedure: Procedure
    catalogues: Catalogues
    calendar: WorkCalendar
    work: WorkCalendar
    staff: Staff
    texts: Mapping[str, Text]
    customer_fields: Sequence[Field] = ()


class Sample:
    """Makes the history of one call after another."""

    def __init__(self, until: datetime, place: Place, chance: Random) -> None:
        self.until, self.place = until, place
        self.writer = Writer(place.organisation, place.name, chance)
        self.rhythm = rhythm(place.organisation)
        self.answers = Answers(
            place.texts,
            table(place.organisation, "stories")["additions"],
            place.catalogues.categories,
            place.procedure,
            place.calendar,
        )
        self.plans = Plans(place.organisation, self.rhythm, place.work)
        self.reasons = Draw(self.rhythm["reasons"].items())
        self.outcomes = Draw(self.rhythm["outcomes"].items())
        self.levels = Draw(self.rhythm.get("levels", {}).items())
        self.branches = Draw(self.rhythm.get("branches", {}).items())
        refusals = self.rhythm["refusals"]
        self.refusals = frozenset(refusals)
        self.grants = frozenset(key for name in place.texts if (key := name.partition("@")[0]) not in refusals)
        self.fields_of = cache(partial(fields_of, place.catalogues.categories))
        self.begin(0, chance)

    def begin(self, first: int, chance: Random) -> None:
        """Begin a batch with the complaint of that place (from 0), whatever was drawn before: from ``chance``.

        Of customers, so many are known as are to be expected by then.
        """
        self.chance = self.writer.chance = chance
        # Apart from ``chance``, which the rest of the sample is drawn from: fractions of a second, what the category
        # must know, what is said to customers before the result, and what is asked of superiors and the board.
        self.fractions, self.told, self.talk, self.above, self.answers.chance, self.plans.chance = (
            Random(first)  # noqa: S311 -- a sample has to be repeatable
            for _ in range(6)
        )
        shares = self.rhythm["shares"]
        self.customers = round(first * shares["named"] * (1 - shares["returning"]))

    def history(self, call: Call, reference: str) -> History:
        """The complaint of ``call`` and what was done until the sample ends."""
        draft = self._draft(call, reference)
        category = call.story.category
        values = self.writer.values(category, self.fields_of(category).values(), call.at, self.told)
        at_once = {key: text for key, text in values.items() if self.told.random() < KNOWN_AT_ONCE}
        draft = draft._replace(details=at_once)
        later = {key: text for key, text in values.items() if key not in at_once}
        history = _History(self, call, draft, later)
        history.make()
        in_time = (step for step in history.steps if step.at <= self.until)
        return draft, sorted(in_time, key=lambda step: whole_second(step.at))  # actions go on while a case is closed

    def happens(self, share: str) -> bool:
        """Whether something that happens this often happens now."""
        return self.chance.random() < self.rhythm["shares"][share]

    def live(self, at: datetime) -> datetime:
        """``at`` as a clock shows it while people work: with a fraction of a second (D29)."""
        return at + timedelta(0, 0, self.fractions.randrange(1_000_000))  # by name it takes twice as long

    def _draft(self, call: Call, reference: str) -> Draft:
        story, chance, writer = call.story, self.chance, self.writer
        customer = self._customer(call.channel)
        branch = self.branches.one(chance) if self.branches.has_any else None
        writer.begin(
            phone=customer.phone,
            mail=customer.email,
            branch=self.place.catalogues.branches[branch].vi if branch else "",
        )
        return Draft(
            channel=call.channel,
            recorded_at=self.live(call.at),
            statement=writer.statement(story, plain=self.happens("plain")),
            category=story.category,
            procedure=self.place.procedure.key,
            customer=customer,
            incident_at=self._incident_at(call),
            remedy=writer.one_of(story.remedies) if self.happens("remedy") else "",
            product=chance.choice(story.products) if story.products else None,
            platform=self._platform(call.channel),
            branch=branch,
            source=SOURCE,
            external_ref=reference,
        )

    def _incident_at(self, call: Call) -> datetime | None:
        if call.story.incident_days:
            least, most = call.story.incident_days
            return call.at - timedelta(minutes=self.chance.randrange(least * 24 * 60, most * 24 * 60))
        if self.happens("incident_time"):
            return call.at - timedelta(minutes=self.chance.randrange(5, 2_000))
        return None

    def _platform(self, channel: str) -> str | None:
        platforms = self.rhythm.get("platforms", {})
        known = platforms.get(channel) or platforms.get("any")
        return self.chance.choice(known) if known else None

    def _customer(self, channel: str) -> CustomerDraft:
        if not self.happens("named"):
            return CustomerDraft()
        if self.customers and self.happens("returning"):
            return self.writer.customer(self.chance.randint(1, self.customers), channel)
        self.customers += 1
        return self.writer.customer(self.customers, channel)


class _History:
    """One history while it is made: the moment the next step starts from, and the steps so far."""

    def __init__(self, sample: Sample, call: Call, draft: Draft, later: Mapping[str, str]) -> None:
        self.sample, self.chance, self.story, self.channel = sample, sample.chance, call.story, call.channel
        incident = sample.rhythm["incident"]
        self.at, self.draft = call.at, draft
        self.pace = incident["slower"] if call.in_incident else 1.0
        self.reason = incident["reason"] if call.in_incident else sample.reasons.one(self.chance)
        self.agent = self.chance.choice(sample.place.staff.agents_of(draft.branch))
        self.outcome = "answered" if self.story.is_inquiry else self.story.outcome or sample.outcomes.one(self.chance)
        self.steps: list[PastStep] = []
        self.later = later  # what is known of the category's fields only once somebody asks

    def make(self) -> None:
        """Every step; a few of the newest complaints stop on the way, as none stays there for months."""
        is_recent = self.at > self.sample.until - FORGOTTEN_FOR
        if self._is_settled():
            self._settle()
            return
        self._make()
        if is_recent and self.sample.happens("stuck"):
            del self.steps[self.chance.randrange(len(self.steps)) :]
        elif is_recent:
            self._leave_open()

    def _leave_open(self) -> None:
        """Some of the newest wait for the customer's word on an offer, a direction, or the result that was agreed."""
        for n, taken in enumerate(self.steps, 1):
            if taken.step in ("propose", "accept") and self._talks("undecided"):
                del self.steps[n:]
                return
            if taken.step == ESCALATE and self._asks_above("undirected"):
                del self.steps[n:]
                return

    def _is_settled(self) -> bool:
        """Whether it is agreed on the spot (D26): only where somebody is there to agree."""
        return self.channel in SPOKEN and self.chance.random() < self.story.settled

    def _settle(self) -> None:
        if not self.story.is_inquiry:
            self.outcome = "upheld"
        self._step("settle", step="acknowledge")
        self._add("assign", self.at, self.agent, assignee_id=self.agent)
        self._classify("settle")
        self._step("settle", step="notify_result", text=self._word("settled"))
        self._close("settle")

    def _make(self) -> None:
        story = self.story
        is_inquiry = story.is_inquiry
        received = self._word("receipts")
        self._tell(self._after("acknowledge_inquiry" if is_inquiry else "acknowledge"), "acknowledge", received)
        self._add("assign", self.at, self.agent, assignee_id=self.agent)
        if self.sample.happens("withdrawn"):
            self._step("question", step="withdraw", text=self._word("withdrawn"))
            return
        self._verify()
        self._classify("classify")
        if not is_inquiry:
            self._ask_customer()
            self._ask_department(story)
            self._escalate()
        if is_inquiry:
            self._step("result_inquiry", step="notify_result", text=self._result())
        else:
            self._talk()
            self._tell_result()
        if self._names_people():
            self._analyse()
        self._close("close")
        if not is_inquiry and not self._names_people():
            self._analyse()
        if self.sample.happens("reopened"):
            self._step("reopen", text=self._word("reopened"))
            self._tell_result()
            self._close("close")

    def _verify(self) -> None:
        """What is found of the customer before the level is determined (MISA 2); the same however often they call."""
        customer, shares = self.draft.customer, self.sample.rhythm["shares"]
        who = customer.phone or customer.email or customer.account
        if not who or "verified" not in shares:
            return
        whose = Random(who)  # noqa: S311 -- invents people, keeps no secret
        if whose.random() >= shares["verified"]:
            return
        facts = self.sample.writer.verified(self.sample.place.customer_fields, whose, shares["known"])
        if facts:
            self._add(VERIFY, self.at, self.agent, facts=facts)

    def _classify(self, duration: str) -> None:
        kind = "inquiry" if self.story.is_inquiry else "complaint"
        levels = self.sample.levels
        level = self.story.level or (levels.one(self.chance) if levels.has_any else None)
        self._step(duration, step="classify", kind=kind, level=level)

    def _ask_customer(self) -> None:
        if self.sample.happens("asked"):
            asked_at = self._after("question")
            again = local_day(asked_at + ASK_AGAIN_AFTER)
            self._tell(asked_at, "ask_customer", self._word("questions"), chase_on=again)
            self._step("reply", step="record_reply", text=self._word("replies"))

    def _ask_department(self, story: Story) -> None:
        if story.department and self.sample.happens("forwarded"):
            at = self._after("forward")
            asked = self.sample.writer.one_of(story.asks)
            due_at = self._answer_due(at)
            asking = StepFields(department=story.department, text=asked, due_at=due_at, details=self.later)
            self._add("forward", at, self.agent, **asking)
            is_shared = story.department != BOARD and self._talks("several")
            other = self._ask_another(story.department, due_at) if is_shared else ""
            answering = self.chance.choice(self.sample.place.staff.handlers[story.department])
            if other and self._talks("returned"):
                self._end_other("return_request", other, "returned", belongs_to=story.department)
                other = ""
            self._add("answer", self._after("answer"), answering, request=1, text=self._answer())
            if other and self._talks("recalled"):
                self._end_other("recall", other, "recalled")
            elif other:
                self._end_other("answer", other, "confirmed")

    def _ask_another(self, first: str, due_at: datetime) -> str:
        """A second department is asked in the same save, and sometimes reminded; which, if there is any other."""
        others = sorted(key for key in self.sample.place.staff.handlers if key != first)
        if not others:
            return ""
        other = self.sample.talk.choice(others)
        text = self._word("asked_beside")
        self._add("forward", self.at, self.agent, department=other, text=text, due_at=due_at)
        if self._talks("reminded"):
            self._add("remind", self._soon(), self.agent, request=2, text=self._word("reminders"))
        return other

    def _end_other(self, step: str, asked: str, said: str, belongs_to: str | None = None) -> None:
        """What becomes of the second question; customer care takes back, the department does the rest."""
        people = self.sample.place.staff.handlers[asked]
        by = self.agent if step == "recall" else self.sample.talk.choice(people)
        self._add(step, self._soon(), by, request=2, text=self._word(said), belongs_to=belongs_to)

    def _escalate(self) -> None:
        """What the departments cannot solve is asked of a superior or the board (Minh Tuấn 3, MISA 2)."""
        place, whom = self.sample.place, self.sample.place.procedure.escalates_to[0]
        answering = place.staff.board if whom == Addressee.board else place.staff.leads
        if not answering or self.story.department == BOARD or not self._asks_above("escalated"):
            return
        at = self._soon_above()
        self._add(ESCALATE, at, self.agent, addressee=whom, text=self._word("escalations"), due_at=self._answer_due(at))
        if self._asks_above("reminded"):
            self._add("remind_direction", self._soon_above(), self.agent)
        if self._asks_above("proposal_returned"):
            self._add("return_proposal", self._soon_above(), answering[0], text=self._word("returned_proposals"))
            at = self._soon_above()
            again = self._word("escalations")
            self._add(ESCALATE, at, self.agent, addressee=whom, text=again, due_at=self._answer_due(at))
        if self._asks_above("approved"):
            self._add("approve_proposal", self._soon_above(), answering[0])
        else:
            self._add(DIRECT, self._soon_above(), answering[0], text=self._word("directions"))

    def _asks_above(self, share: str) -> bool:
        return self.sample.above.random() < self.sample.rhythm["shares"].get(share, 0.0)

    def _soon_above(self) -> datetime:
        """Some working minutes after the step before: who is asked answers within hours."""
        if self.at > self.sample.until:
            return self.at
        return self.sample.place.work.add(self.at, timedelta(minutes=self.sample.above.randrange(5, 120)))

    def _talk(self) -> None:
        """What the customer hears before the result: how it goes, when they hear again, and what they are offered."""
        if self._talks("progress"):
            self._tell(self._soon(), "tell_progress", self._word("progress"))
        if self._talks("promised"):
            at = self._soon()
            self._tell(at, "promise", self._word("promises"), promised="reply", due_at=self._answer_due(at))
        if self.sample.place.procedure.conciliation and self._talks("proposed"):
            self._propose()
            if self._talks("refused"):
                at = self._soon()
                due_at = self._answer_due(at)
                self._add("refuse", at, self.agent, text=self._word("refused"), due_at=due_at)
                self._propose()
            self._add("accept", self._soon(), self.agent, text=self._word("agreed"))

    def _propose(self) -> None:
        at = self._soon()
        again = local_day(at + ASK_AGAIN_AFTER)
        self._tell(at, "propose", self._word("proposals"), chase_on=again)
        if self._talks("chased"):
            at = self._soon()
            self._tell(
                at, "chase", self._word("chases"), channel=self.channel, chase_on=local_day(at + ASK_AGAIN_AFTER)
            )

    def _talks(self, share: str) -> bool:
        return self.sample.talk.random() < self.sample.rhythm["shares"][share]

    def _soon(self) -> datetime:
        """Some working minutes after the step before: talking costs no day."""
        if self.at > self.sample.until:
            return self.at
        return self.sample.place.work.add(self.at, timedelta(minutes=self.sample.talk.randrange(5, 90)))

    def _answer_due(self, asked_at: datetime) -> datetime:
        calendar = self.sample.place.calendar
        return calendar.closing(calendar.add_days(local_day(asked_at), ANSWER_WITHIN))

    def _close(self, duration: str) -> None:
        self._step(
            duration,
            step="close",
            outcome=self.outcome,
            root_cause=self.story.cause or None,
            breach_reason=self.reason,
            lesson="" if self.story.is_inquiry else self._word("lessons"),
        )

    def _names_people(self) -> bool:
        """Whether the board looks before it is closed (MISA 4)."""
        place = self.sample.place
        return place.procedure.board_looks and names_people(place.catalogues.categories, self.draft.category)

    def _analyse(self) -> None:
        """What MISA demands of a complaint: the analysis, what the board says, the action to its end."""
        place = self.sample.place
        if self.at > self.sample.until or not (place.procedure.demands_prevention and place.staff.board):
            return
        taken = self.sample.plans.of(
            self.story.cause,
            self.at,
            owner=self._owner(),
            agent=self.agent,
            board=place.staff.board[0],
            names_people=self._names_people(),
        )
        self.steps += taken
        if self._names_people() and taken:
            self.at = next(step.at for step in reversed(taken) if step.step == APPROVE)

    def _owner(self) -> int:
        """Who does what is planned: somebody of the department that was asked, else customer care."""
        asked = any(step.step == "forward" for step in self.steps)
        return self.sample.place.staff.handlers[self.story.department][0] if asked else self.agent

    def _step(self, duration: str, step: str = "", **fields: Unpack[StepFields]) -> None:
        self._add(step or duration, self._after(duration), self.agent, **fields)

    def _tell(
        self, at: datetime, step: str, own: str, kept_to: frozenset[str] | None = None, **fields: Unpack[StepFields]
    ) -> None:
        """A step in which the customer is told something, in ``own`` words or by an answer text."""
        fields["text"] = own
        if self.channel not in SPOKEN:
            holder = self.sample.place.staff.names[self.agent]
            fields.update(self.sample.answers.fields(step, self.draft, own, at, holder, kept_to))
        self._add(step, at, self.agent, **fields)

    def _tell_result(self) -> None:
        own = self._result()
        kept_to = self.sample.refusals if self._is_refused() else self.sample.grants
        self._tell(self._after("result"), "notify_result", own, kept_to)

    def _add(self, step: str, at: datetime, actor: int, **fields: Unpack[StepFields]) -> None:
        self.at = at
        self.steps.append(PastStep(step, self.sample.live(at), fields, actor))

    def _after(self, duration: str) -> datetime:
        """Working time after the step before, drawn for this kind of step; past the sample's end none is needed."""
        if self.at > self.sample.until:
            return self.at
        middle, spread = self.sample.rhythm["steps"][duration]
        hours = middle * self.pace * self.chance.lognormvariate(0, spread)
        return self.sample.place.work.add(self.at, timedelta(seconds=round(max(60.0, hours * 3600))))

    def _answer(self) -> str:
        return self._word("no_ground") if self._is_refused() else self.sample.writer.one_of(self.story.answers)

    def _result(self) -> str:
        return self._word("refusals") if self._is_refused() else self.sample.writer.one_of(self.story.results)

    def _is_refused(self) -> bool:
        """Whether the texts of the story, which grant what is asked for, would contradict how it ends."""
        return self.outcome == "rejected" and not self.story.outcome

    def _word(self, key: str) -> str:
        return self.sample.writer.word(key)
