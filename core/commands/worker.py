"""``python -m core worker``: remind and send messages apart from the pages, until it is stopped."""

from __future__ import annotations

import argparse
import os
import signal
from threading import Event
from types import FrameType

from core.clock import utc_now
from core.commands.terminal import say, warn
from core.i18n import N_, gettext
from core.papers import week_told
from core.register.log.database import open_register
from core.register.messages.worker import Worker
from core.settings import Settings

WORKS = N_("This process is the worker: it reminds and sends messages. Ctrl+C stops it.")
WAITS = N_("Another process is the worker; this one takes its place when it ends. Ctrl+C stops it.")


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``worker`` to the command line."""
    parser = subparsers.add_parser(
        "worker",
        help="remind and send messages, apart from the processes that serve pages",
        description="One process at a time does this, whether here or in the application (unless WORKER=off there).",
    )
    parser.add_argument("--once", action="store_true", help="one round, then end")
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> int:
    """0 when it was stopped; 1 where ``--once`` found another worker."""
    settings = Settings.from_env(os.environ)
    register = open_register(settings.database_url, settings.evidence_dir)
    register.check()
    worker, stop = Worker.of_process(register, settings.address, utc_now, week_told.sentences), Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT) if not options.once else ():
        signal.signal(number, end)
    is_it = worker.round()
    (say if is_it else warn)(gettext(WORKS if is_it else WAITS))
    if options.once:
        worker.lease.give_back()
        return 0 if is_it else 1
    worker.run(stop)
    return 0
