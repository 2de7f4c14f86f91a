// When a QR's seal is to be believed: the twin of verifier/seal.py `open_seal`. No network, no storage, no page.
import { readClaims } from "./claims.js";
import { decode, holds } from "./cose.js";
import { parse } from "./qr.js";
import { Refused } from "./refused.js";
import { tokenBytes } from "./token.js";

const SKEW = 600; // seconds that clocks may differ

/**
 * A trusted key as /pwa/keys.json gives it: kid in hex, RFC 3339 times, both ends included.
 * @typedef {{kid: string, jwk: JsonWebKey, not_before: string, not_after: string}} Key
 */

/**
 * Checks a QR's text: form, layout, key, signature over claims and token, claims, key valid when it was made.
 * Nothing in the payload is read before its signature holds. Throws Refused with the codes of docs/formats/seal.md.
 * @param {string} text
 * @param {Key[]} keys
 */
export async function openSeal(text, keys) {
  const qr = parse(text);
  const message = decode(qr.seal);
  const candidates = keys.filter((key) => key.kid === message.kid);
  if (candidates.length === 0) throw new Refused("seal-unknown-key", message.kid);
  const signers = await signersOf(message, tokenBytes(qr.token), candidates);
  const fields = readClaims(message.payload);
  const key = signers.find((signer) => validAt(signer, fields.issuedAt));
  if (key === undefined) throw new Refused("seal-key-validity");
  return { qr, fields, key };
}

/**
 * Throws Refused `seal-future` for a seal dated after now. A phone's clock may be behind, so `known`, the newest moment
 * that the office's server told, counts as well. Both in seconds since 1970.
 */
export function requirePast(fields, now, known) {
  if (fields.issuedAt - Math.max(now, known) > SKEW) throw new Refused("seal-future");
}

/** Throws Refused `qr-foreign` if a QR names another address than this page's. */
export function requireOrigin(qr, origin) {
  if (qr.origin !== origin.toLowerCase()) throw new Refused("qr-foreign", qr.origin);
}

async function signersOf(message, externalAad, keys) {
  const found = await Promise.all(keys.map((key) => holds(message, externalAad, key.jwk)));
  const signers = keys.filter((_, index) => found[index]);
  if (signers.length === 0) throw new Refused("seal-signature");
  return signers;
}

function validAt({ not_before: first, not_after: last }, moment) {
  return Date.parse(first) / 1000 <= moment && moment <= Date.parse(last) / 1000;
}
