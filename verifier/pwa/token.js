// A letter's token: 80 bits in Crockford's base32, and the check character printed after it (docs/formats/seal.md).

export const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const POLYNOMIAL = 0b100101; // x^5 + x^2 + 1 over GF(2)

/** The 10 bytes of a canonical token (16 characters, upper case): the seal's external_aad. */
export function tokenBytes(token) {
  let number = 0n;
  for (const character of token) number = (number << 5n) | BigInt(ALPHABET.indexOf(character));
  return Uint8Array.from({ length: 10 }, (_, index) => Number((number >> BigInt(8 * (9 - index))) & 255n));
}

/** The token as it is printed under the QR: groups of four and the check character, "ABCD EFGH JKMN PQRS T". */
export function printed(token) {
  let sum = 0;
  for (const character of token) sum = timesGenerator(sum ^ ALPHABET.indexOf(character));
  return `${token}${ALPHABET[sum]}`.match(/.{1,4}/g).join(" ");
}

function timesGenerator(value) {
  const doubled = value << 1;
  return doubled & 32 ? doubled ^ POLYNOMIAL : doubled;
}
