"""Customers in the facts: told apart, and not told who they are (D35).

A pseudonym is a keyed digest of the number of a customer's row. The key lies in a file beside the register that no
backup takes along, so that neither the facts nor their files lead to anybody. Where it is lost, or the disk keeps none,
there is a new one and the facts are read anew: nobody needs the pseudonyms of yesterday.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from hashlib import blake2b
from uuid import uuid4
from weakref import WeakKeyDictionary

import polars as pl

from core.register.log.database import Register

FILE = "pseudonyms.key"
LENGTH = 32
SIZE = 8  # bytes of a pseudonym: of ten million customers, two are taken for one with a chance of 1 in 370,000

_unsaved: WeakKeyDictionary[Register, bytes] = WeakKeyDictionary()


def key(register: Register) -> bytes:
    """The key of this register, made where there is none yet."""
    path = register.evidence_dir.with_name(FILE)
    try:
        if not path.exists():
            draft = path.with_name(f"{uuid4().hex}.draft")
            opened = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(opened, "wb") as stream:
                stream.write(secrets.token_bytes(LENGTH))
            with suppress(FileExistsError):  # another process was faster
                os.link(draft, path)
            draft.unlink()
        return path.read_bytes()
    except OSError:
        return _unsaved.setdefault(register, secrets.token_bytes(LENGTH))


def of(customers: pl.Series, key: bytes) -> pl.Series:
    """The pseudonym of each customer's number; none where there is no customer."""
    known = customers.unique().drop_nulls()
    digests = [blake2b(id.to_bytes(8, "little"), digest_size=SIZE, key=key).digest() for id in known]
    names = pl.Series([int.from_bytes(digest, "little") for digest in digests], dtype=pl.UInt64)
    return customers.replace_strict(known, names, default=None, return_dtype=pl.UInt64)
