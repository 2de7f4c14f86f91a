"""Letters to attack, and the tools of attackers: incremental updates made with a library or with bare hands."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import helpers_pki as pki
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.keys.pemder import translate_pyca_cryptography_key_to_asn1
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import PdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

from signer import pades
from verifier import examine
from verifier.document import Document
from verifier.report import Report
from verifier.signatures import SignedPart, filled_fields, read_part

TEXT = b"BT /F1 20 Tf 60 700 Td (Rakor dipindah ke Pasuruan) Tj ET"

STARTED = datetime.now(UTC).replace(microsecond=0)
"""Before the first of these letters was signed; /M has whole seconds."""


@functools.cache
def signed(algorithm: str = "ec", pages: int = 1) -> bytes:
    """The Camat's letter at level B-T."""
    of = pki.authority(algorithm)
    return pki.key(of).sign_pdf(pki.request(pki.letter(pages=pages)), pki.PASSPHRASES["camat"])


@functools.cache
def archived(algorithm: str = "ec", pages: int = 1) -> bytes:
    """The Camat's letter at level B-LTA, as the office stores it."""
    return pades.extend(signed(algorithm, pages), pki.authorities(pki.authority(algorithm)))


@functools.cache
def approved(form: bool = False) -> bytes:
    """A foreign document with an approval signature (no certification), the signer trusted; maybe with a form."""
    return approve(with_form() if form else pki.letter())


class Reckless(signers.PdfSigner):
    """An attacker's signer: it does not mind a certification that forbids changes."""

    def _enforce_certification_constraints(self, reader: object) -> None:
        """Enforce nothing."""


def approve(pdf: bytes, field: str = "Setuju", box: tuple[int, int, int, int] | None = None) -> bytes:
    of = pki.authority()
    signer = signers.SimpleSigner.load_pkcs12(
        str(of.person_path("camat")), passphrase=pki.PASSPHRASES["camat"].encode()
    )
    writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
    metadata = signers.PdfSignatureMetadata(field_name=field, subfilter=fields.SigSeedSubFilter.PADES)
    spec = fields.SigFieldSpec(field, box=box) if box else fields.SigFieldSpec(field)
    return Reckless(metadata, signer, new_field_spec=spec).sign_pdf(writer).getvalue()


def foreign(pdf: bytes, field: str, box: tuple[int, int, int, int] | None = None, level: int | None = None) -> bytes:
    """Signed by a person without any authority, who knows no office: certifying at DocMDP `level` if given."""
    signer = signers.SimpleSigner(*self_made())
    certify = {"certify": True, "docmdp_permissions": fields.MDPPerm(level)} if level else {}
    metadata = signers.PdfSignatureMetadata(field_name=field, **certify)
    spec = fields.SigFieldSpec(field, box=box)
    writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
    return Reckless(metadata, signer, new_field_spec=spec).sign_pdf(writer).getvalue()


@functools.cache
def self_made() -> tuple[object, object, object]:
    """Certificate, key and empty store of a person without any authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Orang Lain")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    der = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    store = SimpleCertificateStore()
    return asn1_x509.Certificate.load(der), translate_pyca_cryptography_key_to_asn1(key), store


def annotate(
    writer: IncrementalPdfFileWriter, box: tuple[int, int, int, int], kind: str, *, drawn: bool = True
) -> None:
    """One more annotation on the first page, its text drawn in its box unless `drawn` is False."""
    page = first_page(writer)
    note = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name(kind),
            pdf_name("/F"): generic.NumberObject(4),
            pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, box)),
        }
    )
    if drawn:
        shown = drawing(writer, "Dibatalkan", box[2] - box[0], box[3] - box[1])
        note["/AP"] = generic.DictionaryObject({pdf_name("/N"): shown})
    held = page["/Annots"] if "/Annots" in page else generic.ArrayObject()
    page["/Annots"] = generic.ArrayObject([*(held.raw_get(i) for i in range(len(held))), writer.add_object(note)])
    writer.update_container(page)


def with_form() -> bytes:
    """One page with two text fields: "kosong" without a value, "isi" that says Trawas."""
    writer = IncrementalPdfFileWriter(BytesIO(pki.letter()), strict=False)
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    made = [text_field(writer, "kosong", "", 300), text_field(writer, "isi", "Trawas", 250)]
    page["/Annots"] = generic.ArrayObject(made)
    writer.update_container(page)
    writer.root["/AcroForm"] = generic.DictionaryObject({pdf_name("/Fields"): generic.ArrayObject(made)})
    writer.update_root()
    return written(writer)


def text_field(writer: PdfFileWriter, name: str, value: str, y: int) -> generic.IndirectObject:
    box = (60, y, 260, y + 20)
    return writer.add_object(
        generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Annot"),
                pdf_name("/Subtype"): pdf_name("/Widget"),
                pdf_name("/FT"): pdf_name("/Tx"),
                pdf_name("/T"): generic.pdf_string(name),
                pdf_name("/V"): generic.pdf_string(value),
                pdf_name("/F"): generic.NumberObject(4),
                pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, box)),
                pdf_name("/AP"): generic.DictionaryObject({pdf_name("/N"): drawing(writer, value)}),
            }
        )
    )


def drawing(writer: PdfFileWriter, text: str, wide: int = 200, high: int = 20) -> generic.IndirectObject:
    """A form XObject: white, with a text."""
    font = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Font"),
            pdf_name("/Subtype"): pdf_name("/Type1"),
            pdf_name("/BaseFont"): pdf_name("/Helvetica"),
        }
    )
    fonts = generic.DictionaryObject({pdf_name("/F1"): font})
    content = f"1 g 0 0 {wide} {high} re f 0 g BT /F1 12 Tf 4 4 Td ({text}) Tj ET"
    return writer.add_object(
        generic.StreamObject(
            {
                pdf_name("/Type"): pdf_name("/XObject"),
                pdf_name("/Subtype"): pdf_name("/Form"),
                pdf_name("/BBox"): generic.ArrayObject(map(generic.NumberObject, (0, 0, wide, high))),
                pdf_name("/Resources"): generic.DictionaryObject({pdf_name("/Font"): fonts}),
            },
            stream_data=content.encode(),
        )
    )


def updated(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """`pdf` with one more revision in which `change` has done its work."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
    change(writer)
    return written(writer)


def written(writer: Any) -> bytes:
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def first_page(writer: IncrementalPdfFileWriter) -> generic.DictionaryObject:
    return writer.root["/Pages"]["/Kids"][0].get_object()


def parts(pdf: bytes) -> list[SignedPart]:
    """The signatures of a file, by the end of their range."""
    document = Document.open(pdf)
    return sorted((read_part(document, field) for field in filled_fields(document)), key=lambda part: part.end)


def judged(pdf: bytes, *, at: datetime | None = None, of: str = "ec") -> Report:
    return examine.pdf(pdf, name="surat.pdf", trust=pki.trust(pki.authority(of)), at=at)


def codes(report: Report) -> set[str]:
    return {reason.code for reason in report.reasons}


def never_valid(pdf: bytes, *expected: str) -> Report:
    """Judge a forgery: neither valid nor called unchanged or permitted; its reasons are among `expected`, if given."""
    report = judged(pdf)
    assert report.verdict not in ("valid", "unsigned"), report
    assert report.integrity in ("altered", "unknown"), report
    assert report.exit_code != 0
    assert not expected or codes(report) & set(expected), codes(report)
    return report
