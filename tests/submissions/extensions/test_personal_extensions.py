"""Personal extensions: recorded, only ever later, for one candidate, and enforced by the database."""

from datetime import UTC, timedelta
from typing import Any

import pytest
from django.utils import timezone

from intake.accounts.models import User
from intake.dossiers.services import read_seal
from intake.journal.models import Entry
from intake.outbox import tasks
from intake.outbox.models import Delivery, Message
from intake.outbox.selectors import deliveries_for
from intake.submissions.access.queries import window_of
from intake.submissions.after_filing.operations import start_amendment
from intake.submissions.attachments.operations import attach_document, remove_document
from intake.submissions.audit.invariants import INVARIANTS
from intake.submissions.drafts.operations import start_draft
from intake.submissions.extensions.operations import SelfExtensionError
from intake.submissions.lifecycle.errors import OfferNotOpenError
from intake.submissions.models import Draft, PersonalExtension, Receipt
from offers.models import Offer
from offers.services.errors import (
    ExtensionNotLaterError,
    OfferDatesError,
    OfferNotPublishedError,
    ReasonMissingError,
)
from tests.database_roles import without_triggers
from tests.factories.offers import cancel_offer
from tests.factories.offers import make_draft as make_offer_draft
from tests.factories.people import make_staff, make_user
from tests.factories.submissions import (
    close_offer,
    make_draft,
    make_extension,
    make_filing,
    make_open_offer,
    make_upload,
)
from tests.submissions.pages import file_now, save_answers
from tests.submissions.sent_mails import sent, with_plain_spaces

pytestmark = pytest.mark.django_db


def _extend(offer: Offer, candidate: User, *, days: int = 3, **options: Any) -> PersonalExtension:
    """Extend for `candidate` until `days` after today, at the offer's hour of closing."""
    last_day = timezone.now().astimezone(offer.zone).date() + timedelta(days=days)
    return make_extension(offer, candidate, closes_on=last_day, **options)


@pytest.fixture
def closed() -> Draft:
    """A complete draft for an offer that closed an hour ago."""
    draft = make_draft()
    close_offer(draft.submission.offer, seconds_ago=3600)
    return Draft.objects.get(pk=draft.pk)


# -- Extending ------------------------------------------------------------------------------------------------------
def test_an_extension_stores_author_reason_and_closings(closed: Draft) -> None:
    offer, author = closed.submission.offer, make_staff()
    given = _extend(offer, closed.submission.candidate, author=author, reason="Panne de réseau.")
    given.refresh_from_db()
    assert (given.author, given.reason) == (author, "Panne de réseau.")
    assert given.closed_at_before == offer.closes_at
    assert given.at <= timezone.now() < given.closes_at
    assert given.closing.time() == offer.closing.time()
    entry = Entry.objects.get(action="PERSONAL_EXTENSION_GIVEN")
    assert (entry.actor, entry.subject_id) == (author, str(given.pk))
    assert entry.detail == f"{offer.number} {given.closes_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def test_the_candidate_is_notified_by_a_mail_without_the_reason(closed: Draft) -> None:
    given = _extend(closed.submission.offer, closed.submission.candidate)
    mail = sent("PERSONAL_EXTENSION_MAIL")
    assert mail.to_address == closed.submission.candidate.email
    assert "n’est pas déposé" in with_plain_spaces(mail.text)
    body = mail.text
    assert given.reason not in body


def test_the_mail_of_an_extension_is_listed_with_the_submission_begun(closed: Draft) -> None:
    _extend(closed.submission.offer, closed.submission.candidate)
    assert deliveries_for(closed.submission).filter(kind="PERSONAL_EXTENSION_MAIL").exists()


@pytest.mark.parametrize("kind", ["nobody's draft", "filed"])
def test_the_mail_states_the_next_step_of_the_candidate(kind: str) -> None:
    offer = make_open_offer()
    candidate = make_filing(offer=offer).filing.submission.candidate if kind == "filed" else make_user()
    _extend(offer, candidate, days=40)
    tasks.deliver(Delivery.objects.get(kind="PERSONAL_EXTENSION_MAIL").pk)
    text = Message.objects.get(delivery__kind="PERSONAL_EXTENSION_MAIL").text.replace("\n", " ")
    assert ("reste valide" in text) == (kind == "filed")
    assert (f"/offres/{offer.number}/postuler/" in text) == (kind != "filed")


def test_an_extension_already_past_at_its_insertion_is_refused(closed: Draft) -> None:
    offer = closed.submission.offer
    days = timedelta(days=5)
    close_offer(offer, seconds_ago=days.total_seconds())
    yesterday = (timezone.now() - timedelta(days=1)).astimezone(offer.zone).date()
    with pytest.raises(ExtensionNotLaterError) as refused:  # the author's request, by a slow clock
        make_extension(offer, make_user(), closes_on=yesterday, at=timezone.now() - days)
    assert refused.value.data["closes_at"] == offer.closes_at
    assert not offer.personal_extensions.exists()


def test_a_second_extension_is_later_than_the_first(closed: Draft) -> None:
    offer, candidate = closed.submission.offer, closed.submission.candidate
    first = _extend(offer, candidate, days=5)
    with pytest.raises(ExtensionNotLaterError):
        _extend(offer, candidate, days=4)
    second = _extend(offer, candidate, days=6)
    second.refresh_from_db()
    assert second.closed_at_before == first.closes_at
    assert window_of(candidate, offer).closes_at == second.closes_at


def test_invalid_extensions_raise_their_named_errors(closed: Draft) -> None:
    offer, candidate, author = closed.submission.offer, closed.submission.candidate, make_staff()
    with pytest.raises(ReasonMissingError):
        _extend(offer, candidate, reason="  ")
    with pytest.raises(SelfExtensionError):
        _extend(offer, author, author=author)
    with pytest.raises(OfferDatesError):
        _extend(offer, candidate, days=400)
    with pytest.raises(OfferNotPublishedError):
        _extend(make_offer_draft(), candidate)
    cancel_offer(offer=offer, author=author, reason="Fin du programme.", at=timezone.now())
    with pytest.raises(OfferNotPublishedError):
        _extend(offer, candidate)
    assert not PersonalExtension.objects.exists()


# -- Effects --------------------------------------------------------------------------------------------------------
def test_a_draft_reopened_by_an_extension_can_be_filed(closed: Draft) -> None:
    submission = closed.submission
    offer, candidate = submission.offer, submission.candidate

    def save() -> Draft:
        return save_answers(Draft.objects.get(pk=closed.pk), "statut", {"legal_status": "PERMANENT_RESIDENT"})

    request = offer.documents.get(kind="CV")
    upload = make_upload(candidate, name="cv-2.pdf")
    with pytest.raises(OfferNotOpenError):
        save()
    with pytest.raises(OfferNotOpenError):
        file_now(closed)
    given = _extend(offer, candidate)
    save()
    remove_document(draft=closed, request=request, actor=candidate)
    attach_document(draft=closed, request=request, upload=upload, actor=candidate)
    filing = file_now(closed).filing
    payload = read_seal(filing.seal)
    assert filing.received_at > offer.closes_at
    assert payload.extended_until == given.closes_at
    assert given.reason not in (filing.seal.canonical or "")
    start_amendment(submission=submission, actor=candidate)
    in_time = next(row for row in INVARIANTS if row.name == "a_filing_is_received_before_closing")
    assert not list(in_time.violations())


def test_an_extension_reopens_only_the_draft_of_its_candidate() -> None:
    offer = make_open_offer()
    mine, theirs = make_draft(offer=offer), make_draft(offer=offer)
    close_offer(offer, seconds_ago=60)
    _extend(offer, mine.submission.candidate)
    with pytest.raises(OfferNotOpenError):
        file_now(Draft.objects.get(pk=theirs.pk))
    assert not window_of(theirs.submission.candidate, offer).is_open(timezone.now())
    assert file_now(Draft.objects.get(pk=mine.pk)) == Receipt.objects.get()


def test_an_extension_opens_no_other_offer(closed: Draft) -> None:
    elsewhere = make_draft(candidate=closed.submission.candidate)
    close_offer(elsewhere.submission.offer, seconds_ago=60)
    _extend(closed.submission.offer, closed.submission.candidate)
    with pytest.raises(OfferNotOpenError):
        file_now(Draft.objects.get(pk=elsewhere.pk))
    assert file_now(closed) == Receipt.objects.get()


def test_a_candidate_without_a_draft_may_start_one(closed: Draft) -> None:
    offer, person = closed.submission.offer, make_user()
    with pytest.raises(OfferNotOpenError):
        start_draft(candidate=person, offer=offer)
    _extend(offer, person)
    assert start_draft(candidate=person, offer=offer).submission.window.is_personal


# -- Enforcement by the database ------------------------------------------------------------------------------------
def _given_until(draft: Draft, until: str) -> None:
    """Insert an extension until an SQL instant, past the trigger that refuses one in the past."""
    submission = draft.submission
    with without_triggers("submissions_personalextension") as cursor:
        cursor.execute(
            "INSERT INTO submissions_personalextension"  # noqa: S608 -- constant SQL of the tests
            " (offer_id, candidate_id, author_id, reason, closed_at_before, closes_at)"
            f" VALUES (%s, %s, %s, 'Motif', '2000-01-01', {until})",
            [submission.offer_id, submission.candidate_id, make_staff().pk],
        )


def test_a_filing_one_microsecond_before_the_personal_closing_is_accepted(closed: Draft) -> None:
    _given_until(closed, "transaction_timestamp() + interval '1 microsecond'")
    assert file_now(closed).filing.received_at > closed.submission.offer.closes_at


@pytest.mark.parametrize("late_by", ["interval '0 seconds'", "interval '1 second'"])
def test_at_or_after_the_personal_closing_no_filing_is_accepted(closed: Draft, late_by: str) -> None:
    _given_until(closed, f"transaction_timestamp() - {late_by}")
    with pytest.raises(OfferNotOpenError):
        file_now(closed)
    assert not Receipt.objects.exists()
