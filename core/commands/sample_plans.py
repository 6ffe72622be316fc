"""What the sample's people do so that a complaint does not happen again (D25): analyses, the board, actions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from io import BytesIO
from random import Random
from typing import NotRequired, TypedDict, Unpack, cast

from core.commands.sample_rhythm import Rhythm
from core.commands.sample_texts import table
from core.register.case.complaints import PastStep
from core.register.case.evidence import FileDraft
from core.register.case.steps.recording import ActionFields, StepFields
from core.rules.calendar import WorkCalendar, local_day
from core.rules.prevention import ANALYSE, APPROVE, CHECK, CHECK_AFTER, DONE, RETURN, SEND, VERIFY

DAYS = (5, 7, 14)
"""After how many days an action is due."""
EFFECTS = (*("effective",) * 45, *("not_effective",) * 14, "too_early")
DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63f8cfc0f01f0005000201a1"
    "5a4d4d0000000049454e44ae426082"
)
"""A picture of one pixel: the evidence of an action that nobody did."""


class Picture(BytesIO):
    """``DOT`` as a file; two of them are equal, so that a seed gives the same sample again."""

    def __init__(self) -> None:
        super().__init__(DOT)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Picture)

    def __hash__(self) -> int:
        return hash(DOT)


class CauseTexts(TypedDict):
    """``whys`` one after the other, and the ``actions`` of which one is planned."""

    whys: list[str]
    actions: list[str]


class Texts(TypedDict):
    """``sample/prevention.toml``; what is missing is not drawn."""

    names: NotRequired[list[str]]
    none_needed: NotRequired[list[str]]
    returned: NotRequired[list[str]]
    shown: NotRequired[list[str]]
    refused: NotRequired[list[str]]
    checked: NotRequired[list[str]]
    causes: NotRequired[dict[str, CauseTexts]]


class People(TypedDict):
    """Who takes part: ``owner`` of the action, ``agent`` of the case, ``board``; whether people are named."""

    owner: int
    agent: int
    board: int
    names_people: bool


class Plans:
    """Draws what follows a complaint; apart from what the rest of the sample is drawn from."""

    def __init__(self, organisation: str, rhythm: Rhythm, work: WorkCalendar) -> None:
        self.texts = cast("Texts", table(organisation, "prevention"))
        self.shares, self.hours = rhythm["shares"], rhythm["steps"]
        self.chance = Random(0)  # noqa: S311 -- a sample has to be repeatable
        self.work = work
        self.at: datetime
        self.due_on: date

    def of(self, cause: str, at: datetime, **people: Unpack[People]) -> list[PastStep]:
        """The steps after ``at``; none where nobody analyses it."""
        known = self.texts.get("causes", {}).get(cause)
        if known is None or not (people["names_people"] or self._happens("analysed")):
            return []
        self.at = at
        return list(self._steps(cause, known, people))

    def _steps(self, cause: str, known: CauseTexts, people: People) -> Iterator[PastStep]:
        plans = self._happens("planned") or people["names_people"]
        self._later("analyse")
        yield self._analysis(cause, known, people, plans=plans)
        if self._happens("returned"):
            yield self._step("approve", RETURN, people["board"], text=self._one("returned"))
            self._later("approve")
            yield self._analysis(cause, known, people, plans=plans)
        yield self._step("approve", APPROVE, people["board"])
        if plans and not self._happens("forgotten"):
            yield from self._action(people)

    def _analysis(self, cause: str, known: CauseTexts, people: People, *, plans: bool) -> PastStep:
        fields = StepFields(root_cause=cause, whys=known["whys"][: self.chance.randint(1, len(known["whys"]))])
        if plans:
            self.due_on = local_day(self.at) + timedelta(days=self.chance.choice(DAYS))
            what = self.chance.choice(known["actions"])
            fields["actions"] = [ActionFields(what=what, owner_id=people["owner"], due_on=self.due_on)]
        else:
            fields["text"] = self._one("none_needed")
        if people["names_people"]:
            fields["people"] = self._one("names")
        return PastStep(ANALYSE, self.at, fields, people["owner"])

    def _action(self, people: People) -> Iterator[PastStep]:
        """Done around its due, then shown, verified, and its effect looked at a month later."""
        days = (self.due_on - local_day(self.at)).days
        self.at = self.work.add(self.at, timedelta(hours=max(2, days * self.chance.uniform(4, 11))))
        yield self._step("verify", DONE, people["owner"], action="1")
        yield self._evidence(people)
        if self._happens("refused_evidence"):
            refused = self._one("refused")
            yield self._step("verify", VERIFY, people["agent"], action="1", verified="refused", text=refused)
            yield self._evidence(people)
        yield self._step("verify", VERIFY, people["agent"], action="1", verified="confirmed")
        if self._happens("checked"):
            self.at = self.work.add(self.at + CHECK_AFTER, timedelta(hours=self.chance.uniform(1, 60)))
            effect, looked = self.chance.choice(EFFECTS), self._one("checked")
            yield self._step("verify", CHECK, people["agent"], action="1", effect=effect, text=looked)

    def _evidence(self, people: People) -> PastStep:
        files = (FileDraft("bang-chung.png", Picture()),)
        return self._step("verify", SEND, people["owner"], action="1", files=files, text=self._one("shown"))

    def _step(self, duration: str, step: str, actor: int, **fields: Unpack[StepFields]) -> PastStep:
        self._later(duration)
        return PastStep(step, self.at, fields, actor)

    def _later(self, duration: str) -> None:
        """Working time after the step before, drawn for this kind of step."""
        middle, spread = self.hours[duration]
        hours = middle * self.chance.lognormvariate(0, spread)
        self.at = self.work.add(self.at, timedelta(seconds=round(max(60.0, hours * 3600))))

    def _happens(self, share: str) -> bool:
        return self.chance.random() < self.shares.get(share, 0.0)

    def _one(self, key: str) -> str:
        return self.chance.choice(cast("Mapping[str, list[str]]", self.texts)[key])
