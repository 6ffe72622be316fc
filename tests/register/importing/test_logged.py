"""What an import logs, byte for byte: whatever makes it faster, and however many processes take part, leaves it so.

To change it on purpose, delete a file of ``logged``: this test fails once and writes it anew, to be read first.
"""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest
from sqlalchemy import select

from core.register.importing.importer import Mode, take_in
from core.register.importing.mapping import parse
from core.register.log import ahead
from core.register.log.database import Register
from core.register.log.tables import Event
from tests.register.importing.test_ahead import ACT, FILES, file_of

LOGGED = Path(__file__).parent / "logged"


def lines(register: Register) -> list[str]:
    """The events of complaints and imports; their chain begins with those of the set-up, which lists may change."""
    its = select(Event).where(Event.subject.in_(("complaint", "import"))).order_by(Event.id)
    with register.read() as session:
        return [
            f"{one.subject} {one.subject_id} {one.seq} {one.kind} {one.happened_at:%Y-%m-%dT%H:%M:%S} "
            f"{one.logged_at:%Y-%m-%dT%H:%M:%S} {one.actor_id} {one.payload}"
            for one in session.scalars(its)
        ]


@pytest.mark.parametrize("by_two", [False, True], ids=["one process", "several"])
@pytest.mark.parametrize(("number", "what"), enumerate(FILES))
def test_an_import_logs_the_same_as_ever(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, what: str, *, by_two: bool
) -> None:
    monkeypatch.setattr(secrets, "token_bytes", bytes)  # no salt, so that the digests of texts stay
    monkeypatch.setattr(ahead, "is_possible", lambda: True)
    text, header, rows = FILES[what]
    take_in(
        register,
        file_of(tmp_path, header, *rows),
        parse(text, file="test.toml"),
        act=ACT,
        mode=Mode(batch=2, ahead=by_two),
    )
    logged = lines(register)
    kept = LOGGED / f"{number}.txt"
    if not kept.exists():
        kept.write_text("\n".join(logged) + "\n", encoding="utf-8")
        pytest.fail(f"{kept.name} was written anew: read it")
    assert logged == kept.read_text(encoding="utf-8").splitlines(), what
