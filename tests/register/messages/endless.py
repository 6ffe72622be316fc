"""A worker that never ends, for tests that kill it; of its own, so that a process that is forked imports no more."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from core.register.log.database import Register
from core.register.messages.worker import Worker


def serve(url: str, evidence_dir: Path) -> None:
    """Round after round with a clock that runs, handing over into files as fast as it can."""
    its = Worker.of_process(Register(url, evidence_dir), "https://x.example", lambda: datetime.now(UTC))
    while True:
        its.round()
