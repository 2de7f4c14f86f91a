// Page pictures marked data-zoom open over the page instead of alone in the browser: plus and minus, two fingers, keys.
// Needs letter.css; texts come from the element's data- attributes. Without it the links open the large pictures.

const [LEAST, MOST, STEP] = [1, 5, 1.4]; // 1: the page is as wide as the screen, and never wider than a sheet of paper
const PAPER = 900; // CSS pixels at zoom 1 on a large screen

/** @param {HTMLElement} pages */
export function enhanceZoom(pages) {
  const links = [...pages.querySelectorAll("a[href]")];
  let viewer = null;
  pages.classList.add("zoomable");
  links.forEach((link, index) => {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || typeof HTMLDialogElement === "undefined") return;
      event.preventDefault();
      viewer ??= new Viewer(links, pages.dataset);
      viewer.open(index);
    });
  });
}

class Viewer {
  constructor(links, texts) {
    this.links = links;
    this.zoom = LEAST;
    this.dialog = element("dialog", { className: "viewer", ariaLabel: texts.name });
    this.caption = element("p", { role: "status" });
    this.picture = element("img", {});
    this.room = element("div", { className: "viewer-room", tabIndex: 0, role: "group", ariaLabel: texts.name });
    this.room.append(this.picture);
    this.dialog.append(this.bar(texts), this.room);
    document.body.append(this.dialog);
    this.listen();
  }

  bar(texts) {
    const bar = element("div", { className: "viewer-bar" });
    this.away = button(texts.away, "\u2212", () => this.scale(this.zoom / STEP));
    this.closer = button(texts.closer, "+", () => this.scale(this.zoom * STEP));
    this.previous = button(texts.previous, "\u2039", () => this.show(this.index - 1));
    this.next = button(texts.next, "\u203a", () => this.show(this.index + 1));
    const close = button("", texts.close, () => this.dialog.close());
    this.previous.hidden = this.next.hidden = this.links.length === 1;
    bar.append(this.caption, this.previous, this.next, this.away, this.closer, close);
    return bar;
  }

  listen() {
    this.dialog.addEventListener("close", () => this.links[this.index].focus());
    this.dialog.addEventListener("keydown", (event) => this.key(event));
    this.room.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.room.addEventListener("touchstart", (event) => this.touch(event), { passive: true });
    this.room.addEventListener("touchmove", (event) => this.pinch(event), { passive: false });
    this.picture.addEventListener("dblclick", (event) => this.scale(this.zoom > LEAST ? LEAST : 2.5, event));
    addEventListener("resize", () => this.dialog.open && this.scale(this.zoom));
  }

  open(index) {
    this.dialog.showModal();
    this.show(index);
    this.room.focus();
  }

  /** The picture that is on the page already, at once; the large one when it has come. */
  show(index) {
    if (index < 0 || index >= this.links.length) return;
    this.index = index;
    const small = this.links[index].querySelector("img");
    const large = new Image();
    large.src = this.links[index].href;
    this.picture.src = small.currentSrc || small.src;
    this.picture.alt = this.caption.textContent = small.alt;
    this.picture.width = small.width;
    this.picture.height = small.height;
    large.decode().then(
      () => this.index === index && (this.picture.src = large.src),
      () => undefined, // no network now: the small one stays
    );
    mark(this.previous, index === 0);
    mark(this.next, index === this.links.length - 1);
    this.scale(LEAST);
    this.room.scrollTo(0, 0);
  }

  /** Zoom so that the point of the page under `at` (the middle without one) stays where it is. */
  scale(zoom, at = null) {
    const room = this.room.getBoundingClientRect();
    const [x, y] = at ? [at.clientX - room.left, at.clientY - room.top] : [room.width / 2, room.height / 2];
    const before = this.picture.getBoundingClientRect();
    const [across, down] = [(x + room.left - before.left) / before.width, (y + room.top - before.top) / before.height];
    this.zoom = Math.min(MOST, Math.max(LEAST, zoom));
    this.picture.style.width = `${Math.min(this.room.clientWidth, PAPER) * this.zoom}px`;
    const after = this.picture.getBoundingClientRect();
    this.room.scrollBy(after.left + across * after.width - room.left - x, after.top + down * after.height - room.top - y);
    mark(this.away, this.zoom <= LEAST);
    mark(this.closer, this.zoom >= MOST);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const acts = {
      "+": () => this.scale(this.zoom * STEP),
      "=": () => this.scale(this.zoom * STEP),
      "-": () => this.scale(this.zoom / STEP),
      0: () => this.scale(LEAST),
      n: () => this.show(this.index + 1),
      p: () => this.show(this.index - 1),
    };
    if (!(event.key in acts)) return;
    event.preventDefault();
    acts[event.key]();
  }

  wheel(event) {
    if (!event.ctrlKey) return; // also what two fingers on a touchpad send
    event.preventDefault();
    this.scale(this.zoom * Math.exp(-event.deltaY / 200), event);
  }

  touch(event) {
    if (event.touches.length === 2) this.start = { apart: apart(event.touches), zoom: this.zoom };
  }

  pinch(event) {
    if (event.touches.length !== 2 || !this.start) return; // a third finger was there first
    event.preventDefault();
    this.scale((this.start.zoom * apart(event.touches)) / this.start.apart, middle(event.touches));
  }
}

function apart([one, other]) {
  return Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
}

function middle([one, other]) {
  return { clientX: (one.clientX + other.clientX) / 2, clientY: (one.clientY + other.clientY) / 2 };
}

function element(name, properties) {
  return Object.assign(document.createElement(name), properties);
}

function button(label, text, act) {
  const made = element("button", { type: "button", className: "btn btn-secondary", textContent: text });
  if (label) made.ariaLabel = made.title = label;
  made.addEventListener("click", () => made.ariaDisabled !== "true" && act());
  return made;
}

/** aria-disabled, not disabled: the pressed button keeps the focus. */
function mark(made, off) {
  made.ariaDisabled = String(off);
}
