// Forms: one key an act, no double submit, and what was typed survives a sign-in in between.
import { keepValue, keptNames, keptValue } from "./store.js";

const FIELD = "idempotency_key";
const HEADER = "Idempotency-Key";
const UNKEPT = new Set([FIELD, "csrfmiddlewaretoken"]);
const acts = new WeakMap(); // form or button: {key, body}
const senders = new WeakMap(); // request: its form, which its own answer may have taken the button out of

/** Return a random UUID; crypto.randomUUID needs HTTPS, which a server in a local network may not have. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function bodyOf(entries) {
  return JSON.stringify([...entries].filter(([name]) => !UNKEPT.has(name)).map(([name, value]) => [name, value?.name ?? value]));
}

/** The key of this act: the same while the same content is sent again, a new one once it changed or was answered. */
function keyOf(element, body) {
  const act = acts.get(element);
  if (act?.body === body) return act.key;
  const key = newKey();
  acts.set(element, { key, body });
  return key;
}

function isAnswered(status) {
  return status >= 200 && status < 500;
}

function setBusy(form, busy) {
  for (const button of form.querySelectorAll("button:not([type=button]), input[type=submit]")) {
    // aria-disabled keeps the focus where it is and the button's name in the form
    if (busy) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
    button.classList.toggle("is-busy", busy);
  }
  if (busy) form.dataset.sending = "";
  else delete form.dataset.sending;
}

// --- drafts ---------------------------------------------------------------------------------------

const SIGN_IN = "/accounts/";
const KEEP_AFTER = 400; // ms without a key
const typing = new WeakMap(); // form: the timer that keeps what is being typed

function isPost(form) {
  // by attribute: a control named "method" or "action" hides the form's own property
  return form.getAttribute("method")?.toLowerCase() === "post" || form.matches("[hx-post], [hx-put], [hx-patch]");
}

function draftName(form) {
  return `draft:${form.dataset.draft || form.id || form.getAttribute("hx-post") || form.getAttribute("action") || "page"}`;
}

/** What was typed has arrived, or is not wanted any more. */
function forgetDraft(form) {
  clearTimeout(typing.get(form));
  keepValue(draftName(form), null, sessionStorage);
}

function typedIn(form) {
  const words = {};
  for (const field of form.elements) {
    if (!field.name || UNKEPT.has(field.name) || ["password", "file", "hidden", "submit"].includes(field.type)) continue;
    const changed = field.type === "checkbox" || field.type === "radio" ? field.checked && !field.defaultChecked : isChanged(field);
    if (changed) words[field.name] = field.value;
  }
  return words;
}

function isChanged(field) {
  if (field instanceof HTMLSelectElement) return [...field.options].some((option) => option.selected && !option.defaultSelected);
  return "defaultValue" in field && field.value !== field.defaultValue;
}

/** Keep what stands in `forms`; `isPending` until the next page shows whether it was asked to sign in. */
function keepDrafts(forms, isPending) {
  for (const form of forms) {
    if (!isPost(form) || location.pathname.startsWith(SIGN_IN)) continue;
    const words = typedIn(form);
    if (Object.keys(words).length) keepValue(draftName(form), JSON.stringify({ path: location.pathname, words, isPending }), sessionStorage);
  }
}

function settleDrafts() {
  for (const name of keptNames("draft:", sessionStorage)) {
    const draft = JSON.parse(keptValue(name, sessionStorage));
    if (!draft.isPending) continue;
    // Any page but sign-in is the answer to what was sent: it has the words, or shows them again itself.
    const kept = location.pathname.startsWith(SIGN_IN) ? JSON.stringify({ ...draft, isPending: false }) : null;
    keepValue(name, kept, sessionStorage);
  }
}

function offerDrafts(root = document) {
  const forms = root instanceof HTMLFormElement ? [root] : root.querySelectorAll("form");
  for (const form of forms) {
    const kept = keptValue(draftName(form), sessionStorage);
    if (!kept || form.dataset.sending !== undefined || form.querySelector(".draft")) continue;
    const { path, words } = JSON.parse(kept);
    if (path !== location.pathname) continue;
    const current = Object.entries(words).every(([name, value]) => new FormData(form).getAll(name).includes(value));
    // A form that shows its words again because they were refused may need what is kept should the page go.
    if (form.dataset.hasWords !== undefined) continue;
    if (current) keepValue(draftName(form), null, sessionStorage);
    else form.prepend(draftOffer(form, words));
  }
}

function draftOffer(form, words) {
  const offer = document.createElement("div");
  offer.className = "draft";
  offer.setAttribute("role", "status");
  const text = document.createElement("span");
  text.textContent = "Your words from before are kept.";
  const acts = document.createElement("span");
  acts.className = "acts";
  acts.append(
    offerButton("Put them back", () => fill(form, words)),
    offerButton("Forget them", () => {}),
  );
  offer.append(text, acts);
  return offer;

  function offerButton(label, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-s";
    button.textContent = label;
    button.addEventListener("click", () => {
      act();
      keepValue(draftName(form), null, sessionStorage);
      offer.remove();
    });
    return button;
  }
}

function fill(form, words) {
  for (const field of form.elements) {
    if (!(field.name in words)) continue;
    if (field.type === "checkbox" || field.type === "radio") field.checked = field.value === words[field.name];
    else field.value = words[field.name];
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

// --- start ----------------------------------------------------------------------------------------

export function startForms() {
  // plain posts
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!isPost(form)) return;
    if (form.dataset.sending !== undefined) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    const field = form.elements.namedItem(FIELD);
    // A key that the server wrote into the page is the act's key already.
    if (field && (!field.value || field.dataset.made !== undefined)) {
      field.value = keyOf(form, bodyOf(new FormData(form)));
      field.dataset.made = "";
    }
    // Only a form that leaves the page: HTMX and dialogs answer for their own.
    if (form.matches("[hx-post], [hx-put], [hx-patch]") || event.submitter?.matches("[hx-post], [hx-put], [hx-patch], [hx-delete]")) return;
    keepDrafts([form], true);
    setTimeout(() => event.defaultPrevented || setBusy(form, true));
  }, true);
  // back to a page that the browser kept: its forms may be sent again
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sending]").forEach((form) => setBusy(form, false)));

  // HTMX
  document.addEventListener("htmx:configRequest", (event) => {
    const { elt, verb, headers, formData, path } = event.detail;
    if (verb === "get") return;
    const source = elt.closest("form") ?? elt;
    const written = source instanceof HTMLFormElement ? source.elements.namedItem(FIELD) : null;
    headers[HEADER] = written?.value || keyOf(source, path + bodyOf(formData.entries()));
    const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
    if (token) headers["X-CSRFToken"] = token; // a sign-in in another tab changed it
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = event.detail.elt.closest("form");
    if (!form || event.detail.requestConfig.verb === "get") return;
    senders.set(event.detail.requestConfig, form);
    if (form.dataset.sending !== undefined) event.preventDefault();
    else setBusy(form, true);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { xhr, requestConfig } = event.detail;
    if (!requestConfig || requestConfig.verb === "get") return;
    const source = senders.get(requestConfig) ?? requestConfig.elt.closest("form") ?? requestConfig.elt;
    const isForm = source instanceof HTMLFormElement;
    if (isForm) setBusy(source, false);
    if (!isAnswered(xhr?.status ?? 0)) return; // not known whether it was done: the same key again
    acts.delete(source);
    const field = isForm ? source.elements.namedItem(FIELD) : null;
    if (field && xhr.status < 400) field.value = newKey();
    const isKept = requestConfig.triggeringEvent?.submitter?.hasAttribute("data-keep-draft"); // answered, and not saved
    if (isForm && xhr.status < 400 && !isKept && !xhr.getResponseHeader("HX-Redirect")) forgetDraft(source);
  });
  // A page may go at any moment: a longer text is kept while it is typed.
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-draft]");
    if (!form) return;
    clearTimeout(typing.get(form));
    typing.set(form, setTimeout(() => keepDrafts([form], false), KEEP_AFTER));
  });
  document.addEventListener("click", (event) => {
    const form = event.target.closest?.("[data-forget]")?.closest("form");
    if (form) forgetDraft(form);
  });
  // The session ended: the answer leads to sign-in, so what stands in the forms is kept for the way back.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (event.detail.xhr.getResponseHeader("HX-Redirect")?.includes(SIGN_IN)) keepDrafts(document.querySelectorAll("form"), false);
  });
  document.addEventListener("htmx:load", (event) => {
    offerDrafts(event.detail.elt);
    event.detail.elt.querySelector?.("[data-focus]")?.focus();
  });
  settleDrafts();
}
