"""`worker` apart from the pages: one round, or until it is told to end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.__main__ import main
from core.register.log.act import Act
from core.register.log.database import Register, open_register
from core.register.log.tables import WorkerState
from core.register.messages import outbox
from tests.conftest import Cast
from tests.engines import MONDAY
from tests.register.messages.sent import Clock, rows, use, worker

ROOT = Path(__file__).parents[2]


@pytest.fixture
def its(sqlite_register: Register, monkeypatch: pytest.MonkeyPatch) -> Register:
    """The register that the environment names."""
    monkeypatch.setenv("DATABASE_URL", sqlite_register.url)
    monkeypatch.setenv("DATA_DIR", str(sqlite_register.evidence_dir.parent))
    monkeypatch.delenv("BASE_URL", raising=False)
    return sqlite_register


def test_once_sends_what_waits(its: Register, sqlite_cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    use(its, sqlite_cast.admin, "file")
    with its.write() as session:
        outbox.try_out(session, 1, Act(sqlite_cast.admin, MONDAY))
    assert main(["worker", "--once"]) == 0
    assert [row.state for row in rows(its)] == ["sent"]
    assert "Tiến trình này nhắc việc và gửi tin" in capsys.readouterr().out
    assert len(list((its.evidence_dir.parent / "outbox" / "trial").glob("*.eml"))) == 1


def test_once_says_that_another_one_works(
    its: Register, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(MONDAY)
    monkeypatch.setattr("core.commands.worker.utc_now", clock)
    assert worker(its, clock).round()
    assert main(["worker", "--once"]) == 1
    assert "Tiến trình khác đang nhắc việc" in capsys.readouterr().err


def test_it_ends_by_a_signal_and_leaves_its_place_free(its: Register) -> None:
    process = subprocess.Popen([sys.executable, "-m", "core", "worker"], cwd=ROOT, env=os.environ)
    fresh = open_register(its.url, its.evidence_dir)
    for _wait in range(600):
        with fresh.read() as session:
            if session.get(WorkerState, 1) is not None:
                break
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    with fresh.read() as session:
        state = session.get_one(WorkerState, 1)
        assert state.until == state.seen_at
