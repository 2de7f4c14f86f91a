// The letter beside its form, following what is typed.
//
// After a pause the form is POSTed (without its files) to data-preview-url, with `lebar` (pixels wide enough for the
// panel) and `ada` (the id of every page that is shown already). Answers:
//   200 application/json {"pages": [{"id": "...", "src": "data:image/..."}, ...]}   `src` only for pages not shown yet
//   422 application/json {"errors": {"<field name>": "<sentence>"}}   shown at the fields; name "" = the whole form
// Anything else leaves the last pages standing and says so. Only the newest answer counts.
import { clearErrors, showError, withoutFiles } from "./fields.js";

const PAUSE = 30; // ms after the last keystroke: keys of a fast typist are 100 ms apart, so each has its answer before the next
const LATE = 400; // ms until it is said that the picture is being made
const WIDTHS = [480, 600, 760, 900, 1200]; // what the server draws

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
    // Not at once: an answer comes quicker than a screen reader could say that one is awaited.
    const late = setTimeout(() => (status.textContent = panel.dataset.busy), LATE);
    try {
      const answer = await ask(form, panel, signal);
      errors = answer.errors ?? {};
      if (answer.pages) show(panel, answer.pages);
      placeErrors();
      const said = summary(panel, answer, touched);
      if (status.textContent !== said) status.textContent = said;
    } catch (reason) {
      if (reason.name === "AbortError") return; // a newer request has taken over and owns the panel
      status.textContent = panel.dataset.failed;
    } finally {
      clearTimeout(late);
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
async function ask(form, panel, signal) {
  const shown = new Map([...panel.querySelectorAll("img[data-page]")].map((image) => [image.dataset.page, image]));
  const response = await fetch(form.dataset.previewUrl, {
    method: "POST", body: values(form, panel, shown), headers: { Accept: "application/json" }, credentials: "same-origin", signal,
  });
  if (response.status === 422) return { errors: (await response.json()).errors };
  if (!response.ok) throw new Error(`preview: ${response.status}`);
  const pages = (await response.json()).pages.map(({ id, src }) => (src ? picture(id, src) : shown.get(id).cloneNode()));
  await Promise.all(pages.map((page) => page.decode())); // shown only when complete: no flicker, no jump
  signal.throwIfAborted();
  return { pages };
}

function values(form, panel, shown) {
  const data = withoutFiles(form);
  form.querySelectorAll("[data-unchanging]").forEach(({ name }) => data.delete(name));
  const wide = panel.querySelector("[data-preview-pages]").clientWidth * devicePixelRatio;
  data.append("lebar", WIDTHS.find((width) => width >= wide) ?? WIDTHS.at(-1));
  for (const id of shown.keys()) data.append("ada", id);
  return data;
}

function picture(id, src) {
  const image = Object.assign(new Image(), { src });
  image.dataset.page = id;
  return image;
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
  panel.querySelector("[data-preview-pages]").replaceChildren(stack);
  panel.scrollTo({ top, left, behavior: "instant" });
}
