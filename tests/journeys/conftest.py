"""One Chromium for all journeys; every person in it has a context of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journeys import watching


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, without network."""
    with sync_playwright() as playwright:
        found = watching.launch(playwright)
        yield found
        found.close()
