"""``python -m core setup``: the first administrator without a browser, for whoever has the machine."""

from __future__ import annotations

import argparse
import os
import sys

from core.clock import utc_now
from core.commands import sample
from core.commands.terminal import say
from core.errors import Invalid
from core.i18n import N_, gettext
from core.register.log.database import open_up
from core.register.people import accounts, setup
from core.register.people.accounts import Account
from core.rules import roles
from core.settings import Settings

SAMPLE_SEED = 1


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``setup`` to the command line."""
    parser = subparsers.add_parser("setup", help="create the first administrator, and sample data if wanted")
    parser.add_argument("--admin", metavar="NAME", required=True, help="the administrator's name")
    parser.add_argument("--login", default="admin", help="the login name (admin)")
    parser.add_argument(
        "--password-stdin", action="store_true", required=True, help="read the password from standard input"
    )
    parser.add_argument("--sample", metavar="N", type=int, default=0, help="fill in N sample complaints")
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> None:
    """Migrate, create the administrator through the same one-time code as the browser, fill in sample data."""
    settings, now = Settings.from_env(os.environ), utc_now()
    password = sys.stdin.readline().rstrip("\r\n")
    register = open_up(settings.database_url, settings.evidence_dir, now=now)
    try:
        with register.write() as session:
            code = setup.new_setup_code(session, now)
            setup.first_admin(session, code, Account(options.login, options.admin, roles.FIRST_ROLE), password, now=now)
    except Invalid as problem:
        raise spelled_out(problem) from problem
    if options.sample:
        sample.fill(register, options.sample, until=now, seed=SAMPLE_SEED)
    done = N_("The register is set up: sign in as {login} at {address} once it runs (make run).")
    say(gettext(done).format(login=accounts.normal_login(options.login), address=settings.address))


def spelled_out(problem: Invalid) -> Invalid:
    """The same error with every field in its sentence, for a terminal that cannot mark fields."""
    details = "; ".join(f"{name}: {gettext(text)}" for name, text in problem.fields.items())
    return Invalid(N_("Not saved. {details}."), problem.fields, details=details or gettext(problem.template))
