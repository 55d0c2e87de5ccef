// On a narrow screen the row of pages scrolls sideways: it starts where the current page can be seen.
export function startSubnav() {
  for (const here of document.querySelectorAll(".subnav [aria-current]")) {
    const row = here.parentElement;
    row.scrollLeft = here.offsetLeft - (row.clientWidth - here.offsetWidth) / 2;
  }
}
