"""The page of an arrival that waits, in a browser: accessible, and it goes on by itself."""

import re

import pytest
from playwright.sync_api import Route, expect

from tests.journeys.axe import assert_accessible_at_each_width
from tests.journeys.conftest import Visit
from tests.journeys.portal import Portal

pytestmark = [pytest.mark.browser, pytest.mark.full]


@pytest.mark.parametrize("has_script", [True, False])
def test_the_answer_in_a_rush_is_accessible_and_its_page_goes_on_by_itself(
    *, visit: Visit, portal: Portal, has_script: bool
) -> None:
    found = portal.made_by(
        "from tests.journeys.arrival_scenes import print_waiting_pages; print_waiting_pages()"
    )
    page = visit("/offres/", cookies=found["cookies"], alters=True, javascript=has_script)
    pressed = found["path"].replace("/arrivee/", "/deposer/")
    waits = True

    def answer(route: Route) -> None:
        if waits:
            route.fulfill(**found["later"])
        else:
            route.continue_()

    page.route(f"**{pressed}", lambda route: route.fulfill(**found["answer"]))
    page.route(f"**{found['path']}", answer)
    page.goto(portal.url + pressed)
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre candidature est arrivée")
    # Nothing of the account: the page is the same for all of an offer, but for what is filled in.
    expect(page.get_by_role("navigation", name="Compte")).to_have_count(0)
    expect(page.get_by_text(found["email"])).to_be_visible()
    if not has_script:
        expect(page.get_by_role("link", name="Actualiser cette page")).to_be_visible()
        page.wait_for_url(re.compile(f"{found['path']}$"))  # the browser asks for it by itself
        waits = False
        page.wait_for_url(re.compile(r"/candidatures/[^/]+/$"))
        return
    expect(page).to_have_url(portal.url + found["path"])
    expect(page.get_by_role("link", name="Actualiser cette page")).to_have_count(0)
    assert_accessible_at_each_width(page, fits=True)
    waits = False  # nothing arrived, for the portal: it leads to the list of tasks
    expect(page.locator("[role=status][data-over]")).to_have_text(re.compile("Du nouveau"))
    page.wait_for_url(re.compile(r"/candidatures/[^/]+/$"))


def test_the_page_of_an_arrival_leads_to_its_refusal_by_itself(visit: Visit, portal: Portal) -> None:
    found = portal.made_by(
        "from tests.journeys.arrival_scenes import print_waiting_pages; print_waiting_pages()"
    )
    page = visit("/offres/", cookies=found["cookies"], alters=True)
    shown = ["later"]
    page.route(f"**{found['path']}", lambda route: route.fulfill(**found[shown[-1]]))
    page.goto(portal.url + found["path"])
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre candidature est arrivée")
    shown.append("refused")
    expect(page.locator("[role=status][data-over]")).to_have_text(re.compile("Du nouveau"))
    expect(page.get_by_role("alert")).to_contain_text("Cette candidature n’est pas déposée.")
