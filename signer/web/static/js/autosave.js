// Keeps a draft while it is typed.
//
// After a pause, or when form.dispatchEvent(new Event("surat:save")) asks for it, the form is POSTed (without its
// files) to data-autosave-url. Answers:
//   2xx    saved; JSON {"values": {"<field name>": "..."}} is written back (e.g. a version), {"parts": {"<id>": "<html>"}}
//          (pieces of page made by our own templates) replaces what stands in those elements
//   409    JSON {"message": "..."}: somebody else changed it; the sentence is shown, [data-autosave-compare] comes out
//          and saving stops. {"title": "..."}: it may not be saved any more; the sentence is shown and saving stops
//   401 or 400   the session is over, or another has begun: [data-autosave-login] comes out, and saving goes on by
//          itself once the same person has signed in again in another tab
// Anything else is tried again after a while, and at once when the connection is back. Nothing typed is ever replaced.
import { withoutFiles } from "./fields.js";

const PAUSE = 1_500; // ms after the last change
const AGAIN = 6_000; // ms until the next try, after a failure or a change made while saving
const PATIENCE = 30_000; // ms for one answer; a connection can die without anybody noticing

/** Enhance one form[data-autosave-url]; what happened is said in its [data-autosave-status]. */
export function enhanceAutosave(form) {
  const status = form.querySelector("[data-autosave-status]");
  const compare = form.querySelector("[data-autosave-compare]");
  const login = form.querySelector("[data-autosave-login]");
  let timer = 0;
  let saving = false;
  let dirty = false;
  let stopped = false; // by an answer that the person must act on
  let leaving = false; // the form itself is being sent

  const tell = ({ text, unsaved = false, conflict = false, signedOut = false }) => {
    say(status, text);
    status?.parentElement.toggleAttribute("data-alarm", unsaved); // the style sheet keeps that in view
    if (compare) compare.hidden = !conflict;
    if (login) login.hidden = !signedOut;
  };
  const save = async () => {
    if (saving || stopped || leaving || !dirty) return;
    clearTimeout(timer);
    saving = true;
    dirty = false;
    say(status, form.dataset.saving);
    try {
      const answer = await send(form);
      stopped = answer.stop ?? false;
      dirty ||= answer.unsaved ?? false;
      tell(answer);
    } catch {
      dirty = true;
      tell({ text: form.dataset.unsaved, unsaved: true });
    }
    saving = false;
    if (dirty && !stopped && navigator.onLine) timer = setTimeout(save, AGAIN);
  };
  form.addEventListener("input", () => {
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  });
  form.addEventListener("surat:save", () => {
    dirty = true;
    save();
  });
  form.addEventListener("submit", ({ defaultPrevented }) => {
    leaving ||= !defaultPrevented;
  });
  addEventListener("pageshow", () => (leaving = false)); // back from the next page, out of the browser's memory
  addEventListener("online", save);
  addEventListener("focus", save); // from the tab where they signed in again
  addEventListener("beforeunload", (event) => {
    if (dirty && !leaving) event.preventDefault();
  });
}

async function send(form, retried = false) {
  const response = await fetch(form.dataset.autosaveUrl, {
    method: "POST", body: withoutFiles(form), headers: { Accept: "application/json" }, credentials: "same-origin",
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (response.status === 401 || response.status === 400) {
    const refused = await renew(form);
    return refused || retried ? { unsaved: true, ...refused } : send(form, true);
  }
  if (response.status === 409) {
    const told = await response.json();
    return { stop: true, unsaved: true, conflict: "message" in told, text: told.message ?? told.title };
  }
  if (!response.ok) throw new Error(`autosave: ${response.status}`);
  if (response.status !== 204) take(form, await response.json());
  const time = new Date().toLocaleTimeString(document.documentElement.lang === "en" ? "en-GB" : "id-ID", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Jakarta" });
  return { text: form.dataset.saved.replace("{time}", `${time} WIB`) };
}

// The token of the session that there is now, for every form of this page; or what keeps us from having one.
async function renew(form) {
  const response = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const name = (root) => root.querySelector(".who b")?.textContent;
  const token = page.querySelector("input[name=csrf_token]")?.value;
  if (!name(page)) return { signedOut: true, text: form.dataset.signedOut };
  if (name(page) !== name(document)) return { stop: true, text: form.dataset.otherPerson };
  document.querySelectorAll("input[name=csrf_token]").forEach((field) => (field.value = token));
  return null;
}

function take(form, { values = {}, parts = {} }) {
  for (const [name, value] of Object.entries(values)) if (form.elements[name]) form.elements[name].value = value;
  for (const [id, html] of Object.entries(parts)) {
    const part = document.getElementById(id);
    if (part) part.innerHTML = html;
  }
}

function say(status, text) {
  if (status) status.textContent = text;
}
