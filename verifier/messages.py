"""Every reason the verifier can give, in Indonesian and English, with what it does to the answer.

A check raises `fail(code)`; `examine` collects the codes and reads their effect here. Rules are data.
"""

from __future__ import annotations

from enum import IntEnum

from verifier.errors import VerificationError


class Effect(IntEnum):
    """What a reason does; a higher one outweighs a lower one."""

    NOTE = 0  # worth saying, changes nothing
    PERMITTED = 1  # integrity becomes permitted-changes
    UNCONFIRMED = 2  # verdict at most unconfirmed; integrity untouched
    UNTRUSTED = 3  # verdict at most untrusted
    UNKNOWN = 4  # integrity could not be established
    REVOKED = 5  # certificate or letter withdrawn
    ALTERED = 6  # bytes changed or forged


_N, _P, _C, _T = Effect.NOTE, Effect.PERMITTED, Effect.UNCONFIRMED, Effect.UNTRUSTED
_U, _R, _A = Effect.UNKNOWN, Effect.REVOKED, Effect.ALTERED

REASONS: dict[str, tuple[Effect, str, str]] = {
    # the file itself
    "unreadable": (_U, "Berkas ini tidak dapat dibaca sebagai PDF.", "This file cannot be read as a PDF."),
    "encrypted": (_U, "PDF ini terkunci dengan kata sandi.", "This PDF is locked with a password."),
    "too-large": (_U, "Pemeriksaan melebihi batas memori.", "The examination exceeded its memory limit."),
    "too-slow": (_U, "Pemeriksaan melebihi batas waktu.", "The examination exceeded its time limit."),
    "examination-failed": (
        _U,
        "Pemeriksaan berhenti karena berkas ini tidak lazim.",
        "The examination stopped because this file is odd.",
    ),
    "unsigned": (_N, "Dokumen ini tidak ditandatangani secara elektronik.", "This document carries no signature."),
    # one signature's bytes
    "signature-incomplete": (
        _A,
        "Tanda tangan {field} tidak lengkap: isi atau cakupannya dihilangkan.",
        "Signature {field} is incomplete: its value or its range is missing.",
    ),
    "byte-range": (
        _A,
        "Cakupan tanda tangan {field} tidak wajar; sebagian berkas dapat diganti tanpa ketahuan.",
        "The byte range of signature {field} is abnormal; part of the file could be swapped unnoticed.",
    ),
    "contents-gap": (
        _A,
        "Ruang tanda tangan {field} berisi sesuatu selain tanda tangannya.",
        "The gap of signature {field} holds something other than the signature.",
    ),
    "contents-padding": (
        _C,
        "Sisa ruang tanda tangan {field} tidak kosong.",
        "The unused room of signature {field} is not empty.",
    ),
    "digest-mismatch": (
        _A,
        "Isi berkas telah berubah sejak tanda tangan {field} dibuat.",
        "The content has changed since signature {field} was made.",
    ),
    "signature-forged": (
        _A,
        "Nilai tanda tangan {field} tidak cocok dengan sertifikatnya.",
        "The value of signature {field} does not match its certificate.",
    ),
    "signature-format": (
        _U,
        "Bentuk tanda tangan {field} tidak dikenal, sehingga tidak dapat diperiksa.",
        "The form of signature {field} is not known, so it cannot be checked.",
    ),
    "algorithm-unknown": (
        _U,
        "Algoritma tanda tangan {field} tidak dikenal, sehingga tidak dapat diperiksa.",
        "The algorithm of signature {field} is not known, so it cannot be checked.",
    ),
    "algorithm-weak": (
        _C,
        "Tanda tangan {field} memakai algoritma yang lemah ({detail}).",
        "Signature {field} uses a weak algorithm ({detail}).",
    ),
    "revision-broken": (
        _A,
        "Versi dokumen yang ditandatangani {field} tidak utuh di dalam berkas ini.",
        "The revision that {field} signed is not whole inside this file.",
    ),
    "timestamp-not-canonical": (
        _C,
        "Bagian yang tidak terlindungi pada cap waktu terakhir tidak sesuai bentuk bakunya.",
        "Unprotected parts of the last timestamp deviate from their canonical form.",
    ),
    # guards over the whole file
    "trailing-bytes": (
        _A,
        "Ada data di belakang versi terakhir dokumen yang tidak tercatat dalam strukturnya.",
        "There are bytes after the last revision that the document's structure does not account for.",
    ),
    "leading-bytes": (_U, "Ada data sebelum awal PDF.", "There are bytes before the start of the PDF."),
    "table-ambiguous": (
        _A,
        "Daftar objek tambahan menunjuk ke tempat yang tidak semestinya; penampil lain dapat memperlihatkan isi lain.",
        "An appended object table points where it should not; other viewers may show other content.",
    ),
    "object-unlisted": (
        _A,
        "Ada objek yang ditambahkan tanpa tercatat; sebagian penampil memperlihatkannya sebagai isi dokumen.",
        "An object was appended without being listed; some viewers show it as the document's content.",
    ),
    "signature-hidden": (
        _A,
        "Berkas memuat tanda tangan yang tidak terdaftar pada formulirnya.",
        "The file holds a signature that its form does not list.",
    ),
    "signature-shared": (
        _A,
        "Satu tanda tangan dipakai oleh lebih dari satu kolom.",
        "One signature is used by more than one field.",
    ),
    # what was added after a signature
    "later-signature": (_P, "Tanda tangan {where} ditambahkan kemudian.", "Signature {where} was added later."),
    "signature-field-added": (_P, "Kolom tanda tangan {where} ditambahkan.", "Signature field {where} was added."),
    "form-filled": (_P, "Kolom isian {where} diisi kemudian.", "Form field {where} was filled in later."),
    "annotation-permitted": (
        _P,
        "Catatan ditambahkan sesuai izin penanda tangan ({where}).",
        "An annotation was added as the signer permits ({where}).",
    ),
    "metadata-changed": (_N, "Keterangan berkas (metadata) diperbarui.", "The file's metadata was updated."),
    "form-changed": (
        _A,
        "Isi kolom {where} diganti setelah ditandatangani.",
        "The value of field {where} was replaced after signing.",
    ),
    "form-locked": (
        _A,
        "Kolom {where} diisi padahal penanda tangan menguncinya.",
        "Field {where} was filled although the signer locked it.",
    ),
    "changes-forbidden": (
        _A,
        "Penanda tangan melarang perubahan, tetapi berkas diubah ({where}).",
        "The signer forbade changes, yet the file was changed ({where}).",
    ),
    "annotation-added": (
        _A,
        "Catatan atau gambar ditambahkan di atas isi yang ditandatangani ({where}).",
        "An annotation was added over signed content ({where}).",
    ),
    "page-changed": (_A, "Halaman {where} diubah setelah ditandatangani.", "Page {where} was changed after signing."),
    "pages-added": (_A, "Jumlah halaman berubah setelah ditandatangani.", "Pages were added or removed after signing."),
    "content-changed": (
        _A,
        "Bagian dokumen diubah setelah ditandatangani ({where}).",
        "A part of the document was changed after signing ({where}).",
    ),
    "appearance-differs": (
        _A,
        "Tampilan halaman {where} berbeda dari saat ditandatangani.",
        "Page {where} looks different from when it was signed.",
    ),
    "covers-content": (
        _U,
        "Tambahan menutupi isi yang sudah ditandatangani ({where}).",
        "An addition covers content that was already signed ({where}).",
    ),
    "addition-drawn": (
        _U,
        "Tambahan yang diizinkan menurut jenisnya menggambar sesuatu di luar tempat yang disediakan ({where}).",
        "An addition that is permitted by its kind draws something where the signer left no place for it ({where}).",
    ),
    "comparison-impossible": (
        _U,
        "Versi yang ditandatangani tidak dapat dibandingkan dengan berkas ini.",
        "The signed revision could not be compared with this file.",
    ),
    "office-bytes": (
        _A,
        "Bagian tanda tangan yang tidak terlindungi pada surat kantor ini telah diubah.",
        "Unprotected bytes of a signature on this office letter were changed.",
    ),
    "office-rule": (
        _A,
        "Sesudah tanda tangan kantor hanya boleh ada data validasi dan cap waktu; berkas ini memuat yang lain.",
        "After the office's signature only validation data and timestamps may follow; this file holds more.",
    ),
    # who vouches
    "no-anchors": (
        _T,
        "Tidak ada sertifikat induk tepercaya yang diberikan, sehingga penanda tangan tidak dapat dipastikan.",
        "No trust anchor was given, so the signer could not be established.",
    ),
    "chain-untrusted": (
        _T,
        "Sertifikat penanda tangan {field} tidak berasal dari penerbit yang dipercaya.",
        "The certificate of {field} does not lead to a trusted issuer.",
    ),
    "certificate-revoked": (
        _R,
        "Sertifikat penanda tangan {field} sudah dicabut ketika tanda tangan dibuat.",
        "The certificate of {field} was already revoked when the signature was made.",
    ),
    "certificate-expired": (
        _C,
        "Sertifikat {field} tidak berlaku pada waktu yang dapat dibuktikan.",
        "The certificate of {field} was not in force at the provable time.",
    ),
    "certificate-usage": (
        _T,
        "Sertifikat {field} tidak diperuntukkan bagi tanda tangan dokumen.",
        "The certificate of {field} is not meant for signing documents.",
    ),
    "revocation-unknown": (
        _C,
        "Tidak ada bukti apakah sertifikat {field} masih berlaku saat menandatangani.",
        "There is no proof whether the certificate of {field} was still good when signing.",
    ),
    "not-confirmed": (
        _C,
        "Keabsahan tanda tangan {field} tidak dapat dipastikan ({detail}).",
        "The validity of signature {field} could not be confirmed ({detail}).",
    ),
    "timestamp-invalid": (
        _C,
        "Cap waktu pada {field} tidak sah.",
        "The timestamp of {field} is not valid.",
    ),
    "timestamp-untrusted": (
        _C,
        "Cap waktu pada {field} bukan dari penerbit yang dipercaya.",
        "The timestamp of {field} is not from a trusted authority.",
    ),
    "timestamp-future": (
        _C,
        "Cap waktu pada {field} lebih kemudian daripada waktu pemeriksaan.",
        "The timestamp of {field} is later than the time of examination.",
    ),
    "timestamp-status-unknown": (
        _N,
        "Status sertifikat cap waktu terakhir tidak dapat dipastikan tanpa jaringan.",
        "The status of the last timestamp's certificate cannot be known offline.",
    ),
    "only-timestamps": (
        _C,
        "Dokumen ini hanya memuat cap waktu, tanpa tanda tangan seseorang.",
        "This document holds timestamps only, no person's signature.",
    ),
    "no-timestamp": (
        _N,
        "Waktu tanda tangan {field} hanya menurut penanda tangan sendiri.",
        "The time of signature {field} is claimed by the signer alone.",
    ),
    "simulation": (
        _N,
        "SIMULASI: penerbit sertifikat adalah CA pengembangan, bukan BSrE; tidak tersertifikasi.",
        "SIMULATION: the issuer is a development CA, not BSrE; not a certified signature.",
    ),
    # the register
    "registry-not-checked": (
        _N,
        "Pencabutan surat tidak diperiksa, karena daftar surat kantor tidak tersedia di sini.",
        "Withdrawal of the letter was not checked, because the office's register is not at hand.",
    ),
    "letter-withdrawn": (_R, "Surat ini telah dicabut oleh kantor.", "The office has withdrawn this letter."),
    "letter-replaced": (_R, "Surat ini telah diganti dengan surat lain.", "Another letter has replaced this letter."),
    "letter-identical": (
        _N,
        "Berkas ini sama persis dengan surat yang terdaftar.",
        "This file is identical to the registered letter.",
    ),
    "file-unavailable": (
        _U,
        "Berkas surat saat ini tidak dapat dibaca dari penyimpanan kantor.",
        "The letter's file cannot be read from the office's storage now.",
    ),
    "stored-file-differs": (
        _A,
        "Berkas di penyimpanan kantor bukan lagi berkas yang diterbitkan.",
        "The file in the office's storage is no longer the file that was released.",
    ),
    "seal-differs": (
        _C,
        "Catatan register berbeda dari segel yang dibuat kantor ketika surat ditandatangani.",
        "The register's facts differ from the seal that the office made when the letter was signed.",
    ),
    "letter-differs": (
        _C,
        "QR di berkas ini milik surat {number}, tetapi berkas ini bukan berkas yang diterbitkan kantor.",
        "The QR in this file is that of letter {number}, but this is not the file that the office released.",
    ),
    "letter-continued": (
        _C,
        "Berkas ini berawal sama dengan surat {number}, tetapi sesudahnya berbeda dari yang diterbitkan kantor.",
        "This file begins like letter {number}, but what follows differs from what the office released.",
    ),
    "qr-foreign": (
        _N,
        "QR di berkas ini menuju {host}, bukan layanan kantor ini.",
        "A QR in this file leads to {host}, not to this office's service.",
    ),
    "letter-unknown": (
        _N,
        "Berkas ini tidak ada dalam daftar surat kantor.",
        "This file is not in the office's register.",
    ),
}


def fail(code: str, **details: object) -> VerificationError:
    """The exception for a known reason; `details` fill the placeholders of its sentences."""
    _, indonesian, english = REASONS[code]
    return VerificationError(code, indonesian.format(**details), english.format(**details))


def effect(code: str) -> Effect:
    """What a reason does to the answer; a code that is not listed here is taken as UNKNOWN (fail closed)."""
    return REASONS[code][0] if code in REASONS else Effect.UNKNOWN
