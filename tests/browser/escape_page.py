"""A page of nothing but naughty texts, each in every kind of place that a screen shows one in."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.ui import badges
from core.ui.text import joined, md, plain
from tests.naughty import AT_ONCE, TEXTS


def always(label: str) -> Callable[[object], str]:
    """A function that gives every choice this label."""
    return lambda _choice: label


first = int(st.query_params["first"])
for number, text in enumerate(TEXTS[first : first + AT_ONCE]):
    shown = plain(text)
    st.title(shown, anchor=False)
    st.subheader(md("{text}", text=text), anchor=False)
    st.markdown(shown)
    st.markdown(md("**{text}** · {text}", text=text))
    st.markdown(md(":gray[{text}]", text=text))
    st.markdown(md("[{text}](/explore)", text=text))
    st.markdown(md("| {text} |\n|---|\n| {text} |", text=text))
    st.markdown(joined("\n", [md("- {text}", text=text)] * 2))
    st.markdown(md(":material/info: {text}", text=text))
    st.caption(joined(" · ", [text, text]))
    st.error(shown, icon=":material/error:")
    st.success(shown)
    st.toast(shown, duration="infinite")
    st.button(shown, key=f"button_{number}", icon=":material/close:")
    st.link_button(shown, "/explore")
    st.checkbox(shown, key=f"box_{number}")
    st.text_input(shown, key=f"input_{number}", label_visibility="visible")
    st.pills("pills", [number], format_func=always(shown), key=f"pills_{number}")
    st.segmented_control("segments", [number], format_func=always(shown), key=f"segments_{number}")
    st.selectbox("list", [text], key=f"list_{number}")
    st.expander(shown, expanded=True).text(text)
    with st.popover(shown):
        st.text(text)
    st.tabs([shown])
    st.metric(shown, shown, help=shown, delta_description=shown)
    badges.draw(text, "", "gray")
    st.table({shown: shown})
    st.code(text, language=None)
st.container(key=f"shown_{first}").text("")
