"""The one exception of the verifier: a check that did not hold, with its reason in two languages."""

from __future__ import annotations


class VerificationError(Exception):
    """A check failed or could not be done; never means "pass".

    `code` is stable kebab-case (for JSON and tests); `id` and `en` are one sentence each for people.
    """

    def __init__(self, code: str, id: str, en: str) -> None:
        self.code = code
        self.id = id
        self.en = en
        super().__init__(f"{code}: {en}")
