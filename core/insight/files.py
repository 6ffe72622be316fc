"""The facts of a large register in Arrow files beside it, which every process maps instead of reading the register.

A file for each frame of each block, and a list of those that belong together (``LIST``), which is replaced in one go.
What the list says it was made of has to be what there is now, else all is read anew: the program, the lists and stages
by which facts are read, and the event they end with, by its hash, so that a restored register is not mistaken for the
one it was. Nothing in them is more than in ``core.insight.facts.Facts``: no personal data.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import polars as pl
import pyarrow as pa
from sqlalchemy import select

from core.insight.codes import Codes, keys
from core.insight.typed import Block, Frames, Reading
from core.register.log.database import Register
from core.register.log.tables import Event

FOLDER, LIST, LOCK = "facts", "list.json", "lock"
ABANDONED = 600  # seconds after which a file that no list names is removed
SOURCES = Path(__file__).parents[1]


class Kept(NamedTuple):
    """What the files hold: facts up to ``last_event``, read as ``reading`` says."""

    last_event: int
    blocks: list[Block]
    reading: Reading


def folder_of(register: Register) -> Path:
    """Where the files of this register lie."""
    return register.evidence_dir.with_name(FOLDER)


def read(register: Register, reading: Reading) -> Kept | None:
    """The facts that the files hold, with codes of their own; None where there are none that can be believed."""
    folder = folder_of(register)
    try:
        listed = json.loads((folder / LIST).read_text(encoding="utf-8"))
        if listed["made_of"] != _made_of(register, reading, listed["last_event"]):
            return None
        codes = Codes(listed["codes"])
        blocks = _mapped(folder, listed["blocks"], codes)
    except (OSError, ValueError, KeyError, pa.ArrowException, pl.exceptions.PolarsError):
        return None
    return Kept(listed["last_event"], blocks, reading._replace(codes=codes))


def keep(register: Register, number: int, frames: Frames) -> Block:
    """A block with its rows in files that no list names yet; where the disk refuses, they stay in memory."""
    try:
        return _written(folder_of(register), number, frames)
    except OSError:
        return Block(frames)


def save(register: Register, last_event: int, blocks: Sequence[Block], reading: Reading) -> list[Block]:
    """The blocks, in files and listed, for processes that start from now on.

    Where another process is writing, or the disk refuses, they stay as they are.
    """
    folder = folder_of(register)
    try:
        with _alone(folder) as is_alone:
            if not is_alone:
                return list(blocks)
            kept = [
                block if block.file else _written(folder, number, block.frames) for number, block in enumerate(blocks)
            ]
            _list(folder, _made_of(register, reading, last_event), last_event, kept)
            _remove_abandoned(folder, {block.file for block in kept})
            return kept
    except OSError:
        return list(blocks)


def _list(folder: Path, made_of: str, last_event: int, blocks: Sequence[Block]) -> None:
    columns: dict[str, list[pl.Series]] = {}
    for block in blocks:
        for frame in block.frames:
            for name in _coded(frame):
                columns.setdefault(name, []).append(frame[name])
    codes = {name: keys(used) for name, used in columns.items()}
    content = {"made_of": made_of, "last_event": last_event, "codes": codes, "blocks": [block.file for block in blocks]}
    draft = folder / f"{uuid4().hex}.draft"
    draft.write_text(json.dumps(content), encoding="utf-8")
    draft.replace(folder / LIST)


def _written(folder: Path, number: int, frames: Frames) -> Block:
    folder.mkdir(mode=0o700, exist_ok=True)
    file = f"{number:05}-{uuid4().hex}"
    for name, frame in zip(Frames._fields, frames, strict=True):
        plain = frame.with_columns(pl.col(_coded(frame)).to_physical()).rechunk()
        table = plain.to_arrow(compat_level=pl.CompatLevel.newest())
        opened = os.open(_path(folder, file, name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(opened, "wb") as stream, pa.ipc.new_file(stream, table.schema) as sink:
            sink.write_table(table, max_chunksize=max(1, frame.height))
    return Block(_as_typed(folder, file, frames), file)


def _as_typed(folder: Path, file: str, frames: Frames) -> Frames:
    """The rows of the file with the types of ``frames``."""
    return Frames(
        *(
            _map(_path(folder, file, name)).select(_retyped(column, kind) for column, kind in frame.schema.items())
            for name, frame in zip(Frames._fields, frames, strict=True)
        )
    )


def _mapped(folder: Path, files: Sequence[str], codes: Codes) -> list[Block]:
    """The blocks of these files; all parts of a frame are typed in one go, as each step takes longer than its rows."""
    frames = []
    for name in Frames._fields:
        parts = [_map(_path(folder, file, name)) for file in files]
        whole = _typed(pl.concat(parts), codes)
        ends = accumulate(part.height for part in parts)
        frames.append([whole.slice(end - part.height, part.height) for part, end in zip(parts, ends, strict=True)])
    return [Block(Frames(*its), file) for its, file in zip(zip(*frames, strict=True), files, strict=True)]


def _typed(frame: pl.DataFrame, codes: Codes) -> pl.DataFrame:
    small = (pl.UInt16, pl.UInt32)  # nothing else in the facts is kept so
    kinds = {name: codes.of(name) if kind in small else kind for name, kind in frame.schema.items()}
    return frame.select(_retyped(name, kind) for name, kind in kinds.items())


def _retyped(name: str, kind: pl.DataType) -> pl.Expr:
    return pl.col(name).cat.to(kind) if isinstance(kind, pl.Categorical) else pl.col(name)


def _map(path: Path) -> pl.DataFrame:
    with pa.memory_map(str(path)) as source, pa.ipc.open_file(source) as stored:
        frame = pl.from_arrow(stored.read_all(), rechunk=False)
    assert isinstance(frame, pl.DataFrame)
    return frame


def _coded(frame: pl.DataFrame) -> list[str]:
    return [name for name, kind in frame.schema.items() if isinstance(kind, pl.Categorical)]


def _path(folder: Path, file: str, frame: str) -> Path:
    return folder / f"{file}-{frame}.arrow"


def _made_of(register: Register, reading: Reading, last_event: int) -> str:
    """What the facts were made of, as one digest."""
    with register.read() as session:
        seal = session.scalar(select(Event.hash).where(Event.id == last_event)) or b""
    read_by = (_program(), repr(sorted(reading.stages.items())), repr(reading.counted), sha256(reading.key).hexdigest())
    return sha256("\n".join((*read_by, str(last_event), seal.hex())).encode()).hexdigest()


@cache
def _program() -> str:
    """The program as a digest: whatever of it changed, the files are made anew."""
    content = sha256(pl.__version__.encode())
    for path in sorted(SOURCES.rglob("*.py")):
        content.update(path.read_bytes())
    return content.hexdigest()


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Whether no other process writes the list meanwhile."""
    folder.mkdir(mode=0o700, exist_ok=True)
    opened = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(opened)


def _remove_abandoned(folder: Path, used: set[str]) -> None:
    """Remove what no list names any more; processes that map a file keep it until they end."""
    listed = (folder / LIST).stat().st_mtime
    for path in folder.iterdir():
        is_used = path.name in (LIST, LOCK) or path.name.rpartition("-")[0] in used
        if not is_used and path.stat().st_mtime < listed - ABANDONED:
            path.unlink(missing_ok=True)
