// Times of day as the reader's own clock shows them. The server writes UTC, which stands where no script runs.
const SHAPES = {
  moment: { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" },
  clock: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
};
const shapes = new Map();

/** The formatter of a shape, in English as the page is, made once. */
function shapeOf(name, more = {}) {
  const key = JSON.stringify([name, more]);
  if (!shapes.has(key)) shapes.set(key, new Intl.DateTimeFormat("en-GB", { ...SHAPES[name], ...more, hourCycle: "h23" }));
  return shapes.get(key);
}

function localize() {
  for (const element of document.querySelectorAll("time[data-local]")) {
    const at = new Date(element.dateTime);
    const { local } = element.dataset;
    if (Number.isNaN(at.valueOf()) || !SHAPES[local]) continue;
    element.textContent = shapeOf(local).format(at);
    element.title = shapeOf("moment", { timeZoneName: "short" }).format(at);
    delete element.dataset.local;
  }
}

export function startTimes() {
  localize();
  document.addEventListener("htmx:afterSettle", localize);
  document.addEventListener("htmx:oobAfterSwap", localize);
}
