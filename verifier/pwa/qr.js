// A QR's text taken apart, `HTTP[S]://HOST[:PORT]/V/TOKEN#SEAL`; nothing is proved by that (verifier/seal.py `parse`).
import { Refused } from "./refused.js";
import { ALPHABET as TOKEN_ALPHABET } from "./token.js";

const SEAL_MAX = 333; // bytes
const TEXT_MAX = 4096;
const HOST_MAX = 253;
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const LABEL = "(?!XN--)[A-Z0-9](?:[A-Z0-9-]{0,61}[A-Z0-9])?";
const ORIGIN = `(?<scheme>HTTPS?)://(?<host>${LABEL}(?:\\.${LABEL})*)(?::(?<port>[1-9][0-9]{0,4}))?`;
const TEXT = new RegExp(`^${ORIGIN}/V/(?<token>[${TOKEN_ALPHABET}]{16})#(?<seal>[^\\n]+)$`);
const ASCII = /^[\x00-\x7f]*$/;
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
const DEFAULT_PORTS = { HTTP: "80", HTTPS: "443" };

/**
 * Throws Refused `qr-form`, or `seal-text` when the part after # is not base32 in its one spelling or is too long.
 * @param {string} text
 * @returns {{origin: string, token: string, seal: Uint8Array}} origin in lower case without a default port
 */
export function parse(text) {
  // Only ASCII is upper-cased: Unicode's rules would turn foreign letters into ours.
  const found = text.length <= TEXT_MAX && ASCII.test(text) ? TEXT.exec(text.toUpperCase()) : null;
  if (found === null) throw new Refused("qr-form");
  const { scheme, host, port, token, seal } = found.groups;
  return { origin: origin(scheme, host, port), token, seal: unbase32(seal) };
}

function origin(scheme, host, port) {
  if (host.length > HOST_MAX || Number(port ?? 0) > 0xffff) throw new Refused("qr-form");
  const last = host.slice(host.lastIndexOf(".") + 1);
  // A host whose last label begins with a digit is read as an address: only a.b.c.d will do.
  if (/^\d/.test(last) && !IPV4.test(host)) throw new Refused("qr-form");
  const suffix = port && port !== DEFAULT_PORTS[scheme] ? `:${port}` : "";
  return `${scheme}://${host}${suffix}`.toLowerCase();
}

/** Unpadded base32 (RFC 4648, 6), the spare bits at its end zero. */
function unbase32(text) {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  const spare = (text.length * 5) % 8;
  if (bytes.length > SEAL_MAX || spare >= 5) throw new Refused("seal-text");
  let [bits, held, at] = [0, 0, 0];
  for (const character of text) {
    const value = BASE32.indexOf(character);
    if (value < 0) throw new Refused("seal-text");
    bits = ((bits << 5) | value) & 0xfff;
    held += 5;
    if (held >= 8) {
      held -= 8;
      bytes[at++] = (bits >> held) & 255;
    }
  }
  if (bits & ((1 << spare) - 1)) throw new Refused("seal-text");
  return bytes;
}
