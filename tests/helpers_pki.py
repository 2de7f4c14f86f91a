"""A development authority with its people, letters to sign, and how to trust them, for every test that signs.

Everything is made once per test run and algorithm; tests that revoke or damage something make their own
authority.
"""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import typst
from asn1crypto import x509

from certs_dev.authority import DevAuthority
from certs_dev.people import Person
from signer.keys.base import Authorities, SignRequest
from signer.keys.pkcs12 import Pkcs12Key
from signer.placement import Placement
from verifier.trust import Trust

PASSPHRASES = {"camat": "rahasia-camat-2026", "kasi": "rahasia-kasi-2026"}
PEOPLE = (
    Person("camat", "Dra. Ratna Wulandari, M.Si.", "Camat Trawas", PASSPHRASES["camat"]),
    Person("kasi", "Bambang Sutrisno, S.Sos.", "Kasi Kemasyarakatan", PASSPHRASES["kasi"]),
)
PLACEMENT = Placement(0, (330.0, 120.0, 530.0, 220.0))  # 200 x 100 points


def new_authority(folder: Path, algorithm: str = "ec", **options: object) -> DevAuthority:
    """A fresh authority in `folder` (which must not exist yet)."""
    return DevAuthority.create(
        folder,
        base_url="http://127.0.0.1:8000",
        service_passphrase="pki-uji",
        people=PEOPLE,
        algorithm=algorithm,
        **options,
    )


def authority(algorithm: str = "ec") -> DevAuthority:
    """The run's shared authority; nobody revokes anything of it."""
    return _authority(algorithm)


@functools.cache
def _authority(algorithm: str) -> DevAuthority:
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return new_authority(folder / "pki", algorithm)


def authorities(of: DevAuthority) -> Authorities:
    return Authorities((of.root,), (of.root, of.issuing), of.timestamper, of.fetchers)


def key(of: DevAuthority, name: str = "camat") -> Pkcs12Key:
    return Pkcs12Key(of.person_path(name), authorities(of), mode="simulasi")


def trust(of: DevAuthority) -> Trust:
    return Trust.from_pem(of.trust_pem())


def certificate(of: DevAuthority, kind: str) -> x509.Certificate:
    """The certificate of one of the authority's services ("root", "ca", "tsa", "ocsp", "seal")."""
    from cryptography.hazmat.primitives.serialization import Encoding

    return x509.Certificate.load(of.certificate(kind).public_bytes(Encoding.DER))


@functools.cache
def letter(standard: str = "a-4", pages: int = 1) -> bytes:
    """A rendered letter of so many pages."""
    texts = [f"Surat undangan Rakor BSPPS, halaman {page + 1}.\n" for page in range(pages)]
    head = "#set document(date: datetime(year: 2026, month: 1, day: 5), title: [Undangan])\n"
    source = head + "#pagebreak()\n".join(texts)
    return typst.compile(source.encode(), pdf_standards=standard)


@functools.cache
def appearance(standard: str = "a-4") -> bytes:
    """A signature's appearance: 200 x 100 points, black block at the left, text beside it."""
    source = """
#set document(date: datetime(year: 2026, month: 1, day: 5))
#set page(width: 200pt, height: 100pt, margin: 0pt)
#place(top + left, rect(width: 50pt, height: 100pt, fill: black))
#place(top + left, dx: 60pt, dy: 10pt, text(size: 9pt)[Ditandatangani secara elektronik oleh Ratna])
"""
    return typst.compile(source.encode(), pdf_standards=standard)


def request(pdf: bytes | None = None, **changes: object) -> SignRequest:
    """A request to sign `pdf` (default: the letter) now, as the Camat's."""
    values: dict[str, object] = {
        "pdf": pdf or letter(),
        "appearance": appearance(),
        "placement": PLACEMENT,
        "signed_at": datetime.now(UTC).replace(microsecond=0),
        "field": "TandaTanganCamat",
        "location": "Trawas",
    }
    return SignRequest(**(values | changes))  # type: ignore[arg-type]  # the table's values are mixed
