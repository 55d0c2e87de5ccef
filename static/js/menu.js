// Popover menus: placed beside their button, arrow keys inside. Opening and closing is the browser's.
const GAP = 4;
const EDGE = 8;

function place(menu, button) {
  const box = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = innerHeight - box.bottom - GAP - EDGE;
  const top = below >= height || below >= box.top ? box.bottom + GAP : box.top - GAP - height;
  const left = box.left + width <= innerWidth - EDGE ? box.left : box.right - width;
  menu.style.inset = "auto";
  menu.style.top = `${Math.max(EDGE, Math.min(top, innerHeight - height - EDGE))}px`;
  menu.style.left = `${Math.max(EDGE, Math.min(left, innerWidth - width - EDGE))}px`;
}

const entries = (menu) => [...menu.querySelectorAll("a[href], button:not(:disabled)")].filter((entry) => entry.checkVisibility?.() ?? true);

function focusFirst(menu) {
  // The browser tells of the opening a moment later: by then a quick reader may have moved on inside.
  if (menu.contains(document.activeElement)) return;
  (menu.querySelector("[autofocus], [aria-current]") ?? entries(menu)[0])?.focus();
}

export function startMenus() {
  document.addEventListener("toggle", (event) => {
    const menu = event.target;
    if (!(menu instanceof Element) || !menu.matches(".menu[popover]")) return;
    const button = document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`);
    button?.setAttribute("aria-expanded", String(event.newState === "open"));
    if (event.newState !== "open") return;
    if (button) place(menu, button);
    focusFirst(menu);
  }, true);
  // A menu whose entries come once it opens.
  document.addEventListener("htmx:afterSettle", (event) => {
    const menu = event.detail.target?.closest?.(".menu:popover-open");
    if (!menu) return;
    const button = document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`);
    if (button) place(menu, button);
    focusFirst(menu);
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.(".menu:popover-open");
    if (!menu || event.target.matches("input, textarea, select")) return;
    const all = entries(menu);
    const now = all.indexOf(document.activeElement);
    const next = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: all.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    all[(next + all.length) % all.length]?.focus();
  });
  addEventListener("resize", () => document.querySelectorAll(".menu:popover-open").forEach((menu) => menu.hidePopover()));
}
