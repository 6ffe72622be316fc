// Draws the rows given as data; text goes in as text, never as markup.
const memories = new WeakMap() // parentElement -> { list, ticks }: what a person ticked outlives a redraw

const WRITES = "input:not([type=checkbox]), textarea, select, [contenteditable=true], [role=combobox], [role=spinbutton]"
const OVER = "[role=dialog], [role=listbox], dialog[open]"

// The letter that was pressed: an input method keeps the key to itself, and says only where it is on the keyboard.
function letterOf(event) {
  if (event.key !== "Process" && event.keyCode !== 229) return event.key
  if (event.code === "Slash") return event.shiftKey ? "?" : "/"
  return event.code.startsWith("Key") ? event.code.slice(3).toLowerCase() : event.key
}

// Hands each key that is pressed outside of a field to what the newest drawing of the list does with it.
function listen(parentElement, memory) {
  const onKey = event => {
    if (!parentElement.isConnected) return document.removeEventListener("keydown", onKey)
    const target = event.composedPath()[0]
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    if (target.closest?.(WRITES) || document.querySelector(OVER)) return
    const act = memory.keys?.[letterOf(event)]
    if (act?.(target)) event.preventDefault()
  }
  document.addEventListener("keydown", onKey)
  document.addEventListener("pops-close-peek", () => parentElement.isConnected && memory.keys?.Escape?.())
}

function icon() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
  svg.setAttribute("viewBox", "0 0 16 16")
  svg.setAttribute("aria-hidden", "true")
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path")
  path.setAttribute("d", "M1.5 3h13v10h-13zM9.5 3v10M11.5 6h1.5M11.5 8h1.5")
  svg.append(path)
  return svg
}

// The list of keys, over the page; the browser closes it with Esc and puts the cursor back.
function helpOf(keys) {
  const rows = keys.list.map(([key, words]) =>
    make("tr", {}, [make("td", {}, [make("kbd", { textContent: key })]), make("td", { textContent: words })]))
  const close = make("button", { type: "button", textContent: keys.close })
  const dialog = make("dialog", { className: "help", label: keys.title }, [
    make("h2", { textContent: keys.title }), make("table", {}, [make("tbody", {}, rows)]), close,
  ])
  close.onclick = () => dialog.close()
  dialog.onkeydown = event => event.stopPropagation()
  return dialog
}

// The text with its marked letters; they are counted as Unicode counts them, not as JavaScript does.
function marked(text, marks) {
  const letters = Array.from(text)
  const parts = []
  let done = 0
  for (const [first, end] of marks) {
    parts.push(letters.slice(done, first).join(""), make("mark", { textContent: letters.slice(first, end).join("") }))
    done = end
  }
  return [...parts, letters.slice(done).join("")]
}

function drawCell(cell, column, row, isFirst) {
  const text = make(isFirst ? "a" : "span", isFirst ? { href: row.href } : {}, marked(cell.text, cell.marks))
  text.className = "text"
  const line = [text]
  if (cell.tone) line.unshift(make("i", { className: "shape" }))
  if (cell.spoken) line.unshift(make("span", { className: "spoken", textContent: cell.spoken + ", " }))
  const parts = [make("div", { className: "line" }, line)]
  const second = []
  if (cell.bar !== null) {
    const fill = make("i")
    fill.style.width = Math.round(cell.bar * 100) + "%"
    second.push(make("div", { className: "bar", ariaHidden: "true" }, [fill]))
  }
  if (cell.below) second.push(make("span", { className: "text", textContent: cell.below }))
  if (second.length) parts.push(make("div", { className: "below" }, second))
  if (cell.flag) parts.push(make("span", { className: "flag " + cell.flag_tone, textContent: cell.flag }))
  const drawn = make("td", { role: "cell", className: ["cell", column.place, cell.tone].join(" ") }, parts)
  drawn.title = [cell.text, cell.below, cell.flag].filter(Boolean).join("\n")
  return drawn
}

export default function ({ parentElement, data, setStateValue }) {
  const memory = memories.get(parentElement) ?? { list: null, ticks: new Map(), last: null, current: null }
  if (data.keys && !memories.has(parentElement)) listen(parentElement, memory)
  const isAnother = memory.list !== null && memory.list !== data.list
  if (isAnother) memory.ticks.clear()
  memory.list = data.list
  memories.set(parentElement, memory)
  const here = new Set(data.rows.map(row => row.key))
  for (const key of memory.ticks.keys()) if (!here.has(key)) memory.ticks.delete(key)

  const boxes = new Map()
  const say = () => setStateValue("ticked", { list: data.list, rows: Object.fromEntries(memory.ticks) })
  const everything = make("input", { type: "checkbox", label: data.words.all })
  const showTicks = () => {
    for (const [key, box] of boxes) {
      box.checked = memory.ticks.has(key)
      box.closest("tr").classList.toggle("ticked", box.checked)
    }
    everything.checked = memory.ticks.size > 0 && memory.ticks.size === data.rows.length
    everything.indeterminate = memory.ticks.size > 0 && !everything.checked
  }
  const tick = (row, on) => (on ? memory.ticks.set(row.key, row.stamp) : memory.ticks.delete(row.key))
  const tickTo = (index, on, withRange) => {
    const last = data.rows.findIndex(row => row.key === memory.last)
    const [from, to] = withRange && last >= 0 ? [Math.min(last, index), Math.max(last, index)] : [index, index]
    data.rows.slice(from, to + 1).forEach(row => tick(row, on))
    memory.last = data.rows[index].key
    showTicks()
    say()
  }
  everything.onchange = () => {
    data.rows.forEach(row => tick(row, everything.checked))
    showTicks()
    say()
  }

  const linkOf = key => drawn.querySelector(`a[data-key="${CSS.escape(key)}"]`)
  const peek = key => {
    if (!key && data.peek) linkOf(data.peek)?.focus()
    setStateValue("peek", key)
  }
  const indexOf = key => data.rows.findIndex(row => row.key === key)
  const goBy = step => () => {
    const at = indexOf(memory.current)
    const next = data.rows[Math.max(0, Math.min(data.rows.length - 1, at < 0 ? 0 : at + step))]
    if (!next) return false
    linkOf(next.key).focus()
    if (data.peek && data.peek !== next.key) peek(next.key)
    return true
  }
  const current = () => data.rows[Math.max(0, indexOf(memory.current))]
  memory.keys = data.keys && {
    j: goBy(1),
    k: goBy(-1),
    p: () => (current() ? (peek(current().key === data.peek ? null : current().key), true) : false),
    x: () => {
      const index = indexOf(memory.current)
      if (!data.tickable || index < 0) return false
      tickTo(index, !memory.ticks.has(memory.current), false)
      return true
    },
    Enter: target => {
      if (target.closest?.("a, button, input, [role=radio]") || indexOf(memory.current) < 0) return false
      open(linkOf(memory.current).href)
      return true
    },
    Escape: () => (data.peek ? (peek(null), true) : false),
    "/": () => {
      const box = document.querySelector(".st-key-search input")
      box?.focus()
      return Boolean(box)
    },
    "?": () => {
      const help = drawn.querySelector("dialog.help")
      help.showModal()
      return true
    },
  }

  const drawRow = (row, index) => {
    const cells = row.cells.map((cell, n) => drawCell(cell, data.columns[n], row, n === 0))
    const link = cells[0].querySelector("a")
    link.dataset.key = row.key
    if (data.tickable) {
      const box = make("input", { type: "checkbox", label: data.words.one.replace("{key}", row.key) })
      box.dataset.key = row.key
      box.onclick = event => tickTo(index, box.checked, event.shiftKey)
      boxes.set(row.key, box)
      cells.unshift(make("td", { role: "cell", className: "box" }, [make("label", {}, [box])]))
    }
    if (data.keys) {
      const look = make("button", { type: "button", className: "look", label: data.keys.look.replace("{key}", row.key) }, [icon()])
      look.title = data.keys.peek
      look.dataset.key = row.key
      look.onclick = () => peek(row.key === data.peek ? null : row.key)
      cells.find(cell => cell.classList.contains("first")).querySelector(".line").append(look)
    }
    const drawn = make("tr", { role: "row", className: row.key === data.peek ? "peeked" : "" }, cells)
    drawn.addEventListener("focusin", () => { memory.current = row.key })
    drawn.onclick = event => {
      const elsewhere = event.target.closest("label, input, button") || event.ctrlKey || event.metaKey || event.shiftKey
      if (elsewhere || event.button !== 0 || String(document.getSelection())) return
      event.preventDefault()
      open(link.href)
    }
    drawn.onkeydown = event => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
      const next = step && drawn.parentElement.children[index + step]
      if (!next) return
      event.preventDefault()
      next.querySelector(event.target.type === "checkbox" ? "input" : "a").focus()
    }
    return drawn
  }

  const heads = data.columns.map(column => {
    const head = make("th", { role: "columnheader", scope: "col", textContent: column.label, className: column.place })
    if (column.width) head.style.width = column.width + "rem"
    return head
  })
  if (data.tickable) heads.unshift(make("th", { role: "columnheader", className: "box" }, [make("label", {}, [everything])]))
  const table = make("table", { role: "table", label: data.alt }, [
    make("thead", { role: "rowgroup" }, [make("tr", { role: "row" }, heads)]),
    make("tbody", { role: "rowgroup" }, data.rows.map(drawRow)),
  ])

  const before = parentElement.querySelector(".rows")
  const focused = parentElement.activeElement ?? document.activeElement
  const focus = before?.contains(focused) ? { key: focused.dataset.key, tag: focused.tagName } : null
  const drawn = make("div", { className: data.tickable ? "rows tickable" : "rows" }, [table])
  if (data.keys) {
    const hint = make("p", { className: "keys", textContent: data.keys.hint, id: "rows-keys" })
    table.setAttribute("aria-describedby", hint.id)
    drawn.append(hint, helpOf(data.keys))
  }
  if (before) before.replaceWith(drawn)
  else parentElement.append(drawn)
  showTicks()
  if (isAnother && drawn.getBoundingClientRect().top < 0) drawn.scrollIntoView()
  if (focus?.key) drawn.querySelector(`${focus.tag}[data-key="${CSS.escape(focus.key)}"]`)?.focus()
}
