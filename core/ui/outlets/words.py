"""The words of outlets, messages and choices."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from core.catalogues import catalogues, name_of
from core.i18n import N_
from core.i18n import gettext as _
from core.register.messages.outbox import EVERYBODY
from core.register.messages.outlets import Configured
from core.register.messages.senders import FOLDER
from core.rules.messages import FILE, IMAP, NO_TLS, SMTP, STARTTLS, TLS, WEBHOOK, Choice, State

KINDS: Mapping[str, str] = {
    SMTP: N_("Mail server"),
    WEBHOOK: N_("Webhook"),
    FILE: N_("Files, for trials"),
    IMAP: N_("Mailbox whose mails become complaints"),
}
SECURED: Mapping[str, str] = {
    STARTTLS: N_("STARTTLS (usually port 587)"),
    TLS: N_("TLS (usually port 465)"),
    NO_TLS: N_("none: only for a server on this machine"),
}
FAILURES: Mapping[str, str] = {
    "no connection": N_("The server cannot be reached."),
    "no secure connection": N_("No secure connection: its certificate is not valid, or it offers none."),
    "no answer": N_("The server did not answer in time."),
    "wrong password": N_("User name or password are refused."),
    "refused": N_("The server refuses it ({code})."),
    "cannot be written": N_("The file cannot be written."),
    "no folder": N_("The mailbox has no such folder."),
    "unread mail": N_("A mail could not be logged: read it in the mailbox."),
    "not written": N_("The message could not be put into words; the log of the program says why."),
    "no address": N_("The customer has no e-mail address any more."),
    "nothing to say": N_("What the customer was told is not there any more."),
    "bounced": N_("The customer's mail server sent it back."),
    "ended": N_("The program ended while it was sent."),
}
STATES: Mapping[State, str] = {
    State.WAITING: N_("waiting"),
    State.SENDING: N_("being sent"),
    State.SENT: N_("sent"),
    State.FAILED: N_("tried in vain, tried again"),
    State.DEAD: N_("given up"),
    State.UNSURE: N_("may have arrived"),
    State.DROPPED: N_("not needed any more"),
}
GROUPS: Mapping[str, str] = {
    "asked": N_("Something is asked of you: questions, a case, an approval, your name in a note"),
    "answers": N_("Answers to what you asked"),
    "customer": N_("The customer wrote, did not agree, or a case was re-opened"),
    "deadlines": N_("A deadline comes near, or is missed"),
    "today": N_("Each morning: what is due, whom to ask again, what waits for approval"),
    "week": N_("Each week: the review can be held"),
}
CHOICES: Mapping[Choice, str] = {
    Choice.USUAL: N_("urgent at once, the rest in the morning"),
    Choice.AT_ONCE: N_("always at once"),
    Choice.MORNING: N_("all in the morning"),
    Choice.OFF: N_("not by message"),
}
DAILY: Mapping[Choice, str] = {Choice.USUAL: N_("yes"), Choice.OFF: N_("not by message")}


def failure(name: str) -> str:
    """Why something was not sent, in a sentence."""
    kind, _space, code = name.partition(" ") if name.startswith("refused ") else (name, "", "")
    return _(FAILURES.get(kind, N_("It could not be sent."))).format(code=code)


def where(outlet: Configured) -> str:
    """Where an outlet leads, without what is secret: an address of a chat room lets in whoever knows it."""
    values = outlet.values
    if outlet.kind == SMTP:
        return f"{values['server']}:{values['port']} · {values['sender']}"
    if outlet.kind == WEBHOOK:
        room = name_of(catalogues().departments, values["department"]) if values["department"] else _("everybody")
        return f"{urlsplit(values['url']).hostname or ''} · {room}"
    if outlet.kind == IMAP:
        return f"{values['user']} · {values['server']}:{values['port']} · {values['folder']}"
    return f"{FOLDER}/{values['folder']}"


def reader(name: str, person: str | None, code: str) -> str:
    """Who reads a message; a customer is named by the ``code`` of their case alone."""
    if code:
        return _("customer of {code}").format(code=code)
    if person is not None:
        return person
    department = name.removeprefix("department:")
    return _("everybody") if name == EVERYBODY else name_of(catalogues().departments, department)
