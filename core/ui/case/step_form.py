"""`Việc tiếp theo`: the steps possible now for this role; a step is taken on the version read, and no input is lost.

What is final asks first, and the last step can be undone for a while (D22).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import streamlit as st

from core.errors import Conflict, Invalid, PopsError
from core.i18n import N_, moment, named, ngettext
from core.i18n import gettext as _
from core.register.case import complaints
from core.register.case.evidence import FileDraft
from core.register.case.intake import new_reference
from core.register.log.act import Act
from core.register.log.tables import Complaint
from core.register.people import form_drafts
from core.register.reads.dossier import Dossier
from core.register.reads.timeline import Moment
from core.rules.routes import OF_TWO
from core.rules.steps import CLOSE, CORRECT, ISSUE, MERGE, STEP_OF_EVENT, STEPS, TOGETHER, UNDO, VERIFY
from core.ui import address, details, drafts, fields, style, uploads, words
from core.ui.case import timeline
from core.ui.context import PageContext
from core.ui.drafts import Filling
from core.ui.steps import VIEWS, correction, error_words, issues, merging, prevention, together
from core.ui.steps.together import Taken
from core.ui.steps.view import Form
from core.ui.text import Words, md, plain

STATE, DONE = "turn", "step_done"
VERSION = "version"
MINUTE = timedelta(minutes=1)
NO_CHOICE = frozenset(
    {
        "due_at",
        "chase_on",
        "department",
        "details",
        "facts",
        "files",
        "actions",
        "wanted",
        "came",
        "recording_at",
        "enclosed",
    }
    | {"issue_outcomes", "issue_causes"}
)
"""The fields whose widgets hold something else than the payload's word."""
OVERTAKEN = N_("Somebody else changed this case while you were writing. Nothing you typed is lost.")


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it is filled in: its key, each step with its fields, and when it happened (None: now)."""

    step: str
    taken: Taken
    happened_at: datetime | None

    @property
    def files(self) -> list[FileDraft]:
        """The files of all its steps."""
        return [file for _step, its_fields in self.taken for file in its_fields.get("files", ())]


@dataclass
class Turn:
    """One person's form on one complaint: the version they read, and the result of the last try.

    ``round`` grows with every step taken: the next form has new widgets, so a second click on the old button does
    nothing. ``token`` names the filling on the server, ``kept`` says when it was kept there. ``news`` is a refusal for
    a toast, ``done`` a success; both are shown once. ``confirms``: the final step that waits for the second button.
    ``begun`` counts how often a button elsewhere led here, ``scrolled`` for how many of these the page was scrolled.
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
    confirms: str = ""
    begun: int = 0
    scrolled: int = 0

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
        self.forget()

    def forget(self) -> None:
        """The last try is over: neither its problems nor its question are shown any more."""
        self.problems, self.refused, self.confirms = {}, "", ""


AS_SAVED = (CORRECT, ISSUE, *OF_TWO)
"""What happens as it is saved: a correction has the times it is about among its fields, a merge that is dated back
would change verdicts that were given (D13), and a paper has the day of its number."""


def show(context: PageContext, dossier: Dossier) -> None:
    """The steps and the form of the chosen one."""
    with st.container(border=True, key="next_step"):
        st.subheader(_("What comes next"), anchor=False)
        turn = _turn(context, dossier)
        _begin_merge(dossier, turn)
        overtaken = turn.version != dossier.complaint.version
        _show_success(context, dossier, turn)
        if turn.begun > turn.scrolled:
            turn.scrolled = turn.begun
            style.scroll_to("next_step", anew=turn.begun)
        step = _choose(dossier, turn)
        if step is None:
            _show_refusal(turn)
            st.caption(_("Nothing for your role to do here."))
            return
        if overtaken:
            _show_changes(dossier, turn)
        form = Form(context, dossier, turn.key(step), turn.problems)
        taken = _fill(form, step, dossier)
        filled = Filled(step, taken, None if step in AS_SAVED else form.happened_at())
        if overtaken:
            _save_or_drop(context, dossier, turn, filled)
        elif _is_saved(turn, step, plain(named("step", step)), turn.key(f"{step}.save")):
            _take(context, turn, filled)
        else:
            _show_refusal(turn)
        drafts.line(context, turn.filling, kept=turn.kept, give_up=lambda: _give_up(context, turn, turn.version))


def _fill(form: Form, step: str, dossier: Dossier) -> Taken:
    """The fields of the chosen step, or of those that are taken together."""
    if step in TOGETHER:
        return together.FORMS[step](form, dossier.together.get(step, TOGETHER[step]))
    filled = VIEWS[step].form(form)
    return tuple((step, fields) for fields in (filled if isinstance(filled, tuple) else (filled,)))


def show_parting(code: str) -> bool:
    """What the last click did, where it took the complaint out of the reader's sight (D19); whether it did."""
    turn: Turn | None = st.session_state.get(STATE)
    if turn is None or turn.code != code or not turn.done:
        return False
    st.success(plain(turn.done), icon=":material/check_circle:")
    st.caption(_("This complaint is not with your department any more."))
    turn.done = ""
    return True


def begin(code: str, step: str, fields: Mapping[str, str]) -> None:
    """Choose the step in the form of this tab, with these fields filled in; what was typed for others stays."""
    turn: Turn | None = st.session_state.get(STATE)
    if turn is None or turn.code != code:
        return
    _forget_problems(turn)
    turn.begun += 1
    st.session_state[turn.key("step")] = step
    for name, value in fields.items():
        st.session_state[turn.key(f"{step}.{name}")] = value


def _begin_merge(dossier: Dossier, turn: Turn) -> None:
    """Another complaint's form led here with its code: this one is to go on in that one (D13)."""
    into = st.query_params.get(merging.INTO, "").strip().upper()
    if not into:
        return
    address.put(**{merging.INTO: None})
    if MERGE in dossier.steps:
        st.session_state[turn.key("step")] = MERGE
        st.session_state.update(merging.begin(turn.key(MERGE), into, [one.code for one in dossier.others]))


def _turn(context: PageContext, dossier: Dossier) -> Turn:
    """The form of this tab; a page opened anew starts from the draft kept on the server, else from what it shows."""
    complaint = dossier.complaint
    turn: Turn | None = st.session_state.get(STATE)
    if turn is None or turn.code != complaint.code:
        turn = st.session_state[STATE] = Turn(complaint.code, complaint.version, new_reference(context.now))
        _put_back(context, dossier, turn)
    elif turn.key("step") not in st.session_state and not turn.done:
        turn.version = complaint.version
        turn.forget()
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
    elif step not in _offered(dossier):
        return  # the role has changed: the form is not theirs any more
    turn.token, turn.kept = kept.token, kept.saved_at
    drafts.put_back(turn.filling, kept.fields)


def _show_success(context: PageContext, dossier: Dossier, turn: Turn) -> None:
    """What the last click did, told once at the top of the new form, which the page is scrolled to.

    Beneath it the last step can be undone as long as that is possible, also once the page was opened anew (D22).
    """
    if turn.done:
        with st.container(key=DONE):
            st.success(plain(turn.done), icon=":material/check_circle:")
        style.scroll_to(DONE, anew=turn.round)
        turn.done = ""
    if dossier.undo_until:
        _offer_undo(context, dossier, turn, dossier.undo_until)
    if turn.news:
        st.toast(plain(turn.news), icon=":material/error:")
        turn.news = ""


def _offer_undo(context: PageContext, dossier: Dossier, turn: Turn, until: datetime) -> None:
    """A button that names the step it takes back, and how many minutes are left."""
    last = dossier.moments[-1]
    step = STEP_OF_EVENT[last.kind].key
    minutes = max(1, -((context.now - until) // MINUTE))
    label = ngettext("Undo “{step}” ({n} minute left)", "Undo “{step}” ({n} minutes left)", minutes)
    words = plain(label.format(step=named("step", step), n=minutes))
    if st.button(words, key=turn.key(UNDO), icon=":material/undo:", width="stretch"):
        _undo(context, dossier, turn, last)


def _undo(context: PageContext, dossier: Dossier, turn: Turn, last: Moment) -> None:
    """Take the last step back; its form is filled in again beside what has been typed since."""
    step = STEP_OF_EVENT[last.kind].key
    typed = {**turn.filling.values(), **_filled_in(step, last)}
    if step == MERGE:
        typed |= merging.begin(MERGE, last.payload["merged_into"], [one.code for one in dossier.others])
    act = Act(context.person, context.now, version=dossier.complaint.version)
    after = _write(context, turn, Filled(UNDO, ((UNDO, {}),), None), act)
    if after:
        turn.start_anew(after.version, context.now)
        drafts.put_back(turn.filling, typed)
        done = _("Undone: {step}. What was typed stands in the form again.")
        if last.files:
            done = _("Undone: {step}. What was typed stands in the form again; choose the files anew.")
        turn.done = done.format(step=named("step", step))
    st.rerun()


def _filled_in(step: str, last: Moment) -> dict[str, object]:
    """Name → value of the widgets of a form with which ``step`` would be recorded as ``last`` says; without files."""
    payload, names = last.payload, STEPS[step].field_names()
    held: dict[str, object] = {
        name: value if isinstance(value, bool) else str(value)
        for name, value in payload.items()
        if name in names - NO_CHOICE
    }
    if "department" in names:
        held["department"] = [payload["department"]]
    if last.text:
        held["lesson" if "lesson_id" in payload else "text"] = last.text
    if "mail" in names:
        held |= {"mail": "mail" in payload, "subject": last.subject, "enclosed": list(payload.get("enclosed") or ())}
    if wanted := payload.get("wanted"):
        held["wanted"] = list(wanted)
    if lines := [one.line for one in last.wanted if one.line]:
        held["wanted_more"] = "\n".join(lines)
    if came := payload.get("came"):
        held["came"] = list(map(str, came))
    if last.recording:
        held["recording"] = last.recording
    if call_at := payload.get("recording_at"):
        held["recording_at"] = fields.typed(datetime.fromisoformat(call_at))
    held |= {f"becomes.{name}": value for name, value in correction.held(last).items()}
    held |= prevention.filled_in(last)
    if step == CLOSE:
        held |= issues.filled_in(last)
    said_in = "facts" if step == VERIFY else "details"
    held |= {f"{said_in}.{one.field.key}": details.held(one.field, one.value) for one in last.values}
    if "due_at" in names and (due_at := payload.get("due_at")):
        held["due_at"] = fields.typed(datetime.fromisoformat(due_at))
    if chase_on := payload.get("chase_on"):
        held["chase_on"] = date.fromisoformat(chase_on)
    if last.happened_at != last.logged_at:
        held |= {"happened_at": fields.OTHER, "happened_at.at": fields.typed(last.happened_at)}
    return {"step": step, **{f"{step}.{name}": value for name, value in held.items()}}


def _show_refusal(turn: Turn) -> None:
    """Why the last click was refused: beneath the button that was clicked, so that no field above moves meanwhile."""
    if turn.refused:
        st.error(plain(turn.refused), icon=":material/error:")


def _choose(dossier: Dossier, turn: Turn) -> str | None:
    chosen = fields.only(turn.key("step"), {*STEPS, *TOGETHER})
    steps = _offered(dossier)
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


def _offered(dossier: Dossier) -> list[str]:
    """The likeliest step, what can be saved together with others, then all other steps."""
    return [*dossier.steps[:1], *dossier.together, *dossier.steps[1:]]


def _forget_problems(turn: Turn) -> None:
    turn.forget()


def _is_saved(turn: Turn, step: str, label: Words, key: str) -> bool:
    """The button that saves ``step``, and whether it was pressed; what is final is saved by a second one only.

    That one stands beneath what it means and has a key of its own, so that no second press of the first confirms.
    """
    if step in TOGETHER or not STEPS[step].final:
        return _button(label, key)
    if turn.confirms != step:
        if _button(label, key):
            turn.forget()
            turn.confirms = step
            st.rerun()
        return False
    st.warning(plain(named("what is final", step)), icon=":material/warning:")
    confirmed = st.button(
        _("Yes, save it"),
        key=f"{key}.confirm",
        type="primary",
        icon=":material/check:",
        shortcut="Ctrl+Shift+Enter",
        width="stretch",
    )
    st.button(_("No, go back"), key=f"{key}.back", width="stretch", on_click=_forget_problems, args=(turn,))
    style.focus_on(f"{key}.back")  # the button that was pressed is gone, and Enter held down must not confirm
    return confirmed


def _button(label: Words, key: str) -> bool:
    return st.button(label, key=key, type="primary", icon=":material/check:", shortcut="Ctrl+Enter", width="stretch")


def _take(context: PageContext, turn: Turn, filled: Filled) -> None:
    """Take the step on the version that was read; success or not, the page is drawn anew and nothing typed is lost."""
    for file in filled.files:
        file.content.seek(0)
    after = _write(context, turn, filled, Act(context.person, context.now, filled.happened_at, turn.version))
    if after:
        uploads.forget(file.content for file in filled.files)
        turn.start_anew(after.version, context.now)
        turn.done = _("Saved: {step}.").format(step=named("step", filled.step))
    st.rerun()


def _write(context: PageContext, turn: Turn, filled: Filled, act: Act) -> Complaint | None:
    """Take the step and end the draft of its form; None, and why, where it is refused."""
    turn.forget()
    try:
        with context.register.write() as session:
            after = complaints.take_together(session, turn.code, filled.taken, act)
            form_drafts.end(session, context.person.id, turn.filling.form, turn.token, now=context.now)
            return after
    except Conflict:
        turn.news = _(OVERTAKEN)
    except PopsError as error:
        turn.problems = error.fields if isinstance(error, Invalid) else {}
        turn.refused = turn.news = error_words(error)
    return None


def _show_changes(dossier: Dossier, turn: Turn) -> None:
    """Who did what since this form was begun."""
    st.warning(_(OVERTAKEN), icon=":material/sync_problem:")
    for one in dossier.since(turn.version):
        who = f"{words.who(one)} · {moment(one.happened_at)}"
        st.markdown(md("{step}  \n:gray[{who}]", step=timeline.described(one), who=who))


def _save_or_drop(context: PageContext, dossier: Dossier, turn: Turn, filled: Filled) -> None:
    """Save all the same, on the version shown now, or give up what was typed."""
    version = dossier.complaint.version
    if _is_saved(turn, filled.step, _("Save on the new version"), turn.key(f"{filled.step}.save.{version}")):
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
