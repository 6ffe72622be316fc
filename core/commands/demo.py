"""``python -m core demo``: a register of its own with sample complaints and one account per role, to look around in."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from core import shipped
from core.clock import utc_now
from core.commands import sample
from core.commands.sample_histories import SOURCE
from core.commands.terminal import say, warn
from core.errors import Invalid
from core.i18n import N_, named
from core.register.log import private
from core.register.log.act import Act
from core.register.log.database import Register, open_up
from core.register.log.tables import Complaint, Person
from core.register.people import accounts
from core.register.people.accounts import Account
from core.rules.roles import ROLES, answers_for_department
from core.settings import ROOT, Settings

COMPLAINTS, SEED = 3_000, 7
DEPARTMENT = "payment"
NAMES = {
    "agent": "Mỹ Hạnh (thử)",
    "lead": "Quốc Bảo (thử)",
    "handler": "Thanh Tùng (thử)",
    "manager": "Bích Ngọc (thử)",
    "analyst": "Minh Khôi (thử)",
    "admin": "Đức Anh (thử)",
}


def password_of(role: str) -> str:
    """The published password of the demo's account for ``role``; worth nothing, as nothing real is stored there."""
    return f"hoa-mai-no-{role}-93"


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``demo`` to the command line."""
    parser = subparsers.add_parser(
        "demo", help="a register in data/demo with sample complaints and one account per role"
    )
    parser.set_defaults(func=run)


def run(_options: argparse.Namespace) -> None:
    """Make the demo's register, or leave it as it stands, and print who may sign in."""
    settings, now = demo_settings(os.environ), utc_now()
    private.make_folder(settings.data_dir)
    make(open_up(settings.database_url, settings.evidence_dir, organisation=shipped.FIRST, now=now), now)
    say("")
    say(settings.address)
    say("")
    for role in ROLES:
        say(f"  {role:<8}  {password_of(role):<22}  {named('role', role)}")
    say("")


def demo_settings(environ: Mapping[str, str]) -> Settings:
    """The settings of the demo: a folder of its own, never the register that DATABASE_URL names."""
    others = {name: value for name, value in environ.items() if name != "DATABASE_URL" and value}
    return Settings.from_env({"DATA_DIR": str(ROOT / "data" / "demo"), **others})


def make(register: Register, now: datetime) -> None:
    """Accounts and complaints, each added once; Invalid where the register is somebody's own."""
    with register.write() as session:
        _refuse_real(session)
        for role in ROLES:
            _account(session, role, now)
        is_filled = session.scalar(select(exists().where(Complaint.source == SOURCE)))
    if not is_filled:
        warn("…")
        sample.fill(register, COMPLAINTS, now, SEED)


def _refuse_real(session: Session) -> None:
    """Published passwords must never open a register that somebody works with."""
    others = exists().where(Person.password_hash.is_not(None), Person.login.not_in(ROLES))
    if session.scalar(select(others)) or sample.has_real(session):
        raise Invalid(N_("This register is in use: the demo needs a folder of its own (DATA_DIR)."))


def _account(session: Session, role: str, now: datetime) -> None:
    if session.scalar(select(exists().where(Person.login == role))):
        return
    accounts.add(
        session,
        Account(role, NAMES.get(role, named("role", role)), role, DEPARTMENT if answers_for_department(role) else None),
        password_of(role),
        Act(None, now),
    )
