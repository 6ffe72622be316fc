"""What servers are forked from: importing the program takes longer than all else of its start.

``multiprocessing`` imports this module in a process of its own, once per worker; it must start no thread that a fork
would miss.
"""

from __future__ import annotations

import ast
from functools import cache

from streamlit.components.v2 import manifest_scanner

from tests.browser.program import PROGRAM, ROOT

PAGES = ROOT / "pages"


def import_all() -> None:
    """Import what the program and its pages import, and have Streamlit look for components among the packages."""
    for path in (PROGRAM, *sorted(PAGES.rglob("*.py"))):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                exec(compile(ast.Module([node], []), path, "exec"), {})
    manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)
    manifest_scanner.scan_component_manifests()


import_all()
