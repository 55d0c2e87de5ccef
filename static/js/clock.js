// Time left until a moment that the server named. The page's `data-now` corrects a clock that goes wrong here.
function leftOf(element) {
  const drift = Number(element.dataset.drift);
  return Math.max(0, Math.round((Date.parse(element.dataset.deadline) - Date.now() - drift) / 1000));
}

function tick() {
  for (const element of document.querySelectorAll("[data-deadline]")) {
    if (!element.dataset.drift) element.dataset.drift = element.dataset.now ? String(Date.parse(element.dataset.now) - Date.now()) : "0";
    const left = leftOf(element);
    const text = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (element.textContent !== text) element.textContent = text;
    element.classList.toggle("is-look", left === 0);
  }
}

export function startClocks() {
  tick();
  setInterval(tick, 500);
  document.addEventListener("htmx:afterSettle", tick);
}
