// `<form data-fit="to">`: only the fields of the choice made in `to` show. Without script all of them do, and those of another choice do not count.
function fit(form) {
  const chosen = form.querySelector(`input[name=${form.dataset.fit}]:checked`)?.value ?? "";
  for (const field of form.querySelectorAll("[data-for]")) field.hidden = !field.dataset.for.split(" ").includes(chosen);
}

const formsIn = (root) => [...(root.matches?.("[data-fit]") ? [root] : []), ...(root.querySelectorAll?.("[data-fit]") ?? [])];

export function startFits() {
  document.addEventListener("htmx:load", (event) => {
    for (const form of formsIn(event.detail.elt)) {
      fit(form);
      // a key asked for this choice: its value is what comes next
      if (form.hasAttribute("data-fit-focus")) form.querySelector("[data-for]:not([hidden]) :is(input, select)")?.focus();
    }
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest?.("[data-fit]");
    if (form) fit(form);
  });
  formsIn(document).forEach(fit);
}
