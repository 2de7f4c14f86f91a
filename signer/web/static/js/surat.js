// Loads what the page at hand can use. Every page works without any of this; it only makes the work quicker.
import { once } from "./once.js";
import { conveniences } from "./conveniences.js";

once(document);
conveniences(document);

const parts = [
  ["[data-menu]", "./account.js", "enhanceMenu"],
  ["[data-files]", "./files.js", "enhanceFiles"],
  ["[data-zoom]", "./zoom.js", "enhanceZoom"],
  ["[data-rows]", "./rows.js", "enhanceRows"],
  ["[data-uploads]", "./uploads.js", "enhanceUploads"],
  ["[data-remember]", "./remember.js", "enhanceRemember"],
  ["[data-shares]", "./shares.js", "enhanceShare"],
  ["[data-tracks]", "./track.js", "enhanceTrack"],
  ["dialog[data-keys]", "./keys.js", "enhanceKeys"],
  ["[aria-keyshortcuts]", "./keys.js", "enhanceShortcut"],
  ["[data-live-list]", "./live.js", "followList"],
  ["form[data-preview-url]", "./preview.js", "enhancePreview"],
  ["[data-place]", "./place-box.js", "enhancePlace"],
  ["form[data-autosave-url]", "./autosave.js", "enhanceAutosave"],
  ["textarea[data-suggest]", "./suggest.js", "enhanceSuggest"],
];
for (const [selector, address, name] of parts) {
  const found = document.querySelectorAll(selector);
  if (found.length > 0) import(address).then((module) => found.forEach((element) => module[name](element)));
}

// What was kept of a request while it was typed is over once it is saved, or when somebody signs in.
if (document.querySelector("[data-forget], [type=password]")) import("./remember.js").then((module) => module.forget());

if (document.body.dataset.countsUrl) {
  import("./counts.js").then((module) => module.followCounts(document.body.dataset.countsUrl));
}

// On a phone the menu is one line: where one is must be in it.
document.querySelector(".nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });

// A form that came back with errors: take the reader to the summary of them.
document.querySelector("[data-error-summary]")?.focus();
