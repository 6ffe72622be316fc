"""A small HTTP server over the register's own write path, many lives of it from one process.

Importing the program takes seconds, so a thousand starts would take an hour. ``python -m tests.attack.small_server``
imports it once and acts once on each register, then reads ``URL DATA_DIR`` lines and answers each with ``PID PORT`` of
a new process that serves that register with connections of its own; whoever asked kills it.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import socket
import sys
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
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
from tests.files import PNG

SOURCE = "attack"


def act(register: Register, key: str, code: str | None) -> dict[str, object]:
    """Log a complaint under ``key``, or acknowledge the one of ``code``; the code and version it has then."""
    now = datetime.now(UTC)
    with register.write() as session:
        if code:
            done = complaints.take(session, code, "acknowledge", {"text": f"Đã nhận, {key}"}, Act(None, now))
        else:
            # Every third complaint brings a file and a customer of its own, the others a known customer.
            n = int(key.rpartition("-")[2])
            files = (FileDraft("a.png", BytesIO(PNG + key.encode())),) if n % 3 == 0 else ()
            customer = CustomerDraft("Khách Thử", f"0912 {n % 1_000_000:06d}" if n % 3 == 0 else "0912 345 678")
            draft = Draft("hotline", now, f"Việc {key}", "payment", customer=customer, files=files)
            draft = replace(draft, source=SOURCE, external_ref=key)
            done = complaints.log(session, draft, Act(None, now))
        return {"code": done.code, "version": done.version}


def opened(url: str, data_dir: str) -> Register:
    """The register with its rules read and its statements compiled by a first act, and no connection open."""
    register = Register(url, Path(data_dir) / "evidence")
    register.check()
    act(register, "first-2", str(act(register, "first-1", None)["code"]))
    register.engine.dispose()
    return register


def serve(listening: socket.socket, register: Register) -> None:
    """Serve until killed: ``POST /act`` with ``key`` and, for a step, ``code``."""

    async def answer(request: Request) -> JSONResponse:
        asked = json.loads(await request.body())
        return JSONResponse(await run_in_threadpool(act, register, asked["key"], asked.get("code")))

    app = Starlette(routes=[Route("/act", answer, methods=["POST"])])
    uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off")).run([listening])


def main() -> None:
    """One new process a line, until standard input ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the killed are nobody's to wait for
    # What they import when they first serve is imported here once.
    uvicorn.Config(Starlette(), log_level="error").load()
    importlib.import_module("anyio._backends._asyncio")
    registers: dict[str, Register] = {}
    for line in sys.stdin:
        url, data_dir = line.split()
        registers[url] = registers.get(url) or opened(url, data_dir)
        gc.freeze()
        listening = socket.create_server(("127.0.0.1", 0))
        child = os.fork()
        if child == 0:
            sys.stdin.close()
            serve(listening, registers[url])
            os._exit(0)
        print(child, listening.getsockname()[1], flush=True)
        listening.close()


if __name__ == "__main__":
    main()
