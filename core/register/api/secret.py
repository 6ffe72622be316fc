"""The secret of a case that was logged by the API: with its code it shows that somebody may follow the case (D41).

It is an HMAC of the complaint's number under a key in a file beside the register, which no backup takes along, so that
the same request is answered the same again and no secret is kept anywhere. What is asked later is compared with a
salted digest in the register. Where the file is lost, the secrets that customers have stay good; only the answer to a
request that is sent once more leaves the secret out.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from typing import TypedDict

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.register.log import key_file, transaction
from core.register.log.bulk import insert_rows
from core.register.log.tables import CaseSecret, Complaint
from core.rules.text import keepable

FILE = "case-secrets.key"
LENGTH, GROUP = 16, 4  # letters of five bits: 80 bits, typed in groups
LIKE = str.maketrans("018", "OLB")  # base32 has none of these digits, which people read for letters


class SecretRow(TypedDict):
    """One row of ``case_secrets``."""

    complaint_id: int
    salt: bytes
    digest: bytes


def give(session: Session, complaint_ids: Sequence[int]) -> list[str]:
    """A secret for each of these new complaints, whose digests are kept."""
    rows, found = [], []
    for complaint_id in complaint_ids:
        salt = secrets.token_bytes(16)
        said = _derived(session, complaint_id, salt)
        rows.append(SecretRow(complaint_id=complaint_id, salt=salt, digest=_digest(salt, said)))
        found.append(said)
    insert_rows(session, CaseSecret, rows)
    return found


def again(session: Session, complaint_id: int) -> str | None:
    """The secret that was given; None where the key file is another one by now."""
    row = session.get_one(CaseSecret, complaint_id)
    said = _derived(session, complaint_id, row.salt)
    return said if hmac.compare_digest(_digest(row.salt, said), row.digest) else None


def opens(session: Session, code: str, typed: str) -> Complaint | None:
    """The complaint ``code`` where ``typed`` is its secret; None for anything else, and which of both is not told."""
    its = select(Complaint, CaseSecret).join(CaseSecret, CaseSecret.complaint_id == Complaint.id)
    row = session.execute(its.where(Complaint.code == keepable(code).strip().upper())).first()
    salt, kept = (row[1].salt, row[1].digest) if row else (b"", b"")
    is_right = hmac.compare_digest(_digest(salt, _as_given(typed)), kept)
    return row[0] if row and is_right else None


def _as_given(typed: str) -> str:
    """As it was given, whatever the case, the blanks and the hyphens of what was typed."""
    letters = re.sub(r"[\s-]", "", typed).upper().translate(LIKE)
    return "-".join(letters[n : n + GROUP] for n in range(0, len(letters), GROUP))


def _derived(session: Session, complaint_id: int, salt: bytes) -> str:
    key = key_file.read(transaction.of(session).evidence_dir.with_name(FILE))
    made = hmac.digest(key, salt + complaint_id.to_bytes(8, "little"), "sha256")
    return _as_given(base64.b32encode(made).decode()[:LENGTH])


def _digest(salt: bytes, secret: str) -> bytes:
    return hashlib.sha256(salt + secret.encode("utf-8", "surrogatepass")).digest()
