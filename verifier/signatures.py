"""The signatures of a document as bytes: where each one's range lies, and its CMS, before any trust.

Our own reading of /ByteRange and /Contents (ISO 32000-2 clause 12.8.1), because the gap between the ranges is what
signature wrapping and universal forgery play with (Mladenov et al., CCS 2019, "1 Trillion Dollar Refund").
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from asn1crypto import cms, core, parser
from pyhanko.pdf_utils import generic

from verifier.document import ODD_FILE, Document, FormField, entry, items, reference_of, resolved
from verifier.messages import fail

_GAP = re.compile(rb"<[0-9A-Fa-f]*>", re.ASCII)
_HASHES = {"sha1", "sha224", "sha256", "sha384", "sha512", "md5", "sha3_256", "sha3_384", "sha3_512"}


@dataclass(frozen=True)
class SignedPart:
    """One signature whose range and value are well formed. Offsets are bytes from the start of the file."""

    field: str
    number: int | None  # object number of the signature dictionary, None if it is direct
    dictionary: generic.DictionaryObject
    gap: tuple[int, int]  # the bytes '<...>' that the range leaves out
    end: int  # first byte after the signed range
    contents: bytes  # /Contents, decoded, padding included
    content_info: cms.ContentInfo

    @property
    def signed_data(self) -> cms.SignedData:
        """The CMS SignedData."""
        return self.content_info["content"]

    @property
    def is_timestamp(self) -> bool:
        """Whether this is a document timestamp (its content is a TSTInfo, whatever /Type says)."""
        return bool(self.signed_data["encap_content_info"]["content_type"].native == "tst_info")

    @property
    def subfilter(self) -> str:
        """The /SubFilter name without its slash, or an empty string."""
        return str(entry(self.dictionary, "/SubFilter") or "").lstrip("/")

    @property
    def encoded_length(self) -> int:
        """Bytes of /Contents that the CMS takes; the rest is padding. (Not dump(): asn1crypto re-encodes nested
        indefinite lengths, which takes minutes on small hostile input.)
        """
        return int(parser.peek(self.contents))

    def digest(self, data: bytes, algorithm: str) -> bytes:
        """Digest of the signed ranges of `data`. Raises VerificationError (algorithm-unknown)."""
        if algorithm not in _HASHES:
            raise fail("algorithm-unknown", field=self.field)
        running = hashlib.new(algorithm, usedforsecurity=False)  # the file says which; weak ones are named later
        running.update(memoryview(data)[: self.gap[0]])
        running.update(memoryview(data)[self.gap[1] : self.end])
        return running.digest()


def filled_fields(document: Document) -> list[FormField]:
    """Signature fields that carry a value, well formed or not; placeholders without one count as empty.
    Raises VerificationError (unreadable).
    """
    try:
        return [f for f in document.fields() if f.kind == "/Sig" and f.value is not None]
    except ODD_FILE as error:
        raise fail("unreadable") from error


def read_part(document: Document, form_field: FormField) -> SignedPart:
    """Read one filled field. Raises VerificationError: signature-incomplete, byte-range, contents-gap,
    signature-format.
    """
    name, value = form_field.name, form_field.value
    try:
        if not isinstance(value, generic.DictionaryObject):
            raise fail("signature-incomplete", field=name)
        gap, end = _range(document.data, name, value)
        contents = _contents(document.data, name, value, gap)
        info = _content_info(name, contents)
    except ODD_FILE as error:
        raise fail("signature-incomplete", field=name) from error
    reference = reference_of(form_field.raw_value)
    return SignedPart(name, reference[0] if reference else None, value, gap, end, contents, info)


def _range(data: bytes, name: str, value: generic.DictionaryObject) -> tuple[tuple[int, int], int]:
    """The gap and the end of a range that starts at 0, has two parts and stays inside the file."""
    numbers = [resolved(raw) for raw in items(entry(value, "/ByteRange"))]
    if not numbers:
        raise fail("signature-incomplete", field=name)
    if len(numbers) != 4 or not all(isinstance(n, int) for n in numbers):
        raise fail("byte-range", field=name)
    start, first, second, length = (int(n) for n in numbers)
    if start != 0 or first <= 0 or length <= 0 or second <= first or second + length > len(data):
        raise fail("byte-range", field=name)
    return (first, second), second + length


def _contents(data: bytes, name: str, value: generic.DictionaryObject, gap: tuple[int, int]) -> bytes:
    """/Contents, which must be exactly what the gap holds, as one hexadecimal string."""
    if "/Contents" not in value:
        raise fail("signature-incomplete", field=name)
    raw = value.raw_get("/Contents", decrypt=generic.EncryptedObjAccess.RAW)
    if not isinstance(raw, (generic.TextStringObject, generic.ByteStringObject)):
        raise fail("signature-incomplete", field=name)
    parsed = bytes(raw.original_bytes)
    if not parsed.strip(b"\0"):
        raise fail("signature-incomplete", field=name)
    text = data[gap[0] : gap[1]]
    if _GAP.fullmatch(text) is None or len(text) % 2 or bytes.fromhex(text[1:-1].decode()) != parsed:
        raise fail("contents-gap", field=name)
    return parsed


def _content_info(name: str, contents: bytes) -> cms.ContentInfo:
    """The CMS at the start of /Contents, of the one form that PDF knows: one signer, certificates within."""
    try:
        info = cms.ContentInfo.load(contents)
        if info["content_type"].native != "signed_data":
            raise fail("signature-format", field=name)
        infos = info["content"]["signer_infos"]
        if len(infos) != 1 or isinstance(info["content"]["certificates"], core.Void):
            raise fail("signature-format", field=name)
    except ODD_FILE as error:
        raise fail("signature-format", field=name) from error
    return info
