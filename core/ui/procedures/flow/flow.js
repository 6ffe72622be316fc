// Draws the steps of a procedure and its clocks, given as data; text goes in as text, never as markup.
function drawClock(clock, row) {
  const { name, amount, until, stage, first, last } = clock
  const drawn = make("li", { className: `clock ${stage}` }, [
    make("strong", { textContent: amount }),
    make("span", { className: "name", textContent: name }),
    make("span", { className: "until", textContent: until }),
  ])
  drawn.style.setProperty("--first", first)
  drawn.style.setProperty("--last", last + 1)
  drawn.style.setProperty("--row", row)
  return drawn
}

export default function ({ parentElement, data }) {
  const count = data.steps.reduce((n, { clocks }) => n + clocks.length, 0)
  let row = 0
  const steps = data.steps.map(({ name, clocks }, n) => {
    const children = [make("span", { className: "step", textContent: name })]
    if (clocks.length) children.push(make("ul", {}, clocks.map((clock) => drawClock(clock, ++row))))
    children[0].style.setProperty("--first", n + 1)
    children[0].style.setProperty("--row", count + 1)
    return make("li", {}, children)
  })
  const list = make("ol", { label: data.alt }, steps)
  list.style.setProperty("--steps", data.steps.length)
  const drawn = make("div", { className: "flow" }, [list])
  const before = parentElement.querySelector(".flow")
  if (before) before.replaceWith(drawn)
  else parentElement.append(drawn)
}
