"""Revocation data for pyhanko-certvalidator straight from the authority, without HTTP."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from typing import TypeAlias

from asn1crypto import cms, crl, ocsp, x509
from pyhanko_certvalidator.authority import Authority
from pyhanko_certvalidator.errors import CRLFetchError, OCSPFetchError
from pyhanko_certvalidator.fetchers import (
    CertificateFetcher,
    CRLFetcher,
    FetcherBackend,
    Fetchers,
    OCSPFetcher,
)
from pyhanko_certvalidator.fetchers.common_utils import format_ocsp_request

Certificate: TypeAlias = x509.Certificate | cms.AttributeCertificateV2


class _Ocsp(OCSPFetcher):
    """Asks the responder once a certificate, and remembers for as long as one validation context lives."""

    def __init__(self, respond: Callable[[bytes], bytes], issuer: x509.Certificate) -> None:
        self._respond = respond
        self._issuer = issuer
        self._fetched: dict[bytes, ocsp.OCSPResponse] = {}

    async def fetch(self, cert: Certificate, authority: Authority) -> ocsp.OCSPResponse:
        """Ask for the status, once a certificate. Raises OCSPFetchError for other authorities'."""
        known = self._fetched.get(cert.dump())
        if known is not None:
            return known
        if authority.public_key.dump() != self._issuer.public_key.dump():
            raise OCSPFetchError("the development authority does not answer for this issuer")
        request = format_ocsp_request(cert, authority, certid_hash_algo="sha1", request_nonces=False)
        answer = ocsp.OCSPResponse.load(self._respond(request.dump()))
        self._fetched[cert.dump()] = answer
        return answer

    def fetched_responses(self) -> Iterable[ocsp.OCSPResponse]:
        """Every answer so far."""
        return list(self._fetched.values())

    def fetched_responses_for_cert(self, cert: Certificate) -> Iterable[ocsp.OCSPResponse]:
        """What fetch() found for it; nothing if it was not asked."""
        known = self._fetched.get(cert.dump())
        return [] if known is None else [known]


class _Crls(CRLFetcher):
    """The current list of whichever CA issued the certificate."""

    def __init__(self, lists: Sequence[tuple[x509.Certificate, Callable[[], bytes]]]) -> None:
        self._lists = lists
        self._fetched: dict[bytes, list[crl.CertificateList]] = {}

    async def fetch(
        self,
        cert: Certificate,
        *,
        use_deltas: bool | None = None,  # noqa: ARG002 - part of the interface
    ) -> Iterable[crl.CertificateList]:
        """Ask for the list, once a certificate; there are no delta lists. Raises CRLFetchError."""
        known = self._fetched.get(cert.dump())
        if known is not None:
            return known
        for issuer, current in self._lists:
            if cert.issuer == issuer.subject:
                found = [crl.CertificateList.load(current())]
                self._fetched[cert.dump()] = found
                return found
        raise CRLFetchError("the development authority has no list of this issuer")

    def fetched_crls(self) -> Iterable[crl.CertificateList]:
        """Each list once, however many certificates it was asked for."""
        every = [one for lists in self._fetched.values() for one in lists]
        return list({one.dump(): one for one in every}.values())

    def fetched_crls_for_cert(self, cert: Certificate) -> Iterable[crl.CertificateList]:
        """What fetch() found for it; KeyError if it was not asked."""
        return self._fetched[cert.dump()]


class _Issuers(CertificateFetcher):
    """Issuers' certificates, as the caIssuers addresses would give them."""

    def __init__(self, issuers: Sequence[x509.Certificate]) -> None:
        self._issuers = issuers
        self._fetched: dict[bytes, x509.Certificate] = {}

    def fetch_cert_issuers(self, cert: Certificate) -> AsyncGenerator[x509.Certificate, None]:
        """The certificate that issued `cert`, if it is one of ours."""
        return self._named(cert.issuer)

    def fetch_crl_issuers(self, certificate_list: crl.CertificateList) -> AsyncGenerator[x509.Certificate, None]:
        """The certificate that signed the list, if it is one of ours."""
        return self._named(certificate_list.issuer)

    def fetched_certs(self) -> Iterable[x509.Certificate]:
        """What was given out so far."""
        return list(self._fetched.values())

    async def _named(self, name: x509.Name) -> AsyncGenerator[x509.Certificate, None]:
        for issuer in self._issuers:
            if issuer.subject == name:
                self._fetched[issuer.dump()] = issuer
                yield issuer


class InProcess(FetcherBackend):
    """ValidationContext(fetcher_backend=...): each context gets fetchers of its own.

    They must not be shared: all that one set has fetched goes into its letter's security store.
    """

    def __init__(
        self,
        respond: Callable[[bytes], bytes],
        root: tuple[x509.Certificate, Callable[[], bytes]],
        issuing: tuple[x509.Certificate, Callable[[], bytes]],
    ) -> None:
        """`respond` answers OCSP for the issuing CA; root and issuing CA each come with their current CRL."""
        self._respond = respond
        self._lists = (root, issuing)

    def get_fetchers(self) -> Fetchers:
        """A fresh set that has fetched nothing yet."""
        certificates = [certificate for certificate, _ in self._lists]
        return Fetchers(
            ocsp_fetcher=_Ocsp(self._respond, certificates[1]),
            crl_fetcher=_Crls(self._lists),
            cert_fetcher=_Issuers(certificates),
        )
