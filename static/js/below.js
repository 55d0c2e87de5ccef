// What a row holds, in place: H, or its mark, brings the items below it, or takes them away. A list that updates itself keeps them.
const rowOf = (button) => button.closest("li[data-row]") ?? document.activeElement?.closest("li[data-row]") ?? document.querySelector("li[data-row][data-cursor]");
const underOf = (row) => document.getElementById(row.id.replace(/^item-/, "under-"));
let kept = [];

function mark(row, isOpen) {
  row.querySelector(".below-toggle")?.setAttribute("aria-expanded", String(isOpen));
}

function load(row, swap = "afterend") {
  const under = underOf(row);
  const path = new URL("below/", row.querySelector("a[href]").href).pathname;
  htmx.ajax("GET", path, { source: row, target: under ?? row, swap: under ? "outerHTML" : swap });
  mark(row, true);
}

function toggle(row) {
  const under = underOf(row);
  if (!under) return load(row);
  under.remove();
  mark(row, false);
}

export function startBelow() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-row-below]");
    const row = button && rowOf(button);
    if (row) toggle(row);
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target?.id === "list") kept = [...document.querySelectorAll("#list li.holds")];
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.requestConfig?.target?.id !== "list") return;
    for (const under of kept) {
      const row = document.getElementById(under.id.replace(/^under-/, "item-"));
      if (!row || underOf(row)) continue;
      row.after(under); // what stood there, at once; then what it holds by now
      load(row);
    }
    kept = [];
  });
}
