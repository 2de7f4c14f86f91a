"""Online certificate status (RFC 6960, nonces by RFC 9654), answered from the list of issued certificates.

pyca/cryptography's builder holds one certificate an answer, so answers are put together with asn1crypto.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from asn1crypto import algos, core, crl, ocsp
from cryptography import x509

from certs_dev.asn1 import UNREADABLE
from certs_dev.certificates import Entity, to_asn1
from certs_dev.clock import Clock
from certs_dev.index import Index, Revocation
from certs_dev.keys import sign, signature_name

LIFE = timedelta(days=1)  # nextUpdate - thisUpdate: how long a client may keep an answer
MOST_ASKED = 32  # certificates in one request
LONGEST_NONCE = 128  # RFC 9654, 2.1
_HASHES = ("sha1", "sha256")  # ways a client may name the issuer; nothing rests on them


class _Malformed(Exception):
    """The request cannot be read."""


CertName = tuple[str, bytes, bytes, int]  # a CertID: hash algorithm, issuer's name and key hash, serial number


class _Question:
    """A request taken apart completely, so that nothing of it can fail later or comes back as it came."""

    def __init__(self, der: bytes) -> None:
        try:
            request = ocsp.OCSPRequest.load(der, strict=True)["tbs_request"]
            self.names = [_read_name(one["req_cert"]) for one in request["request_list"]]
            self.nonce = _read_nonce(request["request_extensions"])
        except UNREADABLE as error:
            raise _Malformed from error
        if not 1 <= len(self.names) <= MOST_ASKED:
            raise _Malformed


def _read_name(cert_id: ocsp.CertId) -> CertName:
    return (
        cert_id["hash_algorithm"]["algorithm"].native,
        cert_id["issuer_name_hash"].native,
        cert_id["issuer_key_hash"].native,
        cert_id["serial_number"].native,
    )


def _cert_id(name: CertName) -> ocsp.CertId:
    algorithm, name_hash, key_hash, serial = name
    return ocsp.CertId(
        {
            "hash_algorithm": {"algorithm": algorithm},
            "issuer_name_hash": name_hash,
            "issuer_key_hash": key_hash,
            "serial_number": serial,
        }
    )


def _read_nonce(extensions: ocsp.TBSRequestExtensions) -> bytes | None:
    nonce: bytes | None = None
    for extension in extensions:
        if extension["extn_id"].native == "nonce":
            nonce = extension["extn_value"].parsed.native
            if not nonce or len(nonce) > LONGEST_NONCE:
                raise ValueError("nonce length")
        elif extension["critical"].native:
            raise ValueError("unknown critical extension")
    return nonce


def failure(status: str) -> bytes:
    """An answer without a status: `status` as asn1crypto names it (RFC 6960, 2.3)."""
    der: bytes = ocsp.OCSPResponse({"response_status": status}).dump()
    return der


class Responder:
    """Answers for the certificates of one CA, with a responder certificate that CA issued."""

    def __init__(self, issuer: x509.Certificate, responder: Entity, index: Index, clock: Clock) -> None:
        ca = to_asn1(issuer)
        self._issuer_hashes = {name: (getattr(ca.subject, name), getattr(ca.public_key, name)) for name in _HASHES}
        self._key = responder.key
        self._certificate = to_asn1(responder.certificate)
        self._algorithm = algos.SignedDigestAlgorithm({"algorithm": signature_name(responder.key)})
        self._index = index
        self._clock = clock

    def respond(self, request: bytes) -> bytes:
        """The DER answer to a DER request; a request that cannot be read gets "malformedRequest"."""
        try:
            question = _Question(request)
        except _Malformed:
            return failure("malformed_request")
        now = self._clock().replace(microsecond=0)
        data: dict[str, object] = {
            "responder_id": ocsp.ResponderId("by_key", self._certificate.public_key.sha1),
            "produced_at": now,
            "responses": [self._answer(name, now) for name in question.names],
        }
        if question.nonce is not None:
            value = core.OctetString(question.nonce)
            data["response_extensions"] = [{"extn_id": "nonce", "critical": False, "extn_value": value}]
        return self._sign(ocsp.ResponseData(data))

    def _answer(self, name: CertName, now: datetime) -> object:
        return {
            "cert_id": _cert_id(name),
            "cert_status": self._status(*name),
            "this_update": now,
            "next_update": now + LIFE,
        }

    def _status(self, algorithm: str, name_hash: bytes, key_hash: bytes, serial: int) -> ocsp.CertStatus:
        entry = self._index.entries().get(serial)
        ours = self._issuer_hashes.get(algorithm) == (name_hash, key_hash)
        if not ours or entry is None or entry.issuer != "ca":
            return ocsp.CertStatus("unknown", ocsp.StatusUnknown())  # RFC 6960, 2.2: never issued here
        if entry.revocation is None:
            return ocsp.CertStatus("good", ocsp.StatusGood())
        return ocsp.CertStatus("revoked", _revoked_info(entry.revocation))

    def _sign(self, data: ocsp.ResponseData) -> bytes:
        signed = data.dump()
        basic = ocsp.BasicOCSPResponse(
            {
                "tbs_response_data": ocsp.ResponseData.load(signed),  # as signed, not encoded again
                "signature_algorithm": self._algorithm,
                "signature": sign(self._key, signed),
                "certs": [self._certificate],
            }
        )
        answer = {"response_type": "basic_ocsp_response", "response": basic}
        der: bytes = ocsp.OCSPResponse({"response_status": "successful", "response_bytes": answer}).dump()
        return der


def _revoked_info(revocation: Revocation) -> ocsp.RevokedInfo:
    facts: dict[str, object] = {"revocation_time": revocation.at}
    if revocation.reason is not x509.ReasonFlags.unspecified:  # RFC 5280, 5.3.1: leave it out instead
        facts["revocation_reason"] = crl.CRLReason(revocation.reason.name)  # both libraries use RFC 5280's names
    return ocsp.RevokedInfo(facts)
