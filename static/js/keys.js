// One key an act, J and K through a list, `?` for what a page knows. Nothing while somebody types; can be switched off.
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
  const all = [...scope().querySelectorAll("[data-key]")].filter((element) => element.dataset.key.toLowerCase() === wanted && isShown(element) && !element.disabled);
  return all.findLast((element) => element.closest("#toasts")) ?? all[0]; // Undo takes back the latest
}

function perform(element) {
  if (element.matches("input:not([type=checkbox], [type=radio], [type=submit], [type=button]), textarea, select")) {
    element.focus();
    element.select?.();
  } else element.click();
}

// --- the list cursor ------------------------------------------------------------------------------

const rows = () => [...document.querySelectorAll("[data-row]")].filter(isShown);
const linkOf = (row) => (row.matches("a[href], button") ? row : (row.querySelector("a[href], button") ?? row));

function setCursor(row) {
  for (const other of document.querySelectorAll("[data-row][data-cursor]")) if (other !== row) other.removeAttribute("data-cursor");
  row.setAttribute("data-cursor", "");
}

/** Put the cursor on the next row, or the one before. */
export function step(by) {
  const all = rows();
  if (!all.length) return;
  const now = all.indexOf(document.activeElement?.closest("[data-row]") ?? document.querySelector("[data-row][data-cursor]"));
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

function listKey(event) {
  const row = document.activeElement?.closest("[data-row]");
  switch (event.key) {
    case "j":
      step(1);
      return true;
    case "k":
      step(-1);
      return true;
    case "ArrowRight":
    case "ArrowLeft":
      if (!row) return false;
      stepCells(row, event.key === "ArrowRight" ? 1 : -1);
      return true;
    case "o": {
      const cursor = row ?? document.querySelector("[data-row][data-cursor]");
      if (!cursor) return false;
      linkOf(cursor).click();
      return true;
    }
    case "Enter": {
      const cursor = document.querySelector("[data-row][data-cursor]");
      if (document.activeElement !== document.body || !cursor) return false; // a focused link opens by itself
      linkOf(cursor).click();
      return true;
    }
    default:
      return false;
  }
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

function fillHelp(dialog) {
  const entries = [];
  const seen = new Set();
  for (const element of document.querySelectorAll("[data-key]")) {
    const key = element.dataset.key.toLowerCase();
    if (seen.has(key) || dialog.contains(element) || !isShown(element)) continue;
    seen.add(key);
    entries.push([labelOf(element), [key]]);
  }
  if (document.querySelector("[data-row]")) entries.push(["Next, previous row", ["J", "K"]], ["Open the row", ["O", "Enter"]]);
  if (document.querySelector("[data-edit]")) entries.push(["Edit, save, leave", ["E", "Enter", "Esc"]]);
  if (document.getElementById("palette")) entries.push(["Search or jump to anything", ["Ctrl K"]]);
  entries.push(["This help", ["?"]]);
  dialog.querySelector("[data-keys-list]").replaceChildren(...entries.map(([label, keys]) => helpLine(label, keys)));
  const toggle = dialog.querySelector("[data-keys-toggle]");
  toggle.setAttribute("aria-pressed", String(areOff()));
}

function helpLine(label, keys) {
  const line = document.createElement("div");
  const term = document.createElement("dt");
  term.textContent = label;
  const detail = document.createElement("dd");
  for (const key of keys) {
    const hint = document.createElement("kbd");
    hint.className = "key";
    hint.textContent = keyName(key);
    detail.append(hint);
  }
  line.append(term, detail);
  return line;
}

function toggleKeys(button) {
  const off = !areOff();
  if (off) root.dataset.keys = "off";
  else delete root.dataset.keys;
  keepValue("keys", off ? "off" : null);
  button.setAttribute("aria-pressed", String(off));
}

export function startKeys() {
  const help = document.getElementById("keyboard-help");
  document.addEventListener("click", (event) => {
    if (help && event.target.closest?.('[data-dialog-open="keyboard-help"]')) fillHelp(help);
    const toggle = event.target.closest?.("[data-keys-toggle]");
    if (toggle) toggleKeys(toggle);
  });
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest?.("[data-row]");
    if (row) setCursor(row);
  });
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
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
