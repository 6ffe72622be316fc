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

// The first field to mend, where the page itself puts the cursor nowhere.
if (!document.querySelector("[autofocus]")) {
  document.querySelector("input[aria-invalid=true], [aria-invalid=true] input")?.focus();
}

const choice = byId("with_sample");
if (choice) {
  const follow = () => { byId("how-many").hidden = !choice.checked; };
  choice.addEventListener("change", follow);
  addEventListener("pageshow", follow);
  follow();
}

const itsName = byId("its-name");
if (itsName) {
  const follow = () => {
    itsName.hidden = document.querySelector("[name=organisation]:checked")?.value !== itsName.dataset.of;
  };
  for (const one of document.querySelectorAll("[name=organisation]")) one.addEventListener("change", follow);
  addEventListener("pageshow", follow);
  follow();
}

// Asks the page's own route how strong the password is: one rule, in core/register/people/passwords.py.
const meter = byId("meter");
if (meter) {
  const form = byId("password").form;
  let asked = 0, waiting;
  const ask = async () => {
    const turn = ++asked, typed = new URLSearchParams(new FormData(form));
    typed.set("only_strength", "yes");
    const answer = await fetch(form.action, { method: "POST", body: typed }).catch(() => null);
    if (turn !== asked || !answer?.ok) return;
    const { level, sentence } = await answer.json();
    meter.querySelector(".steps").dataset.score = level + 1;
    byId("strength").textContent = sentence;
    meter.hidden = false;
  };
  const show = () => {
    clearTimeout(waiting);
    if (byId("password").value) waiting = setTimeout(ask, 250);
    else { asked += 1; meter.hidden = true; }
  };
  for (const id of ["password", "login", "name"]) byId(id)?.addEventListener("input", show);
  addEventListener("pageshow", show);
}
