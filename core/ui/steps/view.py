"""What the screens add to a step, and the form to which each step adds its own fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import streamlit as st

from core.catalogues import catalogues, name_of
from core.i18n import due_words, named
from core.i18n import gettext as _
from core.register.case.evidence import FileDraft
from core.register.case.file_kinds import MEDIA
from core.register.case.steps.recording import StepFields
from core.register.clocks import promises
from core.register.reads.dossier import Dossier, OpenRequest
from core.register.reads.timeline import Moment, Wanted
from core.rules.catalogue import Catalogue, Field, offered
from core.rules.masking import HIDDEN
from core.rules.text import snippet
from core.rules.verdicts import Verdict
from core.ui import details, evidence, fields, style
from core.ui.context import PageContext
from core.ui.steps import answer_text, mail
from core.ui.text import Words, plain

QUESTION = 60  # letters by which a question is told from others
TOLD_HEIGHT = 200  # pixels: a whole message is read before it is sent
WORKING_DAYS = 2
"""The term of a department, or of a customer, unless another date is chosen (D19)."""


@dataclass(frozen=True, slots=True)
class Form:
    """The form of one step on one complaint.

    ``prefix`` keys its widgets; ``problems``: field → what was wrong with it when it was last sent.
    """

    context: PageContext
    dossier: Dossier
    prefix: str
    problems: Mapping[str, str]

    def key(self, name: str) -> str:
        """The key of a field's widget."""
        return f"{self.prefix}.{name}"

    def text(self, label: Words, name: str = "text", height: int = fields.TEXT_HEIGHT) -> str:
        """A text of several lines; ``height`` in pixels."""
        return fields.text_area(label, self.key(name), self.problems, name, height)

    def short_text(self, label: Words, name: str) -> str:
        """A text of one line."""
        typed = st.text_input(label, key=self.key(name), autocomplete="off", persist_state="page")
        fields.mend(self.problems, name)
        return typed or ""

    def told(self, step: str, label: Words, channel: str | None = None) -> StepFields:
        """What the customer is told, with the answer texts that fit above it, and which of them was put in.

        ``label`` asks what was said to them elsewhere; a mail says it from here (D46).
        """
        is_mail = mail.is_ticked(self, channel)
        used = answer_text.pick(self.context, self.dossier, step, channel, self.prefix)
        said = fields.text_area(
            _("What the mail says") if is_mail else label, self.key("text"), self.problems, "text", TOLD_HEIGHT
        )
        fields.mend(self.problems, answer_text.NAME)
        if used:
            answer_text.remind(said)
        filled = StepFields(text=said, answer_text=used)
        return filled | mail.addressed(self, step) if is_mail else filled

    def choose(self, label: Words, options: Mapping[str, str], name: str, first: str | None = None) -> str | None:
        """One key of ``options``."""
        return fields.choice(label, options, self.key(name), self.problems, name, first=first)

    def several(self, label: Words, options: Mapping[str, str], name: str) -> list[str]:
        """Any keys of ``options``."""
        return fields.several(label, options, self.key(name), self.problems, name)

    def request(self) -> int | None:
        """Which open request to a department the step is about (D19), at first the one that is due first."""
        known = {str(one.number): _request_words(one) for one in self.dossier.owed}
        chosen = self.choose(_("Which question to a department?"), known, "request", next(iter(known), None))
        return int(chosen) if chosen else None

    def details(
        self, asked: Iterable[Field], first: Mapping[str, str] | None = None, name: str = "details"
    ) -> dict[str, str]:
        """Field → what was typed for it; ``first``: what is known so far; ``name``: of the step's field."""
        return details.inputs(
            asked,
            lambda field: self.key(f"{name}.{field.key}"),
            lambda of: fields.mend(self.problems, f"{name}.{of.partition('.')[2]}"),
            first=first,
        )

    def files(self, *, is_open: bool = False) -> tuple[FileDraft, ...]:
        """Files to keep with the step, each with what it shows; folded up unless the step is about them."""
        key = self.key("files")
        with st.expander(_("Attach files"), expanded=is_open or bool(st.session_state.get(key)), type="compact"):
            style.around_uploads()
            given = st.file_uploader(evidence.limits(), type=sorted(MEDIA), accept_multiple_files=True, key=key)
            handed_in = evidence.with_kinds(given, key)
        fields.mend(self.problems, "files")
        return handed_in

    def came(self) -> list[int]:
        """What came of what the customer was asked to send, where something has not yet; whoever saves it looked."""
        open_items = {} if self.dossier.is_masked else {str(one.number): one for one in self.dossier.missing}
        if not open_items:
            return []
        names = {number: wanted_words(one) for number, one in open_items.items()}
        return [int(number) for number in self.several(_("What came of what was asked for?"), names, "came")]

    def channel(self) -> str | None:
        """Through which channel the customer was told, at first the one they came through."""
        known = names_in(offered(catalogues().channels, self.dossier.complaint.channel))
        return self.choose(_("Through which channel"), known, "channel", self.dossier.complaint.channel)

    def in_working_days(self, days: int = WORKING_DAYS) -> datetime:
        """Close of office ``days`` working days from now, on the complaint's own calendar."""
        complaint, now = self.dossier.complaint, self.context.now
        with self.context.register.read() as session:
            last_day = promises.day_after(session, complaint, days, now=now)
            return promises.office_closes(session, complaint, last_day)

    def due_at(self, label: Words, first: datetime | None, name: str = "due_at") -> datetime | None:
        """By when, with the day in words beneath."""
        due_at = fields.moment(label, self.key(name), first, persist="session")
        if due_at:
            st.caption(plain(due_words(due_at)))
        fields.mend(self.problems, "due_at")
        return due_at

    def result_due_at(self) -> datetime | None:
        """By when the result is told officially; asked for where no other promise runs (D17)."""
        runs = any(clock.verdict in (Verdict.RUNNING, Verdict.OVERDUE) for clock in self.dossier.clocks)
        label = _("The result is told by (optional)") if runs else _("The result is told by")
        return self.due_at(label, None if runs else self.in_working_days(1))

    def chase_on(self) -> date | None:
        """The day on which the customer is asked again (D5)."""
        with self.context.register.read() as session:
            first = promises.day_after(session, self.dossier.complaint, WORKING_DAYS, now=self.context.now)
        key = self.key("chase_on")
        day = st.date_input(_("Ask again on"), first, format=fields.DATE_FORMAT, key=key, persist_state="session")
        fields.mend(self.problems, "chase_on")
        return day

    def happened_at(self) -> datetime | None:
        """When the step was taken; None for now."""
        at = fields.when(_("It happened"), self.key("happened_at"), self.context.now, (), persist="session")
        fields.mend(self.problems, "happened_at")
        return None if at == self.context.now else at


def no_details(_moment: Moment) -> list[str]:
    """Nothing but the event's name."""
    return []


@dataclass(frozen=True, slots=True)
class EventView:
    """How the timeline shows an event: its Material icon, and what follows its name on the line."""

    icon: str
    details: Callable[[Moment], list[str]] = no_details


@dataclass(frozen=True, slots=True)
class StepView:
    """One step on the screens: the fields of its form, and its line in the timeline. Its words are in ``names.po``.

    A form that is filled in for several steps of its kind at once gives the fields of each (D19).
    """

    form: Callable[[Form], StepFields | tuple[StepFields, ...]]
    event: EventView


def _request_words(request: OpenRequest) -> str:
    department = name_of(catalogues().departments, request.department)
    return " · ".join([department, due_words(request.due_at), snippet(request.question, QUESTION)])


def wanted_words(one: Wanted) -> str:
    """What the customer was asked to send, in a few words."""
    if one.field:
        return details.name_of(one.field)
    if one.kind:
        return named(evidence.KIND, one.kind)
    return one.line if one.line != HIDDEN else _("hidden")


def names_in(catalogue: Catalogue) -> dict[str, str]:
    """Key → name of every entry."""
    return {key: name_of(catalogue, key) for key in catalogue}


def came_details(moment: Moment) -> list[str]:
    """What came of what the customer was asked to send."""
    came = ", ".join(map(wanted_words, moment.came))
    return [_("came: {things}").format(things=came) if came else ""]


def channel_details(moment: Moment) -> list[str]:
    """Through which channel it went."""
    return [_("through {channel}").format(channel=name_of(catalogues().channels, moment.payload.get("channel")))]
