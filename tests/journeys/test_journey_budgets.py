"""Page budgets: what strangers open is light before its pictures, and no page is heavy (issue 4, point 7)."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.journeys import watching
from tests.journeys.weighing import FULL, Weight, office_with_pages, sign_in, weigh

pytestmark = pytest.mark.journey


def test_no_page_is_too_heavy_for_a_slow_network(tmp_path: Path) -> None:
    with office_with_pages(tmp_path) as (service, visits), sync_playwright() as playwright:
        browser = watching.launch(playwright)
        people = {who: sign_in(browser, service, who) for who in {visit.who for visit in visits} if who}
        found = {
            visit: weigh(browser, f"{service.address}{visit.path}", people[visit.who] if visit.who else None)
            for visit in visits
        }
        browser.close()
    heavy = {
        visit.name: (weight.before_pictures, weight.total)
        for visit, weight in found.items()
        if weight.before_pictures > visit.most or weight.total > FULL
    }
    assert heavy == {}
    by_name: dict[str, Weight] = {visit.name: weight for visit, weight in found.items()}
    assert by_name["surat"].unpacked > 60_000 > by_name["surat"].before_pictures * 1.2  # light because it is packed
    assert by_name["surat"].bytes["html"] > 2_000 and by_name["surat"].bytes["pictures"] > 10_000  # it was counted
    assert by_name["tanda tangan"].bytes["pictures"] > 10_000
    assert not any("font" in weight.bytes for weight in found.values())
