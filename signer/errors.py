"""Codes of everything that can go wrong, each with a sentence for the user.

An error raised below the web carries a stable `code` (for logs, JSON and tests) and a sentence in Indonesian (`id`)
and English (`en`) that says what happened and what to do. The web only shows it; nothing has been changed when one
is raised, because every act is one transaction (design: habit 2, idea 5).
"""

from __future__ import annotations


class SuratError(Exception):
    """Something the user must be told, in their language; the act it belongs to changed nothing."""

    code = "error"
    id = "Permintaan tidak dapat diproses."
    en = "The request could not be processed."

    def __init__(self, id: str | None = None, en: str | None = None, *, field: str | None = None) -> None:
        """`id`/`en` replace the class's sentences; `field` names the form field at fault, if there is one."""
        self.id = id or type(self).id
        self.en = en or (self.id if id else type(self).en)
        self.field = field
        super().__init__(f"{self.code}: {self.en}")


class NotFound(SuratError):
    """What was asked for does not exist, or not for this person (the two look alike on purpose)."""

    code = "not-found"
    id = "Tidak ditemukan."
    en = "Not found."


class NotYourStep(SuratError):
    """The person may not take this decision at this position of the SOP."""

    code = "not-your-step"
    id = "Langkah ini bukan giliran Anda, atau sudah dikerjakan orang lain. Muat ulang halaman untuk melihat posisinya."
    en = "This step is not yours to take, or somebody has taken it already. Reload the page to see where it is."


class Invalid(SuratError):
    """A form's value cannot be used; `field` says which."""

    code = "invalid"


class Conflict(SuratError):
    """Somebody else changed the same thing in between."""

    code = "conflict"
    id = "Berkas ini baru saja diubah orang lain. Muat ulang halaman, lalu ulangi."
    en = "Somebody has just changed this berkas. Reload the page and repeat."


class WrongOffset(Conflict):
    """A part of a file does not begin where the file stands; `offset` says where that is (another tab was quicker)."""

    code = "wrong-offset"
    id = "Bagian file ini sudah diterima, atau dikirim dari jendela lain."
    en = "This part of the file has been received already, or another window sends it."

    def __init__(self, *, offset: int) -> None:
        """`offset`: how many bytes are there."""
        self.offset = offset
        super().__init__()


class StaleRendering(SuratError):
    """The rendering that was shown is not the one in force any more (design: idea 5)."""

    code = "stale-rendering"
    id = "Surat yang Anda lihat sudah diganti versi baru. Muat ulang halaman dan periksa lagi sebelum menyetujui."
    en = "The letter you were shown has been replaced. Reload the page and read it again before approving."


class WrongPassphrase(SuratError):
    """The passphrase does not open the person's key."""

    code = "wrong-passphrase"
    id = "Passphrase salah. Tidak ada yang ditandatangani dan passphrase tidak disimpan."
    en = "Wrong passphrase. Nothing was signed and the passphrase was not kept."


class TooManyAttempts(SuratError):
    """Too many wrong passphrases in a row."""

    code = "too-many-attempts"
    id = "Terlalu banyak passphrase salah. Tunggu 15 menit sebelum mencoba lagi."
    en = "Too many wrong passphrases. Wait 15 minutes before trying again."


class KeyUnavailable(SuratError):
    """The signing key cannot be used: missing, unreadable, expired."""

    code = "key-unavailable"
    id = "Kunci tanda tangan tidak dapat digunakan. Hubungi Admin."
    en = "The signing key cannot be used. Contact the Admin."


class TimestampUnavailable(SuratError):
    """No timestamp could be had; a letter without one is never issued."""

    code = "timestamp-unavailable"
    id = "Layanan stempel waktu (TSA) tidak menjawab. Surat belum ditandatangani; coba lagi beberapa saat lagi."
    en = "The timestamp authority did not answer. The letter is not signed; try again in a moment."


class SigningRefused(SuratError):
    """The signed file or its QR failed our own checks; no letter exists, the attempt is kept as evidence."""

    code = "signing-refused"
    id = "Hasil tanda tangan tidak lolos pemeriksaan, sehingga surat tidak diterbitkan."
    en = "The signed result did not pass verification, so no letter was issued."


class TemplateFault(SuratError):
    """A letter template cannot be rendered with these values."""

    code = "template-fault"
    id = "Surat tidak dapat disusun dari isian ini."
    en = "The letter cannot be composed from these values."
    said = ""
    """What the typesetter said, with file, line and column; for who edits the template."""


class InvalidForm(Invalid):
    """Several values of one form cannot be used; `faults` has one Invalid per field."""

    id = "Periksa lagi isian yang ditandai."
    en = "Check the marked fields."

    def __init__(self, faults: list[Invalid]) -> None:
        self.faults = faults
        super().__init__(field=faults[0].field)
