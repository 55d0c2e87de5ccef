// A list that goes on: its next rows come as the reader nears the end (the markup says so). Here is what keeps it one list: a refresh fetches as
// much as is shown, no row stands twice, and who comes back finds the list as long, and where, it was left. The tail below it (tiers that are
// folded or stand open, and how many items each holds) follows what the list shows.
const list = () => document.getElementById("list");
const rowsOf = (region) => [...region.querySelectorAll("li[data-row]")];
const REST = 200; // ms without a step: where the reader stands
let timer = 0;
let wanted = 0; // rows that the reader had when the page was left

function shown() {
  return Math.max(wanted, rowsOf(list()).length);
}

const tail = () => document.getElementById("tail");

/** The tail counts, the headings of the list say it. */
function showCounts() {
  if (!tail() || !list()) return;
  for (const tier of list().querySelectorAll(".tier[data-tier]")) {
    const count = tier.querySelector(".count");
    if (count) count.textContent = tail().dataset[tier.dataset.tier] ?? "";
  }
}

/** What the tail asks for: beside which list it stands, whether that goes on, and as many rows as it shows. */
function askForTail(detail) {
  if (list()?.dataset.total) detail.path = list().dataset.total;
  if (document.querySelector("#more[data-stops]")) detail.parameters.stop = "1";
  const most = Math.max(0, ...[...tail().querySelectorAll("[data-part]")].map((part) => rowsOf(part).length));
  if (most) detail.parameters.show = String(Math.min(most, 1000));
}

/** An item that moved between two pages came twice: the later answer is the truth. */
function dropRepeats() {
  const seen = new Set();
  for (const row of rowsOf(list()).reverse()) {
    if (seen.has(row.id)) row.remove();
    seen.add(row.id);
  }
}

/** Kept in the entry of the history, while the page still stands: who leaves it no longer can. */
function remember() {
  clearTimeout(timer);
  if (!list() || wanted) return;
  const cursor = document.querySelector("[data-row][data-cursor]")?.id ?? "";
  history.replaceState({ ...history.state, list: { shown: rowsOf(list()).length, top: scrollY, cursor } }, "");
}

function arrive({ top, cursor }) {
  wanted = 0;
  const row = cursor && document.getElementById(cursor);
  if (row) {
    row.setAttribute("data-cursor", "");
    row.querySelector("a[href]")?.focus({ preventScroll: true });
  }
  scrollTo(0, top);
}

function comeBack() {
  const kept = history.state?.list;
  if (!kept || !list()) return;
  if (kept.shown <= rowsOf(list()).length) return arrive(kept);
  wanted = kept.shown;
  const done = (event) => {
    if (event.detail.target?.id !== "list" && event.detail.elt?.id !== "list") return;
    document.removeEventListener("htmx:afterSettle", done);
    arrive(kept);
  };
  document.addEventListener("htmx:afterSettle", done);
  htmx.trigger(list(), "topic");
}

export function startContinue() {
  document.addEventListener("htmx:configRequest", (event) => {
    const { elt, parameters } = event.detail;
    if (elt.id === "tail") return askForTail(event.detail);
    if (!list() || (elt.id !== "list" && !elt.closest?.("#more"))) return;
    if (shown() > Number(list().dataset.rows)) parameters.show = String(Math.min(shown(), 1000));
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (!list()) return;
    const id = event.detail.requestConfig?.target?.id;
    if (id === "more") dropRepeats();
    if (tail() && (id === "more" || id === "list")) htmx.trigger(tail(), "stale");
    showCounts();
  });
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(remember, REST);
  };
  addEventListener("scroll", soon, { passive: true });
  document.addEventListener("focusin", soon);
  document.addEventListener("click", remember, true);
  // not before htmx knows the list
  if (document.readyState === "complete") comeBack();
  else addEventListener("load", comeBack);
}
