// Reads the CBOR that a seal is made of (RFC 8949): integers, byte and text strings, arrays, maps.
//
// It reads a little more than it accepts, so that a fault gets the same code as from verifier/cose.py: `exact` is
// false when the bytes are not the one deterministic spelling of their value (section 4.2), and `Other` stands for what
// no seal holds (floats, simple values, tags). A caller accepts only exact values without an Other in them.
import { Refused } from "./refused.js";

const MOST_DEPTH = 8;
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }); // the BOM is a character like others here

/** Something that CBOR can say and a seal never does. */
export class Other {}

/**
 * Reads one item that takes all of `bytes`. Integers beyond 2^53 come as BigInt, maps as Map.
 * Throws Refused `seal-cbor`: not CBOR, of indefinite length, nested more than 8 deep.
 * @param {Uint8Array} bytes
 * @returns {{value: unknown, exact: boolean}}
 */
export function read(bytes) {
  const reader = new Reader(bytes);
  const value = reader.item(0);
  return { value, exact: reader.exact && reader.at === bytes.length };
}

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
    this.exact = true;
  }

  item(depth) {
    if (depth > MOST_DEPTH) throw new Refused("seal-cbor", "nested too deep");
    const { major, info, argument } = this.head();
    if (major === 0) return small(argument);
    if (major === 1) return small(-1n - argument);
    if (major === 2) return this.take(argument);
    if (major === 3) return text(this.take(argument));
    if (major === 4) return this.array(argument, depth + 1);
    if (major === 5) return this.map(argument, depth + 1);
    if (major === 6) return this.tagged(argument, depth + 1);
    if (info === 24 && argument < 32n) throw new Refused("seal-cbor", "simple value");
    return new Other();
  }

  /** The first byte and the argument that follows it; a longer spelling than needed is not exact. */
  head() {
    const initial = this.take(1n)[0];
    const [major, info] = [initial >> 5, initial & 31];
    if (info < 24) return { major, info, argument: BigInt(info) };
    if (info > 27) throw new Refused("seal-cbor", "indefinite or reserved length");
    const size = 1 << (info - 24);
    const argument = whole(this.take(BigInt(size)));
    const least = size === 1 ? 24n : 1n << BigInt(4 * size);
    if (major !== 7 && argument < least) this.exact = false;
    return { major, info, argument };
  }

  /** The next bytes. A length is compared before it is made a Number, so that 2^64 - 1 is not rounded. */
  take(length) {
    if (length > BigInt(this.bytes.length - this.at)) throw new Refused("seal-cbor", "cut short");
    const start = this.at;
    this.at += Number(length);
    return this.bytes.subarray(start, this.at);
  }

  array(length, depth) {
    const items = [];
    for (let left = length; left > 0n; left -= 1n) items.push(this.item(depth));
    return items;
  }

  map(length, depth) {
    const found = new Map();
    let before = null;
    for (let left = length; left > 0n; left -= 1n) {
      const start = this.at;
      const key = this.item(depth);
      const spelt = this.bytes.subarray(start, this.at);
      // A key given twice does not follow itself, so it is never exact.
      if (before !== null && !follows(spelt, before)) this.exact = false;
      before = spelt;
      found.set(key, this.item(depth));
    }
    return found;
  }

  /** A big integer (tags 2 and 3) is an integer spelt in a way that no seal uses; any other tag is not looked into. */
  tagged(tag, depth) {
    const content = this.item(depth);
    if (tag !== 2n && tag !== 3n) return new Other();
    if (!(content instanceof Uint8Array)) throw new Refused("seal-cbor", "big integer");
    this.exact = false;
    return small(tag === 2n ? whole(content) : -1n - whole(content));
  }
}

function whole(bytes) {
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function small(integer) {
  const number = Number(integer);
  return Number.isSafeInteger(number) ? number : integer;
}

function text(bytes) {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new Refused("seal-cbor", "not UTF-8");
  }
}

/** Whether a key comes after another in deterministic order: the shorter first, then bytewise (as cbor2 has it). */
function follows(key, before) {
  if (key.length !== before.length) return key.length > before.length;
  const at = key.findIndex((byte, index) => byte !== before[index]);
  return at >= 0 && key[at] > before[at];
}
