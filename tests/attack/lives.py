"""Many lives of the real server from one process: ``python dashboard.py`` without its seconds of imports.

``python -m tests.attack.lives`` imports what ``dashboard.py`` imports, once, then reads a line ``PORT URL DATA_DIR``
for each life, forks, and answers with the process's id; the child runs ``dashboard.py`` as it stands, with one route
more: ``POST /act`` logs a complaint or takes the next step of one over the register of the server. Whoever asked kills
it.
"""

from __future__ import annotations

import ast
import gc
import importlib
import json
import os
import runpy
import signal
import sys
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from core.register.case import complaints
from core.register.case.customers import CustomerDraft
from core.register.case.draft import Draft
from core.register.case.evidence import FileDraft
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Complaint, Person
from core.web import health
from core.web.door import door_of
from tests.files import PNG
from tests.register.ways import CUSTOMER, PAYMENT, filled

DAY = timedelta(days=1)
DASHBOARD = Path(__file__).parents[2] / "dashboard.py"


WALKS = (
    ("acknowledge", "classify", "add_issue", "forward", "answer", "issue_paper", "notify_result", "close"),
    ("acknowledge", "issue_paper", "classify", "propose", "refuse", "decide", "undo"),
    ("acknowledge", "ask_customer", "record_reply", "correct", "classify", "details", "undo"),
    ("acknowledge", "classify", "escalate", "direct", "join_incident", "forward", "remind", "return_request"),
    (*("acknowledge", "classify", "forward", "analyse", "approve_analysis"), "action_done", "send_evidence"),
    ("join_incident", "merge", "unmerge", "withdraw", "reopen"),
)
"""What becomes of the complaints, one walk after the other: steps of every kind."""


def act(register: Register, key: str, code: str | None) -> dict[str, object]:
    """Log a complaint under ``key``, or take the next step of the one of ``code``; its code and version then.

    ``is_over``: whether its walk ends there.
    """
    now = datetime.now(UTC)
    with register.write() as session:
        if code:
            row = session.scalars(select(Complaint).where(Complaint.code == code)).one()
            step = WALKS[row.number % len(WALKS)][row.version - 1]
            login = "boss" if step in ("approve_analysis", "direct") else "lead"
            by = session.scalars(select(Person).where(Person.login == login)).one()
            done = complaints.take(session, code, step, filled(step, now + DAY), Act(by, now))
        else:
            # Every third complaint brings a file and a customer of its own, the others a known customer.
            n = int(key.rpartition("-")[2])
            files = (FileDraft("a.png", BytesIO(PNG + key.encode())),) if n % 3 == 0 else ()
            customer = CustomerDraft("Khách Thử", f"0912 {n % 1_000_000:06d}") if n % 3 == 0 else CUSTOMER
            draft = Draft("hotline", now, f"Việc {key}", "payment", customer=customer, files=files, details=PAYMENT)
            done = complaints.log(session, draft, Act(None, now))
        is_over = done.version > len(WALKS[done.number % len(WALKS)])
        return {"code": done.code, "version": done.version, "is_over": is_over}


async def answer(request: Request) -> JSONResponse:
    """``POST /act`` with ``key`` and, for a step, ``code``; answered when it is committed."""
    asked = json.loads(await request.body())
    register = door_of(request.scope).register
    return JSONResponse(await run_in_threadpool(act, register, asked["key"], asked.get("code")))


def imports_of(script: Path) -> None:
    """Import what ``script`` imports, and nothing else of it; uvicorn, which Streamlit imports when it serves."""
    tree = ast.parse(script.read_text(encoding="utf-8"))
    tree.body = [line for line in tree.body if isinstance(line, ast.Import | ast.ImportFrom)]
    exec(compile(tree, str(script), "exec"), {"__name__": "imported"})
    for module in ("uvicorn.loops.auto", "uvicorn.protocols.http.auto", "anyio._backends._asyncio"):
        importlib.import_module(module)


def main() -> None:
    """One new process a line, until standard input ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the killed are nobody's to wait for
    imports_of(DASHBOARD)
    health.ROUTES.append(Route("/act", answer, methods=["POST"]))
    gc.freeze()
    for line in sys.stdin:
        port, url, data_dir = line.split()
        child = os.fork()
        if child == 0:
            sys.stdin.close()
            os.dup2(os.open(Path(data_dir) / "server.log", os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), 1)
            os.dup2(1, 2)
            os.environ |= {"PORT": port, "DATABASE_URL": url, "DATA_DIR": data_dir}
            runpy.run_path(str(DASHBOARD), run_name="__main__")
            os._exit(0)
        print(child, flush=True)


if __name__ == "__main__":
    main()
