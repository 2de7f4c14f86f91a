"""A page by keyboard alone: Tab reaches everything that can be used, in view, with a focus that is seen."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

MOST_TABS = 600
ROUNDS = 2

_MARK = """() => {
  const usable = "a[href], button, input:not([type=hidden]), select, textarea, summary, iframe, [tabindex]";
  const groups = new Set();
  let count = 0;
  document.querySelectorAll("[data-tab]").forEach((one) => one.removeAttribute("data-tab"));
  for (const one of document.querySelectorAll(usable)) {
    if (one.tabIndex < 0 || one.disabled || !one.checkVisibility({ visibilityProperty: true })) continue;
    if (one.closest("dialog:not([open])") || one.getClientRects().length === 0) continue;
    if (one.type === "radio") {  // a group is one stop
      const group = `${one.form?.action} ${one.name}`;
      if (groups.has(group)) continue;
      groups.add(group);
      one.ownerDocument.querySelectorAll(`input[type=radio][name="${CSS.escape(one.name)}"]`)
        .forEach((member) => { member.dataset.tab = count; });
    }
    one.dataset.tab = count++;
  }
  document.activeElement?.blur();
  window.scrollTo(0, 0);
  return count;
}"""

_AT = """() => {
  const one = document.activeElement;
  if (!one || one === document.body || one === document.documentElement) return null;
  const label = one.outerHTML.slice(0, 140);
  const style = getComputedStyle(one);
  const ring = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  const box = [...one.getClientRects()].find((rect) => rect.width > 0 && rect.height > 0);
  let hidden = !box;
  if (box) {
    const top = Math.max(box.top, 0), left = Math.max(box.left, 0);
    const height = Math.min(box.bottom, innerHeight) - top, width = Math.min(box.right, innerWidth) - left;
    const inside = [[.5, .5], [.15, .2], [.85, .8]].map(([x, y]) =>
      document.elementFromPoint(left + width * x, top + height * y));
    hidden = !inside.some((found) => found && (one.contains(found) || found.contains(one) ||
      [...(one.labels ?? [])].some((name) => name.contains(found))));
  }
  return { tab: one.dataset.tab ?? null, label, ring, hidden };
}"""


def walk(page: Page) -> list[str]:
    """What is wrong for somebody who only has the Tab key (WCAG 2.1.1, 2.1.2, 2.4.7, 2.4.11); empty if nothing."""
    count: int = page.evaluate(_MARK)
    faults: list[str] = []
    reached: set[str] = set()
    rounds = 0
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        at: dict[str, Any] | None = page.evaluate(_AT)
        if at is None:  # past the last one; a page that begins elsewhere, as at its errors, goes on at its top
            rounds += 1
            if rounds == ROUNDS or len(reached) == count:
                break
            continue
        if at["tab"] is not None:
            reached.add(str(at["tab"]))
        faults += [f"no visible focus: {at['label']}"] if not at["ring"] else []
        faults += [f"focus is hidden behind something: {at['label']}"] if at["hidden"] else []
    else:
        faults.append(f"Tab does not come to an end: {at}")
    missed = [str(number) for number in range(count) if str(number) not in reached]
    faults += [f"Tab never reaches: {_label(page, number)}" for number in missed[:5]]
    return sorted(set(faults))


def _label(page: Page, number: str) -> str:
    return str(page.locator(f'[data-tab="{number}"]').first.evaluate("(one) => one.outerHTML.slice(0, 140)"))
