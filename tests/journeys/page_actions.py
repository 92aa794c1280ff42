"""Actions that lead to another page. Each returns once the next page is loaded."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Locator, Page, expect


def click_and_wait(way: Locator) -> None:
    """Click a control that leads to another page, and return once that page is loaded.

    A plain click may return while the old page is displayed and its data are not saved. Use a plain click for controls
    that a script handles, or that lead to a place in the same page.
    """
    with way.page.expect_navigation():
        way.click()


def send_the_last_form(page: Page) -> None:
    """Press the last button of the last form in `main`, and return once the next page is loaded."""
    click_and_wait(page.locator("main form").last.locator("button[type=submit], input[type=submit]").last)


def press(page: Page, name: str) -> None:
    """Press the button of that name, and return once the next page is loaded."""
    click_and_wait(page.get_by_role("button", name=name))


def follow(page: Page, name: str) -> None:
    """Follow the link of that name, and return once its page is loaded."""
    click_and_wait(page.get_by_role("link", name=name))


def find_a_person(page: Page) -> None:
    """Search for candidates to extend their deadline, and find some."""
    page.locator("#mots").fill("scene-")
    click_and_wait(page.locator("form[role=search] button"))
    expect(page.locator(".desk-people li")).not_to_have_count(0)


def read_what_time_does(page: Page) -> None:
    """Fill in a personal deadline and read the preview of its effect."""
    page.locator("#id_closes_on").fill((timezone.localdate() + timedelta(days=45)).isoformat())
    page.locator("#id_reason").fill("Réseau en panne.")
    click_and_wait(page.locator("button[name=read]"))
    expect(page.locator(".desk-agree")).to_be_visible()
