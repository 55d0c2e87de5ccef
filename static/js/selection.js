// Selected rows of a list: ticks, X, Shift with a click or with J and K. What is selected outlives a list that updates itself, and its pages.
import { isKey } from "./key_map.js";
import { step } from "./keys.js";
import { keepValue, keptValue } from "./store.js";
import { isTyping } from "./typing.js";

const place = `chosen:${location.pathname}`; // each list has its own
const chosen = new Map(JSON.parse(keptValue(place, sessionStorage) ?? "[]")); // key: points, or null where the size is not known
let last = null; // the key ticked last: where a Shift-click begins

const MOST = 500; // that one act changes
const bar = () => document.querySelector("[data-chosen]");
const rows = () => [...document.querySelectorAll(".backlog li[data-row]")];
const tickOf = (row) => row.querySelector(".l-check");
const currentRow = () => document.activeElement?.closest(".backlog li[data-row]") ?? document.querySelector(".backlog li[data-row][data-cursor]");

function select(row, on) {
  const tick = tickOf(row);
  if (!tick) return;
  const points = Number.parseFloat(row.querySelector(".l-size")?.textContent);
  if (on) chosen.set(tick.value, Number.isNaN(points) ? null : points);
  else chosen.delete(tick.value);
  last = tick.value;
}

/** Paint what is selected: rows, the bar in the place of the filters, the tick above them all. */
function show() {
  const all = rows();
  for (const row of all) {
    const tick = tickOf(row);
    if (!tick) continue;
    tick.checked = chosen.has(tick.value);
    row.classList.toggle("is-selected", tick.checked);
  }
  document.getElementById("list")?.classList.toggle("is-selecting", chosen.size > 0 || isPicking());
  const page = document.querySelector("[data-select-page]");
  if (page) {
    const ticked = all.filter((row) => tickOf(row)?.checked).length;
    page.checked = ticked > 0 && ticked === all.length;
    page.indeterminate = ticked > 0 && ticked < all.length;
  }
  const form = bar();
  if (!form) return;
  form.querySelector("[data-chosen-all]").hidden = !page?.checked || all.length >= MOST || !document.querySelector("#more, #tail [data-part]");
  keepValue(place, chosen.size ? JSON.stringify([...chosen]) : null, sessionStorage);
  form.hidden = !chosen.size;
  document.getElementById("filters").hidden = chosen.size > 0;
  if (!chosen.size) return;
  const sizes = [...chosen.values()].filter((points) => points !== null);
  const points = sizes.reduce((sum, size) => sum + size, 0);
  form.querySelector("[data-chosen-count]").textContent = `${chosen.size} selected`;
  const unknown = chosen.size - sizes.length;
  form.querySelector("[data-chosen-points]").textContent = `${Number(points.toFixed(3))} points${unknown ? `, ${unknown} without` : ""}`;
}

const isPicking = () => document.querySelector("[data-select-mode]")?.getAttribute("aria-pressed") === "true";

const say = (words) => {
  const said = bar()?.querySelector("[data-chosen-said]");
  if (said) said.textContent = words;
};

/** What the list holds beyond what is shown: as much as one act may change. */
async function selectAll() {
  try {
    const answer = await fetch(document.getElementById("list").dataset.keys);
    const { items, total } = await answer.json();
    chosen.clear();
    for (const [key, points] of items) chosen.set(key, points);
    show();
    say(items.length < MOST ? "All of this list." : `The first ${MOST} of ${total}: no more are changed at once.`);
  } catch {
    say("The rest could not be fetched. Try again.");
  }
}

function clear() {
  chosen.clear();
  say("");
  show();
}

/** All rows between the one ticked last and this one take its state. */
function selectRange(row, on) {
  const all = rows();
  const from = all.findIndex((other) => tickOf(other)?.value === last);
  const to = all.indexOf(row);
  if (from < 0) return select(row, on);
  for (const other of all.slice(Math.min(from, to), Math.max(from, to) + 1)) select(other, on);
}

function ask(what, at, more = {}) {
  const query = new URLSearchParams({ what, ...more });
  for (const key of chosen.keys()) query.append("key", key);
  // from inside the form: the form itself would add its ticks, which are those of this page alone
  const source = bar().querySelector("[data-chosen-count]");
  htmx.ajax("GET", `${at ?? bar().getAttribute("action")}?${query}`, { source, target: "#dialogs", swap: "innerHTML" });
}

/** How many rows move where this one is dragged: all that are selected, if it is one of them and they can be moved. */
export function countMovedWith(row) {
  return moveAt() && chosen.size > 1 && isChosen(row) ? chosen.size : 1;
}

/** Is the row among what is selected? */
export function isChosen(row) {
  return chosen.has(tickOf(row)?.value);
}

const moveAt = () => bar()?.querySelector('[data-chosen-what="move"]')?.dataset.chosenAt;

/** Ask to move what is selected, by the dialog of `M` with a proposal. */
export function moveChosen(proposal) {
  ask("move", moveAt(), proposal);
}

export function startSelection() {
  // while rows are picked with a thumb, all of a row is its tick
  document.addEventListener("click", (event) => {
    const row = isPicking() && event.target.closest?.(".backlog li[data-row]");
    if (!row || !tickOf(row) || event.target.closest(".l-check, form")) return;
    event.preventDefault();
    event.stopPropagation();
    select(row, !tickOf(row).checked);
    show();
  }, true);
  document.addEventListener("click", (event) => {
    const tick = event.target.closest?.(".backlog .l-check");
    if (tick?.hasAttribute("data-select-page")) {
      for (const row of rows()) select(row, tick.checked);
      return show();
    }
    if (tick) {
      const row = tick.closest("li[data-row]");
      if (event.shiftKey) selectRange(row, tick.checked);
      else select(row, tick.checked);
      return show();
    }
    const button = event.target.closest?.("[data-select-row], [data-chosen-what], [data-chosen-clear], [data-chosen-all], [data-select-mode]");
    if (!button) return;
    if (button.dataset.chosenWhat) ask(button.dataset.chosenWhat, button.dataset.chosenAt);
    else if (button.hasAttribute("data-chosen-all")) selectAll();
    else if (button.hasAttribute("data-chosen-clear")) clear();
    else if (button.hasAttribute("data-select-mode")) {
      button.setAttribute("aria-pressed", String(!isPicking()));
      clear();
    } else {
      const row = currentRow();
      if (row) select(row, !tickOf(row)?.checked);
      show();
    }
  });
  document.addEventListener("keydown", (event) => {
    const by = isKey(event, "j") ? 1 : isKey(event, "k") ? -1 : 0;
    if (!by || !event.shiftKey || event.ctrlKey || event.metaKey || event.altKey || isTyping() || document.documentElement.dataset.keys === "off") return;
    if (!bar() || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    const from = currentRow();
    if (from) select(from, true);
    step(by);
    const to = currentRow();
    if (to) select(to, true);
    show();
  });
  document.addEventListener("unselect", clear);
  document.addEventListener("htmx:afterSettle", () => bar() && show());
  show();
}
