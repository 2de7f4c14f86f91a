// The office's two lists, as the service worker kept them at the last visit: seal keys, and letters no longer in force.
import { hex } from "./cose.js";

/** Where sw.js keeps them. */
const CACHE = "suratsah-lists";

/**
 * @returns {Promise<{keys: object, withdrawn: object} | null>} null if this browser keeps none (any more)
 */
export async function keptLists() {
  const cache = await caches.open(CACHE);
  const answers = await Promise.all(["/pwa/keys.json", "/pwa/withdrawn.json"].map((address) => cache.match(address)));
  if (!answers.every(Boolean)) return null;
  const [keys, withdrawn] = await Promise.all(answers.map((answer) => answer.json()));
  return { keys, withdrawn };
}

/**
 * What a list says of a letter: "dicabut", "diganti", "berlaku" (not on the list), or "belum-tahu" for a letter that is
 * younger than the list. Letters stand there by the SHA-256 of their token, so that the list gives no token away.
 * @param {{as_of: string, letters: {sha256: string, status: string}[]}} withdrawn
 * @param {string} token
 * @param {number} issuedAt seconds since 1970
 */
export async function standing(withdrawn, token, issuedAt) {
  const sha256 = hex(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token))));
  const found = withdrawn.letters.find((letter) => letter.sha256 === sha256);
  if (found) return found.status === "diganti" ? "diganti" : "dicabut";
  return Date.parse(withdrawn.as_of) / 1000 < issuedAt ? "belum-tahu" : "berlaku";
}
