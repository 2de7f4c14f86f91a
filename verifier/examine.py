"""The judge: `pdf` and `seal` run every check in numbered steps and give one report; here alone reasons are collected.

It fails closed: whatever could not be checked is a reason, never a pass and never a crash.
"""

from __future__ import annotations

import hashlib
import time
from datetime import UTC, datetime

from verifier.chains import Chains
from verifier.difference import changes
from verifier.document import ODD_FILE, Document, FormField, reference_of
from verifier.errors import VerificationError
from verifier.findings import SignatureFinding
from verifier.guards import appearance, canonical, structure, tables
from verifier.integrity import require_strong, verify_value
from verifier.knowledge import gather
from verifier.messages import fail
from verifier.permissions import NO_CHANGES, read_permissions
from verifier.records import LetterRecord, Records
from verifier.report import Report, SealReport
from verifier.reporting import Case, conclude, mode_of
from verifier.sealing import report_on
from verifier.signatures import SignedPart, filled_fields, read_part
from verifier.standing import Judge, Stamp
from verifier.trust import Trust

_QUIET = {"metadata-changed"}


def pdf(data: bytes, *, name: str, trust: Trust, at: datetime | None = None, records: Records | None = None) -> Report:
    """Examine one PDF (`name` is only for the report) at time `at` (aware; default now), against `trust` alone.

    Never raises for what is in `data`, never uses the network. Without `records` withdrawal is not checked, and said.
    """
    started = time.perf_counter()
    case = Case(name=name, data=data, now=at or datetime.now(UTC))
    document = case.reasons.attempt(Document.open, data)  # 1. is it a PDF at all
    step = case.reasons.attempt
    if document is not None:
        case.newest = document
        step(_find_signatures, case, document)  # 2. which signatures does it hold
        step(_verify_bytes, case, document)  # 3. do their own bytes hold
        step(_compare_revisions, case, document)  # 4. what was added after each, and was that allowed
        step(_guard_structure, case, document)  # 5. what engines miss in the file's structure
        step(_judge_standing, case, document, trust)  # 6. who vouches, since when (chains, revocation, timestamps)
        step(_guard_unsigned_bytes, case, trust)  # 7. bytes of the last signature that nothing signs
        step(_apply_office_rule, case)  # 8. on office letters only validation data and timestamps may follow
    _look_up(case, records)  # 9. does the office's register still stand by it
    return conclude(case, started)  # 10. one verdict


def seal(text: str, *, trust: Trust, at: datetime | None = None, origin: str | None = None) -> SealReport:
    """Examine the text of a QR (scheme, host, token, seal) at time `at` (aware; default now), offline.

    With `origin` ("https://host[:port]") a QR that leads anywhere else is untrusted.
    """
    return report_on(text, trust, at or datetime.now(UTC), origin)


def _find_signatures(case: Case, document: Document) -> None:
    fields = case.reasons.attempt(filled_fields, document) or []
    case.readable = not any(reason.code == "unreadable" for reason in case.reasons.found)
    for form_field in fields:
        finding = SignatureFinding(form_field, read_permissions(document, form_field))
        finding.part = finding.bytes_reasons.attempt(read_part, document, form_field)
        case.findings.append(finding)
    case.findings.sort(key=lambda f: f.part.end if f.part else 0)
    case.reasons.attempt(structure.shared_signature, fields)


def _verify_bytes(case: Case, document: Document) -> None:
    for finding in case.findings:
        if finding.part is not None:
            finding.bytes_reasons.attempt(verify_value, finding.part, case.data)
            finding.trust_reasons.attempt(require_strong, finding.part)
            finding.revision = finding.bytes_reasons.attempt(_signed_revision, document, finding)
            whole = finding.part.end == len(case.data)
            finding.covers = "partial" if finding.revision is None else "whole-file" if whole else "revision"


def _signed_revision(document: Document, finding: SignatureFinding) -> Document:
    """The file as it was when signed: what the range ends with must be a whole PDF that holds this same signature."""
    part, own = finding.part, finding.form_field
    if part is None:
        raise fail("revision-broken", field=own.name)
    if part.end == len(document.data):
        return document
    try:
        revision = Document.open(document.data[: part.end])
        held = [field for field in revision.fields() if field.reference == own.reference and field.kind == "/Sig"]
        if not any(_same_value(document, own, revision, field, part) for field in held):
            raise fail("revision-broken", field=part.field)
    except (VerificationError, *ODD_FILE) as error:
        raise fail("revision-broken", field=part.field) from error
    return revision


def _same_value(document: Document, own: FormField, revision: Document, field: FormField, part: SignedPart) -> bool:
    """Whether a field of the revision holds the very same signature: at the same place, or at least the same gap."""
    one, other = reference_of(own.raw_value), reference_of(field.raw_value)
    if one is not None and one == other and document.location(one) == revision.location(one):
        return True
    return read_part(revision, field).gap == part.gap


def _compare_revisions(case: Case, document: Document) -> None:
    """Step through the signed revisions to the current file; each signature answers for all that came after it."""
    chain = [finding for finding in case.findings if finding.revision is not None]
    for index, finding in enumerate(chain):
        old = finding.revision
        new = chain[index + 1].revision if index + 1 < len(chain) else document
        if old is None or new is None or old is new:
            continue
        found = case.reasons.attempt(changes, old, new) or []
        redrawn = any(change.code == "form-appearance" for change in found)
        visible = [change for change in found if change.visible and change.code != "form-appearance"]
        if redrawn or visible:
            case.reasons.add(case.reasons.attempt(appearance.shadow_attack, old.data, new.data, visible) or [])
        for earlier in chain[: index + 1]:
            earlier.changes.extend(found)
            earlier.bytes_reasons.add(earlier.permissions.judge(change) for change in found)


def _guard_structure(case: Case, document: Document) -> None:
    parts = [finding.part for finding in case.findings if finding.part is not None]
    case.reasons.attempt(structure.bytes_before_header, document)
    case.reasons.attempt(structure.hidden_signature, document, parts)
    if parts:
        case.reasons.attempt(structure.incremental_saving_attack, document, parts)
        case.reasons.attempt(tables.ambiguous_table, document, parts)
        case.reasons.attempt(tables.unlisted_object, document, parts)


def _judge_standing(case: Case, document: Document, trust: Trust) -> None:
    held = [(finding, part) for finding in case.findings if (part := finding.genuine) is not None]
    judge = Judge(Chains(trust, gather(document, [part for _, part in held]), case.now))
    stamped = [(finding, part) for finding, part in held if part.is_timestamp and finding.covers != "partial"]
    judged = judge.timeline([part for _, part in stamped], case.data)
    for finding, part in stamped:
        finding.stamp = judged[part.field]
        finding.trust_reasons.add(finding.stamp.reasons)
    for finding, part in held:
        if part.is_timestamp:
            continue
        later = _first_after(part, [other for other, _ in stamped])
        finding.standing = finding.trust_reasons.attempt(judge.signature, part, case.data, later)
        if finding.standing is not None:
            finding.trust_reasons.add(finding.standing.reasons)


def _first_after(part: SignedPart, stamped: list[SignatureFinding]) -> Stamp | None:
    """The earliest trusted document timestamp whose range takes in this signature."""
    later = [f.stamp for f in stamped if f.part and f.part.end > part.end and f.stamp and f.stamp.trusted]
    return min(later, key=lambda stamp: stamp.at, default=None)


def _guard_unsigned_bytes(case: Case, trust: Trust) -> None:
    for finding in case.findings:
        if finding.part is not None:
            finding.trust_reasons.attempt(structure.contents_padding, finding.part)
    last = case.findings[-1] if case.findings else None
    if last is not None and last.part is not None and last.stamp is not None and last.stamp.path:
        last.trust_reasons.attempt(canonical.altered_timestamp, last.part, last.stamp.path, trust)


def _apply_office_rule(case: Case) -> None:
    for finding in case.findings:
        ours = (finding.permissions.certified and finding.permissions.level == NO_CHANGES) or mode_of(finding)
        if not ours:
            continue
        later = [change for change in finding.changes if change.code not in _QUIET]
        if any(not change.timestamp for change in later):
            finding.bytes_reasons.add([fail("office-rule")])
        codes = {reason.code for other in case.findings for reason in other.trust_reasons.found}
        if codes & {"contents-padding", "timestamp-not-canonical"}:
            finding.bytes_reasons.add([fail("office-bytes")])


def _look_up(case: Case, records: Records | None) -> None:
    if records is None:
        case.reasons.add([fail("registry-not-checked")])
        return
    record = records.by_sha256(hashlib.sha256(case.data).digest())
    if record is None:
        case.reasons.add([fail("letter-unknown")])
        return
    case.record = record
    case.reasons.add([_of_record(record)])


def _of_record(record: LetterRecord) -> VerificationError:
    codes = {"dicabut": "letter-withdrawn", "diganti": "letter-replaced", "berlaku": "letter-identical"}
    return fail(codes[record.status])
