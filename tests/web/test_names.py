"""A file that a route writes names its keys as the register does, though its rows are written on other threads."""

from __future__ import annotations

from core import shipped
from core.register import rulebook
from core.register.case.complaints import log
from core.register.case.draft import Draft
from core.register.log.act import Act
from core.rules.catalogue import parse
from core.web.exports import PATH
from tests.web.site import Site


def test_an_export_is_named_by_the_register(site: Site) -> None:
    text = shipped.catalogue_texts()["categories"]
    with site.register.write() as session:
        log(
            session,
            Draft(channel="hotline", recorded_at=site.now, statement="Sai", category="content"),
            Act(None, site.now),
        )
        entries = parse(text.replace('"Nội dung"', '"Nội dung truyện"'), name="categories", file="")
        rulebook.add_catalogue(session, "categories", entries.values(), Act(None, site.now))
    answer = site.person("lead").get(f"{PATH}?columns=code,category")
    assert answer.text.splitlines()[1] == "KN-2026-000001,Nội dung truyện"
