"""The pages for strangers: a letter by its QR, and checking a code or a file. The only rooms here that know Flask."""

from verifier.web.pages import blueprint

__all__ = ["blueprint"]
