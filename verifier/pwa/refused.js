// A check that did not hold. Its codes are those of docs/formats/seal.md, so that the browser and verifier/ are held to
// the same vectors.

/** Thrown for a seal that is not to be believed; nothing of its contents may be shown. */
export class Refused extends Error {
  /** @param {string} code kebab-case, e.g. "seal-signature"; @param {string} [detail] for people who read logs */
  constructor(code, detail = "") {
    super(detail ? `${code}: ${detail}` : code);
    this.code = code;
  }
}
