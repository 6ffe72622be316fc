"""Customers' details against the salted digests that the log attests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.i18n import N_
from core.register.case import customers
from core.register.log import seal
from core.register.log.seal import EventRow
from core.register.log.tables import Customer
from core.register.proof.report import Report
from core.register.proof.streams import stream

SIZE = 32
NOTHING = bytes(SIZE)


class Attested:
    """The newest attested digest of each customer: 32 bytes a customer, since ids have no gaps."""

    def __init__(self) -> None:
        self._digests = bytearray()

    def read(self, row: EventRow) -> None:
        """Take what this event says of customers; events must come in the order of the log."""
        if row["subject"] == "complaint" and '"customer_digest":' in row["payload"]:
            payload = seal.read(row["payload"])
            self._set(int(cast("int", payload["customer_id"])), str(payload["customer_digest"]))
        elif row["subject"] == "complaint" and '"customer_digests":' in row["payload"]:
            digests = cast("Mapping[str, str]", seal.read(row["payload"])["customer_digests"])
            for customer_id, digest in digests.items():
                self._set(int(customer_id), digest)
        elif row["kind"] == customers.ATTESTED:
            digests = cast("Mapping[str, str]", seal.read(row["payload"])["digests"])
            for customer_id, digest in digests.items():
                self._set(int(customer_id), digest)

    def of(self, customer_id: int) -> bytes:
        """The digest; ``NOTHING`` where the log never named the customer."""
        return bytes(self._digests[customer_id * SIZE : (customer_id + 1) * SIZE]) or NOTHING

    def forget(self, customer_id: int) -> None:
        """Leave this customer out of ``left``."""
        self._digests[customer_id * SIZE : (customer_id + 1) * SIZE] = NOTHING

    def left(self) -> list[int]:
        """Ids of the attested customers that were not forgotten."""
        return [n for n in range(len(self._digests) // SIZE) if self.of(n) != NOTHING]

    def _set(self, customer_id: int, digest: str) -> None:
        missing = (customer_id + 1) * SIZE - len(self._digests)
        self._digests.extend(bytes(max(0, missing)))
        self._digests[customer_id * SIZE : (customer_id + 1) * SIZE] = bytes.fromhex(digest)


def check(session: Session, report: Report, attested: Attested) -> None:
    """Every customer's name, phone, e-mail and account is what the log attests; none is missing or added beside it."""
    for row in stream(session, select(*Customer.__table__.columns).order_by(Customer.id)):
        details = dict(row._mapping)
        report.customers += 1
        if attested.of(row.id) == NOTHING:
            report.add(N_("customer {id}: is in the register but not in the log"), id=row.id)
        elif row.salt is None or customers.digest(details, row.salt) != attested.of(row.id):
            report.add(N_("customer {id}: details are not the ones the log attests"), id=row.id)
        attested.forget(row.id)
    for customer_id in attested.left():
        report.add(N_("customer {id}: is in the log but not in the register"), id=customer_id)
