"""How many wrong sign-ins one address may make, whatever names it tries; what each name may is in ``sign_ins``.

What is counted by (``key``) is of a kind that nothing typed can change: no login name counts on the row of a code.

An address has ``TRIES`` wrong ones at once and gets one back every ``PAUSE``: people of one office share an address and
mistype now and then, while a list of passwords would take months. The count is stored, so that a restart or a second
process forgives nothing: ``last_at`` of the row is when the address has all its tries back.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy.orm import Session

from core.register.log.database import Register
from core.register.log.tables import FailedSignIn

TRIES = 30
PAUSE = timedelta(seconds=30)
HOME_NETWORK = 64  # bits of an IPv6 address that one customer of a provider has; the others they choose themselves


def key(kind: str, what: str) -> bytes:
    """The key of a row of ``failed_sign_ins``: SHA-256 of the kind (``login``, ``code``, ``address``), NUL, and what.

    No kind holds NUL, so two kinds never share a row, whatever is typed.
    """
    return hashlib.sha256(f"{kind}\0{what}".encode("utf-8", "surrogatepass")).digest()


def take(register: Register, address: str, *, now: datetime) -> int:
    """Count one try of ``address`` before it is made; the seconds to wait where it has none left, and 0 otherwise.

    A try that is refused is not written: whoever has none left costs the register a read.
    """
    with register.read() as session:
        wait = _wait(session.get(FailedSignIn, _key(address)), now)
    if wait:
        return wait
    with register.write() as session:
        row = _row(session, address, now)
        if not _wait(row, now):
            row.last_at, row.count = max(row.last_at, now) + PAUSE, row.count + 1
            return 0
        return _wait(row, now)


def give_back(register: Register, address: str, *, now: datetime) -> None:
    """The try was a right one after all."""
    with register.write() as session:
        row = _row(session, address, now)
        row.last_at, row.count = row.last_at - PAUSE, max(0, row.count - 1)


def _row(session: Session, address: str, now: datetime) -> FailedSignIn:
    row = session.get(FailedSignIn, _key(address))
    if row is None:
        row = FailedSignIn(login_hash=_key(address), count=0, last_at=now)
        session.add(row)
    return row


def _wait(row: FailedSignIn | None, now: datetime) -> int:
    """Whole seconds until one more try is free."""
    if row is None:
        return 0
    free_at = row.last_at + PAUSE - TRIES * PAUSE
    return max(0, -((now - free_at) // timedelta(seconds=1)))


def _key(address: str) -> bytes:
    return key("address", network_of(address))


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
