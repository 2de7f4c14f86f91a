// The phone's own way to pass something on, where the browser has it; the links beside it work everywhere.

/** Bring out one [data-shares] button. */
export function enhanceShare(button) {
  const { title, text, url } = button.dataset;
  if (!navigator.canShare?.({ title, text, url })) return;
  button.hidden = false;
  button.addEventListener("click", () => navigator.share({ title, text, url }).catch(() => {})); // closed without sharing
}
