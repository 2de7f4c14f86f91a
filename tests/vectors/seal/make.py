"""Writes the vectors beside this file: `.venv/bin/python -m tests.vectors.seal.make`, from the repository's root.

The key is the published P-256 example of RFC 6979, A.2.5, and signatures are deterministic, so the files come
out the same each time. Browser code checks itself against the same files. The bad ones are built from bytes, not
by the code under test: most carry a good signature, as their fault must be found whoever made it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from signer import seal
from verifier import cose, token
from verifier.claims import SealFields, write_claims

HERE = Path(__file__).parent
SCALAR = 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721
PRIVATE = ec.derive_private_key(SCALAR, ec.SECP256R1())
NOT_BEFORE, NOT_AFTER = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 12, 31, 23, 59, 59, tzinfo=UTC)
TOKEN = "7ZQ4M0K9XVB2T6HC"
OTHER_TOKEN = "7ZQ4M0K9XVB2T6HD"
ORIGIN = "HTTPS://SURAT.CONTOH-KABUPATEN.GO.ID"
RENDERED = b"%PDF-1.7 the rendered file\n" * 1400
IAT = 1767581400  # 2026-01-05T02:50:00Z, 09.50 WIB


class VectorKey:
    """The example key, signing deterministically (RFC 6979)."""

    kid = cose.key_id(PRIVATE.public_key())

    def sign(self, message: bytes) -> bytes:
        """Returns r || s."""
        signature = PRIVATE.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        r, s = utils.decode_dss_signature(signature)
        return r.to_bytes(32) + s.to_bytes(32)


KEY = VectorKey()
FACTS: list[Any] = [
    "400.9/123/416-304/2026",
    0,
    "Undangan Rapat Koordinasi BSPPS",
    "SUGONDO, S.Sos., MM.",
    "CAMAT TRAWAS",
    len(RENDERED),
    hashlib.sha256(RENDERED).digest()[:16],
]


def described(**changes: Any) -> SealFields:
    """The typical letter, with changes."""
    values: dict[str, Any] = {
        "issued_at": datetime.fromtimestamp(IAT, UTC),
        "number": FACTS[0],
        "letter_date": date(2026, 1, 5),
        "subject": FACTS[2],
        "signer": FACTS[3],
        "capacity": FACTS[4],
        "mode": "simulasi",
    }
    return seal.describe(RENDERED, **{**values, **changes})


def good_fields() -> Iterator[tuple[str, str, SealFields]]:
    """Name, token, fields."""
    yield "typical", TOKEN, described()
    yield "bsre, dated earlier", "0000000000000000", described(mode="bsre", letter_date=date(2025, 12, 20))
    cut = "Undangan Rapat Koordinasi “Bantuan Sosial” — évaluasi penyaluran sembako bagi keluarga"
    yield "unicode subject, cut inside no character", TOKEN, described(subject=cut)
    yield "every text cut", TOKEN, described(subject=cut, signer="Dr. " * 20, capacity="a.n. CAMAT " * 9)
    longest = {"number": "4" * 40, "subject": "U" * 60, "signer": "S" * 60, "capacity": "C" * 48}
    yield "longest texts, none cut", "ZZZZZZZZZZZZZZZZ", described(**longest)
    yield (
        "after midnight in WIB",
        TOKEN,
        described(issued_at=datetime(2026, 1, 5, 17, 0, tzinfo=UTC), letter_date=date(2026, 1, 6)),
    )


def shown(fields: SealFields) -> dict[str, Any]:
    """Fields as JSON: times RFC 3339, bytes hex."""
    plain = dict(vars(fields))
    plain["issued_at"] = fields.issued_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    plain["letter_date"] = fields.letter_date.isoformat()
    plain["digest"] = fields.digest.hex()
    return plain


def good() -> list[dict[str, Any]]:
    """Seals that hold."""
    cases = []
    for name, letter_token, fields in good_fields():
        sealed = seal.issue(fields, letter_token, KEY)
        text = seal.qr_text(ORIGIN, letter_token, sealed)
        case = {"name": name, "text": text, "origin": ORIGIN.lower(), "token": letter_token}
        hexes = {"seal": sealed.hex(), "payload": write_claims(fields).hex()}
        cases.append({**case, **hexes, "fields": shown(fields)})
    other_spellings = {
        "lower case": cases[0]["text"].lower(),
        "http with a port": cases[0]["text"].replace(ORIGIN, "HTTP://127.0.0.1:8000"),
        "default port": cases[0]["text"].replace(ORIGIN, ORIGIN + ":443"),
    }
    origins = {"http with a port": "http://127.0.0.1:8000"}
    for name, text in other_spellings.items():
        cases.append({**cases[0], "name": name, "text": text, "origin": origins.get(name, ORIGIN.lower())})
    return cases


def signed(payload: bytes, protected: bytes | None = None, aad: str = TOKEN) -> bytes:
    """A signature over any payload and protected header."""
    header = protected if protected is not None else cbor2.dumps({1: -7, 4: KEY.kid})
    return KEY.sign(cbor2.dumps(["Signature1", header, token.to_bytes(aad), payload]))


def sign1(payload: bytes, protected: bytes | None = None, unprotected: Any = None) -> bytes:
    """A COSE_Sign1 with a good signature over any payload and headers."""
    header = protected if protected is not None else cbor2.dumps({1: -7, 4: KEY.kid})
    return cbor2.dumps([header, unprotected or {}, payload, signed(payload, header)])


def payload_with(position: int, value: Any) -> bytes:
    """The typical payload with one fact replaced."""
    facts = [*FACTS[:position], value, *FACTS[position + 1 :]]
    return cbor2.dumps({6: IAT, -1: facts})


def text_of(sealed: bytes, letter_token: str = TOKEN) -> str:
    """A QR's text, without asking whether it is a good one."""
    return f"{ORIGIN}/V/{letter_token}#{base64.b32encode(sealed).decode().rstrip('=')}"


def bad_texts(text: str) -> Iterator[tuple[str, str, str]]:
    """Error, name, text: faults of the text's form."""
    tail = text.removeprefix(ORIGIN)
    for name, origin in {
        "another scheme": "FTP://SURAT.CONTOH.GO.ID",
        "user information": "HTTPS://SURAT.CONTOH.GO.ID@EVIL.EXAMPLE",
        "empty host": "HTTPS://",
        "punycode host": "HTTPS://XN--SRAT-2RA.CONTOH.GO.ID",
        "punycode in a later label": "HTTPS://A.XN--SRAT-2RA.GO.ID",
        "letters outside ASCII in the host": "HTTPS://SURАT.CONTOH.GO.ID",
        "a letter whose upper case is ASCII": "https://ſurat.contoh.go.id",
        "numeric host": "HTTPS://2130706433",
        "IPv4 with leading zeros": "HTTPS://127.0.0.01",
        "IPv6 host": "HTTPS://[::1]",
        "label ends with a dash": "HTTPS://SURAT-.GO.ID",
        "trailing dot": "HTTPS://SURAT.GO.ID.",
        "port 0": "HTTPS://SURAT.GO.ID:0",
        "port too large": "HTTPS://SURAT.GO.ID:65536",
        "port with a leading zero": "HTTPS://SURAT.GO.ID:0443",
        "path before /V/": "HTTPS://SURAT.GO.ID/X",
        "backslash": "HTTPS:\\\\SURAT.GO.ID",
    }.items():
        yield "qr-form", name, origin + tail
    yield "qr-form", "query", text.replace("#", "?X#")
    yield "qr-form", "no seal", text.partition("#")[0]
    yield "qr-form", "empty seal", text.partition("#")[0] + "#"
    yield "qr-form", "slash after the token", text.replace("#", "/#")
    yield "qr-form", "token of 15", text.replace(TOKEN, TOKEN[1:])
    yield "qr-form", "token with a U", text.replace(TOKEN, "U" + TOKEN[1:])
    yield "qr-form", "token with an O for a 0", text.replace(TOKEN, TOKEN.replace("0", "O"))
    yield "qr-form", "line feed at the end", text + "\n"
    yield "qr-form", "space before", " " + text
    yield "seal-text", "padding", text + "="
    yield "seal-text", "digit outside base32", text[:-1] + "1"
    yield "seal-text", "percent escape", text[:-1] + "%41"
    yield "seal-text", "impossible length", text + "A"
    yield "seal-text", "second fragment", text + "#A"
    yield "seal-text", "too long", text + "A" * 400


def bad_messages(payload: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Error, name, seal: faults of the COSE layout."""
    whole, kid = sign1(payload), KEY.kid
    alone = signed(payload)
    header = whole[2:11]
    array = [header, {}, payload, alone]
    yield "seal-structure", "tagged COSE_Sign1 (18)", b"\xd2" + whole
    yield "seal-structure", "three parts", cbor2.dumps(array[:3])
    yield "seal-structure", "five parts", cbor2.dumps([*array, b""])
    yield "seal-structure", "detached payload", cbor2.dumps([header, {}, None, alone])
    yield "seal-structure", "kid unprotected", sign1(payload, cbor2.dumps({1: -7}), {4: kid})
    yield "seal-structure", "unprotected header besides", sign1(payload, None, {5: b"iv"})
    yield "seal-structure", "no alg", sign1(payload, cbor2.dumps({4: kid}))
    yield "seal-structure", "no kid", sign1(payload, cbor2.dumps({1: -7}))
    yield "seal-structure", "another protected header", sign1(payload, cbor2.dumps({1: -7, 4: kid, 3: 0}))
    yield "seal-structure", "kid of 5 bytes", sign1(payload, cbor2.dumps({1: -7, 4: kid + b"\0"}))
    yield "seal-structure", "empty protected header", sign1(payload, cbor2.dumps({}))
    yield "seal-structure", "not an array", cbor2.dumps(b"seal")
    yield (
        "seal-structure",
        "signature in DER",
        cbor2.dumps([header, {}, payload, b"\x30" + alone + b"\0" * 6]),
    )
    yield "seal-algorithm", "ES384", sign1(payload, cbor2.dumps({1: -35, 4: kid}))
    yield "seal-algorithm", "HMAC", sign1(payload, cbor2.dumps({1: 5, 4: kid}))
    yield "seal-cbor", "cut short", whole[:-1]
    yield "seal-cbor", "byte after the seal", whole + b"\0"
    yield "seal-cbor", "array of indefinite length", b"\x9f" + whole[1:] + b"\xff"
    yield "seal-cbor", "length not shortest", b"\x98\x04" + whole[1:]
    yield "seal-cbor", "header keys in another order", sign1(payload, b"\xa2\x04\x44" + kid + b"\x01\x26")
    yield "seal-cbor", "alg given twice", sign1(payload, b"\xa3\x01\x26\x01\x26\x04\x44" + kid)
    yield "seal-unknown-key", "unknown kid", whole.replace(kid, b"\0\0\0\0", 1)
    yield "seal-signature", "signature changed", whole[:-1] + bytes([whole[-1] ^ 1])
    yield "seal-signature", "payload changed", whole.replace(b"BSPPS", b"BSPPT")
    yield "seal-signature", "r = s = 0", cbor2.dumps([header, {}, payload, bytes(64)])
    yield "seal-signature", "signed for another token", whole.replace(alone, signed(payload, aad=OTHER_TOKEN))
    yield (
        "seal-signature",
        "signed with an empty external_aad",
        whole.replace(alone, KEY.sign(cbor2.dumps(["Signature1", header, b"", payload]))),
    )


def bad_payloads(payload: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Error, name, payload: faults that a good signature covers."""
    yield "seal-version", "unknown claim besides", cbor2.dumps({6: IAT, -1: FACTS, -4: 1})
    yield "seal-version", "layout of a later version", cbor2.dumps({6: IAT, -3: FACTS})
    yield "seal-version", "text as claim key", cbor2.dumps({6: IAT, -1: FACTS, "x": 1})
    yield "seal-cbor", "byte after the claims", payload + b"\0"
    yield "seal-cbor", "claims in another order", cbor2.dumps({-1: FACTS, 6: IAT})
    yield "seal-cbor", "iat given twice", b"\xa3\x06\x1a" + IAT.to_bytes(4) + b"\x06\x1a" + payload[3:]
    yield "seal-cbor", "iat not shortest", b"\xa2\x06\x1b" + IAT.to_bytes(8) + payload[7:]
    yield "seal-cbor", "map of indefinite length", b"\xbf" + payload[1:] + b"\xff"
    yield "seal-cbor", "subject in chunks", payload.replace(b"\x78\x1fUnd", b"\x7f\x78\x1fUnd")
    yield "seal-cbor", "number is not UTF-8", payload.replace(b"400.9", b"\xff00.9")
    yield "seal-cbor", "days as a bignum", payload_with(1, 0).replace(b"2026\x00", b"2026\xc2\x41\x00")
    yield "seal-claims", "claims are an array", cbor2.dumps([6, IAT])
    yield "seal-claims", "no iat", cbor2.dumps({-1: FACTS})
    yield "seal-claims", "both modes", cbor2.dumps({6: IAT, -1: FACTS, -2: FACTS})
    yield "seal-claims", "no facts", cbor2.dumps({6: IAT})
    yield "seal-claims", "facts are a map", cbor2.dumps({6: IAT, -1: dict(enumerate(FACTS))})
    yield "seal-claims", "eight facts", cbor2.dumps({6: IAT, -1: [*FACTS, 0]})
    yield "seal-claims", "iat is a float", cbor2.dumps({6: float(IAT), -1: FACTS})
    yield "seal-claims", "iat beyond 32 bits", cbor2.dumps({6: 2**32, -1: FACTS})
    yield "seal-claims", "iat negative", cbor2.dumps({6: -1, -1: FACTS})
    yield "seal-claims", "iat tagged as time", cbor2.dumps({6: cbor2.CBORTag(1, IAT), -1: FACTS})
    yield "seal-claims", "number empty", payload_with(0, "")
    yield "seal-claims", "number of 41 bytes", payload_with(0, "4" * 41)
    yield "seal-claims", "number cut", payload_with(0, ["400.9"])
    yield "seal-claims", "number is bytes", payload_with(0, b"400.9")
    yield "seal-claims", "days negative (letter dated after its signing)", payload_with(1, -1)
    yield "seal-claims", "days beyond 16 bits", payload_with(1, 65536)
    yield "seal-claims", "days is false", payload_with(1, False)
    yield "seal-claims", "subject of 61 bytes", payload_with(2, "é" * 30 + "x")
    yield "seal-claims", "subject with a line feed", payload_with(2, "Undangan\nRapat")
    yield "seal-claims", "subject that turns direction", payload_with(2, "Undangan \u202etapaR")
    yield "seal-claims", "subject with a zero-width space", payload_with(2, "Undangan\u200bRapat")
    yield "seal-claims", "subject with a space at its end", payload_with(2, "Undangan ")
    yield "seal-claims", "subject in an array of two", payload_with(2, ["Undangan", "Rapat"])
    yield "seal-claims", "signer of 61 bytes, cut", payload_with(3, ["S" * 61])
    yield "seal-claims", "capacity of 49 bytes", payload_with(4, "C" * 49)
    yield "seal-claims", "capacity null", payload_with(4, None)
    yield "seal-claims", "length 0", payload_with(5, 0)
    yield "seal-claims", "length beyond 32 bits", payload_with(5, 2**32)
    yield "seal-claims", "digest of 15 bytes", payload_with(6, bytes(15))
    yield "seal-claims", "digest as text", payload_with(6, "0123456789abcdef")
    before, after = int(NOT_BEFORE.timestamp()) - 1, int(NOT_AFTER.timestamp()) + 1
    yield "seal-key-validity", "a second before the certificate", cbor2.dumps({6: before, -1: FACTS})
    yield "seal-key-validity", "a second after the certificate", cbor2.dumps({6: after, -1: FACTS})


def bad() -> list[dict[str, str]]:
    """Seals that must be refused, each with the code it is refused with."""
    payload = cbor2.dumps({6: IAT, -1: FACTS})
    rows = list(bad_texts(text_of(sign1(payload))))
    rows += [(code, name, text_of(sealed)) for code, name, sealed in bad_messages(payload)]
    rows += [(code, name, text_of(sign1(faulty))) for code, name, faulty in bad_payloads(payload)]
    rows.append(("seal-signature", "token of another letter", text_of(sign1(payload), OTHER_TOKEN)))
    # 201 bytes leave two bits over in base32's last character, which must be zero.
    spare = text_of(sign1(payload_with(4, "CAMAT TRAWAS.")))
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    rows.append(("seal-text", "spare bits not zero", spare[:-1] + alphabet[alphabet.index(spare[-1]) | 1]))
    return [{"name": name, "error": code, "text": text} for code, name, text in rows]


def tokens() -> dict[str, Any]:
    """Tokens, their bytes, check characters and printed form; what a person may type, and typing errors."""
    samples = ["0000000000000000", "0000000000000001", "ZZZZZZZZZZZZZZZZ", TOKEN, "ABCDEFGHJKMNPQRS"]
    whole = token.printed(TOKEN)
    swapped = whole[1] + whole[0] + whole[2:]
    long_s = token.printed(samples[-1]).replace("S", "ſ")  # its upper case is S
    return {
        "good": [
            {
                "token": t,
                "bytes": token.to_bytes(t).hex(),
                "check": token.check_character(t),
                "printed": token.printed(t),
            }
            for t in samples
        ],
        "typed": [
            {"text": text, "token": TOKEN}
            for text in (
                whole,
                whole.lower(),
                whole.replace(" ", "-"),
                whole.replace("0", "o"),
                f"  {whole}\n",
            )
        ],
        "mistyped": [
            swapped,
            whole[:-1],
            whole + "A",
            TOKEN,
            "U" + whole[1:],
            whole.replace("7", "1"),
            "",
            long_s,
        ],
    }


def jwk() -> dict[str, str]:
    """The public key as a JWK (RFC 7518, 6.2)."""
    numbers = PRIVATE.public_key().public_numbers()
    x, y = (base64.urlsafe_b64encode(n.to_bytes(32)).decode().rstrip("=") for n in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def files() -> dict[str, Any]:
    """All vector files, by name."""
    times = [t.strftime("%Y-%m-%dT%H:%M:%SZ") for t in (NOT_BEFORE, NOT_AFTER)]
    key = {"kid": KEY.kid.hex(), "jwk": jwk(), "not_before": times[0], "not_after": times[1]}
    return {
        "good.json": {"keys": [key], "cases": good()},
        "bad.json": {"keys": [key], "cases": bad()},
        "tokens.json": tokens(),
    }


def written(content: Any) -> str:
    """The text of a vector file."""
    return json.dumps(content, indent=1, ensure_ascii=True) + "\n"


if __name__ == "__main__":
    for file_name, content in files().items():
        (HERE / file_name).write_text(written(content))
