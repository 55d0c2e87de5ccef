// `form[data-attach]` takes files by its button, by a drop anywhere on its item, and pasted into a text of it; its bar tells how far they are.
import { toast } from "./toast.js";

const formFor = (element) => element?.closest?.(".item, .page")?.querySelector("form[data-attach]");
const carriesFiles = (data) => [...(data?.types ?? [])].includes("Files");

function send(form, files) {
  const input = form.querySelector("input[type=file]");
  if (form.dataset.sending !== undefined) return toast("One upload at a time. Wait until the bar is full.", "look");
  if (files) input.files = files;
  if (input.files.length) form.requestSubmit();
}

export function startAttachments() {
  document.addEventListener("change", (event) => {
    const form = event.target.matches?.("form[data-attach] input[type=file]") && event.target.form;
    if (form) send(form);
  });

  document.addEventListener("dragover", (event) => {
    const form = carriesFiles(event.dataTransfer) && formFor(event.target);
    if (!form) return;
    event.preventDefault(); // else the browser would leave the page for the file
    form.classList.add("is-over");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) document.querySelector("form[data-attach].is-over")?.classList.remove("is-over");
  });
  document.addEventListener("drop", (event) => {
    const form = carriesFiles(event.dataTransfer) && formFor(event.target);
    if (!form) return;
    event.preventDefault();
    form.classList.remove("is-over");
    send(form, event.dataTransfer.files);
  });
  document.addEventListener("paste", (event) => {
    const form = event.clipboardData?.files.length && formFor(event.target);
    if (!form) return;
    event.preventDefault();
    send(form, event.clipboardData.files);
  });

  document.addEventListener("htmx:xhr:progress", (event) => {
    const bar = event.target.matches?.("form[data-attach]") && event.target.querySelector("progress");
    if (!bar || !event.detail.lengthComputable) return;
    bar.hidden = false;
    bar.value = event.detail.loaded / event.detail.total;
  });
  // Too large, or of another type than it says: the answer tells which file and what to do.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!event.detail.requestConfig?.elt.matches?.("form[data-attach]") || ![413, 415].includes(event.detail.xhr.status)) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });
}
