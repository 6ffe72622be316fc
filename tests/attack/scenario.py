"""What a scenario is: a name, a promise, and a run that says what it measured and which promises it saw broken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Outcome:
    """``figures``: sentences with what was measured. ``broken``: a sentence for every promise that did not hold."""

    figures: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def note(self, figure: str) -> None:
        """Something measured."""
        self.figures.append(figure)

    def expect(self, holds: bool, sentence: str) -> None:
        """A promise: ``sentence`` says what happened where it does not hold."""
        if not holds:
            self.broken.append(sentence)


@dataclass(frozen=True)
class Scenario:
    """``run`` gets an empty folder of its own."""

    name: str
    promise: str
    run: Callable[[Path], Outcome]
