"""The pages of a personal deadline: staff find the candidate and read the preview; only the candidate sees it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from intake.accounts.models import User
from intake.submissions.models import Draft, PersonalExtension
from offers.models import Offer
from tests.database_roles import without_triggers
from tests.factories.people import client_of, make_staff, make_user
from tests.factories.review import make_conflict, make_filed, make_reviewer
from tests.factories.submissions import close_offer, make_draft, make_extension, make_open_offer
from tests.submissions.pages import between, browser_of, pressed, text_of, url

pytestmark = pytest.mark.django_db


def _give_to(offer: Offer, person: User) -> str:
    return reverse("extensions:give", args=[offer.number, person.public_id])


def _later(offer: Offer, days: int = 7) -> date:
    return offer.closes_on + timedelta(days=days)


def _extend(offer: Offer, person: User, **options: Any) -> PersonalExtension:
    return make_extension(offer, person, reason="Réseau en panne chez elle.", **options)


def _closed_but_for(person: User) -> Offer:
    """A closed offer with a personal extension of one week for `person` only."""
    offer = make_open_offer()
    close_offer(offer, seconds_ago=3600)
    _extend(offer, person)
    return offer


# -- Staff ----------------------------------------------------------------------------------------------------------
def test_the_page_of_an_offer_links_to_its_personal_deadlines(offer: Offer) -> None:
    address = reverse("extensions:offer", args=[offer.number])
    desk = reverse("admin:offers_offer_change", args=[offer.pk])
    assert address in client_of(make_staff()).get(desk).content.decode()


@pytest.mark.parametrize(
    "words", ["nadia.b", "NADIA.B@exemple.invalid", "Belanger", "nadia bél", "BÉLANGER Nadia"]
)
def test_a_candidate_is_found_by_start_of_address_or_by_name(offer: Offer, words: str) -> None:
    person = make_user("nadia.b@exemple.invalid")
    make_draft(offer=offer, candidate=person, documents=False, first_name="Nadia", last_name="Bélanger")
    make_draft(offer=offer, documents=False)
    answer = client_of(make_staff()).post(reverse("extensions:offer", args=[offer.number]), {"words": words})
    assert [found.user for found in answer.context["found"]] == [person]
    assert "brouillon non déposé" in text_of(answer.content)
    assert _give_to(offer, person) in answer.content.decode()


def test_a_user_without_a_draft_is_found_by_address_and_staff_are_not(offer: Offer) -> None:
    staff, person = (
        make_staff(email="meme-debut-1@exemple.invalid"),
        make_user("meme-debut-2@exemple.invalid"),
    )
    answer = client_of(staff).post(reverse("extensions:offer", args=[offer.number]), {"words": "meme-debut"})
    assert [found.user for found in answer.context["found"]] == [person]
    assert "aucun brouillon" in text_of(answer.content)
    none = client_of(staff).post(reverse("extensions:offer", args=[offer.number]), {"words": "inconnue@"})
    assert "Personne ne correspond." in text_of(none.content)


def test_each_impossible_extension_is_explained_on_the_page(offer: Offer) -> None:
    staff, person = client_of(make_staff()), make_user()
    address = _give_to(offer, person)
    seen = staff.get(address).context["form"]["seen"].value()
    confirmed = {"reason": "Panne.", "seen": seen, "confirm": "1"}
    wrong = staff.post(address, confirmed | {"closes_on": ""})
    assert wrong.status_code == 422
    too_late = staff.post(address, confirmed | {"closes_on": offer.starts_on.isoformat()})
    assert too_late.status_code == 422
    assert "Le stage commence le" in text_of(too_late.content)
    day = offer.closes_on.isoformat()
    read = staff.post(address, confirmed | {"closes_on": day, "agreed": ""})
    refused = staff.post(address, confirmed | {"closes_on": day, "agreed": read.context["agreed"]})
    assert refused.status_code == 422
    assert "une prolongation doit fermer plus tard que maintenant et que la fermeture prévue" in text_of(
        refused.content
    )
    assert not PersonalExtension.objects.exists()
    _extend(offer, person)
    day = _later(offer, 9).isoformat()
    read = staff.post(address, confirmed | {"closes_on": day})
    overtaken = staff.post(address, confirmed | {"closes_on": day, "agreed": read.context["agreed"]})
    assert overtaken.status_code == 422
    assert "a changé entre-temps" in text_of(overtaken.content)
    assert PersonalExtension.objects.count() == 1


def test_a_user_in_conflict_neither_reads_nor_grants_extensions(offer: Offer) -> None:
    staff, submission = make_staff(), make_filed(offer)
    _extend(offer, submission.candidate)
    make_conflict(submission, staff)
    browser, other = client_of(staff), client_of(make_staff())
    words = {"words": submission.candidate.email}
    page = browser.post(reverse("extensions:offer", args=[offer.number]), words)
    shown = other.post(reverse("extensions:offer", args=[offer.number]), words)
    assert [found.user for found in shown.context["found"]] == [submission.candidate]
    assert not page.context["found"]
    typed = f'value="{submission.candidate.email}"'
    assert submission.candidate.email in shown.content.decode().replace(typed, "")
    assert submission.candidate.email not in page.content.decode().replace(typed, "")
    assert other.get(_give_to(offer, submission.candidate)).status_code == 200
    assert browser.get(_give_to(offer, submission.candidate)).status_code == 404


def test_the_list_runs_as_many_queries_for_three_rows(offer: Offer) -> None:
    browser, address = client_of(make_staff()), reverse("extensions:offer", args=[offer.number])

    def queries() -> int:
        browser.post(address, {"words": "personne"})
        with CaptureQueriesContext(connection) as captured:
            page = browser.post(address, {"words": "personne"})
        assert page.content.decode().count("Réseau en panne chez elle.") == PersonalExtension.objects.count()
        assert len(page.context["found"]) == PersonalExtension.objects.count()
        return len(captured)

    _extend(offer, make_draft(offer=offer, documents=False).submission.candidate)
    one = queries()
    for _time in range(2):
        _extend(offer, make_draft(offer=offer, documents=False).submission.candidate)
    assert queries() == one


# -- The candidate --------------------------------------------------------------------------------------------------
def test_a_candidate_reads_the_extension_on_every_page_and_files() -> None:
    person = make_user()
    offer = _closed_but_for(person)
    browser = client_of(person)
    page = text_of(browser.get(offer.get_absolute_url()).content)
    for words in ("Votre date limite personnelle :", "Ouverte pour vous", "Postuler"):
        assert words in page
    assert "Fermée" not in page
    draft = make_draft(offer=offer, candidate=person)
    review = text_of(browser.get(url("review", draft)).content)
    assert "Votre date limite personnelle :" in between(review, 'id="depot-title"', "</form>")
    assert "Réseau en panne chez elle." in text_of(browser.get(url("tasks", draft)).content)
    assert browser.get(url("section", draft, "identite")).status_code == 200
    filed = browser.post(url("file", draft), pressed(draft), follow=True)
    assert "Votre date limite personnelle est le" in text_of(filed.content)


def test_an_extension_is_invisible_to_other_users() -> None:
    person = make_user()
    offer = _closed_but_for(person)
    theirs = make_draft(offer=make_open_offer(), candidate=make_user())
    assert "date limite personnelle" in text_of(client_of(person).get(offer.get_absolute_url()).content)
    for browser in (Client(), browser_of(theirs)):
        page = text_of(browser.get(offer.get_absolute_url()).content)
        assert "date limite personnelle" not in page.lower()
        assert "Réseau en panne" not in page


def test_a_committee_reads_the_deadline_and_never_its_reason() -> None:
    person = make_user()
    offer = _closed_but_for(person)
    submission = make_filed(offer, candidate=person)
    page = client_of(make_reviewer(offer)).get(reverse("review:file", args=[submission.public_id]))
    assert "Prolongation personnelle accordée." in text_of(page.content)
    assert "Réseau en panne" not in page.content.decode()


def test_a_personal_deadline_that_is_over_closes_the_pages_again() -> None:
    person = make_user()
    offer = make_open_offer()
    draft = make_draft(offer=offer, candidate=person, documents=False)
    _extend(offer, person)
    close_offer(offer, seconds_ago=3 * 24 * 3600)
    page = text_of(browser_of(Draft.objects.get(pk=draft.pk)).get(url("tasks", draft)).content)
    assert "Vérifier et déposer" in page
    with without_triggers("submissions_personalextension") as cursor:
        cursor.execute(
            "UPDATE submissions_personalextension SET closed_at_before = '2000-01-01',"
            " closes_at = clock_timestamp() - interval '1 minute'"
        )
    page = text_of(browser_of(Draft.objects.get(pk=draft.pk)).get(url("tasks", draft)).content)
    assert "Votre date limite personnelle était le" in page
    assert "Vérifier et déposer" not in page
