"""A filing or a move while the offer is being changed: it waits, and counts the offer after the change."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from intake.accounts.models import User
from intake.dossiers.sealed_payload import Payload
from intake.dossiers.services import read_seal
from intake.submissions.filing.operations import file_draft
from intake.submissions.lifecycle.errors import OfferCancelledError, OfferNotOpenError
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Draft, Filing, Receipt, Submission
from intake.submissions.states import Action
from offers.models import Offer
from offers.services.correcting import correct_offer
from offers.services.lifecycle import extend_deadline
from offers.services.rulebooks import publish_rulebook
from tests.factories.offers import cancel_offer
from tests.factories.people import make_staff
from tests.factories.review import make_shortlisted
from tests.factories.submissions import (
    ALL_DECLARATIONS,
    close_offer,
    make_draft,
    make_extension,
    make_open_offer,
)
from tests.two_connections import act_meanwhile

pytestmark = pytest.mark.django_db(transaction=True)


def _pressed_meanwhile(draft: Draft, change: Callable[[], object], *, waits: bool = True) -> Receipt:
    """File on another connection between `change` and its commit. Return the receipt."""
    candidate = draft.submission.candidate
    return act_meanwhile(
        lambda: file_draft(draft=draft, actor=candidate, declarations=ALL_DECLARATIONS), change, waits=waits
    )


def _sealed(receipt: Receipt) -> Payload:
    return read_seal(Filing.objects.select_related("seal").get(receipt=receipt).seal)


def _correct(offer: Offer, author: User) -> None:
    correct_offer(
        offer=offer,
        author=author,
        reason="Déménagement.",
        at=timezone.now(),
        header={"place": "Genève, Suisse"},
    )


def _change_the_rules(offer: Offer, author: User) -> None:
    criteria = [row for row in offer.rulebooks.get().criteria if row["kind"] != "SKILLS"]
    publish_rulebook(offer=offer, criteria=criteria, reason="Allégés.", author=author, at=timezone.now())


def test_criteria_published_before_a_filing_are_evaluated() -> None:
    draft, author = make_draft(), make_staff()
    receipt = _pressed_meanwhile(draft, lambda: _change_the_rules(draft.submission.offer, author))
    assert receipt.filing.verdict.rulebook.number == 2
    assert "SKILLS" not in str(_sealed(receipt).verdict)


def test_a_correction_that_commits_before_a_filing_is_sealed_in_it() -> None:
    draft, author = make_draft(), make_staff()
    receipt = _pressed_meanwhile(draft, lambda: _correct(draft.submission.offer, author))
    assert _sealed(receipt).call.place == "Genève, Suisse"


def test_a_closing_moved_before_a_filing_is_sealed_with_the_first_one() -> None:
    draft, author = make_draft(), make_staff()
    offer = draft.submission.offer
    before, later = offer.closes_at, offer.closes_at + timedelta(days=1)

    def extend() -> None:
        extend_deadline(offer=offer, author=author, reason="Panne.", at=timezone.now(), closes_at=later)

    sealed = _sealed(_pressed_meanwhile(draft, extend))
    assert datetime.fromisoformat(sealed.call.closes_at) == later
    assert sealed.first_closing == before


def test_changes_committed_while_a_filing_waited_are_sealed() -> None:
    draft, author = make_draft(), make_staff()
    submission = draft.submission

    def change() -> None:
        Submission.objects.select_for_update().get(pk=submission.pk)
        _correct(submission.offer, author)
        make_extension(submission.offer, submission.candidate, author=author)

    sealed = _sealed(_pressed_meanwhile(draft, change))
    assert sealed.call.place == "Genève, Suisse"
    assert sealed.extension is not None
    assert sealed.extension.closes_at > sealed.call.closes_at


def test_a_filing_that_waited_for_a_cancellation_is_refused_as_cancelled() -> None:
    draft, author = make_draft(), make_staff()
    offer = draft.submission.offer
    with pytest.raises(OfferNotOpenError) as refused:
        _pressed_meanwhile(
            draft, lambda: cancel_offer(offer=offer, author=author, reason="Annulée.", at=timezone.now())
        )
    assert refused.value.submission is not None
    assert refused.value.submission.offer.status == Offer.Status.CANCELLED


def test_a_move_that_waited_for_a_cancellation_is_refused_as_cancelled() -> None:
    submission, author = make_shortlisted(make_open_offer()), make_staff()
    with pytest.raises(OfferCancelledError):
        act_meanwhile(
            lambda: move_submission(submission=submission, action=Action.RECOMMEND, actor=author),
            lambda: cancel_offer(offer=submission.offer, author=author, reason="Annulée.", at=timezone.now()),
        )


def test_a_filing_in_a_personal_extension_waits_for_the_offer_too() -> None:
    draft, author = make_draft(), make_staff()
    submission, offer = draft.submission, draft.submission.offer
    close_offer(offer, seconds_ago=3600)
    make_extension(offer, submission.candidate, author=author)
    fresh = Draft.objects.get(pk=draft.pk)
    assert _sealed(_pressed_meanwhile(fresh, lambda: _correct(offer, author))).call.place == "Genève, Suisse"


def test_a_late_request_takes_no_lock_on_the_offer() -> None:
    draft, author = make_draft(), make_staff()
    offer = draft.submission.offer
    close_offer(offer, seconds_ago=1)
    with pytest.raises(OfferNotOpenError):
        _pressed_meanwhile(draft, lambda: _correct(offer, author), waits=False)
