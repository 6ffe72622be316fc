"""Step 5 of the procedure on the screens: proposals and what the customer says to them; dates promised meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import streamlit as st

from core.i18n import due_words, named, number
from core.i18n import gettext as _
from core.register.case.steps.conciliation import PROMISES
from core.register.case.steps.recording import StepFields
from core.register.reads.timeline import Moment
from core.rules.steps import State
from core.ui.badges import Badge
from core.ui.steps.handling import asked_details
from core.ui.steps.view import EventView, Form, StepView, channel_details
from core.ui.text import md, plain


def propose(form: Form) -> StepFields:
    """What the customer is offered, and when we ask whether they agree (POPS step 5)."""
    _tell_round(form, form.dossier.complaint.rounds + 1)
    channel = form.channel()
    told = form.told("propose", _("What is the customer offered?"), channel)
    return {"channel": channel, **told, "chase_on": form.chase_on(), "files": form.files()}


def accept(form: Form) -> StepFields:
    """The customer agrees."""
    st.caption(_("The result is still to be told officially; its deadline runs on."))
    text = form.text(_("What did the customer say? (optional)"))
    return {"text": text, "due_at": form.result_due_at(), "files": form.files()}


def refuse(form: Form) -> StepFields:
    """Why they do not agree, and by when they hear again (D17)."""
    _tell_round(form, form.dossier.complaint.rounds)
    text = form.text(_("Why does the customer not agree?"))
    due_at = form.due_at(_("The customer hears again by"), form.in_working_days())
    return {"text": text, "due_at": due_at, "files": form.files()}


def decide(form: Form) -> StepFields:
    """The final decision with its reason; whoever saves it approves it (D17)."""
    st.caption(_("With this the decision is approved. Tell the customer then, with the ways outside that stay open."))
    text = form.text(_("What is decided, and why?"))
    return {"text": text, "due_at": form.result_due_at()}


def promise(form: Form) -> StepFields:
    """What the customer was told, and the date they were given (D14)."""
    promised = form.choose(_("What is the date for?"), {key: named("promised", key) for key in PROMISES}, "promised")
    due_at = form.due_at(_("Promised by"), form.in_working_days())
    channel = form.channel()
    told = form.told("promise", _("What was the customer told?"), channel)
    return {"promised": promised, "due_at": due_at, "channel": channel, **told, "files": form.files()}


def tell_progress(form: Form) -> StepFields:
    """What the customer was told about progress (D14)."""
    channel = form.channel()
    told = form.told("tell_progress", _("What was the customer told?"), channel)
    return {"channel": channel, **told, "files": form.files()}


def negotiate(form: Form) -> StepFields:
    """The customer asks to negotiate: a statutory term begins (D14)."""
    st.caption(_("The law then gives 7 working days (Consumer Law 19/2023, art. 57(2))."))
    return {"text": form.text(_("What does the customer ask for? (optional)")), "files": form.files()}


def promised_details(moment: Moment) -> list[str]:
    """What for, by when, and through which channel."""
    due_at, kind = moment.payload.get("due_at"), moment.payload.get("kind")
    due = _("by {due}").format(due=due_words(datetime.fromisoformat(due_at))) if due_at else ""
    return [named("promised", kind) if kind else "", due, *channel_details(moment)]


def proposed_details(moment: Moment) -> list[str]:
    """Through which channel, and when we ask."""
    return [*channel_details(moment), *asked_details(moment)]


def _tell_round(form: Form, round_: int) -> None:
    """Which round this is, of how many the procedure speaks (D17)."""
    conciliation = form.dossier.procedure.conciliation
    if conciliation and round_:
        st.caption(plain(_("Round {n} of {rounds}").format(n=number(round_), rounds=number(conciliation.rounds))))
    if conciliation and round_ > conciliation.rounds:
        st.markdown(md(_(":orange[:material/gavel: The rounds are over: a lead or the board may decide finally.]")))


VIEWS: Mapping[str, StepView] = {
    "propose": StepView(propose, EventView("handshake", proposed_details)),
    "accept": StepView(accept, EventView("thumb_up", promised_details)),
    "refuse": StepView(refuse, EventView("thumb_down", promised_details)),
    "decide": StepView(decide, EventView("gavel", promised_details)),
    "promise": StepView(promise, EventView("event_upcoming", promised_details)),
    "tell_progress": StepView(tell_progress, EventView("record_voice_over", channel_details)),
    "negotiate": StepView(negotiate, EventView("balance")),
}
STATE_BADGES: Mapping[str, Badge] = {
    State.proposed: Badge("state", "proposed", ":material/handshake:", "gray"),
    State.decided: Badge("state", "decided", ":material/campaign:", "blue"),
}
