// "Tambah baris": one more row like the last one, empty.

/** Enhance one [data-rows] whose fieldset has a [data-add-row] button. */
export function enhanceRows(rows) {
  const button = rows.closest("fieldset").querySelector("[data-add-row]");
  button.hidden = false;
  button.addEventListener("click", () => {
    const all = rows.querySelectorAll(".rows-row");
    const row = nextRow(all[all.length - 1], all.length + 1);
    rows.append(row);
    row.querySelector("input, select").focus();
  });
}

function nextRow(last, number) {
  const row = last.cloneNode(true);
  row.setAttribute("aria-label", last.dataset.rowLabel.replace("{n}", number));
  row.querySelector(".field-error")?.remove();
  row.querySelectorAll("input, select").forEach((field) => {
    const id = `${field.name}-${number}`; // the macro's own scheme
    row.querySelector(`label[for="${field.id}"]`)?.setAttribute("for", id);
    field.id = id;
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
    if (field.tagName === "SELECT") field.selectedIndex = 0;
    else field.value = "";
  });
  return row;
}
