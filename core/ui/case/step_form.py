"""`Việc tiếp theo`: the steps possible now for this role; a step is taken on the version read, and no input is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import streamlit as st

from core.errors import Conflict, Invalid, PopsError
from core.i18n import N_, moment, named
from core.i18n import gettext as _
from core.register.case import complaints
from core.register.case.intake import new_reference
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.people import form_drafts
from core.register.reads.dossier import Dossier
from core.rules.steps import STEPS
from core.ui import drafts, fields, uploads
from core.ui.case import timeline
from core.ui.context import PageContext
from core.ui.drafts import Filling
from core.ui.steps import VIEWS, error_words
from core.ui.steps.view import Form
from core.ui.text import Words, md, plain

STATE = "turn"
VERSION = "version"
OVERTAKEN = N_("Somebody else changed this case while you were writing. Nothing you typed is lost.")


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it is filled in: the step, its fields, and when it happened (None: now)."""

    step: str
    fields: StepFields
    happened_at: datetime | None


@dataclass
class Turn:
    """One person's form on one complaint: the version they read, and the result of the last try.

    ``round`` grows with every step taken: the next form has new widgets, so a second click on the old button does
    nothing. ``token`` names the filling on the server, ``kept`` says when it was kept there. ``news`` is a refusal for
    a toast, ``done`` a success; both are shown once.
    """

    code: str
    version: int
    token: str
    round: int = 1
    kept: datetime | None = None
    problems: dict[str, str] = field(default_factory=dict)
    refused: str = ""
    news: str = ""
    done: str = ""

    def key(self, name: str) -> str:
        """The key of a widget of this round."""
        return f"step.{self.code}.{self.round}.{name}"

    @property
    def filling(self) -> Filling:
        """The form as it is kept on the server, with the version it was begun on."""
        form, beside = form_drafts.of_case(self.code), {VERSION: self.version}
        return Filling(form, self.token, self.key(""), beside=beside)

    def start_anew(self, version: int, now: datetime) -> None:
        """Another form, on ``version``: nothing of this one is shown again."""
        self.version, self.round, self.token, self.kept = version, self.round + 1, new_reference(now), None
        self.problems, self.refused = {}, ""


def show(context: PageContext, dossier: Dossier) -> None:
    """The steps and the form of the chosen one."""
    with st.container(border=True, key="next_step"):
        st.subheader(_("What comes next"), anchor=False)
        turn = _turn(context, dossier)
        overtaken = turn.version != dossier.complaint.version
        _show_success(turn)
        step = _choose(dossier, turn)
        if step is None:
            _show_refusal(turn)
            st.caption(_("Nothing for your role to do here."))
            return
        if overtaken:
            _show_changes(dossier, turn)
        form = Form(context, dossier, turn.key(step), turn.problems)
        filled = VIEWS[step].form(form)
        at = form.happened_at()
        if overtaken:
            _save_or_drop(context, dossier, turn, Filled(step, filled, at))
        elif _button(plain(named("step", step)), turn.key(f"{step}.save")):
            _take(context, turn, Filled(step, filled, at))
        else:
            _show_refusal(turn)
        drafts.line(context, turn.filling, kept=turn.kept, give_up=lambda: _give_up(context, turn, turn.version))


def begin(code: str, step: str, fields: Mapping[str, str]) -> None:
    """Choose the step in the form of this tab, with these fields filled in; what was typed for others stays."""
    turn: Turn | None = st.session_state.get(STATE)
    if turn is None or turn.code != code:
        return
    _forget_problems(turn)
    st.session_state[turn.key("step")] = step
    for name, value in fields.items():
        st.session_state[turn.key(f"{step}.{name}")] = value


def _turn(context: PageContext, dossier: Dossier) -> Turn:
    """The form of this tab; a page opened anew starts from the draft kept on the server, else from what it shows."""
    complaint = dossier.complaint
    turn: Turn | None = st.session_state.get(STATE)
    if turn is None or turn.code != complaint.code:
        turn = st.session_state[STATE] = Turn(complaint.code, complaint.version, new_reference(context.now))
        _put_back(context, dossier, turn)
    elif turn.key("step") not in st.session_state and not turn.done:
        turn.version, turn.problems, turn.refused = complaint.version, {}, ""
        _put_back(context, dossier, turn)
    return turn


def _put_back(context: PageContext, dossier: Dossier, turn: Turn) -> None:
    """Fill the form with the person's draft; on the version it was begun on, so that what happened since is shown."""
    kept = drafts.find(context, form_drafts.of_case(turn.code))
    if kept is None:
        return
    begun_on, step = kept.fields.get(VERSION), kept.fields.get("step")
    if isinstance(begun_on, int) and 0 < begun_on < turn.version:
        turn.version = begun_on
    elif step not in dossier.steps:
        return  # the role has changed: the form is not theirs any more
    turn.token, turn.kept = kept.token, kept.saved_at
    drafts.put_back(turn.filling, kept.fields)


def _show_success(turn: Turn) -> None:
    """What the last click did: at the top of the new form, and once as a toast, wherever the page is scrolled to."""
    if turn.done:
        st.success(plain(turn.done), icon=":material/check_circle:")
        st.toast(plain(turn.done), icon=":material/check_circle:")
        turn.done = ""
    if turn.news:
        st.toast(plain(turn.news), icon=":material/error:")
        turn.news = ""


def _show_refusal(turn: Turn) -> None:
    """Why the last click was refused: beneath the button that was clicked, so that no field above moves meanwhile."""
    if turn.refused:
        st.error(plain(turn.refused), icon=":material/error:")


def _choose(dossier: Dossier, turn: Turn) -> str | None:
    chosen = fields.only(turn.key("step"), STEPS)
    steps = list(dossier.steps)
    overtaken = turn.version != dossier.complaint.version or turn.refused
    if overtaken and chosen and chosen not in steps:
        steps.append(chosen)  # no longer possible, but what was typed for it stays visible
    if not steps:
        return None
    return st.selectbox(
        _("Step"),
        steps,
        format_func=lambda step: named("step", step),
        key=turn.key("step"),
        on_change=_forget_problems,
        args=(turn,),
    )


def _forget_problems(turn: Turn) -> None:
    turn.problems, turn.refused = {}, ""


def _button(label: Words, key: str) -> bool:
    return st.button(label, key=key, type="primary", icon=":material/check:", shortcut="Ctrl+Enter", width="stretch")


def _take(context: PageContext, turn: Turn, filled: Filled) -> None:
    """Take the step on the version that was read; success or not, the page is drawn anew and nothing typed is lost."""
    turn.problems, turn.refused = {}, ""
    for file in filled.fields.get("files", ()):
        file.content.seek(0)
    try:
        with context.register.write() as session:
            act = Act(context.person, context.now, filled.happened_at, turn.version)
            after = complaints.take(session, turn.code, filled.step, filled.fields, act)
            form_drafts.end(session, context.person.id, turn.filling.form, turn.token, now=context.now)
    except Conflict:
        turn.news = _(OVERTAKEN)
    except PopsError as error:
        turn.problems = error.fields if isinstance(error, Invalid) else {}
        turn.refused = turn.news = error_words(error)
    else:
        uploads.forget(file.content for file in filled.fields.get("files", ()))
        turn.start_anew(after.version, context.now)
        turn.done = _("Saved: {step}.").format(step=named("step", filled.step))
    st.rerun()


def _show_changes(dossier: Dossier, turn: Turn) -> None:
    """Who did what since this form was begun."""
    st.warning(_(OVERTAKEN), icon=":material/sync_problem:")
    for one in dossier.since(turn.version):
        who = f"{one.who or _('automatic')} · {moment(one.happened_at)}"
        st.markdown(md("{step}  \n:gray[{who}]", step=timeline.described(one), who=who))


def _save_or_drop(context: PageContext, dossier: Dossier, turn: Turn, filled: Filled) -> None:
    """Save all the same, on the version shown now, or give up what was typed."""
    version = dossier.complaint.version
    if _button(_("Save on the new version"), turn.key(f"{filled.step}.save.{version}")):
        turn.version = version
        _take(context, turn, filled)
    st.button(
        _("Drop what I typed"),
        key=turn.key("drop"),
        icon=":material/delete:",
        width="stretch",
        on_click=_give_up,
        args=(context, turn, version),
    )


def _give_up(context: PageContext, turn: Turn, version: int) -> None:
    drafts.end(context, turn.filling)
    turn.start_anew(version, context.now)
