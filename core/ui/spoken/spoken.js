// Says Streamlit's own labels in the reader's language; they are for screen readers mostly, and English otherwise.
const NAMES = ["aria-label", "aria-valuetext", "placeholder"]

function translated(text, words, parts) {
  if (words[text] !== undefined) return words[text]
  for (const [begins, becomes] of Object.entries(parts)) if (text.startsWith(begins)) return becomes + text.slice(begins.length)
  return text
}

function speak(element, data) {
  if (element.getAttribute("role") === "img" && element.getAttribute("aria-label")?.endsWith(" icon")) {
    element.setAttribute("aria-hidden", "true") // a sign beside words that say the same
    return
  }
  for (const name of NAMES) {
    const text = element.getAttribute(name)
    const wanted = text && translated(text, data.words, data.parts)
    if (wanted && wanted !== text) element.setAttribute(name, wanted)
  }
}

const CALENDAR = "[data-testid=stDateTimeInputCalendar]"
const POPOVERS = `[role=dialog], ${CALENDAR}`

function speakTexts(data) {
  for (const place of document.querySelectorAll(`:is(${POPOVERS}) :not(:has(*))`)) {
    // Elsewhere a text that begins like one of Streamlit's may be what a customer wrote.
    const wanted = translated(place.textContent, data.words, place.closest(CALENDAR) ? data.parts : {})
    if (wanted !== place.textContent && place.firstChild?.nodeType === Node.TEXT_NODE) place.firstChild.nodeValue = wanted
  }
}

export default function ({ parentElement, data }) {
  const outer = parentElement.getRootNode().host ?? parentElement
  outer.closest("[data-testid=stElementContainer]")?.style.setProperty("display", "none")
  document.documentElement.lang = data.lang
  window.popsSpoken?.disconnect()
  const below = root => {
    if (root.nodeType !== Node.ELEMENT_NODE) return
    speak(root, data)
    root.querySelectorAll("[aria-label], [aria-valuetext], [placeholder]").forEach(element => speak(element, data))
  }
  below(document.body)
  window.popsSpoken = new MutationObserver(changes => {
    for (const change of changes) {
      if (change.type === "attributes") speak(change.target, data)
      else change.addedNodes.forEach(below)
    }
    if (document.querySelector(POPOVERS)) speakTexts(data)
  })
  window.popsSpoken.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: NAMES })
}
