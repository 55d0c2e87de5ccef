// Ctrl or Cmd with K: one field for items, backlogs, pages and the acts of this page. Pages and acts are read from the page itself.
import { keyFor } from "./key_map.js";
import { keyName, labelOf } from "./keys.js";

const MOST = 8; // of each group
const dialog = () => document.getElementById("palette");
const field = () => document.getElementById("palette-words");
const options = () => [...dialog().querySelectorAll("[role=option]")];
const isShown = (element) => element.checkVisibility?.() ?? element.offsetParent !== null;
let acts = []; // [label, key, element] of the page below
let pages = []; // [label, href, icon]
let isAsked = false; // the server's answer to the words is on its way
let isWanted = false; // Enter was pressed before it came

/** What the page below offers, read before the dialog covers it. */
function collect() {
  const seen = new Set();
  acts = [];
  for (const element of document.querySelectorAll("[data-key]")) {
    const label = labelOf(element);
    if (!label || seen.has(label) || dialog().contains(element) || !isShown(element) || element.matches("input, select, textarea")) continue;
    seen.add(label);
    acts.push([label, keyFor(element.dataset.key), element]);
  }
  const found = new Map();
  for (const link of document.querySelectorAll(".rail-link, .subnav a, #account-menu a, #more-menu a"))
    if (!found.has(link.href)) found.set(link.href, [labelOf(link), link.href, link.querySelector("svg")?.cloneNode(true)]);
  pages = [...found.values()];
}

function fits(label) {
  const words = field().value.toLowerCase().split(/\s+/).filter(Boolean);
  return words.every((word) => label.toLowerCase().includes(word));
}

function group(label, lines) {
  if (!lines.length) return [];
  const box = document.createElement("div");
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", label);
  const head = document.createElement("span");
  head.className = "menu-label";
  head.setAttribute("aria-hidden", "true");
  head.textContent = label;
  box.append(head, ...lines);
  return [box];
}

function option(tag, id, label, icon) {
  const line = document.createElement(tag);
  line.id = id;
  line.setAttribute("role", "option");
  line.setAttribute("aria-selected", "false");
  line.tabIndex = -1;
  const text = document.createElement("span");
  text.className = "clip";
  text.textContent = label;
  line.append(...(icon ? [icon.cloneNode(true)] : []), text);
  return line;
}

function paint() {
  const here = acts
    .filter(([label]) => fits(label))
    .slice(0, MOST)
    .map(([label, key, element], index) => {
      const line = option("button", `palette-act-${index}`, label);
      line.type = "button";
      const hint = document.createElement("kbd");
      hint.className = "key";
      hint.textContent = keyName(key);
      line.append(hint);
      line.addEventListener("click", () => {
        dialog().close();
        element.click();
      });
      return line;
    });
  const there = pages
    .filter(([label]) => fits(label))
    .slice(0, MOST)
    .map(([label, href, icon], index) => {
      const line = option("a", `palette-page-${index}`, label, icon);
      line.href = href;
      return line;
    });
  document.getElementById("palette-here").replaceChildren(...group("Pages", there), ...group("On this page", here));
  if (!field().value.trim()) document.getElementById("palette-found").replaceChildren();
  settle();
}

/** The first option is chosen, and an empty list says so. */
function settle() {
  const all = options();
  document.getElementById("palette-none").hidden = all.length > 0 || !field().value.trim();
  choose(all[0]);
}

function choose(chosen) {
  for (const line of options()) line.setAttribute("aria-selected", String(line === chosen));
  if (chosen) {
    field().setAttribute("aria-activedescendant", chosen.id);
    chosen.scrollIntoView({ block: "nearest" });
  } else field().removeAttribute("aria-activedescendant");
}

function follow() {
  const chosen = dialog().querySelector("[role=option][aria-selected=true]");
  if (!chosen || (isAsked && document.getElementById("palette-found").contains(chosen))) isWanted = isAsked;
  else chosen.click();
}

function open() {
  if (dialog().open || document.querySelector("dialog[open]")) return;
  collect();
  field().value = "";
  paint();
  dialog().showModal();
  field().focus();
}

export function startPalette() {
  if (!dialog()) return;
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-palette-open]")) return;
    event.preventDefault();
    open();
  });
  dialog().addEventListener("input", () => {
    isAsked = field().value.trim() !== "";
    isWanted = false;
    paint();
  });
  dialog().addEventListener("htmx:afterSwap", () => {
    isAsked = false;
    settle();
    if (isWanted) follow();
  });
  dialog().addEventListener("close", () => (isWanted = false));
  dialog().addEventListener("keydown", (event) => {
    const all = options();
    const now = all.findIndex((line) => line.getAttribute("aria-selected") === "true");
    if (event.key === "Enter" && event.target === field()) {
      event.preventDefault();
      follow();
      return;
    }
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by || !all.length) return;
    event.preventDefault();
    choose(all[(now + by + all.length) % all.length]);
  });
  dialog().addEventListener("click", (event) => {
    if (event.target === dialog()) dialog().close(); // the ground behind it
  });
}
