// Buttons that say aria-keyshortcuts="Control+S" (or Control+Enter) are pressed by those keys, from anywhere on the page.

/** Listen for the keys of every [aria-keyshortcuts] under `root`. */
export function followShortcuts(root) {
  root.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.isComposing) return;
    const wanted = `Control+${event.key.length === 1 ? event.key.toUpperCase() : event.key}`;
    const buttons = root.querySelectorAll(`[aria-keyshortcuts="${CSS.escape(wanted)}"]`);
    const button = [...buttons].find((one) => one.checkVisibility());
    if (!button) return;
    event.preventDefault();
    if (event.repeat) return;
    if (wanted === "Control+S" && button.form?.dataset.autosaveUrl) button.form.dispatchEvent(new Event("surat:save"));
    else button.click();
  });
}
