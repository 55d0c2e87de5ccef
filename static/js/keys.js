// One key an act, J and K through a list, `?` for what a page knows. Nothing while somebody types; can be switched off.
import { changedKeys, isKey, keyFor, setChangedKeys } from "./key_map.js";
import { keepValue } from "./store.js";
import { isTyping } from "./typing.js";

const root = document.documentElement;
const NAMES = { " ": "Space", Enter: "Enter", Escape: "Esc" };
const areOff = () => root.dataset.keys === "off";

function isShown(element) {
  return element.checkVisibility?.() ?? element.offsetParent !== null;
}

/** Where keys count now: the topmost open dialog, else the page. */
function scope() {
  return [...document.querySelectorAll("dialog[open]")].at(-1) ?? document;
}

function actOf(key) {
  const wanted = key.toLowerCase();
  const inside = scope() !== document; // a dialog's own keys stay as they are drawn
  const keyOf = (element) => (inside ? element.dataset.key.toLowerCase() : keyFor(element.dataset.key));
  const all = [...scope().querySelectorAll("[data-key]")].filter((element) => keyOf(element) === wanted && isShown(element) && !element.disabled);
  return all.findLast((element) => element.closest("#toasts")) ?? all[0]; // Undo takes back the latest
}

function perform(element) {
  if (element.matches("input:not([type=checkbox], [type=radio], [type=submit], [type=button]), textarea, select")) {
    element.focus();
    element.select?.();
  } else element.click();
}

// --- the list cursor ------------------------------------------------------------------------------

const STOPS = "[data-row], [data-stop]"; // rows, and what stands among them: the headings of groups
const rows = () => [...document.querySelectorAll(STOPS)].filter(isShown);
const linkOf = (row) => (row.matches("a[href], button") ? row : (row.querySelector("a[href]") ?? row.querySelector("button") ?? row));

function setCursor(row) {
  for (const other of document.querySelectorAll("[data-cursor]")) if (other !== row) other.removeAttribute("data-cursor");
  row.setAttribute("data-cursor", "");
}

/** Put the cursor on the next row, or the one before. */
export function step(by) {
  const all = rows();
  if (!all.length) return;
  const now = all.indexOf(document.activeElement?.closest(STOPS) ?? document.querySelector("[data-cursor]"));
  const next = now < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, now + by));
  setCursor(all[next]);
  linkOf(all[next]).focus({ preventScroll: true });
  all[next].scrollIntoView({ block: "nearest" });
}

function stepCells(row, by) {
  const cells = [linkOf(row), ...[...row.querySelectorAll("[data-edit]")].filter((cell) => isShown(cell) && cell !== linkOf(row))];
  const now = cells.indexOf(document.activeElement);
  cells[Math.min(cells.length - 1, Math.max(0, now + by))]?.focus();
}

function openCursor(row) {
  if (row) linkOf(row).click();
  return Boolean(row);
}

function listKey(event) {
  if (event.shiftKey) return false; // selecting on the way is another module's
  const row = document.activeElement?.closest("[data-row]");
  const cursor = () => document.querySelector("[data-row][data-cursor]");
  if (isKey(event, "j") || isKey(event, "k")) {
    step(isKey(event, "j") ? 1 : -1);
    return true;
  }
  if (isKey(event, "o")) return openCursor(row ?? cursor());
  if (event.key === "Enter") return document.activeElement === document.body && openCursor(cursor()); // a focused link opens by itself
  if (!row || !["ArrowRight", "ArrowLeft"].includes(event.key)) return false;
  stepCells(row, event.key === "ArrowRight" ? 1 : -1);
  return true;
}

// --- help -----------------------------------------------------------------------------------------

/** A key as people read it. */
export function keyName(key) {
  return NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key);
}

/** What an act or a link is called, without the hint of its key. */
export function labelOf(element) {
  const label = element.dataset.keyLabel ?? element.getAttribute("aria-label");
  if (label) return label;
  const copy = element.cloneNode(true);
  for (const part of copy.querySelectorAll(".key, svg")) part.remove();
  return copy.textContent.trim();
}

const MORE = { j: "Next row", k: "Previous row", o: "Open the row", e: "Edit the cell: Enter saves, Esc leaves" };

/** What this screen has keys for: the key that is drawn, and what it does. */
function actsHere(dialog) {
  const acts = new Map();
  for (const element of document.querySelectorAll("[data-key]"))
    if (!acts.has(element.dataset.key.toLowerCase()) && !dialog.contains(element) && isShown(element)) acts.set(element.dataset.key.toLowerCase(), labelOf(element));
  if (document.querySelector("[data-row]")) for (const key of ["j", "k", "o"]) if (!acts.has(key)) acts.set(key, MORE[key]);
  if (document.querySelector("[data-edit]") && !acts.has("e")) acts.set("e", MORE.e);
  return acts;
}

function fillHelp(dialog) {
  const lines = [...actsHere(dialog)].map(([act, label]) => helpLine(label, keyFor(act), /^[a-z./ +-]$/.test(act) ? act : null));
  if (document.getElementById("palette")) lines.push(helpLine("Search or jump to anything", "Ctrl K"));
  lines.push(helpLine("This help", "?"));
  dialog.querySelector("[data-keys-list]").replaceChildren(...lines);
  dialog.querySelector("[data-keys-toggle]").setAttribute("aria-pressed", String(areOff()));
  dialog.querySelector("[data-keys-reset]").hidden = !Object.keys(changedKeys()).length;
}

function helpLine(label, key, act = null) {
  const line = document.createElement("div");
  const term = document.createElement("dt");
  term.textContent = label;
  const detail = document.createElement("dd");
  const hint = document.createElement("kbd");
  hint.className = "key";
  hint.textContent = keyName(key);
  detail.append(hint);
  if (act !== null) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn-link";
    button.dataset.keysChange = act;
    button.textContent = "Change";
    button.setAttribute("aria-label", `Change the key of: ${label}`);
    detail.append(button);
  }
  line.append(term, detail);
  return line;
}

function say(dialog, words) {
  dialog.querySelector("[data-keys-said]").textContent = words;
}

let waiting = null; // the act whose new key is pressed next

async function keepKey(dialog, form) {
  const [organization] = location.pathname.split("/").filter(Boolean);
  const headers = JSON.parse(document.body.getAttribute("hx-headers"));
  try {
    const answer = await fetch(`/${organization}/settings/keys/`, { method: "POST", headers, body: new URLSearchParams(form) });
    const { keys, message } = await answer.json();
    if (keys) setChangedKeys(keys);
    say(dialog, message ?? (form.reset ? "All keys are as they were." : `${keyName(form.key)} it is.`));
  } catch {
    say(dialog, "That could not be kept. Try again when the connection is back.");
  }
  fillHelp(dialog);
  showHints();
  dialog.querySelector(`[data-keys-change="${CSS.escape(form.act ?? "")}"]`)?.focus();
}

function takeKey(event, dialog) {
  if (waiting === null || ["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
  event.preventDefault();
  event.stopPropagation();
  const act = waiting;
  waiting = null;
  if (event.key === "Escape" || event.key === "Tab") say(dialog, "");
  else keepKey(dialog, { act, key: event.key });
}

/** Keys that are drawn beside what they do. */
function showHints(root = document) {
  if (!Object.keys(changedKeys()).length && root !== document) return;
  for (const element of root.querySelectorAll("[data-key]")) {
    const hint = element.querySelector(":scope > .key");
    if (hint && element.dataset.key.length === 1 && !element.closest("dialog")) hint.textContent = keyName(keyFor(element.dataset.key));
  }
}

function toggleKeys(button) {
  const off = !areOff();
  if (off) root.dataset.keys = "off";
  else delete root.dataset.keys;
  keepValue("keys", off ? "off" : null);
  button.setAttribute("aria-pressed", String(off));
}

/** Escape empties the words of a filter; from an empty one, and from a menu, it leads back to the list. */
function leaveFilters() {
  const field = document.activeElement;
  if (!field?.closest(".filters[role=search]") || (field.type === "search" && field.value)) return false;
  field.blur();
  return true;
}

export function startKeys() {
  const help = document.getElementById("keyboard-help");
  document.addEventListener("click", (event) => {
    if (help && event.target.closest?.('[data-dialog-open="keyboard-help"]')) fillHelp(help);
    const change = event.target.closest?.("[data-keys-change]");
    if (change) {
      waiting = change.dataset.keysChange;
      say(help, "Press the new key, or Escape.");
    }
    if (event.target.closest?.("[data-keys-reset]")) keepKey(help, { reset: "yes" });
    const toggle = event.target.closest?.("[data-keys-toggle]");
    if (toggle) toggleKeys(toggle);
  });
  help?.addEventListener("keydown", (event) => takeKey(event, help));
  help?.addEventListener("close", () => {
    waiting = null;
    say(help, "");
  });
  showHints();
  document.addEventListener("htmx:load", (event) => showHints(event.detail.elt));
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest?.(STOPS);
    if (row) setCursor(row);
  });
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (event.key === "Escape" && leaveFilters()) return;
    if (event.ctrlKey || event.metaKey || event.altKey || areOff() || isTyping()) return;
    if (document.activeElement?.closest(":popover-open")) return; // the menu has its own keys
    if (event.key === "?" && help && scope() === document) {
      event.preventDefault();
      fillHelp(help);
      help.showModal();
      return;
    }
    const act = actOf(event.key);
    if (act) {
      // Enter and Space belong to a focused button or link
      if ((event.key === "Enter" || event.key === " ") && document.activeElement?.matches("a[href], button, summary")) return;
      event.preventDefault();
      if (!event.repeat) perform(act);
    } else if (scope() === document && listKey(event)) event.preventDefault();
  });
}
