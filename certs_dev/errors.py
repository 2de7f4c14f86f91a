"""What can go wrong with the development authority, each with a sentence for the operator."""

from __future__ import annotations


class AuthorityError(Exception):
    """Base of everything this package raises on purpose; the text says what to do."""


class AuthorityExistsError(AuthorityError):
    """There is an authority in the folder already; open it instead."""


class AuthorityMissingError(AuthorityError):
    """There is no authority in the folder, or a part of it is missing or unreadable."""


class WrongServicePassphraseError(AuthorityError):
    """The service passphrase does not open the authority's keys."""


class InvalidPersonError(AuthorityError):
    """A person's data cannot become a certificate."""


class AlreadyIssuedError(AuthorityError):
    """The person holds a key already, and the caller did not ask to replace it."""


class UnknownCertificateError(AuthorityError):
    """This authority never issued a certificate of that serial number or name."""


class AlreadyRevokedError(AuthorityError):
    """The certificate was revoked before; the first revocation stands (RFC 5280, 5.3: it is permanent)."""
