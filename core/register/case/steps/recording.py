"""What a step is checked against, how its fields are read, and what it writes to the log."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple, TypedDict

from core.errors import Invalid
from core.i18n import N_
from core.register.case import mail_subject
from core.register.case.customers import CustomerDraft
from core.register.case.draft import CLOCK_SKEW, EMAIL, NO_SUCH_FIELD, UNKEEPABLE, recording_problem
from core.register.case.evidence import MAX_TEXT, FileDraft
from core.register.case.payload import CaseEvent, Payload, Row, instant
from core.rules import answer_text, checklist
from core.rules import details as detail_rules
from core.rules.admission import NOTHING as NOTHING_AGAINST
from core.rules.admission import Against
from core.rules.calendar import local_day, whole_second
from core.rules.catalogue import Catalogue, Catalogues, Field, counted_as, offered
from core.rules.checklist import Item
from core.rules.clocks import REPLY
from core.rules.directions import Asked
from core.rules.evidence_kinds import KINDS, RECORDING
from core.rules.issues import standing
from core.rules.policy import Values
from core.rules.prevention import Prevention
from core.rules.procedure import Procedure
from core.rules.requests import Request, open_of
from core.rules.steps import STEPS, Department, State, Step
from core.rules.text import keepable
from core.rules.waiting import Waiting

Becomes = str | datetime | Mapping[str, str] | None
"""The right value of a correction."""
NOTHING_YET = Prevention()


class ActionFields(TypedDict, total=False):
    """One preventive action as a form gives it; the day it is due ends with the office hours of a working day."""

    what: str
    owner_id: int | None
    due_on: date | None


class StepFields(TypedDict, total=False):
    """The fields of a step from a form, a mapping or a sample; ``core.rules.steps`` declares which a step carries.

    ``explains``: the promise (``core.rules.misses.name_of``). ``breach_reason``: one reason, or promise → reason.
    ``corrects``: a key of ``core.rules.correction.KEYS``; ``of``: the ``seq`` of the step whose time is wrong;
    ``becomes``: the right value: a key or text, a moment, or of a contact detail → text.
    ``request``: the number of the request to a department; ``belongs_to``: the department whose it is instead.
    ``whys``: the answers to one why after the other. ``actions``: what is planned, none where ``text`` says why none is
    needed. ``people``: who is responsible, for the board alone. ``action``: the number of the action meant.
    ``incident``: the code of the incident that it joins. ``merged_into``: that of the complaint in which it goes on.
    ``addressee``: of whom a direction is asked. ``recording``: where a recording lies that is kept elsewhere,
    ``recording_at``: when the call was. ``wanted``: what the customer must send (``core.rules.checklist``), and
    ``wanted_more``, one a line. ``came``: the numbers of what came of it. ``facts``: customer field → the value as it
    was verified; ``still``: the fields whose known value is right still. ``issue``: the number of a further issue,
    ``issue_category``: what that is about; ``issue_outcomes``, ``issue_causes``: number as text → key (D34).
    ``work_log``: it was looked at (Minh Tuấn 2). ``paper``: the kind of paper, ``replaces``: the number of the one
    that it corrects (D39). ``mail``: what the customer is told leaves as a mail with saving, under ``subject`` (empty:
    one that is made), with the papers of the numbers ``enclosed`` (D46).
    """

    channel: str | None
    kind: str | None
    category: str | None
    level: str | None
    assignee_id: int | None
    department: str | None
    request: int | None
    belongs_to: str | None
    due_at: datetime | None
    promised: str | None
    chase_on: date | None
    outcome: str | None
    root_cause: str | None
    explains: str | None
    breach_reason: str | Mapping[str, str | None] | None
    whys: Sequence[str]
    actions: Sequence[ActionFields]
    people: str
    action: str | None
    incident: str | None
    merged_into: str | None
    addressee: str | None
    verified: str | None
    effect: str | None
    text: str
    lesson: str
    answer_text: str | None
    mail: bool
    subject: str
    enclosed: Sequence[str]
    files: Sequence[FileDraft]
    work_log: bool
    paper: str | None
    replaces: str | None
    recording: str
    recording_at: datetime | None
    wanted: Sequence[str]
    wanted_more: str
    came: Sequence[int]
    details: Mapping[str, str]
    facts: Mapping[str, str]
    still: Sequence[str]
    corrects: str | None
    of: int | None
    becomes: Becomes
    issue: int | None
    issue_category: str | None
    issue_outcomes: Mapping[str, str | None]
    issue_causes: Mapping[str, str | None]


class Recorded(NamedTuple):
    """What a correction is checked against (D21): the history as it counts, and what else stands of it.

    ``texts``: statement and remedy. ``reply_days``: of the product that it becomes, else as they are. ``first_year``:
    of the calendar. ``branches``: those for which the person may log, None for any. ``holder_sees``: whether whoever
    holds the complaint would see it in the branch that it becomes; None where nobody does, or it stays.
    """

    events: Sequence[CaseEvent] = ()
    texts: Mapping[str, str] = MappingProxyType({})
    contact: CustomerDraft = CustomerDraft()
    reply_days: int | None = None
    first_year: int = 0
    branches: Values | None = None
    holder_sees: bool | None = None


class Survivor(NamedTuple):
    """The complaint in which another one is to go on (D13); one that was itself merged away stands for where it is.

    ``place``: what says which of two was received first. ``is_seen``: whether the person would see it.
    """

    code: str
    state: State
    customer_id: int | None
    place: tuple[datetime, int, int]
    is_seen: bool = True


class Mailing(NamedTuple):
    """What a mail to the customer is checked against (D46).

    ``is_set_up``: whether a mail can leave at all. ``address``: the customer's as mail servers take it, empty where
    none is known. ``is_now``: the step happens as it is saved.
    """

    is_set_up: bool = False
    address: str = ""
    is_now: bool = True


NO_MAIL = Mailing()


class Situation(NamedTuple):
    """What a step is checked against: the complaint's row, its rules, when the step happens.

    ``missed``: the promises broken by then → the reason each has so far. ``assignee_sees``: whether the person it is to
    be given to would see it; None where that is nobody who may hold one.
    ``answer_texts``: key@version → body of the approved text that the fields name, where they name one.
    ``details``: field → value of what is known so far, where the step carries details. ``waiting``: since when the
    customer has been awaited, and how often they were asked again. ``promise_runs``: whether any clock of the complaint
    is running, so that no other date need be given. ``is_live``: somebody takes the
    step now, so that what the category must know is asked for; a history that comes in is taken as it was.
    ``corrects``: who takes it may change a reason that was given; ``corrects_times``: also what clocks depend on.
    ``recorded``: for a correction alone.
    ``answers_for``: the departments whose requests are theirs to answer; None for who answers any.
    ``prevention``: its analysis and actions so far. ``owners_see``: of the people who are to do actions, who would see
    the complaint. ``office_closes``: a day → when the working day ends on which what is due that day is due.
    ``incidents``: the codes of those that it can join. ``survivor``: the one in which it is to go on, if there is such
    a complaint; ``merges_customers``: who takes the step may say that two customers are one. ``merge``: the ``seq`` of
    the event by which it was merged away, for taking that back.
    ``incidents``: the codes of those that it can join. ``directions``: what was asked of superiors and the board.
    ``offers``: the kinds of paper that can be issued now; ``papers``: number → kind of those that were (D39).
    ``mailing``: of a step by which a mail is to leave (D46).
    ``customer_fields``: what the organisation verifies of a customer; ``facts``: field → value of what is known of it.
    """

    row: Row
    procedure: Procedure
    catalogues: Catalogues
    at: datetime
    missed: Mapping[str, str | None] = MappingProxyType({})
    assignee_sees: bool | None = None
    answer_texts: Mapping[str, str] = MappingProxyType({})
    details: Mapping[str, str] = MappingProxyType({})
    customer_fields: Mapping[str, Field] = MappingProxyType({})
    facts: Mapping[str, str] = MappingProxyType({})
    is_live: bool = False
    waiting: Waiting | None = None
    promise_runs: bool = True
    corrects: bool = True
    corrects_times: bool = True
    recorded: Recorded = Recorded()
    answers_for: tuple[str, ...] | None = None
    prevention: Prevention = NOTHING_YET
    owners_see: Container[int] = ()
    incidents: Container[str] = ()
    directions: Sequence[Asked] = ()
    checklist: Mapping[int, Item] = MappingProxyType({})
    against: Against = NOTHING_AGAINST
    office_closes: Callable[[date], datetime] | None = None
    survivor: Survivor | None = None
    merges_customers: bool = True
    merge: int = 0
    offers: tuple[str, ...] = ()
    papers: Mapping[str, str] = MappingProxyType({})
    mailing: Mailing = NO_MAIL

    @property
    def owed(self) -> list[Request]:
        """The open requests that are theirs to answer."""
        wanted = self.answers_for
        return [one for one in open_of(self.row["requests"]) if wanted is None or one.department in wanted]

    @property
    def unexplained(self) -> tuple[str, ...]:
        """The promises broken by then that have no reason yet."""
        return tuple(promise for promise, reason in self.missed.items() if reason is None)


Texts = Mapping[str, tuple[str, str]]
"""Key of the payload → (kind of text, body)."""


@dataclass(frozen=True, slots=True)
class Content:
    """The content of an event, ready for the log: its payload, and the texts and files to store as evidence."""

    payload: Payload
    texts: Texts = field(default_factory=dict)
    files: tuple[FileDraft, ...] = ()


Check = Callable[[Situation, StepFields], Content]
Change = Callable[[Row, CaseEvent], None]


def nothing(row: Row, event: CaseEvent) -> None:
    """The change of a step that leaves the row as it is."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One step in the register: ``check`` refuses or makes the event's content, ``change`` updates the row.

    State, version and what a department owes are changed for every step alike (``core.register.case.projection``).
    """

    check: Check
    change: Change = nothing


class Reader:
    """Reads the fields of one step, collecting a sentence per field that must be mended.

    Whether a field is needed follows from the step's own declaration; a field that the step does not carry is a
    KeyError.
    """

    def __init__(self, step: str, situation: Situation, fields: StepFields) -> None:
        self.step: Step = STEPS[step]
        self.situation, self.fields = situation, fields
        self.problems: dict[str, str] = {}

    def needs(self, name: str) -> bool:
        """Whether the field must be filled in here."""
        situation = self.situation
        return self.step.needs(name, kind=situation.row["kind"], unexplained=bool(situation.unexplained))

    def word(self, name: str, value: object, known: Container[str], sentence: str) -> str | None:
        """``value`` of the field ``name`` if it is one of ``known``; else a problem, unless empty and not needed."""
        if not value and not self.needs(name):
            return None
        if not isinstance(value, str) or value not in known:
            self.problems[name] = sentence
            return None
        return value

    def entry(
        self, name: str, value: str | None, catalogue: Catalogue, sentence: str, *, kept: str | None = None
    ) -> str | None:
        """The key of an entry that is offered, or ``kept``, what the complaint says already; else as ``word``.

        A history may say an entry that is no longer offered, and one that was merged is taken as the other (D20).
        """
        if self.situation.is_live:
            return self.word(name, value, offered(catalogue, kept), sentence)
        return self.word(name, value and counted_as(catalogue, value), catalogue, sentence)

    def text(self, name: str, value: str | None, sentence: str = "") -> str:
        """The text of the field ``name``, trimmed; a problem where needed and empty, too long, or not storable."""
        text = str(value or "").strip()
        if not text and self.needs(name):
            self.problems[name] = sentence
        if len(text) > MAX_TEXT:
            self.problems[name] = N_("The text is longer than 20,000 characters: shorten it or attach it as a file.")
        if keepable(text) != text:
            self.problems[name] = UNKEEPABLE
        return text

    def due_at(self, past: str) -> str | None:
        """The instant of the field ``due_at`` as payloads hold it; ``past``: the sentence where it is over already."""
        due_at = self.fields.get("due_at")
        if not isinstance(due_at, datetime):
            self.problems["due_at"] = N_("Give a day and a time.")
            return None
        if whole_second(due_at) < self.situation.at:
            self.problems["due_at"] = past
        return instant(due_at)

    def request(self) -> Payload:
        """The request that the step is about: the one that is named, or the only one that is owed.

        A history that comes in with an answer to none of them means all that are owed (``core.rules.requests.follow``).
        """
        owed, number = self.situation.owed, self.fields.get("request")
        if not owed:
            self.problems["request"] = N_("No department is being waited for: forward the complaint first.")
            return Payload()
        named = [one for one in owed if number in (None, one.number)]
        if len(named) == 1:
            return Payload(request=named[0].number, department=named[0].department)
        if number is None and not self.situation.is_live and self.step.department is Department.ANSWERS:
            return Payload(department=self.situation.row["department"])
        self.problems["request"] = N_("Choose the question to the department that this is about.")
        return Payload()

    def result_due_at(self) -> Payload:
        """By when the result is told officially; must be said where nothing else is promised (D17)."""
        needed = self.situation.is_live and not self.situation.promise_runs
        if self.fields.get("due_at") is None and not needed:
            return Payload()
        return Payload(kind=REPLY, due_at=self.due_at(N_("That time is over already: promise one to come.")))

    def chase_on(self) -> str | None:
        """The day of the field ``chase_on`` on which the customer is asked again (D5)."""
        chase_on = self.fields.get("chase_on")
        if not isinstance(chase_on, date) or isinstance(chase_on, datetime):
            self.problems["chase_on"] = N_("Give the day on which we ask again.")
            return None
        if chase_on < local_day(self.situation.at):
            self.problems["chase_on"] = N_("That day is over already: give the day on which we ask again.")
        return chase_on.isoformat()

    def channel(self, sentence: str) -> str | None:
        """The channel through which the customer was told; the one the complaint came by where none is given."""
        row, known = self.situation.row, self.situation.catalogues.channels
        return self.entry("channel", self.fields.get("channel") or row["channel"], known, sentence, kept=row["channel"])

    def answer_text(self, said: str) -> Payload:
        """Which answer text was used, and whether it was changed; nothing where nothing was said, or without one."""
        name, known = self.fields.get("answer_text"), self.situation.answer_texts
        if not name or not said:
            return Payload()
        if name not in known:
            self.problems["answer_text"] = N_("Choose a text of the list, or none.")
            return Payload()
        used = Payload(answer_text=name)
        if not answer_text.is_unchanged(known[name], said):
            used["answer_text_changed"] = True
        return used

    def told(self, kind: str, said: str) -> tuple[Payload, Texts]:
        """What the customer was told, a text of ``kind``: by which answer text, and by a mail from here (D46)."""
        fields = self.fields
        typed, enclosed = str(fields.get("subject") or ""), list(dict.fromkeys(fields.get("enclosed") or ()))
        payload, subject = self._mail(said, typed, enclosed) if fields.get("mail") else (Payload(), {})
        return self.answer_text(said) | payload, {"text_id": (kind, said), **subject}

    def _mail(self, said: str, typed: str, enclosed: list[str]) -> tuple[Payload, Texts]:
        """The part of a mail: whatever says that it cannot leave as it is, is a problem of the field it is about."""
        mailing, channel = self.situation.mailing, self.fields.get("channel") or self.situation.row["channel"]
        if not mailing.is_set_up:
            self.problems["mail"] = N_("No mail can be sent from here: no mail server is in use.")
        elif not mailing.address:
            self.problems["mail"] = N_(
                "The customer has no e-mail address that a mail can be sent to: correct it first."
            )
        elif "channel" in self.step.field_names() and channel != EMAIL:
            self.problems["mail"] = N_("A mail goes through the channel e-mail: choose that one, or send no mail.")
        if not mailing.is_now:
            self.problems["happened_at"] = N_(
                "A mail leaves when it is saved: leave the time at “now”, or send no mail."
            )
        if not said:
            self.problems["text"] = N_("Write what the mail says.")
        elif any(f"{{{name}}}" in said for name in answer_text.FIELDS):
            self.problems["text"] = N_("The mail still has a field in braces: put in what it stands for.")
        if not set(self.situation.papers).issuperset(enclosed):
            self.problems["enclosed"] = N_("Choose papers that were issued for this case.")
        subject = mail_subject.whole(typed, self.situation.row["code"], self.step.key)
        if problem := mail_subject.problem(subject):
            self.problems["subject"] = problem
        return Payload(mail=True, enclosed=enclosed or None), {"subject_id": (mail_subject.KIND, subject)}

    @cached_property
    def detail_fields(self) -> dict[str, Field]:
        """What the categories of the complaint and of its further issues must know (D34)."""
        row, further = self.situation.row, standing(self.situation.row["issues"])
        among = (row["category"], *(one.category for one in further))
        return detail_rules.fields_of_all(self.situation.catalogues.categories, among)

    def details(self) -> dict[str, str]:
        """Field → new value of the field ``details`` (empty: not known any more), without what is known already."""
        values = self._values("details", self.fields.get("details") or {}, self.detail_fields)
        return {key: value for key, value in values.items() if value != self.situation.details.get(key, "")}

    def facts(self) -> dict[str, str]:
        """Customer field → value as it was verified now: what was typed, and what is known and right still."""
        fields, known = self.situation.customer_fields, self.situation.facts
        typed = self._values("facts", self.fields.get("facts") or {}, fields)
        still = list(self.fields.get("still") or ())
        if not set(known).issuperset(still):
            self.problems["still"] = N_("Choose what is right still from the list of what is known.")
        right = {key: known[key] for key in still if key in known}
        return right | {key: value for key, value in typed.items() if value}

    def _values(self, name: str, typed: Mapping[str, str], fields: Mapping[str, Field]) -> dict[str, str]:
        """Key → value of what was typed into these fields (empty for nothing); a problem under ``NAME.KEY`` else."""
        found = {}
        for key, text in typed.items():
            if key not in fields:
                self.problems[f"{name}.{key}"] = NO_SUCH_FIELD
                continue
            try:
                found[key] = detail_rules.parse(fields[key], text)
            except Invalid as refused:
                self.problems[f"{name}.{key}"] = refused.template
        return found

    def wanted(self) -> tuple[Payload, Texts]:
        """What the customer must send: fields of the category, kinds of evidence, and lines of their own."""
        chosen, more = list(self.fields.get("wanted") or ()), str(self.fields.get("wanted_more") or "")
        known = {f"{checklist.DETAIL}{key}" for key in self.detail_fields} | {
            f"{checklist.EVIDENCE}{kind}" for kind in KINDS
        }
        if not known.issuperset(chosen):
            self.problems["wanted"] = N_("Choose what must come from the list.")
        lines = checklist.lines_of(self.text("wanted_more", more))
        if len(chosen) + len(lines) > checklist.MOST:
            self.problems["wanted_more"] = N_("At most 20 things fit one question: ask for the rest in the text.")
        said = Payload(wanted=list(dict.fromkeys(chosen)) or None, wanted_lines=len(lines) or None)
        return said, {"wanted_id": ("wanted", "\n".join(lines))}

    def came(self) -> Payload:
        """What came of what the customer was asked to send."""
        numbers = list(dict.fromkeys(self.fields.get("came") or ()))
        if not set(checklist.missing(self.situation.checklist)).issuperset(numbers):
            self.problems["came"] = N_("Choose what came from the list of what is still missing.")
        return Payload(came=numbers or None)

    def recording(self) -> tuple[Payload, Texts]:
        """Where a recording lies that is kept elsewhere, and when the call was."""
        place, at = str(self.fields.get("recording") or "").strip(), self.fields.get("recording_at")
        if problem := recording_problem(place):
            self.problems["recording"] = problem
        if isinstance(at, datetime) and whole_second(at) > self.situation.at + CLOCK_SKEW:
            self.problems["recording_at"] = N_("Give a time that is not in the future.")
        if at is not None and not place:
            self.problems["recording"] = N_("Say where the recording lies, or leave the time of the call empty.")
        return Payload(recording_at=instant(at)), {"recording_id": (RECORDING, place)}

    def done(self, payload: Payload, texts: Texts | None = None) -> Content:
        """The content with the files of the form; Invalid with every problem found, when there is any."""
        if self.problems:
            raise Invalid(N_("Please mend the marked fields; everything you typed is still here."), self.problems)
        return Content(payload, texts or {}, tuple(self.fields.get("files") or ()))
