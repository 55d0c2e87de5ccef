// Groups of a list open and close in place, and go on there: by their headings, Enter and the arrows. How many rows each shows stands in the URL
// where it is not the usual number, so that a list that updates itself, and who comes back, finds them as they were.
const list = () => document.getElementById("list");
const usual = () => Number(list()?.dataset.groups);
const heads = () => [...list().querySelectorAll("li.tier[data-group]")];
const toggleOf = (head) => head.querySelector(".tier-toggle");
const isOpen = (head) => toggleOf(head).getAttribute("aria-expanded") === "true";
const toggleAt = (element) => element?.closest?.("#list[data-groups] .tier-toggle");

/** What stands between a heading and the next one. */
function partsOf(head) {
  const parts = [];
  for (let next = head.nextElementSibling; next && !next.matches(".tier, .pager"); next = next.nextElementSibling) parts.push(next);
  return parts;
}

function headOf(row) {
  let head = row;
  while (head && !head.matches(".tier")) head = head.previousElementSibling;
  return head;
}

// --- the URL --------------------------------------------------------------------------------------

function kept() {
  const text = new URL(location).searchParams.get("groups") ?? "";
  return new Map(text.split(",").filter(Boolean).map((part) => part.split(":")));
}

const written = (state) => [...state].map((part) => part.join(":")).join(",");

/** Write down what stands on the page; groups that are not there keep what was written. */
function keep() {
  if (!usual()) return;
  const state = kept();
  const before = written(state);
  for (const head of heads()) {
    if ("busy" in head.dataset) continue;
    const count = partsOf(head).filter((part) => part.matches("[data-row]")).length;
    if (!isOpen(head)) state.set(head.dataset.group, "0");
    else if (count > usual()) state.set(head.dataset.group, String(count));
    else state.delete(head.dataset.group);
  }
  if (written(state) === before) return;
  const url = new URL(location);
  url.searchParams.delete("groups");
  const groups = encodeURIComponent(written(state)).replaceAll("%3A", ":").replaceAll("%2C", ",");
  if (groups) url.search += `${url.search ? "&" : ""}groups=${groups}`;
  history.replaceState(history.state, "", url);
}

// --- opening and closing --------------------------------------------------------------------------

function mark(head, open) {
  toggleOf(head).setAttribute("aria-expanded", String(open));
}

function close(head) {
  if ("busy" in head.dataset) return;
  const parts = partsOf(head);
  const hadFocus = parts.some((part) => part.contains(document.activeElement));
  for (const part of parts) part.remove();
  mark(head, false);
  if (hadFocus) toggleOf(head).focus();
  keep();
}

async function open(head) {
  if ("busy" in head.dataset) return;
  head.dataset.busy = ""; // a fresh list would take the place that the rows are on their way to
  mark(head, true);
  try {
    await htmx.ajax("GET", head.dataset.groupRows, { source: head, target: head, swap: "afterend" });
  } finally {
    delete head.dataset.busy;
    if (!partsOf(head).length) mark(head, false); // nothing came
    keep();
    document.dispatchEvent(new CustomEvent("winnow:idle"));
  }
}

function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || !usual()) return;
  const toggle = toggleAt(document.activeElement);
  const row = document.activeElement?.closest?.("#list[data-groups] > ol > li");
  if (!toggle) {
    // from the title, where a row's cells begin, one step further left
    if (event.key !== "ArrowLeft" || !row || !document.activeElement.matches("a.l-title, .l-title a, .rest a")) return;
    toggleOf(headOf(row)).focus();
  } else if (event.key === " ") toggle.click();
  else if (event.key === "ArrowRight" && !isOpen(row)) open(row);
  else if (event.key === "ArrowLeft" && isOpen(row)) close(row);
  else if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
  event.preventDefault();
}

export function startGroups() {
  document.addEventListener("click", (event) => {
    const toggle = toggleAt(event.target);
    if (!toggle || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const head = toggle.closest("li");
    if (isOpen(head)) close(head);
    else open(head);
  });
  document.addEventListener("keydown", key);
  document.addEventListener("htmx:configRequest", (event) => {
    const { elt, parameters } = event.detail;
    if (!usual() || (elt.id !== "list" && !elt.closest?.("#more"))) return;
    parameters.groups = written(kept());
  });
  let last = null; // the row behind which more come, for who asked by a key
  document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
    if (target.matches?.(".rest")) last = target.contains(document.activeElement) ? target.previousElementSibling : null;
  });
  document.addEventListener("htmx:afterSettle", () => {
    last?.nextElementSibling?.querySelector("a[href]")?.focus({ preventScroll: true });
    last = null;
    keep();
  });
}
