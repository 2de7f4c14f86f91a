"""What a scanned QR means, in plain words: the sentence, what to do, and how much it proves."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from verifier.errors import VerificationError
from verifier.web.replies import told
from verifier.web.scanning import Scanned


@dataclass(frozen=True)
class Said:
    """`kind`: info, good, warn or bad (the page's colours); `word` stands large, `link` leads to the letter's page."""

    kind: str
    word: str
    sentence: str
    advice: str
    link: str = ""


def said(one: Scanned, own_host: str) -> Said:
    """The answer on one QR; `own_host` is the service's true host."""
    if one.kind == "letter":
        word = _("Segel cocok, tetapi simulasi") if _simulated(one) else _("Segel cocok")
        text = _("QR ini dibuat kantor untuk surat di bawah ini, yang terdaftar dan belum dicabut.")
        advice = _("Cocokkan keterangannya dengan kertas Anda, lalu buka halaman surat untuk membandingkan isinya.")
        return Said("info", word, text, advice, _("Buka halaman surat ini"))
    if one.kind == "withdrawn":
        return _withdrawn(one)
    if one.kind == "unregistered":
        text = _("Segelnya dibuat dengan kunci kantor, tetapi surat ini tidak ada di daftar kantor.")
        return Said("bad", _("Jangan dipakai"), text, _("Laporkan kepada kantor."))
    if one.kind == "refused":
        return _refused(one)
    if one.kind == "ours":
        return _incomplete(one)
    if one.kind == "foreign":
        text = _("QR ini bukan QR surat kantor ini: isinya menuju %(host)s.", host=one.host)
        advice = _("Jangan membuka alamat itu. QR surat kantor ini selalu menuju %(host)s.", host=own_host)
        return Said("bad", _("QR milik pihak lain"), text, advice)
    text = _("QR ini tidak memuat alamat, jadi bukan QR surat kantor ini.")
    return Said("warn", _("Bukan QR surat"), text, _("Pindai QR di blok tanda tangan surat."))


def refused(fault: VerificationError, sentence: str) -> str:
    """Why a picture could not be looked at."""
    if fault.code in ("busy", "picture-unreadable", "picture-too-large"):
        return sentence
    return str(_("Gambar ini terlalu berat untuk diperiksa. Kirim foto yang lebih kecil, QR-nya saja."))


def none_seen() -> str:
    """No QR in the picture, and how to take a better one."""
    return str(
        _(
            "Tidak ada QR yang terbaca pada gambar ini. Foto lebih dekat sehingga QR memenuhi setengah gambar, cukup "
            "terang, dan tidak goyang; atau ketik kode di bawah QR."
        )
    )


def _simulated(one: Scanned) -> bool:
    return one.seal is None or one.seal.mode != "bsre"


def _withdrawn(one: Scanned) -> Said:
    replaced = one.letter is not None and one.letter.status == "diganti"
    text = _("Surat ini sudah diganti dengan surat lain.") if replaced else _("Surat ini sudah dicabut oleh kantor.")
    advice = _("Jangan dipakai, walaupun cetakannya tampak sama.")
    return Said("bad", _("Jangan dipakai"), text, advice, _("Buka halaman surat ini"))


def _refused(one: Scanned) -> Said:
    why = told(one.reason) if one.reason else ""
    advice = _("Jangan memakai surat ini, dan laporkan kepada kantor.")
    link = ""
    if one.letter is not None:
        advice += " " + _("Kode di QR itu milik surat yang terdaftar; bandingkan isinya dengan cermat.")
        link = _("Lihat surat dengan kode itu")
    return Said("bad", _("Segel ditolak"), why, advice, link)


def _incomplete(one: Scanned) -> Said:
    text = _("QR ini menuju layanan kantor ini, tetapi tidak memuat segel surat yang utuh.")
    if one.letter is None:
        return Said("warn", _("Bukan QR surat yang utuh"), text, _("Pindai QR di blok tanda tangan surat."))
    advice = _("Kodenya milik surat yang terdaftar; buka halamannya dan bandingkan dengan kertas Anda.")
    return Said("warn", _("Segel tidak terbaca"), text, advice, _("Buka halaman surat ini"))
