// What scripts share about forms: errors beside their fields, the way the form macros put them, and what a form says.

/** Show `text` at the field called `name` (its name attribute); false if the form has none such. */
export function showError(form, name, text) {
  const named = form.elements[name];
  const input = named instanceof RadioNodeList ? named[0] : named;
  const field = input?.closest?.(".field");
  if (!field) return false;
  const id = `${input.id}-error`;
  let shown = document.getElementById(id);
  if (!shown) {
    shown = document.createElement("p");
    shown.className = "field-error";
    shown.id = id;
    const after = field.querySelector(".hint") ?? field.querySelector("label, legend");
    after.after(shown);
  }
  shown.textContent = text;
  shown.dataset.live = "yes";
  field.classList.add("has-error");
  input.setAttribute("aria-invalid", "true");
  const described = new Set((input.getAttribute("aria-describedby") ?? "").split(/\s+/).filter(Boolean)).add(id);
  input.setAttribute("aria-describedby", [...described].join(" "));
  return true;
}

/** Take away the errors that showError put into this form. */
export function clearErrors(form) {
  form.querySelectorAll(".field-error[data-live]").forEach((shown) => {
    const field = shown.closest(".field");
    field.classList.remove("has-error");
    field.querySelectorAll("[aria-invalid]").forEach((input) => {
      input.removeAttribute("aria-invalid");
      const rest = (input.getAttribute("aria-describedby") ?? "").split(/\s+/).filter((id) => id && id !== shown.id);
      if (rest.length > 0) input.setAttribute("aria-describedby", rest.join(" "));
      else input.removeAttribute("aria-describedby");
    });
    shown.remove();
  });
}

/** What the form says, without its files: for questions about it that the server answers while it is filled in. */
export function withoutFiles(form) {
  const data = new FormData(form);
  for (const [name, value] of [...data.entries()]) if (value instanceof File) data.delete(name);
  return data;
}
