// Sends one file in parts and goes on where it stopped, over connections that break. The other side: web/uploading.py.

const FIRST_PART = 128 * 1024;
const LARGEST_PART = 2 * 1024 * 1024; // signer/incoming.py: MAX_PART
const QUICK = 1_500; // ms; a part sent faster than this makes the next one twice as large
const PATIENCE = 60_000; // ms for one part
const WAITS = [1_000, 2_000, 4_000, 8_000, 15_000, 15_000]; // ms between tries; then the person decides
const SAMPLE = 32 * 1024;

/** The server will not take it, however often it is sent; `status` is its answer's, the message its sentence. */
export class Refused extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

/** No connection, after some tries. */
export class Lost extends Error {}

/**
 * Send `file` for `about` (the form fields that say what it is for); gives the server's last answer, {ticket, ...}.
 * tell.begun(answer), tell.at(bytes), tell.lost() follow it. Throws Refused, Lost, or AbortError by `signal`.
 */
export async function send(file, about, { url, token }, tell, signal) {
  const talk = (method, address, body, headers = {}, progress = null) =>
    ask(method, address, body, { "X-CSRFToken": token, ...headers }, signal, progress);
  const announce = async () => {
    const form = new FormData();
    for (const [name, value] of Object.entries({ ...about, name: file.name, size: file.size, mark: await markOf(file) })) form.set(name, value);
    return patiently(() => talk("POST", url, form), tell, signal);
  };
  let state = await announce();
  tell.begun(state);
  let size = FIRST_PART;
  while (!state.whole) {
    const from = state.offset;
    const began = performance.now();
    try {
      state = await talk("POST", url + state.ticket, file.slice(from, from + size),
        { "Upload-Offset": String(from), "Content-Type": "application/octet-stream" }, (sent) => tell.at(from + sent));
      if (performance.now() - began < QUICK) size = Math.min(2 * size, LARGEST_PART);
    } catch (fault) {
      if (fault instanceof Refused && ![404, 409].includes(fault.status)) throw fault;
      if (fault.name === "AbortError") throw fault;
      if (fault instanceof Lost) tell.lost();
      size = FIRST_PART;
      state = await whereItStands(state.ticket, talk, url, tell, signal) ?? await announce();
    }
    tell.at(state.offset);
  }
  return state;
}

/** POST a form; gives the JSON of the answer. Throws Refused or Lost. */
export function post(url, token, fields) {
  return ask("POST", url, fields, { "X-CSRFToken": token });
}

// Asked first, after whatever happened: the offset is the server's to say. null: it knows nothing of the file any more.
async function whereItStands(ticket, talk, url, tell, signal) {
  try {
    return await patiently(() => talk("GET", url + ticket), tell, signal);
  } catch (fault) {
    if (fault instanceof Refused && fault.status === 404) return null;
    throw fault;
  }
}

async function patiently(act, tell, signal) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await act();
    } catch (fault) {
      if (!(fault instanceof Lost) || tries >= WAITS.length) throw fault;
      tell.lost();
      await pause(WAITS[tries], signal);
    }
  }
}

// Until the time is over, or the connection is back.
function pause(time, signal) {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener("online", end);
      if (signal?.aborted) reject(new DOMException("", "AbortError"));
      else resolve();
    };
    const timer = setTimeout(end, time);
    addEventListener("online", end);
    signal?.addEventListener("abort", end, { once: true });
  });
}

// XMLHttpRequest, because fetch does not say how much of a body is sent.
function ask(method, url, body, headers, signal, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.timeout = PATIENCE;
    request.setRequestHeader("Accept", "application/json");
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    if (progress) request.upload.onprogress = (event) => progress(event.loaded);
    request.onload = () => answered(request, resolve, reject);
    request.onerror = request.ontimeout = () => reject(new Lost());
    request.onabort = () => reject(new DOMException("", "AbortError"));
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    if (signal?.aborted) reject(new DOMException("", "AbortError"));
    else request.send(body);
  });
}

function answered(request, resolve, reject) {
  let found = {};
  try {
    found = JSON.parse(request.responseText || "{}");
  } catch {
    // a page instead of JSON, e.g. of a proxy; its status says enough
  }
  if (request.status >= 200 && request.status < 300) resolve(found);
  else if (request.status >= 500 || request.status === 429) reject(new Lost());
  else reject(new Refused(request.status, request.status === 422 ? found.title : ""));
}

// By which the same file is known again after a reload: name, size and samples of its bytes (phones call every photo
// image.jpg). Not a checksum: what is stored is authenticated on its own.
async function markOf(file) {
  const spots = [0, Math.floor(file.size / 2), Math.max(0, file.size - SAMPLE)];
  const samples = await Promise.all(spots.map((from) => file.slice(from, from + SAMPLE).arrayBuffer()));
  let [one, two] = [0xdeadbeef, 0x41c6ce57];
  const mix = (byte) => {
    one = Math.imul(one ^ byte, 2654435761);
    two = Math.imul(two ^ byte, 1597334677);
  };
  new TextEncoder().encode(`${file.name}\0${file.size}\0`).forEach(mix);
  samples.forEach((sample) => new Uint8Array(sample).forEach(mix));
  return [one, two].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}
