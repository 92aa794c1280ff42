"""A complement is requested: from the mail to the new receipt, with and without JavaScript."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.factories.files import pdf_bytes
from tests.journeys.axe import WIDTH_NEEDED, assert_accessible
from tests.journeys.complement_scenes import WORDS
from tests.journeys.conftest import Visit
from tests.journeys.page_actions import click_and_wait, follow, press
from tests.journeys.portal import RECEIPT_NUMBER, Portal

pytestmark = pytest.mark.browser


@pytest.fixture
def incomplete(portal: Portal) -> dict[str, Any]:
    """A submission to a closed offer, with a complement request that was just made."""
    found: dict[str, Any] = portal.made_by(
        "from tests.journeys.complement_scenes import make_incomplete; make_incomplete()"
    )
    return found


def _address_in_the_mail(portal: Portal, incomplete: dict[str, Any]) -> str:
    """Return the link in the request's mail; the mail also lists what is requested."""
    mail = portal.mail_about(incomplete["address"], "complément")
    assert str(mail["Subject"]).startswith(incomplete["offer"])
    body = mail.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert WORDS.split(".", maxsplit=1)[0] in " ".join(text.split())
    found = re.search(r"https?://\S+/suivi/", text)
    assert found is not None
    return urlsplit(found[0]).path


def _send_another(page: Page, folder: Path, *, javascript: bool) -> None:
    file = folder / "CV-lisible.pdf"
    file.write_bytes(pdf_bytes(text="lisible"))
    page.locator("section.document input[type=file]").set_input_files(file)
    send = page.get_by_role("button", name="Téléverser ce fichier")
    if not javascript:  # without a script, the form is sent by its button
        click_and_wait(send)
    expect(page.locator("section.document").first).to_contain_text("Changé")


@pytest.mark.full
@pytest.mark.parametrize("javascript", [True, False], ids=["with a script", "without"])
def test_a_candidate_answers_a_complement_request_from_mail_to_receipt(
    visit: Visit,
    portal: Portal,
    incomplete: dict[str, Any],
    tmp_path: Path,
    javascript: bool,  # noqa: FBT001 -- a case
) -> None:
    address = _address_in_the_mail(portal, incomplete)
    page = visit(address, javascript=javascript, cookies=[incomplete["session"]])
    expect(page.locator(".complement")).to_contain_text("les pages 2 et 3 sont noires")
    page.get_by_role("button", name="Menu").click()
    click_and_wait(page.get_by_role("link", name="Mes candidatures").first)
    expect(page.locator(".submission-asked")).to_contain_text("Complément demandé")
    follow(page, "Voir ce qui est demandé")
    press(page, "Répondre au complément")
    expect(page.get_by_role("heading", level=1)).to_have_text("Répondre au complément")
    expect(page.locator(".band")).to_contain_text("Réponse au complément non déposée")
    if javascript:
        assert_accessible(page)
        page.set_viewport_size({"width": 320, "height": 800})
        assert page.evaluate(WIDTH_NEEDED, 320) <= 320

    click_and_wait(page.get_by_role("link", name="Continuer", exact=True))
    _send_another(page, tmp_path, javascript=javascript)
    page.goto(f"{portal.url}/candidatures/{incomplete['public_id']}/")
    expect(page.locator("main .task").first).to_contain_text("Changé")
    click_and_wait(page.get_by_role("link", name="Continuer", exact=True))
    expect(page.get_by_role("heading", level=1)).to_have_text("Études")
    page.get_by_label("Domaine d’études").fill("Droit de la mer")
    press(page, "Enregistrer et revenir à la liste")
    page.goto(f"{portal.url}/candidatures/{incomplete['public_id']}/identite/")
    expect(page.locator(".messages")).to_contain_text("ne fait pas partie du complément")

    changes = page.locator(".changes > div")
    expect(changes).to_have_count(2)
    expect(page.locator(".changes")).to_contain_text("Droit de la mer")
    for box in page.locator("form input[type=checkbox]").all():
        box.check()
    press(page, "Déposer ma réponse")
    expect(page.get_by_role("heading", level=1)).to_have_text("Complément déposé")
    expect(page.locator(".proof")).to_contain_text(incomplete["number"])
    found = RECEIPT_NUMBER.search(page.locator(".proof-number").inner_text())
    assert found is not None
    assert found[0] != incomplete["number"]
    portal.mail_about(incomplete["address"], found[0])

    page.go_back()
    expect(page).to_have_url(re.compile(r"/accuse/"))  # a filed section is not requested again
    expect(page.locator(".proof-number")).to_contain_text(found[0])
    follow(page, "Suivre ma candidature")
    expect(page.locator(".timeline")).to_contain_text("Complément déposé")
    expect(page.locator(".complement")).to_have_count(0)
