// The theme, chosen in the account menu. theme.js applies it on the next page before it paints.
import { keepValue } from "./store.js";

const root = document.documentElement;

function showChoices() {
  const theme = root.dataset.theme ?? "system";
  for (const button of document.querySelectorAll("[data-theme-choice]"))
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme));
}

function choose(theme) {
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  keepValue("theme", theme === "system" ? null : theme);
  showChoices();
}

export function startAppearance() {
  for (const element of document.querySelectorAll("[data-needs-js]")) element.hidden = false;
  showChoices();
  document.addEventListener("click", (event) => {
    const theme = event.target.closest("[data-theme-choice]");
    if (theme) choose(theme.dataset.themeChoice);
  });
}
