"""A letter's page in plain words: the one sentence, what to do, what was checked. No addressee, no Pemohon."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from flask_babel import get_locale
from flask_babel import gettext as _

from verifier.report import Mode, Reason, SignatureReport
from verifier.web.fresh import Checked

_WIB = ZoneInfo("Asia/Jakarta")


@dataclass(frozen=True)
class Verdict:
    """The head of the page. `kind`: valid, invalid or warning."""

    kind: str
    sentence: str
    advice: str


@dataclass(frozen=True)
class Line:
    """One thing that was checked: `result` True (holds), False (fails) or None (could not be checked)."""

    title: str
    result: bool | None
    detail: str = ""


def language() -> str:
    """The language of this request: "id" or "en"."""
    return "en" if str(get_locale()) == "en" else "id"


def sentence(reason: Reason) -> str:
    """A reason in the language of this request."""
    return reason.en if language() == "en" else reason.id


def moment(at: datetime) -> str:
    """A moment as people here write it: "Senin, 5 Januari 2026 pukul 09.14 WIB"."""
    pattern = "EEEE, d MMMM y 'pukul' HH.mm" if language() == "id" else "EEEE, d MMMM y, HH:mm"
    return f"{format_datetime(at.astimezone(_WIB), pattern, tzinfo=_WIB, locale=language())} WIB"


def day(of: date) -> str:
    """A date as people here write it: "5 Januari 2026"."""
    return str(format_date(of, "d MMMM y", locale=language()))


def iso(text: str) -> date:
    """A date as reports write it: "2026-01-05"."""
    return date.fromisoformat(text)


def mode(checked: Checked) -> Mode:
    """What the page may claim: "bsre" only if the register and every signer's certificate say so."""
    modes = {checked.letter.mode, *(signature.mode for signature in checked.report.signatures)}
    return "bsre" if modes == {"bsre"} else "simulasi"


def verdict(checked: Checked) -> Verdict:
    """The one sentence a stranger reads first, and what to do if the print differs: few words, for small phones."""
    standing, office = checked.standing, checked.letter.office
    ask = _("Tanyakan ke %(office)s dan sebutkan nomor suratnya.", office=office)
    if standing == "valid":
        return Verdict("valid", _valid(checked), _compare(office))
    if standing == "withdrawn":
        return Verdict("invalid", _("Surat ini sudah dicabut oleh %(office)s.", office=office), f"{_unused()} {ask}")
    if standing == "replaced":
        advice = _("Mintalah surat penggantinya kepada %(office)s.", office=office)
        return Verdict("invalid", _("Surat ini sudah diganti dengan surat lain."), f"{_unused()} {advice}")
    if standing == "damaged":
        text = _("Berkas surat ini di kantor rusak atau telah diubah.")
        return Verdict("invalid", text, _("Jangan memakai cetakannya sebelum kantor memastikan.") + " " + ask)
    if standing == "revoked":
        text = _("Tanda tangan surat ini tidak berlaku: sertifikat penanda tangannya sudah dicabut.")
        return Verdict("invalid", text, _("Jangan memakai surat ini.") + " " + ask)
    if standing == "unavailable":
        text = _("Surat ini tercatat di kantor, tetapi belum dapat diperiksa saat ini.")
        return Verdict("warning", text, _("Coba lagi beberapa menit lagi.") + " " + ask)
    text = _("Surat ini belum dapat dipastikan asli.")
    return Verdict("warning", text, _("Jangan mengandalkan surat ini sebelum kantor memastikan.") + " " + ask)


def _valid(checked: Checked) -> str:
    if mode(checked) == "bsre":
        return str(_("Surat ini asli dan masih berlaku."))
    return str(_("Surat simulasi ini utuh dan belum dicabut."))


def _compare(office: str) -> str:
    text = _(
        "Kertas Anda berbeda dengan halaman ini? Jangan dipakai. Laporkan ke %(office)s.",
        office=office,
    )
    return str(text)


def _unused() -> str:
    return str(_("Jangan dipakai, walaupun cetakannya tampak sama."))


def lines(checked: Checked) -> list[Line]:
    """What was checked just now, in the order in which trust is built."""
    signature = next(iter(checked.report.signatures), None)
    return [
        _document(checked),
        _signature(signature),
        _chain(signature, mode(checked)),
        _revocation(checked, signature),
        _timestamp(signature),
        _register(checked),
        _seal(checked),
        _log(checked),
    ]


def _codes(checked: Checked) -> set[str]:
    return {reason.code for reason in checked.report.reasons}


def _document(checked: Checked) -> Line:
    title = _("Isi surat tidak berubah")
    if checked.report.integrity == "unknown":
        return Line(title, None, _("Berkasnya belum dapat dibaca."))
    if checked.report.integrity != "unchanged":
        return Line(title, False, _("Berkas yang tersimpan bukan lagi berkas yang diterbitkan."))
    return Line(title, True, _("Sidik berkas (SHA-256) sama dengan yang dicatat ketika surat terbit."))


def _signature(signature: SignatureReport | None) -> Line:
    title = _("Tanda tangan elektronik")
    if signature is None or signature.integrity == "unknown":
        return Line(title, None)
    holds = signature.integrity != "altered" and signature.indication != "TOTAL-FAILED"
    return Line(title, holds, _("Dibuat dengan kunci atas nama %(name)s", name=signature.signer or "?"))


def _chain(signature: SignatureReport | None, shown: Mode) -> Line:
    title = _("Penerbit sertifikat")
    if signature is None:
        return Line(title, None)
    issuer = signature.issuer or "?"
    if not signature.trusted:
        return Line(title, False, _("%(issuer)s tidak dipercaya kantor ini.", issuer=issuer))
    if shown == "bsre":
        return Line(title, True, issuer)
    return Line(title, True, _("%(issuer)s: CA pengembangan (SIMULASI), bukan BSrE.", issuer=issuer))


def _revocation(checked: Checked, signature: SignatureReport | None) -> Line:
    title = _("Sertifikat belum dicabut ketika dipakai")
    if "certificate-revoked" in _codes(checked):
        return Line(title, False)
    if signature is None or not signature.trusted or signature.indication != "TOTAL-PASSED":
        return Line(title, None)
    return Line(title, True, _("Menurut jawaban penerbitnya (OCSP) yang tersimpan di dalam surat."))


def _timestamp(signature: SignatureReport | None) -> Line:
    title = _("Waktu tanda tangan")
    if signature is None:
        return Line(title, None)
    if not signature.timestamps:
        return Line(title, False, _("Tidak ada stempel waktu."))
    trusted = next((stamp for stamp in signature.timestamps if stamp.trusted), None)
    if trusted is None:
        return Line(title, False, _("Stempel waktunya tidak dipercaya."))
    return Line(title, True, _("%(at)s, menurut %(tsa)s.", at=moment(trusted.at), tsa=trusted.authority))


def _register(checked: Checked) -> Line:
    letter, title = checked.letter, _("Daftar surat kantor")
    if letter.status != "berlaku":
        return Line(title, False, _("Sudah dicabut.") if letter.status == "dicabut" else _("Sudah diganti."))
    if letter.register_number is None:
        return Line(title, True, _("Terdaftar dan belum dicabut; nomor register belum diberikan."))
    text = _(
        "Nomor register %(no)s tahun %(year)s; belum dicabut.", no=letter.register_number, year=letter.register_year
    )
    return Line(title, True, text)


def _seal(checked: Checked) -> Line:
    title = _("Keterangan di halaman ini dan segel QR")
    if not checked.examined:
        return Line(title, None)
    if checked.sealed is not None:
        return Line(title, False, checked.sealed.en if language() == "en" else checked.sealed.id)
    return Line(title, True, _("Nomor, tanggal, hal, dan penanda tangan sama dengan yang disegel kantor."))


def _log(checked: Checked) -> Line:
    title, index = _("Log penerbitan surat"), checked.letter.log_index
    if index is None:
        return Line(title, False, _("Surat ini tidak ditemukan di log."))
    return Line(title, True, _("Tercatat di baris %(n)s.", n=index + 1))
