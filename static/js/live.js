// One stream a page tells which topics have a newer version; what shows an older one fetches itself again.
// Only a visible tab holds the stream: a browser opens six connections to one origin over HTTP/1.1.
import { announce } from "./announce.js";
import { remember, restore, restoreCursor, wordsFor } from "./motion.js";
import { isBusy } from "./typing.js";

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;
const FAILURES_BEFORE_POLLING = 3;
const POLL_EVERY = 10_000;
const REPEAT_AFTER = 4000; // a fragment that was asked for and did not come is asked for again

const wanted = new Map(); // topic: the newest version heard of
const missed = new Set(); // topics whose news a busy region did not take
let stream = null;
let streamKey = "";
let failures = 0;
let retryTimer = 0;
let pollTimer = 0;

const regions = () => document.querySelectorAll("[data-topic]");
const versionOf = (region) => Number(region.dataset.version) || 0;

function shownVersions() {
  const shown = new Map();
  for (const region of regions()) {
    const topic = region.dataset.topic;
    const version = versionOf(region);
    // several regions may show one topic: the oldest decides what is news
    shown.set(topic, shown.has(topic) ? Math.min(shown.get(topic), version) : version);
  }
  return shown;
}

function topicsKey(shown) {
  return [...shown.keys()].sort().join(" ");
}

function open() {
  clearTimeout(retryTimer);
  const path = document.body.dataset.live;
  const shown = shownVersions();
  if (!path || !shown.size || document.visibilityState !== "visible") return close();
  close();
  const query = new URLSearchParams();
  for (const [topic, version] of shown) query.append("t", `${topic}=${version}`);
  streamKey = topicsKey(shown);
  stream = new EventSource(`${path}?${query}`);
  stream.addEventListener("open", () => {
    failures = 0;
    stopPolling();
    document.body.classList.remove("is-offline");
  });
  stream.addEventListener("message", (event) => hear(event.data));
  stream.addEventListener("error", failed);
}

function close() {
  stream?.close();
  stream = null;
}

function failed() {
  // The browser would repeat the old address with old versions; ours is made anew each time.
  close();
  failures += 1;
  if (failures >= FAILURES_BEFORE_POLLING) startPolling();
  const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (failures - 1));
  clearTimeout(retryTimer);
  retryTimer = setTimeout(open, wait * (0.5 + Math.random() / 2));
}

function startPolling() {
  pollTimer ||= setInterval(() => {
    if (document.visibilityState === "visible" && navigator.onLine) for (const region of regions()) fetchRegion(region);
  }, POLL_EVERY);
}

function stopPolling() {
  clearInterval(pollTimer);
  pollTimer = 0;
}

function hear(line) {
  const [topic, version, ...rest] = line.trim().split(" ");
  const newest = Number(version);
  if (!topic || !Number.isFinite(newest)) return;
  wanted.set(topic, Math.max(wanted.get(topic) ?? 0, newest));
  const extra = rest.join(" ");
  document.dispatchEvent(new CustomEvent("winnow:topic", { detail: { topic, version: newest, extra } }));
  refresh(topic);
}

function refresh(topic) {
  for (const region of regions())
    if (region.dataset.topic === topic && versionOf(region) < (wanted.get(topic) ?? 0)) fetchRegion(region);
}

function fetchRegion(region) {
  if (isBusy(region)) {
    wait(region);
    return;
  }
  const asked = Number(region.dataset.asked) || 0;
  if (Date.now() - asked < REPEAT_AFTER) return; // on its way; its arrival looks again
  region.dataset.asked = String(Date.now());
  setTimeout(() => region.isConnected && refresh(region.dataset.topic), REPEAT_AFTER + 100);
  htmx.trigger(region, "topic");
}

function wait(region) {
  region.dataset.waiting = "";
  missed.add(region.dataset.topic);
}

/** The regions in `target` are about to be replaced: what they asked for would find them gone. */
function callOff(target) {
  for (const region of regions()) {
    if (!target.contains(region)) continue;
    missed.add(region.dataset.topic);
    htmx.trigger(region, "htmx:abort");
    htmx.trigger(region, "htmx:abort"); // the end of one request begins the one that was waiting behind it
  }
}

/** A form's own answer may have replaced the region that was waiting: its successor takes what it missed, if it is news to it. */
function catchUp() {
  const topics = [...missed];
  missed.clear();
  for (const topic of topics) refresh(topic);
}

function flushWaiting() {
  setTimeout(() => {
    for (const region of document.querySelectorAll("[data-topic][data-waiting]")) {
      if (isBusy(region)) continue;
      delete region.dataset.waiting;
      delete region.dataset.asked;
      if (pollTimer || versionOf(region) < (wanted.get(region.dataset.topic) ?? 0)) fetchRegion(region);
    }
  });
}

/** Does the answer renew what its own element shows, because of news (`topic`), of an act on this page (`changed`) or of another part of it (`stale`)? */
function isLive(detail) {
  return ["topic", "changed", "stale"].includes(detail.requestConfig?.triggeringEvent?.type);
}

export function startLive() {
  if (!document.body.dataset.live) return;

  document.addEventListener("visibilitychange", () => (document.visibilityState === "visible" ? open() : close()));
  addEventListener("online", open);
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => event.persisted && open());

  const remembered = new WeakMap();
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, shouldSwap, xhr, requestConfig } = event.detail;
    if (!shouldSwap) return;
    if (!isLive(event.detail)) {
      // a filter's answer may come when somebody walks through the rows already
      if (target.matches("[data-topic]")) remembered.set(xhr, { before: remember(target), isAsked: true });
      return callOff(target);
    }
    const { elt } = requestConfig;
    if (isBusy(elt)) {
      // somebody began to type while the answer was on its way
      wait(elt);
      event.detail.shouldSwap = false;
      return;
    }
    remembered.set(xhr, { before: remember(target), id: target.id, topic: elt.dataset.topic });
  });
  // At once: a key in between would begin at the end of the list.
  document.addEventListener("htmx:afterSwap", (event) => {
    const kept = remembered.get(event.detail.xhr);
    if (!kept || kept.isBack) return;
    kept.isBack = true;
    restoreCursor(kept.before);
  });
  // Only now: settling gives elements with an id their own class and style back.
  document.addEventListener("htmx:afterSettle", (event) => {
    const kept = remembered.get(event.detail.xhr);
    if (!kept) return;
    remembered.delete(event.detail.xhr);
    if (kept.isAsked) return;
    const region = kept.id ? document.getElementById(kept.id) : event.detail.target;
    if (!region) return;
    const moved = restore(region, kept.before);
    announce(wordsFor(moved) || region.dataset.announce);
    refresh(kept.topic); // a still newer version may have been told meanwhile
  });
  // A part beside the answer's own that is still about the same thing stays scrolled to where its reader is.
  document.addEventListener("htmx:oobBeforeSwap", ({ detail: { target, fragment } }) => {
    const fresh = fragment.firstElementChild;
    const top = target.dataset.topic && target.dataset.topic === fresh?.dataset.topic ? target.scrollTop : 0;
    if (top) queueMicrotask(() => (fresh.scrollTop = top));
  });
  // What ends a page by itself waits for words that somebody is writing; their own answer ends it then.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (isLive(event.detail) && event.detail.xhr.getResponseHeader("HX-Refresh") && document.querySelector("[data-busy]")) event.preventDefault();
  });
  document.addEventListener("htmx:responseError", (event) => {
    if (!isLive(event.detail)) return;
    const { status } = event.detail.xhr;
    // gone, or no longer ours: asking again would not help
    if (status === 403 || status === 404) delete event.detail.requestConfig.elt.dataset.topic;
  });
  // A fragment that brought or took topics needs another stream.
  document.addEventListener("htmx:afterSettle", () => {
    if (topicsKey(shownVersions()) !== streamKey) open();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.requestConfig?.verb === "get") return;
    setTimeout(() => {
      flushWaiting();
      catchUp();
    });
  });
  for (const name of ["focusout", "close", "toggle", "winnow:idle"]) document.addEventListener(name, flushWaiting, true);

  open();
}
