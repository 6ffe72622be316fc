"""What the message that begins a week says (D42): figures to who sees every complaint, nothing that people typed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from core import i18n
from core.commands import sample
from core.papers import review, week_told
from core.register.figures import known_events
from core.register.log.act import Act
from core.register.log.database import Register, open_register
from core.register.messages.worker import Worker
from core.rules.messages import FILE
from tests.conftest import people_of
from tests.engines import MONDAY, Sqlite
from tests.register.messages.sent import Clock, Post, use

WEEK = "2026-W46"


@dataclass
class Reader:
    """Somebody who opens reviews; ``branch``: sees its complaints alone."""

    id: int = 0
    role: str = "manager"
    department: str | None = None
    branch: str | None = None


@pytest.fixture(scope="module")
def filled(sqlite: Sqlite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Register]:
    folder = tmp_path_factory.mktemp("week")
    register = open_register(sqlite.opened_database(folder), folder / "evidence")
    sample.fill(register, 300, MONDAY, seed=7, force=True)
    yield register
    register.engine.dispose()


def test_it_says_what_the_figures_of_the_review_say(filled: Register) -> None:
    told = week_told.sentences(filled, WEEK, MONDAY, Reader())
    found, _meeting = review.of_week(filled, MONDAY.date().replace(day=9), MONDAY, Reader())
    volume = next(one for one in found["figures"]["numbers"] if one["name"] == "volume")
    assert any(line.startswith(f"Ghi nhận {i18n.number(volume['week']['part'] or 0)} hồ sơ (") for line in told)
    assert any(line.startswith("Thông báo kết quả: ") for line in told)
    i18n.use("en")
    assert any("recorded" in line for line in week_told.sentences(filled, WEEK, MONDAY, Reader()))


@pytest.mark.parametrize(
    ("week", "branch", "why"), [("2026-W99", None, "no such week"), (WEEK, "hcm", "one of a branch sees a part")]
)
def test_it_says_nothing(filled: Register, week: str, branch: str | None, why: str) -> None:
    assert week_told.sentences(filled, week, MONDAY, Reader(branch=branch)) == [], why


def test_a_manager_reads_it_on_monday_and_no_title_that_was_typed(filled: Register) -> None:
    cast = people_of(filled)
    use(filled, cast.admin, FILE)
    with filled.write() as session:
        draft = known_events.Draft("release", "Bản vá của Lan", MONDAY.date().replace(day=10))
        known_events.add(session, draft, Act(cast.manager, MONDAY))
    post = Post()
    Worker(filled, "https://x.example", "one", Clock(MONDAY), post, week_told.sentences).round()
    (letter,) = [one for one in post.letters if f"meeting?week={WEEK}" in one.text and "Ghi nhận " in one.text]
    assert letter.subject.endswith(f"Họp tuần {WEEK}")
    assert "Bản vá của Lan" not in letter.text + letter.html
