"""Who vouches, and since when: chains, revocation and timestamps at provable times (EN 319 102-1 clause 5).

Existence is proven backwards: the newest document timestamp is judged now, each earlier one at the time of the next,
a signature timestamp at the first document timestamp after it, and the signature itself at its best proven time. So a
certificate that expired or was revoked later does no harm, and nothing needs the network. docs/decisions/0007.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeAlias

from asn1crypto import cms, x509
from pyhanko.sign.ades.report import AdESIndeterminate, AdESPassed, AdESSubIndic
from pyhanko.sign.general import find_cms_attribute_iter
from pyhanko.sign.validation.ades import (
    AdESBasicValidationResult,
    ValidationObjectSet,
    ades_basic_validation,
    ades_timestamp_validation,
)
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.errors import PathError
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.policy_decl import (
    CertRevTrustPolicy,
    FreshnessReqType,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)
from pyhanko_certvalidator.registry import SimpleTrustManager

from verifier.document import ODD_FILE
from verifier.errors import VerificationError
from verifier.integrity import signer_certificate
from verifier.messages import fail
from verifier.signatures import SignedPart
from verifier.trust import SEAL_EKU, Trust

_REQUIRE = RevocationCheckingPolicy(
    RevocationCheckingRule.CRL_OR_OCSP_REQUIRED, RevocationCheckingRule.CRL_OR_OCSP_REQUIRED
)
_IF_KNOWN = RevocationCheckingPolicy(
    RevocationCheckingRule.CHECK_IF_DECLARED_SOFT, RevocationCheckingRule.CHECK_IF_DECLARED_SOFT
)
# Offline, the last timestamp's status can only be as new as the file: any age counts, a revocation always does.
_ANY_AGE = timedelta(days=200 * 365)
_SKEW = timedelta(minutes=10)  # clocks of an office and its timestamp authority
_USAGES = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"}, match_all_key_usages=False)
# A certificate meant only for these does not sign documents, whoever issued it (RFC 5280 clause 4.2.1.12).
_OTHER_PURPOSES = {"server_auth", "code_signing", "time_stamping", "ocsp_signing", SEAL_EKU}
_REVOKED = {"REVOKED", "REVOKED_NO_POE", "REVOKED_CA_NO_POE"}
_OUT_OF_TIME = {"EXPIRED", "NOT_YET_VALID", "OUT_OF_BOUNDS_NO_POE", "OUT_OF_BOUNDS_NOT_REVOKED"}
_NO_CHAIN = {"NO_CERTIFICATE_CHAIN_FOUND", "CERTIFICATE_CHAIN_GENERAL_FAILURE", "NO_SIGNING_CERTIFICATE_FOUND"}
_NO_STATUS = {"TRY_LATER", "REVOCATION_OUT_OF_BOUNDS_NO_POE"}


Judged: TypeAlias = AdESBasicValidationResult[Any]


@dataclass(frozen=True)
class Stamp:
    """A judged timestamp: its time, its authority's name, and its path if it is trusted."""

    at: datetime
    authority: str
    path: ValidationPath | None
    reasons: tuple[VerificationError, ...] = ()

    @property
    def trusted(self) -> bool:
        """Whether its authority's chain held at the time at which it was judged."""
        return self.path is not None


@dataclass(frozen=True)
class Standing:
    """A judged signature: ETSI indication and subindication, path, and the best time it is proven to exist."""

    passed: bool
    failed: bool
    subindication: str | None
    path: ValidationPath | None
    best_time: datetime | None
    stamps: tuple[Stamp, ...]
    reasons: tuple[VerificationError, ...]


@dataclass(frozen=True)
class Judge:
    """Trust, the file's own knowledge, and the time of examination."""

    trust: Trust
    knowledge: LocalKnowledge
    now: datetime

    def timeline(self, stamped: list[SignedPart], data: bytes) -> dict[str, Stamp]:
        """Judge document timestamps (oldest first in `stamped`), newest at `now`, each earlier at the next one."""
        judged: dict[str, Stamp] = {}
        at = self.now
        for part in reversed(stamped):
            stamp = self._stamp(part.field, part.signed_data, partial(part.digest, data), at)
            judged[part.field] = stamp
            at = stamp.at if stamp.trusted else at
        return judged

    def signature(self, part: SignedPart, data: bytes, later: Stamp | None) -> Standing:
        """Judge a signature whose bytes hold; `later` is the first trusted document timestamp after it."""
        stamps = self._signature_stamps(part, later.at if later else self.now)
        proven = [stamp.at for stamp in (*stamps, *([later] if later else [])) if stamp.trusted]
        best = min(proven, default=None)
        result, soft = self._chain(part, data, best or self.now)
        subindication = _name(result)
        reasons = [reason for stamp in stamps for reason in stamp.reasons]
        if best is None:
            reasons.append(fail("no-timestamp", field=part.field))
        reasons += self._why(part, subindication, soft)
        try:
            _require_purpose(part)
        except VerificationError as reason:
            reasons.append(reason)
            subindication = subindication or "CHAIN_CONSTRAINTS_FAILURE"
        path = _path(result) if subindication is None else _path(soft)
        return Standing(
            passed=subindication is None,
            failed=result.ades_subindic.status.name == "FAILED",
            subindication=subindication,
            path=path,
            best_time=best,
            stamps=stamps,
            reasons=tuple(reasons),
        )

    def _chain(self, part: SignedPart, data: bytes, at: datetime) -> tuple[Judged, Judged | None]:
        """Strict judgement (revocation proof required); if that fails, also one without, to see if trust exists."""
        strict = self._basic(part, data, at, _REQUIRE)
        if strict.ades_subindic == AdESPassed.OK or _name(strict) in _REVOKED:
            return strict, None
        return strict, self._basic(part, data, at, _IF_KNOWN)

    def _basic(self, part: SignedPart, data: bytes, at: datetime, revocation: RevocationCheckingPolicy) -> Judged:
        spec = self._spec(CertRevTrustPolicy(revocation, retroactive_revinfo=True))
        algorithm = part.signed_data["signer_infos"][0]["digest_algorithm"]["algorithm"].native
        encapsulated = part.subfilter == "adbe.pkcs7.sha1"
        return _run(
            lambda: ades_basic_validation(
                part.signed_data,
                spec,
                timing_info=self._timing(at),
                raw_digest=None if encapsulated else part.digest(data, algorithm),
            )
        )

    def _signature_stamps(self, part: SignedPart, at: datetime) -> tuple[Stamp, ...]:
        value = part.signed_data["signer_infos"][0]["signature"].native
        return tuple(
            self._stamp(part.field, token, lambda name: hashlib.new(name, value).digest(), at)
            for token in attached_tokens(part)
        )

    def _stamp(self, field: str, token: cms.SignedData, imprint: Callable[[str], bytes], at: datetime) -> Stamp:
        generated, authority = _described(token)
        if generated > at + _SKEW:
            return Stamp(generated, authority, None, (fail("timestamp-future", field=field),))
        strict = self._token(token, imprint, at, _REQUIRE)
        if strict.ades_subindic == AdESPassed.OK:
            return Stamp(generated, authority, _path(strict))
        soft = self._token(token, imprint, at, _IF_KNOWN) if _name(strict) not in _REVOKED else strict
        if soft.ades_subindic == AdESPassed.OK:
            return Stamp(generated, authority, _path(soft), (fail("timestamp-status-unknown"),))
        broken = soft.ades_subindic.status.name == "FAILED"
        code = "timestamp-invalid" if broken else "timestamp-untrusted"
        return Stamp(generated, authority, None, (fail(code, field=field),))

    def _token(
        self,
        token: cms.SignedData,
        imprint: Callable[[str], bytes],
        at: datetime,
        revocation: RevocationCheckingPolicy,
    ) -> Judged:
        policy = CertRevTrustPolicy(
            revocation,
            freshness=_ANY_AGE,
            freshness_req_type=FreshnessReqType.MAX_DIFF_REVOCATION_VALIDATION,
        )
        return _run(lambda: ades_timestamp_validation(token, self._spec(policy), imprint, timing_info=self._timing(at)))

    def _spec(self, revocation: CertRevTrustPolicy) -> SignatureValidationSpec:
        return SignatureValidationSpec(
            cert_validation_policy=CertValidationPolicySpec(
                trust_manager=SimpleTrustManager.build(trust_roots=list(self.trust.anchors)),
                revinfo_policy=revocation,
            ),
            revinfo_gathering_policy=RevocationInfoGatheringSpec(RevinfoOnlineFetchingRule.LOCAL_ONLY),
            local_knowledge=self.knowledge,
            key_usage_settings=_USAGES,
        )

    def _timing(self, at: datetime) -> ValidationTimingInfo:
        return ValidationTimingInfo(validation_time=at, best_signature_time=at, point_in_time_validation=at != self.now)

    def _why(self, part: SignedPart, subindication: str | None, soft: Judged | None) -> Iterator[VerificationError]:
        """The reason for people, once the strict judgement did not pass."""
        if subindication is None:
            return
        if subindication in _REVOKED:
            yield fail("certificate-revoked", field=part.field)
        elif soft is not None and soft.ades_subindic == AdESPassed.OK:
            yield fail("revocation-unknown", field=part.field)
        elif not self.trust.anchors:
            yield fail("no-anchors")
        elif subindication in _OUT_OF_TIME:
            yield fail("certificate-expired", field=part.field)
        elif subindication in _NO_CHAIN:
            yield fail("chain-untrusted", field=part.field)
        elif subindication == "CHAIN_CONSTRAINTS_FAILURE":
            yield fail("certificate-usage", field=part.field)
        else:
            yield fail("not-confirmed", field=part.field, detail=subindication)


def attached_tokens(part: SignedPart) -> list[cms.SignedData]:
    """Signature timestamp tokens among the unsigned attributes (EN 319 122-1 clause 5.3); malformed ones left out."""
    tokens: list[cms.SignedData] = []
    try:
        unsigned = part.signed_data["signer_infos"][0]["unsigned_attrs"]
        for value in find_cms_attribute_iter(unsigned, "signature_time_stamp"):
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


def _described(token: cms.SignedData) -> tuple[datetime, str]:
    """Time and authority of a token; the authority is named by its certificate, else unknown."""
    generated: datetime = token["encap_content_info"]["content"].parsed["gen_time"].native
    sid = token["signer_infos"][0]["sid"]
    for choice in token["certificates"]:
        certificate = choice.chosen
        if choice.name == "certificate" and _named_by(certificate, sid):
            return generated, common_name(certificate.subject)
    return generated, "?"


def _named_by(certificate: x509.Certificate, sid: cms.SignerIdentifier) -> bool:
    if sid.name != "issuer_and_serial_number":
        return bool(certificate.key_identifier == sid.chosen.native)
    return bool(certificate.serial_number == sid.chosen["serial_number"].native)


def common_name(name: x509.Name) -> str:
    """The common name, else the organisation, else the whole name as text."""
    native = name.native
    found = native.get("common_name") or native.get("organization_name") or name.human_friendly
    return str(found if isinstance(found, str) else found[0])


def _require_purpose(part: SignedPart) -> None:
    usage = signer_certificate(part).extended_key_usage_value
    if usage is not None and {str(item) for item in usage.native} <= _OTHER_PURPOSES:
        raise fail("certificate-usage", field=part.field)


def _name(result: Judged) -> str | None:
    indication: AdESSubIndic = result.ades_subindic
    return None if indication == AdESPassed.OK else str(indication.standard_name)


def _path(result: Judged | None) -> ValidationPath | None:
    passed = result is not None and result.ades_subindic == AdESPassed.OK
    return result.api_status.validation_path if passed and result and result.api_status else None


def _run(start: Callable[[], object]) -> Judged:
    """Run one of pyHanko's judgements; what it raises on odd certificates becomes GENERIC (indeterminate)."""
    try:
        return asyncio.run(start())  # type: ignore[arg-type]  # a coroutine; pyHanko's are untyped
    except (SignatureValidationError, PathError, *ODD_FILE) as error:
        return AdESBasicValidationResult(AdESIndeterminate.GENERIC, None, str(error), ValidationObjectSet.empty())
