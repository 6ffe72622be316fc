// Draws the rows given as data; text goes in as text, never as markup.
const memories = new WeakMap() // parentElement -> { list, ticks }: what a person ticked outlives a redraw

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
  const drawn = make("td", { role: "cell", className: ["cell", column.place, cell.tone].join(" ") }, parts)
  drawn.title = [cell.text, cell.below].filter(Boolean).join("\n")
  return drawn
}

export default function ({ parentElement, data, setStateValue }) {
  const memory = memories.get(parentElement) ?? { list: null, ticks: new Map(), last: null }
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
    const drawn = make("tr", { role: "row" }, cells)
    drawn.onclick = event => {
      const elsewhere = event.target.closest("label, input") || event.ctrlKey || event.metaKey || event.shiftKey
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
  if (before) before.replaceWith(drawn)
  else parentElement.append(drawn)
  showTicks()
  if (isAnother && drawn.getBoundingClientRect().top < 0) drawn.scrollIntoView()
  if (focus?.key) drawn.querySelector(`${focus.tag}[data-key="${CSS.escape(focus.key)}"]`)?.focus()
}
