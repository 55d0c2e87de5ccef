// Acts on the row under the cursor: a button of the page names the act, the row's link says on what; or it presses a button of the row.
export function startRowActs() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-row-act], [data-row-press]");
    if (!button) return;
    const row = document.activeElement?.closest("[data-row]") ?? document.querySelector("[data-row][data-cursor]");
    if (button.dataset.rowPress) {
      row?.querySelector(button.dataset.rowPress)?.click();
      return;
    }
    const link = row?.querySelector("a[href]");
    if (!link) return;
    const path = new URL(`${button.dataset.rowAct}/`, link.href).pathname;
    htmx.ajax("GET", path, { source: row, target: "#dialogs", swap: "innerHTML" });
  });
}
