// The menu under a person's name closes when they go on elsewhere: Escape, a press outside, or the focus leaving it.

/** Enhance one details[data-menu]. */
export function enhanceMenu(menu) {
  const summary = menu.querySelector("summary");
  const close = () => (menu.open = false);
  document.addEventListener("pointerdown", (event) => menu.contains(event.target) || close());
  menu.addEventListener("focusout", (event) => event.relatedTarget && !menu.contains(event.relatedTarget) && close());
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    close();
    summary.focus();
  });
}
