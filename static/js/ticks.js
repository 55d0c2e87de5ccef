// What is ticked in `form[data-ticks]` outlives a fresh list: what is still there stays ticked, the focus stays on its tick, and the list where
// it was scrolled to. What comes back, by an undo or another filter, is ticked as it was.
const ticked = new Set(); // values
const shown = new WeakMap(); // request: where the reader was before its answer

const formIn = (root) => root.querySelector?.("form[data-ticks]");
const boxesOf = (form) => [...form.querySelectorAll("input[type=checkbox]")];

function count(form) {
  const number = boxesOf(form).filter((box) => box.checked).length;
  const told = form.querySelector("[data-ticked]");
  if (told) told.textContent = number || "";
}

function remember(form) {
  const focus = document.activeElement;
  return { focus: boxesOf(form).includes(focus) ? focus.value : "", top: form.querySelector("ol")?.scrollTop ?? 0 };
}

function restore(form, before) {
  const boxes = boxesOf(form);
  for (const box of boxes) box.checked = ticked.has(box.value);
  count(form);
  if (!before) return;
  const list = form.querySelector("ol");
  if (list) list.scrollTop = before.top;
  if (before.focus) boxes.find((box) => box.value === before.focus)?.focus({ preventScroll: true });
  else form.querySelector(".is-current")?.scrollIntoView({ block: "nearest" });
}

export function startTicks() {
  document.addEventListener("change", (event) => {
    const form = event.target.closest?.("form[data-ticks]");
    if (!form || event.target.type !== "checkbox") return;
    if (event.target.checked) ticked.add(event.target.value);
    else ticked.delete(event.target.value);
    count(form);
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const form = event.detail.shouldSwap && formIn(event.detail.target);
    if (form) shown.set(event.detail.xhr, remember(form));
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const form = formIn(document);
    if (form && shown.has(event.detail.xhr)) restore(form, shown.get(event.detail.xhr));
  });
  document.addEventListener("htmx:load", (event) => {
    const form = formIn(event.detail.elt);
    if (form) restore(form);
  });
}
