"""Milliseconds to sign one letter to B-LTA, ours against pyHanko's own signer, in one run with one authority.

Both sign the same letter with the same key,
in-process timestamp authority and revocation answers; ours also asks the revocation anew after signing.
Medians; the machine's speed drifts, so read the ratio.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import typst
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator import ValidationContext

from benchmarks.rows import Row, in_turn
from certs_dev.authority import DevAuthority
from certs_dev.people import Person
from signer import cades, pades
from signer.keys.base import Authorities, SignRequest
from signer.placement import Placement

ROUNDS = 20
PASSPHRASE = "rahasia-ukur"
BOX = (330, 120, 530, 220)
PAGE = "#set document(date: datetime(year: 2026, month: 1, day: 5))\n#set page({page})\n{text}"


@dataclass(frozen=True)
class Bench:
    """One authority and one person's opened key, with a letter to sign."""

    authority: DevAuthority
    content: bytes
    letter: bytes
    appearance: bytes

    @property
    def authorities(self) -> Authorities:
        made = self.authority
        return Authorities((made.root,), (made.issuing,), made.timestamper, made.fetchers)


def prepare(folder: Path, algorithm: str) -> Bench:
    authority = DevAuthority.create(
        folder / algorithm,
        base_url="http://127.0.0.1:8000",
        service_passphrase="ukur",
        people=[Person("camat", "Ratna", "Camat", PASSPHRASE)],
        algorithm=algorithm,
    )
    letter = PAGE.format(page='paper: "a4"', text="Surat undangan Rakor BSPPS")
    block = PAGE.format(page="width: 200pt, height: 100pt, margin: 5pt", text="Ditandatangani secara elektronik")
    pdf, appearance = (typst.compile(source.encode(), pdf_standards="a-4") for source in (letter, block))
    return Bench(authority, authority.person_path("camat").read_bytes(), pdf, appearance)


def ours(bench: Bench) -> Callable[[], bytes]:
    """Our two steps, the key opened once as a batch would."""
    opened = pkcs12.load_pkcs12(bench.content, PASSPHRASE.encode())
    assert opened.key is not None
    assert opened.cert is not None
    certificate = asn1_x509.Certificate.load(opened.cert.certificate.public_bytes(Encoding.DER))
    signatory = cades.signatory(opened.key, certificate, bench.authorities.others)
    placement = Placement(0, BOX)

    def sign() -> bytes:
        now = datetime.now(UTC)
        request = SignRequest(bench.letter, bench.appearance, placement, now, "Camat", "Trawas")
        signed = pades.sign(request, signatory, bench.authority.timestamper)
        return pades.extend(signed, bench.authorities)

    return sign


def pyhankos(bench: Bench) -> Callable[[], bytes]:
    """PdfSigner as its manual shows it, with the same choices."""
    signer = SimpleSigner.load_pkcs12_data(bench.content, [bench.authority.issuing], PASSPHRASE.encode())

    def sign() -> bytes:
        context = ValidationContext(
            trust_roots=[bench.authority.root],
            other_certs=[bench.authority.issuing],
            allow_fetching=True,
            fetcher_backend=bench.authority.fetchers,
            revocation_mode="require",
        )
        meta = PdfSignatureMetadata(
            field_name="Camat",
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            location="Trawas",
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
            embed_validation_info=True,
            use_pades_lta=True,
            validation_context=context,
        )
        with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
            file.write(bench.appearance)
            file.flush()
            style = StaticStampStyle.from_pdf_file(file.name, border_width=0)
            pdf_signer = PdfSigner(
                meta,
                signer,
                timestamper=bench.authority.timestamper,
                stamp_style=style,
                new_field_spec=SigFieldSpec("Camat", box=BOX),
            )
            signed = pdf_signer.sign_pdf(IncrementalPdfFileWriter(BytesIO(bench.letter)))
        return bytes(signed.getvalue())

    return sign


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        benches = {algorithm: prepare(Path(folder), algorithm) for algorithm in ("ec", "rsa")}
        return [
            in_turn(f"sign to B-LTA ({algorithm})", "pyHanko's PdfSigner", ours(bench), pyhankos(bench), ROUNDS)
            for algorithm, bench in benches.items()
        ]
