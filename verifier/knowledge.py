"""What the file brings along to be judged by: certificates, OCSP responses and CRLs (DSS, VRI, Adobe attribute).

Nothing here is believed yet: each piece carries its own signature, which the path validation checks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from asn1crypto import cms, crl, ocsp, x509
from asn1crypto import pdf as asn1_pdf
from pyhanko.pdf_utils import generic
from pyhanko.sign.general import (
    MultivaluedAttributeError,
    NonexistentAttributeError,
    find_unique_cms_attribute,
)
from pyhanko.sign.validation.policy_decl import LocalKnowledge
from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer

from verifier.document import ODD_FILE, Document, entry, items, resolved
from verifier.signatures import SignedPart

_MOST = 1000  # pieces of one kind; more would only cost time
_MOST_BYTES = 8_000_000  # one piece: large CAs' CRLs are a few megabytes


def gather(document: Document, parts: list[SignedPart]) -> LocalKnowledge:
    """Everything usable in the file's DSS and in its signatures; malformed pieces are left out."""
    found: dict[str, dict[bytes, Any]] = {"certs": {}, "ocsps": {}, "crls": {}}
    for kind, der in [*_from_dss(document), *_from_parts(parts)]:
        if len(found[kind]) < _MOST and len(der) <= _MOST_BYTES and der not in found[kind]:
            piece = _load(kind, der)
            if piece is not None:
                found[kind][der] = piece
    return LocalKnowledge(
        known_certs=list(found["certs"].values()),
        known_ocsps=[single for many in found["ocsps"].values() for single in many],
        known_crls=list(found["crls"].values()),
    )


def has_store(document: Document) -> bool:
    """Whether the file has a DSS with revocation data (level B-LT, EN 319 142-1 clause 5.4.2.2)."""
    try:
        store = entry(document.root, "/DSS")
        return bool(items(entry(store, "/OCSPs")) or items(entry(store, "/CRLs")))
    except ODD_FILE:
        return False


def _load(kind: str, der: bytes) -> Any:
    try:
        if kind == "certs":
            certificate = x509.Certificate.load(der, strict=True)
            _ = certificate.subject.hashable, certificate.public_key.algorithm
            return certificate
        if kind == "crls":
            return CRLContainer(crl.CertificateList.load(der, strict=True))
        return list(OCSPContainer.load_multi(ocsp.OCSPResponse.load(der, strict=True)))
    except ODD_FILE:
        return None


def _from_dss(document: Document) -> Iterator[tuple[str, bytes]]:
    try:
        store = entry(document.root, "/DSS")
        yield from _streams(store, ("/Certs", "/OCSPs", "/CRLs"))
        related = entry(store, "/VRI")
        for key in list(related.keys())[:_MOST] if isinstance(related, generic.DictionaryObject) else []:
            yield from _streams(entry(related, key), ("/Cert", "/OCSP", "/CRL"))
    except ODD_FILE:
        return


def _streams(holder: Any, keys: tuple[str, str, str]) -> Iterator[tuple[str, bytes]]:
    for key, kind in zip(keys, ("certs", "ocsps", "crls"), strict=True):
        for raw in items(entry(holder, key))[:_MOST]:
            stream = resolved(raw)
            if isinstance(stream, generic.StreamObject):
                yield kind, bytes(stream.data)


def _from_parts(parts: list[SignedPart]) -> Iterator[tuple[str, bytes]]:
    for part in parts:
        try:
            for choice in part.signed_data["certificates"]:
                if choice.name == "certificate":
                    yield "certs", choice.chosen.dump()
            yield from _archival(part.signed_data["signer_infos"][0])
        except ODD_FILE:
            continue


def _archival(info: cms.SignerInfo) -> Iterator[tuple[str, bytes]]:
    """Adobe's revocation attribute (ISO 32000-2 clause 12.8.3.3.2)."""
    try:
        archive = find_unique_cms_attribute(info["signed_attrs"], "adobe_revocation_info_archival")
    except (NonexistentAttributeError, MultivaluedAttributeError):
        return
    if isinstance(archive, asn1_pdf.RevocationInfoArchival):
        yield from (("crls", item.dump()) for item in archive["crl"] or ())
        yield from (("ocsps", item.dump()) for item in archive["ocsp"] or ())
