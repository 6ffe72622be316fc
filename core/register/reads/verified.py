"""What is verified of a customer, as a page shows it: each field of the organisation, its value, by whom and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from core.register import rulebook
from core.register.case import verified
from core.register.reads.details import Value
from core.register.reads.timeline import names_of


class Fact(NamedTuple):
    """What is known of one field, when it was verified and by whom; None and empty while it is not."""

    value: Value
    at: datetime | None = None
    who: str = ""


def of_customer(session: Session, customer_id: int | None) -> tuple[Fact, ...]:
    """Each field that is verified, known or not, and what is known of those that are not any more.

    Nothing where the organisation verifies nothing, or nobody is known.
    """
    fields = rulebook.organisation(session).customer_fields
    if not fields or customer_id is None:
        return ()
    known = verified.of_customer(session, customer_id)
    names = names_of(session, [said.by for said in known.values() if said.by is not None])
    found = []
    for field in fields:
        if said := known.get(field.key):
            kept = replace(field, personal=field.personal or said.personal)
            found.append(Fact(Value(kept, said.value), said.at, names.get(said.by or 0, "")))
        elif not field.retired:
            found.append(Fact(Value(field, "")))
    return tuple(found)
