"""A decision: prepared by one staff member, approved by another, and read twice by its candidate."""

import json
import re
from email.message import EmailMessage

import pytest
from playwright.sync_api import expect

from tests.journeys.application import sign_in
from tests.journeys.conftest import Visit
from tests.journeys.page_actions import follow, press
from tests.journeys.portal import Portal

pytestmark = pytest.mark.browser

WORDS = "Par visioconférence, le 12 mai 2027 à 10 h (heure de l’Est, Québec)."
MAKE = """
import json
from tests.factories.people import make_staff, make_user
from tests.factories.review import make_shortlisted
from tests.factories.submissions import make_open_offer
from tests.journeys.scene import make_staff_session
row = make_shortlisted(
    make_open_offer(number="2031-120"),
    candidate=make_user("{address}"),
    staff=make_staff(email="celle-qui-note@exemple.invalid"),
    first_name="Ada",
    last_name="Ouellet",
)
print(json.dumps([row.standing_filing.receipt.number, str(row.public_id)]))
make_staff_session()
make_staff_session()
"""


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return " ".join(str(body.get_content()).split())


@pytest.mark.full
def test_an_invitation_is_prepared_approved_by_another_and_read(visit: Visit, portal: Portal) -> None:
    address = "ada@exemple.invalid"
    made = portal.shell.ask(MAKE.format(address=address))
    (number, public_id), first, other = (json.loads(line) for line in made.splitlines()[-3:])

    candidate = visit(f"/candidatures/{public_id}/suivi/")
    sign_in(candidate, portal, address)
    expect(candidate.get_by_role("heading", level=1)).to_have_text("Suivi de ma candidature")

    queue = "/admin/submissions/submission/?offre=2031-120"
    preparer = visit(queue, width=1280, javascript=False, cookies=[first])
    follow(preparer, number)
    follow(preparer, "Convoquer en entrevue…")
    expect(preparer.get_by_role("checkbox", name="Ouellet, Ada")).to_be_checked()
    press(preparer, "Préparer, et lire les messages")
    expect(preparer.get_by_role("alert")).to_contain_text("Une convocation donne le lieu")
    preparer.get_by_label("Message commun").fill(WORDS)
    press(preparer, "Préparer, et lire les messages")
    expect(preparer.locator("#content")).to_contain_text("une autre personne doit approuver")
    tried = " ".join(preparer.locator(".decision-letter").inner_text().split())
    assert WORDS in tried
    page = preparer.url

    candidate.reload()
    expect(candidate.locator("body")).not_to_contain_text("visioconférence")

    second = visit(page, width=1280, cookies=[other])
    second.get_by_label("Maintenant").check()
    press(second, "Approuver et annoncer")
    expect(second.locator("body")).to_contain_text("nous envoyons les messages maintenant")

    mail = portal.mail_about(address, "convocation à une entrevue")
    assert str(mail["Subject"]).startswith("2031-120")
    assert re.sub(r"\s+", " ", _text(mail)) == tried
    candidate.reload()
    expect(candidate.locator("main")).to_contain_text("Convocation à l’entrevue")
    expect(candidate.locator("main")).to_contain_text("visioconférence")
    second.reload()
    expect(second.locator("body")).to_contain_text("Annoncée")
