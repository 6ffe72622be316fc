// Sends a form to the server while typing pauses, says when it was kept, and offers to discard it.
const PAUSE = 800 // ms without a key before the form is sent
const AGAIN = 5000 // ms until the next try where the server did not answer
const KEEPALIVE = 60000 // bytes that a browser still sends while the page goes away
const fillings = new Map() // token -> what is known of that filling, for as long as the page is loaded

function fillingOf(data) {
  if (!fillings.has(data.token)) {
    const [texts, kept] = [new Map(), data.kept]
    const state = { sent: null, refused: null, problem: "", over: false, discarding: false, busy: false, here: false, timer: 0 }
    fillings.set(data.token, { texts, kept, ...state })
  }
  return fillings.get(data.token)
}

// The fields as they are now: texts from the page, since Streamlit learns of a text only when its field is left; as they
// were last seen where the field is gone already.
function read(filling, data) {
  const fields = { ...data.fields }
  for (const [name, css] of Object.entries(data.texts)) {
    const field = document.querySelector(`.${css} textarea, .${css} .stTextInput input`)
    if (field) filling.texts.set(name, field.value)
    if (filling.texts.has(name)) fields[name] = filling.texts.get(name)
  }
  return fields
}

// Whether anything was filled in: a form that nobody touched, or whose step alone was looked at, is no draft.
function isTouched(filling, data, fields) {
  const differs = name => JSON.stringify(fields[name]) !== JSON.stringify(data.first[name])
  return Boolean(filling.kept) || Object.keys(data.first).some(name => name !== "step" && name in fields && differs(name))
}

export default function ({ parentElement, data, setTriggerValue }) {
  const filling = fillingOf(data)
  filling.leave?.()

  const draw = () => {
    const words = filling.problem || (filling.kept && data.words.kept.replace("{time}", filling.kept))
    const parts = [make("span", { role: "status", textContent: words })]
    if (filling.kept) {
      const button = make("button", { type: "button", textContent: data.words.discard })
      button.onclick = () => {
        filling.discarding = true // over once the server has agreed: it draws another form then
        setTriggerValue("discard", true)
      }
      parts.push(button)
    }
    const drawn = make("div", { className: filling.problem ? "draft not_kept" : "draft" }, words ? parts : [])
    const before = parentElement.querySelector(".draft")
    if (before) before.replaceWith(drawn)
    else parentElement.append(drawn)
  }

  const send = async (leaving = false) => {
    clearTimeout(filling.timer)
    const fields = read(filling, data)
    const text = JSON.stringify(fields)
    if (filling.over || (filling.busy && !leaving) || !isTouched(filling, data, fields)) return
    if (text === filling.sent || text === filling.refused) return
    filling.busy = true
    const body = JSON.stringify({ person: data.person, form: data.form, token: data.token, fields })
    const keepalive = leaving && body.length < KEEPALIVE
    try {
      const answer = await fetch("/drafts", { method: "POST", headers: { "Content-Type": "application/json" }, body, keepalive })
      filling.problem = ""
      if (answer.ok) [filling.sent, filling.kept] = [text, (await answer.json()).saved]
      else if (answer.status === 409) {
        filling.over = true
        filling.problem = filling.discarding ? "" : data.words.over
      } else if (answer.status === 401) filling.problem = data.words.ended
      else if (answer.status >= 500) filling.problem = data.words.waiting
      else [filling.refused, filling.problem] = [text, await answer.text()] // not again before something else is typed
    } catch {
      filling.problem = data.words.waiting
    }
    filling.busy = false
    if (filling.here) draw()
    if (filling.here && !filling.over) look(filling.problem ? AGAIN : PAUSE)
  }
  const look = wait => {
    clearTimeout(filling.timer)
    const text = JSON.stringify(read(filling, data))
    if (text !== filling.sent && text !== filling.refused) filling.timer = setTimeout(send, wait)
  }
  const onInput = event => {
    if (!Object.values(data.texts).some(css => event.target.closest?.("." + css))) return
    read(filling, data)
    look(PAUSE)
  }
  const onHide = () => document.visibilityState === "hidden" && send(true)
  const onLeave = () => send(true)

  document.addEventListener("input", onInput, true)
  document.addEventListener("visibilitychange", onHide)
  addEventListener("pagehide", onLeave)
  filling.here = true
  if (data.problem) {
    filling.discarding = false
    filling.problem = data.problem
  }
  filling.leave = () => {
    document.removeEventListener("input", onInput, true)
    document.removeEventListener("visibilitychange", onHide)
    removeEventListener("pagehide", onLeave)
  }
  if (filling.kept && filling.sent === null) filling.sent = JSON.stringify(read(filling, data))
  draw()
  look(PAUSE)
  return () => {
    send(true)
    filling.here = false
    filling.leave()
  }
}
