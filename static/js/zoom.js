// A drawing that is larger than its frame: buttons, their keys, Ctrl with the wheel and two fingers change its size; the frame itself scrolls, by
// arrows and by one finger. The size lives in the svg's width and height, so its text stays sharp.
const LEAST = 0.25;
const MOST = 3;
const STEP = 1.25;

function sizes(svg) {
  const box = svg.viewBox.baseVal;
  return { width: box.width, height: box.height, scale: svg.width.baseVal.value / box.width };
}

function resize(group, svg, wanted, at) {
  const region = svg.closest("[data-zoom-region]");
  const { width, height, scale } = sizes(svg);
  const next = Math.min(MOST, Math.max(LEAST, wanted));
  // What is under the fingers, or in the middle, stays there.
  const frame = region.getBoundingClientRect();
  const x = at ? at.x - frame.left : region.clientWidth / 2;
  const y = at ? at.y - frame.top : region.clientHeight / 2;
  const left = ((region.scrollLeft + x) / scale) * next - x;
  const top = ((region.scrollTop + y) / scale) * next - y;
  svg.setAttribute("width", String(width * next));
  svg.setAttribute("height", String(height * next));
  region.scrollTo(left, top);
  group.querySelector("[data-zoom-now]").textContent = `${Math.round(next * 100)} %`;
}

function fit(svg) {
  const region = svg.closest("[data-zoom-region]");
  const { width, height } = sizes(svg);
  return Math.min(1, region.clientWidth / width, (window.innerHeight * 0.7) / height);
}

function groupOf(svg) {
  return document.querySelector(`[data-zoom-for="${svg.id}"]`);
}

function spread(touches) {
  const [a, b] = touches;
  return { far: Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY), x: (a.clientX + b.clientX) / 2, y: (a.clientY + b.clientY) / 2 };
}

function startRegion(region) {
  if (region.dataset.zoomRegion) return;
  region.dataset.zoomRegion = "on";
  const svg = region.querySelector("svg");
  const group = groupOf(svg);
  group.hidden = false;
  const first = svg.querySelector("[data-walk-first]")?.getBoundingClientRect(); // what it is drawn around stands in the middle
  if (first) {
    const frame = region.getBoundingClientRect();
    region.scrollTo(first.x + first.width / 2 - frame.x - frame.width / 2, first.y + first.height / 2 - frame.y - frame.height / 2);
  }
  let pinch = null;
  region.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    resize(group, svg, sizes(svg).scale * Math.exp(-event.deltaY / 300), { x: event.clientX, y: event.clientY });
  }, { passive: false });
  region.addEventListener("touchstart", (event) => {
    pinch = event.touches.length === 2 ? { ...spread(event.touches), scale: sizes(svg).scale } : null;
  }, { passive: true });
  region.addEventListener("touchmove", (event) => {
    if (!pinch || event.touches.length !== 2) return;
    event.preventDefault();
    const now = spread(event.touches);
    resize(group, svg, pinch.scale * (now.far / pinch.far), now);
  }, { passive: false });
}

export function startZoom() {
  const start = (root) => root.querySelectorAll?.("[data-zoom-region]").forEach(startRegion);
  start(document);
  document.addEventListener("htmx:load", (event) => start(event.detail.elt));
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-zoom]");
    if (!button) return;
    const group = button.closest("[data-zoom-for]");
    const svg = document.getElementById(group.dataset.zoomFor);
    const { scale } = sizes(svg);
    resize(group, svg, { in: scale * STEP, out: scale / STEP, fit: fit(svg) }[button.dataset.zoom]);
  });
}
