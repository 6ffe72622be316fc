"""What it means when the database or its disk fails: what people read, and advice to whoever runs the register."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.errors import Unavailable
from core.i18n import N_

NO_ANSWER = N_("The register does not answer. Try again in a moment: what you typed stays on this page.")
"""What people on a page read; the advice below is for whoever runs the register."""

FULL = N_("The disk of {place} is full: free some space. Nothing of this was saved.")
READ_ONLY = N_("{place} cannot be written: give this user the right to write there, or name another folder (DATA_DIR).")
DAMAGED = N_("{place} is damaged or is no register: restore the last backup (python -m core restore).")
NOT_OPENED = N_("{place} cannot be opened: look whether the folder exists and this user may read it (DATA_DIR).")
BUSY = N_(
    "{place} is held by another program: end it (a hung process of the register, a database browser), then try again."
)
NO_SERVER = N_("The database server at {place} does not answer: start it, or mend DATABASE_URL. It said: {says}")
NO_HOST = N_("There is no server named {place}: mend the host in DATABASE_URL, or look at the network.")
WRONG_PASSWORD = N_("The database server at {place} refuses this user or password: mend DATABASE_URL.")
NO_DATABASE = N_("The server at {place} has no such database: create it, or mend the name in DATABASE_URL.")
TOO_MANY = N_("The database server at {place} has no connection left: raise max_connections, or run fewer processes.")

# The beginning of SQLite's own name of the error (``sqlite3.Error.sqlite_errorname``).
OF_SQLITE = {
    "SQLITE_NOTADB": DAMAGED,
    "SQLITE_CORRUPT": DAMAGED,
    "SQLITE_READONLY": READ_ONLY,
    "SQLITE_FULL": FULL,
    "SQLITE_BUSY": BUSY,
    "SQLITE_LOCKED": BUSY,
    "SQLITE_PROTOCOL": BUSY,
    "SQLITE_CANTOPEN": NOT_OPENED,
    "SQLITE_IOERR": NOT_OPENED,
}
# PostgreSQL gives a state only to errors of a connection that stands; one that was never made has only words.
OF_STATE = {
    "53100": FULL,
    "53300": TOO_MANY,
    "25006": READ_ONLY,
    "25P03": NO_SERVER,  # silent for too long while it held the turn to write
    "55P03": BUSY,
    "XX001": DAMAGED,
    "XX002": DAMAGED,
    "57P": NO_SERVER,  # shut down, or not up yet
    "08": NO_SERVER,
}
OF_WORDS = {
    "resolve host": NO_HOST,
    "translate host name": NO_HOST,
    "password authentication failed": WRONG_PASSWORD,
    "no password supplied": WRONG_PASSWORD,
    "no pg_hba.conf entry": WRONG_PASSWORD,
    'role "': WRONG_PASSWORD,
    'database "': NO_DATABASE,
    "too many clients": TOO_MANY,
    "connection slots": TOO_MANY,
    "connection": NO_SERVER,
}
OF_DISK = {
    errno.ENOSPC: FULL,
    errno.EDQUOT: FULL,
    errno.EROFS: READ_ONLY,
    errno.EACCES: READ_ONLY,
    errno.EPERM: READ_ONLY,
}


@contextmanager
def explained(url: str, driver: type[Exception] = sqlite3.Error) -> Iterator[None]:
    """Raise ``Unavailable`` for what fails inside because the database at ``url`` or a disk does not work.

    ``driver``: what a driver raises that is used without SQLAlchemy. Every other error passes as it is, a mistake of
    the program among them.
    """
    try:
        yield
    except (DBAPIError, PoolTimeout, OSError, driver) as error:
        advice, where = _meaning(error, make_url(url))
        if advice is None:
            raise
        said = error.orig if isinstance(error, DBAPIError) else error if isinstance(error, driver) else ""
        raise Unavailable(NO_ANSWER, advice, place=where, says=str(said).strip().partition("\n")[0]) from error


def _meaning(error: Exception, url: URL) -> tuple[str | None, str]:
    """The sentence for ``error`` (None: it is none of these) and the place it speaks of, never with a password."""
    if isinstance(error, OSError):
        return OF_DISK.get(error.errno or 0), str(Path(error.filename or "").parent)
    where = _place(url)
    if isinstance(error, PoolTimeout):
        return TOO_MANY, where
    driver = error.orig if isinstance(error, DBAPIError) else error
    named = getattr(driver, "sqlite_errorname", None)
    if url.get_backend_name() == "sqlite":
        return _first(OF_SQLITE, named or "", str.startswith), where
    state = getattr(driver, "sqlstate", None)
    if state is not None:
        return _first(OF_STATE, state, str.startswith), where
    return _first(OF_WORDS, str(driver), str.__contains__), where


def _first(meanings: Mapping[str, str], found: str, fits: Callable[[str, str], bool]) -> str | None:
    return next((template for key, template in meanings.items() if fits(found, key)), None)


def _place(url: URL) -> str:
    """The file of a SQLite register, or host and port of a server."""
    if url.get_backend_name() == "sqlite":
        return url.database or "SQLite"
    host = url.host or url.query.get("host") or "localhost"
    return f"{host}:{url.port or 5432}"
