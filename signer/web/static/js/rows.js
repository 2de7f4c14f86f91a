// Tables that are filled in: "Tambah baris", "Hapus baris", and the same by keyboard.
//
// Enter goes to the same column of the next row, which it makes if there is none; Alt+Delete takes the row out.
import { icon } from "./icon.js";

/** Enhance one [data-rows] whose fieldset has a [data-add-row] button. */
export function enhanceRows(rows) {
  const button = rows.closest("fieldset").querySelector("[data-add-row]");
  button.hidden = false;
  const add = () => {
    const all = rows.querySelectorAll(".rows-row");
    const row = nextRow(all[all.length - 1], all.length + 1);
    rows.append(row);
    return row;
  };
  const remove = (row) => {
    const all = [...rows.querySelectorAll(".rows-row")];
    const next = row.nextElementSibling ?? row.previousElementSibling;
    if (all.length === 1 || row === all[0]) shiftUp(all); // the first row's boxes are what errors and labels point to
    else row.remove();
    renumber(rows);
    (all.length === 1 || row === all[0] ? row : next).querySelector("input, select").focus();
    rows.dispatchEvent(new Event("input", { bubbles: true }));
  };
  button.addEventListener("click", () => add().querySelector("input, select").focus());
  rows.addEventListener("click", ({ target }) => {
    const pressed = target.closest("[data-remove-row]");
    if (pressed) remove(pressed.closest(".rows-row"));
  });
  rows.addEventListener("keydown", (event) => {
    const row = event.target.closest(".rows-row");
    if (event.key === "Delete" && event.altKey) {
      event.preventDefault();
      remove(row);
    } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && event.target.matches("input, select")) {
      event.preventDefault();
      (row.nextElementSibling ?? add()).querySelector(`[name="${CSS.escape(event.target.name)}"]`).focus();
    }
  });
  renumber(rows);
}

function nextRow(last, number) {
  const row = last.cloneNode(true);
  row.querySelector(".field-error")?.remove();
  row.querySelectorAll("input, select").forEach((field) => {
    const id = `${field.name}-${number}`; // the macro's own scheme
    row.querySelector(`label[for="${field.id}"]`)?.setAttribute("for", id);
    field.id = id;
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
    clear(field);
  });
  label(row, number, row.parentElement ?? last.parentElement);
  return row;
}

// The values of every row move into the one above; the last is emptied, or goes if it is not the only one.
function shiftUp(all) {
  const fields = all.map((row) => [...row.querySelectorAll("input, select")]);
  fields.slice(1).forEach((row, index) => row.forEach((field, column) => (fields[index][column].value = field.value)));
  if (all.length > 1) all.at(-1).remove();
  else fields[0].forEach(clear);
}

function renumber(rows) {
  rows.querySelectorAll(".rows-row").forEach((row, index) => label(row, index + 1, rows));
}

function label(row, number, rows) {
  row.setAttribute("aria-label", row.dataset.rowLabel.replace("{n}", number));
  let button = row.querySelector("[data-remove-row]");
  if (!button) {
    button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-link btn-small";
    button.dataset.removeRow = "";
    button.append(icon("trash"));
    row.insertBefore(button, row.querySelector(".field-error"));
  }
  button.setAttribute("aria-label", rows.dataset.remove.replace("{n}", number));
  button.title = button.getAttribute("aria-label");
}

function clear(field) {
  if (field.tagName === "SELECT") field.selectedIndex = 0;
  else field.value = "";
}
