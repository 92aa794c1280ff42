"""A candidate with a draft sees the offer's changes on its pages until they acknowledge them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.devtools.demonstration.offers import CRITERIA
from intake.submissions.after_filing.operations import start_amendment
from intake.submissions.drafts.operations import start_draft
from intake.submissions.lifecycle.errors import DraftClosedError
from intake.submissions.models import Draft
from intake.submissions.offer_changes.operations import acknowledge_changes
from intake.submissions.offer_changes.queries import unread_changes_of
from offers.models import Offer, OfferChange
from offers.services.correcting import correct_offer
from offers.services.lifecycle import extend_deadline
from offers.services.rulebooks import publish_rulebook
from tests.factories.offers import cancel_offer
from tests.factories.people import make_user
from tests.factories.submissions import make_draft, make_filing, make_open_offer
from tests.submissions.pages import browser_of, text_of, url

pytestmark = pytest.mark.django_db

REASON = "Une erreur s’était glissée."


def correct(offer: Offer, author: User, **header: object) -> OfferChange:
    return correct_offer(
        offer=offer,
        author=author,
        reason=REASON,
        at=timezone.now(),
        header=header or {"place": "Genève, Suisse"},
    )


def extend(offer: Offer, author: User, *, days: int = 7) -> None:
    later = offer.closes_on + timedelta(days=days)
    extend_deadline(
        offer=offer, author=author, reason="Panne du portail.", closes_on=later, at=timezone.now()
    )


def lower_the_age(offer: Offer, author: User) -> None:
    criteria = [row | {"maximum": 20} if row["kind"] == "AGE" else row for row in CRITERIA]
    publish_rulebook(offer=offer, criteria=criteria, reason="Âge maximal.", author=author, at=timezone.now())


def cancel(offer: Offer, author: User) -> None:
    cancel_offer(offer=offer, author=author, reason="L’organisation s’est retirée.", at=timezone.now())


def read(draft: Draft, page: str, *args: object) -> str:
    answer = browser_of(draft).get(url(page, draft, *args))
    assert answer.status_code == 200
    return text_of(answer.content)


def kinds(draft: Draft) -> list[str]:
    draft = Draft.objects.get(pk=draft.pk)
    news = unread_changes_of(draft)
    return [told.change.kind for told in news.told] if news else []


def test_only_later_changes_of_the_own_offer_are_unread(author: User) -> None:
    offer = make_open_offer()
    correct(offer, author)
    draft = start_draft(candidate=make_user(), offer=offer)
    correct(make_open_offer(), author)
    assert kinds(draft) == []
    extend(offer, author)
    correct(offer, author, place="Berne, Suisse")
    assert kinds(draft) == ["CORRECTED", "EXTENDED"]


def test_every_page_of_a_draft_announces_a_correction_with_a_link(draft: Draft, author: User) -> None:
    offer = draft.submission.offer
    cv = offer.documents.get(kind="CV")
    correct(offer, author)
    for page, *args in (
        ("section", "identite"),
        ("section", "etudes"),
        ("documents",),
        ("document", cv.pk),
        ("document_remove", cv.pk),
    ):
        shown = read(draft, page, *args)
        assert "L’offre a été corrigée." in shown, page
        assert f'href="{url("tasks", draft)}#changements"' in shown, page
    for page in ("tasks", "review"):
        shown = read(draft, page)
        panel = shown.partition('id="changements"')[2].partition("</section>")[0]
        assert REASON in panel, page
        assert "Lieu : « Rome, Italie » → « Genève, Suisse »" in panel, page
        assert "L’offre est corrigée" in panel, page
        assert shown.index('id="changements"') < shown.index("Identité"), page


def test_two_extensions_display_the_new_deadline_once(draft: Draft, author: User) -> None:
    offer = draft.submission.offer
    extend(offer, author)
    extend(offer, author, days=9)
    shown = read(draft, "tasks")
    assert "Deux changements à l’offre." in shown
    assert shown.count("La date limite est prolongée.") == 2
    assert shown.count("Nouvelle date limite :") == 1


def test_new_criteria_display_the_verdict_on_the_draft(draft: Draft, author: User) -> None:
    lower_the_age(draft.submission.offer, author)
    for page in ("tasks", "review"):
        panel = read(draft, page).partition('id="changements"')[2].partition("</section>")[0]
        assert "Les critères d’admissibilité de l’offre ont changé." in panel
        assert "comparé maintenant à ces critères" in panel
        assert "Non admissible" in panel


def test_a_cancellation_states_that_the_draft_stays_readable(draft: Draft, author: User) -> None:
    cancel(draft.submission.offer, author)
    panel = read(draft, "tasks").partition('id="changements"')[2].partition("</section>")[0]
    assert "L’offre est annulée." in panel
    assert "L’organisation s’est retirée." in panel
    assert "Vous pouvez encore le lire" in panel


def test_acknowledging_hides_displayed_changes_and_not_later_ones(draft: Draft, author: User) -> None:
    offer = draft.submission.offer
    told = correct(offer, author)
    other = start_draft(candidate=make_user(), offer=offer)
    other.changes_noted_at = told.at - timedelta(seconds=1)
    other.save()
    browser = browser_of(draft)
    assert f'name="seen" value="{told.pk}"' in read(draft, "review")
    extend(offer, author)
    for _twice in range(2):
        sent = browser.post(url("take_note", draft), {"seen": str(told.pk), "back": "review"})
        assert sent.headers["Location"] == url("review", draft)
        assert kinds(draft) == ["EXTENDED"]
    assert kinds(other) == ["EXTENDED", "CORRECTED"]
    browser.post(url("take_note", draft), {"seen": str(offer.changes.latest("pk").pk)})
    shown = text_of(browser.get(url("tasks", draft), follow=True).content)
    assert "C’est noté." in shown
    assert "changements" not in text_of(browser.get(url("tasks", draft)).content)


def test_acknowledging_ignores_other_offers_and_earlier_instants(draft: Draft, author: User) -> None:
    offer = draft.submission.offer
    first = correct(offer, author)
    elsewhere = correct(make_open_offer(), author)
    acknowledge_changes(draft=draft, at=timezone.now(), seen=elsewhere.pk)
    assert kinds(draft) == ["CORRECTED"]
    acknowledge_changes(draft=draft, at=timezone.now())
    acknowledge_changes(draft=draft, at=timezone.now(), seen=first.pk)
    acknowledge_changes(draft=draft, at=first.at - timedelta(days=1))
    assert kinds(draft) == []
    for digits in (30, 5_000):
        beyond = browser_of(draft).post(url("take_note", draft), {"seen": "9" * digits})
        assert beyond.status_code == 302
    assert kinds(draft) == []
    filed = make_filing().filing.draft
    with pytest.raises(DraftClosedError):
        acknowledge_changes(draft=filed, at=timezone.now())


def test_another_user_cannot_acknowledge_changes(author: User) -> None:
    draft, stranger = make_draft(), make_draft()
    change = correct(draft.submission.offer, author)
    sent = browser_of(stranger).post(url("take_note", draft), {"seen": str(change.pk)})
    assert sent.status_code == 404
    assert kinds(draft) == ["CORRECTED"]


def test_an_amendment_lists_changes_since_its_filing(author: User) -> None:
    receipt = make_filing()
    submission = receipt.filing.submission
    lower_the_age(submission.offer, author)
    draft = start_amendment(submission=submission, actor=submission.candidate)
    assert kinds(draft) == ["RULES_CHANGED"]
    cancel(submission.offer, author)
    panel = read(draft, "tasks").partition('id="changements"')[2].partition("</section>")[0]
    assert receipt.number in panel
    assert "mais le comité ne l’étudiera pas" in panel
    assert "#changements" in read(draft, "discard")


def test_a_page_opened_before_a_change_saves_and_the_next_announces_it(draft: Draft, author: User) -> None:
    browser = browser_of(draft)
    correct(draft.submission.offer, author)
    typed = {"first_name": "Zoé", "last_name": "Roy", "birth_date": "1998-05-04"}
    saved = browser.post(url("section", draft, "identite"), typed)
    assert saved.status_code == 302
    assert "L’offre a été corrigée." in text_of(browser.get(saved.headers["Location"]).content)


def test_the_text_of_a_change_is_marked_french_on_english_pages(draft: Draft, author: User) -> None:
    correct(draft.submission.offer, author)
    browser = browser_of(draft)
    browser.post(reverse("web:language"), {"langue": "en", "attestation": "oui"})
    shown = text_of(browser.get(url("tasks", draft)).content)
    panel = shown.partition('id="changements"')[2].partition("</section>")[0]
    assert "The offer was corrected." in panel
    assert f'<span lang="fr-CA">{REASON}</span>' in panel
    assert '<ul lang="fr-CA"> <li>Lieu' in panel


def test_the_pages_run_one_query_for_any_number_of_changes(draft: Draft, author: User) -> None:
    browser = browser_of(draft)
    for page in (url("tasks", draft), url("section", draft, "identite"), url("review", draft)):
        browser.get(page)
        with CaptureQueriesContext(connection) as captured:
            browser.get(page)
        assert sum("offers_offerchange" in query["sql"] for query in captured) == 1, page
        before = len(captured)
        for place in ("Berne, Suisse", "Genève, Suisse", "Rome, Italie"):
            if place != Offer.objects.get(pk=draft.submission.offer_id).place:
                correct(draft.submission.offer, author, place=place)
        with CaptureQueriesContext(connection) as captured:
            browser.get(page)
        assert len(captured) == before, page
