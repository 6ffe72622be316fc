"""A register in which every text that somebody may write is naughty: names, answers, files, days, reasons."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO

from core import shipped
from core.register import rulebook
from core.register.calendar import calendars
from core.register.calendar import changes as calendar_changes
from core.register.case import complaints
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.case.evidence import FileDraft
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Person
from core.register.people import accounts
from core.register.people.accounts import Account
from core.rules.calendar import local_day

POISON = "[vào đây](https://evil.example) www.evil.example :material/home: :red[r] :smile: $x^2$ <b>b</b> a\u202eb"
SHORT = "[x](https://evil.example) :material/home:"
CODE = "KN-2026-000001"


def fill(register: Register, now: datetime) -> dict[str, Person]:
    """Write every text there is; returns role → person. ``now`` is on a working day within office hours."""
    with register.write() as session:
        people = {
            role: accounts.add(
                session,
                Account(f"x.{role}", f"{SHORT} {role}", role, "payment" if role == "handler" else None),
                "bánh cuốn nóng 63",
                Act(None, now),
            )
            for role in ("lead", "agent", "handler", "admin")
        }
        for name in ("categories", "channels", "departments", "products", "causes", "outcomes"):
            text = shipped.catalogue_texts()[name]
            entry = next(line for line in text.splitlines() if line.startswith("vi = "))
            renamed = text.replace(entry, f"vi = '{SHORT} {name}'", 1)
            rulebook.add_catalogue(session, name, renamed, Act(people["admin"], now))
    with register.write() as session:
        act = Act(people["lead"], now)
        category = next(iter(rulebook.catalogues(session).categories))
        logged = complaints.log(
            session,
            Draft(
                "hotline",
                now,
                POISON * 20,
                category,
                customer=CustomerDraft(name=SHORT, phone="0912345678", account=":smile:evil"),
                remedy=POISON,
                files=(FileDraft(f"{SHORT.replace('/', '∕')}.png", BytesIO(PNG)),),
            ),
            act,
        )
        steps: tuple[tuple[str, StepFields], ...] = (
            ("assign", {"assignee_id": people["lead"].id}),
            ("acknowledge", {"text": POISON}),
            ("classify", {"kind": "complaint", "category": category}),
            ("note", {"text": POISON}),
            ("forward", {"department": "payment", "text": POISON, "due_at": now + timedelta(days=2)}),
        )
        for step, fields in steps:
            logged = complaints.take(session, logged.code, step, fields, act)
    with register.write() as session:
        days = calendars.current(session)
        day = local_day(now) + timedelta(days=9)
        rule = calendar_changes.decided((), SHORT, source=SHORT)
        changed = calendar_changes.with_changes(days, {day: replace(rule, name=SHORT)}, today=local_day(now))
        calendars.apply(session, changed, POISON, Act(people["admin"], now))
    return people


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63f8cfc0f01f0005000201a1"
    "5a4d4d0000000049454e44ae426082"
)
