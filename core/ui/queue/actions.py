"""Steps on the ticked rows of the queue, and their results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

import streamlit as st
from sqlalchemy.orm import Session

from core.catalogues import catalogues
from core.errors import Invalid
from core.i18n import due_words, named, ngettext
from core.i18n import gettext as _
from core.register.case import batch, forward_many, merge_many, merging
from core.register.case.evidence import MAX_TEXT
from core.register.case.intake import new_reference
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.messages import outlets
from core.register.people import absences, form_drafts
from core.register.reads.visible import holders_who_see
from core.rules.calendar import local_day
from core.rules.catalogue import offered
from core.rules.marks import visible
from core.rules.steps import JOIN, MERGE
from core.ui import doing, drafts, fields, rows
from core.ui.context import PageContext
from core.ui.drafts import Filling
from core.ui.incidents import choose
from core.ui.incidents import outcome as of_incidents
from core.ui.queue import whole
from core.ui.queue.view import View
from core.ui.steps import answer_text, beside, error_words
from core.ui.steps.view import names_in
from core.ui.text import joined, md, plain

TABLE = "queue_rows"
SHOWN_CODES = 10
PREFIX, ANSWERED = "queue_", "answered"
TOKEN, KEPT = "queue_draft", "queue_draft_kept"


def list_id(*shown: object) -> str:
    """The identity of the list on the screen, to which ticks belong; a step taken makes it another list."""
    return "|".join(map(str, (*shown, st.session_state.get("queue_steps", 0))))


def bar(context: PageContext, view: View, shown: str) -> None:
    """While rows are ticked, the steps this role may take on all of them, at the foot of the window."""
    ticks = rows.ticked(TABLE, shown)
    picked = whole.of(shown, ticks)
    if not picked or not context.may("assign"):
        return
    with st.bottom, st.container(horizontal=True, vertical_alignment="center"):
        n = len(picked)
        st.markdown(ngettext("**{n}** complaint ticked", "**{n}** complaints ticked", n).format(n=n), width="content")
        whole.offer_all(context, view, shown, ticks)
        if st.button(_("Take over"), icon=":material/person_check:", key="queue_take"):
            _take(context, picked, _taken, "assign", {"assignee_id": context.person.id})
        _assign(context, picked)
        if context.may("acknowledge"):
            _acknowledge(context, picked)
        if context.may("forward"):
            _forward(context, picked)
        if context.may(MERGE):
            _merge(context, picked)
        if context.may(JOIN):
            choose.popover(context, picked, _forget_ticks)
        doing.finish()


def result() -> None:
    """The result of the last steps, shown once."""
    of_incidents.show()
    stored: tuple[str, batch.Result] | None = st.session_state.pop("queue_result", None)
    if stored is None:
        return
    told, outcome = stored
    sentence = f"{', '.join([told, *_left(outcome)])}."
    if not outcome.overtaken and not outcome.refused:
        st.success(plain(sentence), icon=":material/task_alt:")
        return
    reasons = [f"{code}: {of_incidents.why_of(why)}" for code, why in list(outcome.refused.items())[:SHOWN_CODES]]
    st.warning(joined("  \n", [sentence, *reasons]), icon=":material/rule:")


def _taken(n: int) -> str:
    return ngettext("{n} complaint taken over", "{n} complaints taken over", n).format(n=n)


def _acknowledged(n: int) -> str:
    return ngettext("{n} complaint acknowledged", "{n} complaints acknowledged", n).format(n=n)


def _left(outcome: batch.Result) -> list[str]:
    """How many were overtaken, and how many refused; what did not happen is left out."""
    overtaken, refused = len(outcome.overtaken), len(outcome.refused)
    parts = []
    if overtaken:
        template = ngettext(
            "{n} changed by somebody else first: {codes}", "{n} changed by somebody else first: {codes}", overtaken
        )
        parts.append(template.format(n=overtaken, codes=_listed(outcome.overtaken)))
    if refused:
        parts.append(ngettext("{n} not possible", "{n} not possible", refused).format(n=refused))
    return parts


def _assign(context: PageContext, picked: Mapping[str, int]) -> None:
    with context.register.read() as session:
        colleagues = {person.id: person.name for person in holders_who_see(session, picked)}
        away = absences.away(session, local_day(context.now))
    with st.popover(_("Give to"), icon=":material/person_add:"):
        chosen = st.selectbox(
            _("Colleague"),
            list(colleagues),
            format_func=lambda key: visible(colleagues[key]),
            index=None,
            key="queue_assignee",
        )
        names = {str(key): name for key, name in colleagues.items()}
        beside.warn_of_absence(away, str(chosen) if chosen else None, names, "queue_assignee", int)
        word = st.text_input(_("A word to them (optional)"), key="queue_word", max_chars=MAX_TEXT)
        if st.button(_("Give"), type="primary", key="queue_assign", disabled=chosen is None):

            def given(n: int) -> str:
                return ngettext("{n} complaint given to {name}", "{n} complaints given to {name}", n).format(
                    n=n, name=colleagues.get(chosen or 0, "")
                )

            _take(context, picked, given, "assign", {"assignee_id": chosen, "text": word})


def _acknowledge(context: PageContext, picked: Mapping[str, int]) -> None:
    with st.popover(_("Acknowledge"), icon=":material/mark_email_read:"):
        filling, kept = _filling(context)
        by_mail = _goes_by_mail(context)
        if not by_mail:
            st.markdown(_("Only once a person has answered each customer, through the channel they used."))
        used = answer_text.pick_for_all(context, "acknowledge", filling.key(answer_text.NAME), filling.key(ANSWERED))
        label = _("What the mail says") if by_mail else _("What was answered, if it was the same for all")
        text = st.text_area(label, key=filling.key(ANSWERED)) or ""
        if st.button(_("Acknowledge"), type="primary", key="queue_acknowledge"):

            def filled(session: Session, code: str) -> StepFields:
                said = answer_text.filled_for(session, context, code, "acknowledge", text) if used else text
                return {"text": said, "answer_text": used, "mail": by_mail}

            _take(context, picked, _acknowledged, "acknowledge", filled, filling)
        drafts.line(context, filling, kept=kept, give_up=lambda: _give_up(context, filling))


def _goes_by_mail(context: PageContext) -> bool:
    """Whether each of the customers is sent the text as a mail of their own (D46); offered where a mail can leave."""
    with context.register.read() as session:
        is_set_up = outlets.to_customers(session) is not None
    if not is_set_up or not st.checkbox(_("Send this to each customer as a mail"), key=f"{PREFIX}mail"):
        return False
    st.markdown(
        _("Each mail leaves at once. Complaints that did not come by e-mail, or have no address, are left as they are.")
    )
    return True


def _forward(context: PageContext, picked: Mapping[str, int]) -> None:
    """All ticked complaints are put to one department, with the same question and time (D19)."""
    with st.popover(_("Forward"), icon=":material/forward_to_inbox:", key="queue_forwarding"):
        names = names_in(offered(catalogues().departments))
        department = fields.choice(_("Department"), names, "queue_department_asked", {}, "department")
        doing.mend("department")
        label = _("What should they check or decide?")
        question = st.text_area(label, key="queue_question", max_chars=MAX_TEXT) or ""
        doing.mend("text")
        with context.register.read() as session:
            usual = forward_many.usual_due(session, list(picked), context.now)
        due_at = fields.moment(_("Answer needed by"), "queue_answer_due", usual)
        if due_at:
            st.caption(plain(due_words(due_at)))
        doing.mend("due_at")
        asked = StepFields(department=department, text=question, due_at=due_at)
        results: list[batch.Result] = []

        def write(session: Session, act: Act) -> None:
            said = _("Forwarded to {department}").format(department=names.get(department or "", ""))
            results.append(forward_many.forward_all(session, picked, asked, act))
            of_incidents.keep(said, results[-1])

        def then() -> None:
            if results[-1].done:  # else the question is still to be asked
                _forget_ticks()

        doing.button(context, _("Forward"), write, "", key="queue_forward", then=then, type="primary")


def _merge(context: PageContext, picked: Mapping[str, int]) -> None:
    """All ticked complaints go on in the one of them that was received first (D13)."""
    with st.popover(_("Merge"), icon=":material/merge:"):
        try:
            with context.register.read() as session:
                first = merging.received_first(session, picked).code
        except Invalid as few:
            st.caption(plain(error_words(few)))
            return
        rest = {code: version for code, version in picked.items() if code != first}
        said = ngettext(
            "**{n}** complaint goes on in {code}, which was received first.",
            "**{n}** complaints go on in {code}, which was received first.",
            len(rest),
        )
        st.markdown(md(said, n=len(rest), code=first))
        st.caption(plain(named("what is final", MERGE)))
        text = st.text_input(_("Why do they belong together? (optional)"), key="queue_merge_why", max_chars=MAX_TEXT)
        doing.mend("text")

        def write(session: Session, act: Act) -> None:
            of_incidents.keep(
                _("Merged into {code}").format(code=first), merge_many.merge_all(session, rest, first, text or "", act)
            )

        doing.button(context, _("Merge"), write, "", key="queue_merge", then=_forget_ticks, type="primary")


def _filling(context: PageContext) -> tuple[Filling, datetime | None]:
    """The text for all as it is kept on the server, and when that was; put back where the field is not there yet."""
    token: str = st.session_state.setdefault(TOKEN, new_reference(context.now))
    filling = Filling(form_drafts.QUEUE, token, PREFIX, only=(ANSWERED, answer_text.NAME))
    if filling.key(ANSWERED) in st.session_state:
        return filling, st.session_state.get(KEPT)
    found = drafts.find(context, form_drafts.QUEUE)
    st.session_state[KEPT] = found.saved_at if found else None
    if found:
        st.session_state[TOKEN] = found.token
        filling = replace(filling, token=found.token)
        drafts.put_back(filling, found.fields)
    return filling, st.session_state[KEPT]


def _give_up(context: PageContext, filling: Filling) -> None:
    _end(context, filling)
    st.session_state[filling.key(ANSWERED)] = ""
    st.session_state[filling.key(answer_text.NAME)] = None


def _end(context: PageContext, filling: Filling) -> None:
    drafts.end(context, filling)
    for name in (TOKEN, KEPT):
        st.session_state.pop(name, None)


def _take(
    context: PageContext,
    picked: Mapping[str, int],
    told: Callable[[int], str],
    step: str,
    fields: StepFields | Callable[[Session, str], StepFields],
    filling: Filling | None = None,
) -> None:
    """Take the step, remember its result for the next run, start that run; where nothing was done its text stays.

    ``told``: what was done, by how many complaints.
    """
    n = len(picked)
    with st.spinner(plain(ngettext("Working on {n} complaint …", "Working on {n} complaints …", n).format(n=n))):
        result = batch.take(context.register, picked, step, fields, Act(context.person, context.now))
    if filling and result.done:
        _end(context, filling)
    st.session_state["queue_result"] = (told(len(result.done)), result)
    _forget_ticks()
    st.rerun()


def _forget_ticks() -> None:
    """Another list begins, in which nothing is ticked."""
    st.session_state["queue_steps"] = st.session_state.get("queue_steps", 0) + 1


def _listed(codes: tuple[str, ...]) -> str:
    more = [_("and {n} more").format(n=len(codes) - SHOWN_CODES)] if len(codes) > SHOWN_CODES else []
    return ", ".join([*codes[:SHOWN_CODES], *more])
