"""The main process in one journey: a candidate files, a reviewer marks, a staff member decides and exports."""

import io
from pathlib import Path

import openpyxl
import pikepdf
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.application import (
    Candidate,
    add_documents,
    begin,
    declare_and_file,
    fill_sections,
    sign_in,
)
from tests.journeys.conftest import Visit
from tests.journeys.page_actions import click_and_wait, follow, press
from tests.journeys.portal import RECEIPT_NUMBER, Portal

pytestmark = pytest.mark.browser


def _apply(
    visit: Visit, portal: Portal, candidate: Candidate, folder: Path, *, javascript: bool = True
) -> str:
    """Apply to the open offer as `candidate`. Return the receipt's number."""
    page = visit(f"/offres/?etat=ouverte&q={portal.open_offer()}", javascript=javascript)
    click_and_wait(page.locator(f"main h3 a[href*='{portal.open_offer()}']"))
    click_and_wait(page.get_by_role("link", name="Postuler").first)
    sign_in(page, portal, candidate.address)
    begin(page)
    expect(page.get_by_text("Brouillon — non déposée")).to_be_visible()
    follow(page, "Identité")
    fill_sections(page, candidate)
    add_documents(page, folder)
    follow(page, "Vérifier et déposer")
    declare_and_file(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Candidature déposée")
    found = RECEIPT_NUMBER.search(page.locator("main").inner_text())
    assert found is not None
    return found[0]


def _work(visit: Visit, portal: Portal, person: str, number: str) -> Page:
    """Sign in by the link of `person`, and open the file with that number."""
    page = visit(portal.links()[person], width=1280)
    click_and_wait(page.locator("main button[type=submit]"))
    page.goto(f"{portal.url}/admin/submissions/submission/?q={number}")
    follow(page, number)
    return page


def _exported(portal: Portal, offer: str, out: Path) -> set[str]:
    """Export an offer's shortlist. Return the numbers on it."""
    # In the shell of the other scenes: a command of its own would start Django again, each time.
    arguments = ["export_shortlist", "--offer", offer, "--format", "xlsx", "--out", str(out)]
    printed = portal.made_by(f"from django.core.management import call_command; call_command(*{arguments!r})")
    cells = [str(cell.value) for row in openpyxl.load_workbook(out).worksheets[0].iter_rows() for cell in row]
    numbers = {text for text in cells if RECEIPT_NUMBER.fullmatch(text)}
    assert printed["rows"] == len(numbers)
    return numbers


def test_the_demonstration_runs_one_submission_from_end_to_end(portal: Portal) -> None:
    said = portal.said()
    number = RECEIPT_NUMBER.search(said)
    assert number is not None
    mail = portal.mails_to("camille.tremblay@exemple.invalid", count=2)
    assert number[0] in str(mail[0]["Subject"])
    (dossier,) = (portal.data_dir / "media" / "dossiers").glob(f"{number[0]}*.pdf")
    with pikepdf.open(dossier) as pdf:
        assert len(pdf.pages) > 4
    sheet = openpyxl.load_workbook(portal.data_dir / "demonstration" / "shortlist.xlsx").worksheets[0]
    assert number[0] in [str(cell.value) for row in sheet.iter_rows() for cell in row]


def test_a_submission_filed_on_a_phone_reaches_the_shortlist(
    visit: Visit, portal: Portal, tmp_path: Path
) -> None:
    candidate = Candidate(address="maelle@exemple.invalid")
    number = _apply(visit, portal, candidate, tmp_path)

    reviewer = _work(visit, portal, "reviewer", number)
    expect(reviewer.get_by_role("heading", level=1)).to_contain_text("D’Amours-Ouellet")
    for choice in reviewer.get_by_label("4 —").all():
        choice.check()
    reviewer.locator("textarea").fill("Parcours solide.")
    press(reviewer, "Remettre mon évaluation")
    expect(reviewer.locator("body")).to_contain_text("Votre évaluation est remise.")
    press(reviewer, "Mettre à l’étude")
    expect(reviewer.locator("body")).to_contain_text(f"{number} est maintenant dans l’état « À l’étude »")

    staff = _work(visit, portal, "staff", number)
    out = tmp_path / "liste.xlsx"
    before = _exported(portal, number[:8], out)
    assert before
    assert number not in before
    press(staff, "Présélectionner")
    expect(staff.locator("body")).to_contain_text(f"{number} est maintenant dans l’état « Présélectionnée »")
    assert _exported(portal, number[:8], out) == before | {number}
    cells = [str(cell.value) for row in openpyxl.load_workbook(out).worksheets[0].iter_rows() for cell in row]
    assert any("D’Amours-Ouellet" in text for text in cells)

    # The mails travel meanwhile.
    receipt, dossier = portal.mails_to(candidate.address, count=2)
    assert number in str(receipt["Subject"])
    attached = [part for part in dossier.iter_attachments() if part.get_content_type() == "application/pdf"]
    with pikepdf.open(io.BytesIO(attached[0].get_content())) as pdf:
        assert len(pdf.pages) > 4


@pytest.mark.full
def test_an_application_is_filed_without_javascript(visit: Visit, portal: Portal, tmp_path: Path) -> None:
    candidate = Candidate(address="sans-script@exemple.invalid", first_name="Noé", last_name="Ó Briain")
    number = _apply(visit, portal, candidate, tmp_path, javascript=False)
    for mail in portal.mails_to(candidate.address, count=2):
        assert number in str(mail["Subject"])
