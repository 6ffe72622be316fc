"""What is done for all complaints of an incident: one form at a time, one act each (D24)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import streamlit as st
from sqlalchemy.orm import Session

from core.catalogues import catalogues, name_of
from core.i18n import due_words, named, ngettext, number
from core.i18n import gettext as _
from core.register.case import forward_many, incident, incidents
from core.register.case.batch import Result
from core.register.case.steps.recording import ActionFields, StepFields
from core.register.clocks import promises
from core.register.log.act import Act
from core.register.reads.incidents import Member, Whole
from core.register.reads.visible import holders_who_see
from core.rules import policy, roles
from core.rules.catalogue import counted_as, names_people, offered
from core.rules.prevention import ANALYSE, APPROVE, MOST_ACTIONS, MOST_WHYS, RETURN, Analysis
from core.rules.steps import JOIN, LEAVE, STEPS, State
from core.ui import doing, fields
from core.ui.context import PageContext
from core.ui.incidents import begin, outcome
from core.ui.steps import answer_text
from core.ui.steps.ending import causes_for
from core.ui.steps.prevention import PLAN_DAYS
from core.ui.steps.view import names_in
from core.ui.text import Words, plain

ROUND, CHOSEN = "incident_round", "incident_act"
Write = Callable[[Session, Act], Result]


@dataclass(frozen=True, slots=True)
class Form:
    """The form of one act; ``prefix`` keys its widgets, anew after each act."""

    context: PageContext
    whole: Whole
    prefix: str

    @property
    def code(self) -> str:
        """Of the incident."""
        return self.whole.brief.code

    def key(self, name: str) -> str:
        """The key of a field's widget."""
        return f"{self.prefix}.{name}"

    def text(self, label: Words, name: str = "text") -> str:
        """A text of several lines."""
        typed = fields.text_area(label, self.key(name), {}, name)
        doing.mend(name)
        return typed

    def in_state(self, states: Collection[State]) -> list[Member]:
        """The complaints that stand in one of these states."""
        return [one for one in self.whole.members if State(one.state) in states]

    def save(self, label: str, write: Write, *, n: int | None = None, enabled: bool = True) -> None:
        """The button that takes the act on ``n`` complaints; what became of each is told by the next run."""
        title = f"{label} ({number(n)})" if n is not None else label

        def take(session: Session, act: Act) -> None:
            outcome.keep(label, write(session, act))

        if not enabled:
            st.button(plain(title), key=self.key("off"), disabled=True, width="stretch")
            return
        doing.button(
            self.context,
            plain(title),
            take,
            "",
            key=self.key("save"),
            then=_next_round,
            type="primary",
            icon=":material/check:",
            width="stretch",
        )


def show(context: PageContext, whole: Whole) -> None:
    """The acts that this person can take now, and the form of the chosen one."""
    with st.container(border=True):
        st.subheader(_("For all complaints of it"), anchor=False)
        possible = [key for key, (may, _form) in ACTS.items() if may(context, whole)]
        if whole.brief.ended_at is not None:
            possible = [key for key in possible if key in AFTER_THE_END]
        if not possible:
            st.caption(_("Nothing for your role to do here."))
            return
        # A widget of its own for each round: one whose choice is gone would go on showing it.
        place = f"incident.{whole.brief.code}.{st.session_state.get(ROUND, 0)}"
        before = st.session_state.get(CHOSEN)
        chosen = st.selectbox(
            _("Step"),
            possible,
            index=possible.index(before) if before in possible else 0,
            format_func=lambda one: named("act for an incident", one),
            key=f"{place}.act",
        )
        st.session_state[CHOSEN] = chosen
        prefix = f"{place}.{chosen}"
        ACTS[chosen][1](Form(context, whole, prefix))


def _next_round() -> None:
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1


# -- asked and answered


def _forward(form: Form) -> None:
    """The same question to each of these departments, for every complaint that may be forwarded."""
    asked = form.in_state(STEPS["forward"].from_states)
    departments = fields.several(
        _("Departments"), names_in(offered(catalogues().departments)), form.key("department"), {}, "department"
    )
    doing.mend("department")
    question = form.text(_("What should they check or decide?"))
    first = form.whole.first
    if first is None:
        return
    codes = [one.code for one in asked] or [first.code]
    with form.context.register.read() as session:
        usual = forward_many.usual_due(session, codes, form.context.now)
    due_at = fields.moment(_("Answer needed by"), form.key("due_at"), usual)
    if due_at:
        st.caption(plain(due_words(due_at)))
    doing.mend("due_at")
    rest = len(form.whole.members) - len(asked)
    if rest:
        text = ngettext(
            "{n} cannot be forwarded as it stands: it is not classified yet, or the result was told.",
            "{n} cannot be forwarded as they stand: not classified yet, or the result was told.",
            rest,
        )
        st.caption(plain(text.format(n=number(rest))))
    wanted = [StepFields(department=one, text=question, due_at=due_at) for one in departments]
    wanted = wanted or [StepFields(department=None, text=question, due_at=due_at)]
    versions = form.whole.versions({one.code for one in asked})
    form.save(
        _("Forward"), lambda session, act: incidents.forward(session, form.code, versions, wanted, act), n=len(asked)
    )


def _answer(form: Form) -> None:
    """What one department found counts for each."""
    waiting = _waiting(form.context, form.whole)
    names = {key: name_of(catalogues().departments, key) for key in waiting}
    department = fields.choice(
        _("Which department answers?"), names, form.key("department"), {}, "request", first=next(iter(names), None)
    )
    doing.mend("request")
    text = form.text(_("What did the department find or decide?"))
    codes = waiting.get(department or "", set())
    versions = form.whole.versions(codes)
    form.save(
        _("Answer"),
        lambda session, act: incidents.answer(session, form.code, versions, department or "", text, act),
        n=len(codes),
    )


def _waiting(context: PageContext, whole: Whole) -> dict[str, set[str]]:
    """Department that owes an answer, and that this person may answer for → the codes of the complaints."""
    own = policy.departments_of(context.person, catalogues())
    is_of_any = not roles.answers_for_department(context.person.role)
    found: dict[str, set[str]] = {}
    for one in whole.members:
        for department in one.owed:
            if is_of_any or department in own:
                found.setdefault(department, set()).add(one.code)
    return found


# -- the result, told in one act per channel


def _tell(form: Form) -> None:
    """Those answered in writing at once; those who are called one by one, then written down together."""
    told = form.in_state(STEPS["notify_result"].from_states)
    groups = _by_channel(told)
    names = {key: f"{name_of(catalogues().channels, key)} · {number(len(its))}" for key, its in groups.items()}
    channel = fields.choice(
        _("Through which channel"), names, form.key("channel"), {}, "channel", first=next(iter(names), None)
    )
    its = groups.get(channel or "", [])
    is_written = bool(channel) and catalogues().channels[channel or ""].written
    if not is_written:
        its = _called(form, its)
    key, field = form.key(answer_text.NAME), form.key("text")
    used = answer_text.pick_for_all(form.context, "notify_result", key, field)
    text = form.text(_("The result as told to the customers"))
    versions = form.whole.versions({one.code for one in its})

    def write(session: Session, act: Act) -> Result:
        def said(code: str) -> StepFields:
            filled = answer_text.filled_for(session, form.context, code, "notify_result", text) if used else text
            return {"channel": channel, "text": filled, "answer_text": used}

        return incidents.tell(session, form.code, versions, said, act)

    label = _("Told in writing") if is_written else _("Told by phone or in person")
    form.save(label, write, n=len(its), enabled=bool(its))


def _by_channel(members: Collection[Member]) -> dict[str, list[Member]]:
    """Channel as it counts → the complaints that came through it; the fullest first, those in writing before others."""
    channels, found = catalogues().channels, dict[str, list[Member]]()
    for one in members:
        found.setdefault(counted_as(channels, one.channel), []).append(one)
    return dict(sorted(found.items(), key=lambda group: (not channels[group[0]].written, -len(group[1]))))


def _called(form: Form, members: Collection[Member]) -> list[Member]:
    """Whom to call, with the number; those who were reached are ticked."""
    st.caption(_("Call each of them, then tick who was told:"))
    return [one for one in members if st.checkbox(_to_call(one), key=form.key(f"called.{one.code}"))]


def _to_call(one: Member) -> Words:
    """``KN-2026-000123 · Nguyễn Lan · 0912 345 678``."""
    return plain(" · ".join(filter(None, (one.code, one.customer, one.phone or _("no phone number")))))


# -- cause and prevention, once


def _analyse(form: Form) -> None:
    """One analysis for all; its actions stand with the first complaint."""
    first = form.whole.first
    its = form.in_state(STEPS[ANALYSE].from_states)
    if first is None:
        return
    cause = fields.choice(_("Root cause"), causes_for(first.category), form.key("root_cause"), {}, "root_cause")
    doing.mend("root_cause")
    whys = []
    for n in range(1, MOST_WHYS + 1):
        label = _("Why did it happen?") if n == 1 else _("And why that? ({n})").format(n=number(n))
        whys.append(st.text_input(plain(label), key=form.key(f"whys.{n}")) or "")
    doing.mend("whys")
    counts = {str(n): number(n) for n in range(1, MOST_ACTIONS + 1)} | {"0": _("None needed")}
    n = int(fields.choice(_("How many preventive actions?"), counts, form.key("count"), {}, "count", first="1") or 0)
    actions = _actions(form, n)
    text = form.text(_("More about it (optional)") if n else _("Why is no action needed?"))
    versions = form.whole.versions({one.code for one in its})
    analysis = StepFields(root_cause=cause, whys=whys, actions=actions, text=text)
    if names_people(catalogues().categories, first.category):
        analysis["people"] = form.text(_("People responsible, and their managers"), "people")
        st.caption(_("The board alone will read these names."))
    form.save(
        _("Analyse"),
        lambda session, act: incidents.analyse(session, form.code, versions, act, **analysis),
        n=len(its),
    )


def _actions(form: Form, count: int) -> list[ActionFields]:
    first = form.whole.first
    if not count or first is None:
        return []
    with form.context.register.read() as session:
        colleagues = {str(one.id): one.name for one in holders_who_see(session, [first.code])}
        day = promises.day_after(session, first, PLAN_DAYS, now=form.context.now)
    found: list[ActionFields] = []
    for n in range(1, count + 1):
        name = f"actions.{n}"
        with st.container(border=True, gap="small"):
            what = form.text(plain(_("Action {n}: what is done?").format(n=number(n))), f"{name}.what")
            owner = fields.choice(_("Who does it"), colleagues, form.key(f"{name}.owner_id"), {}, name)
            doing.mend(f"{name}.owner_id")
            due_on = st.date_input(_("Done by"), day, format=fields.DATE_FORMAT, key=form.key(f"{name}.due_on"))
            doing.mend(f"{name}.due_on")
        found.append(ActionFields(what=what, owner_id=int(owner) if owner else None, due_on=due_on))
    return found


def _approve(form: Form) -> None:
    st.caption(_("What is approved here counts for each complaint of which the analysis waits."))
    _decide(form, APPROVE, form.text(_("A word of the board (optional)")))


def _return(form: Form) -> None:
    _decide(form, RETURN, form.text(_("What is to be done better?")))


def _decide(form: Form, step: str, text: str) -> None:
    waiting = [one.code for one in form.whole.members if one.analysis == Analysis.waiting]
    versions = form.whole.versions(waiting)
    form.save(
        named("act for an incident", step),
        lambda session, act: incidents.decide(session, form.code, versions, step, text, act),
        n=len(waiting),
    )


# -- which complaints, and the end


def _add(form: Form) -> None:
    codes = begin.codes_in(begin.codes_field(form.key("codes")))
    form.save(
        _("Let them join"),
        lambda session, act: incidents.join(session, form.code, dict.fromkeys(codes), act),
        n=len(codes),
        enabled=bool(codes),
    )


def _leave(form: Form) -> None:
    names = {one.code: one.code for one in form.whole.members}
    codes = fields.several(_("Which complaints have another cause?"), names, form.key("codes"), {}, "codes")
    text = form.text(_("Why do they not belong to it? (optional)"))
    form.save(
        _("Let them leave"),
        lambda session, act: incidents.leave(session, form.code, form.whole.versions(codes), text, act),
        n=len(codes),
        enabled=bool(codes),
    )


def _end(form: Form) -> None:
    """Asks once more: nothing joins an incident that has ended."""
    still_open = form.whole.brief.open
    st.warning(
        _(
            "Nothing more is done for an incident that has ended, and no complaint joins it. "
            "Only a lead can say that it goes on."
        )
    )
    if still_open:
        text = ngettext(
            "{n} complaint of it is still open and goes on by itself.",
            "{n} complaints of it are still open and go on by themselves.",
            still_open,
        )
        st.caption(plain(text.format(n=number(still_open))))
    sure = st.checkbox(_("The cause is mended, and everybody who complained is taken care of."), key=form.key("sure"))
    if not sure:
        st.button(_("End the incident"), key=form.key("off"), disabled=True, width="stretch")
        return
    doing.button(
        form.context,
        _("End the incident"),
        lambda session, act: incidents.end(session, form.code, act),
        _("Incident {code} has ended.").format(code=form.code),
        key=form.key("save"),
        then=_next_round,
        type="primary",
        icon=":material/check:",
        width="stretch",
    )


def _correct_name(form: Form) -> None:
    """What it should be called; the old name stays readable above."""
    title = st.text_input(
        _("What happened?"), form.whole.brief.title, key=form.key("title"), max_chars=incident.LONGEST_TITLE
    )
    doing.mend("title")
    reason = form.text(_("Why is it corrected?"))
    _correct(form, lambda session, act: incidents.correct_name(session, form.code, title, reason, act))


def _correct_end(form: Form) -> None:
    """When it ended, or that it goes on."""
    ended_at = form.whole.brief.ended_at
    goes_on = st.checkbox(_("It has not ended: it goes on"), key=form.key("goes_on"))
    if not goes_on and ended_at is not None:
        ended_at = fields.moment(_("It ended"), form.key("ended_at"), ended_at)
        doing.mend("ended_at")
    reason = form.text(_("Why is it corrected?"))
    wanted = None if goes_on else ended_at
    _correct(form, lambda session, act: incidents.correct_end(session, form.code, wanted, reason, act))


def _correct(form: Form, write: Callable[[Session, Act], None]) -> None:
    doing.button(
        form.context,
        _("Correct it"),
        write,
        _("Incident {code} is corrected; what it said before stays readable.").format(code=form.code),
        key=form.key("save"),
        then=_next_round,
        type="primary",
        icon=":material/check:",
        width="stretch",
    )


Possible = Callable[[PageContext, Whole], bool]


def _any_in(step: str, states: Collection[State] | None = None) -> Possible:
    """Whether the role takes the step, and a complaint stands where it is possible."""
    wanted = STEPS[step].from_states if states is None else states
    return lambda context, whole: context.may(step) and any(State(one.state) in wanted for one in whole.members)


def _tells(context: PageContext, whole: Whole) -> bool:
    """Customer care tells; a department that replies itself does so complaint by complaint (MISA 2)."""
    return not roles.answers_for_department(context.person.role) and _any_in("notify_result")(context, whole)


def _decides(context: PageContext, whole: Whole) -> bool:
    return context.may(APPROVE) and any(one.analysis == Analysis.waiting for one in whole.members)


ACTS: Mapping[str, tuple[Possible, Callable[[Form], None]]] = {
    "answer": (lambda context, whole: context.may("answer") and bool(_waiting(context, whole)), _answer),
    "forward": (_any_in("forward"), _forward),
    "notify_result": (_tells, _tell),
    ANALYSE: (_any_in(ANALYSE), _analyse),
    APPROVE: (_decides, _approve),
    RETURN: (_decides, _return),
    JOIN: (lambda context, _whole: context.may(JOIN), _add),
    LEAVE: (lambda context, whole: context.may(LEAVE) and bool(whole.members), _leave),
    "end": (lambda context, _whole: context.may(JOIN), _end),
    "correct_name": (lambda context, _whole: context.may(incidents.CORRECTS), _correct_name),
    "correct_end": (
        lambda context, whole: context.may(incidents.CORRECTS) and whole.brief.ended_at is not None,
        _correct_end,
    ),
}
"""Act → whether it can be taken now, and its form; what is owed comes first."""
AFTER_THE_END = (LEAVE, "correct_end", "correct_name")
"""What is still done once it has ended."""
