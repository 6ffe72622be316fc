"""What became of an act on many complaints: how many were done, and each that was not, with why."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.errors import Invalid, PopsError
from core.i18n import gettext as _
from core.i18n import ngettext, number
from core.register.case.batch import Result
from core.ui.steps import error_words
from core.ui.text import joined, plain

KEY = "incident_outcome"


def keep(title: str, result: Result) -> None:
    """For ``show`` of the next run."""
    st.session_state[KEY] = (title, result)


def show() -> None:
    """The last act's result, once."""
    stored: tuple[str, Result] | None = st.session_state.pop(KEY, None)
    if stored is None:
        return
    title, result = stored
    done = ngettext("{n} complaint done", "{n} complaints done", len(result.done)).format(n=number(len(result.done)))
    sentence = f"{title}: {done}"
    left = refusals(result)
    if not left:
        st.success(plain(f"{sentence}."), icon=":material/task_alt:")
        return
    undone = ngettext("{n} not possible", "{n} not possible", len(left)).format(n=number(len(left)))
    lines = [f"{code}: {why}" for code, why in left.items()]
    with st.container(key="incident_refusals", height=280 if len(lines) > 10 else "content"):  # noqa: PLR2004
        st.warning(joined("  \n", [f"{sentence}, {undone}.", *lines]), icon=":material/rule:")


def refusals(result: Result) -> Mapping[str, str]:
    """Code → why nothing was done for it."""
    changed = _("somebody else changed it first: look at it, then try again")
    return dict.fromkeys(result.overtaken, changed) | {code: why_of(one) for code, one in result.refused.items()}


def why_of(error: PopsError) -> str:
    """The refusal in words; of a form's the first field's sentence, which says more than that one is to be mended."""
    if isinstance(error, Invalid) and error.fields and not error.values:
        return _(next(iter(error.fields.values())))
    return error_words(error)
