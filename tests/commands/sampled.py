"""A register with a sample of 200 complaints, as the commands that print figures find it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import catalogues
from core.commands import sample
from core.register import rulebook
from core.register.log.database import Register, open_up
from tests.commands.test_promises import use
from tests.engines import MONDAY


def fill(folder: Path) -> Path:
    """Write it into ``folder``, which is returned."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        settings = use(folder, monkeypatch)
        register = open_up(settings.database_url, settings.evidence_dir, organisation="pops", now=MONDAY)
        sample.fill(register, 200, MONDAY, seed=4)
        register.engine.dispose()
    return folder


def opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Register:
    """The register of a test, its lists in use."""
    settings = use(folder, monkeypatch)
    register = open_up(settings.database_url, settings.evidence_dir, now=MONDAY)
    with register.read() as session:
        catalogues.use(rulebook.catalogues(session))
    return register
