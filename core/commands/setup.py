"""``python -m core setup``: whose register it is and the first administrator, without a browser."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import datetime

from sqlalchemy.orm import Session

from core import shipped
from core.clock import utc_now
from core.commands import sample
from core.commands.terminal import say
from core.errors import Invalid
from core.i18n import N_, gettext
from core.register import rulebook
from core.register.log.act import Act
from core.register.log.database import open_up
from core.register.organisation import choice
from core.register.organisation.entries import clean
from core.register.people import accounts, setup
from core.register.people.accounts import Account
from core.rules import roles
from core.settings import Settings

SAMPLE_SEED = 1


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``setup`` to the command line."""
    parser = subparsers.add_parser(
        "setup", help="say whose register it is, create the first administrator, sample data"
    )
    parser.add_argument(
        "--organisation", choices=shipped.organisations(), help="whose register it is, said once (pops)"
    )
    parser.add_argument(
        "--organisation-name", metavar="NAME", default="", help="what it is called instead, for an empty one"
    )
    parser.add_argument("--admin", metavar="NAME", help="the first administrator's name; without it no account is made")
    parser.add_argument("--login", default="admin", help="the login name (admin)")
    parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    parser.add_argument("--sample", metavar="N", type=int, default=0, help="fill in N sample complaints")
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> None:
    """Migrate, say whose register it is, create the administrator by a one-time code as in the browser, fill it."""
    if bool(options.admin) != options.password_stdin:
        raise Invalid(N_("An administrator takes both --admin NAME and --password-stdin."))
    settings, now = Settings.from_env(os.environ), utc_now()
    password = sys.stdin.readline().rstrip("\r\n") if options.admin else ""
    register = open_up(settings.database_url, settings.evidence_dir, now=now)
    try:
        with register.write() as session:
            _choose(session, options.organisation, options.organisation_name, now)
            if options.admin:
                code = setup.new_setup_code(session, now)
                account = Account(options.login, options.admin, roles.FIRST_ROLE)
                setup.first_admin(session, code, account, password, now=now)
            name = rulebook.organisation(session).name
    except Invalid as problem:
        raise spelled_out(problem) from problem
    if options.sample:
        sample.fill(register, options.sample, until=now, seed=SAMPLE_SEED)
    say(gettext(N_("This is the register of {name}.")).format(name=name))
    if options.admin:
        done = N_("The register is set up: sign in as {login} at {address} once it runs (make run).")
        say(gettext(done).format(login=accounts.normal_login(options.login), address=settings.address))


def _choose(session: Session, organisation: str | None, name: str, now: datetime) -> None:
    """Nothing where it is said already and no other is named."""
    if rulebook.has_organisation(session):
        whose = rulebook.organisation(session)
        if organisation in (None, whose.key) and clean(name) in ("", whose.name):
            return
    choice.choose(session, organisation or shipped.FIRST, Act(None, now), name=name)


def spelled_out(problem: Invalid) -> Invalid:
    """The same error with every field in its sentence, for a terminal that cannot mark fields."""
    if not problem.fields:
        return problem
    details = "; ".join(f"{name}: {gettext(text)}" for name, text in problem.fields.items())
    return Invalid(N_("Not saved. {details}."), problem.fields, details=details)
