// Draws the steps as cases took them, and their ways back, given as data; text goes in as text, never as markup.
function drawWay({ words, first, last }, row) {
  const drawn = make("li", { className: "way" }, [make("span", { textContent: words })])
  drawn.style.setProperty("--first", first)
  drawn.style.setProperty("--last", last + 1)
  drawn.style.setProperty("--row", row)
  return drawn
}

function drawStep({ name, share, count, waited }, n, ways) {
  const bar = make("span", { className: "bar" }, [make("span", { className: "part" })])
  bar.firstChild.style.setProperty("inline-size", `${share}%`)
  const step = make("div", { className: share ? "step" : "step none" }, [
    make("span", { className: "name", textContent: name }),
    make("span", { className: "count", textContent: count }),
    bar,
    make("span", { className: "waited", textContent: waited }),
  ])
  step.style.setProperty("--first", n)
  const children = ways.length ? [step, make("ul", {}, ways)] : [step]
  return make("li", {}, children)
}

export default function ({ parentElement, data }) {
  let row = 1
  const steps = data.steps.map((step, i) => {
    const from = data.ways.filter((way) => way.last === i + 1)
    return drawStep(step, i + 1, from.map((way) => drawWay(way, ++row)))
  })
  const list = make("ol", { label: data.alt }, steps)
  list.style.setProperty("--steps", data.steps.length)
  const drawn = make("div", { className: "walked" }, [list])
  const before = parentElement.querySelector(".walked")
  if (before) before.replaceWith(drawn)
  else parentElement.append(drawn)
}
