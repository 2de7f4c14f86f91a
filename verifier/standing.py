"""Who vouches, and since when: chains, revocation and timestamps at provable times (EN 319 102-1 clause 5).

Existence is proven backwards: the newest document timestamp is judged now, each earlier one at the time of the next,
a signature timestamp at the first document timestamp after it, and the signature itself at its best proven time. So a
certificate that expired or was revoked later does no harm, and nothing needs the network. docs/decisions/0007.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from asn1crypto import cms, x509
from pyhanko.sign.general import find_cms_attribute_iter
from pyhanko_certvalidator.path import ValidationPath

from verifier.chains import REVOKED, Chains, Judged, path_of, subindication
from verifier.document import ODD_FILE
from verifier.errors import VerificationError
from verifier.integrity import require_strong, signer_certificate
from verifier.messages import fail
from verifier.signatures import SignedPart
from verifier.trust import SEAL_EKU

_SKEW = timedelta(minutes=10)  # clocks of an office and its timestamp authority
# A certificate meant only for these does not sign documents, whoever issued it (RFC 5280 clause 4.2.1.12).
_OTHER_PURPOSES = {"server_auth", "code_signing", "time_stamping", "ocsp_signing", SEAL_EKU}
_OUT_OF_TIME = {"EXPIRED", "NOT_YET_VALID", "OUT_OF_BOUNDS_NO_POE", "OUT_OF_BOUNDS_NOT_REVOKED"}
_NO_CHAIN = {"NO_CERTIFICATE_CHAIN_FOUND", "CERTIFICATE_CHAIN_GENERAL_FAILURE", "NO_SIGNING_CERTIFICATE_FOUND"}
# pyHanko's answer when an anchor bears the issuer's name but another kind of key
_ALGORITHM = "CRYPTO_CONSTRAINTS_FAILURE"


@dataclass(frozen=True)
class Stamp:
    """A judged timestamp: its time, its authority's name, and its path if it is trusted."""

    at: datetime
    authority: str
    path: ValidationPath | None = None
    reasons: tuple[VerificationError, ...] = ()

    @property
    def trusted(self) -> bool:
        """Whether its authority's chain held at the time at which it was judged."""
        return self.path is not None


@dataclass(frozen=True)
class Standing:
    """A judged signature: ETSI subindication (None: passed), path if trusted, best proven time, and why."""

    subindication: str | None
    failed: bool
    path: ValidationPath | None
    best_time: datetime | None
    stamps: tuple[Stamp, ...]
    reasons: tuple[VerificationError, ...]

    @property
    def passed(self) -> bool:
        """ETSI TOTAL-PASSED."""
        return self.subindication is None


@dataclass(frozen=True)
class Judge:
    """Judges what `chains` can prove."""

    chains: Chains

    def timeline(self, stamped: list[SignedPart], data: bytes) -> dict[str, Stamp]:
        """Judge document timestamps (oldest first in `stamped`): the newest now, each earlier at the next's time."""
        judged: dict[str, Stamp] = {}
        at = self.chains.now
        for part in reversed(stamped):
            stamp = self._stamp(part.field, part.signed_data, partial(part.digest, data), at)
            judged[part.field] = stamp
            at = stamp.at if stamp.trusted else at
        return judged

    def signature(self, part: SignedPart, data: bytes, later: Stamp | None) -> Standing:
        """Judge a signature whose bytes hold; `later` is the first trusted document timestamp after it."""
        certificate = signer_certificate(part)
        stamps = self._signature_stamps(part, later.at if later else self.chains.now)
        proven = [stamp.at for stamp in (*stamps, *([later] if later else [])) if stamp.trusted]
        best = min(proven, default=None)
        reasons = [reason for stamp in stamps for reason in stamp.reasons]
        reasons += [fail("no-timestamp", field=part.field)] if best is None else []
        try:
            self.chains.require_reach(part.field, certificate, [])
        except VerificationError as reason:
            reasons.append(reason)
            return Standing("NO_CERTIFICATE_CHAIN_FOUND", False, None, best, stamps, tuple(reasons))
        strict, soft = self.chains.signature(part.signed_data, _digest(part, data), best or self.chains.now)
        found = _refined(strict, soft)
        reasons += [*_why(part, found, soft), *_other_purpose(part.field, certificate)]
        if _other_purpose(part.field, certificate):
            found = found or "CHAIN_CONSTRAINTS_FAILURE"
        failed = strict.ades_subindic.status.name == "FAILED"
        return Standing(found, failed, path_of(soft or strict), best, stamps, tuple(reasons))

    def _signature_stamps(self, part: SignedPart, at: datetime) -> tuple[Stamp, ...]:
        value = part.signed_data["signer_infos"][0]["signature"].native
        return tuple(
            self._stamp(part.field, token, lambda name: hashlib.new(name, value).digest(), at)
            for token in attached_tokens(part)
        )

    def _stamp(self, field: str, token: cms.SignedData, imprint: Callable[[str], bytes], at: datetime) -> Stamp:
        generated, authority, certificate = _described(token)
        if generated > at + _SKEW:
            return Stamp(generated, authority, reasons=(fail("timestamp-future", field=field),))
        untrusted = fail("timestamp-untrusted", field=field)
        try:
            if certificate is None:
                raise untrusted
            self.chains.require_reach(field, certificate, _held(token))
        except VerificationError as reason:  # with nobody trusted at all, the signature's own reason says so for all
            return Stamp(generated, authority, reasons=() if reason.code == "no-anchors" else (untrusted,))
        result, status_known = self.chains.token(token, imprint, at)
        path = path_of(result)
        if path is not None:
            return Stamp(generated, authority, path, () if status_known else (fail("timestamp-status-unknown"),))
        broken = result.ades_subindic.status.name == "FAILED"
        return Stamp(generated, authority, reasons=(fail("timestamp-invalid", field=field) if broken else untrusted,))


def attached_tokens(part: SignedPart) -> list[cms.SignedData]:
    """Signature timestamp tokens among the unsigned attributes (EN 319 122-1 clause 5.3); malformed ones left out."""
    tokens: list[cms.SignedData] = []
    try:
        unsigned = part.signed_data["signer_infos"][0]["unsigned_attrs"]
        for value in find_cms_attribute_iter(unsigned, "signature_time_stamp_token"):
            token = value["content"]
            _described(token)
            tokens.append(token)
    except ODD_FILE:
        return tokens
    return tokens


def valid_until(path: ValidationPath) -> datetime:
    """The earliest end of validity over a path: until then the proof holds without a renewal."""
    ends: list[datetime] = [certificate.not_valid_after for certificate in path.iter_certs(include_root=True)]
    return min(ends)


def common_name(name: x509.Name) -> str:
    """The common name, else the organisation, else the whole name as text."""
    native = name.native
    found = native.get("common_name") or native.get("organization_name") or name.human_friendly
    return str(found if isinstance(found, str) else found[0])


def _digest(part: SignedPart, data: bytes) -> bytes | None:
    """The digest of the range; None where the CMS carries its content (adbe.pkcs7.sha1)."""
    algorithm = part.signed_data["signer_infos"][0]["digest_algorithm"]["algorithm"].native
    return None if part.subfilter == "adbe.pkcs7.sha1" else part.digest(data, algorithm)


def _refined(strict: Judged, soft: Judged | None) -> str | None:
    """The subindication; where only proof of revocation status is missing, ETSI's TRY_LATER (clause 5.2.6.4)."""
    found = subindication(strict)
    return "TRY_LATER" if found is not None and soft is not None and subindication(soft) is None else found


def _why(part: SignedPart, found: str | None, soft: Judged | None) -> Iterator[VerificationError]:
    """The reason for people, once the strict judgement did not pass."""
    if found is None:
        return
    if found in REVOKED:
        yield fail("certificate-revoked", field=part.field)
    elif path_of(soft) is not None:
        yield fail("revocation-unknown", field=part.field)
    elif found in _OUT_OF_TIME:
        yield fail("certificate-expired", field=part.field)
    elif found in _NO_CHAIN or (found == _ALGORITHM and _is_strong(part)):
        yield fail("chain-untrusted", field=part.field)
    elif found == "CHAIN_CONSTRAINTS_FAILURE":
        yield fail("certificate-usage", field=part.field)
    else:
        yield fail("not-confirmed", field=part.field, detail=found)


def _is_strong(part: SignedPart) -> bool:
    try:
        require_strong(part)
    except VerificationError:
        return False
    return True


def _other_purpose(field: str, certificate: x509.Certificate) -> list[VerificationError]:
    usage = certificate.extended_key_usage_value
    other = usage is not None and {str(item) for item in usage.native} <= _OTHER_PURPOSES
    return [fail("certificate-usage", field=field)] if other else []


def _described(token: cms.SignedData) -> tuple[datetime, str, x509.Certificate | None]:
    """Time, authority and certificate of a token; the authority is named by its certificate, else unknown."""
    generated: datetime = token["encap_content_info"]["content"].parsed["gen_time"].native
    sid = token["signer_infos"][0]["sid"]
    for certificate in _held(token):
        if _named_by(certificate, sid):
            return generated, common_name(certificate.subject), certificate
    return generated, "?", None


def _held(token: cms.SignedData) -> list[x509.Certificate]:
    return [choice.chosen for choice in token["certificates"] if choice.name == "certificate"]


def _named_by(certificate: x509.Certificate, sid: cms.SignerIdentifier) -> bool:
    if sid.name != "issuer_and_serial_number":
        return bool(certificate.key_identifier == sid.chosen.native)
    return bool(certificate.serial_number == sid.chosen["serial_number"].native)
