"""A user with only a keyboard: the focused element is always visible, and Tab always leaves it."""

from playwright.sync_api import Locator, Page

from tests.journeys.application import Hands

MAX_STEPS = 120  # presses of Tab between two ends of a page

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
    """Operates a page with Tab, in the order of the page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def reach(self, wanted: Locator, *, key: str = "Tab") -> None:
        """Press `key` until `wanted` has the focus. Each focused element on the way must be visible."""
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
        if focused is not None:  # None between the last and the first element
            assert focused["moved"], f"trapped: {focused} on {self.page.url}"
            assert focused["ring"], f"no ring: {focused} on {self.page.url}"
            assert focused["seen"], f"out of sight: {focused} on {self.page.url}"

    def write(self, field: Locator, text: str) -> None:
        """Replace the field's content by `text`, key by key."""
        self.reach(field)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def choose(self, field: Locator, value: str) -> None:
        """Choose the option with this value by arrow keys, in the closed list."""
        self.reach(field)
        for _option in range(MAX_STEPS):
            if field.input_value() == value:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(value)

    def tick(self, box: Locator) -> None:
        """Tick a box with Space; choose one of several answers with the arrow keys."""
        self.reach(box)
        if not box.evaluate("(box) => box === document.activeElement"):
            self.page.keyboard.press("Space")  # selects the first answer; the arrow keys change it
        for _answer in range(MAX_STEPS):
            if box.is_checked():
                return
            on_it = box.evaluate("(box) => box === document.activeElement")
            self.page.keyboard.press("Space" if on_it else "ArrowDown")
        raise AssertionError(box)

    def press(self, button: Locator) -> None:
        """Press Enter and wait for the next page."""
        self.reach(button)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
