"""A published text becomes an open offer: imported, settled, published, checked without an account, applied to."""

from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.application import answer, begin, sign_in
from tests.journeys.conftest import Visit
from tests.journeys.page_actions import click_and_wait, follow, press
from tests.journeys.portal import Portal

pytestmark = pytest.mark.browser

STAFF = """
import json
from django.conf import settings
from tests.factories.people import client_of, make_staff
name = settings.SESSION_COOKIE_NAME
print(json.dumps([name, client_of(make_staff(email="pupitre@exemple.invalid")).cookies[name].value]))
"""
MONTHS = [
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
]  # fmt: skip
TODAY = datetime.now(tz=UTC).date()
TEXT = """\
Accueil / Emploi

No {number}

Stage à l’Organisation mondiale des musées (OMM)

Domaine : Patrimoine numérique
Dates du stage : Du {starts} au {ends}
Allocation financière accordée : 15 000,00 $ CA
Lieu : Genève, Suisse
Date limite d’inscription : {closes}

Mandat de l’organisation

L’OMM conseille les musées du monde entier.

Description des tâches et des responsabilités

• Décrire des collections.

Compétences et expérience requises

• Connaître le milieu des musées ; parler italien est un atout.

Admissibilité

• Avoir entre 20 et 30 ans à la date de début du stage.
• Être domicilié(e) au Québec.
• Aimer les musées plus que tout.
• Ne jamais avoir participé au Programme de stages en organisations internationales gouvernementales.

Pour toute question

Direction du patrimoine
Téléphone : 418 555-0143
Courriel : musees@exemple.invalid
"""


def _french_day(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _text(number: str) -> str:
    """Return a text whose offer closes on a Sunday in two months, for a stage from a Monday to a Friday."""
    closes = TODAY + timedelta(days=60)
    closes += timedelta(days=6 - closes.weekday())
    starts = closes + timedelta(weeks=12, days=1)
    ends = starts + timedelta(weeks=26, days=-3)
    return TEXT.format(
        number=number, closes=_french_day(closes), starts=_french_day(starts), ends=_french_day(ends)
    )


def _publish(page: Page, number: str) -> None:
    """Import the text, settle its open points, and publish the offer."""
    page.get_by_label("Texte de l’offre").fill(_text(number))
    press(page, "Importer")
    expect(page.locator("#a-regler")).to_be_visible()
    expect(page.get_by_text("Aimer les musées plus que tout").first).to_be_visible()
    follow(page, "Publier")
    expect(page.get_by_text("Pas encore possible")).to_be_visible()
    follow(page, "Revenir à l’offre")
    points = page.get_by_label("Explication")
    expect(points.first).to_be_visible()
    for left in reversed(range(points.count())):
        points.first.fill("Une personne en jugera à l’entrevue.")
        click_and_wait(page.get_by_role("button", name="Réglé").first)
        expect(points).to_have_count(left)
    act = page.locator(".desk-act button[type=submit]")
    follow(page, "Confirmer le courriel")
    click_and_wait(act)
    expect(page.get_by_role("link", name="Confirmer le courriel")).to_have_count(0)
    expect(act).to_have_count(0)
    follow(page, "Publier")
    click_and_wait(act)
    expect(page.get_by_text("Ouverte")).to_be_visible()


@pytest.mark.full
def test_an_imported_text_becomes_an_offer_to_check_and_apply_to(visit: Visit, portal: Portal) -> None:
    cookie = tuple(portal.made_by(STAFF))
    number = "2091-044"
    _publish(visit("/admin/offers/offer/importer/", cookies=[cookie], width=1280), number)

    page = visit(f"/offres/{number}/")
    expect(page.get_by_text("Patrimoine numérique").first).to_be_visible()
    click_and_wait(page.get_by_role("link", name="Vérifier mon admissibilité").first)
    expect(page.get_by_role("heading", level=1)).to_have_text("Vérifier mon admissibilité")
    expect(page.get_by_text("Études")).to_have_count(0)  # this offer has no criterion on studies
    page.get_by_label("Date de naissance").fill(f"4 mai {TODAY.year - 40}")
    page.get_by_label("Dans quelle province").select_option("QC")
    answer(page, past_participant=False)
    check = page.locator("main").get_by_role("button", name="Vérifier").last
    click_and_wait(check)
    expect(page.get_by_text("Non respecté").first).to_be_visible()
    expect(page.get_by_text("Avoir entre 20 et 30 ans").first).to_be_visible()
    page.get_by_label("Date de naissance").fill(f"4 mai {TODAY.year - 25}")
    click_and_wait(check)
    expect(page.get_by_text("Non respecté")).to_have_count(0)

    press(page, "Commencer ma candidature avec ces réponses")
    sign_in(page, portal, "musees@candidate.invalid")
    begin(page)
    expect(page.get_by_text("Brouillon — non déposée")).to_be_visible()
    follow(page, "Identité")
    expect(page.get_by_label("Date de naissance")).to_have_value(f"4 mai {TODAY.year - 25}")
