"""What is done to the register at each start, before anybody comes."""

from __future__ import annotations

from datetime import datetime

from core.register.log.database import Register
from core.register.people import form_drafts, setup


def begin(register: Register, now: datetime) -> str | None:
    """Keep a seal, remove drafts of more than a week; returns the set-up code where an administrator is missing.

    While the program runs, keeping a draft removes the old ones; what lay in a stopped register goes here.
    """
    register.keep_seal(now)
    with register.write() as session:
        form_drafts.forget_old(session, now=now)
        return setup.new_setup_code(session, now) if setup.needs_setup(session) else None
