// A form that logs complaints from the pages of a website (docs/api.md):
// <script src="https://complaints.example.vn/api/v1/form.js" data-key="pops_…" async></script>
(() => {
  "use strict";
  const words = {{ words | tojson }};
  const script = document.currentScript, api = new URL("/api/v1/", script.src);
  const headers = { Authorization: `Bearer ${script.dataset.key}`, "Accept-Language": words.language };
  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  const look = new CSSStyleSheet();
  look.replaceSync(`
    :host { display: block; max-width: 560px; font: inherit; color: inherit }
    form { display: grid; gap: 14px }
    label { display: grid; gap: 4px; font-weight: 600 }
    input, select, textarea { font: inherit; color: inherit; background: transparent; padding: 9px 11px; border: 1px solid #8792A2; border-radius: 8px; min-width: 0 }
    select option { color: #17212B; background: #FFFFFF }
    [aria-invalid=true] { border: 2px solid #B42318 }
    small { font-weight: 400; color: #B42318 }
    button { font: inherit; font-weight: 600; min-height: 46px; border: 0; border-radius: 8px; background: #0F766E; color: #FFFFFF; cursor: pointer }
    button:disabled { opacity: .6 }
    [role=alert] { color: #B42318; font-weight: 600 }
    [role=alert]:empty { display: none }
    code { font-size: 1.2em; font-weight: 700 }
  `);
  root.adoptedStyleSheets = [look];
  script.after(host);

  const made = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };
  const field = (name, text, input) => {
    input.name = name;
    return made("label", {}, input.required ? `${text} *` : text, input, made("small", {}));
  };
  const select = (entries, required) => made("select", { required },
    made("option", { value: "", textContent: words.choose }),
    ...entries.map((one) => made("option", { value: one.key, textContent: one.name })));
  const input = (type, more = {}) => made("input", { type, ...more });
  const ofCategory = (one) => field(`details.${one.key}`, one.name, one.type === "choice"
    ? select(one.choices, one.required)
    : input("text", { required: one.required, maxLength: 200 }));

  const alert = made("div", { role: "alert" });
  alert.setAttribute("role", "alert");
  const asked = async (path, options) => {
    const answer = await fetch(new URL(path, api), { credentials: "omit", ...options });
    const body = await answer.json();
    if (!answer.ok) throw body;
    return body;
  };

  const draw = (choices) => {
    const category = select(choices.categories, true), facts = made("div", { style: "display: contents" });
    category.addEventListener("change", () => {
      const chosen = choices.categories.find((one) => one.key === category.value);
      facts.replaceChildren(...(chosen ? chosen.fields.map(ofCategory) : []));
    });
    const send = made("button", { textContent: words.send });
    const form = made("form", {},
      field("customer.name", words.name, input("text", { autocomplete: "name", maxLength: 200 })),
      field("customer.phone", words.phone, input("tel", { autocomplete: "tel", maxLength: 200 })),
      field("customer.email", words.email, input("email", { autocomplete: "email", maxLength: 200 })),
      field("category", words.category, category), facts,
      ...(choices.products.length ? [field("product", words.product, select(choices.products, false))] : []),
      field("statement", words.statement, made("textarea", { required: true, rows: 6, maxLength: 20000 })),
      field("files", words.files, input("file", { multiple: true })),
      alert, send);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      send.disabled = true;
      try {
        done(await sent(form));
      } catch (problem) {
        refused(form, problem);
      }
      send.disabled = false;
    });
    root.replaceChildren(form);
  };

  let last = "", reference = "";  // the same text is sent again under the same name, so that it is logged once
  const sent = (form) => {
    const complaint = {}, body = new FormData();
    for (const [name, value] of new FormData(form)) {
      if (name === "files") {
        if (value.size) body.append("files", value);
      } else if (value) {
        const [first, second] = name.split(".");
        if (second) (complaint[first] ??= {})[second] = value;
        else complaint[name] = value;
      }
    }
    const text = JSON.stringify(complaint), all = text + body.getAll("files").map((file) => `${file.name}/${file.size}`);
    if (all !== last) reference = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    last = all;
    body.append("complaint", text);
    return asked("complaints", { method: "POST", body, headers: { ...headers, "Idempotency-Key": reference } });
  };
  const refused = (form, problem) => {
    const wrong = new Map((problem.errors ?? []).map((one) => [one.field, one.sentence]));
    for (const one of form.querySelectorAll("[name]")) {
      one.setAttribute("aria-invalid", String(wrong.has(one.name)));
      one.nextElementSibling.textContent = wrong.get(one.name) ?? "";
      wrong.delete(one.name);
    }
    alert.textContent = [problem.detail ?? words.failed, ...wrong.values()].join(" ");
    form.querySelector("[aria-invalid=true]")?.focus();
  };
  const done = (logged) => {
    const follow = made("a", { href: logged.follow, target: "_blank", rel: "noopener", textContent: words.follow });
    const kept = logged.secret ? [made("p", {}, `${words.secret} `, made("code", { textContent: logged.secret }))] : [];
    const told = made("div", {}, made("p", {}, `${words.received} `, made("code", { textContent: logged.code })),
      ...kept, made("p", { textContent: words.keep }), made("p", {}, follow));
    told.setAttribute("role", "status");
    root.replaceChildren(told);
  };

  asked("choices", { headers }).then(draw, (problem) => {
    root.replaceChildren(alert);
    alert.textContent = problem.detail ?? words.failed;
  });
})();
