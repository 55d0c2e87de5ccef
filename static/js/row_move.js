// Moving a row: drag it, or Alt with an arrow. Each opens the move's own form with its proposal. Dragging one of several that are selected moves
// them all, by the form that moves what is selected.
import { countMovedWith, isChosen, moveChosen } from "./selection.js";

const list = () => document.querySelector("[data-moves]");
const rowsOf = (element) => [...element.querySelectorAll("li[data-row]")];

function ask(row, to, other, from) {
  const link = row.querySelector("a[href]");
  if (!link || !other) return;
  const key = (element) => element.id.replace(/^item-/, "");
  const query = new URLSearchParams({ to, other: key(other), from });
  htmx.ajax("GET", `${new URL("move/", link.href).pathname}?${query}`, { source: row, target: "#dialogs", swap: "innerHTML" });
}

/** A dragged selection goes above the next row that is not of it; at the end of the list below the last such. */
function askForAll(row, isLower) {
  const all = rowsOf(list());
  const from = all.indexOf(row) + (isLower ? 1 : 0);
  const next = all.slice(from).find((other) => !isChosen(other));
  const other = next ?? all.slice(0, from).findLast((before) => !isChosen(before));
  if (other) moveChosen({ to: next ? "above" : "below", other: other.id.replace(/^item-/, ""), from: "drag" });
}

/** What the pointer carries: how many. The browser draws it as it is when the drag starts. */
function showCount(event, count) {
  const image = document.createElement("div");
  image.className = "drag-count";
  image.textContent = `${count} items`;
  document.body.append(image);
  event.dataTransfer.setDragImage(image, -12, 12);
  setTimeout(() => image.remove());
}

function stepRow(by) {
  const row = document.activeElement?.closest("li[data-row]") ?? document.querySelector("li[data-row][data-cursor]");
  if (!row || !list()?.contains(row)) return false;
  const all = rowsOf(list());
  const other = all[all.indexOf(row) + by];
  if (other) ask(row, by < 0 ? "above" : "below", other, "key");
  return true;
}

/** The row that the pointer is over, and whether it is in its lower half. */
function under(event) {
  const row = event.target.closest?.("li[data-row]");
  if (!row) return [null, false];
  const box = row.getBoundingClientRect();
  return [row, event.clientY > box.top + box.height / 2];
}

export function startRowMoves() {
  let dragged = null;
  let count = 1; // rows that move along with it, and itself
  const moves = (row) => row === dragged || (count > 1 && isChosen(row));
  const unmark = () => document.querySelectorAll("[data-drop]").forEach((row) => row.removeAttribute("data-drop"));

  document.addEventListener("pointerdown", (event) => {
    const row = event.pointerType === "mouse" && event.target.closest?.("[data-moves] li[data-row]");
    if (row && !event.target.closest("input, select, textarea, form")) row.draggable = true;
  });
  document.addEventListener("dragstart", (event) => {
    const row = event.target.closest?.("[data-moves] li[data-row]");
    if (!row) return;
    dragged = row;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", row.id);
    count = countMovedWith(row);
    if (count > 1) showCount(event, count);
    else event.dataTransfer.setDragImage(row, 16, 16);
    list().classList.toggle("is-dragging-all", count > 1);
  });
  document.addEventListener("dragover", (event) => {
    const [row, isLower] = under(event);
    if (!dragged || !row || moves(row) || !list()?.contains(row)) return;
    event.preventDefault();
    unmark();
    row.dataset.drop = isLower ? "below" : "above";
  });
  document.addEventListener("drop", (event) => {
    const [row, isLower] = under(event);
    if (!dragged || !row || !list()?.contains(row)) return;
    event.preventDefault();
    if (count > 1) return askForAll(row, isLower);
    const all = rowsOf(list());
    const next = isLower ? all[all.indexOf(row) + 1] : row;
    if (row !== dragged && next !== dragged) ask(dragged, next ? "above" : "below", next ?? row, "drag"); // kept above is what a drag proposes
  });
  document.addEventListener("dragend", () => {
    unmark();
    dragged?.removeAttribute("draggable");
    list()?.classList.remove("is-dragging-all");
    dragged = null;
  });
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (document.activeElement?.matches("input, select, textarea") || document.documentElement.dataset.keys === "off") return;
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (by && stepRow(by)) event.preventDefault();
  });
}
