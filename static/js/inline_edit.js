// A cell that becomes its form: click, Enter or E loads it by HTMX, Escape brings back what stood there, Enter saves.
import { isTyping } from "./typing.js";

const originals = new WeakMap(); // cell: its markup before the form came

/** The address of a cell's form: its own hx-get, or the row's `data-edit-url` with the field's name. */
function load(cell) {
  if (cell.querySelector("form")) return;
  originals.set(cell, cell.innerHTML);
  if (cell.hasAttribute("hx-get")) {
    htmx.trigger(cell, "edit");
    return;
  }
  const base = cell.closest("[data-edit-url]")?.dataset.editUrl;
  if (!base) return;
  const url = new URL(base, location.href);
  url.searchParams.set("field", cell.dataset.edit);
  htmx.ajax("GET", url.pathname + url.search, { source: cell, target: cell, swap: "innerHTML" });
}

function restore(cell) {
  const before = originals.get(cell);
  if (before === undefined) return;
  originals.delete(cell);
  cell.innerHTML = before; // the server's own markup, as it stood here
  htmx.process(cell);
  cell.focus();
  document.dispatchEvent(new CustomEvent("winnow:idle"));
}

function cellToEdit() {
  const focus = document.activeElement;
  if (focus?.matches("[data-edit]")) return focus;
  const row = focus?.closest("[data-row]") ?? document.querySelector("[data-row][data-cursor]");
  return row?.querySelector("[data-edit]") ?? null;
}

export function startInlineEdit() {
  document.addEventListener("click", (event) => {
    const cell = event.target.closest?.("[data-edit]");
    if (cell && !event.target.closest("a, button, input, select, textarea, form")) load(cell);
  });
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    const form = event.target.closest?.("[data-edit] form");
    if (form && event.key === "Escape") {
      event.preventDefault();
      restore(form.closest("[data-edit]"));
    } else if (form && event.key === "Enter" && (event.target.matches("select") || (event.target.matches("textarea") && (event.ctrlKey || event.metaKey)))) {
      event.preventDefault();
      form.requestSubmit();
    } else if (!form && !isTyping() && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const onCell = event.target.matches?.("[data-edit]");
      const isEdit = event.key.toLowerCase() === "e" && document.documentElement.dataset.keys !== "off" && !document.querySelector("dialog[open]");
      const cell = onCell && event.key === "Enter" ? event.target : isEdit ? cellToEdit() : null;
      if (!cell) return;
      event.preventDefault();
      load(cell);
    }
  });
  // A form that was left as it was found closes; one with changes stays, nothing typed is lost.
  document.addEventListener("focusout", (event) => {
    const form = event.target.closest?.("[data-edit] form");
    if (!form) return;
    setTimeout(() => {
      const cell = form.closest("[data-edit]");
      if (!cell || !form.isConnected || form.contains(document.activeElement) || !document.hasFocus()) return;
      const changed = [...form.elements].some((field) => ("defaultValue" in field && field.type !== "hidden" && field.value !== field.defaultValue) || [...(field.options ?? [])].some((option) => option.selected !== option.defaultSelected));
      if (!changed && form.dataset.sending === undefined && !form.querySelector("[aria-invalid=true]")) {
        const before = originals.get(cell);
        if (before === undefined) return;
        originals.delete(cell);
        cell.innerHTML = before;
        htmx.process(cell);
        document.dispatchEvent(new CustomEvent("winnow:idle"));
      }
    });
  });
  // HTMX brought the form: the first field is ready to be typed over.
  document.addEventListener("htmx:afterSwap", (event) => {
    const field = event.detail.target.matches?.("[data-edit]") && event.detail.target.querySelector("form input:not([type=hidden]), form select, form textarea");
    if (!field) {
      // saved: the cell shows the server's answer and keeps the focus
      if (event.detail.target.matches?.("[data-edit]")) {
        originals.delete(event.detail.target);
        event.detail.target.focus({ preventScroll: true });
      }
      return;
    }
    field.focus();
    field.select?.();
  });
}
