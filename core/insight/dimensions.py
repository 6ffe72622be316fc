"""By what figures can be narrowed and split: each dimension's keys in their own order, and their names on the screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from core.catalogues import catalogues
from core.i18n import N_, gettext, label
from core.rules.catalogue import Entry

NONE = "none"  # the key that stands for "no value yet", so that such rows can be named in a URL too

KINDS = {
    "complaint": Entry("complaint", "Khiếu nại", "Complaint"),
    "inquiry": Entry("inquiry", "Yêu cầu tư vấn", "Inquiry"),
}
STAGES = {
    "acknowledge": Entry("acknowledge", "Tiếp nhận", "Acknowledge"),
    "resolve": Entry("resolve", "Thông báo kết quả", "Resolve"),
    "prevent": Entry("prevent", "Phòng ngừa", "Prevent"),
    "negotiate": Entry("negotiate", "Thương lượng", "Negotiate"),
}
VERDICTS = {
    "met": Entry("met", "Đúng hạn", "Met"),
    "missed": Entry("missed", "Trễ hạn", "Missed"),
    "overdue": Entry("overdue", "Quá hạn", "Overdue"),
    "running": Entry("running", "Chưa đến hạn", "Not yet due"),
    "cancelled": Entry("cancelled", "Đã rút", "Withdrawn"),
}
NO_VALUE = {
    "department": N_("not forwarded"),
    "kind": N_("not classified"),
    "level": N_("no level"),
    "root_cause": N_("no cause stated"),
    "breach_reason": N_("no reason stated"),
}


def keys(dimension: str) -> tuple[str, ...]:
    """The keys of a dimension in the order of its catalogue."""
    return tuple(_entries()[dimension]())


def name_of(dimension: str, key: str | None) -> str:
    """The key's name in the reader's language; words for no value, the key itself for one no longer listed."""
    if key is None or key == NONE:
        return gettext(NO_VALUE.get(dimension, "none"))
    entry = _entries()[dimension]().get(key)
    return label(entry.vi, entry.en) if entry else key


@cache
def _entries() -> Mapping[str, Callable[[], Mapping[str, Entry]]]:
    return {
        "procedure": lambda: catalogues().procedures,
        "category": lambda: catalogues().categories,
        "channel": lambda: catalogues().channels,
        "department": lambda: catalogues().departments,
        "level": lambda: catalogues().levels,
        "kind": lambda: KINDS,
        "product": lambda: catalogues().products,
        "platform": lambda: catalogues().platforms,
        "outcome": lambda: catalogues().outcomes,
        "root_cause": lambda: catalogues().causes,
        "breach_reason": lambda: catalogues().breach_reasons,
        "stage": lambda: STAGES,
        "verdict": lambda: VERDICTS,
    }
