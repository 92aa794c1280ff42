"""After filing: amended twice before closing while the first filing counts, then withdrawn and filed again."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visit
from tests.journeys.page_actions import click_and_wait, follow, press
from tests.journeys.portal import RECEIPT_NUMBER, Portal

pytestmark = pytest.mark.browser


@pytest.fixture
def filed(portal: Portal) -> dict[str, Any]:
    """A new submission: its address, its number, its candidate's address and session, a reviewer's session."""
    found: dict[str, Any] = portal.made_by("from tests.journeys.scene import make_filed; make_filed()")
    return found


def _number(page: Page) -> str:
    expect(page.get_by_role("heading", level=1)).to_have_text("Candidature déposée")
    found = RECEIPT_NUMBER.search(page.locator("main").inner_text())
    assert found is not None
    return found[0]


def _file(page: Page, button: str) -> None:
    follow(page, "Vérifier et déposer")
    expect(page.get_by_role("button", name=button)).to_be_visible()
    for box in page.locator("form input[type=checkbox]").all():
        box.check()
    press(page, button)


@pytest.mark.full
def test_a_withdrawn_submission_is_filed_again_without_javascript(
    visit: Visit, portal: Portal, filed: dict[str, Any]
) -> None:
    receipt = f"/candidatures/{filed['public_id']}/accuse/"
    page = visit(receipt, javascript=False, cookies=[filed["session"]])
    first = _number(page)
    follow(page, "Me désister de cette candidature")
    page.get_by_label("Autre", exact=True).check()
    press(page, "Confirmer mon désistement")
    expect(page.get_by_role("link", name="Dites en quelques mots pourquoi")).to_be_visible()
    page.get_by_label("Précisions").fill("Je déménage.")
    press(page, "Confirmer mon désistement")
    expect(page.get_by_role("heading", level=1)).to_have_text("Désistement enregistré")
    page.goto(f"{portal.url}/candidatures/{filed['public_id']}/desistement/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Désistement enregistré")

    press(page, "Faire un nouveau dépôt")
    expect(page.locator(".band")).to_contain_text("Nouveau dépôt non terminé")
    _file(page, "Déposer de nouveau ma candidature")
    second = _number(page)
    assert second != first
    follow(page, "Suivre ma candidature")
    expect(page.locator(".timeline")).to_contain_text("Je déménage.")
    page.get_by_role("button", name="Menu").click()
    click_and_wait(page.get_by_role("link", name="Mes candidatures").first)
    expect(page.locator(".submission-card")).to_contain_text(second)
