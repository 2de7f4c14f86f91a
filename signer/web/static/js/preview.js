// The letter beside its form, following what is typed.
//
// After a pause the form is POSTed (without its files) to data-preview-url. Answers:
//   200 application/json {"pages": ["data:image/...", ...]}   or   200 image/*   (one page)
//   422 application/json {"errors": {"<field name>": "<sentence>"}}   shown at the fields; name "" = the whole form
// Anything else leaves the last pages standing and says so. Only the newest answer counts.
import { clearErrors, showError } from "./fields.js";

const PAUSE = 150; // ms after the last keystroke

/** Enhance one form[data-preview-url]; its panel is the element whose id is data-preview. */
export function enhancePreview(form) {
  const panel = document.getElementById(form.dataset.preview);
  if (!panel) return;
  const status = panel.querySelector("[data-preview-status]");
  const touched = new Set(); // a field nobody has reached yet is empty, not wrong
  let errors = {};
  let timer = 0;
  let request = null;

  const placeErrors = () => {
    clearErrors(form);
    for (const [name, text] of Object.entries(errors)) {
      // Not into the field being typed in: half a word is no mistake, and the form would jump under the hand.
      if (touched.has(name) && document.activeElement?.name !== name) showError(form, name, text);
    }
  };
  const refresh = async () => {
    request?.abort();
    request = new AbortController();
    const { signal } = request;
    panel.setAttribute("aria-busy", "true");
    status.textContent = panel.dataset.busy;
    try {
      const answer = await ask(form, signal);
      errors = answer.errors ?? {};
      if (answer.pages) show(panel, answer.pages);
      placeErrors();
      status.textContent = summary(panel, answer, touched);
    } catch (reason) {
      if (reason.name === "AbortError") return; // a newer request has taken over and owns the panel
      status.textContent = panel.dataset.failed;
    }
    panel.removeAttribute("aria-busy");
  };
  form.addEventListener("input", ({ target }) => {
    if (target.type === "file") return;
    touched.add(target.name);
    clearTimeout(timer);
    timer = setTimeout(refresh, PAUSE);
  });
  form.addEventListener("focusout", () => setTimeout(placeErrors));
  refresh();
}

// The sentence above the pages.
function summary(panel, { errors }, touched) {
  if (!errors) return panel.dataset.ready;
  const found = Object.entries(errors).find(([name]) => name === "" || touched.has(name));
  return found ? `${panel.dataset.faulty} ${found[1]}` : panel.dataset.waiting;
}

// Sends the form and gives {pages} (pictures, complete) or {errors}.
async function ask(form, signal) {
  const response = await fetch(form.dataset.previewUrl, {
    method: "POST", body: values(form), headers: { Accept: "application/json" }, credentials: "same-origin", signal,
  });
  if (response.status === 422) return { errors: (await response.json()).errors };
  if (!response.ok) throw new Error(`preview: ${response.status}`);
  const pages = await pictures(response);
  await Promise.all(pages.map((page) => page.decode())); // shown only when complete: no flicker, no jump
  signal.throwIfAborted();
  return { pages };
}

function values(form) {
  const data = new FormData(form);
  for (const [name, value] of [...data.entries()]) if (value instanceof File) data.delete(name);
  return data;
}

async function pictures(response) {
  const type = response.headers.get("Content-Type") ?? "";
  const sources = type.startsWith("image/")
    ? [URL.createObjectURL(await response.blob())]
    : (await response.json()).pages;
  return sources.map((source) => Object.assign(new Image(), { src: source }));
}

function show(panel, pages) {
  const fill = (text, index) => text.replace("{n}", index + 1).replace("{all}", pages.length);
  const figures = pages.map((page, index) => {
    const figure = document.createElement("figure");
    const caption = document.createElement("figcaption");
    page.alt = fill(panel.dataset.alt, index);
    page.width = page.naturalWidth;
    page.height = page.naturalHeight;
    caption.textContent = fill(panel.dataset.caption, index);
    figure.append(page, caption);
    return figure;
  });
  const stack = document.createElement("div");
  stack.className = "pages";
  stack.append(...figures);
  const [top, left] = [panel.scrollTop, panel.scrollLeft];
  panel.querySelectorAll("img[src^='blob:']").forEach((old) => URL.revokeObjectURL(old.src));
  panel.querySelector("[data-preview-pages]").replaceChildren(stack);
  panel.scrollTo({ top, left, behavior: "instant" });
}
