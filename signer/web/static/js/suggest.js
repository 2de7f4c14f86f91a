// Names of the address book, offered for the line that is being typed; a group puts all its names in at once.
//
// textarea[data-suggest] is the address of {"contacts": [{"name", "group"}]}. Arrow down chooses, Enter takes,
// Escape puts away, Alt+arrow down shows everything. A line that takes nothing stays what was typed.

const MOST = 8;
const books = new Map(); // by address: asked for once a page

/** Enhance one textarea[data-suggest]. */
export function enhanceSuggest(area) {
  const list = document.createElement("ul");
  const status = document.createElement("p");
  list.id = `${area.id}-tawaran`;
  list.className = "suggest";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", area.dataset.suggestLabel);
  list.hidden = true;
  status.className = "unseen";
  status.setAttribute("role", "status");
  area.after(list, status);
  area.setAttribute("aria-autocomplete", "list");
  area.setAttribute("aria-controls", list.id);
  area.setAttribute("autocomplete", "off");
  let options = [];
  let chosen = -1;

  const close = () => {
    list.hidden = true;
    status.textContent = "";
    choose(-1);
  };
  const choose = (index) => {
    chosen = index;
    [...list.children].forEach((item, number) => item.setAttribute("aria-selected", String(number === index)));
    if (index < 0) area.removeAttribute("aria-activedescendant");
    else area.setAttribute("aria-activedescendant", list.children[index].id);
    if (index >= 0) list.children[index].scrollIntoView({ block: "nearest" });
  };
  const open = async (all) => {
    const contacts = await book(area.dataset.suggest);
    const { text } = line(area);
    options = all || text.trim() ? found(contacts, text, area.value) : [];
    list.replaceChildren(...options.map((option, index) => drawn(option, `${list.id}-${index}`, area)));
    if (options.length === 0 || document.activeElement !== area) return close();
    list.hidden = false;
    const said = area.dataset.suggestCount.replace("{n}", options.length);
    if (status.textContent !== said) status.textContent = said; // not again with every key
    return choose(all ? 0 : -1);
  };
  const take = (index) => {
    const { start, end } = line(area);
    const after = area.value.slice(end).startsWith("\n") ? "" : "\n";
    area.setSelectionRange(start, end);
    // execCommand and not setRangeText: so that Ctrl+Z takes it back.
    const text = options[index].names.join("\n") + after;
    if (!document.execCommand("insertText", false, text)) area.setRangeText(text, start, end, "end");
    close();
    area.dispatchEvent(new Event("input", { bubbles: true }));
    close();
  };
  area.addEventListener("focus", () => book(area.dataset.suggest));
  area.addEventListener("input", () => open(false));
  area.addEventListener("blur", close);
  area.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && event.altKey) open(true);
    else if (list.hidden || event.ctrlKey || event.isComposing) return;
    else if (event.key === "ArrowDown") choose((chosen + 1) % options.length);
    else if (event.key === "ArrowUp" && chosen >= 0) choose(chosen - 1);
    else if (event.key === "Enter" && chosen >= 0) take(chosen);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  list.addEventListener("mousedown", (event) => {
    event.preventDefault(); // the textarea keeps the focus
    const item = event.target.closest("[role=option]");
    if (item) take([...list.children].indexOf(item));
  });
}

function book(address) {
  if (!books.has(address)) {
    const asked = fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    const read = asked.then((answer) => answer.json()).then(({ contacts }) => contacts ?? Promise.reject(new Error("no book")));
    books.set(address, read.catch(() => (books.delete(address), []))); // asked again with the next key
  }
  return books.get(address);
}

// The line the caret stands in: its text and where it lies.
function line(area) {
  const start = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
  const next = area.value.indexOf("\n", area.selectionStart);
  const end = next < 0 ? area.value.length : next;
  return { start, end, text: area.value.slice(start, end) };
}

function found(contacts, text, whole) {
  const words = text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const there = new Set(whole.split("\n").map((one) => one.trim().toLocaleLowerCase()));
  const fits = (name) => words.every((word) => name.toLocaleLowerCase().includes(word));
  const left = contacts.filter(({ name }) => !there.has(name.toLocaleLowerCase()));
  const groups = [...new Set(left.map(({ group }) => group))].filter((group) => group && fits(group));
  const members = (group) => left.filter((one) => one.group === group).map(({ name }) => name);
  return [
    ...groups.map((group) => ({ text: group, names: members(group), group: true })),
    ...left.filter(({ name }) => fits(name)).map(({ name }) => ({ text: name, names: [name], group: false })),
  ].slice(0, MOST);
}

function drawn(option, id, area) {
  const item = document.createElement("li");
  item.id = id;
  item.setAttribute("role", "option");
  item.textContent = option.text;
  if (option.group) {
    const note = document.createElement("span");
    note.className = "muted small";
    note.textContent = ` (${area.dataset.suggestGroup.replace("{n}", option.names.length)})`;
    item.append(note);
  }
  return item;
}
