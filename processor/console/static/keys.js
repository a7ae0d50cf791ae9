// The keyboard, and a mark and its finding pointing at each other. Every page works without this.
"use strict";

const rows = () => [...document.querySelectorAll("[data-row]")];
const marks = () => [...document.querySelectorAll(".findings li")];
const typing = (element) => element.closest("input, select, textarea, [contenteditable]") !== null;

function step(by) {
  const all = rows().length ? rows() : marks();
  if (!all.length) return;
  const here = all.findIndex((one) => one.contains(document.activeElement));
  const next = all[here < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, here + by))];
  (next.querySelector("[data-open], summary") ?? next).focus();
  next.scrollIntoView({ block: "nearest" });
}

function act(key) {
  const one = document.querySelector(`[data-key="${key}"]`);
  if (!one) return;
  one.open = true;
  (one.querySelector("form select, form input:not([type=hidden])") ?? one).focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "Escape" && typing(event.target)) return event.target.blur();
  if (typing(event.target) || document.querySelector("dialog[open]")) return;
  const keys = {
    j: () => step(1),
    k: () => step(-1),
    a: () => act("a"),
    q: () => act("q"),
    r: () => act("r"),
    x: () => event.target.closest("[data-row]")?.querySelector("input[type=checkbox]")?.click(),
    y: () => document.querySelector("[data-do]")?.click(),
    g: () => location.assign("/queue"),
    "/": () => document.querySelector("[data-find]")?.focus(),
    "?": () => document.getElementById("keys")?.showModal(),
  };
  if (!(event.key in keys)) return;
  event.preventDefault();
  keys[event.key]();
});

function point(element, on) {
  const { mail, finding, findings } = element.dataset;
  const same = (one) => one.dataset.mail === mail;
  const numbers = finding ? [finding] : findings.split(" ");
  for (const one of document.querySelectorAll("mark")) {
    one.classList.toggle("lit", on && same(one) && one.dataset.findings.split(" ").some((n) => numbers.includes(n)));
  }
  for (const one of marks()) one.classList.toggle("lit", on && same(one) && numbers.includes(one.dataset.finding));
}

for (const [name, on] of [["mouseover", true], ["focusin", true], ["mouseout", false], ["focusout", false]]) {
  document.addEventListener(name, (event) => {
    const element = event.target instanceof Element && event.target.closest("mark[data-findings], li[data-finding]");
    if (element) point(element, on);
  });
}
