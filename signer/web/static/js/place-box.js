// The signature box on a page of an uploaded PDF: dragged by pointer or finger, moved by arrow keys, or by its numbers.
//
// Everything is in millimetres, as in the fields `page`, `left` and `top` of the form, which stay the truth. After a
// move the form is POSTed (without its files) to data-check-url; 200 JSON {"free": bool, "text": "..."} is said and shown.
import { withoutFiles } from "./fields.js";

const PAUSE = 250; // ms after the last movement
const FINE = 1, COARSE = 10; // mm a key press
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Enhance one svg[data-place]. */
export function enhancePlace(sheet) {
  const form = sheet.closest("form");
  const box = sheet.querySelector("[data-place-box]");
  const { page, left, top } = form.elements;
  const pages = JSON.parse(sheet.dataset.pages);
  const checking = checker(sheet, form, box);
  const size = { width: box.width.baseVal.value, height: box.height.baseVal.value };

  const clamp = (value, length, room) => {
    const margin = Number(sheet.dataset.margin);
    return Math.round(Math.min(Math.max(value, margin), room - margin - length) * 2) / 2;
  };
  const put = (x, y) => {
    box.setAttribute("x", x);
    box.setAttribute("y", y);
    const fill = { page: page.value, left: x, top: y };
    box.setAttribute("aria-label", sheet.dataset.label.replace(/\{(\w+)\}/g, (_all, key) => words(fill[key])));
  };
  const move = (x, y) => {
    const here = pages[page.value - 1];
    const to = [clamp(x, size.width, here.width), clamp(y, size.height, here.height)];
    put(...to);
    [left.value, top.value] = to.map(words);
    left.dispatchEvent(new CustomEvent("input", { bubbles: true, detail: box })); // for the autosave
    checking.soon();
  };
  const turn = () => {
    const here = pages[page.value - 1];
    const image = sheet.querySelector("image");
    sheet.setAttribute("viewBox", `0 0 ${here.width} ${here.height}`);
    for (const [name, value] of Object.entries({ href: here.src, width: here.width, height: here.height })) image.setAttribute(name, value);
    image.querySelector("title").textContent = sheet.dataset.picture.replace("{page}", page.value);
    move(number(left.value), number(top.value));
  };
  const at = () => [box.x.baseVal.value, box.y.baseVal.value];

  draggable(sheet, box, at, move);
  box.addEventListener("keydown", (event) => {
    const [x, y] = KEYS[event.key] ?? [0, 0];
    if (!x && !y) return;
    event.preventDefault();
    const step = event.shiftKey ? COARSE : FINE;
    const [fromX, fromY] = at();
    move(fromX + x * step, fromY + y * step);
  });
  page.addEventListener("change", turn);
  for (const field of [left, top]) {
    field.addEventListener("input", (event) => {
      if (event.detail === box) return;
      put(number(left.value), number(top.value));
      checking.soon();
    });
  }
  box.setAttribute("tabindex", "0");
  box.setAttribute("role", "application"); // arrow keys belong to it
  box.setAttribute("aria-describedby", "place-help");
  document.getElementById("place-help").hidden = false;
  form.querySelector(`[formaction^="${sheet.dataset.checkUrl}"]`).hidden = true;
  put(...at());
  checking.soon();
}

// Moves by the pointer that took hold of the box, wherever it was taken.
function draggable(sheet, box, at, move) {
  let hold = null;
  const point = (event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(sheet.getScreenCTM().inverse());
  box.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const [x, y] = at();
    const from = point(event);
    hold = { x: from.x - x, y: from.y - y };
    box.setPointerCapture(event.pointerId);
    box.focus({ preventScroll: true });
    event.preventDefault();
  });
  // Browsers do not heed touch-action inside an SVG: without this a finger would scroll the page as well.
  box.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
  box.addEventListener("pointermove", (event) => {
    if (!hold) return;
    const to = point(event);
    move(to.x - hold.x, to.y - hold.y);
  });
  for (const end of ["pointerup", "pointercancel"]) box.addEventListener(end, () => (hold = null));
}

// Asks the server what lies under the box; only the newest answer counts.
function checker(sheet, form, box) {
  const status = form.querySelector("[data-place-status]");
  const { checkUrl, checking, failed } = sheet.dataset;
  let timer = 0;
  let request = null;

  const show = (free, text) => {
    box.classList.toggle("is-free", free === true);
    box.classList.toggle("is-taken", free === false);
    if (status.textContent === text) return; // a screen reader need not hear it again with every millimetre
    const said = document.createElement("span");
    if (free !== null) said.className = free ? "good" : "bad";
    said.textContent = text;
    status.replaceChildren(said);
  };
  const ask = async () => {
    request?.abort();
    request = new AbortController();
    const { signal } = request;
    try {
      const response = await fetch(checkUrl, { method: "POST", body: withoutFiles(form), headers: { Accept: "application/json" }, credentials: "same-origin", signal });
      if (!response.ok) throw new Error(`place: ${response.status}`);
      const { free, text } = await response.json();
      show(free, text);
    } catch (reason) {
      if (reason.name !== "AbortError") show(null, failed);
    }
  };
  return {
    soon: () => {
      clearTimeout(timer);
      request?.abort();
      show(null, checking);
      timer = setTimeout(ask, PAUSE);
    },
  };
}

function number(text) {
  const value = Number(text.replace(",", "."));
  return Number.isFinite(value) ? value : 0;
}

// As the page's language writes it: 105,5.
function words(value) {
  return Number(value).toLocaleString(document.documentElement.lang || "id", { useGrouping: false });
}
