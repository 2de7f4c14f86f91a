"""What an uploaded file's report means, in plain words: the verdict, then the four answers."""

from __future__ import annotations

from flask_babel import gettext as _

from verifier.report import Mode, Report, SignatureReport
from verifier.web.wording import Verdict, day, moment


def verdict(report: Report) -> Verdict:
    """The one sentence on a file from outside, and what to do."""
    registry = report.registry
    if report.verdict == "valid" and registry is not None and registry.identical:
        text = _("Berkas ini sama persis dengan surat %(number)s dan belum dicabut.", number=registry.number)
        return Verdict("valid", text, _("Cetakan surat dapat dibandingkan di halaman surat: pindai QR-nya."))
    if report.verdict == "valid":
        text = _("Tanda tangan berkas ini cocok dan isinya tidak berubah, tetapi tidak terdaftar di kantor ini.")
        return Verdict("warning", text, _("Tanyakan kepada kantor yang disebut di dalamnya."))
    if report.verdict == "revoked":
        if registry is not None and registry.status != "berlaku":
            text = _("Surat %(number)s sudah dicabut atau diganti oleh kantor.", number=registry.number)
        else:
            text = _("Sertifikat penanda tangan berkas ini sudah dicabut ketika dipakai.")
        return Verdict("invalid", text, _("Jangan dipakai, walaupun tampak asli."))
    return _doubtful(report)


def _doubtful(report: Report) -> Verdict:
    ask = _("Mintalah berkas aslinya kepada kantor yang menerbitkan.")
    if report.verdict == "altered":
        return Verdict("invalid", _("Berkas ini telah diubah setelah ditandatangani, atau tanda tangannya palsu."), ask)
    if report.verdict == "unsigned":
        return Verdict("invalid", _("Berkas ini tidak ditandatangani secara elektronik."), ask)
    if report.verdict == "unreadable":
        return Verdict("warning", _("Berkas ini tidak dapat dibaca sebagai PDF."), ask)
    if report.verdict == "untrusted":
        text = _("Penanda tangan berkas ini tidak dapat dipastikan: penerbit sertifikatnya tidak dipercaya di sini.")
        return Verdict("warning", text, ask)
    return Verdict("warning", _("Keabsahan berkas ini belum dapat dipastikan."), ask)


def mode(report: Report) -> Mode | str:
    """ "simulasi" if any signature is, "bsre" if all are, else "" (no claim at all)."""
    modes = {signature.mode for signature in report.signatures}
    if "simulasi" in modes:
        return "simulasi"
    return "bsre" if modes == {"bsre"} else ""


def answers(report: Report) -> list[tuple[str, str]]:
    """Was it changed, who signed and when, who vouches for them, until when is it proven."""
    first = [(_("Apakah berubah?"), _changed(report))]
    for signature in report.signatures:
        first += _of_signature(signature)
    return first


def _changed(report: Report) -> str:
    said = {
        "unchanged": _("Tidak. Isinya sama seperti saat ditandatangani."),
        "permitted-changes": _("Hanya dengan cara yang diizinkan penanda tangan."),
        "altered": _("Ya. Jangan dipercaya; mintalah aslinya."),
        "unknown": _("Tidak dapat dipastikan."),
        "unsigned": _("Tidak dapat diketahui: tidak ada tanda tangan."),
    }
    return str(said[report.integrity])


def _of_signature(signature: SignatureReport) -> list[tuple[str, str]]:
    when = _("waktu tidak diketahui")
    if signature.signed_at is not None:
        when = moment(signature.signed_at)
    elif signature.claimed_signed_at is not None:
        when = _("%(at)s menurut penanda tangan sendiri", at=moment(signature.claimed_signed_at))
    who = signature.signer or "?"
    issuer = signature.issuer or "?"
    believed = _("%(issuer)s, dipercaya", issuer=issuer)
    if not signature.trusted:
        who = _("%(name)s, menurut berkasnya sendiri", name=who)
        believed = _("%(issuer)s, menurut berkasnya sendiri; tidak dapat dipastikan", issuer=issuer)
    until = day(signature.valid_until) if signature.valid_until else ""
    return [
        (_("Siapa yang menandatangani?"), f"{who}; {when}"),
        (_("Siapa penjaminnya?"), str(believed)),
        (_("Terbukti sampai kapan?"), until),
    ]
