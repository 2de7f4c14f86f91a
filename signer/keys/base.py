"""What every signing key can do, whatever holds it: a file here, a token or a remote service elsewhere.

A key gets the rendered PDF and the person's secret for one act and gives back the signed PDF. Secrets are
plain `str` arguments: no key stores, logs or represents one. Key backends know this module and not each
other.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from asn1crypto import x509
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator.fetchers import FetcherBackend

from signer.placement import Placement

Mode = Literal["simulasi", "bsre"]


@dataclass(frozen=True)
class SignRequest:
    """One letter to sign: the rendered `pdf`, and how its one signature shall look and read.

    `appearance` is a one-page PDF (QR and signature block) as large as `placement.box`; `signed_at` is UTC
    and becomes /M; `name` of the signature field and `location` go into the signature dictionary as they are.
    """

    pdf: bytes = dataclasses.field(repr=False)
    appearance: bytes = dataclasses.field(repr=False)
    placement: Placement
    signed_at: datetime
    field: str
    location: str


@dataclass(frozen=True)
class Authorities:
    """Whom a signature relies on: trust anchors, other CA certificates, the TSA, and who tells revocation.

    `fetchers` makes a fresh set of fetchers for every letter, since everything one set has fetched enters the
    letter's security store. Keep one `timestamper` for the life of the process.
    """

    anchors: tuple[x509.Certificate, ...]
    others: tuple[x509.Certificate, ...]
    timestamper: TimeStamper
    fetchers: FetcherBackend


class Key(Protocol):
    """A person's signing key. `mode` says whose certificate it is: the development CA's or BSrE's."""

    @property
    def mode(self) -> Mode:
        """ "simulasi" for the development CA, "bsre" for the real one."""

    @property
    def certificate(self) -> x509.Certificate:
        """The signer's certificate; needs no secret. Raises KeyUnavailable when there is none to show."""

    def sign_pdf(self, request: SignRequest, secret: str) -> bytes:
        """PAdES B-T signature over `request.pdf`, of which the result is an extension by appended bytes.

        Certifying (DocMDP: no changes) where the key can. Raises WrongPassphrase, KeyUnavailable,
        TimestampUnavailable; SigningRefused when the PDF cannot carry the signature.
        """

    def sign_detached(self, data: bytes, secret: str) -> bytes:
        """Detached CAdES-T signature (DER) over `data`: the paraf. Raises as `sign_pdf` does."""
