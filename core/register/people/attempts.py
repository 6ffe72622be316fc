"""How many wrong sign-ins there may be: of one address, of one name from one network, and of one name from anywhere.

What is counted by (``key``) is of a kind that nothing typed can change: no login name counts on the row of a code.

- An **address** has ``OF_ADDRESS``, whatever names it tries: people of one office share an address and mistype now and
  then, while a list of passwords would take months.
- A **name from one network** (``near``) waits 1, 2, 4 … 60 seconds after each wrong try (``sign_ins.wait_after``). A
  stranger somewhere else does not make its person wait.
- A **name from anywhere** has ``OF_NAME``: more than one network can use up, so a stranger needs several networks to
  keep somebody out, and a bounded number of guesses however many networks there are.

The most guesses that a day of 24 hours allows at one name: 1,445 from one network, 2,979 from all together. With the
password known, 218 codes of the second factor (``entry.MAX_CODE_WAIT``), of a million, wherever they come from.
``tests/register/people/test_attempts.py`` works these numbers out.

The counts are stored, so that a restart or a second process forgives nothing: ``last_at`` of the row of an allowance is
when all its tries are back.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy.orm import Session

from core.register.log.database import Register
from core.register.log.tables import FailedSignIn


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many wrong tries at once, and one more every ``pause``; ``kind``: of the keys under which they are counted."""

    kind: str
    tries: int
    pause: timedelta

    def wait(self, session: Session, what: str, *, now: datetime) -> int:
        """Whole seconds until one more try of ``what`` is free."""
        row = session.get(FailedSignIn, key(self.kind, what))
        if row is None:
            return 0
        free_at = row.last_at + self.pause - self.tries * self.pause
        return max(0, -((now - free_at) // timedelta(seconds=1)))

    def count(self, session: Session, what: str, *, now: datetime) -> None:
        """Count one try, before it is made."""
        row = self._row(session, what, now)
        row.last_at, row.count = max(row.last_at, now) + self.pause, row.count + 1

    def give_back(self, session: Session, what: str, *, now: datetime) -> None:
        """The try was a right one after all."""
        row = self._row(session, what, now)
        row.last_at, row.count = row.last_at - self.pause, max(0, row.count - 1)

    def _row(self, session: Session, what: str, now: datetime) -> FailedSignIn:
        row = session.get(FailedSignIn, key(self.kind, what))
        if row is None:
            row = FailedSignIn(login_hash=key(self.kind, what), count=0, last_at=now)
            session.add(row)
            session.flush()
        return row


OF_ADDRESS = Allowance("address", 30, timedelta(seconds=30))
OF_NAME = Allowance("name", 100, timedelta(seconds=30))
HOME_NETWORK = 64  # bits of an IPv6 address that one customer of a provider has; the others they choose themselves
NEAR = 24  # bits of an IPv4 address that neighbours share: whoever has one address there often gets others


def key(kind: str, what: str) -> bytes:
    """The key of a row of ``failed_sign_ins``: SHA-256 of the kind (``login``, ``name``, ``code`` …), NUL, and what.

    No kind holds NUL, so two kinds never share a row, whatever is typed.
    """
    return hashlib.sha256(f"{kind}\0{what}".encode("utf-8", "surrogatepass")).digest()


def take(register: Register, address: str, *, now: datetime) -> int:
    """Count one try of ``address`` before it is made; the seconds to wait where it has none left, and 0 otherwise.

    A try that is refused is not written: whoever has none left costs the register a read.
    """
    network = network_of(address)
    with register.read() as session:
        wait = OF_ADDRESS.wait(session, network, now=now)
    if wait:
        return wait
    with register.write() as session:
        wait = OF_ADDRESS.wait(session, network, now=now)
        if not wait:
            OF_ADDRESS.count(session, network, now=now)
        return wait


def give_back(register: Register, address: str, *, now: datetime) -> None:
    """The try was a right one after all."""
    with register.write() as session:
        OF_ADDRESS.give_back(session, network_of(address), now=now)


def near(address: str) -> str:
    """The network in whose name a login is tried: the /24 of an IPv4 address, else as ``network_of`` says."""
    network = network_of(address)
    try:
        return str(ip_network(f"{ip_address(network)}/{NEAR}", strict=False))
    except ValueError:  # the network of an IPv6 address, or no address
        return network


def network_of(address: str) -> str:
    """What counts as one: an IPv4 address, the network of an IPv6 one, and anything else as it is written."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ip_network((parsed, HOME_NETWORK), strict=False))
    return str(parsed)
