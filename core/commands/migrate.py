"""``python -m core migrate``: bring the register to this version's schema and take the shipped rules into use."""

from __future__ import annotations

import argparse
import os
from datetime import UTC, datetime

from core.register.log.database import open_up
from core.rules.procedure import SWAPS
from core.settings import Settings


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``migrate`` to the command line."""
    parser = subparsers.add_parser("migrate", help="bring the register to this version; safe to run again")
    parser.add_argument(
        "--swaps", choices=SWAPS, default="none", help="days swapped by the government, in a new register"
    )
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> None:
    """Migrate the register that DATABASE_URL names."""
    settings = Settings.from_env(os.environ)
    open_up(
        settings.database_url,
        settings.evidence_dir,
        swaps=options.swaps,
        now=datetime.now(UTC),
        backed_up=lambda copy: print(f"Backed up before migrating: {copy}"),
    )
