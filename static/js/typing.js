// Whether somebody is in the middle of something that a key or a fresh fragment must not disturb.
const TEXT = "input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=reset], [type=range], [type=color]), textarea, select, [contenteditable=''], [contenteditable=true]";

const CLICK_AFTER = 100; // ms from letting go to the click of a tap

let pressed = null; // what the pointer went down on
let letGo = 0;

/** Know what is pressed: a click counts only where what it began on still stands when it ends. */
export function startPresses() {
  document.addEventListener(
    "pointerdown",
    ({ target }) => {
      clearTimeout(letGo);
      letGo = 0;
      pressed = target;
    },
    true,
  );
  for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, releaseSoon, true);
  // a browser does not always say that a scroll bar was let go
  document.addEventListener("pointermove", ({ buttons }) => buttons || releaseSoon(), true);
  addEventListener("blur", release);
}

function releaseSoon() {
  if (pressed) letGo ||= setTimeout(release, CLICK_AFTER);
}

function release() {
  if (!pressed) return;
  clearTimeout(letGo);
  letGo = 0;
  pressed = null;
  document.dispatchEvent(new CustomEvent("winnow:idle"));
}

/** Is the focus in something that takes letters? */
export function isTyping(element = document.activeElement) {
  return element instanceof Element && element.matches(TEXT);
}

/** Does `region` hold what is being pressed, an input in use, an open menu or dialog, or a part that a script marks busy, or does a form on its way aim at it? */
export function isBusy(region) {
  if (pressed && region.contains(pressed)) return true;
  const focus = document.activeElement;
  if (focus && region.contains(focus) && (isTyping(focus) || focus.closest("[data-edit-form], .edit-form"))) return true;
  if (region.id && document.querySelector(`form[data-sending][hx-target="#${region.id}"]`)) return true;
  return region.matches("[data-busy]") || region.querySelector("[data-busy], form[data-sending], dialog[open], :popover-open") !== null;
}
