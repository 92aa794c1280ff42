"""A change of an offer is notified once to each affected candidate, and stays on their pages until acknowledged."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.devtools.demonstration.offers import CRITERIA
from intake.outbox import services, tasks
from intake.outbox.messages import DeliveryTooLongError
from intake.outbox.models import Delivery, Message
from intake.submissions.after_filing.operations import start_amendment
from intake.submissions.drafts.operations import start_draft
from intake.submissions.lifecycle.errors import DraftClosedError
from intake.submissions.models import Draft, Submission
from intake.submissions.offer_changes.operations import acknowledge_changes, post_change_mails
from intake.submissions.offer_changes.queries import unread_changes_of
from offers.models import Offer, OfferChange
from offers.services.correcting import correct_offer
from offers.services.lifecycle import extend_deadline
from offers.services.rulebooks import publish_rulebook
from tests.factories.offers import cancel_offer
from tests.factories.people import make_user
from tests.factories.submissions import close_offer, make_filing, make_open_offer
from tests.submissions.pages import browser_of, text_of, url

pytestmark = pytest.mark.django_db


def _begin(offer: Offer, email: str = "") -> Submission:
    return start_draft(candidate=make_user(email), offer=offer).submission


def _correct(offer: Offer, author: User, **header: object) -> OfferChange:
    return correct_offer(
        offer=offer,
        author=author,
        reason="Erreur de lieu.",
        at=timezone.now(),
        header=header or {"place": "Genève, Suisse"},
    )


def _deliver() -> list[Message]:
    """Perform the pending deliveries, jobs before the mails that they post. Return the mails by recipient."""
    for kind in ("OFFER_CHANGE", "OFFER_CHANGE_MAIL"):
        for pk in Delivery.objects.filter(kind=kind, state="PENDING").values_list("pk", flat=True):
            tasks.deliver(pk)
    mails = Message.objects.filter(delivery__kind="OFFER_CHANGE_MAIL")
    return list(mails.order_by("to_address", "pk"))


def test_a_repeated_job_sends_one_mail_per_candidate_and_change(author: User) -> None:
    offer = make_open_offer(number="2031-001")
    for name in "ab":
        _begin(offer, f"{name}@exemple.invalid")
    _begin(make_open_offer(), "ailleurs@exemple.invalid")
    _correct(offer, author)
    assert [mail.to_address for mail in _deliver()] == ["a@exemple.invalid", "b@exemple.invalid"]
    post_change_mails(Delivery.objects.get(kind="OFFER_CHANGE"), timezone.now())
    assert len(_deliver()) == 2
    _correct(offer, author, place="Rome, Italie")
    assert len(_deliver()) == 4


def test_an_interrupted_job_resumes_after_its_last_mail(
    offer: Offer, author: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _each in range(5):
        _begin(offer)
    change = _correct(offer, author)
    job = Delivery.objects.get(kind="OFFER_CHANGE", key=str(change.pk))
    asked: list[int] = []
    post_many = services.post_many

    def cut_at_the_second(*, subjects: Mapping[str, Submission], **options: Any) -> None:
        asked.append(len(subjects))
        post_many(subjects=subjects, **options)
        if len(asked) == 2:
            raise DeliveryTooLongError

    monkeypatch.setattr(services, "SLICE", 2)
    monkeypatch.setattr(services, "post_many", cut_at_the_second)
    mails = Delivery.objects.filter(kind="OFFER_CHANGE_MAIL")
    with pytest.raises(DeliveryTooLongError):
        post_change_mails(job, timezone.now())
    assert mails.count() == 2, "the first slice stays, the second is undone"
    post_change_mails(job, timezone.now())
    assert mails.count() == 5
    assert asked == [2, 2, 2, 1], "what was asked for is not written again"


def test_a_cancellation_is_notified_to_all_candidates_and_keeps_drafts(author: User) -> None:
    receipt = make_filing()
    offer = receipt.filing.submission.offer
    begun = _begin(offer)
    cancel_offer(offer=offer, author=author, reason="L’organisation s’est retirée.", at=timezone.now())
    mails = _deliver()
    assert len(mails) == 2
    assert all("il n’y aura pas de sélection" in " ".join(mail.text.split()) for mail in mails)
    assert begun.drafts.filter(closed_at=None).count() == 1


def test_a_reopened_offer_is_notified_to_candidates_with_a_draft(offer: Offer, author: User) -> None:
    _begin(offer)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # pending checks would lock the table below
    close_offer(offer, seconds_ago=3600)
    now = timezone.now()
    assert not offer.is_open(now)
    extend_deadline(offer=offer, author=author, reason="Panne.", closes_at=now + timedelta(days=3), at=now)
    offer.refresh_from_db()
    assert offer.is_open(now)
    (mail,) = _deliver()
    assert "déposez-le jusqu’au" in " ".join(mail.text.split())


def test_a_mail_sent_after_a_cancellation_mentions_the_cancellation(offer: Offer, author: User) -> None:
    _begin(offer)
    _correct(offer, author)
    cancel_offer(offer=offer, author=author, reason="Retrait.", at=timezone.now())
    corrected = next(mail for mail in _deliver() if "corrigée" in mail.subject)
    words = " ".join(corrected.text.split())
    assert "Depuis, l’offre a été annulée." in words
    assert "jusqu’au" not in words


def test_a_candidate_who_started_after_the_change_is_not_notified(offer: Offer, author: User) -> None:
    _begin(offer, "avant@exemple.invalid")
    change = _correct(offer, author)
    Submission.objects.filter(pk=_begin(offer).pk).update(created_at=change.at + timedelta(minutes=1))
    assert [mail.to_address for mail in _deliver()] == ["avant@exemple.invalid"]


def test_a_candidate_who_started_before_the_commit_is_notified(offer: Offer, author: User) -> None:
    pressed_at = timezone.now()
    begun = _begin(offer)
    Submission.objects.filter(pk=begun.pk).update(created_at=timezone.now())
    later = offer.closes_at + timedelta(days=3)
    extend_deadline(offer=offer, author=author, reason="Panne.", closes_at=later, at=pressed_at)
    (mail,) = _deliver()
    assert mail.to_address == begun.candidate.email


def test_a_rolled_back_change_posts_no_mail(offer: Offer, author: User) -> None:
    _begin(offer)
    with pytest.raises(ValueError, match="needs a day"):
        extend_deadline(offer=offer, author=author, reason="Panne.", at=timezone.now())
    assert not Delivery.objects.filter(kind="OFFER_CHANGE").exists()
    later = offer.closes_on + timedelta(days=1)
    extend_deadline(offer=offer, author=author, reason="Panne.", closes_on=later, at=timezone.now())
    assert Delivery.objects.filter(kind="OFFER_CHANGE").count() == 1


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
