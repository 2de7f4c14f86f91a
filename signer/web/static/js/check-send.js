// Sends a form with its file and shows how far it is; the answer is the page that the form alone would lead to.
import { conveniences } from "./conveniences.js";
import { chosen } from "./check-drop.js";

/** @param {HTMLFormElement} form with a progress element and a [data-progress] line */
export function enhanceSending(form) {
  const bar = form.querySelector("progress");
  const line = form.querySelector("[data-progress]");
  let sending = null;
  form.addEventListener("submit", (event) => {
    const input = form.querySelector("input[type=file]");
    if (input.files.length === 0) return; // the server says what is missing
    event.preventDefault();
    if (sending || chosen(form) === null) return;
    sending = new XMLHttpRequest(); // fetch does not tell how far an upload is
    sending.open("POST", form.action);
    sending.setRequestHeader("Accept", "text/html");
    sending.responseType = "document";
    sending.upload.addEventListener("progress", ({ loaded, total }) => {
      const percent = total ? Math.floor((loaded / total) * 100) : 0;
      bar.max = 100;
      bar.value = percent;
      // Said in tens, or a screen reader would read every step aloud.
      line.textContent = line.dataset.sending.replace("{percent}", Math.floor(percent / 10) * 10);
    });
    sending.upload.addEventListener("load", () => {
      bar.removeAttribute("value");
      line.textContent = line.dataset.checking;
    });
    const ended = (after) => () => {
      const answer = sending.response;
      sending = null;
      bar.hidden = true;
      line.textContent = "";
      after(answer);
    };
    const failed = () => {
      line.textContent = line.dataset.failed;
    };
    sending.addEventListener("load", ended((answer) => (answer?.querySelector("main") ? show(answer) : failed())));
    sending.addEventListener("error", ended(failed));
    sending.addEventListener("abort", ended(failed));
    bar.hidden = false;
    sending.send(new FormData(form));
  });
}

/** Put the answer's content in place of this page's, as a visit to it would. */
function show(answer) {
  const main = document.adoptNode(answer.querySelector("main"));
  for (const sheet of answer.querySelectorAll("link[rel=stylesheet]")) {
    if (!document.querySelector(`link[href="${CSS.escape(sheet.getAttribute("href"))}"]`)) {
      document.head.append(document.adoptNode(sheet));
    }
  }
  document.title = answer.title;
  document.querySelector("main").replaceWith(main);
  conveniences(main);
  document.dispatchEvent(new Event("check:shown")); // a form that came back with an error needs its helpers again
  scrollTo(0, 0);
  (main.querySelector("[data-error-summary]") ?? main).focus({ preventScroll: true });
}
