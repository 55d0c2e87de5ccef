// Theme and row height, chosen in the account menu. theme.js applies them on the next page before it paints.
import { keepValue } from "./store.js";

const root = document.documentElement;

function showChoices() {
  const theme = root.dataset.theme ?? "system";
  const density = root.dataset.density ?? "compact";
  for (const button of document.querySelectorAll("[data-theme-choice]"))
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme));
  for (const button of document.querySelectorAll("[data-density-choice]"))
    button.setAttribute("aria-pressed", String(button.dataset.densityChoice === density));
}

function choose(name, value, usual) {
  if (value === usual) delete root.dataset[name];
  else root.dataset[name] = value;
  keepValue(name, value === usual ? null : value);
  showChoices();
}

export function startAppearance() {
  for (const element of document.querySelectorAll("[data-needs-js]")) element.hidden = false;
  showChoices();
  document.addEventListener("click", (event) => {
    const theme = event.target.closest("[data-theme-choice]");
    if (theme) choose("theme", theme.dataset.themeChoice, "system");
    const density = event.target.closest("[data-density-choice]");
    if (density) choose("density", density.dataset.densityChoice, "compact");
  });
}
