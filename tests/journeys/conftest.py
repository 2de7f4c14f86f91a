"""A Chromium a module; every person in it has a context of their own.

Not one for the whole run: an open Playwright keeps an event loop running, in which other modules could not sign.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journeys import watching


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium, without network."""
    with sync_playwright() as playwright:
        found = watching.launch(playwright)
        yield found
        found.close()
