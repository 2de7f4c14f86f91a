// The file fields of a request: each file is sent as soon as it is chosen, can be stopped, tried again, put in order,
// and photos joined into one PDF. The form then carries tickets (hidden fields `kept`), in the order of the list.
import { fault, refusedLine, sizeText } from "./files.js";
import { icon } from "./icon.js";
import { Lost, Refused, post, send } from "./sending.js";

const THUMB = 96; // pixels

let queue = Promise.resolve(); // one file at a time: on a slow connection the first is soon whole

/** Enhance one [data-uploads]: a file field, its camera button, its list, and its button for joining photos. */
export function enhanceUploads(box) {
  const field = new Field(box);
  box.querySelectorAll("input[type=file]").forEach((input) => {
    input.addEventListener("change", () => field.take(input));
    if (input.files.length > 0) field.take(input); // restored by the browser after a reload
  });
  if (!field.form.dataset.holds) holdUntilSent(field.form);
}

class Field {
  constructor(box) {
    this.box = box;
    this.input = box.querySelector("[data-files]");
    this.form = this.input.form;
    this.says = this.form.querySelector("[data-sending]").dataset;
    this.list = box.querySelector(".files") ?? make("ul", "files", { "aria-label": this.input.dataset.list });
    this.said = make("p", "unseen", { role: "status" });
    this.join = box.querySelector("[data-join]");
    this.input.before(this.list);
    this.input.after(this.said);
    this.lines = [...this.list.querySelectorAll("li[data-ticket]")].map((item) => this.adopt(item));
    const camera = box.querySelector(".camera");
    camera?.classList.add("ready");
    this.join.querySelector("button").addEventListener("click", () => this.joinPhotos());
    this.show();
  }

  get token() {
    return this.form.elements.csrf_token.value;
  }

  get about() {
    const { sop, berkas, isian } = this.says;
    return { requirement: this.box.dataset.uploads, ...(berkas ? { berkas } : { sop, isian }) };
  }

  // A file that the server has already, or the first part of one.
  adopt(item) {
    const { ticket, name, size, percent } = item.dataset;
    const line = new Line(this, name, size, "photo" in item.dataset);
    item.replaceWith(line.item);
    line.ticket = ticket;
    if (percent === undefined) line.whole({ ticket, photo: line.photo });
    else line.state("half", this.says.half.replace("{percent}", `${percent}%`), Number(percent));
    return line;
  }

  take(input) {
    const chosen = [...input.files];
    input.value = ""; // what is sent now must not be sent again with the form
    this.list.querySelectorAll(".refused").forEach((item) => item.remove());
    for (const file of chosen) {
      const why = fault(file, this.input, this.room());
      if (why) this.refuse(file.name, why);
      else this.start(file);
    }
  }

  room() {
    return Number(this.input.dataset.maxFiles) - this.form.querySelectorAll("[data-uploads] .files > li:not(.refused, [hidden])").length;
  }

  start(file, line = new Line(this, file.name, sizeText(file.size), false)) {
    if (!line.item.isConnected) {
      this.lines.push(line);
      this.list.append(line.item);
    }
    line.file = file;
    line.stop = new AbortController();
    line.state("queued", this.says.queued, 0);
    thumb(file, line);
    queue = queue.then(() => this.run(line)).catch((error) => console.error(error));
  }

  async run(line) {
    if (line.stop.signal.aborted) return;
    const percent = () => `${Math.floor((100 * line.sent) / line.file.size)}%`;
    const tell = {
      begun: (answer) => this.known(line, answer),
      at: (sent) => {
        line.sent = sent;
        line.state("sending", this.says.partly.replace("{percent}", percent()), (100 * sent) / line.file.size);
      },
      lost: () => line.state("lost", this.says.lost.replace("{percent}", percent())),
    };
    try {
      line.whole(await send(line.file, this.about, { url: this.says.url, token: this.token }, tell, line.stop.signal));
      this.tell(`${line.name}: ${this.says.whole}`);
    } catch (error) {
      this.fail(line, error, percent());
    }
    this.show();
  }

  fail(line, error, percent) {
    if (error.name === "AbortError") return;
    if (error instanceof Refused && error.message) {
      line.remove();
      this.refuse(line.name, error.message);
      return;
    }
    const signedOut = error instanceof Refused && error.status === 401;
    const text = error instanceof Lost ? this.says.failed.replace("{percent}", percent) : signedOut ? this.says.signedOut : this.says.refused;
    line.state("failed", text);
    this.tell(`${line.name}: ${text}`);
  }

  // The server has begun with this file, or knows it already: then the line that stands for it goes.
  known(line, answer) {
    this.lines.filter((other) => other !== line && other.ticket === answer.ticket).forEach((other) => other.remove());
    line.ticket = answer.ticket;
    line.sent = answer.offset;
  }

  refuse(name, sentence) {
    const why = sentence.startsWith(`${name}: `) ? sentence.slice(name.length + 2) : sentence; // the server's names the file
    this.list.append(refusedLine(name, why));
    this.tell(`${name}: ${why}`);
  }

  async drop(line) {
    line.stop?.abort();
    line.remove();
    this.tell(this.says.removed.replace("{name}", line.name));
    this.input.focus();
    this.show();
    if (line.ticket) await post(`${this.says.url}${line.ticket}/batal`, this.token, null).catch(() => {}); // else it ends by itself
  }

  move(line, step, button) {
    const photos = this.photos();
    const other = photos[photos.indexOf(line) + step];
    if (!other) return;
    if (step < 0) other.item.before(line.item);
    else other.item.after(line.item);
    this.lines.sort((a, b) => (a.item.compareDocumentPosition(b.item) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
    this.show();
    (button.hidden || button.disabled ? line.item.querySelector(".order button:not([disabled])") : button).focus();
    const now = this.photos();
    this.tell(this.says.moved.replace("{name}", line.name).replace("{i}", now.indexOf(line) + 1).replace("{n}", now.length));
  }

  photos() {
    return this.lines.filter((line) => line.photo && line.is === "whole");
  }

  async joinPhotos() {
    const photos = this.photos();
    const button = this.join.querySelector("button");
    const fields = new FormData();
    for (const [name, value] of Object.entries(this.about)) fields.set(name, value);
    photos.forEach((line) => fields.append("kept", line.ticket));
    button.setAttribute("aria-disabled", "true");
    if (this.join.dataset.busy) return;
    this.join.dataset.busy = "yes";
    this.join.querySelector(".field-error")?.remove();
    this.tell(this.says.joining.replace("{n}", photos.length));
    button.lastElementChild.textContent = this.says.joining.replace("{n}", photos.length);
    try {
      this.joined(photos, await post(this.says.joinUrl, this.token, fields));
    } catch (error) {
      const text = error.message || this.says.failed.replace("{percent}", "0%");
      this.join.append(make("p", "field-error", { role: "alert" }, text));
    }
    delete this.join.dataset.busy;
    button.removeAttribute("aria-disabled");
    this.show();
  }

  joined(photos, answer) {
    const line = new Line(this, answer.name, answer.size, false);
    photos[0].item.before(line.item);
    this.lines.push(line);
    line.whole(answer);
    photos.forEach((photo) => photo.remove());
    this.tell(`${answer.name}: ${this.says.whole}`);
    line.item.querySelector("button:not([hidden])").focus();
  }

  // What follows from the lines: order buttons, the button for joining, and a form that waits for its files.
  show() {
    const photos = this.photos();
    this.lines.forEach((line) => line.order(photos.indexOf(line), photos.length));
    this.join.hidden = photos.length < 2;
    this.join.querySelector("button span").textContent = this.says.join.replace("{n}", photos.length);
    this.input.required = this.input.required && this.list.childElementCount === 0;
    this.form.dispatchEvent(new CustomEvent("uploads"));
  }

  tell(text) {
    this.said.textContent = text;
  }
}

class Line {
  constructor(field, name, size, photo) {
    Object.assign(this, { field, name, photo, is: "", sent: 0, ticket: "", stop: null, file: null });
    this.item = make("li", "sent");
    this.picture = make("span", "thumb");
    this.picture.append(icon(photo ? "image" : "file"));
    this.text = make("span", "what");
    this.status = make("span", "small muted status");
    this.bar = make("progress", "", { max: 100, "aria-label": name });
    this.text.append(make("span", "name", {}, name), make("span", "muted small", {}, ` ${size} `), this.status, this.bar);
    this.upper = this.button("↑", field.says.up, () => field.move(this, -1, this.upper));
    this.lower = this.button("↓", field.says.down, () => field.move(this, 1, this.lower));
    this.again = this.button(field.says.again, field.says.again, () => field.start(this.file, this));
    this.out = this.button("", "", () => field.drop(this));
    const order = make("span", "order");
    order.append(this.upper, this.lower);
    const tools = make("span", "tools");
    tools.append(order, this.again, this.out);
    this.item.append(this.picture, this.text, tools);
    this.order(-1, 0);
  }

  button(text, label, act) {
    const button = make("button", "btn btn-secondary btn-small", { type: "button", "aria-label": `${label} ${this.name}` }, text);
    button.addEventListener("click", act);
    return button;
  }

  state(is, text, percent = null) {
    this.is = is;
    this.status.textContent = text;
    this.item.className = `sent is-${is}`;
    this.bar.hidden = is === "whole";
    if (percent !== null) this.bar.value = Math.floor(percent);
    this.again.hidden = is !== "failed";
    const label = is === "whole" || is === "half" ? this.field.says.remove : this.field.says.cancel;
    this.out.textContent = label;
    this.out.setAttribute("aria-label", `${label} ${this.name}`);
    this.field.form.dispatchEvent(new CustomEvent("uploads"));
  }

  whole({ ticket, photo }) {
    this.ticket = ticket;
    this.photo = photo;
    if (!this.item.querySelector("input[name=kept]")) this.item.append(make("input", "", { type: "hidden", name: "kept", value: ticket }));
    this.state("whole", this.field.says.whole, 100);
  }

  order(place, count) {
    this.upper.parentElement.hidden = count < 2 || place < 0;
    this.upper.disabled = place === 0;
    this.lower.disabled = place === count - 1;
  }

  remove() {
    this.item.remove();
    this.field.lines = this.field.lines.filter((line) => line !== this);
  }
}

// The form goes when its files are there; pressed earlier, it goes by itself then.
function holdUntilSent(form) {
  form.dataset.holds = "yes";
  const says = form.querySelector("[data-sending]").dataset;
  const note = form.querySelector("[data-sending-note]");
  const count = (...kinds) => form.querySelectorAll(kinds.map((kind) => `.sent.is-${kind}`).join()).length;
  let pressed = null;
  form.addEventListener("submit", (event) => {
    const [pending, stuck] = [count("queued", "sending", "lost"), count("failed", "half")];
    if (pending + stuck === 0) return;
    event.preventDefault();
    pressed = pending > 0 ? event.submitter : null;
    note.textContent = (pending > 0 ? says.pending : says.stuck).replace("{n}", pending || stuck);
    if (pending === 0) form.querySelector(".sent:is(.is-failed, .is-half) .tools button:not([hidden])").focus();
  });
  form.addEventListener("uploads", () => {
    const [pending, stuck] = [count("queued", "sending", "lost"), count("failed", "half")];
    if (pending > 0 && pressed) note.textContent = says.pending.replace("{n}", pending);
    if (pending > 0) return;
    note.textContent = pressed && stuck > 0 ? says.stuck.replace("{n}", stuck) : "";
    const button = pressed;
    pressed = null;
    if (button && stuck === 0) setTimeout(() => form.requestSubmit(button));
  });
}

async function thumb(file, line) {
  if (!file.type.startsWith("image/")) return;
  try {
    const picture = await createImageBitmap(file, { resizeWidth: THUMB, resizeQuality: "low" });
    const canvas = make("canvas", "", { width: THUMB, height: Math.min(2 * THUMB, picture.height) });
    canvas.getContext("2d").drawImage(picture, 0, 0);
    picture.close();
    line.picture.replaceChildren(canvas);
  } catch {
    // no picture; the name is there
  }
}

function make(tag, className = "", attributes = {}, text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text) element.textContent = text;
  return element;
}
