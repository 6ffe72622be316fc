"""Customers in the facts: told apart, and not told who they are (D35).

A pseudonym is a keyed digest of the number of a customer's row. The key lies in a file beside the register that no
backup takes along, so that neither the facts nor their files lead to anybody. Where it is lost, or the disk keeps none,
there is a new one and the facts are read anew: nobody needs the pseudonyms of yesterday.
"""

from __future__ import annotations

from hashlib import blake2b

import polars as pl

from core.register.log import key_file
from core.register.log.database import Register

FILE = "pseudonyms.key"
SIZE = 8  # bytes of a pseudonym: of ten million customers, two are taken for one with a chance of 1 in 370,000


def key(register: Register) -> bytes:
    """The key of this register, made where there is none yet."""
    return key_file.read(register.evidence_dir.with_name(FILE))


def of(customers: pl.Series, key: bytes) -> pl.Series:
    """The pseudonym of each customer's number; none where there is no customer."""
    known = customers.unique().drop_nulls()
    digests = [blake2b(id.to_bytes(8, "little"), digest_size=SIZE, key=key).digest() for id in known]
    names = pl.Series([int.from_bytes(digest, "little") for digest in digests], dtype=pl.UInt64)
    return customers.replace_strict(known, names, default=None, return_dtype=pl.UInt64)
