"""Human review: the rules refuse, the candidate requests a review, staff rule, and the candidate reads the reason."""

from email.message import EmailMessage

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visit
from tests.journeys.page_actions import click_and_wait, follow, press
from tests.journeys.portal import RECEIPT_NUMBER, Portal

pytestmark = pytest.mark.browser

ASKED = "Mon acte de naissance, joint, dit 2001."
REASON = "L’acte de naissance dit bien 2001 ; la date du formulaire est une erreur de frappe."


def _file_under_reserve(page: Page) -> str:
    """Request the review on the page that refuses. Return the number of the filing."""
    expect(page.get_by_text("Non respecté")).to_be_visible()
    page.locator("[name=review_message]").fill(ASKED)
    for box in page.locator("form input[type=checkbox]").all():
        box.check()
    press(page, "Déposer et demander une révision")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Candidature déposée")
    found = RECEIPT_NUMBER.search(page.locator("body").inner_text())
    assert found is not None
    return found[0]


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return " ".join(str(body.get_content()).split())


def _staff_session(portal: Portal) -> tuple[str, str]:
    name, value = portal.made_by("from tests.journeys.scene import make_staff_session; make_staff_session()")
    return name, value


@pytest.mark.full
def test_a_refusal_is_overturned_and_the_candidate_reads_the_reason(visit: Visit, portal: Portal) -> None:
    draft = portal.made_by("from tests.journeys.drafts import make_drafts; make_drafts('reserve')")["reserve"]
    page = visit(f"{draft['path']}identite/", cookies=[draft["session"]])
    page.get_by_label("Date de naissance").fill("1er mai 1970")
    press(page, "Enregistrer et revenir à la liste")
    follow(page, "Vérifier et déposer")
    number = _file_under_reserve(page)
    (receipt, *_others) = portal.mails_to(draft["address"], count=1)
    assert "Révision demandée" in _text(receipt)
    expect(page.locator("body")).to_contain_text("révision demandée")

    staff = visit("/admin/", width=1280, cookies=[_staff_session(portal)])
    follow(staff, "à réviser")
    follow(staff, number)
    review = staff.get_by_role("region", name="Révision par une personne")
    expect(review).to_contain_text(ASKED)
    expect(review).to_contain_text("C’est le dernier critère à réviser")
    expect(staff.get_by_role("button", name="Mettre à l’étude")).to_have_count(0)
    judge = review.get_by_role("button", name="Enregistrer la décision")
    click_and_wait(judge)
    expect(review).to_contain_text("Inscrivez le motif")
    review.get_by_label("Écarter").check()
    review.get_by_label("Motif").fill(REASON)
    click_and_wait(judge)
    expect(staff.locator("body")).to_contain_text("Révision terminée")
    expect(review).to_contain_text(REASON)
    expect(staff.get_by_role("button", name="Mettre à l’étude")).to_be_visible()

    page.reload()
    expect(page.locator("body")).not_to_contain_text("révision demandée")
    assert REASON in (page.locator("body").text_content() or "")
    answer = portal.mail_about(draft["address"], "réponse à votre demande de révision")
    assert REASON in _text(answer)
