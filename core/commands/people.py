"""``python -m core person``: accounts from the command line: add, list, role, invite, password, disable, enable …"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping

from sqlalchemy.orm import Session

from core.clock import utc_now
from core.commands.setup import spelled_out
from core.commands.terminal import say
from core.errors import Invalid
from core.i18n import N_, gettext
from core.register.log.act import Act
from core.register.log.database import open_register
from core.register.log.tables import Person
from core.register.people import accounts, invitations, second_factor
from core.register.people.accounts import Account
from core.rules.roles import ROLES
from core.settings import Settings


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``person`` with its own commands to the command line."""
    parser = subparsers.add_parser(
        "person", help="accounts: add, list, role, invite, password, reset-second-factor, disable, enable"
    )
    steps = parser.add_subparsers(dest="step", required=True)
    new = steps.add_parser("add", help="a new account; prints the one-time link by which the person sets a password")
    new.add_argument("login")
    new.add_argument("name")
    new.add_argument(
        "--password-stdin",
        action="store_true",
        help="instead of a link: read a password from standard input, to be changed at the first sign-in",
    )
    role = steps.add_parser("role", help="another role, department or branch")
    role.add_argument("login")
    for parser in (new, role):
        parser.add_argument("--role", choices=tuple(ROLES), required=True)
        parser.add_argument("--department", help="the department a handler answers for")
        parser.add_argument("--branch", help="the branch to which the person is limited")
    password = steps.add_parser(
        "password", help="a password for now, to be changed at the next sign-in; ends every open session"
    )
    password.add_argument("login")
    password.add_argument("--password-stdin", action="store_true", required=True, help="read it from standard input")
    for name, text in (
        ("invite", "print a one-time link by which the person sets a password; it replaces an older one"),
        ("reset-second-factor", "turn it off for somebody who lost the device; ends every open session"),
        ("disable", "close an account and end its sessions"),
        ("enable", "open it again"),
    ):
        steps.add_parser(name, help=text).add_argument("login")
    steps.add_parser("list", help="every account with its role")
    for step in steps.choices.values():
        step.set_defaults(func=run)


def run(options: argparse.Namespace) -> None:
    """Do one step with one account."""
    settings = Settings.from_env(os.environ)
    register = open_register(settings.database_url, settings.evidence_dir)
    register.check()
    if options.step == "list":
        with register.read() as session:
            for person in accounts.list_people(session):
                say(_line(person))
        return
    # Before the turn to write: a person may type for long, and everybody else would wait.
    password = sys.stdin.readline().rstrip("\r\n") if getattr(options, "password_stdin", False) else None
    try:
        with register.write() as session:
            code = _take(options, password, session, Act(None, utc_now()))
    except Invalid as problem:
        raise spelled_out(problem) from problem
    if code:
        say(f"{settings.address}/invite?code={code}")


def _take(options: argparse.Namespace, password: str | None, session: Session, act: Act) -> str | None:
    """Take the step; returns the code of the one-time link where it made one."""
    if options.step == "add":
        account = Account(options.login, options.name, options.role, options.department, branch=options.branch)
        person = accounts.add(session, account, password, act, for_now=options.password_stdin)
        return None if options.password_stdin else invitations.invite(session, person.id, act)
    person = accounts.find(session, options.login)
    if options.step == "role":
        accounts.set_role(session, person.id, options.role, options.department, act, branch=options.branch)
    elif password is not None:
        accounts.change_password(session, person.id, password, act, for_now=True)
    elif options.step == "invite":
        return invitations.invite(session, person.id, act)
    else:
        PLAIN_STEPS[options.step](session, person.id, act)
    return None


PLAIN_STEPS: Mapping[str, Callable[[Session, int, Act], None]] = {
    "reset-second-factor": second_factor.reset,
    "disable": accounts.deactivate,
    "enable": accounts.activate,
}


def _line(person: Person) -> str:
    state = "" if person.active and person.password_hash else f"  ({gettext(N_('cannot sign in'))})"
    place = " ".join(filter(None, (person.department, person.branch)))
    return f"{person.login:<20} {person.role:<8} {place:<12} {person.name}{state}"
