"""Keys in files beside the register: made where there is none, taken along by no backup, and never in the database."""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from core.register.log import private

LENGTH = 32
_unsaved: dict[Path, bytes] = {}


def read(path: Path) -> bytes:
    """The key in the file ``path``, made where there is none yet; where the disk keeps none, one of this process."""
    try:
        if not path.exists():
            draft = path.with_name(f"{uuid4().hex}.draft")
            with private.create(draft) as stream:
                stream.write(secrets.token_bytes(LENGTH))
            with suppress(FileExistsError):  # another process was faster
                path.hardlink_to(draft)
            draft.unlink()
        return path.read_bytes()
    except OSError:
        return _unsaved.setdefault(path, secrets.token_bytes(LENGTH))
