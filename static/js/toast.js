// Short messages: they go after a while, wait while pointed at or focused, and say what became of a failed request.
const STAY = 8000;
const STAY_WITH_ACT = 20_000; // an Undo needs time to be read and reached
const MOST = 4;

function watch(toast) {
  let timer = 0;
  const stay = toast.querySelector("form, a") ? STAY_WITH_ACT : STAY;
  const start = () => {
    clearTimeout(timer);
    timer = setTimeout(() => toast.remove(), stay);
  };
  const stop = () => clearTimeout(timer);
  toast.addEventListener("pointerenter", stop);
  toast.addEventListener("pointerleave", start);
  toast.addEventListener("focusin", stop);
  toast.addEventListener("focusout", start);
  start();
}

// What can be taken back is said once, also where two answers told it: the one that somebody is about to use stays.
function sayOnce(region, added) {
  const action = added.querySelector("form")?.getAttribute("action");
  if (!action) return;
  const others = [...region.querySelectorAll("[data-toast]")].filter((each) => each !== added && each.querySelector("form")?.getAttribute("action") === action);
  const used = others.find((each) => each.matches(":hover, :focus-within"));
  (used ? [added] : others).forEach((each) => each.remove());
}

/** Show a message; tone is "", "look" or "stop". */
export function toast(text, tone = "") {
  const element = document.createElement("div");
  element.className = tone ? `toast is-${tone}` : "toast";
  element.dataset.toast = "";
  const words = document.createElement("span");
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn btn-quiet btn-s";
  close.dataset.toastClose = "";
  close.textContent = "Close";
  element.append(words, close);
  document.getElementById("toasts")?.append(element);
}

function whatHappened(status) {
  if (status === 403) return "Your role does not allow that. Nothing was changed.";
  if (status === 404) return "That is no longer here. Nothing was changed.";
  if (status === 413) return "That is too large. Nothing was changed.";
  if (status === 429) return "A little too fast. Nothing was changed; try again in a moment.";
  if (status === 503) return "Saving is paused, nothing you saved is lost. Try again in a moment.";
  return "Something went wrong on our side. What you typed is still here; try again.";
}

export function startToasts() {
  const region = document.getElementById("toasts");
  if (!region) return;
  region.querySelectorAll("[data-toast]").forEach(watch);
  new MutationObserver((changes) => {
    for (const change of changes)
      for (const added of change.addedNodes) {
        if (!(added instanceof Element) || !added.matches("[data-toast]")) continue;
        sayOnce(region, added);
        watch(added);
      }
    const all = region.querySelectorAll("[data-toast]");
    for (let index = 0; index < all.length - MOST; index++) all[index].remove();
  }).observe(region, { childList: true });
  document.addEventListener("click", (event) => event.target.closest?.("[data-toast-close]")?.closest("[data-toast]")?.remove());
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) event.detail.elt.closest?.("[data-toast]")?.remove(); // its Undo is done
  });

  const isQuiet = (event) => ["topic", "stale"].includes(event.detail.requestConfig?.triggeringEvent?.type); // live.js tries again by itself
  document.addEventListener("htmx:responseError", (event) => {
    if (!isQuiet(event)) toast(whatHappened(event.detail.xhr.status), "stop");
  });
  document.addEventListener("htmx:sendError", (event) => {
    if (!isQuiet(event)) toast("No connection. What you typed is still here; try again when it is back.", "stop");
  });
  document.addEventListener("htmx:timeout", () => toast("No answer came. Try again; nothing is done twice.", "stop"));
}
