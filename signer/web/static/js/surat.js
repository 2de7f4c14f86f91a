// Loads what the page at hand can use. Every page works without any of this; it only makes the work quicker.
import { once } from "./once.js";
import { conveniences } from "./conveniences.js";

once(document);
conveniences(document);

const parts = [
  ["[data-files]", "./files.js", "enhanceFiles"],
  ["[data-rows]", "./rows.js", "enhanceRows"],
  ["form[data-preview-url]", "./preview.js", "enhancePreview"],
  ["[data-place]", "./place-box.js", "enhancePlace"],
  ["form[data-autosave-url]", "./autosave.js", "enhanceAutosave"],
];
for (const [selector, address, name] of parts) {
  const found = document.querySelectorAll(selector);
  if (found.length > 0) import(address).then((module) => found.forEach((element) => module[name](element)));
}

if (document.body.dataset.countsUrl) {
  import("./counts.js").then((module) => module.followCounts(document.body.dataset.countsUrl));
}

// A form that came back with errors: take the reader to the summary of them.
document.querySelector("[data-error-summary]")?.focus();
