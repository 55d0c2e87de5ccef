// Enter in a text of `form[data-enter]` sends it; Shift+Enter is a new line. A Gherkin scenario has lines, so there Ctrl+Enter (or Cmd) sends.
export function startEnter() {
  document.addEventListener("keydown", (event) => {
    const form = event.target.matches?.("textarea") && event.target.closest("form[data-enter]");
    if (!form || event.key !== "Enter" || event.shiftKey || event.altKey || event.isComposing) return;
    const hasLines = form.elements.form?.value === "gherkin";
    if (hasLines && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    form.requestSubmit();
  });
}
