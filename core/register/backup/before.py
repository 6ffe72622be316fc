"""The copy that is made before a migration, whatever the migration does."""

from __future__ import annotations

import secrets
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import cast

from sqlalchemy import Engine

from core.register.backup import manifest as manifests
from core.register.backup.save import save
from core.register.log import private

FOLDER = "backups"


def before_migration(engine: Engine, evidence_dir: Path, *, found: str, wanted: str, now: datetime) -> Path:
    """Copy the register of schema ``found`` before it becomes ``wanted``; returns where to, in the data folder.

    SQLite: the database file as it is, by its backup interface. PostgreSQL: a backup as ``python -m core backup``
    writes it. Neither has the evidence files, which no migration touches.
    """
    folder = evidence_dir.with_name(FOLDER)
    private.make_folder(folder)
    name = f"schema-{found}-before-{wanted}-{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"  # two at once have two names
    if engine.dialect.name == "sqlite":
        return _copy_file(engine, folder, f"{name}.db")
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        save(connection, folder / name, evidence_dir, now=now, evidence=False)
    return folder / name


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
