"""What a backup is made of: files for their owner alone, their checksums, and a manifest that is written last.

::

    tables/NAME.jsonl.gz   the column names, then one row a line, in the order of the primary key
    evidence/NAME          the evidence files that the rows name
    seals.csv              the seals kept outside the database
    SHA256SUMS             checksum of each file above, as ``sha256sum -c`` reads it
    manifest.json          what is in it; a folder without it holds no finished backup
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO

from core.errors import NotReady
from core.i18n import N_
from core.register.log import private

FORMAT = 1
MANIFEST, SUMS, TABLES, EVIDENCE = "manifest.json", "SHA256SUMS", "tables", "evidence"
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """``schema``: migration revision. ``rows``: table → rows, in an order that foreign keys allow to load.

    ``seal``: hash of the newest event, hex, and ``events`` its id. ``files``: how many evidence files are in it;
    ``missing``: names of those that rows name and the evidence folder did not have. ``sums``: SHA-256 of SHA256SUMS.
    """

    made_at: str
    engine: str
    schema: str
    events: int
    seal: str
    rows: dict[str, int]
    files: int
    sums: str
    missing: list[str] = field(default_factory=list)
    has_evidence: bool = True
    format: int = FORMAT


def sha256(path: Path) -> str:
    """Hex digest of a file."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def copy(source: Path, target: Path) -> str:
    """Copy a file to a new private one that outlasts a power cut; its hex digest."""
    digest = hashlib.sha256()
    with source.open("rb") as content, private.create(target) as stored:
        while chunk := content.read(CHUNK):
            digest.update(chunk)
            stored.write(chunk)
        flush(stored)
    return digest.hexdigest()


def flush(file: BinaryIO) -> None:
    """Bring what was written to the disk."""
    file.flush()
    os.fsync(file.fileno())


def write(folder: Path, manifest: Manifest) -> None:
    """Write the manifest under its name in one step: before it the backup does not exist, after it it is finished."""
    unfinished = folder / f"{MANIFEST}.part"
    with private.create(unfinished) as file:
        file.write(json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode() + b"\n")
        flush(file)
    unfinished.replace(folder / MANIFEST)
    private.sync_folder(folder)


def read(folder: Path) -> Manifest:
    """The manifest of a finished backup whose files are all as they were written; NotReady otherwise."""
    try:
        manifest = Manifest(**json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError):
        raise NotReady(
            N_("“{folder}” holds no finished backup: manifest.json is missing."), folder=str(folder)
        ) from None
    except (TypeError, ValueError):
        raise NotReady(
            N_("“{folder}” is of another version, or manifest.json is damaged."), folder=str(folder)
        ) from None
    if manifest.format != FORMAT:
        raise NotReady(N_("“{folder}” is of another version, or manifest.json is damaged."), folder=str(folder))
    damaged = [SUMS] if not _is(folder / SUMS, manifest.sums) else []
    damaged = damaged or [name for digest, name in sums(folder) if not _is(folder / name, digest)]
    if damaged:
        raise NotReady(N_("The backup is damaged ({files}): take another one."), files=", ".join(damaged[:5]))
    return manifest


def sums(folder: Path) -> Iterator[tuple[str, str]]:
    """Digest and name of each file of the backup."""
    with (folder / SUMS).open(encoding="utf-8") as lines:
        for line in lines:
            digest, name = line.rstrip("\n").split("  ", 1)
            yield digest, name


def _is(path: Path, digest: str) -> bool:
    return path.is_file() and sha256(path) == digest
