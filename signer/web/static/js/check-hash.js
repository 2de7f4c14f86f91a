// Is this file one that the office released? Asked by its SHA-256 alone: the file stays on this device.
import { chosen } from "./check-drop.js";

/** @param {HTMLFormElement} form with [data-hash], [data-hash-answer]; its data-hashes is the address to ask */
export function enhanceHashing(form) {
  const button = form.querySelector("[data-hash]");
  const place = form.querySelector("[data-hash-answer]");
  const line = form.querySelector("[data-progress]");
  button.hidden = false;
  form.querySelector("input[type=file]").addEventListener("change", () => place.replaceChildren());
  button.addEventListener("click", async () => {
    const file = chosen(form);
    if (file === null) {
      form.querySelector("input[type=file]").focus();
      return;
    }
    button.disabled = true;
    line.textContent = line.dataset.hashing;
    place.replaceChildren(await answerOn(file, form.dataset.hashes).catch(failed));
    line.textContent = "";
    button.disabled = false;
  });
}

async function answerOn(file, hashes) {
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  const sha256 = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const answer = await fetch(hashes + sha256, { credentials: "omit", cache: "no-store" });
  if (!answer.ok) throw new Error(`answer ${answer.status}`);
  const { known, letter } = await answer.json();
  return known ? knownAnswer(sha256, letter) : filled("hash-unknown", { sha256 });
}

function knownAnswer(sha256, letter) {
  const shown = filled("hash-known", { sha256, number: letter.number, subject: letter.subject });
  for (const part of shown.querySelectorAll("[data-case]")) if (part.dataset.case !== letter.status) part.remove();
  if (letter.mode === "bsre") shown.querySelectorAll("[data-simulated]").forEach((part) => part.remove());
  // The path alone: whatever address the answer names, the letter is looked at here.
  shown.querySelectorAll("[data-letter]").forEach((link) => (link.href = `/v/${encodeURIComponent(letter.token)}`));
  return shown;
}

function filled(id, values) {
  const shown = document.getElementById(id).content.cloneNode(true);
  for (const slot of shown.querySelectorAll("[data-slot]")) slot.textContent = values[slot.dataset.slot] ?? "";
  return shown;
}

function failed() {
  return document.getElementById("hash-failed").content.cloneNode(true);
}
