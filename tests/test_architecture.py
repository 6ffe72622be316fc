"""The import direction, and proof that each check can fail."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests import architecture

ROOT = Path(__file__).parents[1]
CHECKS = (
    architecture.unknown_rooms,
    architecture.upward_imports,
    architecture.impure_rules,
    architecture.streamlit_elsewhere,
    architecture.pages_with_machinery,
    architecture.clock_and_environment,
    architecture.undeclared_packages,
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_this_tree_keeps_to_the_plan(check: Callable[[Path], list[str]]) -> None:
    complaints = check(ROOT)
    assert not complaints, "\n".join(complaints)


def test_the_checks_see_this_tree() -> None:
    seen = {module.floor for module in architecture.modules(ROOT)}
    assert {f"core.{floor}" for floor in ("rules", "register", "insight", "papers", "ui", "web", "commands")} <= seen
    assert "pages" in seen


# ruff: disable[E501]  # a row of a table stays one line
BAD = [
    # check, file, source, what the complaint names, why
    ("upward_imports", "core/rules/terms.py", "from core.register import people", "core.rules may not use core.register", "rules know no database"),
    ("upward_imports", "core/rules/terms.py", "from core.i18n import N_", "core.rules may not use core.i18n", "rules may use errors only"),
    ("upward_imports", "core/rules/terms.py", "from core import i18n", "core.rules may not use core.i18n", "the floor named as an attribute of core"),
    ("upward_imports", "core/errors.py", "from core.rules import terms", "core.errors may not use core.rules", "errors lie under everything"),
    ("upward_imports", "core/register/people.py", "from core.insight import facts", "core.register may not use core.insight", "writes know no reports"),
    ("upward_imports", "core/register/people.py", "from ..insight import facts", "core.insight", "a relative import is an import"),
    ("upward_imports", "core/insight/__init__.py", "from .. import papers", "core.papers", "relative, from a package"),
    ("upward_imports", "core/insight/facts.py", "def late():\n    import core.papers.csv", "core.insight may not use core.papers", "an import inside a function is an import"),
    ("upward_imports", "core/ui/frame.py", "from core.web.session import cookie", "core.ui may not use core.web", "neighbours never import each other"),
    ("upward_imports", "core/web/session.py", "import core.ui.frame", "core.web may not use core.ui", "neighbours never import each other"),
    ("upward_imports", "pages/queue.py", "from core.commands import importer", "pages may not use core.commands", "neighbours on the top floor"),
    ("upward_imports", "core/commands/demo.py", "import importlib\nimportlib.import_module('pages.shell')", "core.commands may not use pages", "a dynamic import is an import"),
    ("upward_imports", "core/shipped.py", "from core.register import tables", "core.shipped may not use core.register", "leaves hang from nothing above"),
    ("impure_rules", "core/rules/terms.py", "import polars", "imports polars", "only the standard library and numpy"),
    ("impure_rules", "core/rules/terms.py", "from pathlib import Path", "imports pathlib.Path", "no files"),
    ("impure_rules", "core/rules/terms.py", "import os", "imports os", "no environment"),
    ("impure_rules", "core/rules/terms.py", "text = open('x').read()", "calls open()", "no files without an import either"),
    ("streamlit_elsewhere", "core/papers/csv.py", "import streamlit as st", "core.papers.csv:1 imports streamlit", "files are written without a screen"),
    ("streamlit_elsewhere", "core/web/session.py", "from streamlit.runtime import exists", "imports streamlit.runtime", "routes know no pages"),
    ("pages_with_machinery", "pages/sla.py", "import plotly.graph_objects as go", "imports plotly", "figures come from insight"),
    ("pages_with_machinery", "pages/admin/people.py", "from sqlalchemy import select", "imports sqlalchemy", "also in a sub-folder"),
    ("pages_with_machinery", "pages/sla.py", "import polars as pl", "imports polars", "questions are asked in insight"),
    ("clock_and_environment", "core/register/people.py", "from datetime import datetime\nat = datetime.now()", "asks datetime.datetime.now", "now is an argument"),
    ("clock_and_environment", "core/register/people.py", "import datetime as dt\nmake = dt.datetime.utcnow", "asks datetime.datetime.utcnow", "a default factory asks the clock too"),
    ("clock_and_environment", "core/insight/facts.py", "from datetime import date as day\nday.today()", "asks datetime.date.today", "under another name"),
    ("clock_and_environment", "core/insight/facts.py", "from time import time\ntime()", "asks time.time", "a bare function"),
    ("clock_and_environment", "core/papers/csv.py", "import os\nos.environ['X']", "asks os.environ", "settings are arguments"),
    ("clock_and_environment", "core/papers/csv.py", "from os import getenv\ngetenv('X')", "asks os.getenv", "settings are arguments"),
    ("clock_and_environment", "core/register/people.py", "from sqlalchemy import func\nfunc.now()", "asks sqlalchemy.func.now", "the database has a clock as well"),
    ("undeclared_packages", "core/web/html.py", "from jinja2 import Environment", "imports jinja2", "it came with another package and may leave with it"),
    ("unknown_rooms", "core/utils.py", "", "core.utils stands on no floor", "a room has a place or does not exist"),
]  # fmt: skip
# ruff: enable[E501]


@pytest.mark.parametrize(
    ("check", "file", "source", "complaint", "why"), BAD, ids=[f"{row[0]}: {row[4]}" for row in BAD]
)
def test_a_bad_tree_is_told_off(tmp_path: Path, check: str, file: str, source: str, complaint: str, why: str) -> None:
    put(tmp_path, "requirements.in", "# named\nSQLAlchemy==2.1.9\nstreamlit==1.67.0\n")
    put(tmp_path, file, source)
    complaints = getattr(architecture, check)(tmp_path)
    assert len(complaints) == 1, why
    assert complaint in complaints[0], why


# ruff: disable[E501]  # a row of a table stays one line
GOOD = {
    "dashboard.py": "import streamlit as st\nfrom core.web import routes\nfrom core.ui import frame",
    "pages/queue.py": "import streamlit as st\nfrom core.ui import frame\nfrom core.register import queue\nfrom pages import shell",
    "core/__init__.py": "",
    "core/__main__.py": "from core.commands import migrate",
    "core/errors.py": "from collections.abc import Mapping",
    "core/settings.py": "import os\nfrom core.errors import NotReady\nroot = os.environ.get('DATA_DIR')",
    "core/i18n.py": "from core.rules.calendar import LOCAL",
    "core/rules/calendar.py": "import numpy as np\nfrom datetime import datetime, time\nfrom core.errors import Invalid\nopened = time(8)",
    "core/register/people.py": "from core.i18n import N_\nfrom core.rules import calendar\nfrom sqlalchemy import func, select\nfunc.count()",
    "core/insight/charts.py": "import plotly.graph_objects as go\nimport polars as pl",
    "core/web/session.py": "from datetime import UTC, datetime\nfrom core.papers import csv\ndatetime.now(UTC)",
    "core/commands/demo.py": "import time\nfrom core.register import people\ntime.time()",
}
# ruff: enable[E501]


def test_a_good_tree_is_left_alone(tmp_path: Path) -> None:
    put(
        tmp_path, "requirements.in", "numpy==1\npsycopg[binary]==3\nsqlalchemy==2\nstreamlit==1\nplotly==7\npolars==2\n"
    )
    for file, source in GOOD.items():
        put(tmp_path, file, source)
    assert [complaint for check in CHECKS for complaint in check(tmp_path)] == []


def put(root: Path, file: str, source: str) -> None:
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    (root / file).write_text(source, encoding="utf-8")
