"""A person checks their eligibility without an account, then applies with the same answers."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.application import answer, begin, sign_in
from tests.journeys.conftest import Visit
from tests.journeys.page_actions import click_and_wait, follow, press
from tests.journeys.portal import Portal

pytestmark = pytest.mark.browser


def _answer_all(page: Page) -> None:
    page.get_by_label("Niveau").select_option("MASTER")
    page.get_by_role("radio", name="En cours", exact=True).check()
    page.locator("[name=studies-0-day]").fill("30 avril 2028")
    page.get_by_label("Citoyenneté canadienne").check()
    page.get_by_label("Dans quelle province").select_option("QC")
    page.get_by_label("Depuis quand résidez-vous au Québec ?").fill("1er septembre 2008")
    answer(page, resident_for_health_insurance=True, resident_for_tax=True)
    answer(page, bar_school=False, professional_order_stage=False)
    answer(page, attests_writing_fr=True, attests_writing_en=True, attests_skills=True)
    answer(page, past_participant=False)


def _check(page: Page) -> None:
    click_and_wait(page.locator("main").get_by_role("button", name="Vérifier").last)


@pytest.mark.full
def test_answers_given_without_an_account_are_in_the_draft_without_javascript(
    visit: Visit, portal: Portal
) -> None:
    page = visit(f"/offres/{portal.open_offer()}/", javascript=False)
    click_and_wait(page.get_by_role("link", name="Vérifier mon admissibilité").first)
    _answer_all(page)
    press(page, "Ajouter un programme")
    expect(page.get_by_role("group", name="Programme 2")).to_be_visible()
    _check(page)
    expect(page.get_by_text("Il manque des réponses")).to_be_visible()
    page.get_by_role("link", name="Répondre : Âge").click()  # further down on the same page
    page.get_by_label("Date de naissance").fill("4 mai 1998")
    _check(page)
    expect(page.get_by_text("vous répondez à tous les critères")).to_be_visible()
    assert {cookie["name"] for cookie in page.context.cookies()} == {"answer", "csrftoken"}

    press(page, "Commencer ma candidature avec ces réponses")
    expect(page.get_by_text("vos réponses vous attendent ici")).to_be_visible()
    sign_in(page, portal, "verifie-dabord@exemple.invalid")
    expect(page.get_by_text("4 mai 1998")).to_be_visible()
    begin(page)
    expect(page.get_by_text("Brouillon — non déposée")).to_be_visible()
    assert "avec-mes-reponses" not in page.url

    follow(page, "Identité")
    expect(page.get_by_label("Date de naissance")).to_have_value("4 mai 1998")
    expect(page.get_by_label("Prénom")).to_have_value("")
    page.go_back()
    follow(page, "Études")
    expect(page.get_by_label("Niveau")).to_have_value("MASTER")
    expect(page.get_by_label("Établissement")).to_have_value("")
