// Small helps that need no module of their own: show a password, copy a link, print, keep a QR's seal.

const SHOW_DONE = 2_500; // ms

/** Bring out the buttons that only work with JavaScript and make them work. */
export function conveniences(root) {
  root.querySelectorAll("[data-reveal]").forEach(reveal);
  root.querySelectorAll("[data-copy]").forEach(copy);
  root.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => print());
  });
  // The seal of a scanned QR stands behind the #, which is never sent; a redirect hands it on to the page it leads to.
  root.querySelectorAll("[data-keeps-hash]").forEach((link) => {
    link.addEventListener("click", () => (link.hash = location.hash));
  });
}

function reveal(button) {
  const input = document.getElementById(button.dataset.reveal);
  const show = button.textContent;
  const set = (shown) => {
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    button.textContent = shown ? button.dataset.hide : show;
  };
  button.hidden = false;
  button.setAttribute("aria-controls", input.id);
  button.addEventListener("click", () => set(input.type === "password"));
  // A shown password is typed text to the browser, which would offer it to the next person.
  input.form?.addEventListener("submit", () => set(false));
}

function copy(button) {
  const input = document.getElementById(button.dataset.copy);
  const label = button.querySelector("span");
  const before = label.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    input.select();
    try {
      await navigator.clipboard.writeText(input.value);
    } catch {
      document.execCommand("copy"); // no clipboard over plain http or without permission; the text is selected
    }
    label.textContent = button.dataset.done;
    setTimeout(() => (label.textContent = before), SHOW_DONE);
  });
}
