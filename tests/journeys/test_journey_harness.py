"""The harness itself: what it must notice, it notices; a journey that could not fail would prove nothing."""

from __future__ import annotations

import urllib.error
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.journeys import watching
from tests.journeys.serving import ServiceFault, run, serving
from tests.journeys.watching import Person, person

pytestmark = pytest.mark.journey
NOWHERE = "http://127.0.0.1:9"
"""The discard port: nothing answers there."""


@pytest.fixture
def somebody(browser: Browser) -> Iterator[Person]:
    made = person(browser, "somebody", NOWHERE)
    yield made
    made.context.close()


def _found(who: Person, text: str) -> bool:
    return any(text in fault for fault in who.all_faults())


def test_a_page_without_fault_has_none(somebody: Person) -> None:
    somebody.page.set_content("<html lang=id><title>T</title><main><h1>Surat</h1></main>")
    somebody.look("bersih", dark=True)
    assert somebody.all_faults() == []


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("<main><h1>S</h1><img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='></main>", "axe image-alt"),
        ("<main><h1>S</h1><p style='color:#999;background:#fff'>pudar</p></main>", "axe color-contrast"),
        ("<main><h1>S</h1><input></main>", "axe label"),
        ("<main><h1>S</h1><div style='width:500px'>lebar</div></main>", "wider than the phone"),
        ("<main><h1>S</h1><script>throw new Error('rusak')</script></main>", "script error"),
        ("<main><h1>S</h1><script>console.error('keluhan')</script></main>", "console"),
        ("<main><h1>S</h1><img alt='' src='http://contoh.example/a.png'></main>", "asked elsewhere"),
        (
            "<meta http-equiv=Content-Security-Policy content=\"style-src 'none'\">"
            "<main><h1 style='color:red'>S</h1></main>",
            "Content Security Policy",
        ),
    ],
)
def test_a_fault_on_a_page_is_noticed(somebody: Person, page: str, said: str) -> None:
    somebody.page.set_content(f"<!doctype html><html lang=id><title>T</title>{page}")
    somebody.look("rusak")
    assert _found(somebody, said), somebody.all_faults()


def test_a_service_ends_whole_and_its_refusals_are_noticed(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path, fresh=True) as service:
        who = person(browser, "somebody", service.address)
        who.open("/tidak-ada")
        assert _found(who, "answer 404")
        with who.expecting(404):
            who.open("/tidak-ada-juga")
        assert not _found(who, "tidak-ada-juga")
        who.context.close()
        assert service.errors() == []
    with pytest.raises(urllib.error.URLError):
        service.fetch("/healthz")


def test_a_service_that_does_not_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "instance").write_text("a file where the folder should be")
    with pytest.raises(ServiceFault, match=r"(?s)exit code 1.*instance"), serving(tmp_path):
        pytest.fail("it must not start")


def test_a_program_that_fails_is_a_failure_that_says_what_it_wrote() -> None:
    with pytest.raises(ServiceFault, match="No such file"):
        run(["ls", "/tidak-ada"])


def test_a_missing_browser_is_a_failure_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(AssertionError, match="chromium"):
        watching.browser_path()
