"""The report for people at a terminal: four answers, Indonesian first, English beside, then the details."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from verifier.report import Report, SealReport, SignatureReport

_WIB = timezone(timedelta(hours=7), "WIB")  # Asia/Jakarta has had no other offset since 1964
_MONTHS = [
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
    *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
]

_VERDICT = {
    "valid": ("SAH", "VALID"),
    "altered": ("BERUBAH ATAU DIPALSUKAN", "ALTERED OR FORGED"),
    "revoked": ("DICABUT", "REVOKED"),
    "untrusted": ("PENANDA TANGAN TIDAK DIPERCAYA", "SIGNER NOT TRUSTED"),
    "unconfirmed": ("BELUM DAPAT DIPASTIKAN", "NOT CONFIRMED"),
    "unsigned": ("TIDAK DITANDATANGANI", "UNSIGNED"),
    "unreadable": ("TIDAK TERBACA", "UNREADABLE"),
}
_CHANGED = {
    "unchanged": ("Tidak. Isinya sama seperti saat ditandatangani.", "No. It is as it was signed."),
    "permitted-changes": ("Hanya dengan cara yang diizinkan.", "Only in ways that the signer permits."),
    "altered": ("YA. Jangan dipercaya; mintalah aslinya.", "YES. Do not rely on it; ask for the original."),
    "unknown": ("Tidak dapat dipastikan.", "It could not be established."),
    "unsigned": ("Tidak dapat diketahui: tidak ada tanda tangan.", "It cannot be known: there is no signature."),
}


def when(moment: datetime | None) -> str:
    """A moment in WIB as people here write it, or a dash."""
    if moment is None:
        return "-"
    local = moment.astimezone(_WIB)
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year} {local:%H.%M} WIB"


def render(report: Report) -> str:
    """One file's answer as text."""
    indonesian, english = _VERDICT[report.verdict]
    changed = _CHANGED[report.integrity]
    lines = [
        f"{report.file}: {indonesian} / {english}",
        f"  Apakah berubah?      {changed[0]} ({changed[1]})",
    ]
    for signature in report.signatures:
        lines += _signature(signature)
    lines += [f"  - {reason.id}\n    {reason.en}" for reason in report.reasons]
    codes = " / ".join(code for code in (report.indication, report.subindication) if code)
    lines.append(f"  SHA-256 {report.sha256}" + (f"; ETSI EN 319 102-1: {codes}" if codes else ""))
    return "\n".join(lines)


def _signature(signature: SignatureReport) -> list[str]:
    believed = "dipercaya / trusted" if signature.trusted else "TIDAK dipercaya / NOT trusted"
    mode = " (SIMULASI, bukan BSrE)" if signature.mode == "simulasi" else ""
    time = signature.signed_at or signature.claimed_signed_at
    claim = "" if signature.signed_at else " (menurut penanda tangan / claimed)"
    return [
        f"  Siapa?               {signature.signer or '-'}; {when(time)}{claim}; {signature.level}",
        f"  Siapa penjaminnya?   {signature.issuer or '-'}{mode}: {believed}",
        f"  Terbukti sampai?     {when(signature.valid_until)}",
    ]


def render_seal(report: SealReport) -> str:
    """A seal's answer as text; it never says that the letter is validly signed."""
    if report.verdict != "valid":
        return "\n".join([f"Segel: {report.verdict}", *(f"  - {r.id}\n    {r.en}" for r in report.reasons)])
    return "\n".join(
        [
            "Segel QR ini dibuat oleh kantor. / The office made this QR's seal.",
            f"  Nomor           {report.number}",
            f"  Tanggal         {report.letter_date}",
            f"  Hal             {_cut(report.subject, report.subject_cut)}",
            f"  Penanda tangan  {_cut(report.signer, report.signer_cut)}",
            f"  Jabatan         {_cut(report.capacity, report.capacity_cut)}",
            f"  Mode            {str(report.mode).upper()}",
            f"  Alamat pada QR  {report.origin}",
            *(f"  - {r.id}\n    {r.en}" for r in report.reasons),
        ]
    )


def _cut(text: str | None, cut: bool | None) -> str:
    """A text as the seal has it; dots where it was too long for the QR."""
    return f"{text} ..." if cut else str(text)
