"""After a form is answered, *Back*, *Forward* and *Reload* send no form again, and display what was typed."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visit
from tests.journeys.page_actions import click_and_wait, press
from tests.journeys.portal import Portal

pytestmark = pytest.mark.browser


def _wander(page: Page, is_displayed: Callable[[], None]) -> None:
    """Leave a page that answers a form by *Back*, return by *Forward*, reload it, and check what the browser sends."""
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    is_displayed()
    page.go_back()
    page.go_forward()
    is_displayed()
    page.reload()
    is_displayed()
    assert not sent


@pytest.mark.parametrize("javascript", [True, pytest.param(False, marks=pytest.mark.full)])
def test_a_result_of_the_eligibility_check_stays(visit: Visit, portal: Portal, javascript: bool) -> None:  # noqa: FBT001 -- a parameter
    page = visit(f"/offres/{portal.open_offer()}/", javascript=javascript)
    click_and_wait(page.get_by_role("link", name="Vérifier mon admissibilité").first)
    page.get_by_label("Date de naissance").fill("4 mai 1998")
    click_and_wait(page.locator("main").get_by_role("button", name="Vérifier").last)

    def is_displayed() -> None:
        expect(page.get_by_text("Il manque des réponses")).to_be_visible()
        expect(page.get_by_label("Date de naissance")).to_have_value("4 mai 1998")

    _wander(page, is_displayed)


@pytest.mark.full
def test_an_error_of_a_sign_in_stays_and_leads_on_with_the_right_code(visit: Visit, portal: Portal) -> None:
    page, address = visit("/connexion/"), "deux-essais@exemple.invalid"
    page.get_by_label("Adresse courriel").fill("deux-essais")
    press(page, "Recevoir mon code")

    def is_incomplete() -> None:
        expect(page.get_by_text("Cette adresse est incomplète").first).to_be_visible()
        expect(page.get_by_label("Adresse courriel")).to_have_value("deux-essais")

    _wander(page, is_incomplete)
    page.get_by_label("Adresse courriel").fill(address)
    earlier = portal.codes_for(address)
    press(page, "Recevoir mon code")
    code = portal.next_code(address, earlier)
    field = page.locator("input[autocomplete=one-time-code]")
    field.fill(f"{(int(code) + 1) % 1_000_000:06d}")
    press(page, "Me connecter")

    def is_wrong() -> None:
        expect(page.get_by_text("Ce n’est pas le bon code").first).to_be_visible()
        expect(field).to_have_value("")

    _wander(page, is_wrong)
    field.fill(code)
    press(page, "Me connecter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mes candidatures")
    page.goto(f"{portal.url}/profil/")
    page.get_by_label("Ville").fill("Gatineau")
    page.get_by_label("Date de naissance").fill("hier")
    click_and_wait(page.locator("main form").last.locator("button[type=submit]").last)

    def is_kept() -> None:
        expect(page.get_by_label("Date de naissance")).to_have_value("hier")
        expect(page.get_by_label("Ville")).to_have_value("Gatineau")

    _wander(page, is_kept)
