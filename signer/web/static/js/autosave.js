// Keeps a draft while it is typed.
//
// After a pause the form is POSTed (without its files) to data-autosave-url. Answers:
//   2xx                             saved; JSON {"values": {"<field name>": "..."}} is written back (e.g. a version)
//   409 JSON {"message": "..."}     somebody else changed it: the sentence is shown and saving stops
// Anything else is tried again after a while, and at once when the connection is back.

const PAUSE = 1_500; // ms after the last change
const AGAIN = 6_000; // ms until the next try, after a failure or a change made while saving

/** Enhance one form[data-autosave-url]; what happened is said in its [data-autosave-status]. */
export function enhanceAutosave(form) {
  const status = form.querySelector("[data-autosave-status]");
  let timer = 0;
  let saving = false;
  let dirty = false;
  let stopped = false;

  const save = async () => {
    if (saving || stopped || !dirty) return;
    saving = true;
    dirty = false;
    say(status, form.dataset.saving);
    try {
      const answer = await send(form);
      stopped = answer.stop;
      say(status, answer.text);
    } catch {
      dirty = true;
      say(status, form.dataset.unsaved);
    }
    saving = false;
    if (dirty && navigator.onLine) timer = setTimeout(save, AGAIN);
  };
  form.addEventListener("input", () => {
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  });
  form.addEventListener("submit", () => {
    stopped = true;
    clearTimeout(timer);
  });
  addEventListener("online", save);
  addEventListener("beforeunload", (event) => {
    if (dirty && !stopped) event.preventDefault();
  });
}

async function send(form) {
  const data = new FormData(form);
  for (const [name, value] of [...data.entries()]) if (value instanceof File) data.delete(name);
  const response = await fetch(form.dataset.autosaveUrl, {
    method: "POST", body: data, headers: { Accept: "application/json" }, credentials: "same-origin",
  });
  if (response.status === 409) return { stop: true, text: (await response.json()).message };
  if (!response.ok) throw new Error(`autosave: ${response.status}`);
  if (response.status !== 204) write(form, (await response.json()).values ?? {});
  const time = new Date().toLocaleTimeString(document.documentElement.lang === "en" ? "en-GB" : "id-ID", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Jakarta" });
  return { stop: false, text: form.dataset.saved.replace("{time}", `${time} WIB`) };
}

function write(form, values) {
  for (const [name, value] of Object.entries(values)) if (form.elements[name]) form.elements[name].value = value;
}

function say(status, text) {
  if (status) status.textContent = text;
}
