// A cell that becomes its form: click, Enter or E loads it by HTMX, Escape brings back what stood there, Enter saves. In a column of numbers
// Enter goes on to the same cell of the next row, and keys pressed before its form is there wait for it: it is filled as fast as one types.
// What was sent shows at once; where the server refuses or is away, its form stands there again with what was typed, what still holds, and why.
import { isKey } from "./key_map.js";
import { isTyping } from "./typing.js";

const originals = new WeakMap(); // cell: its markup before the form came
let coming = null; // the cell whose form is on its way by Enter
let ahead = ""; // what was typed for it meanwhile, with a line end for Enter

/** The address of a cell's form: its own hx-get, or the row's `data-edit-url` with the field's name. */
function load(cell) {
  if (cell.querySelector("form")) return;
  originals.set(cell, cell.innerHTML);
  cell.dataset.busy = ""; // a fresh list would take the place that the form is on its way to
  if (cell.hasAttribute("hx-get")) {
    htmx.trigger(cell, "edit");
    return;
  }
  const base = cell.closest("[data-edit-url]")?.dataset.editUrl;
  if (!base) return delete cell.dataset.busy;
  const url = new URL(base, location.href);
  url.searchParams.set("field", cell.dataset.edit);
  htmx.ajax("GET", url.pathname + url.search, { source: cell, target: cell, swap: "innerHTML" });
}

/** The same cell of the next row, below a cell of a list. */
function cellBelow(cell) {
  const row = cell.closest("li[data-row]");
  const all = row ? [...row.parentElement.querySelectorAll("li[data-row]")] : [];
  return all[all.indexOf(row) + 1]?.querySelector(`[data-edit="${cell.dataset.edit}"]`) ?? null;
}

function goOn(cell) {
  coming = cellBelow(cell);
  if (!coming) {
    ahead = "";
    return;
  }
  coming.dataset.busy = ""; // no fresh list comes in between
  load(coming);
}

/** Keys that belong to a form which is not there yet. */
function typeAhead(event) {
  if (!coming || event.ctrlKey || event.metaKey || event.altKey) return false;
  if (event.key === "Escape") {
    delete coming.dataset.busy;
    coming = null;
    ahead = "";
    return false;
  }
  if (event.key.length === 1) ahead += event.key;
  else if (event.key === "Enter") ahead += "\n";
  else return false;
  event.preventDefault();
  event.stopImmediatePropagation();
  return true;
}

/** The form has come: what was typed for it goes in, and an Enter among it saves at once. */
function catchUp(cell, field) {
  if (cell !== coming) return;
  delete cell.dataset.busy;
  coming = null;
  const end = ahead.indexOf("\n");
  const typed = end < 0 ? ahead : ahead.slice(0, end);
  const rest = end < 0 ? "" : ahead.slice(end + 1);
  ahead = "";
  if (typed) {
    field.value = typed;
    field.setSelectionRange?.(typed.length, typed.length);
  }
  if (end < 0) return;
  ahead = rest;
  htmx.process(field.form); // it is settled a little later, and would be sent as a plain form now
  field.form.requestSubmit();
  goOn(cell);
}

function restore(cell) {
  const before = originals.get(cell);
  if (before === undefined) return;
  originals.delete(cell);
  delete cell.dataset.busy;
  cell.innerHTML = before; // the server's own markup, as it stood here
  htmx.process(cell);
  cell.focus();
  document.dispatchEvent(new CustomEvent("winnow:idle"));
}

// --- what was sent shows at once -------------------------------------------------------------------

const cellOf = (form) => form?.closest?.(".ledger-row [data-edit]");

function typedWords(form) {
  const field = form.querySelector("input:not([type=hidden]), select");
  return field?.matches("select") ? field.selectedOptions[0]?.textContent : field?.value;
}

function showSent(form) {
  const cell = cellOf(form);
  if (!cell || cell.querySelector(":scope > .sent")) return;
  for (const reason of form.querySelectorAll(".not-saved")) reason.remove();
  const sent = document.createElement("span");
  sent.className = "sent clip";
  const was = document.createElement("template");
  was.innerHTML = originals.get(cell) ?? "";
  const link = was.content.querySelector("a[href]");
  (link ?? sent).textContent = typedWords(form) || "—";
  if (link) sent.append(link); // keys act on the row by it
  cell.prepend(sent);
  cell.classList.add("is-sent");
  if (!form.contains(document.activeElement)) return;
  if (!link) cell.tabIndex = -1;
  (link ?? cell).focus({ preventScroll: true }); // the next key is for the row
}

/** The answer is there, or none came: then the old value holds, and the form says so. */
function settleSent(form, reason) {
  const cell = cellOf(form);
  if (!cell) return;
  cell.querySelector(":scope > .sent")?.remove();
  cell.classList.remove("is-sent");
  delete cell.dataset.busy;
  if (!reason) return;
  cell.dataset.busy = ""; // no fresh list takes what was typed
  const was = document.createElement("template");
  was.innerHTML = originals.get(cell) ?? "";
  const line = document.createElement("span");
  line.className = "edit-error not-saved";
  line.setAttribute("role", "alert");
  line.textContent = `${reason} It is still “${was.content.textContent.trim()}”; Enter tries again, Escape leaves it.`;
  form.append(line);
  if (cell.contains(document.activeElement) || document.activeElement === document.body) form.querySelector("input:not([type=hidden]), select")?.focus();
}

function whyNot(status) {
  if (!status) return "Not saved: no connection.";
  return status === 503 ? "Not saved: saving is paused." : status === 403 ? "Not saved: your role does not allow it." : "Not saved: something went wrong.";
}

function startSent() {
  const isOurs = ({ requestConfig, elt }) => requestConfig?.verb === "post" && cellOf(elt);
  document.addEventListener("htmx:beforeSend", (event) => isOurs(event.detail) && showSent(event.detail.elt));
  document.addEventListener("htmx:beforeOnLoad", (event) => isOurs(event.detail) && settleSent(event.detail.elt, ""));
  document.addEventListener("htmx:responseError", (event) => isOurs(event.detail) && settleSent(event.detail.elt, whyNot(event.detail.xhr.status)));
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:sendAbort"])
    document.addEventListener(name, (event) => isOurs(event.detail) && settleSent(event.detail.elt, whyNot(0)));
}

function cellToEdit() {
  const focus = document.activeElement;
  if (focus?.matches("[data-edit]")) return focus;
  const row = focus?.closest("[data-row]") ?? document.querySelector("[data-row][data-cursor]");
  return row?.querySelector("[data-edit]") ?? null;
}

export function startInlineEdit() {
  startSent();
  document.addEventListener("keydown", typeAhead, true);
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
    } else if (form && event.key === "Enter" && event.target.matches("input[inputmode=decimal]") && cellBelow(form.closest("[data-edit]"))) {
      event.preventDefault();
      if (!event.repeat && form.reportValidity()) {
        form.requestSubmit();
        goOn(form.closest("[data-edit]"));
      }
    } else if (form && event.key === "Enter" && (event.target.matches("select") || (event.target.matches("textarea") && (event.ctrlKey || event.metaKey)))) {
      event.preventDefault();
      form.requestSubmit();
    } else if (!form && !isTyping() && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const onCell = event.target.matches?.("[data-edit]");
      const isEdit = isKey(event, "e") && document.documentElement.dataset.keys !== "off" && !document.querySelector("dialog[open]");
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
      if (!changed && !cell.classList.contains("is-sent") && form.dataset.sending === undefined && !form.querySelector("[aria-invalid=true]")) {
        const before = originals.get(cell);
        if (before === undefined) return;
        originals.delete(cell);
        cell.innerHTML = before;
        htmx.process(cell);
        document.dispatchEvent(new CustomEvent("winnow:idle"));
      }
    });
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { requestConfig, target, successful } = event.detail;
    if (successful || requestConfig?.verb !== "get" || !target?.matches?.("[data-edit]")) return;
    delete target.dataset.busy;
    document.dispatchEvent(new CustomEvent("winnow:idle"));
  });
  // HTMX brought the form: the first field is ready to be typed over.
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== coming) delete event.detail.target.dataset?.busy;
    const field = event.detail.target.matches?.("[data-edit]") && event.detail.target.querySelector("form input:not([type=hidden]), form select, form textarea");
    if (!field) {
      // saved: the cell shows the server's answer and keeps the focus
      if (event.detail.target.matches?.("[data-edit]")) {
        originals.delete(event.detail.target);
        if (!coming && !document.activeElement?.closest("[data-edit] form")) event.detail.target.focus({ preventScroll: true });
      }
      return;
    }
    const elsewhere = document.activeElement?.closest("[data-edit] form");
    if (event.detail.target !== coming && elsewhere && elsewhere !== field.form) return; // a refusal above the cell that is being filled: it waits, and is read out
    field.focus();
    field.select?.();
    catchUp(event.detail.target, field);
  });
}
