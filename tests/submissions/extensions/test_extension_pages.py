"""The pages of a personal deadline: staff find the candidate and read the preview; only the candidate sees it."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.submissions.extensions.queries import candidate_result, search_candidates
from intake.submissions.models import Draft, PersonalExtension, Submission
from intake.submissions.models.filing_window import FilingWindow
from offers.date_formats import format_closing
from offers.models import Offer
from offers.services.lifecycle import extended_instant
from tests.database_roles import without_triggers
from tests.factories.offers import cancel_offer
from tests.factories.offers import make_draft as make_offer_draft
from tests.factories.people import client_of, make_profile, make_staff, make_user
from tests.factories.review import make_conflict, make_filed, make_reviewer
from tests.factories.submissions import close_offer, make_draft, make_extension, make_filing, make_open_offer
from tests.submissions.pages import between, browser_of, pressed, text_of, url, view_context

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


@pytest.mark.parametrize("words", ["NADIA.B@exemple.invalid", "BÉLANGER Nadia"])
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


def _extend_for(offer: Offer, person: User, *, days: int = 7) -> PersonalExtension:
    return make_extension(offer, person, days=days, reason=f"Panne de {days} jours.")


def _list_of(offer: Offer) -> str:
    return reverse("extensions:offer", args=[offer.number])


# -- Search -----------------------------------------------------------------------------------------------------------
def test_found_candidates_are_listed_by_address_with_their_submission(offer: Offer) -> None:
    third, first, second = (make_user(f"trouve-{rank}@exemple.invalid") for rank in "cab")
    make_profile(first, first_name="Anaïs", last_name="Roy")
    filed = make_filing(offer=offer, candidate=second).filing.submission
    _extend_for(offer, third, days=5)
    later = _extend_for(offer, third, days=9)
    _extend_for(make_open_offer(), first, days=3)
    asker = make_staff()
    found = search_candidates(offer, "trouve-", asker=asker)
    submission = Submission.objects.get(pk=filed.pk)
    assert [(row.user, row.name, row.submission, row.window) for row in found] == [
        (first, "Anaïs Roy", None, FilingWindow(offer)),
        (second, "Alex Tremblay-Nguyễn", submission, FilingWindow(offer)),
        (third, "", None, FilingWindow(offer, later.closes_at)),
    ]
    assert candidate_result(offer, second) == found[1]
    assert candidate_result(offer, third).window.closes_at == later.closes_at


def test_a_name_search_finds_only_candidates_of_the_offer_by_every_term(offer: Offer) -> None:
    began, elsewhere = make_user(), make_user()
    make_draft(offer=offer, candidate=began, documents=False, first_name="Noémie", last_name="Côté")
    make_draft(candidate=elsewhere, documents=False, first_name="Noémie", last_name="Côté")
    asker = make_staff()
    for words, found in (("cote noemie", [began]), ("Côté", [began]), ("noemie roy", []), ("noemi", [began])):
        assert [row.user for row in search_candidates(offer, words, asker=asker)] == found, words
    User.objects.filter(pk=began.pk).update(is_active=False)
    assert search_candidates(offer, "Côté", asker=asker) == []


def test_at_most_twenty_candidates_are_found_and_more_are_announced(offer: Offer) -> None:
    User.objects.bulk_create(User(email=f"foule-{rank:02}@exemple.invalid") for rank in range(20))
    client = client_of(make_staff())
    twenty = view_context(client.post(_list_of(offer), {"words": "foule"}))
    assert (len(twenty["found"]), twenty["at_most"]) == (20, 20)
    User.objects.filter(email="foule-00@exemple.invalid").update(is_active=False)
    nineteen = view_context(client.post(_list_of(offer), {"words": "foule"}))
    assert (len(nineteen["found"]), nineteen["at_most"]) == (19, 0)
    User.objects.bulk_create(User(email=f"foule-{rank:02}@exemple.invalid") for rank in range(20, 25))
    many = view_context(client.post(_list_of(offer), {"words": "foule"}))
    assert [row.user.email[6:8] for row in many["found"]] == [f"{rank:02}" for rank in range(1, 21)]


# -- The list ---------------------------------------------------------------------------------------------------------


def test_both_closings_of_an_extension_are_listed_on_the_clock_of_the_offer() -> None:
    offer = make_open_offer(time_zone="America/Vancouver")
    _extend_for(offer, make_user())
    page = text_of(client_of(make_staff()).get(_list_of(offer)).content)
    (said,) = re.findall(r"Jusqu’au .*?, au lieu du .*?\)\.", page)
    assert said.count("(heure du Pacifique)") == 2


def test_a_cancelled_offer_lists_extensions_and_grants_none(offer: Offer) -> None:
    staff = make_staff()
    cancel_offer(offer=offer, author=staff, reason="Fin.", at=timezone.now())
    given = view_context(client_of(staff).get(_list_of(offer)))
    assert (given["may_give"], given["found"]) == (False, [])


def test_an_unpublished_or_unknown_offer_has_no_page_of_deadlines() -> None:
    staff = client_of(make_staff())
    unpublished = make_offer_draft()
    Offer.objects.filter(pk=unpublished.pk).update(number="ZZ-9")
    assert {
        staff.get(reverse("extensions:offer", args=[number])).status_code for number in ("ZZ-9", "AUCUNE-1")
    } == {404}


# -- Extending --------------------------------------------------------------------------------------------------------
def _read(client: Client, offer: Offer, person: User, *, days: int = 7, **more: str) -> Any:
    address = _give_to(offer, person)
    seen = client.get(address).context["form"]["seen"].value()
    day = (offer.closes_on + timedelta(days=days)).isoformat()
    return client.post(address, {"closes_on": day, "reason": "Panne.", "seen": seen} | more)


def _plain(texts: list[str]) -> list[str]:
    return [text.replace("\u00a0", " ") for text in texts]


NO_DRAFT = "Cette personne n’a pas de brouillon pour cette offre : elle pourra en commencer un."
HAS_FILED = (
    "Cette personne a déjà déposé : elle pourra modifier sa candidature, si l’état de son dossier le permet."
)


@pytest.mark.parametrize(
    "begun, over, consequences",
    [
        ("nothing", False, ["Sa date limite actuelle est le {before}.", NO_DRAFT]),
        ("draft", False, ["Sa date limite actuelle est le {before}."]),
        ("draft", True, ["Sa date limite est passée depuis le {before} : ses pages rouvriront."]),
        ("filed", False, ["Sa date limite actuelle est le {before}.", HAS_FILED]),
    ],
)
def test_the_consequences_of_an_extension_are_previewed(
    offer: Offer, begun: str, consequences: list[str], *, over: bool
) -> None:
    person = make_user("visee@exemple.invalid")
    if begun == "filed":
        make_filing(offer=offer, candidate=person)
    elif begun == "draft":
        make_draft(offer=offer, candidate=person, documents=False)
    if over:
        close_offer(offer, seconds_ago=60)
    given = view_context(_read(client_of(make_staff()), offer, person))
    until = extended_instant(offer, offer.closes_on + timedelta(days=7))
    before = format_closing(offer.closes_at, offer.zone)
    first, *others = _plain(given["entails"])
    name = "visee@exemple.invalid" if begun == "nothing" else "Alex Tremblay-Nguyễn"
    assert first.startswith(name)
    assert _plain([format_closing(until, offer.zone)])[0] in first
    assert others[:-3] == _plain([text.format(before=before) for text in consequences])
    assert given["agreed"] == until.isoformat()
    assert not PersonalExtension.objects.exists()


def test_only_the_previewed_extension_is_granted_once_confirmed(offer: Offer) -> None:
    author, person = make_staff(), make_user()
    client = client_of(author)
    agreed = view_context(_read(client, offer, person))["agreed"]
    for more in ({"confirm": "1"}, {"agreed": agreed}, {"confirm": "1", "agreed": "x"}):
        assert _read(client, offer, person, **more).status_code == 200
    assert _read(client, offer, person, days=8, confirm="1", agreed=agreed).status_code == 200
    assert not PersonalExtension.objects.exists()
    done = _read(client, offer, person, confirm="1", agreed=agreed)
    assert (done.status_code, done.headers["Location"]) == (302, _list_of(offer))
    given = PersonalExtension.objects.get()
    assert (given.offer, given.candidate, given.author, given.reason) == (offer, person, author, "Panne.")
    assert given.closes_at.isoformat() == agreed


def test_a_repeated_extension_by_another_author_is_refused(offer: Offer) -> None:
    person, first, second = make_user(), client_of(make_staff()), client_of(make_staff())
    address = _give_to(offer, person)
    seen = first.get(address).context["form"]["seen"].value()
    sent = {"closes_on": (offer.closes_on + timedelta(days=7)).isoformat(), "reason": "Panne.", "seen": seen}
    sent |= {"confirm": "1", "agreed": view_context(first.post(address, sent))["agreed"]}
    assert [client.post(address, sent).status_code for client in (first, first, second)] == [302, 302, 422]
    other = sent | {"closes_on": (offer.closes_on + timedelta(days=8)).isoformat()}
    other["agreed"] = view_context(first.post(address, other))["agreed"]
    refused = first.post(address, other)
    assert refused.status_code == 422
    assert _plain([str(error) for error in refused.context["form"].non_field_errors()]) == [
        "La date limite de cette personne a changé entre-temps. Relisez : rien n’a changé."
    ]
    assert view_context(refused)["errors"] is True
    assert PersonalExtension.objects.count() == 1


def test_an_offer_cancelled_meanwhile_refuses_an_extension_with_a_message(offer: Offer) -> None:
    person, staff = make_user(), make_staff()
    client = client_of(staff)
    agreed = view_context(_read(client, offer, person))["agreed"]
    cancel_offer(offer=offer, author=staff, reason="Fin.", at=timezone.now())
    refused = _read(client, offer, person, confirm="1", agreed=agreed)
    assert refused.status_code == 422
    assert len(refused.context["form"].non_field_errors()) == 1
    assert [*refused.context["form"].errors] == ["__all__"]
    assert not PersonalExtension.objects.exists()
