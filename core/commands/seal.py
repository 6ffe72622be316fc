"""``python -m core seal``: print the newest seal of the log and keep it in DATA_DIR/seals.csv."""

from __future__ import annotations

import argparse
import os

from core.clock import utc_now
from core.commands.terminal import say
from core.register.log import seal
from core.register.log.database import open_register
from core.register.log.seals import Kept
from core.rules.calendar import local_day
from core.settings import Settings


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``seal`` to the command line."""
    parser = subparsers.add_parser(
        "seal",
        help="print the newest seal of the log and keep it in seals.csv",
        description="Prints day,event,seal. Copy the line to where whoever keeps the database cannot write; "
        "“verify --seal SEAL” then proves that the log up to that event was not written anew.",
    )
    parser.set_defaults(func=run)


def run(_options: argparse.Namespace) -> None:
    """Print the line; it is added to the file whatever was kept today already."""
    settings = Settings.from_env(os.environ)
    register = open_register(settings.database_url, settings.evidence_dir)
    register.check()
    with register.read() as session:
        newest = Kept(local_day(utc_now()), *seal.newest(session))
    if newest not in register.seals.read():
        register.seals.add(newest)
    say(f"{newest.day.isoformat()},{newest.event},{newest.seal.hex()}")
