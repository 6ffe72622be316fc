"""What is done to the register at each start, before anybody comes."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from core.errors import PopsError
from core.insight import facts
from core.register.log.database import Register
from core.register.people import form_drafts, setup

log = logging.getLogger(__name__)


def begin(register: Register, now: datetime) -> str | None:
    """Keep a seal, remove drafts of more than a week; returns the set-up code where an administrator is missing.

    While the program runs, keeping a draft removes the old ones; what lay in a stopped register goes here.
    """
    register.keep_seal(now)
    with register.write() as session:
        form_drafts.forget_old(session, now=now)
        return setup.new_setup_code(session, now) if setup.needs_setup(session) else None


def read_facts(register: Register) -> None:
    """What pages of figures read, so that it is there when the first of them is opened.

    Where the register does not answer now, that page reads them, and says so if it still does not.
    """
    try:
        facts.current(register)
    except (PopsError, SQLAlchemyError) as problem:
        log.warning("the facts could not be read ahead: %s", type(problem).__name__)
