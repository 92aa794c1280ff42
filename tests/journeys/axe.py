"""Runs axe-core, from the front-end packages, on a page in the browser."""

from typing import Any

from django.conf import settings
from playwright.sync_api import Page

from tests import accessibility

AXE = (settings.NODE_MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "forced": {"color_scheme": "dark", "forced_colors": "active", "reduced_motion": "reduce"},
}
"""Preferences of a reader's device, as Playwright emulates them."""
WIDTHS = (320, 360, 768, 1280, 1440)
"""CSS pixels. 320 is also a window of 1280 enlarged to 400 %."""
# The transition of a focused element starts at the next frame; until it ends, its colours are intermediate.
_AT_REST = """async () => {
  await document.fonts.ready;
  await new Promise(requestAnimationFrame);
  const ends = (animation) => Number.isFinite(animation.effect.getComputedTiming().endTime);
  await Promise.allSettled(document.getAnimations().filter(ends).map((animation) => animation.finished));
}"""
_STATE = """() => ({
  width: innerWidth,
  look: matchMedia("(forced-colors: active)").matches ? "forced"
    : matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light",
  language: document.documentElement.lang.slice(0, 2),
})"""
# Where the device sets the colours, axe reads a text's colour before, and its background after: it cannot compare them.
_RUN = """([tags, contrast]) => axe.run(document, {
  runOnly: tags, resultTypes: ["violations"], rules: {"color-contrast": {enabled: contrast}},
})"""
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
    state = page.evaluate(_STATE)
    result = page.evaluate(_RUN, [accessibility.RULES, state["look"] != "forced"])
    browser = page.context.browser
    accessibility.add(
        **state, violations=len(result["violations"]), chromium=browser.version if browser else ""
    )
    return [
        f"{found['id']} ({found['help']}): {node['target']} {node['html'][:160]}"
        for found in result["violations"]
        for node in found["nodes"][:3]
    ]


def assert_accessible_at_each_width(page: Page, *, fits: bool, widths: tuple[int, ...] = WIDTHS) -> None:
    """Fail with the violations at the first width that has any, or if a page that `fits` must be moved sideways."""
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        needed = page.evaluate(WIDTH_NEEDED, width)
        assert_accessible(page)
        assert needed <= width or not fits, f"{needed} pixels at {width}"
