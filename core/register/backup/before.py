"""The copy that is made before a migration, whatever the migration does."""

from __future__ import annotations

import re
import secrets
import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import cast

from sqlalchemy import Engine

from core.register.backup import manifest as manifests
from core.register.backup.save import save
from core.register.log import private

FOLDER = "backups"
KEPT = 5
MADE = re.compile(r"schema-\w+-before-\w+-(?P<made_at>\d{8}T\d{6})-[0-9a-f]{6}(\.db(\.part)?)?", re.ASCII)
"""The names of the copies, finished or cut off."""


def before_migration(engine: Engine, evidence_dir: Path, *, found: str, wanted: str, now: datetime) -> Path:
    """Copy the register of schema ``found`` before it becomes ``wanted``; returns where to, in the data folder.

    SQLite: the database file as it is, by its backup interface. PostgreSQL: a backup as ``python -m core backup``
    writes it. Neither has the evidence files, which no migration touches. The newest ``KEPT`` such copies stay.
    """
    folder = evidence_dir.with_name(FOLDER)
    private.make_folder(folder)
    name = f"schema-{found}-before-{wanted}-{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"  # two at once have two names
    if engine.dialect.name == "sqlite":
        copy = _copy_file(engine, folder, f"{name}.db")
        _remove_older(folder)
        return copy
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        save(connection, folder / name, evidence_dir, now=now, evidence=False)
    _remove_older(folder)
    return folder / name


def _remove_older(folder: Path) -> None:
    """Remove what ``before_migration`` began before the newest ``KEPT`` that it finished; nothing of another name.

    What cannot be removed stays until the next migration: it is no reason not to migrate.
    """
    made = [(found["made_at"], path) for path in folder.iterdir() if (found := MADE.fullmatch(path.name))]
    finished = sorted(made_at for made_at, path in made if path.suffix == ".db" or (path / manifests.MANIFEST).exists())
    for made_at, path in made:
        if len(finished) <= KEPT or made_at >= finished[-KEPT]:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()


def _copy_file(engine: Engine, folder: Path, name: str) -> Path:
    unfinished = folder / f"{name}.part"
    unfinished.unlink(missing_ok=True)
    private.create(unfinished).close()
    with engine.connect() as connection, closing(sqlite3.connect(unfinished)) as target:
        cast("sqlite3.Connection", connection.connection.driver_connection).backup(target)
    with unfinished.open("rb+") as file:
        manifests.flush(file)
    unfinished.replace(folder / name)
    private.sync_folder(folder)
    return folder / name
