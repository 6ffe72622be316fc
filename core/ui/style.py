"""Styles Streamlit has no setting for: the upload field in the reader's language, the order of parts on a phone."""

from __future__ import annotations

import json
import re

import streamlit as st

from core.i18n import gettext as _
from core.register.case.file_kinds import MAX_FILE, MAX_FILM
from core.ui import components

PHONE = "640px"  # where Streamlit stacks columns
FIELDS = (
    "div:has(> input:is([type=text], [type=search], [type=password])), [role=radio], .stButton button, "
    ".stFileUploader button, [role=group]:has(> [role=spinbutton], > div > [role=spinbutton])"
)
"""Where a finger touches; the parts of a date and time are groups of their own."""
THUMB = "4.6rem"  # the foot of the window that holds the button to save on a phone

REGISTER_NAME, PHONE_SEARCH, BELL = "register_name", "phone_search_at", "bell_at"
"""The containers that every page has above its menu, on a phone above itself, and at its upper right corner."""


def of_every_page() -> None:
    """What all pages share: readable buttons, whole names of numbers and links, room for a draft's line, the top.

    Text and key hints of primary buttons, and what is chosen of several, with enough contrast in both modes;
    Streamlit's are white on any colour.

    No key hints where there is no keyboard: on a phone, and where a finger points. A disabled button has no colour
    beneath its text and keeps the grey of every disabled one. A dialog stands beside the app in the page, where
    Streamlit does not say which mode it is in. The line under a form (core/ui/drafts) is drawn a moment after the rest:
    without its room the page grew then and scrolled, which closes a list that was opened meanwhile.

    Whose register it is stands beside the button that closes the sidebar; on a phone a search box beside the button
    that opens it, away while it is open: it would cover the button that closes it. The bell shows only the number of
    what its button says.
    """
    button = '[data-testid$="-primary"]:not(:disabled)'
    st.html(
        f"<style>{button}, {button} :is(p, kbd) {{ color: light-dark(#FFFFFF, #0B1F1C) }}"
        f"{button} :is(kbd, :has(> kbd)) {{ opacity: 1 }}"
        ".stMultiSelect span[title] { color: light-dark(#FFFFFF, #0B1F1C) }"
        f"@media (max-width: {PHONE}), (hover: none) {{ button kbd[aria-label] {{ display: none }} }}"
        "[class*='st-key-draft-'] { min-height: 1.6rem }"
        ".stMain [data-testid='stMarkdownContainer']:has(> table) { overflow-x: auto }"
        f"@media (max-width: {PHONE}) {{ .stMain table :is(th, td) {{ padding: 0.3rem; font-size: 0.8rem }} }}"
        f"@media print and (max-width: {PHONE}) {{ .stMain table {{ zoom: 0.8 }} }}"
        "[data-testid='stMetric'] [data-testid='stMetricLabel'] :is(div, p),"
        ".stMain [data-testid='stPageLink'] :is(span, p) { white-space: normal; overflow: visible }"
        f"@media (max-width: {PHONE}) {{ .stMain :is({FIELDS}) {{ min-height: 44px }}"
        " .stApp :is(input, textarea, [role=spinbutton]) { font-size: 16px } }"
        f".st-key-{REGISTER_NAME} {{ position: absolute; top: 0.9rem; left: 1.3rem; right: 4rem }}"
        f".st-key-{REGISTER_NAME}, .st-key-{REGISTER_NAME} * {{ pointer-events: none }}"
        f".st-key-{REGISTER_NAME} p {{ margin: 0; line-height: 1.25; white-space: nowrap }}"
        "[data-testid='stSidebarHeader'] { min-height: 4rem }"
        f":has(> .st-key-{PHONE_SEARCH}) {{ display: none }}"
        f"@media (max-width: {PHONE}) {{ :has(> .st-key-{PHONE_SEARCH}) {{ display: block; position: fixed;"
        " top: 0.35rem; left: 3.6rem; right: 5.2rem; width: auto; z-index: 999991 }"
        f"body:has([data-testid='stSidebarCollapseButton'] button[aria-expanded='true']) :has(> .st-key-{PHONE_SEARCH})"
        " { display: none } }"
        f".st-key-{BELL} {{ position: fixed; top: 0.55rem; right: 1rem; width: auto; z-index: 999991 }}"
        f".st-key-{BELL} button p {{ font-size: 0 }} .st-key-{BELL} button strong {{ font-size: 0.95rem }}"
        f"@media print {{ .st-key-{BELL} {{ display: none }} }}"
        "@media (prefers-color-scheme: dark) { [data-testid='stDialog'] { color-scheme: dark } }</style>"
    )


def at_the_thumb(key: str) -> None:
    """The container ``key`` at the foot of the window on a phone; the page ends above it, so it covers no field."""
    st.html(
        f"<style>@media (max-width: {PHONE}) {{ .stMain:has(.st-key-{key}) {{ bottom: {THUMB}; height: auto }}"
        f" .st-key-{key} {{ position: fixed; inset: auto 0 0; z-index: 99; height: {THUMB}; padding: 0.7rem 1rem;"
        " background: light-dark(#FFFFFF, #10171C); border-top: 1px solid light-dark(#D7DDE2, #34414A) } }</style>"
    )


def out_of_sight(key: str) -> str:
    """Hide the container ``key`` from eye and ear, and return its key; shortcuts of its buttons work all the same."""
    key = re.sub(r"[^\w-]", "-", key)
    st.html(f"<style>:has(> .st-key-{key}) {{ display: none }}</style>")
    return key


def on_one_line(key: str) -> None:
    """The choices of the segmented control ``key`` close together, so that a laptop shows all; a phone scrolls them."""
    st.html(
        f"<style>@media (min-width: {PHONE}) {{ .st-key-{key} [role=radio] {{ padding-inline: 0.35rem }} }}</style>"
    )


def at_the_side(key: str) -> None:
    """The container ``key`` as a panel at the right edge of the window, over the page; on a phone over all of it."""
    st.html(
        f"<style>.st-key-{key} {{ position: fixed; inset: 0 0 0 auto; width: min(27rem, 100vw); z-index: 99;"
        " overflow-y: auto; flex-wrap: nowrap; padding: 1rem 1.25rem 2rem; background: light-dark(#FFFFFF, #12171D);"
        " border-left: 1px solid light-dark(#DFE4EA, #2C3641); box-shadow: -8px 0 24px rgb(0 0 0 / 0.12) }</style>"
    )


def scrolls_sideways(key: str) -> None:
    """A wide table in the container ``key`` scrolls by itself; its first column stays, and numbers do not break."""
    st.html(
        f"<style>.st-key-{key} .stMarkdown > div {{ overflow-x: auto }} .st-key-{key} td {{ white-space: nowrap }}"
        f".st-key-{key} :is(th, td):first-child {{ position: sticky; left: 0; background: light-dark(#FFFFFF, #12171D);"
        " white-space: normal; min-width: min(13rem, 32vw) }"
        f"@media print {{ .st-key-{key} .stMarkdown > div {{ overflow: visible }}"
        f" .st-key-{key} table {{ font-size: 65%; table-layout: fixed; width: 100% }}"
        f" .st-key-{key} :is(th, td, td:first-child, th:first-child) {{ position: static; min-width: 0; padding: 2px;"
        " white-space: normal; overflow-wrap: anywhere } }"
        "</style>"
    )


def on_phones_only(key: str) -> None:
    """The container ``key`` where the columns stand one beneath the other; a wide page shows what it says elsewhere."""
    st.html(
        f"<style>@media (min-width: {PHONE}) {{ .st-key-{key}, :has(> .st-key-{key}:only-child) {{ display: none }} }}"
        "</style>"
    )


def one_line_on_phones(key: str, now: str) -> None:
    """The cells of the container ``key`` on one line on a phone: signs alone, but for the one with the key ``now``.

    Their names stay for a screen reader.
    """
    st.html(
        f"<style>@media (max-width: {PHONE}) {{ .st-key-{key} {{ flex-wrap: nowrap; gap: 0.6rem; align-items: center }}"
        f" .st-key-{key} .stCaption {{ display: none }} .st-key-{key} p {{ font-size: 0 }}"
        f" .st-key-{key} p [translate=no] {{ font-size: 1.3rem }}"
        f" .st-key-{now} p {{ font-size: 1rem; white-space: nowrap }} }}</style>"
    )


def no_toast_again() -> None:
    """No toast on this page: where the menu goes, Streamlit mounts the last one anew and would show it once more."""
    st.html('<style>[data-testid="stToastContainer"] { display: none }</style>')


def around_uploads() -> None:
    """The button of upload fields in the reader's language; the English list of endings goes, the label names them.

    Beneath a refused file stands why, in place of Streamlit's English hint. Saving waits for a file that is still on
    its way: Streamlit would save without it, and the form would be gone. After an upload that failed or was cancelled,
    or on another page, nothing is saved.
    """
    _await_uploads({})
    words = json.dumps(_("Choose files"), ensure_ascii=False)
    refusal = _(
        "The red file is not taken: only pictures, PDF, sound, video, text, e-mail, Word and Excel, up to {size} MB "
        "each (film and sound {film} MB), and not too many at once."
    )
    why = json.dumps(refusal.format(size=MAX_FILE >> 20, film=MAX_FILM >> 20), ensure_ascii=False)
    upload, zone = '[data-testid="stFileUploader"]', '[data-testid="stFileUploaderDropzone"]'
    refused = '[data-testid="stTooltipErrorHoverTarget"]'
    st.html(
        f"<style>{zone} [data-testid='stFileUploaderDropzoneInstructions'] {{ display: none }}"
        f"{zone} button p {{ font-size: 0 }}"
        f"{zone} button p::after {{ content: {words}; font-size: 0.875rem }}"
        "button[aria-busy=true] { cursor: progress; opacity: 0.6 }"
        f"{refused} {{ pointer-events: none }} {refused} button {{ pointer-events: auto }}"  # its hint is English
        f"{upload}:has({refused})::after {{ content: {why}; color: light-dark(#B42318, #FF9C8F) }}</style>"
    )


def order_on_phones(key: str, *parts: str) -> None:
    """The parts (keys of containers) of the two columns in the container ``key`` in this order, once they are stacked.

    By key: an empty container is not drawn, so that counting would take the next one for it.
    """
    column = (
        f'.st-key-{key} > [data-testid="stLayoutWrapper"] > [data-testid="stHorizontalBlock"]'
        ' > [data-testid="stColumn"]'
    )
    inside = f'{column} > [data-testid="stVerticalBlock"]'
    orders = " ".join(
        f"{inside} > :is(.st-key-{part}, :has(> .st-key-{part})) {{ order: {order} }}"
        for order, part in enumerate(parts, start=2)
    )
    st.html(
        f"<style>@media (max-width: {PHONE}) {{ {column}, {inside} {{ display: contents }}"
        f" {inside} > * {{ flex: 0 0 100% }} {orders} }}</style>"
    )


_focus = components.of_act(
    "focus",
    """
let tries = 50
const was = document.activeElement
const look = () => {
  if (![document.body, was].includes(document.activeElement)) return
  const field = document.querySelector(data.field)
  if (field) field.focus({ preventScroll: !data.anew })
  else if (--tries) setTimeout(look, 100)
}
setTimeout(look, 100)
""",
)
_scroll = components.of_act(
    "scroll",
    """
let tries = 20
const look = () => {
  const part = document.querySelector(data.part)
  if (part) part.scrollIntoView({ block: "nearest" })
  else if (--tries) setTimeout(look, 100)
}
look()
""",
)
_ctrl_enter = components.of_act(
    "ctrl_enter",
    """
window.popsCtrlEnter ??= (event) => {
  const pill = document.activeElement
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.isTrusted) return
  if (!pill?.matches("[role=radio]")) return
  event.preventDefault()
  event.stopImmediatePropagation()
  const { ctrlKey, metaKey } = event
  for (const type of ["keydown", "keyup"])
    document.body.dispatchEvent(new KeyboardEvent(type, {
      key: "Enter", code: "Enter", keyCode: 13, which: 13, ctrlKey, metaKey, bubbles: true, cancelable: true
    }))
}
window.removeEventListener("keydown", window.popsCtrlEnter, true)
window.addEventListener("keydown", window.popsCtrlEnter, true)
""",
)


_await_uploads = components.of_act(
    "await_uploads",
    """
const chips = () => document.querySelectorAll("[data-testid=stFileChip]").length
const failed = () => document.querySelectorAll("[data-testid=stFileChipIconError]").length
let chosen = null
const is_on_its_way = () => document.querySelector("[data-testid=stFileChipIconSpinner]")
  || (chosen && Date.now() < chosen.until && chips() <= chosen.chips)
const choose = (event) => {
  const is_given = event.type === "drop" || event.target.matches?.("input[type=file]")
  if (is_given) chosen = { until: Date.now() + 3000, chips: chips() }
}
let held = null
const again = () => {
  if (is_on_its_way()) {
    held.most = Math.max(held.most, chips())
    return void setTimeout(again, 100)
  }
  const { button, page, failures, most } = held
  held = null
  button.removeAttribute("aria-busy")
  const all_came = failed() === failures && chips() >= most
  if (all_came && button.isConnected && location.href === page) button.click()
}
const hold = (event, button) => {
  event.preventDefault()
  event.stopImmediatePropagation()
  if (held) return
  held = { button, page: location.href, failures: failed(), most: chips() }
  button.setAttribute("aria-busy", "true")
  again()
}
const PRIMARY = "[data-testid=stBaseButton-primary]"
const clicked = (event) => {
  const button = event.target.closest?.(PRIMARY)
  if (button && is_on_its_way()) hold(event, button)
}
const pressed = (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !is_on_its_way()) return
  const has_shift = (button) => /shift|⇧/i.test(button.querySelector("kbd").textContent)
  const button = [...document.querySelectorAll(`${PRIMARY}:has(kbd)`)].find(one => has_shift(one) === event.shiftKey)
  if (button) hold(event, button)
}
if (!window.popsAwaitsUploads) {
  window.popsAwaitsUploads = true
  window.addEventListener("click", clicked, true)
  window.addEventListener("keydown", pressed, true)
  window.addEventListener("change", choose, true)
  window.addEventListener("drop", choose, true)
}
""",
)


def focus_on(key: str, *, anew: int = 0) -> None:
    """Put the cursor into the field ``key`` when it first appears, so that a call can be typed without the mouse.

    ``anew``: counted up to put it there once more, as after a refusal, unless the person has gone elsewhere meanwhile.
    """
    field = f".st-key-{key.replace('.', '-')} :is(input, textarea, button)"
    _focus({"field": field, "anew": str(anew or "")}, key=f"focus.{anew}.{key}")


def scroll_to(key: str, *, anew: int) -> None:
    """Scroll the page so far that the container ``key`` is seen; ``anew``: counted up to do so once more."""
    _scroll({"part": f".st-key-{key}"}, key=f"scroll.{key}.{anew}")


def ctrl_enter_everywhere() -> None:
    """Let Ctrl+Enter reach the save button also from pills, which keep the Enter key to themselves."""
    _ctrl_enter({})
