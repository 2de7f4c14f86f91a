"""Timestamp authority (RFC 3161, ESS certificate reference v2 by RFC 5816), in process and for the web alike.

Tokens are canonical DER and hold nothing that is not needed: SignedData v3, one signer, the TSA's certificate
and its issuer's when the request asks for them, no revocation lists, no unsigned attributes.
"""

from __future__ import annotations

import hashlib
import secrets

from asn1crypto import algos, cms, core, tsp, x509
from pyhanko.sign.timestamps import TimeStamper

from certs_dev.asn1 import UNREADABLE, frozen
from certs_dev.certificates import Entity, to_asn1
from certs_dev.clock import Clock
from certs_dev.keys import sign, signature_name

POLICY = "1.3.6.1.4.1.99999.7.2"  # in the development arc of certificates.SEAL_USAGE
ACCURACY_SECONDS = 1  # genTime has whole seconds, cut off
HASHES = {"sha256": 32, "sha384": 48, "sha512": 64}  # accepted imprints and their length in bytes


class _Refused(Exception):
    """Why a request gets no token: a PKIFailureInfo name and a sentence."""

    def __init__(self, failure: str, sentence: str) -> None:
        super().__init__(sentence)
        self.failure = failure
        self.sentence = sentence


class Refusal(core.Sequence):  # type: ignore[misc]  # asn1crypto is untyped
    """TimeStampResp without a token: asn1crypto makes it mandatory (RFC 3161, 2.4.2: optional)."""

    _fields = [("status", tsp.PKIStatusInfo)]  # noqa: RUF012 - asn1crypto's way to declare a structure


def _attribute(name: str, value: object) -> cms.CMSAttribute:
    return cms.CMSAttribute({"type": name, "values": [value]})


def _signing_certificate(certificate: x509.Certificate) -> tsp.SigningCertificateV2:
    reference = tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(certificate.dump()).digest()})  # SHA-256: the default
    return tsp.SigningCertificateV2({"certs": [reference]})


def _beginnings(algorithm: str, length: int) -> tuple[bytes, bytes]:
    """The DER of a MessageImprint up to its digest, without algorithm parameters and with NULL (RFC 5754, 2)."""
    name: bytes = core.ObjectIdentifier(algos.DigestAlgorithmId.unmap(algorithm)).dump()
    digest = b"\x04" + bytes([length])

    def beginning(parameters: bytes) -> bytes:
        rest = b"\x30" + bytes([len(name + parameters)]) + name + parameters + digest
        return b"\x30" + bytes([len(rest) + length]) + rest

    return beginning(b""), beginning(b"\x05\x00")


_IMPRINTS = {algorithm: _beginnings(algorithm, length) for algorithm, length in HASHES.items()}


def _check(request: tsp.TimeStampReq) -> None:
    if request["version"].native != "v1":
        raise _Refused("bad_request", "only version 1 is served")
    if request["extensions"].native:
        raise _Refused("unaccepted_extensions", "no extension is served")
    if request["req_policy"].native not in (None, POLICY):
        raise _Refused("unaccepted_policy", f"the only policy served is {POLICY}")
    algorithm = request["message_imprint"]["hash_algorithm"]["algorithm"].native
    if algorithm not in HASHES:
        raise _Refused("bad_alg", "the imprint must be SHA-256, SHA-384 or SHA-512")
    # The token repeats the imprint as it came (RFC 3161, 2.4.2), so it must be as canonical as the token.
    if request["message_imprint"].dump()[: -HASHES[algorithm]] not in _IMPRINTS[algorithm]:
        raise _Refused("bad_data_format", "the imprint does not fit its algorithm, or is not DER")


class DevTimeStamper(TimeStamper):
    """The TSA as pyHanko's time stamper: keep one alive, it holds everything constant ready."""

    def __init__(self, tsa: Entity, issuer: x509.Certificate, clock: Clock) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # pyHanko's is untyped
        certificate = to_asn1(tsa.certificate)
        self._key = tsa.key
        self._clock = clock
        self._digest = frozen(algos.DigestAlgorithm({"algorithm": "sha256"}))
        self._digests = frozen(cms.DigestAlgorithms([self._digest]))
        self._algorithm = frozen(algos.SignedDigestAlgorithm({"algorithm": signature_name(tsa.key)}))
        self._certificates = frozen(cms.CertificateSet([certificate, issuer]))
        self._content_type = frozen(_attribute("content_type", "tst_info"))
        self._reference = frozen(_attribute("signing_certificate_v2", _signing_certificate(certificate)))
        signer = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
        self._signer = frozen(cms.SignerIdentifier("issuer_and_serial_number", signer))
        self._granted = frozen(tsp.PKIStatusInfo({"status": "granted"}))
        self._accuracy = frozen(tsp.Accuracy({"seconds": ACCURACY_SECONDS}))

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp | Refusal:
        """Answer pyHanko's request here; a Refusal becomes its TimestampRequestError."""
        return self._answer(req)

    def respond(self, request: bytes) -> bytes:
        """The DER TimeStampResp to a DER TimeStampReq; never raises on what a client sends."""
        try:
            parsed = tsp.TimeStampReq.load(request, strict=True)
            parsed.native  # noqa: B018 - parses every field now, so that nothing can fail later
            answer = self._answer(parsed)
        except UNREADABLE:
            answer = _refusal(_Refused("bad_data_format", "the request is not a TimeStampReq"))
        der: bytes = answer.dump()
        return der

    def _answer(self, request: tsp.TimeStampReq) -> tsp.TimeStampResp | Refusal:
        try:
            _check(request)
        except _Refused as refused:
            return _refusal(refused)
        return tsp.TimeStampResp({"status": self._granted, "time_stamp_token": self._token(request)})

    def _token(self, request: tsp.TimeStampReq) -> cms.ContentInfo:
        info = self._info(request).dump()
        digest = _attribute("message_digest", hashlib.sha256(info).digest())
        attributes = frozen(cms.CMSAttributes([self._content_type, digest, self._reference]))
        signed = {
            "version": "v3",  # RFC 5652, 5.1: the content is not plain data
            "digest_algorithms": self._digests,
            "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(info)},
            "signer_infos": [self._signer_info(attributes)],
        }
        if request["cert_req"].native:  # RFC 3161, 2.4.1: certificates only when asked for
            signed["certificates"] = self._certificates
        return frozen(cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed)}))

    def _info(self, request: tsp.TimeStampReq) -> tsp.TSTInfo:
        facts = {
            "version": "v1",
            "policy": POLICY,
            "message_imprint": request["message_imprint"],
            "serial_number": secrets.randbits(127) | 1 << 127,
            "gen_time": self._clock().replace(microsecond=0),
            "accuracy": self._accuracy,
        }
        if request["nonce"].native is not None:
            facts["nonce"] = request["nonce"].native
        return tsp.TSTInfo(facts)

    def _signer_info(self, attributes: cms.CMSAttributes) -> cms.SignerInfo:
        return cms.SignerInfo(
            {
                "version": "v1",
                "sid": self._signer,
                "digest_algorithm": self._digest,
                "signed_attrs": attributes,
                "signature_algorithm": self._algorithm,
                "signature": sign(self._key, attributes.dump()),
            }
        )


def _refusal(refused: _Refused) -> Refusal:
    status = {"status": "rejection", "status_string": [refused.sentence], "fail_info": {refused.failure}}
    return Refusal({"status": tsp.PKIStatusInfo(status)})
