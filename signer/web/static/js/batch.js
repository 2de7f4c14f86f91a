// Batch signing as it happens: the form's POST is read line by line (NDJSON), and where the line is lost, asked after.
//
// Lines: {"type": "mulai", total, done}, {"type": "surat", berkas, state, number, subject, text, href} for each letter,
// {"type": "selesai"} or {"type": "berhenti", code}. GET <batch>/kemajuan: {running, total, letters: [as above]}.
// The batch's own page says in the end how everything went; here it is only drawn meanwhile.
import { icon } from "./icon.js";

const AGAIN = 1_000; // ms between two questions
const PATIENCE = 3_000; // ms, while there is no connection
const SILENCE = 20_000; // ms without a line or an answer, after which is asked another way

const panel = document.querySelector("[data-progress]");
const form = document.querySelector("form[data-batch]");
const drawn = new Set();

const pause = (time) => new Promise((done) => setTimeout(done, time));
const find = (name) => panel.querySelector(`[data-progress-${name}]`);

function show() {
  document.querySelectorAll("[data-choosing], [data-error-summary]").forEach((part) => (part.hidden = true));
  panel.hidden = false;
  panel.querySelector("h2").focus();
}

function count(done, total) {
  const bar = panel.querySelector("progress");
  bar.max = total;
  bar.value = done;
  find("text").textContent = panel.dataset.count.replace("{n}", done).replace("{all}", total);
}

function draw(letter) {
  if (drawn.has(letter.berkas)) return;
  drawn.add(letter.berkas);
  const good = letter.state === "terbit";
  const item = document.createElement("li");
  item.append(icon(good ? "good" : "bad", good ? "good" : "bad"), words(letter, good));
  find("results").prepend(item);
}

function words(letter, good) {
  const text = document.createElement("div");
  const link = document.createElement("a");
  link.href = letter.href;
  link.textContent = letter.number || letter.subject;
  const word = document.createElement("strong");
  word.className = good ? "good" : "bad";
  word.textContent = panel.dataset[good ? "wordTerbit" : "wordGagal"];
  text.append(word, ": ", link, ` ${letter.subject}`);
  if (!good) {
    const reason = document.createElement("p");
    reason.className = "small";
    reason.textContent = letter.text;
    text.append(reason);
  }
  return text;
}

/** Ask how the batch at `address` stands until its run has ended, then go to its page. */
async function follow(address) {
  for (;;) {
    try {
      const signal = AbortSignal.timeout(SILENCE);
      const answer = await fetch(`${address}/kemajuan`, { headers: { Accept: "application/json" }, signal });
      if (answer.status === 404) return location.replace(panel.dataset.base); // the choice never arrived
      if (answer.status === 401 || answer.status === 403) return location.replace(address); // signed out: it says so
      if (!answer.ok) throw new Error(`progress: ${answer.status}`);
      const { running, total, letters } = await answer.json();
      find("note").textContent = "";
      letters.forEach(draw);
      count(letters.length, total);
      if (!running) return location.replace(address);
      await pause(AGAIN);
    } catch {
      find("note").textContent = panel.dataset.lost;
      await pause(PATIENCE);
    }
  }
}

// A connection can die without anybody noticing. The stream is left open all the same: the service signs on.
function silence() {
  return new Promise((_done, fail) => setTimeout(() => fail(new Error("nothing came")), SILENCE));
}

/** The lines of a stream, each as an object. Throws after a SILENCE. */
async function* lines(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await Promise.race([reader.read(), silence()]);
    if (done) return;
    const parts = (rest + value).split("\n");
    rest = parts.pop();
    for (const part of parts) yield JSON.parse(part);
  }
}

/** Read the stream to its end; gives the last line, which says why it ended. */
async function read(answer) {
  let [done, total] = [0, 0];
  for await (const line of lines(answer.body)) {
    if (line.type === "mulai") [done, total] = [line.done, line.total];
    else if (line.type === "surat") {
      done += 1;
      draw(line);
    } else return line;
    count(done, total);
  }
  throw new Error("the stream broke off");
}

async function sign(address) {
  const sent = new FormData(form);
  form.elements.passphrase.value = "";
  show();
  try {
    const headers = { Accept: "application/x-ndjson" };
    const answer = await fetch(form.action, { method: "POST", body: sent, headers, credentials: "same-origin" });
    if (answer.redirected) return location.assign(answer.url);
    if (!(answer.headers.get("Content-Type") ?? "").startsWith("application/x-ndjson")) return resend(sent);
    history.replaceState(null, "", address);
    const last = await read(answer);
    return location.replace(last.type === "berhenti" ? `${address}?berhenti=${last.code}` : address);
  } catch {
    return follow(address);
  }
}

/** Refused before anything began: sent once more the plain way, the page that comes says why and keeps the choice. */
function resend(sent) {
  form.elements.passphrase.value = sent.get("passphrase");
  form.submit();
}

// ---- choosing ----

function ticks() {
  return [...document.querySelectorAll("input[name=pilih]")];
}

function ask() {
  const ticked = ticks().filter((box) => box.checked);
  document.querySelectorAll("[data-each]").forEach((text) => {
    text.dataset.none ??= text.textContent;
    text.textContent = ticked.length ? text.dataset.each.replace("{n}", ticked.length) : text.dataset.none;
  });
  const needed = {
    unopened: ticked.some((box) => box.dataset.opened === "tidak"),
    earlier: ticked.some((box) => "earlier" in box.dataset),
  };
  document.querySelectorAll("[data-when]").forEach((part) => (part.hidden = !needed[part.dataset.when]));
}

function tick({ target }) {
  const which = target.closest("[data-tick]")?.dataset.tick;
  if (!which) return;
  ticks().forEach((box) => (box.checked = which === "all" || (which === "opened" && box.dataset.opened === "ya")));
  ask();
}

if (form) {
  const own = form.dataset.code ? `${form.getAttribute("action")}/${form.dataset.code}` : form.getAttribute("action");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!panel.hidden) return; // pressed twice
    sign(own);
  });
}
if (ticks().length > 0) {
  document.querySelector("[data-tick-all]").hidden = false;
  document.addEventListener("click", tick);
  document.addEventListener("change", ask);
  addEventListener("pageshow", ask);
  ask();
}
if (panel?.dataset.follow) follow(panel.dataset.follow);
