// A file field onto which a file can be dropped, and which says at once why a file cannot be sent.
// The server checks again, by content; this only saves a slow upload in vain.

/** Why `file` cannot be sent, as a sentence from the field's data, or "" if it can. */
export function fault(file, input) {
  const { wrong, tooBig, empty, maxBytes } = input.dataset;
  if (file.type && !input.accept.split(",").includes(file.type)) return wrong;
  if (file.size === 0) return empty;
  return file.size > Number(maxBytes) ? tooBig : "";
}

/** The chosen file if it can be sent, else null, with the reason said under the field. */
export function chosen(form) {
  const input = form.querySelector("input[type=file]");
  const file = input.files[0] ?? null;
  const why = file ? fault(file, input) : "";
  say(form, why);
  return why ? null : file;
}

function say(form, why) {
  const said = form.querySelector("[data-said]");
  said.textContent = why;
  said.hidden = why === "";
}

/** @param {HTMLFormElement} form with one [data-drop] around its input[type=file] */
export function enhanceDrop(form) {
  const zone = form.querySelector("[data-drop]");
  const input = zone.querySelector("input");
  zone.querySelector(".drop-word").hidden = false;
  const over = (event) => {
    event.preventDefault();
    zone.classList.add("over");
  };
  const leave = () => zone.classList.remove("over");
  zone.addEventListener("dragenter", over);
  zone.addEventListener("dragover", over);
  zone.addEventListener("dragleave", leave);
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    leave();
    if (event.dataTransfer.files.length === 0) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  input.addEventListener("change", () => chosen(form));
}
