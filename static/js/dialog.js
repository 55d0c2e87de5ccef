// Native dialogs: opened by a button, or by themselves where an answer brought them.
function openFresh(root) {
  for (const dialog of root.querySelectorAll?.("dialog[data-open-now]:not([open])") ?? []) dialog.showModal();
  if (root.matches?.("dialog[data-open-now]:not([open])")) root.showModal();
}

export function startDialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest?.("[data-dialog-open]");
    if (opener) {
      opener.closest("[popover]")?.hidePopover();
      document.getElementById(opener.dataset.dialogOpen)?.showModal();
      return;
    }
    const closer = event.target.closest?.("[data-dialog-close]");
    if (closer) closer.closest("dialog")?.close();
    // a press on the ground behind the dialog
    if (event.target instanceof HTMLDialogElement && event.detail && !event.target.querySelector("form")) event.target.close();
  });
  // Its answer goes elsewhere: closed before that comes, so that focus is back on what opened it and finds it again in the fresh piece of page.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (event.target.matches?.("form[data-closes]")) event.target.closest("dialog")?.close();
  });
  // What asks for a dialog may stand in a region that replaces itself, whose way to swap it inherits: the place of dialogs stays.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id === "dialogs") event.detail.swapOverride = "innerHTML";
  });
  document.addEventListener("htmx:load", (event) => openFresh(event.detail.elt));
  document.addEventListener("close", (event) => {
    const dialog = event.target;
    if (dialog instanceof HTMLDialogElement && dialog.matches("#dialogs dialog")) dialog.remove();
  }, true);
}
