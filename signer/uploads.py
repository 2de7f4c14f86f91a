"""Files that people hand in: recognised by content, bounded, kept encrypted (issue: at most 20 files of 10 MB)."""

from __future__ import annotations

import hashlib
import io
import secrets
import warnings
from dataclasses import dataclass
from pathlib import PurePath

from PIL import Image, UnidentifiedImageError

from signer.blobs import Blobs
from signer.errors import Invalid
from signer.vault import Vault

MAX_FILES = 20
MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 80_000_000
MEDIA_TYPES = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}
LABEL = "attachment"


@dataclass(frozen=True)
class Upload:
    """One file as it was handed in: for which requirement, under which name, its bytes."""

    requirement: str
    name: str
    data: bytes


@dataclass(frozen=True)
class Stored:
    """A file that was recognised and stored encrypted."""

    requirement: str
    name: str
    media_type: str
    size: int
    sha256: bytes
    blob_key: str


def recognise(data: bytes) -> str:
    """Media type by content, never by name: PDF, JPEG or PNG. Raises Invalid (field `files`) for all else.

    PDFs are not parsed here (they are hostile); browsers show them in their own sandbox.
    """
    if b"%PDF-" in data[:1024]:
        return "application/pdf"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise Invalid("Gambar terlalu besar.", "The picture is too large.", field="files")
                media_type = f"image/{str(image.format).lower()}"
                image.verify()
                return media_type
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Warning, Image.DecompressionBombError):
        raise Invalid(
            "Bukan PDF, JPEG atau PNG yang dapat dibaca.", "Not a readable PDF, JPEG or PNG.", field="files"
        ) from None


def check(upload: Upload) -> str:
    """The upload's media type. Raises Invalid naming the file, for size or content."""
    name = display_name(upload.name)
    if not upload.data:
        raise Invalid(f"{name}: file kosong.", f"{name}: the file is empty.", field="files")
    if len(upload.data) > MAX_BYTES:
        raise Invalid(
            f"{name}: lebih dari 10 MB. Perkecil atau pindai ulang, lalu unggah lagi.",
            f"{name}: over 10 MB. Make it smaller or scan it again.",
            field="files",
        )
    try:
        return recognise(upload.data)
    except Invalid as fault:
        raise Invalid(f"{name}: {fault.id}", f"{name}: {fault.en}", field="files") from None


def store(upload: Upload, blobs: Blobs, vault: Vault) -> Stored:
    """Recognise one upload and store it encrypted under a random key. Raises Invalid."""
    media_type = check(upload)
    key = blobs.put(f"attachments/{secrets.token_hex(16)}", vault.seal(upload.data, LABEL))
    digest = hashlib.sha256(upload.data).digest()
    return Stored(upload.requirement, display_name(upload.name), media_type, len(upload.data), digest, key)


def fetch(blob_key: str, sha256: bytes, blobs: Blobs, vault: Vault) -> bytes:
    """The bytes of a stored upload. Raises BlobMissing or VaultFault if they are not what was stored."""
    data = vault.open(blobs.get(blob_key), LABEL)
    if hashlib.sha256(data).digest() != sha256:
        raise ValueError("a stored attachment changed")
    return data


def display_name(name: str) -> str:
    """The last part of a file name without control characters, at most 120 characters."""
    last = PurePath(name.replace("\\", "/")).name
    clean = "".join(c for c in last if c.isprintable()).strip()
    return clean[-120:] or "berkas"
