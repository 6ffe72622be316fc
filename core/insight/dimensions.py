"""By what figures are narrowed and split: each dimension declared once, with its keys in their own order.

Everything that knows dimensions reads this table: the columns of the facts, the filter and its bar, the splits of the
SLA page, the coded columns of exports. Names are in ``core/locale/*/names.po``: of a dimension under ``dimension``, of
"no value" under ``no value``, of its keys under the dimension's own key unless a catalogue of the organisation names
them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core import catalogues
from core.catalogues import name_of as name_in
from core.i18n import named
from core.rules.catalogue import Catalogue, Catalogues
from core.rules.procedure import STAGES
from core.rules.steps import State
from core.rules.verdicts import Verdict

NONE = "none"  # the key that stands for "no value yet", so that such rows can be named in a URL too


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension of the figures.

    ``source``: the catalogue that lists and names its keys, or the keys themselves. ``column``: a column of the
    complaints. ``carried``: copied from the complaint to each of its SLA cycles. ``filter``: the filter bar and the
    URL narrow by it (which needs both). ``split``: its place among the splits of the SLA page (which needs
    ``filter``), None for none. ``optional``: a row may be without a value, and the filter bar offers that.
    """

    key: str
    source: tuple[str, ...] | Callable[[Catalogues], Catalogue]
    column: bool = True
    carried: bool = True
    filter: bool = False
    split: int | None = None
    optional: bool = False


DIMENSIONS: Mapping[str, Dimension] = {
    dimension.key: dimension
    for dimension in (
        Dimension("procedure", lambda all: all.procedures, filter=True, split=4),
        Dimension("category", lambda all: all.categories, filter=True, split=1),
        Dimension("channel", lambda all: all.channels, filter=True, split=2),
        Dimension("department", lambda all: all.departments, filter=True, split=3, optional=True),
        Dimension("level", lambda all: all.levels, filter=True, optional=True),
        Dimension("kind", ("complaint", "inquiry"), filter=True, optional=True),
        Dimension("product", lambda all: all.products, optional=True),
        Dimension("platform", lambda all: all.platforms, optional=True),
        Dimension("branch", lambda all: all.branches, filter=True, optional=True),
        Dimension("state", tuple(state.value for state in State), carried=False),
        Dimension("outcome", lambda all: all.outcomes, carried=False, optional=True),
        Dimension("root_cause", lambda all: all.causes, carried=False, optional=True),
        Dimension("breach_reason", lambda all: all.breach_reasons, optional=True),
        Dimension("stage", STAGES, column=False, carried=False),
        Dimension("verdict", tuple(verdict.value for verdict in Verdict), column=False, carried=False),
    )
}
COLUMNS = tuple(one.key for one in DIMENSIONS.values() if one.column)
CARRIED = tuple(one.key for one in DIMENSIONS.values() if one.carried)
FILTERS = tuple(one.key for one in DIMENSIONS.values() if one.filter)
SPLITS = tuple(sorted((key for key in FILTERS if DIMENSIONS[key].split), key=lambda key: DIMENSIONS[key].split or 0))


def keys(dimension: str) -> tuple[str, ...]:
    """The keys of a dimension in the order of its catalogue."""
    source = DIMENSIONS[dimension].source
    return source if isinstance(source, tuple) else tuple(source(catalogues.catalogues()))


def choices(dimension: str) -> tuple[str, ...]:
    """``keys``, and ``NONE`` where a row may be without a value."""
    return (*keys(dimension), NONE) if DIMENSIONS[dimension].optional else keys(dimension)


def title(dimension: str) -> str:
    """The dimension's name in the reader's language."""
    return named("dimension", dimension)


def name_of(dimension: str, key: str | None) -> str:
    """The key's name in the reader's language; words for no value, the key itself for one no longer listed."""
    found = DIMENSIONS[dimension]
    if key is None or key == NONE:
        return named("no value", dimension if found.optional else NONE)
    if isinstance(found.source, tuple):
        return named(dimension, key)
    return name_in(found.source(catalogues.catalogues()), key)
