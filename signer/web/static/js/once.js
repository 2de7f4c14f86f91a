// A form marked data-once is sent once, however often its button is pressed.

const FORGET_AFTER = 20_000; // ms; a request lost on the way must not lock the form for good

/** Guard every form[data-once] under `root`, including those added later. */
export function once(root) {
  root.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-once]") || event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    mark(form, true);
    setTimeout(() => release(form), FORGET_AFTER);
  });
  // Back from the next page out of the browser's memory: the form may be sent again.
  addEventListener("pageshow", () => root.querySelectorAll("form[data-sent]").forEach(release));
}

function release(form) {
  delete form.dataset.sent;
  mark(form, false);
}

function mark(form, busy) {
  // aria-disabled, not disabled: the pressed button keeps focus and its name=value stays in what is sent.
  form.querySelectorAll("button[type=submit]").forEach((button) => {
    if (busy) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  });
}
