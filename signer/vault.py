"""Encryption at rest: phone numbers, notes, attachments and file names (domain.md section 3, UU 27/2022).

AES-256-GCM with a random 12-byte nonce; the label says what the value is and is authenticated, so that a value
cannot be moved to another column unnoticed.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


class VaultFault(Exception):
    """A stored value cannot be decrypted: another data key, or damaged."""


class Vault:
    """Seals and opens small values under the instance's data key (SURAT_DATA_KEY)."""

    def __init__(self, data_key: str) -> None:
        """`data_key` is a text of at least 32 characters with full entropy; it is hashed to 256 bits."""
        self._cipher = AESGCM(hashlib.sha256(b"suratsah/data-key/v1\0" + data_key.encode()).digest())
        self._mark_key = hashlib.sha256(b"suratsah/fingerprint/v1\0" + data_key.encode()).digest()

    def seal(self, data: bytes, label: str) -> bytes:
        """Nonce followed by ciphertext and tag."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, data, label.encode())

    def open(self, sealed: bytes, label: str) -> bytes:
        """The plain bytes. Raises VaultFault if key, label or bytes are not those of `seal`."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], label.encode())
        except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce
            raise VaultFault(f"cannot open a stored value of kind {label}") from None

    def seal_text(self, text: str, label: str) -> bytes:
        """Like `seal`, for UTF-8 text."""
        return self.seal(text.encode(), label)

    def open_text(self, sealed: bytes | None, label: str) -> str:
        """Like `open`, for text; an absent value is the empty text."""
        return "" if sealed is None else self.open(sealed, label).decode()

    def fingerprint(self, text: str, label: str) -> bytes:
        """32 bytes (HMAC-SHA-256) by which equal texts are found without reading them; nothing without the key."""
        return hmac.digest(self._mark_key, f"{label}\0{text}".encode(), "sha256")
