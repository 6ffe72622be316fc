// What every component of this register's screens may use; put before its own script.

function make(tag, properties = {}, children = []) {
  const { role, label, ...rest } = properties
  const element = Object.assign(document.createElement(tag), rest)
  if (role) element.setAttribute("role", role)
  if (label) element.setAttribute("aria-label", label)
  element.append(...children)
  return element
}

// Changes the page as the browser's own back button does, without loading the app again and with one entry in its history.
function open(address) {
  history.pushState({}, "", address)
  dispatchEvent(new PopStateEvent("popstate", { state: {} }))
}

// A component that takes no room and runs when it appears, not again when its page is drawn anew.
function once(run) {
  const met = new WeakSet()
  return (component) => {
    const { parentElement } = component
    if (met.has(parentElement)) return
    met.add(parentElement)
    const outer = parentElement.getRootNode().host ?? parentElement
    outer.closest("[data-testid=stElementContainer]")?.style.setProperty("display", "none")
    run(component)
  }
}
