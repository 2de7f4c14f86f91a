"""The office's kop as letters print it, and its logo: a picture from outside, made anew before it is kept."""

from __future__ import annotations

import hashlib
import io
import warnings
from pathlib import PurePosixPath

from PIL import Image, ImageOps, UnidentifiedImageError

from signer.blobs import Blobs
from signer.drafting import Kop
from signer.errors import Invalid
from signer.tables.office import Office

MAX_UPLOAD = 2 * 1024 * 1024
MAX_PIXELS = 25_000_000
SIDE = 340
"""Pixels of the kept logo's longer side: 24 mm, as the kop prints it, at 360 dpi."""
FOLDER = "logos"


def kop(office: Office, blobs: Blobs) -> Kop:
    """The kop of a letter made now. Raises BlobMissing if the logo is not the file that was stored."""
    address = tuple(line for line in office.address.splitlines() if line.strip())
    return Kop((office.government, office.name), address, logo(office.logo_key, blobs))


def logo(key: str, blobs: Blobs) -> bytes:
    """The logo's PNG, checked against the hash in its name; empty where there is none. Raises BlobMissing."""
    return blobs.get_checked(key, bytes.fromhex(PurePosixPath(key).stem)) if key else b""


def keep_logo(upload: bytes, blobs: Blobs) -> str:
    """Store an uploaded picture as a clean PNG; gives its key. Raises Invalid (field `logo`)."""
    data = clean_logo(upload)
    return blobs.put(f"{FOLDER}/{hashlib.sha256(data).hexdigest()}.png", data)


def no_file() -> Invalid:
    """No logo was sent, and there is none."""
    return Invalid("Pilih file logo.", "Choose the logo's file.", field="logo")


def clean_logo(upload: bytes) -> bytes:
    """The picture drawn anew as PNG, `SIDE` pixels at most: nothing of the file that came survives but its pixels.

    SVG is refused: it is a program as much as a picture. Raises Invalid (field `logo`).
    """
    if not upload:
        raise no_file()
    if len(upload) > MAX_UPLOAD:
        raise Invalid("Logo paling besar 2 MB.", "The logo has at most 2 MB.", field="logo")
    if b"<svg" in upload[:4096].lower():
        raise Invalid(
            "SVG tidak diterima karena dapat memuat skrip. Simpan logo sebagai PNG, lalu unggah lagi.",
            "SVG is not taken: it can hold scripts. Save the logo as PNG and upload it again.",
            field="logo",
        )
    picture = _read(upload)
    picture.info.clear()  # colour profile and notes of the file that came
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def _read(upload: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(upload), formats=("PNG", "JPEG")) as picture:
                _require_size(picture)
                upright = ImageOps.exif_transpose(picture)
                clear = "A" in upright.getbands() or "transparency" in upright.info
                return upright.convert("RGBA" if clear else "RGB")
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise _too_large() from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise Invalid(
            "Bukan gambar PNG atau JPEG yang dapat dibaca.", "Not a readable PNG or JPEG picture.", field="logo"
        ) from None


def _require_size(picture: Image.Image) -> None:
    """Before a pixel is decoded. Raises Invalid (field `logo`)."""
    if picture.width * picture.height > MAX_PIXELS:
        raise _too_large()
    if min(picture.width, picture.height) < 32:
        raise Invalid(
            "Gambar logo terlalu kecil: paling sedikit 32 x 32 piksel.",
            "The logo's picture is too small: at least 32 x 32 pixels.",
            field="logo",
        )


def _too_large() -> Invalid:
    return Invalid(
        "Gambar logo terlalu besar. Perkecil, lalu unggah lagi.",
        "The logo's picture is too large. Make it smaller and upload it again.",
        field="logo",
    )
