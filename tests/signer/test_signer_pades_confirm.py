"""A paraf is confirmed when it is given: a revoked key's CMS is refused, a good one's is not."""

import pytest
from helpers_pki import PASSPHRASES, authorities, key, new_authority

from signer import pades
from signer.errors import SigningRefused


def test_a_revoked_signer_is_refused(tmp_path):
    authority = new_authority(tmp_path / "pki")
    signature = key(authority, "kasi").sign_detached(b"surat", PASSPHRASES["kasi"])
    pades.confirm(signature, authorities(authority))
    authority.revoke(authority.person_certificate("kasi").serial_number)
    with pytest.raises(SigningRefused):
        pades.confirm(signature, authorities(authority))


def test_bytes_that_are_no_cms_are_refused(tmp_path):
    with pytest.raises(SigningRefused):
        pades.confirm(b"bukan cms", authorities(new_authority(tmp_path / "pki")))
