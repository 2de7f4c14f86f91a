// On a letter's page with network: says whether the seal in the scanned QR agrees with what the page states.
// The server cannot know: the seal stands after # and never reaches it. Looks for the element `seal-check`, whose
// `data-` attributes hold the page's facts and whose children are the possible answers; without JavaScript, without a
// seal in the address or without WebCrypto nothing is said.
import { Refused } from "./refused.js";
import { openSeal, requireOrigin, requirePast } from "./seal.js";

const TEXTS = { number: "number", subject: "subject", signer: "signatory", capacity: "capacity" };

/** @param {HTMLElement} element */
export async function checkSeal(element) {
  const { hash, pathname, origin } = location;
  // #bandingkan and the like are places on the page.
  if (hash.length < 2 || document.getElementById(hash.slice(1)) || !globalThis.crypto?.subtle) return;
  const keys = await fetch("/pwa/keys.json", { credentials: "omit" }).then((answer) => answer.json());
  const answer = await compare(`${origin}${pathname}${hash}`, keys, element.dataset);
  element.querySelector(`[data-answer="${answer}"]`).hidden = false;
  element.hidden = false;
}

async function compare(text, keys, facts) {
  try {
    const { qr, fields } = await openSeal(text, keys.keys);
    requireOrigin(qr, location.origin);
    requirePast(fields, Date.now() / 1000, Date.parse(keys.as_of) / 1000);
    return agrees(fields, facts) ? "same" : "differs";
  } catch (fault) {
    if (fault instanceof Refused) return "refused";
    throw fault;
  }
}

function agrees(fields, facts) {
  if (fields.letterDate !== facts.date || fields.mode !== facts.mode) return false;
  return Object.entries(TEXTS).every(([name, fact]) => states(fields[name], fields[`${name}Cut`], facts[fact]));
}

/** Whether a sealed text is the page's: the writer of seals tidies texts and cuts long ones (docs/formats/seal.md). */
function states(sealed, cut, stated) {
  const tidy = stated.normalize("NFC").split(/\s+/).filter(Boolean).join(" ");
  return cut ? tidy.startsWith(sealed) : tidy === sealed;
}
