"""The panel on an offer's page, obsolete mails, and the days until which a complement may be due."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.devtools.demonstration.offers import CRITERIA
from intake.dossiers.services import read_seal
from intake.outbox.models import Delivery, Message
from intake.submissions.audit.invariants import INVARIANTS
from intake.submissions.complements.operations import MIN_TIME, complement_days
from intake.submissions.complements.queries import complement_is_expired
from intake.submissions.drafts.views.start import apply_panel, check_panel, personal_panel
from intake.submissions.extensions.operations import extend_personal_deadline
from intake.submissions.extensions.views import extensions_link
from intake.submissions.gate.register_check import register_digests
from intake.submissions.mails.complement_mails import is_request_obsolete, is_resumed_obsolete
from intake.submissions.mails.offer_mails import is_change_obsolete, is_obsolete
from intake.submissions.mails.reminders import Reminder, is_reminder_obsolete
from intake.submissions.models import Submission
from offers.models import Offer, Programme
from tests.database_roles import as_owner
from tests.factories.complements import expire_request, make_filed_and_closed, request_complement_for
from tests.factories.offers import make_draft as make_offer_draft
from tests.factories.offers import mark_cancelled
from tests.factories.people import make_staff, make_user
from tests.factories.submissions import close_offer, make_draft, make_filing, make_open_offer
from tests.submissions.pages import text_of

pytestmark = pytest.mark.django_db

TICK, DAY = timedelta(microseconds=1), timedelta(days=1)


def _request(user: Any) -> Any:
    request = RequestFactory().get("/")
    request.user = user
    return request


def _extend(offer: Offer, person: User, *, days: int = 7) -> None:
    extend_personal_deadline(
        offer=offer,
        candidate=person,
        author=make_staff(),
        reason="Panne.",
        closes_on=timezone.now().astimezone(offer.zone).date() + timedelta(days=days),
        at=timezone.now(),
    )


# -- An offer's page --------------------------------------------------------------------------------------------------
def test_the_page_of_an_offer_links_to_the_next_step_of_its_reader() -> None:
    offer, person, given = make_open_offer(), make_user(), make_user()
    draft = make_draft(offer=offer)

    def shown(user: Any) -> str | None:
        panel = apply_panel(_request(user), offer)
        return panel and text_of(panel.encode())

    start = reverse("submissions:start", args=[offer.number])
    tasks = reverse("submissions:tasks", args=[draft.submission.public_id])
    for user in (AnonymousUser(), person):
        assert start in str(shown(user))
    assert tasks in str(shown(draft.submission.candidate))
    assert start not in str(shown(draft.submission.candidate))
    close_offer(offer, seconds_ago=60)
    offer.refresh_from_db()
    _extend(offer, given)
    assert [shown(user) for user in (AnonymousUser(), person)] == [None, None]
    assert tasks in str(shown(draft.submission.candidate))
    assert start in str(shown(given))
    for user, said in ((AnonymousUser(), False), (person, False), (given, True)):
        assert (personal_panel(_request(user), offer) is not None) == said
    panel = str(personal_panel(_request(given), offer)).replace("\u00a0", " ")
    assert panel.startswith("<strong>Pour vous, l’offre ferme le ")
    mark_cancelled(offer.pk)
    offer.refresh_from_db()
    assert personal_panel(_request(given), offer) is None


def test_the_check_is_offered_except_for_a_cancelled_offer() -> None:
    offer = make_open_offer()
    address = reverse("submissions:check", args=[offer.number])
    assert address in str(check_panel(_request(AnonymousUser()), offer))
    offer.status = Offer.Status.CANCELLED
    assert check_panel(_request(AnonymousUser()), offer) is None


def test_the_link_to_the_extensions_is_displayed_only_to_their_readers() -> None:
    offer, staff = make_open_offer(), make_staff()
    link = extensions_link(_request(staff), offer)
    assert link is not None
    assert (link[0], str(link[1])) == (
        reverse("extensions:offer", args=[offer.number]),
        "Prolongations personnelles",
    )
    assert extensions_link(_request(make_user()), offer) is None
    assert extensions_link(_request(staff), make_offer_draft()) is None


# -- Obsolete mails ---------------------------------------------------------------------------------------------------
def _close_account(submission: Submission, *, is_active: bool) -> None:
    with as_owner():
        User.objects.filter(pk=submission.candidate_id).update(is_active=is_active)


def test_the_mail_of_a_change_is_obsolete_once_its_content_is_outdated() -> None:
    draft, at = make_draft(), timezone.now()
    submission, offer = draft.submission, draft.submission.offer
    mails = {}
    for kind in ("CORRECTED", "CANCELLED"):
        change = offer.changes.create(kind=kind, author=make_staff(), reason="Motif.", at=at)
        mails[kind] = Delivery.objects.create(
            kind="OFFER_CHANGE_MAIL",
            key=f"{change.pk}-{submission.pk}",
            subject_kind="submissions.submission",
            subject_id=str(submission.pk),
            due_at=at,
            created_at=at,
        )

    def is_obsolete() -> dict[str, bool]:
        return {kind: is_change_obsolete(mail, at) for kind, mail in mails.items()}

    assert is_obsolete() == {"CORRECTED": False, "CANCELLED": False}
    _close_account(submission, is_active=False)
    assert is_obsolete() == {"CORRECTED": True, "CANCELLED": True}
    _close_account(submission, is_active=True)
    mark_cancelled(offer.pk)
    assert is_obsolete() == {"CORRECTED": False, "CANCELLED": False}, (
        "not written yet, it says how things stand"
    )
    for mail in mails.values():
        Message.objects.create(
            delivery=mail,
            message_id=mail.key,
            to_address="a@exemple.invalid",
            subject="s",
            text="t",
            created_at=at,
        )
    assert is_obsolete() == {"CORRECTED": True, "CANCELLED": False}


@pytest.mark.parametrize("written, overtaken", [(-TICK, True), (timedelta(0), False), (TICK, False)])
def test_a_mail_written_before_the_filing_is_obsolete(written: timedelta, *, overtaken: bool) -> None:
    filing = make_filing().filing
    submission = filing.submission
    mail = Delivery.objects.get(kind="RECEIPT_MAIL", key=filing.receipt.number)
    assert not is_obsolete(mail, submission)
    Message.objects.create(
        delivery=mail,
        message_id="m",
        to_address="a@exemple.invalid",
        subject="s",
        text="t",
        created_at=filing.received_at + written,
    )
    assert is_obsolete(mail, submission) == overtaken
    assert not is_obsolete(mail, make_draft(documents=False).submission)
    assert not is_obsolete(mail, None)


def test_the_mails_of_a_complement_are_obsolete_with_their_request() -> None:
    submission = make_filed_and_closed()
    asked, at = request_complement_for(submission), timezone.now()
    delivery = Delivery(key=str(asked.pk))
    instants = (at, asked.due_at - TICK, asked.due_at)
    assert [is_request_obsolete(delivery, instant) for instant in instants] == [False, False, True]
    assert not is_resumed_obsolete(delivery, at)
    _close_account(submission, is_active=False)
    assert (is_request_obsolete(delivery, at), is_resumed_obsolete(delivery, at)) == (True, True)
    _close_account(submission, is_active=True)
    again = request_complement_for(submission)
    assert (is_request_obsolete(delivery, at), is_resumed_obsolete(delivery, at)) == (True, True)
    last = Delivery(key=str(again.pk))
    assert (is_request_obsolete(last, at), is_resumed_obsolete(last, at)) == (False, False)
    for state, over in (
        ("DECLINED", True),
        ("WITHDRAWN", True),
        ("UNDER_REVIEW", False),
        ("SHORTLISTED", False),
    ):
        Submission.objects.filter(pk=submission.pk).update(state=state)
        assert is_resumed_obsolete(last, at) == over, state
    mark_cancelled(submission.offer_id)
    assert (is_request_obsolete(last, at), is_resumed_obsolete(last, at)) == (True, True)


def test_a_reminder_is_obsolete_once_the_draft_closing_or_account_changes() -> None:
    draft = make_draft()
    submission, closes_at = draft.submission, draft.submission.offer.closes_at
    two_days = 2 * DAY

    def is_obsolete(left: timedelta, *, closing: datetime = closes_at) -> bool:
        key = Reminder(submission.pk, two_days, closing).key
        return is_reminder_obsolete(Delivery(key=key), closing - left)

    assert [is_obsolete(left) for left in (two_days, timedelta(hours=6) + TICK)] == [False, False]
    assert [is_obsolete(left) for left in (timedelta(hours=6), timedelta(0), 8 * DAY)] == [True, True, True]
    assert is_obsolete(two_days, closing=closes_at - DAY)
    _close_account(submission, is_active=False)
    assert is_obsolete(two_days)
    _close_account(submission, is_active=True)
    draft.delete()
    assert is_obsolete(two_days)
    assert is_reminder_obsolete(
        Delivery(
            key=Reminder(make_filing(offer=submission.offer).filing.submission_id, two_days, closes_at).key
        ),
        closes_at - two_days,
    )


# -- Days and instants ------------------------------------------------------------------------------------------------
def test_a_complement_is_due_after_two_days_and_before_the_stage() -> None:
    closes = datetime(2027, 10, 1, 4, tzinfo=UTC)  # end of September in Québec
    offer = Offer(
        time_zone="America/Toronto",
        closes_at=closes,
        closes_on=date(2027, 9, 30),
        starts_on=date(2027, 11, 20),
    )
    assert timedelta(hours=48) == MIN_TIME
    midnight = datetime(2027, 10, 11, 4, tzinfo=UTC)  # start of the 11th in Québec
    for at, first in ((midnight, 12), (midnight - TICK, 12), (midnight + TICK, 13)):
        found = complement_days(offer, at=at)
        assert (found.first, found.last) == (date(2027, 10, first), date(2027, 11, 19))
        assert found.first <= found.usual <= found.last
        assert found.is_possible
    kept = complement_days(offer, at=midnight, kept=midnight + 20 * DAY)
    assert kept.first == date(2027, 10, 30)
    assert kept.usual == kept.first
    assert complement_days(offer, at=midnight, kept=midnight - DAY).first == date(2027, 10, 12)
    late = complement_days(offer, at=datetime(2027, 11, 19, 12, tzinfo=UTC))
    assert (late.is_possible, late.usual) == (False, late.last)
    eve = complement_days(offer, at=datetime(2027, 11, 18, 5, tzinfo=UTC))
    assert (eve.is_possible, eve.first, eve.last) == (True, date(2027, 11, 19), date(2027, 11, 19))


def test_a_complement_is_overdue_once_the_candidate_can_no_longer_answer() -> None:
    submission = make_filed_and_closed()
    asked = request_complement_for(submission)

    def overdue() -> bool:
        return Submission.objects.filter(complement_is_expired(), pk=submission.pk).exists()

    assert not overdue()
    expire_request(asked)
    assert overdue()
    Submission.objects.filter(pk=submission.pk).update(state="UNDER_REVIEW")
    assert not overdue()
    Submission.objects.filter(pk=submission.pk).update(state="COMPLEMENT_REQUESTED")
    _extend(submission.offer, submission.candidate)
    assert not overdue()


def test_an_extension_of_another_candidate_keeps_no_complement_open() -> None:
    submission = make_filed_and_closed()
    expire_request(request_complement_for(submission))
    _extend(submission.offer, make_user())
    assert Submission.objects.filter(complement_is_expired(), pk=submission.pk).exists()


# -- The register, invariants, and the sections not asked -------------------------------------------------------------
def test_the_register_is_searched_only_with_a_full_identity() -> None:
    whole = {"past_participant": False, "last_name": "Roy", "first_name": "Noor", "birth_date": "1998-05-04"}
    assert register_digests(answers=whole, programme=Programme(pk=1)) is not None
    for change in (
        *({"past_participant": True}, {"past_participant": None}),
        *({"last_name": ""}, {"first_name": None}, {"birth_date": None}, {"last_name": "!!!"}),
    ):
        assert register_digests(answers=whole | change, programme=Programme(pk=1)) is None, change


def test_an_answer_without_a_question_is_sealed_as_an_empty_text() -> None:
    offer = make_open_offer(criteria=[row for row in CRITERIA if row["kind"] == "LEGAL_STATUS"])
    sealed = read_seal(make_filing(offer=offer).filing.seal)
    assert (sealed.person.birth_date, sealed.person.first_name) == ("", "Alex")
    assert sealed.facts.keys() == {"legal_status"}


NAMES = [
    "a_complement_request_asks_for_something",
    "a_dossier_bears_the_number_of_its_receipt",
    "a_filed_document_is_joined_of_its_files",
    "a_filed_draft_is_closed_and_its_own_submissions",
    "a_filing_commits_within_a_minute_of_closing",
    "a_filing_has_its_receipt",
    "a_filing_has_its_verdict",
    "a_filing_has_one_receipt_alone",
    "a_filing_is_received_as_it_arrived",
    "a_filing_is_received_before_closing",
    "a_filing_keeps_the_documents_that_its_seal_names",
    "a_filing_replaces_the_one_before_it",
    "a_filing_says_which_complement_it_answers",
    "a_filing_under_reserve_has_its_request",
    "a_leaf_of_the_log_has_its_receipt",
    "a_leaf_of_the_log_says_what_its_filing_says",
    "a_person_has_one_submission_per_offer",
    "a_person_is_selected_once",
    "a_published_root_leaves_no_receipt_out",
    "a_receipt_number_begins_with_its_offers",
    "a_receipt_number_ends_with_its_check_letter",
    "a_receipt_number_is_given_once",
    "a_settled_reserve_stands_on_its_rulings",
    "a_signed_receipt_says_what_its_filing_says",
    "a_submission_has_one_open_draft_at_most",
    "a_submission_is_where_its_last_move_led",
    "a_submission_says_what_its_filing_says",
    "a_submission_stands_on_its_last_filing",
    "a_verdict_says_what_was_sealed",
    "an_arrival_commits_within_a_minute_of_closing",
    "an_arrival_has_its_filing_or_its_reason",
    "an_arrival_is_before_closing",
    "an_incomplete_file_has_its_open_complement_request",
    "an_open_complement_request_is_of_the_filing_that_stands",
    "completed_stages_are_in_the_register",
    "each_filing_is_a_move",
    "each_move_is_in_the_journal",
    "filings_of_a_submission_are_numbered_without_a_gap",
    "only_a_draft_stands_without_a_filing",
]
"""Invariants of submissions, filings and proofs, in alphabetical order."""


def test_each_invariant_of_submissions_has_its_name_and_no_violation() -> None:
    make_filing()
    assert sorted(rule.name for rule in INVARIANTS) == NAMES
    assert {rule.name: [*rule.violations()] for rule in INVARIANTS} == {name: [] for name in NAMES}
