"""A register in which every text that somebody may write is naughty: names, answers, files, days, reasons."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from itertools import count
from typing import cast, get_type_hints

from core import shipped
from core.register import rulebook
from core.register.api import keys
from core.register.calendar import calendars
from core.register.calendar import changes as calendar_changes
from core.register.case import complaints, incidents
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.case.evidence import FileDraft
from core.register.case.steps.recording import StepFields
from core.register.figures import known_events, rebases
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Person
from core.register.meetings import decisions, minutes
from core.register.messages import choices, outlets
from core.register.organisation import answer_texts
from core.register.people import accounts, form_drafts, sign_ins
from core.register.people.accounts import Account
from core.rules import catalogue
from core.rules.answer_text import Text
from core.rules.baselines import Rebase
from core.rules.calendar import local_day
from core.rules.meetings import last_full_week
from core.rules.messages import SMTP, WEBHOOK
from core.rules.steps import ANSWERED, STEPS, UNDO
from tests.register import ways

POISON = "[vào đây](https://evil.example) www.evil.example :material/home: :red[r] :smile: $x^2$ <b>b</b> a\u202eb"
SHORT = "[x](https://evil.example) :material/home:\u202e"
CODE, WHOLE_LIFE, REPORTED = "KN-2026-000001", "KN-2026-000002", "KN-2026-000003"
ANSWER_TEXT = "x_https_evil_example_material_h"
LIFE = (
    "assign", "acknowledge", "classify", "ask_customer", "record_reply", "ask_customer", "chase", "chase",
    "end_waiting", "forward", "remind", "answer", "forward", "return_request", "forward", "recall",
    "add_issue", "add_issue", "remove_issue",
    "add_evidence", "details", "note", "undo", "negotiate", "tell_progress", "promise", "propose", "refuse",
    "propose", "accept", "notify_result", "refuse",
    "escalate", "remind_direction", "recall_direction", "escalate", "return_proposal", "escalate", "direct", "escalate",
    "approve_proposal", "decide", "verify_customer", "admit", "issue_paper", "explain_miss",
    "correct",
    "join_incident", "leave_incident", "merge", "unmerge", "notify_result", "close",
    "analyse", "return_analysis", "analyse", "approve_analysis", "action_done", "send_evidence", "verify_evidence",
    "check_effect", "analyse", "reopen", "withdraw",
)  # fmt: skip
"""Every step there is, in an order in which one complaint can take them all."""
PAUSES = {UNDO: timedelta(minutes=1), "end_waiting": timedelta(days=9)}
"""How long after the step before it a step is taken, where it must be soon (D22) or late (D17)."""
TYPED = tuple(name for name, kind in get_type_hints(StepFields).items() if kind is str)
"""The fields of steps that hold what somebody wrote; the others are keys, days and files."""
FILE = f"{SHORT.replace('/', '∕')}.png"
HOOK = outlets.Wanted(WEBHOOK, SHORT, {"url": "https://evil.example/:smile:"}, POISON)
MAIL = outlets.Wanted(SMTP, SHORT, {"server": "localhost", "port": "25", "tls": "none", "sender": "smile@evil.example"})
DRAFTS = {
    form_drafts.LOG: {"statement": POISON, "contact": SHORT, "remedy": POISON, "name": SHORT},
    form_drafts.QUEUE: {"answered": POISON},
    form_drafts.of_case(CODE): {"step": "note", "note.text": POISON},
}
TOKEN = "naughty-1"
PROCEDURES = shipped.procedure_texts()


def fill(register: Register, now: datetime) -> dict[str, Person]:
    """Write every text there is; returns role → person. ``now`` is on a working day within office hours."""
    with register.write() as session:
        people = {
            role: accounts.add(
                session,
                Account(f"{role}@evil.example", f"{SHORT} {role}", role, "payment" if role == "handler" else None),
                "bánh cuốn nóng 63",
                Act(None, now),
            )
            for role in ("lead", "agent", "handler", "admin", "reporter", "manager", "analyst")
        }
        for name, text in shipped.catalogue_texts().items():
            entries = catalogue.parse(renamed(text, "vi"), name=name, file=name)
            rulebook.add_catalogue(session, name, entries.values(), Act(people["admin"], now))
        for key in rulebook.organisation(session).procedures:
            text = renamed(PROCEDURES[key], "name", "label", "rule")
            rulebook.add_procedure(session, key, text, Act(people["admin"], now))
        of_customers = shipped.organisation("misa").customer_fields
        named = tuple(replace(one, vi=f"{SHORT} {number}") for number, one in enumerate(of_customers))
        whose = replace(rulebook.organisation(session), customer_fields=named)
        rulebook.add_organisation(session, whose, Act(people["admin"], now))
    _answer_by_mail(register, Act(people["admin"], now))
    with register.write() as session:
        act = Act(people["lead"], now)
        category = next(iter(rulebook.catalogues(session).categories))
        logged = complaints.log(session, draft(now, category), act)
        steps: tuple[tuple[str, StepFields], ...] = (
            ("assign", {"assignee_id": people["lead"].id}),
            ("acknowledge", {"text": POISON}),
            ("classify", {"kind": "complaint", "category": category}),
            ("note", {"text": POISON}),
            ("forward", {"department": "payment", "text": POISON, "due_at": now + timedelta(days=2)}),
        )
        for step, fields in steps:
            logged = complaints.take(session, logged.code, step, fields, act)
        incidents.begin(session, {logged.code: None}, SHORT, act)
        ways.log_survivor(session, now)
        late = draft(now - timedelta(days=30), category)  # so that there is a miss to explain
        logged = complaints.log(session, late._replace(external_ref=f"{SHORT} 2"), act)
        when = now - timedelta(days=27)
        for step in LIFE:
            when += PAUSES.get(step, timedelta(hours=8))
            asks = STEPS[step].direction not in ANSWERED  # nobody gives the direction that they asked for
            taker = people["lead" if asks and "lead" in STEPS[step].by else "manager"]
            complaints.take(session, logged.code, step, filled(step, now, people["lead"]), Act(taker, when))
        complaints.log(session, draft(now, category)._replace(external_ref=f"{SHORT} 3"), Act(people["reporter"], now))
        for form, typed in DRAFTS.items():
            form_drafts.keep(session, people["lead"].id, form, TOKEN, typed, now=now)
    with register.write() as session:
        act = Act(people["lead"], now)
        naughty = Text(SHORT, POISON)
        kept = answer_texts.begin(session, naughty, act)
        answer_texts.approve(session, kept.key, 1, act)
        answer_texts.redraft(session, kept.key, replace(naughty, body=SHORT), 2, act)
    with register.write() as session:
        act, today = Act(people["manager"], now), local_day(now)
        rebases.rebase(session, Rebase("resolve", today), SHORT, act, last=0)
        known_events.add(session, known_events.Draft("release", SHORT, today - timedelta(days=9)), act)
        meeting = minutes.begin(session, last_full_week(today), act)
        minutes.note(session, meeting, "misses", POISON, act, seen=0)
        decisions.decide(session, meeting, SHORT, people["lead"].id, today + timedelta(days=7), act)
    with register.write() as session:
        days = calendars.current(session)
        day = local_day(now) + timedelta(days=9)
        rule = calendar_changes.decided((), SHORT, source=SHORT)
        changed = calendar_changes.with_changes(days, {day: replace(rule, name=SHORT)}, today=local_day(now))
        calendars.apply(session, changed, POISON, Act(people["admin"], now))
    _connect(register, people, now)
    return people


def _answer_by_mail(register: Register, act: Act) -> None:
    """A mail server, so that what customers are told leaves as a mail with a subject."""
    with register.write() as session:
        outlets.switch(session, outlets.set_up(session, MAIL, act), act, version=1, is_on=True)


def _connect(register: Register, people: dict[str, Person], now: datetime) -> None:
    """Ways in and out, and where messages go."""
    with register.write() as session:
        act = Act(people["admin"], now)
        outlets.set_up(session, HOOK, act)
        keys.make(session, keys.Draft(SHORT, "web"), act)
        for person in people.values():
            choices.set_email(session, person.id, "smile@evil.example", Act(person, now))
            sign_ins.open_session(session, person.id, now=now, device=SHORT)


def draft(now: datetime, category: str) -> Draft:
    """A complaint with a naughty text in each field that takes any."""
    return Draft(
        "hotline",
        now,
        POISON * 20,
        category,
        customer=CustomerDraft(
            name=SHORT, phone="0912\u200b345 678\u202e", email="lan@evil.example", account=":smile:evil"
        ),
        remedy=POISON,
        recording=SHORT,
        details={"account": SHORT, "method": "google", "device": SHORT},
        files=(FileDraft(FILE, BytesIO(PNG)),),
        source=":smile:",
        external_ref=SHORT,
    )


def renamed(text: str, *names: str) -> str:
    """A file of rules in which every one of these names is naughty, and each still another."""
    number = count(1)
    lines = re.compile(rf"^({'|'.join(names)}) = .*$", re.MULTILINE)
    return lines.sub(lambda line: f"{line[1]} = '{SHORT} {next(number)}'", text)


def written(step: str, field: str) -> str:
    """What stands in ``field`` of ``step``: naughty, and found again among the others."""
    if field == "subject":  # one without the code of its case would get it
        return f"[{WHOLE_LIFE}] {step} {POISON}"
    return f"{step}.{field} {POISON}"


def filled(step: str, now: datetime, person: Person) -> StepFields:
    """The fields of ``step`` as ``person`` fills them in, each text naughty."""
    given: dict[str, object] = {
        **ways.filled(step, now + timedelta(days=2)),
        **{name: written(step, name) for name in TYPED},
        "category": "payment",
        "channel": "hotline",
        "assignee_id": person.id,
        "files": (FileDraft(f"{step} {FILE}", BytesIO(PNG)),),
    }
    if "mail" in STEPS[step].field_names():
        given |= {"mail": True, "channel": "email"}
    if step == "details":
        given["details"] = {"transaction": SHORT}
    if step == "verify_customer":
        given["facts"] = {"title": SHORT, "products": SHORT}
    if step == "correct":
        contact = {"name": written(step, "name"), "phone": "0987 654 321", "email": "lan@evil.example"}
        given |= {"corrects": "contact", "becomes": contact}
    if step == "analyse":
        action = {"what": written(step, "what"), "owner_id": person.id, "due_on": local_day(now) + timedelta(days=2)}
        given |= {"whys": [written(step, "why")], "actions": [action]}
    return cast("StepFields", {name: given[name] for name in STEPS[step].field_names() & given.keys()})


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63f8cfc0f01f0005000201a1"
    "5a4d4d0000000049454e44ae426082"
)
