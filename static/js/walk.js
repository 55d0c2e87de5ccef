// One stop of Tab for many: the cells of a grid, the boxes of a drawing. Arrows walk to the nearest in their direction, Home and End to the ends of
// what stands in one line, with Ctrl to the first and the last of all.
const ASIDE = 3; // what lies beside the direction counts as so much further
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The stops of a region; in a cell with a link it is the link that takes the focus. */
const stopsOf = (region) => [...region.querySelectorAll("[data-stop-here]")].map((stop) => (stop.matches("td") && stop.querySelector("a[href]")) || stop);

function setStop(region, stop) {
  for (const other of stopsOf(region)) other.setAttribute("tabindex", other === stop ? "0" : "-1");
}

function middleOf(stop) {
  const box = stop.getBoundingClientRect();
  return { x: box.left + box.width / 2, y: box.top + box.height / 2, half: box.height / 2 };
}

function nearest(stops, from, [dx, dy]) {
  const here = middleOf(from);
  let best = null;
  let least = Infinity;
  for (const stop of stops) {
    const { x, y } = middleOf(stop);
    const ahead = (x - here.x) * dx + (y - here.y) * dy;
    const aside = Math.abs((x - here.x) * dy) + Math.abs((y - here.y) * dx);
    if (ahead > 1 && ahead + ASIDE * aside < least) [best, least] = [stop, ahead + ASIDE * aside];
  }
  return best;
}

function end(stops, from, isFirst, isOfAll) {
  const here = middleOf(from);
  const line = isOfAll ? stops : stops.filter((stop) => Math.abs(middleOf(stop).y - here.y) < here.half).sort((a, b) => middleOf(a).x - middleOf(b).x);
  return line.at(isFirst ? 0 : -1);
}

export function startWalks() {
  const start = (root) => {
    for (const region of root.querySelectorAll?.("[data-walk]") ?? []) {
      const stops = stopsOf(region);
      setStop(region, stops.find((stop) => stop === document.activeElement) ?? stops.find((stop) => stop.closest("[data-walk-first]")) ?? stops[0]);
    }
  };
  start(document);
  document.addEventListener("htmx:load", (event) => start(event.detail.elt.parentElement ?? event.detail.elt));
  document.addEventListener("focusin", (event) => {
    const region = event.target.closest?.("[data-walk]");
    if (region && stopsOf(region).includes(event.target)) setStop(region, event.target);
  });
  document.addEventListener("keydown", (event) => {
    const from = document.activeElement;
    const region = from?.closest?.("[data-walk]");
    const isEnd = event.key === "Home" || event.key === "End";
    if (!region || !(WAYS[event.key] || isEnd) || event.altKey || event.metaKey || event.shiftKey || (event.ctrlKey && !isEnd)) return;
    const stops = stopsOf(region);
    if (!stops.includes(from)) return;
    event.preventDefault();
    const to = isEnd ? end(stops, from, event.key === "Home", event.ctrlKey) : nearest(stops, from, WAYS[event.key]);
    to?.focus();
    to?.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
}
