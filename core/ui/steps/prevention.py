"""Prevention on the screens (MISA 4, D25): the analysis with its plan, the board's word, each action to its end."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.catalogues import catalogues, name_of
from core.i18n import due_words, named, number
from core.i18n import gettext as _
from core.register.case.steps.recording import ActionFields, StepFields
from core.register.clocks import promises
from core.register.reads.timeline import Moment, Planned
from core.register.reads.visible import holders_who_see
from core.rules import prevention
from core.rules.calendar import LOCAL
from core.rules.catalogue import names_people
from core.rules.marks import visible
from core.rules.masking import HIDDEN
from core.rules.prevention import MOST_ACTIONS, MOST_WHYS, STAGE_OF, Effect, Verified
from core.ui import fields
from core.ui.steps.ending import causes_for
from core.ui.steps.view import EventView, Form, StepView
from core.ui.text import md, plain

PLAN_DAYS = 10
"""Working days until a planned action is due, unless another day is chosen."""
COUNT = "actions.count"


def analyse(form: Form) -> StepFields:
    """The cause, one why after the other, what is done about it, and who is responsible where that is asked for."""
    complaint = form.dossier.complaint
    filled: StepFields = {
        "root_cause": form.choose(_("Root cause"), causes_for(complaint.category), "root_cause", complaint.root_cause),
        "whys": _whys(form),
    }
    counts = {str(n): number(n) for n in range(1, MOST_ACTIONS + 1)} | {"0": _("None needed")}
    chosen = form.choose(_("How many preventive actions?"), counts, COUNT, "1")
    n = int(chosen or 0)
    filled["actions"] = _actions(form, n)
    fields.mend(form.problems, "actions")
    filled["text"] = form.text(_("More about it (optional)") if n else _("Why is no action needed?"))
    categories = (complaint.category, *(one.category for one in form.dossier.issues))
    named_in = any(names_people(catalogues().categories, one) for one in categories)
    if named_in and form.dossier.procedure.board_looks:
        filled["people"] = form.text(_("People responsible, and their managers"), "people")
        st.caption(_("The board alone will read these names."))
    return filled


def _whys(form: Form) -> list[str]:
    """Up to five lines; the first is needed."""
    whys = []
    for n in range(1, MOST_WHYS + 1):
        label = _("Why did it happen?") if n == 1 else _("And why that? ({n})").format(n=number(n))
        whys.append(st.text_input(plain(label), key=form.key(f"whys.{n}"), persist_state="page") or "")
        if n == 1:
            fields.mend(form.problems, "whys")
    return whys


def _actions(form: Form, count: int) -> list[ActionFields]:
    """What is done, by whom, until when, for each action."""
    if not count:
        return []
    with form.context.register.read() as session:
        colleagues = {str(one.id): one.name for one in holders_who_see(session, [form.dossier.complaint.code])}
        first = promises.day_after(session, form.dossier.complaint, PLAN_DAYS, now=form.context.now)
    found: list[ActionFields] = []
    for n in range(1, count + 1):
        name = f"actions.{n}"
        with st.container(border=True, gap="small"):
            what = form.text(plain(_("Action {n}: what is done?").format(n=number(n))), f"{name}.what")
            owner = form.choose(_("Who does it"), colleagues, f"{name}.owner_id")
            due_on = st.date_input(
                _("Done by"), first, format=fields.DATE_FORMAT, key=form.key(f"{name}.due_on"), persist_state="session"
            )
            fields.mend(form.problems, f"{name}.due_on")
        found.append(ActionFields(what=what, owner_id=int(owner) if owner else None, due_on=due_on))
    return found


def approve(form: Form) -> StepFields:
    """The board has read the analysis and agrees."""
    st.caption(_("The planned actions begin with this; whoever does them finds them on the page of prevention."))
    return {"text": form.text(_("A word of the board (optional)"))}


def return_(form: Form) -> StepFields:
    """The board wants it done better."""
    return {"text": form.text(_("What is to be done better?"))}


def done(form: Form) -> StepFields:
    """The action is done."""
    return {"action": _action(form, prevention.DONE), "text": form.text(_("What was done? (optional)"))}


def send(form: Form) -> StepFields:
    """Files that show it."""
    action = _action(form, prevention.SEND)
    return {"action": action, "files": form.files(is_open=True), "text": form.text(_("What do they show? (optional)"))}


def verify(form: Form) -> StepFields:
    """Customer care has looked at the evidence."""
    found = {one.value: named("verified", one.value) for one in Verified}
    return {
        "action": _action(form, prevention.VERIFY),
        "verified": form.choose(_("Does the evidence show it?"), found, "verified"),
        "text": form.text(_("What is missing, or a word about it")),
    }


def check(form: Form) -> StepFields:
    """Whether the cause has become rarer."""
    found = {one.value: named("effect", one.value) for one in Effect}
    return {
        "action": _action(form, prevention.CHECK),
        "effect": form.choose(_("What has it brought?"), found, "effect"),
        "text": form.text(_("What did you look at?")),
    }


def _action(form: Form, step: str) -> str | None:
    """One of the actions that wait for this step; a department's colleague finds only their own."""
    waiting = form.dossier.prevention.at(STAGE_OF[step])
    if step in prevention.OF_OWNERS:
        waiting = prevention.own(form.context.person, waiting)
    texts = {one.action.number: one.what for one in form.dossier.actions}
    names = {str(one.number): f"{number(one.number)}. {texts.get(one.number, '')}" for one in waiting}
    return form.choose(_("Which action?"), names, "action", next(iter(names), None))


def action_words(one: Planned) -> str:
    """``Hành động 1: … · Nguyễn An · trước 17:30 Thứ Sáu …``."""
    due = _("by {due}").format(due=due_words(one.due_at))
    return " · ".join((_("Action {n}: {what}").format(n=number(one.number), what=one.what), one.owner, due))


def show_analysis(moment: Moment) -> None:
    """The whys one beneath the other, then the plan; the names where the reader may see them."""
    said = moment.analysed
    if said is None:
        return
    if said.whys == (HIDDEN,):
        st.caption(_("Hidden: your role does not see what was written."))
    elif said.whys:
        st.markdown(md("{title}", title=_("Why:")))
        st.text("\n".join(f"{n}. {visible(why)}" for n, why in enumerate(said.whys, 1)))
    for one in said.actions:
        st.text(visible(action_words(one)))
    if said.people:
        st.caption(plain(_("People responsible, for the board alone:")))
        st.text(visible(said.people))


def filled_in(moment: Moment) -> dict[str, object]:
    """Name → value of the widgets of the analysis that was taken back; the names are typed anew by who may not read
    them.
    """
    said = moment.analysed
    if said is None:
        return {}
    held: dict[str, object] = {f"whys.{n}": why for n, why in enumerate(said.whys, 1)}
    held[COUNT] = str(len(said.actions))
    for n, one in enumerate(said.actions, 1):
        held |= {
            f"actions.{n}.what": one.what,
            f"actions.{n}.owner_id": str(one.owner_id),
            f"actions.{n}.due_on": one.due_at.astimezone(LOCAL).date(),
        }
    return held


def analysed_details(moment: Moment) -> list[str]:
    """Which cause, and how many actions."""
    return [_("cause: {cause}").format(cause=name_of(catalogues().causes, moment.payload.get("root_cause")))]


def action_details(moment: Moment) -> list[str]:
    """Which action, and what was found of it."""
    payload = moment.payload
    found = [named(name, str(payload[name])) for name in ("verified", "effect") if name in payload]
    return [moment.action, *found]


VIEWS: Mapping[str, StepView] = {
    prevention.ANALYSE: StepView(analyse, EventView("account_tree", analysed_details)),
    prevention.APPROVE: StepView(approve, EventView("verified")),
    prevention.RETURN: StepView(return_, EventView("assignment_return")),
    prevention.DONE: StepView(done, EventView("build_circle", action_details)),
    prevention.SEND: StepView(send, EventView("upload_file", action_details)),
    prevention.VERIFY: StepView(verify, EventView("fact_check", action_details)),
    prevention.CHECK: StepView(check, EventView("troubleshoot", action_details)),
}
