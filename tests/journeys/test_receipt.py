"""The receipt that the worker signed, verified in a browser by somebody who has no account."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.axe import assert_accessible
from tests.journeys.conftest import Visit
from tests.journeys.moves import press
from tests.journeys.portal import RECEIPT_NUMBER, Portal, wait_for

pytestmark = pytest.mark.browser


def _verify(page: Page, content: bytes) -> None:
    page.locator("#id_fichier").set_input_files(
        {"name": "accuse.pdf", "mimeType": "application/pdf", "buffer": content}
    )
    press(page, "Vérifier ce fichier")


def test_anybody_verifies_the_receipt_that_was_made(visit: Visit, portal: Portal) -> None:
    shown = RECEIPT_NUMBER.search(portal.said())
    assert shown is not None
    file = portal.data_dir / "media" / "receipts" / f"{shown[0]}.pdf"
    content = wait_for(lambda: file.read_bytes() if file.exists() else None, seconds=180, what=file.name)

    page = visit("/verifier/", javascript=False)
    _verify(page, content)
    expect(page.get_by_role("heading", name="Cet accusé est authentique")).to_be_visible()
    expect(page.locator(".verify-answer")).to_contain_text(shown[0])
    expect(page.locator(".verify-answer")).to_contain_text("heure de l’Est, Québec")
    expect(page.locator("main")).not_to_contain_text("Tremblay")

    page = visit("/verifier/", scheme="dark")
    _verify(page, content)
    expect(page.locator(".verify-authentic")).to_be_visible()
    assert_accessible(page)
    _verify(page, content[:-2] + b"x\n")
    expect(page.get_by_role("heading", level=2).first).to_contain_text("il a été modifié")
