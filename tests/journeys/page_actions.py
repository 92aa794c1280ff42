"""From one page to the next: whoever presses a button or follows a link goes on once the answer is there."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Locator, Page, expect


def click_and_wait(way: Locator) -> None:
    """Click what leads to another page, and return once that page is loaded.

    A click alone may return while the old page is still shown and what it sent is not saved. What a script handles in
    place, or leads elsewhere in the same page, is only clicked.
    """
    with way.page.expect_navigation():
        way.click()


def send_the_last_form(page: Page) -> None:
    """Press the last button of the last form of the page's own, and return once the page that answers is loaded."""
    click_and_wait(page.locator("main form").last.locator("button[type=submit], input[type=submit]").last)


def press(page: Page, name: str) -> None:
    """Press the button of that name, and return once the page that answers is loaded."""
    click_and_wait(page.get_by_role("button", name=name))


def follow(page: Page, name: str) -> None:
    """Follow the link of that name, and return once the page where it leads is loaded."""
    click_and_wait(page.get_by_role("link", name=name))


def find_a_person(page: Page) -> None:
    """Search for people to give more time, and find some."""
    page.locator("#mots").fill("scene-")
    click_and_wait(page.locator("form[role=search] button"))
    expect(page.locator(".desk-people li")).not_to_have_count(0)


def read_what_time_does(page: Page) -> None:
    """Fill in a personal deadline, and read what it would do."""
    page.locator("#id_closes_on").fill((timezone.localdate() + timedelta(days=45)).isoformat())
    page.locator("#id_reason").fill("Réseau en panne.")
    click_and_wait(page.locator("button[name=read]"))
    expect(page.locator(".desk-agree")).to_be_visible()
