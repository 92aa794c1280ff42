"""A receipt signed by the worker: saved by its candidate, and verified in a browser without an account."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.axe import assert_accessible
from tests.journeys.conftest import Visit
from tests.journeys.page_actions import click_and_wait, press
from tests.journeys.portal import RECEIPT_NUMBER, Portal, wait_for

pytestmark = pytest.mark.browser

BUTTON = "Télécharger l’accusé de réception"


def _verify(page: Page, content: bytes) -> None:
    page.locator("#id_fichier").set_input_files(
        {"name": "accuse.pdf", "mimeType": "application/pdf", "buffer": content}
    )
    press(page, "Vérifier ce fichier")


def test_a_visitor_without_account_verifies_the_receipt(visit: Visit, portal: Portal) -> None:
    shown = RECEIPT_NUMBER.search(portal.said())
    assert shown is not None
    file = portal.data_dir / "media" / "receipts" / f"{shown[0]}.pdf"
    content = wait_for(lambda: file.read_bytes() if file.exists() else None, seconds=180, what=file.name)

    page = visit("/verifier/", javascript=False)
    _verify(page, content)
    expect(page.get_by_role("heading", name="Accusé de réception authentique")).to_be_visible()
    expect(page.locator(".verify-answer")).to_contain_text(shown[0])
    expect(page.locator(".verify-answer")).to_contain_text("heure de l’Est, Québec")
    expect(page.locator("main")).not_to_contain_text("Tremblay")

    page = visit("/verifier/", scheme="dark")
    _verify(page, content)
    expect(page.locator(".verify-authentic")).to_be_visible()
    assert_accessible(page)
    _verify(page, content[:-2] + b"x\n")
    expect(page.get_by_role("heading", level=2).first).to_contain_text("il a été modifié")


def _await_the_receipt(page: Page) -> None:
    """Reload the page as it requests, until the worker has signed the receipt. For a page without scripts."""
    ends = time.monotonic() + 180
    again = page.get_by_role("link", name="Actualiser cette page")
    while not page.get_by_role("link", name=BUTTON).is_visible() and time.monotonic() < ends:
        click_and_wait(again)
        page.wait_for_timeout(500)


def _saved(page: Page, link: str, folder: Path) -> Path:
    with page.expect_download() as started:
        page.get_by_role("link", name=link).click()
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    return path


def _check_what_is_saved(page: Page, portal: Portal, folder: Path) -> None:
    """Save the receipt from its page as PDF and as JSON, and verify each by command."""
    saved = [_saved(page, BUTTON, folder)]
    page.reload()  # its folded part, with the JSON receipt, is of the time at which the page was loaded
    page.get_by_text("Vérification et empreintes").click()
    saved.append(_saved(page, "Version lisible par un logiciel (JSON)", folder))
    shown = RECEIPT_NUMBER.search(page.locator("main").inner_text())
    assert shown is not None
    assert [path.name for path in saved] == [f"{shown[0]}_accuse.pdf", f"{shown[0]}_accuse.json"]
    said = [portal.manage("verify_receipt", str(path)) for path in saved]
    assert [one.returncode for one in said] == [0, 0], said
    answers: list[dict[str, Any]] = [json.loads(one.stdout) for one in said]
    assert [(one["authentic"], one["number"]) for one in answers] == [(True, shown[0])] * 2
    assert answers[0] == answers[1]


@pytest.mark.full
def test_a_receipt_downloaded_by_its_candidate_is_authentic(
    visit: Visit, portal: Portal, tmp_path: Path
) -> None:
    filed = portal.made_by("from tests.journeys.scene import make_filed; make_filed()")
    page = visit(f"/candidatures/{filed['public_id']}/accuse/", cookies=[filed["session"]])
    expect(page.get_by_role("link", name=BUTTON)).to_be_visible(timeout=180_000)
    _check_what_is_saved(page, portal, tmp_path)


@pytest.mark.parametrize(
    "with_complement",
    [False, pytest.param(True, marks=pytest.mark.full)],
    ids=["alone", "beside a complement to answer"],
)
def test_the_button_of_the_pdf_appears_by_itself_and_is_announced(
    visit: Visit,
    portal: Portal,
    with_complement: bool,  # noqa: FBT001 -- a case
) -> None:
    scene = "from tests.journeys.receipt_scenes import make_filed_without_files, sign_receipt_of; "
    filed = portal.made_by(f"{scene}make_filed_without_files({with_complement=})")
    page = visit(f"/candidatures/{filed['public_id']}/accuse/", cookies=[filed["session"]])
    button, again = page.get_by_role("link", name=BUTTON), page.get_by_text("Actualiser cette page")
    expect(page.get_by_role("heading", level=1)).to_have_text("Candidature déposée")
    expect(page.locator(".proof")).to_contain_text(filed["number"])
    expect(page.locator(".proof")).to_contain_text("Il apparaîtra ici dès qu’il sera prêt.")
    expect(button).to_have_count(0)
    expect(again).to_be_hidden()
    expect(page.locator("[data-live]").filter(has_text="Il reste")).to_have_count(int(with_complement))
    assert page.locator(".proof").evaluate("proof => proof.scrollWidth <= proof.clientWidth")
    assert_accessible(page)
    parts = page.locator("[data-part]")
    parts.evaluate_all("(parts) => parts.forEach((part) => { part.isKept = true; })")
    for _answer in range(2):  # once the second is there, the first has been taken
        with page.expect_response("**/accuse/etat/"):
            pass
    assert parts.evaluate_all("(parts) => parts.map((part) => part.isKept)") == [True, True, True]
    with page.expect_response("**/accuse/etat/"):
        portal.made_by(f"{scene}sign_receipt_of({filed['public_id']!r})")
    expect(button).to_be_visible(timeout=10_000)
    expect(page.get_by_role("status")).to_have_text("Votre accusé de réception est prêt à télécharger.")
    assert_accessible(page)


@pytest.mark.full
def test_a_missing_signed_receipt_is_requested_without_javascript(
    visit: Visit, portal: Portal, tmp_path: Path
) -> None:
    filed = portal.made_by("from tests.journeys.scene import make_filed; make_filed(with_pdf=False)")
    address = f"/candidatures/{filed['public_id']}/accuse/"
    assert_accessible(visit(address, scheme="dark", cookies=[filed["session"]]))
    page = visit(address, javascript=False, cookies=[filed["session"]])
    press(page, "Préparer mon accusé de réception en PDF")
    expect(page.locator(".alert-success")).to_contain_text("Nous préparons votre accusé de réception en PDF")
    _await_the_receipt(page)
    _check_what_is_saved(page, portal, tmp_path)
