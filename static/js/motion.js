// A list that comes back in another order: rows that moved slide once and keep a fading mark. What the reader looks at stays where it is
// on the screen, and which row had the focus stays too.
const SLIDE = 140; // ms
const HEADS = 160; // px: what stands above a list's rows while it is scrolled
const MARK = 6000; // ms, as the animation `fade-mark`
const calm = matchMedia("(prefers-reduced-motion: reduce)");

function rowsOf(region) {
  return region.querySelectorAll("[data-row][id]");
}

/** Remember what `region` looks like before it is replaced. */
export function remember(region) {
  const rows = new Map();
  let place = 0;
  for (const row of rowsOf(region)) rows.set(row.id, { top: row.getBoundingClientRect().top, place: place++ });
  const focus = document.activeElement;
  const row = focus && region.contains(focus) ? focus.closest("[data-row][id]") : null;
  const cell = row && focus.matches("[data-edit]") ? focus.dataset.edit : "";
  const scrolled = [...region.querySelectorAll("[data-scroll][id]")].map((part) => [part.id, part.scrollTop]);
  const cursor = region.querySelector("[data-row][data-cursor][id]")?.id;
  const seen = scrollY > 0 ? [...rows].filter(([, { top }]) => top > HEADS && top < innerHeight).map(([id]) => id) : [];
  if (seen.includes(cursor)) seen.unshift(cursor);
  return { rows, row: row?.id, cell, cursor, scrolled, seen };
}

/** Of the rows that were on the screen, the first that kept its order stays where it was, whatever came or went above. */
function hold(region, before, moved) {
  for (const id of before.seen) {
    const row = document.getElementById(id);
    if (!row || !region.contains(row) || moved.has(row)) continue;
    const shift = row.getBoundingClientRect().top - before.rows.get(id).top;
    if (shift) scrollBy({ top: shift, behavior: "instant" });
    return;
  }
}

/** Bring the cursor, and the focus where a row had it, back to the rows that are still there. */
export function restoreCursor(before) {
  if (before.cursor) document.getElementById(before.cursor)?.setAttribute("data-cursor", "");
  if (!before.row) return;
  const row = document.getElementById(before.row);
  (row?.querySelector(before.cell ? `[data-edit="${before.cell}"]` : "a[href]") ?? row?.querySelector("button") ?? row)?.focus({ preventScroll: true });
}

/** Show in the fresh `region` what moved since `before`, and bring the scroll back. Returns the rows that moved. */
export function restore(region, before) {
  for (const [id, top] of before.scrolled) {
    const part = document.getElementById(id);
    if (part) part.scrollTop = top;
  }
  const moved = movedRows([...rowsOf(region)], before.rows);
  hold(region, before, moved);
  for (const row of rowsOf(region)) {
    const was = before.rows.get(row.id);
    if (!was) continue;
    const shift = was.top - row.getBoundingClientRect().top;
    if (shift && !calm.matches && isNear(row))
      row.animate([{ transform: `translateY(${shift}px)` }, { transform: "none" }], { duration: SLIDE, easing: "ease-out" });
    if (moved.has(row)) {
      row.classList.add("moved");
      setTimeout(() => row.classList.remove("moved"), MARK);
    }
  }
  return moved;
}

const ENDINGS = { one: "st", two: "nd", few: "rd", other: "th" };
const ordinals = new Intl.PluralRules("en", { type: "ordinal" });

/** What moved, in a sentence; empty where the rows name no place. */
export function wordsFor(moved) {
  const [first, ...others] = moved;
  const place = first?.querySelector(".l-rank")?.textContent.trim();
  if (!place) return "";
  const number = Number(place.replaceAll(",", ""));
  const more = others.length ? `, ${others.length} more moved` : "";
  return `Order updated: ${first.id.replace("item-", "")} is now ${place}${ENDINGS[ordinals.select(number)] ?? ""}${more}.`;
}

function isNear(row) {
  const box = row.getBoundingClientRect();
  return box.bottom > -innerHeight && box.top < 2 * innerHeight;
}

/** The rows that changed their place among the others: all but a longest run that kept its order. */
export function movedRows(rows, before) {
  const known = rows.filter((row) => before.has(row.id));
  const places = known.map((row) => before.get(row.id).place);
  const tails = []; // tails[n]: index of the smallest last place of an ordered run of n + 1
  const previous = new Array(places.length).fill(-1);
  places.forEach((place, index) => {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (places[tails[middle]] < place) low = middle + 1;
      else high = middle;
    }
    if (low > 0) previous[index] = tails[low - 1];
    tails[low] = index;
  });
  const stayed = new Set();
  for (let index = tails.at(-1) ?? -1; index >= 0; index = previous[index]) stayed.add(index);
  return new Set(known.filter((_, index) => !stayed.has(index)));
}
