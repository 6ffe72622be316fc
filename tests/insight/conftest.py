"""What tests of figures ask for by name."""

import pytest

from core.insight import clusters
from core.insight.chance import APART
from core.insight.clusters import Habits


@pytest.fixture
def each_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Complaints do not cluster: a table of cases has no weeks that could show it (``test_clusters`` has)."""
    monkeypatch.setattr(clusters, "before", lambda *_given: Habits({}, APART))
