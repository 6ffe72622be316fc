"""The import is killed in the middle: nothing is half there, the log is whole, and the same import again completes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from sqlalchemy import func, select

from core.register.log.database import Register
from core.register.log.tables import Complaint, Event, SlaCycle
from core.register.log.verify import verify

ROOT = Path(__file__).parents[3]
ROWS, BATCH = 1_500, 100
MAPPING = """
source = "old_desk"
procedure = "pops"
[time]
formats = ["%Y-%m-%d %H:%M"]
zone = "Asia/Ho_Chi_Minh"
[reference]
column = "number"
[columns]
recorded_at = "opened"
phone = "phone"
statement = "text"
[constants]
channel = "email"
category = "other"
[history]
state = "state"
at = "changed"
[history.stages]
Resolved = "resolved"
[history.fields.classify]
kind = "complaint"
[history.fields.notify_result]
text = "Đã báo."
"""


def start_import(register: Register, folder: Path) -> subprocess.Popen[str]:
    file, mapping = folder / "old.csv", folder / "old.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    rows = [f"{n},2026-10-05 09:{n % 60:02d},0500 {n:06d},Việc số {n},Resolved,2026-10-06 10:00" for n in range(ROWS)]
    file.write_text("\n".join(["number,opened,phone,text,state,changed", *rows]), encoding="utf-8")
    command = [sys.executable, "-m", "core", "import", str(file), "--map", str(mapping), "--batch", str(BATCH)]
    command += ["--progress", "--language", "en"]
    environ = {**os.environ, "DATABASE_URL": register.url, "DATA_DIR": str(folder)}
    return subprocess.Popen(
        command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )


def counts(register: Register) -> tuple[int, int, int]:
    """Complaints, clocks, and batches the log knows of."""
    with register.read() as session:
        ask = (select(func.count()).select_from(table) for table in (Complaint, SlaCycle))
        complaints, clocks = (session.scalar(question) or 0 for question in ask)
        batches = session.scalar(select(func.count()).select_from(Event).where(Event.kind == "imported")) or 0
    return complaints, clocks, batches


def test_killed_in_the_middle_and_run_again(register: Register, tmp_path: Path) -> None:
    first = start_import(register, tmp_path)
    assert first.stderr is not None
    for _batch in range(3):
        assert "complaints" in first.stderr.readline()
    first.send_signal(signal.SIGKILL)
    assert first.wait() == -signal.SIGKILL
    first.communicate()

    complaints, clocks, batches = counts(register)
    assert 3 * BATCH <= complaints < ROWS, "killed in the middle"
    assert complaints == batches * BATCH, "whole batches only"
    assert clocks == 2 * complaints, "each with both its clocks"
    assert verify(register).is_whole

    second = start_import(register, tmp_path)
    said, _progress = second.communicate(timeout=120)
    assert second.returncode == 0
    assert f"{complaints:,} already there" in said
    assert counts(register)[0] == ROWS
    assert verify(register).is_whole
