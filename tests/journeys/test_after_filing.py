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


def _rename(page: Page, first_name: str) -> None:
    follow(page, "Identité")
    page.get_by_label("Prénom").fill(first_name)
    press(page, "Enregistrer et revenir à la liste")


def _file(page: Page, button: str) -> None:
    follow(page, "Vérifier et déposer")
    expect(page.get_by_role("button", name=button)).to_be_visible()
    for box in page.locator("form input[type=checkbox]").all():
        box.check()
    press(page, button)


def _reviewed_name(visit: Visit, filed: dict[str, Any]) -> str:
    """Return the title of the file as its committee sees it."""
    page = visit(f"/admin/candidatures/{filed['public_id']}/", width=1280, cookies=[filed["reviewer"]])
    return page.get_by_role("heading", level=1).inner_text()


@pytest.mark.full
def test_an_application_is_amended_twice_while_the_current_filing_counts(
    visit: Visit, portal: Portal, filed: dict[str, Any]
) -> None:
    receipt = f"/candidatures/{filed['public_id']}/accuse/"
    page = visit(receipt, cookies=[filed["session"]])
    numbers = [_number(page)]
    for first_name in ("Maëlle", "Maë"):
        before = _reviewed_name(visit, filed)
        press(page, "Modifier ma candidature")
        band = page.locator(".band")
        expect(band).to_contain_text("Modification non déposée")
        expect(band).to_contain_text(numbers[-1])
        _rename(page, first_name)
        assert _reviewed_name(visit, filed) == before
        follow(page, "Vérifier et déposer")
        changes = page.locator(".changes > div")
        expect(changes).to_have_count(1)
        expect(changes).to_contain_text(first_name)
        page.go_back()
        _file(page, "Déposer la modification")
        numbers.append(_number(page))
        expect(page.locator(".proof")).to_contain_text(f"Remplace le dépôt n°\u00a0{numbers[-2]}")
        after = _reviewed_name(visit, filed)
        assert first_name in after
        assert after != before
    assert len(set(numbers)) == 3

    follow(page, "Suivre ma candidature")
    timeline = page.locator(".timeline")
    for number in numbers:
        expect(timeline).to_contain_text(number)
    portal.mail_about(filed["address"], numbers[2], f"remplace {numbers[1]}")


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
