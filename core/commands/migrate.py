"""``python -m core migrate``: bring the register to this version's schema."""

from __future__ import annotations

import argparse
import os

from core.clock import utc_now
from core.commands.terminal import say
from core.i18n import N_, gettext
from core.register.log.database import bring_up_to_date, head
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
    """Migrate the register that DATABASE_URL names, and print what that changed."""
    settings = Settings.from_env(os.environ)
    done = bring_up_to_date(settings.database_url, settings.evidence_dir, swaps=options.swaps, now=utc_now())
    if done.copy:
        say(gettext(N_("Backed up before migrating: {copy}")).format(copy=done.copy))
    say(_schema_words(done.before))
    if done.adopted:
        told = N_("It is the register of {name} from now on, by the procedures its complaints follow: {procedures}.")
        say(gettext(told).format(name=done.adopted.name, procedures=", ".join(done.adopted.procedures)))


def _schema_words(before: str | None) -> str:
    if before is None:
        return gettext(N_("A new register was made (schema {head}).")).format(head=head())
    if before == head():
        return gettext(N_("The register is at schema {head}: nothing to migrate.")).format(head=head())
    return gettext(N_("The register was migrated from schema {before} to {head}.")).format(before=before, head=head())
