// Keys of a page. Single characters can be turned off by whoever works with speech or presses keys by accident (WCAG
// 2.1.4); combinations always work: buttons that say aria-keyshortcuts="Control+S" (or Control+Enter) are pressed by
// them from anywhere on the page.
//
// The dialog[data-keys] of macros/keys.html lists them, "?" opens it. j and k step through what carries data-walk, arrows
// do once one of them has focus; "/" goes to the search box.

const OFF = "surat-pintasan-mati"; // in localStorage, for this device
const TYPING = "textarea, select, [contenteditable], input:not([type=checkbox], [type=button], [type=submit])";
const acts = new Map();

// Do `act(event)` on a key: one character as the keyboard types it, or "ctrl+s", "alt+arrowdown" in this order.
function onKey(name, act) {
  if (acts.size === 0) document.addEventListener("keydown", pressed);
  acts.set(name, act);
}

/** Make the dialog work, and the keys of every page with a list. */
export function enhanceKeys(dialog) {
  const box = dialog.querySelector("[data-keys-on]");
  box.checked = !isOff();
  box.addEventListener("change", () => turn(box.checked));
  document.querySelectorAll("[data-keys-open]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => dialog.showModal());
  });
  onKey("?", () => dialog.showModal());
  onKey("/", () => document.querySelector("main input[type=search]")?.focus());
  onKey("j", () => walk(1));
  onKey("k", () => walk(-1));
  onKey("arrowdown", (event) => walkOn(event, 1));
  onKey("arrowup", (event) => walkOn(event, -1));
}

/** Press the button, or another that is seen and says the same keys, by what its aria-keyshortcuts says. */
export function enhanceShortcut(button) {
  const keys = button.getAttribute("aria-keyshortcuts");
  onKey(keys.toLowerCase().replace("control", "ctrl"), (event) => {
    const named = [...document.querySelectorAll(`[aria-keyshortcuts="${CSS.escape(keys)}"]`)];
    const seen = named.find((one) => one.checkVisibility());
    if (!seen) return false;
    if (event.repeat) return true;
    if (keys === "Control+S" && seen.form?.dataset.autosaveUrl) seen.form.dispatchEvent(new Event("surat:save"));
    else seen.click();
    return true;
  });
}

function pressed(event) {
  // Filling in saved passwords sends key presses without a key.
  if (!event.key || event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
  const act = acts.get(nameOf(event));
  if (!act || (isCharacter(event) && (isOff() || event.target.closest(TYPING)))) return;
  if (act(event) !== false) event.preventDefault();
}

function nameOf(event) {
  const keys = (event.ctrlKey || event.metaKey ? "ctrl+" : "") + (event.altKey ? "alt+" : "");
  const held = keys && event.shiftKey ? `${keys}shift+` : keys;
  return held + (held || event.key.length > 1 ? event.key.toLowerCase() : event.key);
}

const isCharacter = (event) => event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;

/** The next stop in that direction; from anywhere else the first one. */
function walk(way) {
  const stops = [...document.querySelectorAll("[data-walk]")].filter((stop) => stop.checkVisibility());
  const row = document.activeElement.closest("[data-id]");
  const here = stops.findIndex((stop) => stop === document.activeElement || row?.contains(stop));
  (here < 0 ? stops[0] : stops[here + way])?.focus();
}

/** Arrows scroll the page, unless a row has focus. False: the browser does what it always does. */
function walkOn(event, way) {
  return event.target.matches("[data-walk]") ? walk(way) : false;
}

function isOff() {
  try {
    return localStorage.getItem(OFF) === "ya";
  } catch {
    return false; // storage refused by the browser
  }
}

function turn(on) {
  try {
    if (on) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "ya");
  } catch {
    // storage refused by the browser: the keys stay as they are
  }
}
