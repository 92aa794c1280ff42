"""Two reviewers on one file: which one has a claim, what is refused during the claim, and that typed text is kept."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import Visit
from tests.journeys.page_actions import click_and_wait, follow, press
from tests.journeys.portal import Portal

pytestmark = pytest.mark.browser

STATUS = "#critere-2"  # the citizenship, in the demonstration's rulebook


def _scene(portal: Portal) -> dict[str, list[str]]:
    found: dict[str, list[str]] = portal.made_by(
        "from tests.journeys.scene import make_file_of_two; make_file_of_two()"
    )
    return found


def _verify(page: Page, outcome: str, note: str) -> Locator:
    """Fill in the verification of the citizenship and send it. Return its element on the page."""
    finding = page.locator(STATUS)
    finding.locator("summary").first.click()
    finding.get_by_label(outcome).check()
    finding.get_by_label("Précision").fill(note)
    click_and_wait(finding.get_by_role("button", name="Enregistrer la vérification"))
    return finding


@pytest.mark.full
def test_the_claim_of_one_reviewer_blocks_another_and_keeps_typed_text(visit: Visit, portal: Portal) -> None:
    scene = _scene(portal)
    address = f"/admin/candidatures/{scene['public_id']}/"
    first_name, second_name = scene["names"]
    first, second = (
        visit(address, width=width, javascript=javascript, cookies=[tuple(session)])
        for session, width, javascript in zip(scene["sessions"], (1280, 360), (True, False), strict=True)
    )
    press(first, "Prendre en charge")
    hand = first.get_by_role("region", name="Prise en charge")
    expect(hand).to_contain_text("Vous avez pris ce dossier en charge")

    second.reload()
    expect(second.get_by_role("region", name="Prise en charge")).to_contain_text(
        f"Pris en charge par {first_name}"
    )
    press(second, "Mettre à l’étude")
    expect(second.get_by_role("alert")).to_contain_text(f"pris en charge par {first_name}")
    follow(second, "Annuler")
    finding = _verify(second, "Confirmé", "Passeport vu à l’entrevue.")
    expect(finding.get_by_role("alert")).to_contain_text(f"pris en charge par {first_name}")
    expect(finding.get_by_label("Précision")).to_have_value("Passeport vu à l’entrevue.")
    expect(finding.get_by_label("Confirmé")).to_be_checked()
    click_and_wait(finding.get_by_role("button", name="Prendre en charge et enregistrer"))
    expect(second.locator("body")).to_contain_text("1 constat sur 8 confirmé.")
    expect(second.locator("body")).to_contain_text("« Retenir » reste impossible")

    # The first reviewer's page is outdated: it shows that first, then that another user has claimed the file.
    finding = _verify(first, "Contredit", "La carte est échue.")
    expect(finding.get_by_role("alert")).to_contain_text(f"{second_name} a vérifié ce constat")
    expect(finding).to_contain_text("Passeport vu à l’entrevue.")
    expect(hand).to_contain_text(f"Pris en charge par {second_name}")
    click_and_wait(finding.get_by_role("button", name="Enregistrer la vérification"))
    expect(finding.get_by_role("alert")).to_contain_text(f"pris en charge par {second_name}")
    expect(finding.get_by_label("Précision")).to_have_value("La carte est échue.")

    press(second, "Libérer le dossier")
    expect(second.locator("body")).to_contain_text("Le dossier est libéré")
    click_and_wait(finding.get_by_role("button", name="Enregistrer la vérification"))
    expect(first.locator("body")).to_contain_text("1 contredit par un document.")
    expect(hand).to_contain_text("Vous avez pris ce dossier en charge")
