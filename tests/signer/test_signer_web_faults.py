"""What no column can hold is the sender's fault, and told so; it is no failure of the service."""

from __future__ import annotations

import pytest
from helpers_web import Site

pytest_plugins = ("helpers_web",)


@pytest.mark.parametrize(
    ("path", "status"), [(f"/berkas/{10**30}", 400), ("/berkas/?dari=0001-01-01", 200), ("/berkas/?tahun=1", 200)]
)
def test_numbers_and_days_beyond_all_measure(site: Site, path: str, status: int) -> None:
    assert site.client("staf").get(path).status_code == status
