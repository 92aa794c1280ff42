"""After closing, staff extend the deadline of one candidate, who files; another candidate cannot file."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.factories.submissions import ALL_DECLARATIONS
from tests.journeys.axe import assert_accessible
from tests.journeys.conftest import Visit
from tests.journeys.late_scenes import REASON
from tests.journeys.page_actions import click_and_wait, follow, press
from tests.journeys.portal import RECEIPT_NUMBER, Portal

pytestmark = pytest.mark.browser


@pytest.fixture
def closed(portal: Portal) -> dict[str, Any]:
    """Two complete drafts on an offer that has just closed."""
    found: dict[str, Any] = portal.made_by(
        "from tests.journeys.late_scenes import make_closing; make_closing('theirs', 'other')"
    )
    time.sleep(max(0.0, found["closes_at"] - time.time() + 0.5))
    return found


def _press_the_button_of_before(page: Page, seen: str) -> None:
    """Send the request of a button on a page that was opened before the closing."""
    with page.expect_navigation():
        page.evaluate(
            """fields => {
                const form = document.querySelector(".account-nav form").cloneNode(true);
                form.action = location.pathname.replace("verifier", "deposer");
                for (const [name, value] of Object.entries(fields)) {
                    const box = document.createElement("input");
                    Object.assign(box, {type: "hidden", name, value});
                    form.append(box);
                }
                document.body.append(form);
                form.submit();
            }""",
            dict.fromkeys(sorted(ALL_DECLARATIONS), "on") | {"seen": seen},
        )


@pytest.mark.full
def test_only_the_candidate_with_a_personal_extension_files_after_closing(
    visit: Visit, portal: Portal, closed: dict[str, Any]
) -> None:
    mine, other = closed["theirs"], closed["other"]
    for one in (mine, other):
        page = visit(f"/candidatures/{one['public_id']}/", cookies=[one["session"]])
        expect(page.locator(".band")).to_contain_text("Les inscriptions ont fermé")

    staff = visit(f"/admin/offres/{closed['offer']}/delais/", width=1280, cookies=[closed["staff"]])
    staff.get_by_label("Adresse courriel ou nom").fill(mine["address"].partition("@")[0])
    press(staff, "Chercher")
    click_and_wait(staff.locator(".desk-people a").first)
    staff.get_by_label("Date limite personnelle").fill((timezone.localdate() + timedelta(days=3)).isoformat())
    staff.get_by_label("Motif").fill(REASON)
    press(staff, "Voir les effets")
    expect(staff.locator(".desk-agree")).to_contain_text("pourra déposer jusqu’au")
    press(staff, "Accorder cette prolongation")
    expect(staff.locator(".desk-given")).to_contain_text(mine["address"])

    page = visit(f"/offres/{closed['offer']}/", cookies=[mine["session"]])
    expect(page.locator("main")).to_contain_text("Votre date limite personnelle")
    click_and_wait(page.get_by_role("link", name="Continuer ma candidature").first)
    expect(page.locator(".band")).to_contain_text("Votre date limite personnelle")
    expect(page.locator("main")).to_contain_text(REASON)
    follow(page, "Vérifier et déposer")
    for box in page.locator("form input[type=checkbox]").all():
        box.check()
    press(page, "Déposer ma candidature")
    expect(page.get_by_role("heading", level=1)).to_have_text("Candidature déposée")
    assert RECEIPT_NUMBER.search(page.locator("main").inner_text())
    expect(page.locator("main")).to_contain_text("Date limite personnelle")
    portal.mail_about(mine["address"], "date limite personnelle")
    mails = portal.mails_to(mine["address"], count=3)
    assert REASON not in "".join(mail.as_string() for mail in mails)

    page = visit(f"/offres/{closed['offer']}/", cookies=[other["session"]])
    expect(page.locator("main")).not_to_contain_text("date limite personnelle")
    page.goto(f"{portal.url}/candidatures/{other['public_id']}/verifier/")
    expect(page.locator("main")).to_contain_text("Les inscriptions ont fermé")
    expect(page.get_by_role("button", name="Déposer ma candidature")).to_have_count(0)
    _press_the_button_of_before(page, other["seen"])
    expect(page.get_by_role("heading", level=1)).to_have_text("Candidature non déposée")
    expect(page.get_by_role("alert")).to_contain_text("Heure officielle de votre demande")
    assert page.evaluate("document.documentElement.scrollWidth <= 360")
    assert_accessible(page)
    follow(page, "Relire mes réponses et mes documents")
    expect(page.locator("main")).to_contain_text("restent lisibles ici")
