// Evidence to look at: pictures, players, PDF on demand; names and words are text, never markup.
export default function ({ parentElement, data }) {
  const drawn = JSON.stringify(data)
  if (parentElement.querySelector("ul")?.dataset.drawn === drawn) return // what is being played plays on

  const preview = ({ shows, href, name }) => {
    if (shows === "image") {
      const picture = make("img", { src: href, alt: name, loading: "lazy" })
      const label = data.words.whole.replace("{name}", () => name)
      return make("a", { href, target: "_blank", className: "picture", label }, [picture])
    }
    if (shows === "audio") return make("audio", { src: href, controls: true, preload: "none", label: name })
    if (shows === "video") return make("video", { src: href, controls: true, preload: "metadata", label: name })
    if (shows === "pdf") return pdf(href, name)
    return ""
  }

  // Opened only where somebody asks for it: a page that is merely read opens no document.
  const pdf = (href, name) => {
    const button = make("button", { type: "button", textContent: data.words.pdf, ariaExpanded: "false" })
    const place = make("div", { className: "pdf" }, [button])
    button.onclick = () => {
      const open = place.querySelector("iframe")
      if (open) open.remove()
      else place.append(make("iframe", { src: `${href}/view#navpanes=0`, title: name }))
      button.textContent = open ? data.words.pdf : data.words.close
      button.ariaExpanded = String(!open)
    }
    return place
  }

  const entry = (one) => {
    const name = one.href
      ? make("a", { href: one.href, target: "_blank", textContent: one.name })
      : make("span", { textContent: one.name })
    const kind = one.kind ? [make("span", { className: "kind", textContent: one.kind })] : []
    const line = make("div", { className: "line" }, [name, ...kind])
    const about = make("div", { className: "about", textContent: one.about })
    return make("li", {}, [preview(one), line, about])
  }

  const list = make("ul", { label: data.alt }, data.entries.map(entry))
  list.dataset.drawn = drawn
  parentElement.querySelector("ul")?.remove()
  parentElement.append(list)
}
