"""The end of the form of `Ghi nhận`: what was settled as it came in is logged and closed in the same save (D26)."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.catalogues import catalogues
from core.errors import PopsError
from core.i18n import N_
from core.i18n import gettext as _
from core.register.case import intake
from core.register.case.draft import Draft
from core.register.case.evidence import FileDraft
from core.register.case.file_kinds import MEDIA
from core.register.case.intake import COMPLAINT, Settled
from core.register.case.steps.recording import StepFields
from core.rules import policy
from core.rules.admission import INADMISSIBLE
from core.rules.catalogue import is_offered
from core.rules.issues import Issue, numbered
from core.rules.marks import visible
from core.rules.procedure import SETTLEMENT_MINUTES, Procedure
from core.ui import fields
from core.ui.context import PageContext
from core.ui.log.sheet import LABELS, Sheet, Slots
from core.ui.steps import answer_text, issues
from core.ui.steps.ending import causes_for, outcomes_of_closing
from core.ui.steps.misses import reasons_to_choose
from core.ui.text import Words, plain

LATER = "later"
ENDINGS: Mapping[str, str] = {
    LATER: N_("Goes on after this"),
    "inquiry": N_("Question answered at once"),
    COMPLAINT: N_("Agreed on the spot"),
    INADMISSIBLE: N_("Not taken: told why, closed"),
}
"""How the call ends → its words; the keys beside ``LATER`` are the kinds of matter that may be settled at once."""


def show(context: PageContext, sheet: Sheet, procedure: Procedure, draft: Draft, slots: Slots) -> Settled | None:
    """Whether it is settled already, where procedure and role allow that, and what closing it needs; None: it goes on.

    ``draft``: what the fields above hold.
    """
    kinds = policy.kinds_settled_at_once(context.person, procedure)
    if not kinds:
        return None
    if _is_against(context, draft):  # an inquiry is answered all the same
        kinds = (*(kind for kind in kinds if kind != COMPLAINT), INADMISSIBLE)
    kind = _choose_ending(sheet, kinds)
    slots.under("settles")
    if kind == LATER:
        return None
    told, used = _told(context, sheet, draft, slots)
    if kind == INADMISSIBLE:
        late = _list(sheet, "breach_reason", reasons_to_choose(), slots) if _is_late(context, draft) else None
        return Settled(kind=COMPLAINT, told=told, outcome=INADMISSIBLE, answer_text=used, breach_reason=late)
    left, right = st.columns(2)
    with left:
        outcome = _outcome(sheet, slots, is_answered=kind == "inquiry")
    with right:
        cause = _list(sheet, "root_cause", causes_for(draft.category), slots) if kind == COMPLAINT else None
    ends = _ends(sheet, draft, slots, with_causes=kind == COMPLAINT)
    return Settled(
        kind=kind,
        told=told,
        outcome=outcome,
        root_cause=cause,
        answer_text=used,
        breach_reason=_list(sheet, "breach_reason", reasons_to_choose(), slots) if _is_late(context, draft) else None,
        minutes=_minutes(sheet, slots) if kind == COMPLAINT and SETTLEMENT_MINUTES in procedure.papers else (),
        issue_outcomes=ends.get("issue_outcomes", {}),
        issue_causes=ends.get("issue_causes", {}),
    )


def _outcome(sheet: Sheet, slots: Slots, *, is_answered: bool) -> str | None:
    """How it ended: of a question that was answered at first that, which the list of a complaint does not take over."""
    names, kept_as = outcomes_of_closing(), "outcome.answered" if is_answered else "outcome"
    if is_answered and "answered" in names:
        st.session_state.setdefault(sheet.key(kept_as), "answered")
    return _list(sheet, "outcome", names, slots, kept_as=kept_as)


def _ends(sheet: Sheet, draft: Draft, slots: Slots, *, with_causes: bool) -> StepFields:
    """How each further issue ended, beside the first one."""
    its = {str(number): Issue(number, category) for number, category in numbered(draft.issues)}

    def ask(name: str, label: Words, names: Mapping[str, str]) -> str | None:
        of, _dot, n = name.partition(".")  # what is chosen belongs to the category, whose number may yet change
        return _list(sheet, name, names, slots, label=label, kept_as=f"{of}.{its[n].category}")

    return issues.ends(ask, tuple(its.values()), outcomes_of_closing(), causes_for if with_causes else None)


def _choose_ending(sheet: Sheet, kinds: tuple[str, ...]) -> str:
    key, endings = sheet.key("settles"), (LATER, *kinds)
    fields.only(key, endings)
    return st.segmented_control(
        _("How does the contact end?"),
        endings,
        default=LATER,
        required=True,
        format_func=lambda ending: plain(_(ENDINGS[ending])),
        key=key,
        wrap=True,
        persist_state="session",
    )


def _told(context: PageContext, sheet: Sheet, draft: Draft, slots: Slots) -> tuple[str, str | None]:
    """What the customer was told, and the answer text in it."""
    key = sheet.key("told")
    used = answer_text.pick_before(context, draft, "notify_result", sheet.key("told.answer_text"), key)
    told = st.text_area(_(LABELS["told"]), key=key, persist_state="session")
    slots.under("told")
    return told or "", used


def _is_against(context: PageContext, draft: Draft) -> bool:
    """Whether the rules do not take it, and the organisation has the outcome for that."""
    try:
        with context.register.read() as session:
            return bool(intake.against(session, draft)) and is_offered(catalogues().outcomes, INADMISSIBLE)
    except PopsError:
        return False  # the deadlines beside the form say what is wrong


def _is_late(context: PageContext, draft: Draft) -> bool:
    try:
        with context.register.read() as session:
            return intake.is_late(session, draft, now=context.now)
    except PopsError:
        return False  # the deadlines beside the form say what is wrong


def _list(
    sheet: Sheet,
    name: str,
    names: Mapping[str, str],
    slots: Slots,
    *,
    label: Words | None = None,
    kept_as: str = "",
) -> str | None:
    key = sheet.key(kept_as or name)
    fields.only(key, names)
    chosen = st.selectbox(
        label or _(LABELS[name]),
        list(names),
        index=None,
        format_func=lambda entry: visible(names[entry]),
        key=key,
        placeholder=_("Choose …"),
        persist_state="session",
    )
    slots.under(name, key=key)
    return chosen


def _minutes(sheet: Sheet, slots: Slots) -> tuple[FileDraft, ...]:
    given = st.file_uploader(
        _("Settlement minutes, signed by both: photo or PDF"),
        type=sorted(MEDIA),
        accept_multiple_files=True,
        key=sheet.key("minutes"),
    )
    slots.under("minutes")
    return tuple(FileDraft(file.name, file) for file in given)
