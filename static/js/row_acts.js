// Acts on the row under the cursor: a button of the page names the act, the row's `data-edit-url` says on what.
export function startRowActs() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-row-act]");
    if (!button) return;
    const row = document.activeElement?.closest("[data-row]") ?? document.querySelector("[data-row][data-cursor]");
    const link = row?.querySelector("a[href]");
    if (!link) return;
    const path = new URL(`${button.dataset.rowAct}/`, link.href).pathname;
    htmx.ajax("GET", path, { source: row, target: "#dialogs", swap: "innerHTML" });
  });
}
