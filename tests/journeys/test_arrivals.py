"""The page of an arrival that waits, in a browser: accessible, and it goes on by itself."""

import re

import pytest
from playwright.sync_api import Route, expect

from tests.journeys.axe import assert_accessible_at_each_width
from tests.journeys.conftest import Visit
from tests.journeys.portal import Portal

pytestmark = [pytest.mark.browser, pytest.mark.full]


def test_an_arrival_that_waits_is_accessible_and_its_page_goes_on_by_itself(
    visit: Visit, portal: Portal
) -> None:
    found = portal.made_by(
        "from tests.journeys.arrival_scenes import print_waiting_page; print_waiting_page()"
    )
    page = visit("/offres/", cookies=found["cookies"], alters=True)
    waits = True

    def answer(route: Route) -> None:
        if waits:
            route.fulfill(status=202, body=found["page"], content_type="text/html; charset=utf-8")
        else:
            route.continue_()

    pressed = found["path"].replace(
        "/arrivee/", "/deposer/"
    )  # in a rush, the answer to the form is this page
    for path in (found["path"], pressed):
        page.route(f"**{path}", answer)
    page.goto(portal.url + pressed)
    expect(page).to_have_url(portal.url + found["path"])
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre candidature est arrivée")
    expect(page.get_by_role("link", name="Actualiser cette page")).to_have_count(0)
    assert_accessible_at_each_width(page, fits=True)
    waits = False  # nothing arrived, for the portal: it leads to the list of tasks
    expect(page.locator("[role=status][data-over]")).to_have_text(re.compile("Du nouveau"))
    page.wait_for_url(re.compile(r"/candidatures/[^/]+/$"))
