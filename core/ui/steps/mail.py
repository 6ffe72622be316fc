"""What the customer is told leaves as a mail (D46): the tick above the text, the subject, and where it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.i18n import N_, moment, named
from core.i18n import gettext as _
from core.register.case import mail_subject
from core.register.case.draft import EMAIL
from core.register.case.steps.recording import StepFields
from core.register.messages.to_customers import FAILED, SENT, UNSURE
from core.register.reads.mails import HELD, NO_WORKER, ON_ITS_WAY, TRIED, Mailed
from core.ui import fields
from core.ui.text import md, plain

if TYPE_CHECKING:
    from core.ui.steps.view import Form


def is_ticked(form: Form, channel: str | None) -> bool:
    """Whether it is to leave as a mail, at first where the customer wrote one; not offered where no mail can be sent.

    ``channel``: that the form has chosen, None where the step has none.
    """
    key, is_offered = form.key("mail"), bool(form.dossier.mails_from) and channel in (None, EMAIL)
    if is_offered:
        st.session_state.setdefault(key, form.dossier.complaint.channel == EMAIL)
        is_offered = st.checkbox(_("Send this to the customer as a mail"), key=key, persist_state="page")
    fields.mend(form.problems, "mail")
    return is_offered


def addressed(form: Form, step: str) -> StepFields:
    """Under which subject it leaves, and with which papers; from where it goes to whom is said."""
    dossier = form.dossier
    address = dossier.contact.email if dossier.contact else ""
    said = _("It leaves at once when you save, as you write it, from {sender} to {address}.")
    st.caption(plain(said.format(sender=dossier.mails_from, address=address)))
    typed = st.text_input(
        _("Subject of the mail"),
        key=form.key("subject"),
        placeholder=mail_subject.whole("", dossier.complaint.code, step),
        autocomplete="off",
        persist_state="page",
    )
    fields.mend(form.problems, "subject")
    return {"mail": True, "subject": typed or "", "enclosed": _enclosed(form)}


def _enclosed(form: Form) -> list[str]:
    """Which papers that were issued go along (D39)."""
    papers = {one.number: f"{named('paper', one.kind)} {one.number}" for one in reversed(form.dossier.papers)}
    return form.several(_("Papers that go along"), papers, "enclosed") if papers else []


SENTENCES = {
    ON_ITS_WAY: N_(":material/outgoing_mail: Mail to the customer: on its way"),
    TRIED: N_(":orange[:material/outgoing_mail: Mail to the customer: not sent yet, tried again]"),
    HELD: N_(":orange[:material/outgoing_mail: Mail to the customer: not sent yet, the mail server is switched off]"),
    NO_WORKER: N_(":orange[:material/outgoing_mail: Mail to the customer: no worker sends it. Tell an administrator.]"),
    SENT: N_(":material/mark_email_read: Mail to the customer: sent"),
    FAILED: N_(":red[:material/unsubscribe: Mail to the customer: could not be sent. Call them.]"),
    UNSURE: N_(":red[:material/unsubscribe: Mail to the customer: perhaps it never arrived. Call them.]"),
}


def show(mailed: Mailed) -> None:
    """What became of a mail, and when; somebody has something to do where it may not have arrived."""
    said, at = _(SENTENCES[mailed.became]), moment(mailed.at) if mailed.at else ""
    line = md(said) if not at else md("{said} · {at}", said=md(said), at=at)
    if mailed.became in (FAILED, UNSURE):
        st.markdown(line)
    else:
        st.caption(line)
