"""Signature values that pyHanko's own validator does not know: plain ECDSA (BSI TR-03111 clause 5.2.1.1).

German signature cards write r and s side by side instead of in DER; the algorithm identifier says so.
"""

from __future__ import annotations

from asn1crypto import algos, keys
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from pyhanko_certvalidator.sig_validate import DefaultSignatureValidator, SignatureValidationContext

_ARC = "0.4.0.127.0.7.1.1.4.1."
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "2": hashes.SHA224(),
    "3": hashes.SHA256(),
    "4": hashes.SHA384(),
    "5": hashes.SHA512(),
}


class SignatureValues(DefaultSignatureValidator):
    """pyHanko's validator, and plain ECDSA. Raises InvalidSignature; ValueError for what it cannot compute."""

    def validate_signature(
        self,
        signature: bytes,
        signed_data: bytes,
        public_key_info: keys.PublicKeyInfo,
        signature_algorithm: algos.SignedDigestAlgorithm,
        context: SignatureValidationContext = SignatureValidationContext(),  # noqa: B008 - frozen, as in the base
    ) -> None:
        """Check one signature value (see the base class)."""
        oid = str(signature_algorithm["algorithm"].dotted)
        if oid.startswith(_ARC) and not context.prehashed:
            _verify_plain(signature, signed_data, public_key_info, _HASHES[oid[len(_ARC) :]])
            return
        super().validate_signature(signature, signed_data, public_key_info, signature_algorithm, context)


def _verify_plain(
    signature: bytes, signed: bytes, key_info: keys.PublicKeyInfo, algorithm: hashes.HashAlgorithm
) -> None:
    key = serialization.load_der_public_key(key_info.dump())
    if not isinstance(key, ec.EllipticCurvePublicKey) or len(signature) % 2:
        raise InvalidSignature
    half = len(signature) // 2
    r, s = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
    key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(algorithm))
