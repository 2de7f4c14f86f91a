// A file field that lists what was chosen, adds to it instead of replacing it, and leaves out what would be refused.
// The server checks again, by content (signer/uploads.py); this only saves a slow upload in vain.

/** Size in bytes as the page's language writes it: 1,4 MB. */
export function sizeText(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  const kilo = bytes / 1024;
  if (kilo < 1024) return `${Math.ceil(kilo)} kB`;
  const tenths = Math.ceil((kilo / 1024) * 10) / 10; // up, so that what is over the limit also reads so
  return `${tenths.toLocaleString(document.documentElement.lang || "id")} MB`;
}

/** Why `file` cannot be sent, as a sentence from the field's data, or "" if it can. `room`: files still allowed. */
export function fault(file, input, room) {
  const { tooBig, wrongType, empty, tooMany, maxBytes } = input.dataset;
  if (!input.accept.split(",").includes(file.type)) return wrongType;
  if (file.size === 0) return empty;
  if (file.size > Number(maxBytes)) return tooBig.replace("{size}", sizeText(file.size));
  return room <= 0 ? tooMany : "";
}

/** Enhance one input[data-files]. */
export function enhanceFiles(input) {
  if (input.closest("[data-uploads]")) return; // uploads.js sends its files one by one
  const list = document.createElement("ul");
  list.className = "files";
  list.setAttribute("aria-label", input.dataset.list);
  const said = document.createElement("p");
  said.className = "unseen";
  said.setAttribute("role", "status");
  input.after(list, said);
  let kept = [];
  let refused = [];

  const take = () => {
    refused = [];
    const chosen = [...input.files];
    if (!input.multiple && chosen.length > 0) kept = [];
    for (const file of chosen) {
      if (kept.some((other) => same(other, file))) continue;
      const why = fault(file, input, roomFor(input, kept.length));
      if (why) refused.push([file, why]);
      else kept.push(file);
    }
    update();
  };
  const update = () => {
    const transfer = new DataTransfer();
    kept.forEach((file) => transfer.items.add(file));
    input.files = transfer.files;
    list.replaceChildren(
      ...kept.map((file) => keptLine(file, input.dataset.remove, () => {
        kept = kept.filter((other) => other !== file);
        update();
        input.focus();
      })),
      ...refused.map(([file, why]) => refusedLine(file.name, why)),
    );
    said.textContent = [input.dataset.count.replace("{n}", kept.length), ...refused.map(([file, why]) => `${file.name}: ${why}`)].join(". ");
  };
  input.addEventListener("change", take);
  if (input.files.length > 0) take(); // restored by the browser after a reload
}

function same(one, other) {
  return one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;
}

// How many more files the form takes: the limit counts every file field and what was handed in before.
function roomFor(input, own) {
  const others = [...(input.form ?? document).querySelectorAll("[data-files]")];
  const taken = others.reduce(
    (sum, field) => sum + Number(field.dataset.given) + (field === input ? own : field.files.length), 0);
  return Number(input.dataset.maxFiles) - taken;
}

function line(...parts) {
  const item = document.createElement("li");
  item.append(...parts);
  return item;
}

function keptLine(file, removeText, remove) {
  const text = document.createElement("span");
  const size = document.createElement("span");
  size.className = "muted small";
  size.textContent = ` ${sizeText(file.size)}`;
  text.append(file.name, size);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-link btn-small";
  button.textContent = removeText;
  button.setAttribute("aria-label", `${removeText} ${file.name}`);
  button.addEventListener("click", remove);
  return line(text, button);
}

/** The line of a file that was left out, and why. */
export function refusedLine(name, why) {
  const text = document.createElement("span");
  const struck = document.createElement("s");
  struck.textContent = name;
  text.append(struck, ` – ${why}`);
  const item = line(text);
  item.className = "refused";
  return item;
}
