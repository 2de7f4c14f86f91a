"""What an uploaded file's report means, in plain words: one sentence, the four answers, then the details."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _

from verifier.messages import Effect, effect
from verifier.records import PublicLetter
from verifier.report import Mode, Report, SignatureReport
from verifier.web.upload import Judged
from verifier.web.wording import Verdict, day, moment, sentence

MOST_SHOWN = 3
_SHOWN = {"altered": Effect.ALTERED, "unknown": Effect.UNKNOWN, "permitted-changes": Effect.PERMITTED}
"""Which reasons answer the first question, by what is known of the bytes."""
_TITLE = re.compile(r"(?:^|; )Title: ([^;]+)")


@dataclass(frozen=True)
class Answer:
    """One of the four: `kind` is good, bad, warn or unknown; `more` are further lines; `loud` is shown as a notice."""

    question: str
    kind: str
    text: str
    more: tuple[str, ...] = ()
    loud: str = ""


def verdict(judged: Judged) -> Verdict:
    """The one sentence on a file from outside, and what to do."""
    if judged.letter is not None:
        return _of_letter(judged, judged.letter)
    report = judged.report
    ask = _("Mintalah berkas aslinya kepada kantor yang menerbitkan.")
    if report.verdict == "valid":
        text = _("Tanda tangan berkas ini cocok dan isinya tidak berubah, tetapi tidak terdaftar di kantor ini.")
        return Verdict("warning", text, _("Tanyakan kepada kantor yang disebut di dalamnya."))
    if report.verdict == "revoked":
        text = _("Sertifikat penanda tangan berkas ini sudah dicabut ketika dipakai.")
        return Verdict("invalid", text, _("Jangan dipakai, walaupun tampak asli."))
    if report.verdict == "altered":
        return Verdict("invalid", _("Berkas ini telah diubah setelah ditandatangani, atau tanda tangannya palsu."), ask)
    if report.verdict == "unsigned":
        return Verdict("invalid", _("Berkas ini tidak ditandatangani secara elektronik."), ask)
    if report.verdict == "unreadable":
        return Verdict("warning", _unread(report), ask)
    if report.verdict == "untrusted":
        text = _("Penanda tangan berkas ini tidak dapat dipastikan: penerbit sertifikatnya tidak dipercaya di sini.")
        return Verdict("warning", text, ask)
    return Verdict("warning", _("Keabsahan berkas ini belum dapat dipastikan."), ask)


def _unread(report: Report) -> str:
    codes = {reason.code for reason in report.reasons}
    if codes & {"too-slow", "too-large"}:
        return str(_("Berkas ini terlalu berat untuk diperiksa, sehingga tidak dapat dipastikan."))
    if "encrypted" in codes:
        return str(_("Berkas ini terkunci dengan kata sandi, sehingga tidak dapat diperiksa."))
    return str(_("Berkas ini tidak dapat dibaca sebagai PDF."))


def _of_letter(judged: Judged, letter: PublicLetter) -> Verdict:
    """A file that is, or claims to be, a letter of this office."""
    number, report = letter.number, judged.report
    if letter.status != "berlaku":
        done = _("dicabut") if letter.status == "dicabut" else _("diganti")
        text = _("Surat %(number)s sudah %(done)s oleh kantor.", number=number, done=done)
        return Verdict("invalid", text, _("Jangan dipakai, walaupun tampak asli."))
    if not judged.identical and report.verdict == "unsigned":
        text = _(
            "Berkas ini bukan surat %(number)s yang asli, hanya salinan tanpa tanda tangan yang memuat QR-nya.",
            number=number,
        )
        return Verdict("warning", text, _("Salinan atau pindaian dapat diubah: bandingkan dengan surat yang asli."))
    if not judged.identical:
        text = _("Berkas ini berbeda dari surat %(number)s yang diterbitkan kantor.", number=number)
        if report.verdict == "altered":
            text += " " + _("Isinya telah diubah setelah ditandatangani, atau tanda tangannya palsu.")
        return Verdict("invalid", text, _("Pakailah surat aslinya, yang dapat dibuka di sini."))
    if report.verdict == "valid":
        text = _("Berkas ini sama persis dengan surat %(number)s dan belum dicabut.", number=number)
        return Verdict("valid", text, _("Cetakan surat dapat dibandingkan di halaman surat: pindai QR-nya."))
    text = _(
        "Berkas ini sama persis dengan surat %(number)s yang diterbitkan kantor, tetapi tanda tangannya belum dapat "
        "dipastikan sekarang.",
        number=number,
    )
    return Verdict("warning", text, _("Buka halaman suratnya; kantor memperbarui bukti surat secara berkala."))


def mode(report: Report) -> Mode | str:
    """ "simulasi" if any signature is, "bsre" if all are, else "" (no claim at all)."""
    modes = {signature.mode for signature in report.signatures}
    if "simulasi" in modes:
        return "simulasi"
    return "bsre" if modes == {"bsre"} else ""


def answers(judged: Judged) -> list[Answer]:
    """Has it changed, who signed as what, who vouches for them, until when is it provable."""
    return [_changed(judged), _signers(judged), _vouchers(judged.report), _until(judged)]


def _changed(judged: Judged) -> Answer:
    question, report = _("Apakah berkas ini berubah?"), judged.report
    if judged.identical:
        return Answer(question, "good", _("Tidak. Berkas ini sama, bit demi bit, dengan yang diterbitkan kantor."))
    differs: tuple[str, ...] = ()
    if judged.letter is not None:
        differs = (_("Berkas ini bukan berkas yang diterbitkan kantor untuk surat %(no)s.", no=judged.letter.number),)
    why = tuple(sentence(reason) for reason in report.reasons if effect(reason.code) is _SHOWN.get(report.integrity))
    differs += why[:MOST_SHOWN]
    if report.integrity == "altered":
        return Answer(question, "bad", _("Ya. Jangan dipercaya; mintalah aslinya."), differs)
    if report.integrity == "unsigned":
        return Answer(question, "unknown", _("Tidak dapat diketahui: tidak ada tanda tangan."), differs)
    if report.integrity == "unknown":
        return Answer(question, "unknown", _("Tidak dapat dipastikan."), differs)
    kind = "warn" if judged.letter is not None else "good"
    if report.integrity == "permitted-changes":
        return Answer(question, kind, _("Hanya dengan cara yang diizinkan penanda tangan."), differs)
    return Answer(question, kind, _("Tidak. Isinya sama seperti saat ditandatangani."), differs)


def _signers(judged: Judged) -> Answer:
    question, signatures = _("Siapa yang menandatangani, sebagai apa?"), judged.report.signatures
    if not signatures:
        return Answer(question, "unknown", _("Tidak ada tanda tangan seseorang yang terbaca di berkas ini."))
    lines = [_signer(signature, judged) for signature in signatures]
    kind = "good" if all(_holds(signature) for signature in signatures) else "warn"
    return Answer(question, kind, lines[0], tuple(lines[1:]))


def _signer(signature: SignatureReport, judged: Judged) -> str:
    who = signature.signer or "?"
    if judged.identical and judged.letter is not None:
        who = _("%(name)s, sebagai %(capacity)s", name=who, capacity=judged.letter.capacity)
    elif not _holds(signature):
        who = _("Katanya %(name)s, menurut berkasnya sendiri", name=who)
    else:
        who = _certified(signature, who)
    return f"{who}; {_when(signature)}"


def _certified(signature: SignatureReport, who: str) -> str:
    """A name that a trusted issuer vouches for, and the title that its certificate states."""
    title = _TITLE.search(signature.signer_dn or "")
    if title is None:
        return str(_("%(name)s, menurut sertifikatnya yang tidak menyebut jabatan", name=who))
    return str(_("%(name)s, sebagai %(title)s menurut sertifikatnya", name=who, title=title[1]))


def _holds(signature: SignatureReport) -> bool:
    """Whether the name is more than the file's own claim."""
    return signature.trusted and signature.integrity not in ("altered", "unknown")


def _when(signature: SignatureReport) -> str:
    if signature.signed_at is not None:
        stamp = next((stamp for stamp in signature.timestamps if stamp.trusted), None)
        if stamp is None:
            return moment(signature.signed_at)
        return str(_("%(at)s menurut %(tsa)s", at=moment(signature.signed_at), tsa=stamp.authority))
    if signature.claimed_signed_at is not None:
        return str(_("%(at)s menurut penanda tangan sendiri", at=moment(signature.claimed_signed_at)))
    return str(_("waktu tidak diketahui"))


def _vouchers(report: Report) -> Answer:
    question = _("Siapa yang menjamin penanda tangannya?")
    if not report.signatures:
        return Answer(question, "unknown", _("Tidak ada."))
    lines = tuple(dict.fromkeys(_voucher(signature) for signature in report.signatures))
    kind = "good" if all(_holds(signature) for signature in report.signatures) else "warn"
    if mode(report) != "simulasi":
        return Answer(question, kind, lines[0], lines[1:])
    loud = _(
        "Ini BUKAN sertifikat BSrE. Penerbitnya CA pengembangan untuk latihan: tidak ada lembaga yang menjamin bahwa "
        "penanda tangan benar orang itu, dan tanda tangan ini tidak tersertifikasi."
    )
    return Answer(question, "warn", lines[0], lines[1:], loud)


def _voucher(signature: SignatureReport) -> str:
    issuer = signature.issuer or "?"
    if not signature.trusted:
        return str(_("%(issuer)s, menurut berkasnya sendiri; tidak dapat dipastikan.", issuer=issuer))
    if signature.mode == "simulasi":
        return str(_("%(issuer)s (SIMULASI)", issuer=issuer))
    if signature.mode == "bsre":
        return str(_("%(issuer)s: BSrE, lembaga sertifikasi elektronik pemerintah.", issuer=issuer))
    return str(_("%(issuer)s, yang dipercaya kantor ini.", issuer=issuer))


def _until(judged: Judged) -> Answer:
    question, report = _("Sampai kapan dapat dibuktikan?"), judged.report
    if report.signatures and report.integrity in ("altered", "unknown"):
        return Answer(question, "bad", _("Berkas ini tidak membuktikan apa pun: isinya tidak dapat dipastikan."))
    ends = [signature.valid_until for signature in report.signatures if signature.valid_until is not None]
    if not ends or len(ends) < len(report.signatures):
        return Answer(question, "unknown", _("Tidak ada bukti yang dapat dipastikan di dalam berkas ini."))
    end = min(ends)
    if end <= report.checked_at:
        text = _("Buktinya habis pada %(at)s.", at=day(end))
        return Answer(question, "warn", text, _renewed(judged))
    text = _("Sampai %(at)s, dengan yang ada di dalam berkas ini saja.", at=day(end))
    kind = "good" if end - report.checked_at > timedelta(days=90) else "warn"
    stamped = any(stamp.trusted for signature in report.signatures for stamp in signature.timestamps)
    more = _renewed(judged) if stamped else (_("Tanpa stempel waktu: habis bersama sertifikat penanda tangannya."),)
    return Answer(question, kind, text, more)


def _renewed(judged: Judged) -> tuple[str, ...]:
    if not judged.identical:
        return ()
    return (_("Kantor memperbarui bukti surat ini sebelum itu; berkas terbaru ada di halaman surat."),)


def details(report: Report) -> list[tuple[str, list[tuple[str, str]]]]:
    """The technical facts of each signature: its heading, and names with values (ETSI EN 319 102-1 codes as given)."""
    yes, no = _("ya"), _("tidak")
    covers = {"whole-file": _("seluruh berkas"), "revision": _("versinya sendiri"), "partial": _("sebagian saja")}
    return [
        (
            _("Tanda tangan %(field)s", field=signature.field),
            [
                (_("Pemegang sertifikat"), signature.signer_dn or "?"),
                (_("Tingkat"), f"PAdES {signature.level}" if signature.level.startswith("B-") else signature.level),
                (_("Hasil ETSI"), " / ".join(filter(None, (signature.indication, signature.subindication)))),
                (_("Mencakup"), str(covers[signature.covers])),
                (_("Melarang perubahan"), str(yes if signature.certified else no)),
                (_("Algoritma"), signature.algorithm or "?"),
                (_("Stempel waktu"), _stamps(signature)),
            ],
        )
        for signature in report.signatures
    ]


def _stamps(signature: SignatureReport) -> str:
    shown = [
        f"{stamp.authority}, {moment(stamp.at)}" + ("" if stamp.trusted else f" ({_('tidak dipercaya')})")
        for stamp in signature.timestamps
    ]
    return "; ".join(shown)
