// Rows of one item in their order: drag one, or Alt with an arrow while something in it has the focus. Their buttons do the same.
const rowOf = (element) => element?.closest?.("[data-reorder] > [data-move-url]") ?? null;
const rowsOf = (row) => [...row.parentElement.querySelectorAll(":scope > [data-move-url]")];

function move(row, to) {
  htmx.ajax("POST", row.dataset.moveUrl, { source: row, target: "#item", swap: "outerHTML", values: { to } });
}

/** The row under the pointer, in the list of `dragged`, and whether the pointer is in its lower half. */
function under(event, dragged) {
  const row = rowOf(event.target);
  if (!row || row.parentElement !== dragged?.parentElement) return [null, false];
  const box = row.getBoundingClientRect();
  return [row, event.clientY > box.top + box.height / 2];
}

export function startReorder() {
  let dragged = null;
  const unmark = () => document.querySelectorAll("[data-reorder] [data-drop]").forEach((row) => row.removeAttribute("data-drop"));

  document.addEventListener("pointerdown", (event) => {
    const row = event.pointerType === "mouse" && rowOf(event.target);
    // by its number alone, so that words can be selected
    if (row && event.target.closest(".num, .grip")) row.draggable = true;
  });
  document.addEventListener("dragstart", (event) => {
    dragged = rowOf(event.target);
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
  });
  document.addEventListener("dragover", (event) => {
    const [row, isLower] = under(event, dragged);
    if (!row) return;
    event.preventDefault();
    unmark();
    if (row !== dragged) row.dataset.drop = isLower ? "below" : "above";
  });
  document.addEventListener("drop", (event) => {
    const [row, isLower] = under(event, dragged);
    if (!row) return;
    event.preventDefault();
    const all = rowsOf(row);
    const from = all.indexOf(dragged);
    const before = all.indexOf(row) + (isLower ? 1 : 0);
    const to = before > from ? before - 1 : before;
    if (to !== from) move(dragged, to);
  });
  document.addEventListener("dragend", () => {
    unmark();
    dragged?.removeAttribute("draggable");
    dragged = null;
  });
  document.addEventListener("keydown", (event) => {
    const row = event.altKey && !event.ctrlKey && !event.metaKey && !event.defaultPrevented ? rowOf(document.activeElement) : null;
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!row || !by || document.activeElement.matches("input, select, textarea")) return;
    event.preventDefault();
    const all = rowsOf(row);
    const to = all.indexOf(row) + by;
    if (to >= 0 && to < all.length) move(row, to);
  });
}
