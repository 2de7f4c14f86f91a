"""PAdES with a key in this process, and the step from B-T to B-LTA for whatever key signed.

Both only append to the rendered file (design: idea 1). `sign` adds the one certifying signature with its
appearance; `extend` adds, in one more revision, what proves it later: certificate chains, OCSP responses and
the root's CRL in the document security store, under a document timestamp (ETSI EN 319 142-1 clauses 5 and 6).
Why it is built on pyHanko's embedder and not on its signer: docs/decisions/0006-local-pades.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO

from asn1crypto import cms
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.rw_common import find_inherited_value_in_tree
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.general import extract_certificate_info
from pyhanko.sign.signers import constants
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp, SignatureObject
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathError, RevokedError, ValidationError
from pyhanko_certvalidator.path import ValidationPath

from signer.cades import TIMESTAMP_HASH, Signatory, assemble, timestamp, token_room
from signer.errors import SigningRefused
from signer.keys.base import Authorities, SignRequest

SIGNATURE_ROOM = 1024  # bytes kept for a signature's CMS beside certificates and token (RSA-4096 needs most)
CLOCK_SKEW = timedelta(minutes=1)  # tolerated between us and the OCSP responder
# what pyHanko and certvalidator raise, besides their own errors, on files and certificates that are not as
# they should be
ODD = (ValueError, TypeError, LookupError, AttributeError, AssertionError)
# how to turn an appearance so that it reads upright on a page shown turned clockwise by so many degrees
UPRIGHT = {90: (0, 1, -1, 0, 0, 0), 180: (-1, 0, 0, -1, 0, 0), 270: (0, -1, 1, 0, 0, 0)}


class _Revision(IncrementalPdfFileWriter):
    """One appended revision that leaves the document's metadata as rendered.

    pyHanko would write XMP and /Info anew at every signature and timestamp; under a certification that allows
    no changes that is noise for each later verifier to forgive.
    """

    def __init__(self, pdf: bytes) -> None:
        # without a line end, the appended part would begin inside the comment "%%EOF"
        complete = pdf if pdf.endswith((b"\n", b"\r")) else pdf + b"\n"
        # not strict: word processors write hybrid cross-references; what comes out is examined strictly
        super().__init__(BytesIO(complete), strict=False)

    def _update_meta(self) -> None:
        """Change nothing (called by pyHanko before each write)."""


def sign(request: SignRequest, signatory: Signatory, timestamper: TimeStamper) -> bytes:
    """The request's PDF with a certifying PAdES B-T signature appended, nothing before it changed.

    SubFilter ETSI.CAdES.detached, DocMDP "no changes", /M but no signed signing-time and no /Reason or /Cert
    (ETSI EN 319 142-1 table 1). Raises TimestampUnavailable; SigningRefused if the PDF cannot carry a first
    signature there.
    """
    with _refusing():
        return _appended(request.pdf, asyncio.run(_sign(request, signatory, timestamper)))


def extend(pdf: bytes, authorities: Authorities) -> bytes:
    """The signed PDF made B-LTA: its last signature's validation data and a document timestamp are appended.

    Revocation is asked now, after the signature, so that a certificate revoked before it cannot slip through
    on an old answer. Raises TimestampUnavailable; SigningRefused if the file has no timestamped signature or
    if a certificate on the way to the anchors is revoked or its status cannot be had.
    """
    with _refusing():
        return _appended(pdf, asyncio.run(_extend(pdf, authorities)))


def confirm(signature: bytes, authorities: Authorities) -> None:
    """The signer's certificate of a detached CMS leads to an anchor and is not revoked, asked now.

    A CAdES-T carries no revocation data (ETSI EN 319 122-1), so a paraf is confirmed when it is given. Raises
    SigningRefused for a revoked certificate and for one whose status cannot be had.
    """
    with _refusing():
        signed_data = cms.ContentInfo.load(signature)["content"]
        asyncio.run(_path(signed_data, _context(authorities), set()))


def _appended(before: bytes, after: bytes) -> bytes:
    if not after.startswith(before):
        raise SigningRefused("Penandatanganan mengubah berkas asal.", "Signing changed the file it was to extend.")
    return after


async def _sign(request: SignRequest, signatory: Signatory, timestamper: TimeStamper) -> bytes:
    writer: IncrementalPdfFileWriter = _Revision(request.pdf)
    _require_unsigned(writer.prev, request.field)
    _declare_extensions(writer, signatory)
    certificates = (signatory.certificate, *signatory.chain)
    room = sum(len(certificate.dump()) for certificate in certificates) + SIGNATURE_ROOM
    room += await token_room(timestamper)
    signature = SignatureObject(
        timestamp=request.signed_at,
        subfilter=SigSeedSubFilter.PADES,
        location=request.location,
        bytes_reserved=2 * room,
    )
    certify = SigMDPSetup(signatory.hash_name, certify=True, docmdp_perms=MDPPerm.NO_CHANGES)
    return await _embed(
        writer,
        _field(request),
        SigObjSetup(signature, mdp_setup=certify),
        signatory.hash_name,
        lambda digest: assemble(digest, signatory, timestamper),
        _appearance(writer, request),
    )


async def _extend(pdf: bytes, authorities: Authorities) -> bytes:
    writer: IncrementalPdfFileWriter = _Revision(pdf)
    signature = _timestamped_signature(writer.prev)
    context = _context(authorities)
    paths = [
        await _path(signature.signed_data, context, set()),
        *[await _path(token, context, {"time_stamping"}) for token in _tokens(signature)],
    ]
    _store(writer, signature.pkcs7_content, paths, context)
    tokens: list[cms.ContentInfo] = []

    async def token(digest: bytes) -> cms.ContentInfo:
        tokens.append(await timestamp(digest, authorities.timestamper))
        return tokens[0]

    name = f"Timestamp{len(writer.prev.embedded_timestamp_signatures) + 1}"
    placeholder = DocumentTimestamp(bytes_reserved=2 * await token_room(authorities.timestamper))
    extended = await _embed(writer, SigFieldSpec(name), SigObjSetup(placeholder), TIMESTAMP_HASH, token)
    known = {path.leaf.sha256 for path in paths if path.leaf is not None}
    if extract_certificate_info(tokens[0]["content"]).signer_cert.sha256 in known:
        return extended
    return await _with_token_proof(extended, tokens[0], authorities)


async def _with_token_proof(pdf: bytes, token: cms.ContentInfo, authorities: Authorities) -> bytes:
    """`pdf` with validation data of a document timestamp whose authority the signature's own one is not."""
    writer: IncrementalPdfFileWriter = _Revision(pdf)
    context = _context(authorities)
    _store(writer, None, [await _path(token["content"], context, {"time_stamping"})], context)
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def _field(request: SignRequest) -> SigFieldSpec:
    box = request.placement.box
    return SigFieldSpec(
        request.field,
        on_page=request.placement.page,
        box=box,  # type: ignore[arg-type]  # declared as whole numbers, written and read as real ones
        readable_field_name=request.field,
    )


async def _embed(
    writer: IncrementalPdfFileWriter,
    field: SigFieldSpec,
    setup: SigObjSetup,
    hash_name: str,
    content: Callable[[bytes], Awaitable[bytes | cms.ContentInfo]],
    appearance: generic.IndirectObject | None = None,
) -> bytes:
    """Write the revision with a new signature field; `content` turns its byte range's digest into the CMS."""
    steps = PdfCMSEmbedder(new_field_spec=field).write_cms(field.sig_field_name, writer)
    widget = next(steps).get_object()
    if appearance is not None:
        widget["/AP"] = generic.DictionaryObject({pdf_name("/N"): appearance})
    steps.send(setup)
    prepared, output = steps.send(SigIOSetup(md_algorithm=hash_name))
    steps.send(await content(prepared.document_digest))
    written: bytes = output.getvalue()
    return written


def _appearance(writer: IncrementalPdfFileWriter, request: SignRequest) -> generic.IndirectObject:
    """The appearance's page as a form in the letter, with its fonts; viewers fit it to the field's box."""
    form: generic.IndirectObject = writer.import_page_as_xobject(PdfFileReader(BytesIO(request.appearance)))
    page = writer.find_page_for_modification(request.placement.page)[0].get_object()
    turned = int(find_inherited_value_in_tree(page, "/Rotate", "/Parent") or 0) % 360
    if turned in UPRIGHT:
        form.get_object()["/Matrix"] = generic.ArrayObject(map(generic.NumberObject, UPRIGHT[turned]))
    return form


def _declare_extensions(writer: IncrementalPdfFileWriter, signatory: Signatory) -> None:
    """Declare what goes beyond the file's own PDF version, which stays as rendered (PDF/A fixes it)."""
    if writer.output_version < (2, 0):
        writer.register_extension(constants.ESIC_EXTENSION_1)
    elif signatory.algorithm.endswith("_ecdsa"):
        writer.register_extension(constants.ISO32002)


def _require_unsigned(reader: PdfFileReader, field: str) -> None:
    """A certification is the first signature, and its field is new (an empty one would lie elsewhere)."""
    if reader.embedded_signatures:
        raise SigningRefused("PDF ini sudah bertanda tangan elektronik.", "This PDF is already signed.")
    if any(name == field for name, _value, _ref in enumerate_sig_fields(reader)):
        raise SigningRefused(
            f"PDF ini sudah memiliki kolom tanda tangan bernama {field}.",
            f"This PDF already has a signature field named {field}.",
        )


def _timestamped_signature(reader: PdfFileReader) -> EmbeddedPdfSignature:
    signatures = reader.embedded_regular_signatures
    if not signatures or not _tokens(signatures[-1]):
        raise SigningRefused(
            "PDF ini tidak memiliki tanda tangan yang berstempel waktu.",
            "This PDF has no timestamped signature.",
        )
    last: EmbeddedPdfSignature = signatures[-1]
    return last


def _tokens(signature: EmbeddedPdfSignature) -> list[cms.SignedData]:
    return list(extract_tst_data_iter(signature.signer_info, signed=False))


def _context(authorities: Authorities) -> ValidationContext:
    return ValidationContext(
        trust_roots=list(authorities.anchors),
        other_certs=list(authorities.others),
        allow_fetching=True,
        fetcher_backend=authorities.fetchers,
        revocation_mode="require",
        time_tolerance=CLOCK_SKEW,
    )


async def _path(signed_data: cms.SignedData, context: ValidationContext, usage: set[str]) -> ValidationPath:
    """The signer's path to an anchor; on the way `context` gathers each certificate's revocation status."""
    certificates = extract_certificate_info(signed_data)
    validator = CertificateValidator(certificates.signer_cert, certificates.other_certs, context)
    try:
        path: ValidationPath = await validator.async_validate_usage(set(), usage)
    except RevokedError as fault:
        raise SigningRefused(
            "Sertifikat penanda tangan atau penerbitnya telah dicabut, sehingga tanda tangan tidak diterima.",
            "The signer's or an authority's certificate is revoked, so the signature is not accepted.",
        ) from fault
    except (PathError, ValidationError, *ODD) as fault:
        raise SigningRefused(
            "Status sertifikat tidak dapat dipastikan sampai CA tepercaya, sehingga tanda tangan tidak diterima.",
            f"The certificates could not be confirmed up to a trust anchor, so the signature is not accepted: {fault}",
        ) from fault
    return path


def _store(
    writer: IncrementalPdfFileWriter,
    contents: bytes | None,
    paths: list[ValidationPath],
    context: ValidationContext,
) -> None:
    """Chains up to the roots, OCSP responses and CRLs into the DSS, under a VRI key for these `contents`.

    The key is the SHA-1 of the whole /Contents value, padding included (ETSI EN 319 142-1 clause 5.4.2.3).
    """
    DocumentSecurityStore.supply_dss_in_writer(
        writer, contents, paths=paths, validation_context=context, embed_roots=True
    )


@contextmanager
def _refusing() -> Iterator[None]:
    """Say what pyHanko found wrong with a PDF as SigningRefused; our own errors pass."""
    try:
        yield
    except (PdfError, *ODD) as fault:
        raise SigningRefused(
            "PDF ini tidak dapat ditandatangani.", f"This PDF cannot carry the signature: {fault}"
        ) from fault
