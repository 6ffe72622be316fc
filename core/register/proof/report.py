"""What a verification counted and found wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from core.i18n import gettext

SHOWN = 20
Progress = Callable[[int, int], None]
"""Called with the steps done and the steps in all; a step is one event read once."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: an English template and its values, like an error's."""

    template: str
    values: dict[str, object]

    def __str__(self) -> str:
        """In English."""
        return self.template.format(**self.values)

    def sentence(self) -> str:
        """In the language in use."""
        return gettext(self.template).format(**self.values)


@dataclass
class Report:
    """What was checked and what is wrong; ``found`` holds at most the first twenty, ``wrong`` counts all.

    ``seal``: hash of the newest event, hex. ``kept_seals``: seals from outside the database that were looked for.
    ``orphans``: names of files in the evidence folder that no row names.
    """

    events: int = 0
    complaints: int = 0
    clocks: int = 0
    evidence: int = 0
    customers: int = 0
    people: int = 0
    kept_seals: int = 0
    seal: str = ""
    wrong: int = 0
    found: list[Problem] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)

    def add(self, template: str, **values: object) -> None:
        """Note one more problem."""
        self.wrong += 1
        if len(self.found) < SHOWN:
            self.found.append(Problem(template, values))

    @property
    def problems(self) -> list[str]:
        """The first problems, in English."""
        return [str(problem) for problem in self.found]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return self.wrong == 0


class Steps:
    """Counts the steps of one verification and tells ``progress`` now and then."""

    EVERY = 1_000

    def __init__(self, progress: Progress | None, wanted: int) -> None:
        self._progress, self._wanted, self._done = progress, wanted, 0

    def more(self, steps: int = 1) -> None:
        """So many more are done."""
        before, self._done = self._done, self._done + steps
        if self._progress and before // self.EVERY != self._done // self.EVERY:
            self._progress(self._done, self._wanted)
