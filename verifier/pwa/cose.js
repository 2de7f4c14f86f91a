// COSE_Sign1 as the seal uses it (RFC 9052, 4.2; ES256): one layout, read strictly. The twin of verifier/cose.py.
import { read } from "./cbor.js";
import { Refused } from "./refused.js";

const [ALG, KID, ES256] = [1, 4, -7];
const [KID_BYTES, SIGNATURE_BYTES] = [4, 64];

/**
 * Reads bytes that nobody has vouched for. Throws Refused `seal-cbor`, `seal-structure` or `seal-algorithm`.
 * @param {Uint8Array} bytes
 * @returns {{kid: string, header: Uint8Array, payload: Uint8Array, signature: Uint8Array}} kid in hex
 */
export function decode(bytes) {
  const { value, exact } = read(bytes);
  if (!isMessage(value)) throw new Refused("seal-structure");
  const [header, , payload, signature] = value;
  const protectedHeader = read(header);
  const kid = kidOf(protectedHeader.value);
  if (signature.length !== SIGNATURE_BYTES) throw new Refused("seal-structure");
  if (!exact || !protectedHeader.exact) throw new Refused("seal-cbor");
  return { kid: hex(kid), header, payload, signature };
}

function isMessage(value) {
  if (!Array.isArray(value) || value.length !== 4) return false;
  const [header, unprotected, payload, signature] = value;
  const strings = [header, payload, signature].every((part) => part instanceof Uint8Array);
  return strings && unprotected instanceof Map && unprotected.size === 0;
}

/** The protected header: exactly alg ES256 and a kid of 4 bytes. */
function kidOf(header) {
  if (!(header instanceof Map)) throw new Refused("seal-structure");
  const kid = header.get(KID);
  const plain = header.size === 2 && kid instanceof Uint8Array && kid.length === KID_BYTES;
  if (header.has(ALG) && header.get(ALG) !== ES256) throw new Refused("seal-algorithm");
  if (!header.has(ALG) || !plain) throw new Refused("seal-structure");
  return kid;
}

/**
 * Whether ES256 holds under a P-256 key (JWK). Throws Refused `seal-key-type` for a key of another kind.
 * @param {{header: Uint8Array, payload: Uint8Array, signature: Uint8Array}} message
 * @param {Uint8Array} externalAad
 * @param {JsonWebKey} jwk
 * @returns {Promise<boolean>}
 */
export async function holds(message, externalAad, jwk) {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  let key;
  try {
    const { kty, crv, x, y } = jwk;
    key = await crypto.subtle.importKey("jwk", { kty, crv, x, y }, algorithm, false, ["verify"]);
  } catch (fault) {
    throw new Refused("seal-key-type", String(fault));
  }
  return crypto.subtle.verify(algorithm, key, message.signature, toBeSigned(message, externalAad));
}

/** The Sig_structure (RFC 9052, 4.4): ["Signature1", protected, external_aad, payload]. */
function toBeSigned({ header, payload }, externalAad) {
  const context = new TextEncoder().encode("Signature1");
  const parts = [[0x84], [0x60 | context.length], context];
  for (const bytes of [header, externalAad, payload]) parts.push(byteString(bytes.length), bytes);
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** The head of a byte string; a seal's parts are shorter than 2^16. */
function byteString(length) {
  if (length < 24) return [0x40 | length];
  return length < 256 ? [0x58, length] : [0x59, length >> 8, length & 255];
}

/** Bytes in lower case hex. */
export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
