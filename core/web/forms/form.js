"use strict";
const byId = (id) => document.getElementById(id);

for (const button of document.querySelectorAll("[data-shows]")) {
  const show = button.textContent;
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = button.getAttribute("aria-pressed") === "true";
    for (const id of button.dataset.shows.split(" ")) byId(id).type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
    button.textContent = shown ? show : button.dataset.hide;
  });
}

const go = document.querySelector("button.go");
const ready = go.textContent;
document.querySelector("form").addEventListener("submit", (event) => {
  if (go.disabled) event.preventDefault();
  go.disabled = true;
  go.textContent = go.dataset.busy;
});
addEventListener("pageshow", () => { go.disabled = false; go.textContent = ready; });

document.querySelector("[aria-invalid=true]:not([value])")?.focus();

const choice = byId("with_sample");
if (choice) {
  const follow = () => { byId("how-many").hidden = !choice.checked; };
  choice.addEventListener("change", follow);
  addEventListener("pageshow", follow);
  follow();
}

// The same rule of thumb as core/register/people/passwords.py, which decides; this only shows it while typing.
const meter = byId("meter");
if (meter) {
  const sentences = JSON.parse(meter.dataset.sentences), common = JSON.parse(meter.dataset.common);
  const strength = (password, login) => {
    const plain = password.normalize("NFC");
    if ([...plain].length < 10 || (login && plain.toLowerCase() === login)) return 0;
    let rest = plain.toLowerCase();
    for (const word of [login, ...common]) if (word.length >= 4) rest = rest.split(word).join("\0");
    const signs = [...rest];
    const boring = signs.filter((sign, i) => i && Math.abs(sign.codePointAt(0) - signs[i - 1].codePointAt(0)) <= 1).length;
    const left = Math.min(signs.length - boring, 2 * new Set(signs).size);
    if (left < 6) return 0;
    const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{Nd}/u, /[^\p{L}\p{N}]/u].filter((kind) => kind.test(plain)).length;
    return 1 + (left >= 9) + (left >= 14) + (kinds >= 3 && left >= 9);
  };
  const show = () => {
    const password = byId("password").value, score = strength(password, byId("login").value.trim().toLowerCase());
    meter.hidden = !password;
    meter.querySelector(".steps").dataset.score = score;
    byId("strength").textContent = sentences[score];
  };
  byId("password").addEventListener("input", show);
  byId("login").addEventListener("input", show);
  addEventListener("pageshow", show);
}
