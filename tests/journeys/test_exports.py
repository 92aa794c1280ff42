"""Staff export the archive of a frozen list: order it, follow it and download it, with and without a script."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visit
from tests.journeys.page_actions import click_and_wait
from tests.journeys.portal import Portal

pytestmark = [pytest.mark.browser, pytest.mark.full]


@pytest.fixture
def frozen(portal: Portal) -> dict[str, Any]:
    """A frozen list of two, and the session of a user who may export it."""
    found: dict[str, Any] = portal.made_by(
        "from tests.journeys.scene import make_frozen_list; make_frozen_list()"
    )
    return found


_SCROLLED_TABLES = """() => [...document.querySelectorAll(".review-scroll")]
  .filter((table) => table.scrollWidth > table.clientWidth).map((table) => table.getAttribute("aria-label"))"""
_LOWEST_ROW = 640
"""Lowest place of the queue's first row, in CSS pixels, on a window of 1280 by 800: five rows or more are visible."""


def ask(page: Page) -> None:
    page.locator("#id_reason").fill("Envoi à l’organisation hôte")
    click_and_wait(page.get_by_role("button", name="Dossiers PDF (ZIP)"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Fichier de la liste de présélection")


@pytest.mark.parametrize("javascript", [True, pytest.param(False, marks=pytest.mark.full)])
def test_an_ordered_archive_becomes_ready_and_matches_the_export_history(
    visit: Visit, frozen: dict[str, Any], tmp_path: Path, *, javascript: bool
) -> None:
    page = visit(frozen["path"], cookies=[frozen["session"]], javascript=javascript)
    ask(page)
    ready = page.get_by_role("heading", name="Le fichier est prêt")
    if javascript:
        expect(ready).to_be_visible()
    else:
        for _look in range(60):
            if ready.is_visible():
                break
            page.wait_for_timeout(500)
            click_and_wait(page.get_by_role("link", name="Actualiser"))
        expect(ready).to_be_visible()
    digest = page.locator("code").inner_text()
    with page.expect_download() as started:
        page.get_by_role("link", name="Télécharger (ZIP").click()
    archive = tmp_path / "archive.zip"
    started.value.save_as(archive)
    assert hashlib.sha256(archive.read_bytes()).hexdigest() == digest
    click_and_wait(page.get_by_role("link", name="Revenir à la liste"))
    expect(page.locator("td code").first).to_have_text(digest)
    assert page.evaluate(_SCROLLED_TABLES) == []  # the list and its exports, on a phone
    click_and_wait(page.get_by_role("link", name="ZIP, en-têtes en français, "))
    expect(ready).to_be_visible()


def test_the_first_rows_of_the_queue_are_on_the_first_screen(visit: Visit, frozen: dict[str, Any]) -> None:
    number = frozen["path"].split("/")[3]
    page = visit(f"/admin/submissions/submission/?offre={number}", width=1280, cookies=[frozen["session"]])
    summary = page.get_by_role("region", name="Liste de présélection")
    for link in ("Figer la liste…", "Classement", "Liste de réserve", "liste 1, "):
        expect(summary.get_by_role("link", name=link)).to_be_visible()
    row = page.locator("#result_list tbody tr").first.bounding_box()
    assert row is not None
    assert row["y"] <= _LOWEST_ROW
    summary.get_by_text("Exporter la liste actuelle…").click()
    expect(summary.get_by_role("button", name="Dossiers PDF (ZIP)")).to_be_visible()
