// The line under the top edge while a request runs that a person waits for.
let running = 0;

function show(change) {
  running = Math.max(0, running + change);
  document.body.classList.toggle("is-loading", running > 0);
}

export function startLoading() {
  const waitsFor = (event) => event.detail.requestConfig?.triggeringEvent?.type !== "topic";
  document.addEventListener("htmx:beforeSend", (event) => waitsFor(event) && show(1));
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.xhr && waitsFor(event)) show(-1);
  });
}
