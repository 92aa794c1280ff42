"""The dashboard in a browser: each figure links to as many submissions, each chart has a table, all fits a phone."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import Visit
from tests.journeys.page_actions import click_and_wait
from tests.journeys.portal import Portal

pytestmark = pytest.mark.browser

PHONE = 360  # CSS pixels


@pytest.fixture
def scene(portal: Portal) -> dict[str, Any]:
    """An offer of three candidatures, one marked and two assigned for tomorrow, and who looks at it."""
    found: dict[str, Any] = portal.made_by(
        "from tests.journeys.scene import make_dashboard; make_dashboard()"
    )
    return found


def number_in(way: Locator) -> int:
    found = re.search(r"\d+", way.inner_text())
    assert found is not None
    return int(found[0])


def follow_and_count(page: Page, way: Locator) -> None:
    """Follow a figure's link, check that the list has as many lines, and go back."""
    expected, address = number_in(way), page.url
    click_and_wait(way)
    expect(page.locator("#result_list tbody tr")).to_have_count(expected)
    page.goto(address)


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.full
@pytest.mark.parametrize("width", [1280, PHONE])
def test_staff_follow_the_figures_of_an_offer_and_the_tables_behind_its_charts(
    visit: Visit, scene: dict[str, Any], width: int
) -> None:
    page = visit(f"/admin/?offre={scene['offer']}", width=width, cookies=[scene["staff"]])
    assert fits(page)
    detail = page.get_by_role("region").filter(has=page.locator("#en-detail"))
    expect(detail.get_by_role("heading", level=2)).to_contain_text(scene["offer"])
    charts = detail.locator(".bureau-chart").filter(has=page.locator("svg"))
    assert charts.count() >= 2
    followed = 0
    for place in range(charts.count()):
        chart = charts.nth(place)
        expect(chart.get_by_role("table")).to_be_hidden()
        chart.locator("summary").click()
        expect(chart.get_by_role("table")).to_be_visible()
        figures = chart.locator("td a")
        shown = [
            row for row in range(figures.count()) if re.fullmatch(r"\s*\d+\s*", figures.nth(row).inner_text())
        ]
        if shown:
            follow_and_count(page, figures.nth(shown[0]))
            followed += 1
    assert followed > 0
    assert fits(page)
    line = page.locator(".bureau-offers tbody tr").filter(has_text=scene["offer"])
    if line.count():  # the page lists only the first offers
        for place in range(line.locator("td a").count()):
            follow_and_count(page, line.locator("td a").nth(place))


@pytest.mark.full
@pytest.mark.parametrize("width", [1280, PHONE])
def test_a_reviewer_goes_from_the_dashboard_to_the_assigned_files(
    visit: Visit, scene: dict[str, Any], width: int
) -> None:
    page = visit("/admin/", width=width, cookies=[scene["reviewer"]])
    assert fits(page)
    work = page.get_by_role("region", name="Mes dossiers à noter")
    expect(work.locator(".bureau-queue li")).to_have_count(2)
    expect(work).to_contain_text("échéance")
    follow_and_count(page, work.get_by_role("link", name="Voir tout ce que j’ai à noter (2)"))
    follow_and_count(page, work.get_by_role("link", name="2 dossiers"))
    follow_and_count(page, work.get_by_role("link", name="1 candidature notée sur 3"))
    first = work.locator(".bureau-queue a").first
    number = first.inner_text()
    click_and_wait(first)
    expect(page.locator("main")).to_contain_text(number)
