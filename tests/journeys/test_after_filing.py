"""After filing: amended twice before closing while the first filing stands, then withdrawn and taken up again."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visit
from tests.journeys.portal import RECEIPT_NUMBER, Portal

pytestmark = pytest.mark.browser


@pytest.fixture
def filed(portal: Portal) -> dict[str, Any]:
    """An application just filed: where it is, its number, its person's address and session, a reviewer's session."""
    made = portal.manage(
        "shell", "-v", "0", "-c", "from tests.journeys.scene import make_filed; make_filed()"
    )
    assert made.returncode == 0, made.stderr
    found: dict[str, Any] = json.loads(made.stdout.splitlines()[-1])
    return found


def _number(page: Page) -> str:
    expect(page.get_by_role("heading", level=1)).to_have_text("Candidature déposée")
    found = RECEIPT_NUMBER.search(page.locator("main").inner_text())
    assert found is not None
    return found[0]


def _rename(page: Page, first_name: str) -> None:
    page.get_by_role("link", name="Identité").click()
    page.get_by_label("Prénom").fill(first_name)
    page.get_by_role("button", name="Enregistrer et revenir à la liste").click()


def _file(page: Page, button: str) -> None:
    page.get_by_role("link", name="Vérifier et déposer").click()
    expect(page.get_by_role("button", name=button)).to_be_visible()
    for box in page.locator("form input[type=checkbox]").all():
        box.check()
    page.get_by_role("button", name=button).click()


def _reviewed_name(visit: Visit, filed: dict[str, Any]) -> str:
    """Return the title of the file as its committee sees it now."""
    page = visit(f"/admin/candidatures/{filed['public_id']}/", width=1280, cookies=[filed["reviewer"]])
    return page.get_by_role("heading", level=1).inner_text()


def test_an_application_is_amended_twice_while_what_was_filed_stands(
    visit: Visit, portal: Portal, filed: dict[str, Any]
) -> None:
    receipt = f"/candidatures/{filed['public_id']}/accuse/"
    page = visit(receipt, cookies=[filed["session"]])
    numbers = [_number(page)]
    for first_name in ("Maëlle", "Maë"):
        before = _reviewed_name(visit, filed)
        page.get_by_role("button", name="Modifier ma candidature").click()
        band = page.locator(".band")
        expect(band).to_contain_text("Modification non déposée")
        expect(band).to_contain_text(numbers[-1])
        _rename(page, first_name)
        assert _reviewed_name(visit, filed) == before
        page.get_by_role("link", name="Vérifier et déposer").click()
        changes = page.locator(".changes > div")
        expect(changes).to_have_count(1)
        expect(changes).to_contain_text(first_name)
        page.go_back()
        _file(page, "Déposer la modification")
        numbers.append(_number(page))
        expect(page.locator(".band")).to_contain_text(f"Remplace le dépôt n°\u00a0{numbers[-2]}")
        assert first_name in _reviewed_name(visit, filed)
    assert len(set(numbers)) == 3

    page.get_by_role("link", name="Suivre ma candidature").click()
    timeline = page.locator(".timeline")
    for number in numbers:
        expect(timeline).to_contain_text(number)
    mails = portal.mails_to(filed["address"], count=6)
    subjects = [str(mail["Subject"]) for mail in mails]
    assert any(numbers[2] in subject and f"remplace {numbers[1]}" in subject for subject in subjects)


def test_a_withdrawn_application_is_taken_up_again_without_javascript(
    visit: Visit, portal: Portal, filed: dict[str, Any]
) -> None:
    receipt = f"/candidatures/{filed['public_id']}/accuse/"
    page = visit(receipt, javascript=False, cookies=[filed["session"]])
    first = _number(page)
    page.get_by_role("link", name="Me désister de cette candidature").click()
    page.get_by_label("Autre", exact=True).check()
    page.get_by_role("button", name="Confirmer mon désistement").click()
    expect(page.get_by_role("link", name="Dites en quelques mots pourquoi")).to_be_visible()
    page.get_by_label("Précisions").fill("Je déménage.")
    page.get_by_role("button", name="Confirmer mon désistement").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Désistement")
    page.goto(f"{portal.url}/candidatures/{filed['public_id']}/desistement/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Désistement")

    page.get_by_role("button", name="Reprendre ma candidature").click()
    expect(page.locator(".band")).to_contain_text("Reprise non déposée")
    _file(page, "Déposer de nouveau ma candidature")
    second = _number(page)
    assert second != first
    page.get_by_role("link", name="Suivre ma candidature").click()
    expect(page.locator(".timeline")).to_contain_text("Je déménage.")
    page.get_by_role("link", name="Mes candidatures").first.click()
    expect(page.locator(".submission-card")).to_contain_text(second)
