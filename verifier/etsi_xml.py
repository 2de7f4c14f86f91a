"""The report as an ETSI TS 119 102-2 validation report (XML), for tools that read those."""

from __future__ import annotations

import base64
from datetime import datetime
from xml.etree import ElementTree as Xml  # only writes; nothing of a stranger's is parsed

from verifier.report import Report, SignatureReport

_REPORT = "http://uri.etsi.org/19102/v1.2.1#"
_DSIG = "http://www.w3.org/2000/09/xmldsig#"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_PROCESS = {"B-LTA": "LTA", "B-LT": "LTVM", "B-T": "LTVM"}


def write(report: Report) -> bytes:
    """The XML document (UTF-8): one SignatureValidationReport a signature (TS 119 102-2 clause 4)."""
    Xml.register_namespace("vr", _REPORT)
    Xml.register_namespace("ds", _DSIG)
    root = Xml.Element(f"{{{_REPORT}}}ValidationReport")
    for signature in report.signatures:
        _signature(Xml.SubElement(root, f"{{{_REPORT}}}SignatureValidationReport"), report, signature)
    if not report.signatures:  # the schema wants one; a file without a signature has no signed data
        _status(Xml.SubElement(root, f"{{{_REPORT}}}SignatureValidationReport"), None, "SIGNED_DATA_NOT_FOUND")
    text: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _signature(holder: Xml.Element, report: Report, signature: SignatureReport) -> None:
    times = _below(holder, "ValidationTimeInfo")
    _below(times, "ValidationTime").text = _time(report.checked_at)
    if signature.signed_at is not None:
        best = _below(times, "BestSignatureTime")
        _below(best, "POETime").text = _time(signature.signed_at)
        _below(best, "TypeOfProof").text = "urn:etsi:019102:poetype:validation"
    digest = _below(_below(holder, "SignersDocument"), "DigestAlgAndValue")
    Xml.SubElement(digest, f"{{{_DSIG}}}DigestMethod", Algorithm=_SHA256)
    value = base64.b64encode(bytes.fromhex(report.sha256)).decode()
    Xml.SubElement(digest, f"{{{_DSIG}}}DigestValue").text = value
    process = _below(_below(holder, "SignatureValidationProcess"), "SignatureValidationProcessID")
    process.text = f"urn:etsi:019102:validationprocess:{_PROCESS.get(signature.level, 'Basic')}"
    _status(holder, signature.indication, signature.subindication)


def _status(holder: Xml.Element, indication: str | None, subindication: str | None) -> None:
    status = _below(holder, "SignatureValidationStatus")
    main = (indication or "INDETERMINATE").lower()
    _below(status, "MainIndication").text = f"urn:etsi:019102:mainindication:{main}"
    if subindication is not None:
        _below(status, "SubIndication").text = f"urn:etsi:019102:subindication:{subindication}"


def _below(holder: Xml.Element, name: str) -> Xml.Element:
    return Xml.SubElement(holder, f"{{{_REPORT}}}{name}")


def _time(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
