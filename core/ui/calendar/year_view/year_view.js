// Draws the months of a year given as data; text goes in as text, never as markup.
const KEY_DAYS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }
const lastDay = new WeakMap() // parentElement -> the day the tab key stops at

// The dialog of a day is closed by taking the day out of the address: then the keyboard goes on where it was.
function comeBack(parentElement, day) {
  const timer = setInterval(() => {
    if (parentElement.isConnected && new URLSearchParams(location.search).has("day")) return
    clearInterval(timer)
    if (document.activeElement === document.body) parentElement.querySelector(`a[data-day="${day}"]`)?.focus({ preventScroll: true })
  }, 300)
}

const two = n => String(n).padStart(2, "0")

function drawDay(data, month, n) {
  const iso = `${data.year}-${two(month + 1)}-${two(n)}`
  const weekday = (data.months[month].first + n - 1) % 7
  const mark = data.marks[iso]
  const isToday = iso === data.today.day
  const classes = [
    data.closed.includes(weekday) && "closed",
    mark?.kind,
    mark?.is_unsure && "unsure",
    mark?.is_changed && "changed",
    isToday && "today",
  ]
  const spoken = [`${data.weekdays[weekday].long} ${two(n)}/${two(month + 1)}/${data.year}`, isToday && data.today.word, mark?.text]
  const label = spoken.filter(Boolean).join(", ")
  const link = make("a", { href: data.href + iso, textContent: n, className: classes.filter(Boolean).join(" "), label, tabIndex: -1 })
  if (isToday) link.setAttribute("aria-current", "date")
  if (mark || isToday) link.title = label
  link.dataset.day = iso
  return link
}

function drawMonth(data, month) {
  const { title, first, days } = data.months[month]
  const head = data.weekdays.map(({ short, long }) => make("th", { scope: "col", textContent: short, abbr: long }))
  const cells = Array.from({ length: first }, () => make("td"))
  for (let n = 1; n <= days; n++) cells.push(make("td", {}, [drawDay(data, month, n)]))
  while (cells.length % 7) cells.push(make("td"))
  const weeks = []
  for (let i = 0; i < cells.length; i += 7) weeks.push(make("tr", {}, cells.slice(i, i + 7)))
  return make("table", {}, [
    make("caption", { textContent: title }),
    make("thead", {}, [make("tr", {}, head)]),
    make("tbody", {}, weeks),
  ])
}

export default function ({ parentElement, data }) {
  const legend = data.legend.map(({ name, word }) => {
    const swatch = make("span", { className: "swatch " + name })
    swatch.setAttribute("aria-hidden", "true")
    return make("li", {}, [swatch, word])
  })
  const months = make("div", { className: "months" }, data.months.map((_, month) => drawMonth(data, month)))
  months.setAttribute("role", "group")
  months.setAttribute("aria-label", data.alt)
  const links = [...months.querySelectorAll("a")]

  const stopAt = link => {
    for (const one of links) one.tabIndex = one === link ? 0 : -1
    lastDay.set(parentElement, link.dataset.day)
  }
  stopAt(links.find(one => one.dataset.day === lastDay.get(parentElement)) ?? links.find(one => one.classList.contains("today")) ?? links[0])
  months.onclick = event => {
    const link = event.target.closest("a")
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    stopAt(link)
    open(link.getAttribute("href"))
    comeBack(parentElement, link.dataset.day)
  }
  months.onkeydown = event => {
    const at = links.indexOf(event.target.closest("a"))
    const next = links[at + KEY_DAYS[event.key]]
    if (at < 0 || !next) return
    event.preventDefault()
    stopAt(next)
    next.focus()
  }

  const before = parentElement.querySelector(".year")
  const focused = parentElement.activeElement ?? document.activeElement
  const hadFocus = before?.contains(focused)
  const drawn = make("div", { className: "year" }, [make("ul", {}, legend), months])
  if (before) before.replaceWith(drawn)
  else parentElement.append(drawn)
  if (hadFocus) links.find(one => one.tabIndex === 0)?.focus()
}
