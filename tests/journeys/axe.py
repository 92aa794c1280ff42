"""Runs axe-core, from the front-end packages, on a page in the browser."""

from django.conf import settings
from playwright.sync_api import Page

AXE = (settings.NODE_MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The transition of a focused element starts at the next frame; until it ends, its colours are intermediate.
_AT_REST = """async () => {
  await document.fonts.ready;
  await new Promise(requestAnimationFrame);
  const ends = (animation) => Number.isFinite(animation.effect.getComputedTiming().endTime);
  await Promise.allSettled(document.getAnimations().filter(ends).map((animation) => animation.finished));
}"""
WIDTH_NEEDED = """async (width) => {
  while (innerWidth !== width) await new Promise(requestAnimationFrame);
  return document.documentElement.scrollWidth;
}"""


def assert_accessible(page: Page) -> None:
    """Fail with a list of the violations, if there are any."""
    found = violations(page)
    assert not found, "\n".join(found)


def violations(page: Page) -> list[str]:
    """Return the violations on the page at rest: one line per element, at most three elements per rule."""
    page.evaluate(_AT_REST)
    page.evaluate(AXE)
    result = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
    return [
        f"{found['id']} ({found['help']}): {node['target']} {node['html'][:160]}"
        for found in result["violations"]
        for node in found["nodes"][:3]
    ]
