"""A change of an offer is notified once to each affected candidate, and recorded in the journal."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from intake.accounts.models import User
from intake.outbox import services, tasks
from intake.outbox.messages import DeliveryTooLongError
from intake.outbox.models import Delivery, Message
from intake.submissions.drafts.operations import start_draft
from intake.submissions.models import Submission
from intake.submissions.offer_changes.operations import post_change_mails
from offers.models import Offer, OfferChange
from offers.services.correcting import correct_offer
from offers.services.lifecycle import extend_deadline
from tests.factories.offers import cancel_offer
from tests.factories.people import make_user
from tests.factories.submissions import close_offer, make_filing, make_open_offer

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
