// Saves a chart of this page as a PNG: its layers as they are drawn, below a title and a line that stand outside it.

const SCALE = 2
const EDGE = 16
const LEAST = 720
const FAMILY = /BeVietnamPro/

function lines_of(pen, text, width) {
  const found = [""]
  for (const word of text.split(" ")) {
    const longer = `${found.at(-1)} ${word}`.trim()
    if (found.at(-1) && pen.measureText(longer).width > width) found.push(word)
    else found[found.length - 1] = longer
  }
  return found
}

// The fonts of the page, written into the picture: an image of its own knows only those of the computer.
const fonts = once_asked(async () => {
  const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules])
  const faces = rules.filter((rule) => rule instanceof CSSFontFaceRule && FAMILY.test(rule.cssText))
  return (await Promise.all(faces.map(embedded))).join("\n")
})

async function embedded(face) {
  const [whole, address] = face.cssText.match(/url\("?([^")]+)"?\)/)
  const font = await (await fetch(address)).blob()
  const read = new FileReader()
  await new Promise((done) => { read.onload = done; read.readAsDataURL(font) })
  return face.cssText.replace(whole, `url("${read.result}")`)
}

function once_asked(make) {
  let made = null
  return () => (made ??= make())
}

function drawn(layer, { width, height }, faces) {
  const copy = layer.cloneNode(true)
  const style = document.createElementNS("http://www.w3.org/2000/svg", "style")
  style.textContent = faces
  copy.prepend(style)
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg")
  copy.setAttribute("width", width)
  copy.setAttribute("height", height)
  copy.style.background = "transparent"
  const picture = new Image()
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`
  return picture.decode().then(() => picture)
}

async function save({ chart, title, small, name }) {
  const plot = document.querySelector(`${chart} .js-plotly-plot`)
  const size = plot.getBoundingClientRect()
  const faces = await fonts()
  const layers = await Promise.all([...plot.querySelectorAll(".main-svg")].map((layer) => drawn(layer, size, faces)))
  const look = getComputedStyle(document.querySelector("[data-testid=stApp]"))
  const canvas = document.createElement("canvas")
  const pen = canvas.getContext("2d")
  const width = Math.max(size.width, Math.min(LEAST, 2 * size.width))
  const text = width - 2 * EDGE
  const big_font = `600 18px ${look.fontFamily}`
  const small_font = `13px ${look.fontFamily}`
  pen.font = big_font
  const heads = lines_of(pen, title, text)
  pen.font = small_font
  const feet = lines_of(pen, small, text)
  const top = EDGE + heads.length * 24 + feet.length * 18 + EDGE / 2
  canvas.width = width * SCALE
  canvas.height = (top + size.height + EDGE) * SCALE
  pen.scale(SCALE, SCALE)
  pen.fillStyle = look.backgroundColor
  pen.fillRect(0, 0, canvas.width, canvas.height)
  pen.fillStyle = look.color
  pen.font = big_font
  heads.forEach((line, at) => pen.fillText(line, EDGE, EDGE + 16 + at * 24))
  pen.font = small_font
  feet.forEach((line, at) => pen.fillText(line, EDGE, EDGE + 12 + heads.length * 24 + at * 18))
  for (const layer of layers) pen.drawImage(layer, (width - size.width) / 2, top, size.width, size.height)
  const link = document.createElement("a")
  link.download = name
  link.href = URL.createObjectURL(await new Promise((done) => canvas.toBlob(done, "image/png")))
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

export default once(({ data }) => { save(data) })
