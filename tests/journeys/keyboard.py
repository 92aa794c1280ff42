"""Somebody who has a keyboard alone: what takes the focus is always seen, and always let go."""

from playwright.sync_api import Locator, Page

from tests.journeys.application import Hands

MAX_STEPS = 120  # presses of Tab from one end of a page to the other

_FOCUSED = """async () => {
  await new Promise(requestAnimationFrame);  // the page comes to what has the focus when it is next drawn
  const focused = document.activeElement;
  if (!focused || focused === document.body) return null;
  const boxes = [...focused.getClientRects()].filter((box) => box.width && box.height);
  const style = getComputedStyle(focused);
  const over = boxes.map((box) => {
    const x = box.left + box.width / 2;
    const y = (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2;
    return document.elementFromPoint(x, y);
  });
  const seen = over.some((there) => there && (focused.contains(there) || there.contains(focused)));
  const ring = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none";
  const moved = window.focusedBefore !== focused;
  window.focusedBefore = focused;
  return {
    over: over.map((there) => there?.outerHTML.slice(0, 80)),
    name: (focused.labels?.[0] ?? focused).textContent.trim().slice(0, 80) || focused.outerHTML.slice(0, 200),
    seen, ring, moved,
  };
}"""

_REACHED = """(wanted) => {
  const focused = document.activeElement;
  return focused === wanted
    || (wanted.type === "radio" && focused.type === "radio" && focused.name === wanted.name);
}"""


class Keyboard(Hands):
    """Hands that reach everything with Tab, in the order of the page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def reach(self, wanted: Locator, *, key: str = "Tab") -> None:
        """Go from one thing to the next until `wanted` has the focus, looking at each on the way."""
        wanted.wait_for(state="attached")
        for _step in range(MAX_STEPS):
            if wanted.evaluate(_REACHED):
                return
            self.page.keyboard.press(key)
            self._look()
        message = f"the keyboard does not reach {wanted} on {self.page.url}"
        raise AssertionError(message)

    def _look(self) -> None:
        focused = self.page.evaluate(_FOCUSED)
        if focused is not None:  # None between the end of the page and its beginning
            assert focused["moved"], f"trapped: {focused} on {self.page.url}"
            assert focused["ring"], f"no ring: {focused} on {self.page.url}"
            assert focused["seen"], f"out of sight: {focused} on {self.page.url}"

    def write(self, field: Locator, text: str) -> None:
        """Type `text` in place of what the field holds, key by key."""
        self.reach(field)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def choose(self, field: Locator, value: str) -> None:
        """Go down the closed list to the option of that value."""
        self.reach(field)
        for _option in range(MAX_STEPS):
            if field.input_value() == value:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(value)

    def tick(self, box: Locator) -> None:
        """Tick a box with Space; among several answers, move with the arrows."""
        self.reach(box)
        if not box.evaluate("(box) => box === document.activeElement"):
            self.page.keyboard.press("Space")  # the group's first answer, until the arrows move on
        for _answer in range(MAX_STEPS):
            if box.is_checked():
                return
            on_it = box.evaluate("(box) => box === document.activeElement")
            self.page.keyboard.press("Space" if on_it else "ArrowDown")
        raise AssertionError(box)

    def press(self, button: Locator) -> None:
        """Press Enter, and wait for the other page."""
        self.reach(button)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
