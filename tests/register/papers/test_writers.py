"""Eight people issue papers at once: numbers without a gap or a twin, as threads and as processes, on both engines."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from sqlalchemy import func, select

from core.register.case import complaints
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.case.evidence import open_file
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Paper
from core.register.log.verify import verify
from tests.register.ways import PAYMENT

WRITERS, EACH = 8, 5
ROOT = Path(__file__).parents[3]


def write(register: Register, name: str, papers: int = EACH) -> None:
    """A complaint, and papers on it one after the other."""
    now = datetime.now(UTC)
    draft = Draft("hotline", now, f"Việc {name}", "payment", customer=CustomerDraft("Khách"), details=PAYMENT)
    with register.write() as session:
        code = complaints.log(session, draft, Act(None, now)).code
    with register.write() as session:
        complaints.take(session, code, "acknowledge", {"text": "Đã nhận"}, Act(None, now))
    for n in range(papers):
        with register.write() as session:
            fields = {"paper": "written_reply", "text": f"{name}, văn bản {n}"}
            complaints.take(session, code, "issue_paper", fields, Act(None, datetime.now(UTC)))  # type: ignore[arg-type]


def test_threads_of_one_server(register: Register) -> None:
    workers = [threading.Thread(target=write, args=(register, f"luồng {n}")) for n in range(WRITERS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    check(register)


def test_processes_over_one_register(register: Register) -> None:
    words = [sys.executable, "-m", "tests.register.papers.test_writers", register.url, str(register.evidence_dir)]
    workers = [subprocess.Popen([*words, f"tiến trình {n}"], cwd=ROOT) for n in range(WRITERS)]
    assert [worker.wait(timeout=120) for worker in workers] == [0] * WRITERS
    check(register)


def test_a_killed_writer_leaves_all_of_a_paper_or_nothing(register: Register) -> None:
    """Killed at whatever moment: with its number a paper has its PDF, its text and its event, and no number is lost."""
    chance, issued = Random(37), 0
    words = [sys.executable, "-m", "tests.register.papers.test_writers", register.url, str(register.evidence_dir)]
    for kill in range(5):
        worker = subprocess.Popen([*words, f"bị dừng {kill}", "600"], cwd=ROOT)
        for _wait in range(1_200):  # a minute, on a busy machine
            time.sleep(0.05)
            with register.read() as session:
                standing = session.scalar(select(func.count()).select_from(Paper)) or 0
            if standing > issued:
                break
        time.sleep(chance.random() / 3)
        worker.kill()
        assert worker.wait() == -signal.SIGKILL, "it was still writing"
        with register.read() as session:
            rows = list(session.scalars(select(Paper).order_by(Paper.ordinal)))
            assert all(open_file(session, row.file_id)[1].stat().st_size > 1_000 for row in rows)
        assert [row.ordinal for row in rows] == list(range(1, len(rows) + 1))
        assert len(rows) > issued
        issued = len(rows)
        assert verify(register, files=True).problems == []


def check(register: Register) -> None:
    with register.read() as session:
        rows = list(session.scalars(select(Paper).order_by(Paper.ordinal)))
        assert [row.ordinal for row in rows] == list(range(1, WRITERS * EACH + 1))
        assert len({row.number for row in rows}) == WRITERS * EACH
        assert all(open_file(session, row.file_id)[1].stat().st_size > 1_000 for row in rows)
    report = verify(register, files=True)
    assert (report.problems, report.orphans) == ([], [])


if __name__ == "__main__":
    write(Register(sys.argv[1], Path(sys.argv[2])), sys.argv[3], *map(int, sys.argv[4:]))
