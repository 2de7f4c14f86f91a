// A new request while it is typed: kept in this tab alone, so that a reload, or a phone that closes the browser while
// its camera is open, loses nothing. The page's address gets the form's own mark, so that its files are found again too.

const PREFIX = "isian:";

/** Keep the values of the form around `mark` ([data-remember]) and put back those kept before. */
export async function enhanceRemember(mark) {
  const form = mark.closest("form");
  const key = PREFIX + mark.dataset.remember;
  const address = new URL(location.href);
  address.searchParams.set("isian", mark.dataset.remember);
  history.replaceState(history.state, "", address);
  const before = stored((storage) => storage.getItem(key));
  if (before) {
    await import("./rows.js"); // which surat.js asked for first: "Tambah baris" works from here on
    write(form, JSON.parse(before));
  }
  const keep = () => stored((storage) => storage.setItem(key, JSON.stringify(read(form))));
  form.addEventListener("input", keep);
}

/** Forget what was kept: it has been sent, or somebody else may sit here now. */
export function forget() {
  stored((storage) => Object.keys(storage).filter((key) => key.startsWith(PREFIX)).forEach((key) => storage.removeItem(key)));
}

// Where the browser refuses storage, or it is full, nothing is kept: the form works as it does without this.
function stored(act) {
  try {
    return act(sessionStorage);
  } catch {
    return null;
  }
}

function fields(form) {
  return [...form.elements].filter((field) => field.name && !["hidden", "file", "submit", "button", "fieldset"].includes(field.type));
}

function read(form) {
  return fields(form).map((field) => [field.name, ["checkbox", "radio"].includes(field.type) ? field.checked : field.value]);
}

function write(form, values) {
  addRows(form, values);
  const left = fields(form);
  for (const [name, value] of values) {
    const at = left.findIndex((field) => field.name === name);
    if (at < 0) continue;
    const [field] = left.splice(at, 1);
    if (typeof value === "boolean") field.checked = value;
    else field.value = value;
  }
}

// As many rows as were there, so that each value finds its field.
function addRows(form, values) {
  form.querySelectorAll("[data-rows]").forEach((rows) => {
    const name = rows.querySelector("[name]").name;
    const missing = values.filter(([other]) => other === name).length - rows.childElementCount;
    const button = rows.closest("fieldset").querySelector("[data-add-row]");
    for (let number = 0; number < missing; number += 1) button.click();
    if (missing > 0) document.activeElement.blur(); // the reader has not been there yet
  });
}
