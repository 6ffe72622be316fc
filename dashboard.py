"""The application: pages, the few HTTP routes beside them, and what happens at the start.

``python dashboard.py`` serves it where the environment says (docs/deployment.md).
"""

from __future__ import annotations

import gc
import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Event, Thread

import streamlit as st
from starlette.middleware import Middleware
from streamlit import config

from core.errors import NotReady, PopsError
from core.i18n import advice, of_terminal, use
from core.papers import week_told
from core.register.log import private
from core.register.log.database import open_register
from core.register.messages.worker import Worker
from core.settings import Settings
from core.ui import errors, uploads
from core.ui.pick_lists import PickLists
from core.ui.printing import FirstFrame
from core.web import (
    drafts,
    entry,
    evidence,
    exports,
    follow,
    health,
    invite,
    logs,
    metrics,
    papers,
    port,
    reviews,
    session,
    start,
    trouble,
)
from core.web import setup as setup_pages
from core.web.api import complaints as api
from core.web.door import Door, utc_now
from core.web.gate import Gate, first_words
from core.web.headers import SecurityHeaders
from core.web.uploads import Uploads

log = logging.getLogger(__name__)
ROUTES = [
    *session.ROUTES,
    *entry.ROUTES,
    *invite.ROUTES,
    *setup_pages.ROUTES,
    *evidence.ROUTES,
    *drafts.ROUTES,
    *exports.ROUTES,
    *papers.ROUTES,
    *reviews.ROUTES,
    *api.ROUTES,
    *follow.ROUTES,
    *health.ROUTES,
    *metrics.ROUTES,
]


WORKER_STOPS = 5.0
"""Seconds that the end waits for the worker to give its place to another process."""


def fill_sample(complaints: int) -> None:
    """Sample data up to now, for whoever asks for it while setting up."""
    from core.commands import sample

    sample.fill(door.register, complaints, until=utc_now(), seed=1)


def open_door() -> Door:
    """Settings and register, or one sentence on standard error and no start."""
    try:
        settings = Settings.from_env(os.environ)
        if st.get_option("server.baseUrlPath"):
            raise NotReady(
                "Pages under a path are not supported: leave server.baseUrlPath empty, use a host name of its own."
            )
        logs.set_up(settings.log_format)
        if __name__ == "__main__":
            port.check_free(settings.host, settings.port)
        register = open_register(settings.database_url, settings.evidence_dir)
        register.check()
        for path in private.narrow(settings.database_url, settings.evidence_dir):
            log.warning("others on this machine may read %s: take their rights away (chmod go= %s)", path, path)
        if folder := private.shared(settings.database_url):
            log.warning("%s holds other files too and stays open to others: give the database its own folder", folder)
    except PopsError as problem:
        use(of_terminal(os.environ))
        sys.exit(advice(problem))
    return Door(register, settings, fill_sample=fill_sample, uploads=Uploads(uploads.owner_of, uploads.is_held))


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Begin (``start.begin``), say where the register is, with the set-up link where it is needed, and when it ends.

    The facts are read meanwhile, so that the first visitor does not wait for them. What was imported by then stays out
    of the garbage collector's way.
    """
    code = start.begin(door.register, utc_now())
    address = door.settings.address
    print(f"\n  {address}   (Ctrl+C: stop / dừng)", flush=True)
    if code:
        print(f"  Set up / Thiết lập: {address}/setup?code={code}", flush=True)
    print(flush=True)
    logs.take_over()
    Thread(target=start.read_facts, args=(door.register,), daemon=True).start()
    stop = Event()
    worker = Worker.of_process(door.register, door.settings.address, utc_now, week_told.sentences)
    working = Thread(target=worker.run, args=(stop,), daemon=True, name="worker")
    if door.settings.worker:
        working.start()
    log.info("started: process %d, %s port %d", os.getpid(), door.settings.host, door.settings.port)
    gc.collect()
    gc.freeze()
    yield
    stop.set()
    if working.ident is not None:
        working.join(WORKER_STOPS)
    log.info("stopped: process %d", os.getpid())


log = logging.getLogger("core.server")
for noisy in ("streamlit.error_util", "uvicorn.error"):
    logging.getLogger(noisy).addFilter(trouble.NotLoggedTwice())
door = open_door()
app = st.App(
    Path(__file__).parent / "pages" / "shell.py",
    lifespan=lifespan,
    routes=ROUTES,
    middleware=[
        Middleware(SecurityHeaders, settings=door.settings),
        Middleware(Gate, door=door, beside=first_words(ROUTES)),
        Middleware(PickLists),
        Middleware(FirstFrame),
    ],
    exception_handlers=trouble.HANDLERS,
    on_script_error=errors.show,
)

if __name__ == "__main__":
    # uvicorn reads only here whose forwarded headers it may believe, and believes this machine where nothing is said.
    os.environ["FORWARDED_ALLOW_IPS"] = door.settings.forwarded_allow_ips
    where = {"server.address": door.settings.host, "server.port": door.settings.port}
    for option, value in where.items():
        config.set_option(option, value)  # else the run below would say that the options changed
    app.run(config=where)
