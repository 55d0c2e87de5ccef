// Enter in a text of `form[data-enter]` sends it; Shift+Enter is a new line. A Gherkin scenario has lines, so there Ctrl+Enter (or Cmd) sends,
// as in every other text of several lines.
export function startEnter() {
  document.addEventListener("keydown", (event) => {
    const form = event.target.matches?.("textarea") && event.target.form;
    if (!form || event.defaultPrevented || event.key !== "Enter" || event.shiftKey || event.altKey || event.isComposing) return;
    const isOne = form.matches("[data-enter]") && form.elements.form?.value !== "gherkin";
    if (!isOne && !event.ctrlKey && !event.metaKey) return;
    if (!form.matches("[method=post], [hx-post]")) return;
    event.preventDefault();
    form.requestSubmit();
  });
}
