// What a seal says (docs/formats/seal.md): the twin of verifier/claims.py, with its limits and its codes.
import { read } from "./cbor.js";
import { hex } from "./cose.js";
import { Refused } from "./refused.js";

const IAT = 6;
const MODES = new Map([
  [-1, "simulasi"],
  [-2, "bsre"],
]);
const DIGEST_BYTES = 16;
const DAY = 86_400;
const WIB = 7 * 3_600; // seconds east of UTC
const [MOST_DAYS, MOST_SECONDS, MOST_LENGTH] = [0xffff, 0xffffffff, 0xffffffff];
// What could make a shown text differ from the signed one; a fixed list, so that every Unicode version judges alike.
const HIDDEN = new RegExp(
  "[\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f" +
    "\\u2028-\\u202e\\u2060-\\u206f\\u2800\\u3164\\ud800-\\udfff\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\uffff" +
    "\\u{e0000}-\\u{e0fff}]",
  "u",
);

/**
 * @typedef {object} Fields
 * @property {number} issuedAt seconds since 1970 in UTC
 * @property {string} letterDate "2026-01-05"
 * @property {string} number
 * @property {string} subject
 * @property {boolean} subjectCut the text ends early
 * @property {string} signer
 * @property {boolean} signerCut
 * @property {string} capacity
 * @property {boolean} capacityCut
 * @property {"simulasi"|"bsre"} mode
 * @property {number} length of the rendered file, in bytes
 * @property {string} digest the first 16 bytes of its SHA-256, in hex
 */

/**
 * Reads a signed payload. Throws Refused `seal-cbor`, `seal-version` or `seal-claims`.
 * @param {Uint8Array} payload
 * @returns {Fields}
 */
export function readClaims(payload) {
  const { value, exact } = read(payload);
  if (!(value instanceof Map)) throw wrong("payload");
  const keys = [...value.keys()];
  if (keys.some((key) => key !== IAT && !MODES.has(key))) throw new Refused("seal-version");
  const modes = keys.filter((key) => MODES.has(key));
  if (modes.length !== 1 || !value.has(IAT)) throw wrong("claims");
  const fields = fieldsOf(value.get(IAT), MODES.get(modes[0]), value.get(modes[0]));
  if (!exact) throw new Refused("seal-cbor", "claims");
  return fields;
}

function fieldsOf(iat, mode, facts) {
  if (!Array.isArray(facts) || facts.length !== 7) throw wrong("facts");
  const [number, days, subject, signer, capacity, length, digest] = facts;
  const issuedAt = within(iat, 0, MOST_SECONDS, "iat");
  const signingDay = Math.floor((issuedAt + WIB) / DAY);
  const letterDay = signingDay - within(days, 0, MOST_DAYS, "letter_date");
  if (!(digest instanceof Uint8Array) || digest.length !== DIGEST_BYTES) throw wrong("digest");
  return {
    issuedAt,
    letterDate: new Date(letterDay * DAY * 1000).toISOString().slice(0, 10),
    number: text(number, 40, "number"),
    ...cuttable(subject, 60, "subject"),
    ...cuttable(signer, 60, "signer"),
    ...cuttable(capacity, 48, "capacity"),
    mode,
    length: within(length, 1, MOST_LENGTH, "length"),
    digest: hex(digest),
  };
}

/** A text that may be cut: alone when whole, in an array of one when cut. */
function cuttable(value, most, name) {
  const cut = Array.isArray(value) && value.length === 1;
  return { [name]: text(cut ? value[0] : value, most, name), [`${name}Cut`]: cut };
}

/** The text if it shows as it is: 1 to `most` bytes of UTF-8, no space at its ends, nothing hidden. */
function text(value, most, name) {
  if (typeof value !== "string" || HIDDEN.test(value) || value !== value.trim()) throw wrong(name);
  const size = new TextEncoder().encode(value).length;
  if (size < 1 || size > most) throw wrong(name);
  return value;
}

/** An integer between two limits; a BigInt lies beyond all of them. */
function within(value, least, most, name) {
  if (typeof value !== "number" || value < least || value > most) throw wrong(name);
  return value;
}

function wrong(field) {
  return new Refused("seal-claims", field);
}
