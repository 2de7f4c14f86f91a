"""What `examine` collects on its way: per signature and for the file, before they become a report."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

from verifier.difference import Change
from verifier.document import Document, FormField
from verifier.errors import VerificationError
from verifier.messages import Effect, effect, fail
from verifier.permissions import Permissions
from verifier.report import Covers, Indication, Integrity, Verdict
from verifier.signatures import SignedPart
from verifier.standing import Stamp, Standing

_P = ParamSpec("_P")
_T = TypeVar("_T")

# Which ETSI subindication a broken signature has (EN 319 102-1 clause 5.1.3, tables 5 and 6).
_FAILURES = {
    "digest-mismatch": "HASH_FAILURE",
    "signature-forged": "SIG_CRYPTO_FAILURE",
    "signature-incomplete": "FORMAT_FAILURE",
    "byte-range": "FORMAT_FAILURE",
    "contents-gap": "FORMAT_FAILURE",
    "revision-broken": "FORMAT_FAILURE",
    "signature-format": "FORMAT_FAILURE",
}
_DOUBTS = {"algorithm-unknown": "CRYPTO_CONSTRAINTS_FAILURE", "algorithm-weak": "CRYPTO_CONSTRAINTS_FAILURE"}
_INTEGRITY: dict[Effect, Integrity] = {
    Effect.ALTERED: "altered",
    Effect.UNKNOWN: "unknown",
    Effect.PERMITTED: "permitted-changes",
}
_VERDICT: dict[Effect, Verdict] = {
    Effect.ALTERED: "altered",
    Effect.REVOKED: "revoked",
    Effect.UNTRUSTED: "untrusted",
    Effect.UNKNOWN: "unconfirmed",
    Effect.UNCONFIRMED: "unconfirmed",
}
_WORST_FIRST: list[Verdict] = ["altered", "revoked", "untrusted", "unconfirmed"]


@dataclass
class Reasons:
    """Reasons in the order found."""

    found: list[VerificationError] = field(default_factory=list)

    def attempt(self, check: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T | None:
        """Run a check and keep its reason if it fails; None then."""
        try:
            return check(*args, **kwargs)
        except VerificationError as reason:
            self.found.append(reason)
        except MemoryError:
            raise  # the sandbox says so better
        except Exception:  # libraries raise anything on hostile input; whatever it is, it is a reason and never a pass
            self.found.append(fail("examination-failed"))
        return None

    def add(self, reasons: Iterable[VerificationError | None]) -> None:
        """Keep those that are not None."""
        self.found.extend(reason for reason in reasons if reason is not None)

    def worst(self, among: Iterable[Effect]) -> Effect | None:
        """The gravest of the given effects that occurs."""
        present = {effect(reason.code) for reason in self.found}
        return max(present & set(among), default=None)

    @property
    def integrity(self) -> Integrity:
        """What these reasons say of the bytes; without any, unchanged."""
        worst = self.worst(_INTEGRITY)
        return "unchanged" if worst is None else _INTEGRITY[worst]


@dataclass
class SignatureFinding:
    """One filled signature field on its way to a SignatureReport (or to a document timestamp)."""

    form_field: FormField
    permissions: Permissions
    part: SignedPart | None = None
    revision: Document | None = None
    covers: Covers = "partial"
    bytes_reasons: Reasons = field(default_factory=Reasons)
    trust_reasons: Reasons = field(default_factory=Reasons)
    changes: list[Change] = field(default_factory=list)
    standing: Standing | None = None
    stamp: Stamp | None = None

    @property
    def genuine(self) -> SignedPart | None:
        """The signature, if its own bytes hold (what follows it aside)."""
        broken = any(reason.code in _FAILURES for reason in self.bytes_reasons.found)
        return None if broken else self.part

    @property
    def indication(self) -> tuple[Indication | None, str | None]:
        """ETSI indication and subindication."""
        codes = [reason.code for reason in self.bytes_reasons.found]
        for code in codes:
            if code in _FAILURES:
                return "TOTAL-FAILED", _FAILURES[code]
        doubt = next((_DOUBTS[code] for code in codes + self._trust_codes if code in _DOUBTS), None)
        if self.bytes_reasons.integrity in ("altered", "unknown") and doubt is None:
            doubt = "SIG_CONSTRAINTS_FAILURE"  # what follows it breaks its own permissions
        if self.standing is None:
            return ("INDETERMINATE", doubt) if doubt else (None, None)
        if self.standing.subindication:
            return "TOTAL-FAILED" if self.standing.failed else "INDETERMINATE", self.standing.subindication
        return ("INDETERMINATE", doubt) if doubt else ("TOTAL-PASSED", None)

    @property
    def _trust_codes(self) -> list[str]:
        return [reason.code for reason in self.trust_reasons.found]


def verdict_of(reasons: Reasons, passed: bool) -> Verdict:
    """The verdict over all reasons of a file; `valid` only if every signature passed."""
    verdicts = {_VERDICT[e] for e in (effect(r.code) for r in reasons.found) if e in _VERDICT}
    for verdict in _WORST_FIRST:
        if verdict in verdicts:
            return verdict
    return "valid" if passed else "unconfirmed"
