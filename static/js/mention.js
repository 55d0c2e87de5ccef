// `@` in a text with `data-mentions` offers names of people who see the item: arrows choose, Enter or Tab takes, Escape closes.
import { announce } from "./announce.js";

const WAIT = 120; // ms: who types on asks once
const CALL = /(?:^|[\s(])@([\p{L}\p{N}'.-]{0,30}(?: [\p{L}\p{N}'.-]{0,30}){0,2})$/u; // behind the @, up to where one writes
let timer = 0;
let open = null; // {text, list, start}: where the list stands and where its @ is
let settled = -1; // the place of an @ that is done with: taken, or closed by Escape

const options = () => [...open.list.querySelectorAll("[role=option]")];

function close() {
  if (!open) return;
  open.list.remove();
  for (const name of ["aria-activedescendant", "aria-controls"]) open.text.removeAttribute(name);
  open = null;
}

function callBefore(text) {
  const before = text.value.slice(0, text.selectionStart);
  const found = before.match(CALL);
  return found ? { words: found[1], start: before.length - found[1].length - 1 } : null;
}

async function offer(text) {
  const call = callBefore(text);
  if (!call || call.start === settled || text.selectionStart !== text.selectionEnd) return close();
  let names = [];
  try {
    const response = await fetch(`${text.dataset.mentions}?q=${encodeURIComponent(call.words.trim())}`, { headers: { "HX-Request": "true" } });
    if (response.status === 200) names = (await response.json()).names;
  } catch {
    // without names one types them
  }
  const now = callBefore(text);
  if (document.activeElement !== text || !now || now.start !== call.start || now.words !== call.words) return;
  const isWhole = names.length === 1 && names[0].toLowerCase() === call.words.trim().toLowerCase();
  if (!names.length || isWhole) return close();
  show(text, names, call.start);
}

function show(text, names, start) {
  close();
  const list = document.createElement("ul");
  list.id = "mention-list";
  list.className = "menu-like mention-list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "People");
  list.append(...names.map((name, index) => option(name, index)));
  text.after(list);
  open = { text, list, start };
  text.setAttribute("aria-autocomplete", "list");
  text.setAttribute("aria-controls", list.id);
  choose(options()[0]);
  announce(`${names.length} ${names.length === 1 ? "name" : "names"}: ${names[0]}`);
}

function option(name, index) {
  const line = document.createElement("li");
  line.id = `mention-${index}`;
  line.setAttribute("role", "option");
  line.textContent = name;
  line.addEventListener("pointerdown", (event) => {
    event.preventDefault(); // the text keeps the focus
    take(name);
  });
  return line;
}

function choose(chosen) {
  for (const line of options()) line.setAttribute("aria-selected", String(line === chosen));
  open.text.setAttribute("aria-activedescendant", chosen.id);
  chosen.scrollIntoView({ block: "nearest" });
}

function take(name) {
  const { text, start } = open;
  settled = start;
  close();
  text.setRangeText(`@${name} `, start, text.selectionStart, "end");
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

export function startMentions() {
  document.addEventListener("input", (event) => {
    const text = event.target;
    if (!text.matches?.("textarea[data-mentions]")) return;
    if (text.value[settled] !== "@") settled = -1;
    clearTimeout(timer);
    timer = setTimeout(() => offer(text), WAIT);
  });
  document.addEventListener("focusout", (event) => open && event.target === open.text && close());
  // Before every other key of the page: an open list has the first word.
  document.addEventListener(
    "keydown",
    (event) => {
      if (!open || event.target !== open.text || event.isComposing) return;
      const all = options();
      const now = all.findIndex((line) => line.getAttribute("aria-selected") === "true");
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (by) choose(all[(now + by + all.length) % all.length]);
      else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || (event.key === "Tab" && !event.shiftKey)) take(all[now].textContent);
      else if (event.key === "Escape") {
        settled = open.start;
        close();
      } else return;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );
}
