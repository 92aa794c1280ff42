"""From one page to the next: whoever presses a button or follows a link goes on once the answer is there."""

from playwright.sync_api import Locator, Page


def leave_by(way: Locator) -> None:
    """Click what leads to another page, and return once that page is loaded.

    A click alone may return while the old page is still shown and what it sent is not saved. What a script handles in
    place, or leads elsewhere in the same page, is only clicked.
    """
    with way.page.expect_navigation():
        way.click()


def press(page: Page, name: str) -> None:
    """Press the button of that name, and return once the page that answers is loaded."""
    leave_by(page.get_by_role("button", name=name))


def follow(page: Page, name: str) -> None:
    """Follow the link of that name, and return once the page where it leads is loaded."""
    leave_by(page.get_by_role("link", name=name))
