"""Certificate chains at a given time, from the file's own knowledge alone: pyHanko's EN 319 102-1 building blocks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from asn1crypto import cms, x509
from pyhanko.sign.ades.report import AdESIndeterminate, AdESPassed
from pyhanko.sign.validation.ades import (
    AdESBasicValidationResult,
    ValidationObjectSet,
    ades_basic_validation,
    ades_timestamp_validation,
)
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.policy_decl import (
    CertRevTrustPolicy,
    FreshnessReqType,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)
from pyhanko_certvalidator.registry import SimpleTrustManager

from verifier.messages import fail
from verifier.trust import Trust

Judged: TypeAlias = AdESBasicValidationResult[Any]

REVOKED = frozenset({"REVOKED", "REVOKED_NO_POE", "REVOKED_CA_NO_POE"})
REQUIRE = RevocationCheckingPolicy(
    RevocationCheckingRule.CRL_OR_OCSP_REQUIRED, RevocationCheckingRule.CRL_OR_OCSP_REQUIRED
)
IF_KNOWN = RevocationCheckingPolicy(
    RevocationCheckingRule.CHECK_IF_DECLARED_SOFT, RevocationCheckingRule.CHECK_IF_DECLARED_SOFT
)
# Offline, the last timestamp's status can only be as new as the file: any age counts, a revocation always does.
_ANY_AGE = timedelta(days=200 * 365)
_USAGES = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"}, match_all_key_usages=False)


@dataclass(frozen=True)
class Chains:
    """Judges signatures and timestamp tokens at a time; `now` is the time of examination."""

    trust: Trust
    knowledge: LocalKnowledge
    now: datetime

    def signature(self, signed: cms.SignedData, digest: bytes | None, at: datetime) -> tuple[Judged, Judged | None]:
        """Judge a signature over content with `digest` (None: content inside) at time `at`.

        Strictly first: proof of revocation status around that time is required. If that fails, also without such
        proof, which tells a missing proof from a missing chain.
        """
        strict = self._signature(signed, digest, at, REQUIRE)
        if subindication(strict) is None or subindication(strict) in REVOKED:
            return strict, None
        return strict, self._signature(signed, digest, at, IF_KNOWN)

    def token(self, signed: cms.SignedData, imprint: Callable[[str], bytes], at: datetime) -> tuple[Judged, bool]:
        """Judge a timestamp token at time `at`; the flag says whether its authority's status was proven."""
        strict = self._token(signed, imprint, at, REQUIRE)
        if subindication(strict) is None or subindication(strict) in REVOKED:
            return strict, True
        return self._token(signed, imprint, at, IF_KNOWN), False

    def require_reach(self, field: str, certificate: x509.Certificate, others: Iterable[x509.Certificate]) -> None:
        """Raise VerificationError (no-anchors, chain-untrusted) unless issuer names lead from a certificate to an
        anchor: cheap, before any signature is computed.
        """
        if not self.trust.anchors:
            raise fail("no-anchors")
        anchors = {anchor.subject.hashable for anchor in self.trust.anchors}
        issuers: dict[str, set[str]] = {}
        for known in [*self.knowledge.known_certs, *others]:
            issuers.setdefault(known.subject.hashable, set()).add(known.issuer.hashable)
        waiting, seen = [certificate.subject.hashable, certificate.issuer.hashable], set[str]()
        while waiting:
            name = waiting.pop()
            if name in anchors:
                return
            if name not in seen:
                seen.add(name)
                waiting.extend(issuers.get(name, ()))
        raise fail("chain-untrusted", field=field)

    def _signature(
        self, signed: cms.SignedData, digest: bytes | None, at: datetime, revocation: RevocationCheckingPolicy
    ) -> Judged:
        spec = self._spec(CertRevTrustPolicy(revocation, retroactive_revinfo=True))
        return _run(lambda: ades_basic_validation(signed, spec, timing_info=self._timing(at), raw_digest=digest))

    def _token(
        self,
        signed: cms.SignedData,
        imprint: Callable[[str], bytes],
        at: datetime,
        revocation: RevocationCheckingPolicy,
    ) -> Judged:
        fresh = FreshnessReqType.MAX_DIFF_REVOCATION_VALIDATION
        spec = self._spec(CertRevTrustPolicy(revocation, freshness=_ANY_AGE, freshness_req_type=fresh))
        return _run(lambda: ades_timestamp_validation(signed, spec, imprint, timing_info=self._timing(at)))

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


def subindication(result: Judged) -> str | None:
    """The ETSI subindication, None for passed."""
    return None if result.ades_subindic == AdESPassed.OK else str(result.ades_subindic.standard_name)


def path_of(result: Judged | None) -> ValidationPath | None:
    """The path of a judgement that passed, else None."""
    if result is None or subindication(result) is not None or result.api_status is None:
        return None
    path: ValidationPath | None = result.api_status.validation_path
    return path


def _run(start: Callable[[], Any]) -> Judged:
    """Run one of pyHanko's judgements; what it raises on odd certificates becomes GENERIC (indeterminate)."""
    try:
        result: Judged = asyncio.run(start())
    except Exception as error:  # beside its own errors pyHanko lets through whatever its libraries raise on odd keys
        return AdESBasicValidationResult(AdESIndeterminate.GENERIC, None, str(error), ValidationObjectSet.empty())
    return result
