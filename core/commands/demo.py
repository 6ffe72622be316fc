"""``python -m core demo``: a register of its own with sample complaints of one organisation, an account per role."""

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
from core.commands.sample_rhythm import rhythm
from core.commands.sample_texts import stories
from core.commands.terminal import say, warn
from core.errors import Invalid
from core.i18n import N_, gettext, named, number
from core.register import rulebook
from core.register.log import private
from core.register.log.act import Act
from core.register.log.database import Register, open_up
from core.register.log.tables import Complaint, Person
from core.register.people import accounts
from core.register.people.accounts import Account
from core.rules.roles import ROLES, answers_for_department
from core.settings import ROOT, Settings

COMPLAINTS, SEED = 3_000, 7
NAMES = {
    "reporter": "Thảo Vy (thử)",
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
        "demo", help="a register in a folder of its own with sample complaints and one account per role"
    )
    known = list(shipped.organisations())
    parser.add_argument(
        "--organisation", choices=known, default=known[0], metavar="KEY", help=f"{', '.join(known)} ({known[0]})"
    )
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> None:
    """Make the organisation's demo, or leave it as it stands, and print who may sign in."""
    settings, now = demo_settings(os.environ, options.organisation), utc_now()
    private.make_folder(settings.data_dir)
    register = open_up(settings.database_url, settings.evidence_dir, organisation=options.organisation, now=now)
    make(register, now, options.organisation)
    with register.read() as session:
        logins = set(session.scalars(select(Person.login).where(Person.password_hash.is_not(None))))
    say("")
    say(settings.address)
    say("")
    for role in (role for role in ROLES if role in logins):
        say(f"  {role:<8}  {password_of(role):<22}  {named('role', role)}")
    say("")


def demo_settings(environ: Mapping[str, str], organisation: str = shipped.FIRST) -> Settings:
    """The settings of the demo: a folder for each organisation, never the register that DATABASE_URL names."""
    others = {name: value for name, value in environ.items() if name != "DATABASE_URL" and value}
    folder = "demo" if organisation == shipped.FIRST else f"demo-{organisation}"
    return Settings.from_env({"DATA_DIR": str(ROOT / "data" / folder), **others})


def make(register: Register, now: datetime, organisation: str = shipped.FIRST) -> None:
    """Accounts and complaints, each added once; Invalid where the register is somebody's own or of another one."""
    with register.write() as session:
        _refuse_real(session)
        whose = rulebook.organisation(session)
        if whose.key != organisation:
            raise Invalid(
                N_("This is the register of {name} already: another organisation needs one of its own."),
                name=whose.name,
            )
        for role in ROLES:
            _account(session, role, _department(organisation), now)
        is_filled = session.scalar(select(exists().where(Complaint.source == SOURCE)))
    if not is_filled:
        filling = N_("Filling in {n} sample complaints, this once. It can take a minute.")
        warn(gettext(filling).format(n=number(COMPLAINTS)))
        sample.fill(register, COMPLAINTS, now, SEED)


def _department(organisation: str) -> str:
    """The department that most is asked of while the incident lasts; empty where the organisation has none."""
    incident = rhythm(organisation)["incident"]["story"]
    return next(story.department for story in stories(organisation) if story.key == incident)


def _refuse_real(session: Session) -> None:
    """Published passwords must never open a register that somebody works with."""
    others = exists().where(Person.password_hash.is_not(None), Person.login.not_in(ROLES))
    if session.scalar(select(others)) or sample.has_real(session):
        raise Invalid(N_("This register is in use: the demo needs a folder of its own (DATA_DIR)."))


def _account(session: Session, role: str, department: str, now: datetime) -> None:
    """The account of the role, once; none for a department that there is not."""
    answers = answers_for_department(role)
    if (answers and not department) or session.scalar(select(exists().where(Person.login == role))):
        return
    accounts.add(
        session,
        Account(role, NAMES.get(role, named("role", role)), role, department if answers else None),
        password_of(role),
        Act(None, now),
    )
