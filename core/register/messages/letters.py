"""A message in words (D42): subject, plain text and HTML in the reader's language, made of codes and our own sentences.

Nothing that a customer or a colleague wrote comes in here: not a name, not a text. What somebody writes to a customer
is made in ``core.register.messages.to_customers``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import NamedTuple
from urllib.parse import quote

from sqlalchemy.orm import Session

from core import catalogues, i18n
from core.catalogues import name_of
from core.i18n import N_, day, due_words, ngettext, number
from core.i18n import gettext as _
from core.register import rulebook
from core.register.log.tables import Message, Person, micros
from core.register.messages.outbox import DIGEST, TRY, Line
from core.rules.calendar import local_day
from core.rules.messages import APPROVALS, LINES, WEEK
from core.rules.notices import CHASE_TODAY, CUSTOMER_WROTE, DUE_TODAY, MAIL_FAILED, MENTIONED, MISSED, WARNED

SENTENCES: Mapping[str, str] = {
    MENTIONED: N_("A colleague mentioned you"),
    "forwarded": N_("Your department is asked"),
    "reminded": N_("Your department is reminded"),
    "assigned": N_("A complaint was given to you"),
    "answered": N_("The department answered"),
    "request_returned": N_("The department returned it"),
    CUSTOMER_WROTE: N_("The customer wrote again"),
    "customer_replied": N_("The customer answered"),
    "customer_refused": N_("The customer does not agree"),
    "direction_asked": N_("Your direction is asked"),
    "directed": N_("The direction you asked for is there"),
    "approval_asked": N_("An analysis waits for your approval"),
    "analysis_approved": N_("Your analysis is approved"),
    "analysis_returned": N_("Your analysis was returned"),
    "action_given": N_("A preventive action is yours"),
    "evidence_sent": N_("Evidence of an action is to be verified"),
    "result_told": N_("The customer was told the result"),
    "reopened": N_("A complaint was re-opened"),
    MAIL_FAILED: N_("A mail to the customer may not have arrived: call them"),
    DUE_TODAY: N_("Due today"),
    CHASE_TODAY: N_("To be asked again today"),
    WARNED: N_("Due soon"),
    MISSED: N_("Overdue"),
}
"""Kind of a notice → what a message says of it; the bell says the same with who caused it."""


class Enclosed(NamedTuple):
    """A PDF that goes with a letter."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """One message as it is handed over.

    ``id``: always the same for the same row, as Message-ID and as the id of a webhook. ``to``: the reader's address;
    empty for a room and for a file. ``lines``: as data, for a webhook.
    ``is_by_person``: somebody wrote it to a customer (D46), no program made it. ``reply_to``: where an answer goes,
    empty for the sender. ``thread``: the ids of the mails before it, the one that it answers last.
    """

    id: str
    to: str
    subject: str
    text: str
    html: str
    at: datetime
    sender_name: str
    lines: Sequence[Mapping[str, object]]
    is_by_person: bool = False
    reply_to: str = ""
    thread: tuple[str, ...] = ()
    enclosed: tuple[Enclosed, ...] = ()


WeekTold = Callable[[str, Person], Sequence[str]]
"""What figures say of a week (``2026-W47``) to a person, in the language in use."""


def compose(session: Session, message: Message, address: str, week_told: WeekTold = lambda *_given: ()) -> Letter:
    """The message in its reader's language; ``address``: the site's, ``scheme://host``."""
    person = session.get(Person, message.person_id) if message.person_id else None
    before, known = i18n.language(), rulebook.catalogues(session)
    i18n.use(person.language if person else "vi")
    catalogues.use(known)
    try:
        whose = rulebook.organisation(session).name
        lines: list[Line] = json.loads(message.lines)
        subject, heading = _subject(message, lines)
        rows = [(_said(line), _about(line, person, week_told), _link(line, address)) for line in lines[:LINES]]
        more = len(lines) - len(rows)
        if more:
            rows.append((ngettext("{n} more", "{n} more", more).format(n=number(more)), "", f"{address}/notices"))
        return Letter(
            id=message_id(message),
            to=(person.email or "") if person else "",
            subject=subject,
            text=_text(heading, rows, whose, address, is_personal=person is not None),
            html=_html(heading, rows, whose, address, is_personal=person is not None),
            at=message.written_at,
            sender_name=whose,
            lines=[_data(line, address) for line in lines[:LINES]],
        )
    finally:
        i18n.use(before)


def message_id(message: Message) -> str:
    """32 hexadecimal digits that follow from outlet, reader, cause and moment: the same however often it is sent."""
    of = f"{message.outlet_id}|{message.reader}|{message.cause}|{micros(message.written_at)}"
    return hashlib.sha256(of.encode()).hexdigest()[:32]


def _subject(message: Message, lines: Sequence[Line]) -> tuple[str, str]:
    """The subject and the heading of the text."""
    if message.kind == TRY:
        said = _("A message to try the connection")
        return said, said
    complaints = [line for line in lines if "code" in line]
    if message.kind == DIGEST:
        said = _("Your day {day}").format(day=day(local_day(message.due_at)))
        counts = " · ".join(_counted(complaints) + [_said(line) for line in lines if "code" not in line])
        return f"{said}: {counts}" if counts else said, said
    if len(complaints) == 1:
        said, code = _said(complaints[0]), complaints[0]["code"]
        return f"[{code}] {said}", said
    said = ngettext("{n} complaint", "{n} complaints", len(complaints)).format(n=number(len(complaints)))
    return f"{said}: {', '.join(_counted(complaints))}", said


def _counted(lines: Sequence[Line]) -> list[str]:
    kinds = list(dict.fromkeys(line["kind"] for line in lines))
    counts = {kind: sum(line["kind"] == kind for line in lines) for kind in kinds}
    return [f"{_(SENTENCES[kind])} ({number(count)})" for kind, count in counts.items()]


def _said(line: Line) -> str:
    if line["kind"] == APPROVALS:
        n = line["n"]
        return ngettext("{n} analysis waits for approval", "{n} analyses wait for approval", n).format(n=number(n))
    if line["kind"] == WEEK:
        return _("The review of week {week}").format(week=line["week"])
    return _(SENTENCES[line["kind"]])


def _about(line: Line, person: Person | None, week_told: WeekTold) -> str:
    if "week" in line and person is not None:
        return "\n".join(week_told(line["week"], person))
    if "code" not in line:
        return ""
    category = name_of(catalogues.catalogues().categories, line["category"])
    due = line.get("due")
    words = [line["code"], category]
    if due:
        words.append(_("due {moment}").format(moment=due_words(datetime.fromisoformat(due))))
    return " · ".join(words)


def _link(line: Line, address: str) -> str:
    if line["kind"] == APPROVALS:
        return f"{address}/prevention"
    if line["kind"] == WEEK:
        return f"{address}/meeting?week={quote(line['week'])}"
    return f"{address}/complaint?code={quote(line['code'])}"


def _data(line: Line, address: str) -> Mapping[str, object]:
    given = {name: value for name, value in line.items() if name != "cause"}
    return {**given, "text": _said(line), "link": _link(line, address)}


def _foot(whose: str, address: str, *, is_personal: bool) -> list[str]:
    foot = [_("Sent by the complaint register of {organisation}.").format(organisation=whose)]
    if is_personal:
        foot.append(_("Which messages you get, you choose here: {link}").format(link=f"{address}/account"))
    return foot


def _text(heading: str, rows: Sequence[tuple[str, str, str]], whose: str, address: str, *, is_personal: bool) -> str:
    parts = [heading]
    parts += ["\n".join(part for part in row if part) for row in rows]
    return "\n\n".join([*parts, "-- \n" + "\n".join(_foot(whose, address, is_personal=is_personal))]) + "\n"


_LINE = "\n"


def _html(heading: str, rows: Sequence[tuple[str, str, str]], whose: str, address: str, *, is_personal: bool) -> str:
    items = "".join(
        f'<li style="margin:0 0 12px"><a href="{escape(link)}"><b>{escape(said)}</b></a>'
        f"{'<br>' + escape(about).replace(_LINE, '<br>') if about else ''}</li>"
        for said, about, link in rows
    )
    listed = f'<ul style="padding-left:18px">{items}</ul>' if items else ""
    foot = "<br>".join(escape(line) for line in _foot(whose, address, is_personal=is_personal))
    return (
        f'<!doctype html><html lang="{i18n.language()}"><body style="font-family:sans-serif;font-size:15px">'
        f'<h1 style="font-size:18px">{escape(heading)}</h1>{listed}'
        f'<p style="color:#666;font-size:13px">{foot}</p></body></html>\n'
    )
