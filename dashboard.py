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

import streamlit as st
from starlette.middleware import Middleware
from streamlit import config

from core.errors import NotReady, PopsError
from core.register.log import private
from core.register.log.database import open_register
from core.register.people import setup
from core.settings import Settings
from core.ui import errors, uploads
from core.ui.pick_lists import PickLists
from core.web import entry, evidence, exports, health, invite, session, trouble
from core.web import setup as setup_pages
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
    *exports.ROUTES,
    *health.ROUTES,
]


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
        register = open_register(settings.database_url, settings.evidence_dir)
        register.check()
        for path in private.narrow(settings.database_url, settings.evidence_dir):
            log.warning("others on this machine may read %s: take their rights away (chmod go= %s)", path, path)
    except PopsError as problem:
        sys.exit(str(problem))
    return Door(register, settings, fill_sample=fill_sample, uploads=Uploads(uploads.owner_of, uploads.is_held))


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Show the set-up link where it is needed; then what was imported stays out of the garbage collector's way."""
    with door.register.write() as transaction:
        code = setup.new_setup_code(transaction, utc_now()) if setup.needs_setup(transaction) else None
    if code:
        print(f"\n  Set up / Thiết lập: {door.settings.address}/setup?code={code}\n", flush=True)
    gc.collect()
    gc.freeze()
    yield


logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
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
