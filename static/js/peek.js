// Peek: Space, or a click on why a row stands where it is, shows the item beside the list; the panel follows the cursor.
import { isKey } from "./key_map.js";
import { step } from "./keys.js";
import { isTyping } from "./typing.js";

const FOLLOW = 80; // ms: a cursor that runs through rows asks only for the one it stops at

const panel = () => document.getElementById("peek");
const isOpen = () => panel() && !panel().hidden;
const cursorRow = () => document.activeElement?.closest(".backlog li[data-row]") ?? document.querySelector(".backlog li[data-row][data-cursor]");
const linkOf = (row) => row.querySelector("a[href]");
let timer = 0;

function show(row) {
  const link = row && linkOf(row);
  if (!link) return;
  panel().hidden = false;
  panel().parentElement.classList.add("with-peek");
  const key = row.id.replace(/^item-/, "");
  mark(key);
  if (panel().querySelector(`[data-peek-of="${CSS.escape(key)}"]`)) return;
  htmx.ajax("GET", new URL("peek/", link.href).pathname, { source: panel(), target: "#peek", swap: "innerHTML" });
}

function mark(key) {
  for (const row of document.querySelectorAll(".backlog .is-here")) row.classList.remove("is-here");
  if (key) document.getElementById(`item-${key}`)?.classList.add("is-here");
}

function close() {
  const hadFocus = panel().contains(document.activeElement);
  panel().hidden = true;
  panel().replaceChildren();
  panel().parentElement.classList.remove("with-peek");
  mark("");
  const row = cursorRow();
  if (hadFocus && row) linkOf(row)?.focus({ preventScroll: true });
}

export function startPeek() {
  document.addEventListener("keydown", (event) => {
    if (!isKey(event, " ") || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || isTyping() || !panel()) return;
    if (document.documentElement.dataset.keys === "off" || document.querySelector("dialog[open], :popover-open")) return;
    if (document.activeElement?.matches("input, button, summary, [data-edit], .peek-body")) return; // they have a use for it
    const row = cursorRow();
    if (!row && !isOpen()) return;
    event.preventDefault();
    if (isOpen()) close();
    else show(row);
  });
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest?.(".backlog li[data-row]");
    if (!row || !isOpen()) return;
    clearTimeout(timer);
    timer = setTimeout(() => isOpen() && row.isConnected && show(row), FOLLOW);
  });
  document.addEventListener("click", (event) => {
    const target = event.target;
    if (target.closest?.("[data-peek-close]")) return close();
    const button = target.closest?.("[data-peek-step]");
    if (button) return step(Number(button.dataset.peekStep));
    if (target.closest?.("[data-peek]")) return isOpen() ? close() : show(cursorRow());
    const why = panel() && target.closest?.(".backlog li[data-row] .l-why");
    if (why) show(why.closest("li"));
  });
  document.addEventListener("htmx:afterSettle", () => isOpen() && mark(panel().querySelector("[data-peek-of]")?.dataset.peekOf));
}
