"""From findings to the report of contracts.md: levels, names, times, and the one verdict."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from asn1crypto import x509
from pyhanko.pdf_utils.generic import parse_pdf_date
from pyhanko.sign.validation.generic_cms import extract_self_reported_ts

from verifier.document import ODD_FILE, Document, entry
from verifier.errors import VerificationError
from verifier.findings import Reasons, SignatureFinding, verdict_of
from verifier.integrity import algorithm_name, signer_certificate
from verifier.knowledge import has_store
from verifier.messages import effect, fail
from verifier.records import LetterRecord
from verifier.report import (
    Indication,
    Integrity,
    Level,
    Mode,
    Reason,
    Registry,
    Report,
    SignatureReport,
    TimestampReport,
    Verdict,
)
from verifier.standing import Stamp, attached_tokens, common_name, valid_until

_BSRE = ("BSRE", "BALAI SERTIFIKASI ELEKTRONIK", "BALAI BESAR SERTIFIKASI ELEKTRONIK")
_UNREADABLE = {"unreadable", "encrypted", "too-large", "too-slow"}
_INDICATIONS: list[Indication] = ["TOTAL-FAILED", "INDETERMINATE", "TOTAL-PASSED"]
_INTEGRITIES: list[Integrity] = ["altered", "unknown", "permitted-changes", "unchanged"]


@dataclass
class Case:
    """One file under examination."""

    name: str
    data: bytes
    now: datetime
    reasons: Reasons = field(default_factory=Reasons)
    findings: list[SignatureFinding] = field(default_factory=list)
    record: LetterRecord | None = None
    newest: Document | None = None
    readable: bool = False

    @property
    def signatures(self) -> list[SignatureFinding]:
        """Findings that are signatures of someone, not document timestamps."""
        return [f for f in self.findings if f.part is None or not f.part.is_timestamp]

    @property
    def stamps(self) -> list[SignatureFinding]:
        """Findings that are document timestamps."""
        return [f for f in self.findings if f.part is not None and f.part.is_timestamp]


def mode_of(finding: SignatureFinding) -> Mode | None:
    """ "simulasi" if the certificate or its issuer says so; "bsre" only if a trusted chain does (a name is a claim)."""
    certificate = _certificate(finding)
    if certificate is None:
        return None
    issuer = certificate.issuer.human_friendly.upper()
    if "SIMULASI" in issuer or "SIMULASI" in certificate.subject.human_friendly.upper():
        return "simulasi"
    return "bsre" if _trusted(finding) and any(name in issuer for name in _BSRE) else None


def write_report(case: Case, started: float) -> Report:
    """The report of a case; `started` is a perf_counter reading."""
    signatures = [_signature(case, finding) for finding in case.signatures]
    reasons = _all_reasons(case)
    verdict, integrity = _verdict(case, reasons), _integrity(case)
    indication, subindication = _indication(signatures, integrity)
    return Report(
        file=case.name,
        sha256=hashlib.sha256(case.data).hexdigest(),
        size=len(case.data),
        verdict=verdict,
        indication=indication,
        subindication=subindication,
        integrity=integrity,
        signatures=signatures,
        document_timestamps=len(case.stamps),
        registry=_registry(case.record),
        reasons=_reason_list(reasons),
        checked_at=case.now.astimezone(UTC),
        seconds=round(time.perf_counter() - started, 4),
    )


def conclude(case: Case, started: float) -> Report:
    """`write_report`, or on a file too odd even to describe, the report that its examination failed."""
    try:
        return write_report(case, started)
    except MemoryError:
        raise  # the sandbox says so better
    except (
        Exception
    ):  # names and dates of hostile certificates make libraries raise anything; never a crash, never a pass
        return stopped(case.name, case.data, case.now, "examination-failed", time.perf_counter() - started)


def stopped(name: str, data: bytes, now: datetime, code: str, seconds: float) -> Report:
    """The report on a file whose examination had to be stopped (too-slow, too-large, examination-failed)."""
    case = Case(name=name, data=data, now=now)
    case.reasons.add([fail(code)])
    return write_report(case, time.perf_counter() - seconds)


def _all_reasons(case: Case) -> Reasons:
    everything = Reasons(list(case.reasons.found))
    for finding in case.findings:
        everything.add(finding.bytes_reasons.found)
        everything.add(finding.trust_reasons.found)
    if any(mode_of(finding) == "simulasi" for finding in case.signatures):
        everything.add([fail("simulation")])
    if case.readable and not case.findings:
        everything.add([fail("unsigned")])
    elif case.findings and not case.signatures:
        everything.add([fail("only-timestamps")])
    return everything


def _reason_list(reasons: Reasons) -> list[Reason]:
    """Gravest first, each sentence once."""
    ordered = sorted(reasons.found, key=lambda reason: -effect(reason.code))
    unique: dict[tuple[str, str], VerificationError] = {(r.code, r.en): r for r in ordered}
    return [Reason(code=r.code, id=r.id, en=r.en) for r in unique.values()]


def _verdict(case: Case, reasons: Reasons) -> Verdict:
    if not case.readable and not case.findings:
        return "unreadable"
    graver = verdict_of(Reasons(case.reasons.found), passed=True)
    if not case.findings:
        return "altered" if graver == "altered" else "unsigned"
    passed = [f.standing is not None and f.standing.passed for f in case.signatures]
    return verdict_of(reasons, bool(passed) and all(passed))


def _integrity(case: Case) -> Integrity:
    if not case.readable and not case.findings:
        return "unknown"
    found = [case.reasons.integrity, *(finding.bytes_reasons.integrity for finding in case.findings)]
    if not case.findings and found == ["unchanged"]:
        return "unsigned"
    return min(found, key=_INTEGRITIES.index)


def _indication(signatures: list[SignatureReport], integrity: Integrity) -> tuple[Indication | None, str | None]:
    """The worst of the signatures'; a file altered otherwise is indeterminate at best."""
    given = [(_INDICATIONS.index(s.indication), s.subindication) for s in signatures if s.indication is not None]
    if not given:
        return None, None
    rank, subindication = min(given, key=lambda pair: pair[0])
    if _INDICATIONS[rank] == "TOTAL-PASSED" and integrity in ("altered", "unknown"):
        return "INDETERMINATE", "SIG_CONSTRAINTS_FAILURE"
    return _INDICATIONS[rank], subindication


def _signature(case: Case, finding: SignatureFinding) -> SignatureReport:
    certificate = _certificate(finding)
    indication, subindication = finding.indication
    stamps = [*(finding.standing.stamps if finding.standing else ()), *_later_stamps(case, finding)]
    return SignatureReport(
        field=finding.form_field.name,
        signer=common_name(certificate.subject) if certificate else None,
        signer_dn=certificate.subject.human_friendly if certificate else None,
        issuer=common_name(certificate.issuer) if certificate else None,
        signed_at=finding.standing.best_time if finding.standing else None,
        claimed_signed_at=_claimed(finding),
        level=_level(case, finding),
        integrity=finding.bytes_reasons.integrity,
        covers=finding.covers,
        trusted=_trusted(finding),
        indication=indication,
        subindication=subindication,
        certified=finding.permissions.certified,
        algorithm=algorithm_name(finding.part) if finding.part else None,
        timestamps=[TimestampReport(at=s.at, authority=s.authority, trusted=s.trusted) for s in stamps],
        mode=mode_of(finding),
        valid_until=_valid_until(case, finding),
    )


def _certificate(finding: SignatureFinding) -> x509.Certificate | None:
    try:
        return signer_certificate(finding.part) if finding.part else None
    except VerificationError:
        return None


def _trusted(finding: SignatureFinding) -> bool:
    return finding.standing is not None and finding.standing.path is not None


def _later_stamps(case: Case, finding: SignatureFinding) -> list[Stamp]:
    end = finding.part.end if finding.part else 0
    return [f.stamp for f in case.stamps if f.stamp is not None and f.part is not None and f.part.end > end]


def _claimed(finding: SignatureFinding) -> datetime | None:
    """The time the signer claims: the signed attribute, else /M; only with a time zone, in UTC."""
    if finding.part is None:
        return None
    try:
        raw = entry(finding.part.dictionary, "/M")
        claimed: datetime | None = extract_self_reported_ts(finding.part.signed_data["signer_infos"][0])
        if raw is not None and claimed is None:
            claimed = parse_pdf_date(str(raw), strict=False)
        return claimed.astimezone(UTC) if claimed is not None and claimed.tzinfo is not None else None
    except ODD_FILE:
        return None


def _level(case: Case, finding: SignatureFinding) -> Level:
    """The baseline level by what is there (EN 319 142-1 clause 6), whether or not it is trusted."""
    if finding.part is None:
        return "unknown"
    if finding.part.subfilter.startswith("adbe."):
        return "CMS"
    if finding.part.subfilter != "ETSI.CAdES.detached":
        return "unknown"
    stamped, store = bool(attached_tokens(finding.part)), case.newest is not None and has_store(case.newest)
    if store and _later_stamps(case, finding):
        return "B-LTA"
    if store and stamped:
        return "B-LT"
    return "B-T" if stamped or _later_stamps(case, finding) else "B-B"


def _valid_until(case: Case, finding: SignatureFinding) -> datetime | None:
    """The earliest end over the newest trusted timestamp's path, else over the signer's own; None if untrusted."""
    if not _trusted(finding) or finding.standing is None or finding.standing.path is None:
        return None
    later = [*finding.standing.stamps, *_later_stamps(case, finding)]
    paths = [stamp.path for stamp in later if stamp.path is not None]
    return valid_until(paths[-1] if paths else finding.standing.path)


def _registry(record: LetterRecord | None) -> Registry | None:
    if record is None:
        return None
    return Registry(
        status=record.status,
        number=record.number,
        date=record.date,
        subject=record.subject,
        register_number=record.register_number,
        identical=record.identical,
        log_index=record.log_index,
    )
