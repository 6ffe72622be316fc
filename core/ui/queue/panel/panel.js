// Makes the container it stands in a panel: a name for screen readers, a button that closes it, the cursor inside.
export default function ({ parentElement, data }) {
  const outer = parentElement.getRootNode().host ?? parentElement
  const panel = outer.closest(".st-key-peek")
  panel?.setAttribute("role", "complementary")
  panel?.setAttribute("aria-label", data.title)
  const close = make("button", { type: "button", className: "close", textContent: data.close, ariaKeyShortcuts: "Escape" })
  close.onclick = () => document.dispatchEvent(new CustomEvent("pops-close-peek"))
  parentElement.querySelector(".close")?.remove()
  parentElement.append(close)
}
