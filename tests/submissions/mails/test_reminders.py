"""Reminders of open drafts: 7 days, 2 days and 6 hours before closing, once each, to their candidates only."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from intake.outbox.models import Delivery
from intake.submissions.after_filing.operations import start_amendment, withdraw_submission
from intake.submissions.mails.reminders import Reminder, due_lead_time, remind_of_drafts
from intake.submissions.models import Draft, Submission
from offers.models import Offer
from offers.services.lifecycle import extend_deadline
from tests.database_roles import without_triggers
from tests.factories.offers import cancel_offer
from tests.factories.people import make_staff
from tests.factories.submissions import make_draft, make_extension, make_filing, without_triggers_on_offers

pytestmark = pytest.mark.django_db
A_WEEK, TWO_DAYS, SIX_HOURS = timedelta(days=7), timedelta(days=2), timedelta(hours=6)
TICK = timedelta(minutes=1)


@pytest.fixture(scope="module")
def kept_draft(module_db: None) -> Draft:
    return make_draft(documents=False)


def _stages() -> list[timedelta]:
    """Return the reminders posted so far, as time before closing, in order."""
    posted = Delivery.objects.filter(kind="DRAFT_REMINDER_MAIL").order_by("pk")
    return [Reminder.of_key(row.key).stage for row in posted]


def _instant_before_closing(draft: Draft, left: timedelta) -> datetime:
    """Return the instant at which `left` remains before the candidate's window closes."""
    submission = Submission.objects.select_related("offer").get(pk=draft.submission_id)
    return submission.window.closes_at - left


# -- Instants -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "left, stage",
    [
        (A_WEEK + timedelta(microseconds=1), None),
        (A_WEEK, A_WEEK),
        (TWO_DAYS + timedelta(microseconds=1), A_WEEK),
        (TWO_DAYS, TWO_DAYS),
        (SIX_HOURS + timedelta(microseconds=1), TWO_DAYS),
        (SIX_HOURS, SIX_HOURS),
        (timedelta(microseconds=1), SIX_HOURS),
        (timedelta(0), None),
        (-TICK, None),
    ],
)
def test_the_most_urgent_due_reminder_is_chosen(left: timedelta, stage: timedelta | None) -> None:
    closes_at = timezone.now()
    assert due_lead_time(closes_at=closes_at, at=closes_at - left) == stage


def test_each_reminder_is_posted_once(draft: Draft) -> None:
    told: list[Any] = []
    for left in (A_WEEK + TICK, A_WEEK, A_WEEK - TICK, TWO_DAYS, TWO_DAYS - TICK, SIX_HOURS, TICK, -TICK):
        remind_of_drafts(at=_instant_before_closing(draft, left))
        told.append(len(_stages()))
    assert told == [0, 1, 1, 2, 2, 3, 3, 3]
    assert _stages() == [A_WEEK, TWO_DAYS, SIX_HOURS]


def test_after_an_interruption_only_the_most_urgent_reminder_is_posted(draft: Draft) -> None:
    assert remind_of_drafts(at=_instant_before_closing(draft, timedelta(hours=1))) == 1
    assert _stages() == [SIX_HOURS]


def test_a_draft_started_after_a_lead_time_gets_the_next_reminder(draft: Draft) -> None:
    began = _instant_before_closing(draft, timedelta(days=5))
    Submission.objects.filter(pk=draft.submission_id).update(created_at=began)
    remind_of_drafts(at=began + TICK)
    assert _stages() == []
    remind_of_drafts(at=_instant_before_closing(draft, TWO_DAYS))
    assert _stages() == [TWO_DAYS]


def test_reminders_of_many_drafts_run_a_constant_number_of_statements(draft: Draft) -> None:
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 -- used in this test only

    def statements(at: datetime) -> int:
        with CaptureQueriesContext(connection) as captured:
            remind_of_drafts(at=at)
        return len(captured)

    one = statements(_instant_before_closing(draft, A_WEEK))
    for _time in range(2):
        make_draft(offer=draft.submission.offer, documents=False)
    assert statements(_instant_before_closing(draft, TWO_DAYS)) == one
    assert len(_stages()) == 1 + 3


# -- Recipients -----------------------------------------------------------------------------------------------------
def _filed(draft: Draft) -> None:
    make_filing(offer=draft.submission.offer)
    draft.delete()


def _amending(draft: Draft) -> None:
    submission = make_filing(offer=draft.submission.offer).filing.submission
    start_amendment(submission=submission, actor=submission.candidate)
    draft.delete()


def _withdrawn(draft: Draft) -> None:
    submission = make_filing(offer=draft.submission.offer).filing.submission
    withdraw_submission(submission=submission, actor=submission.candidate, reason="Autre projet.")
    draft.delete()


def _cancelled(draft: Draft) -> None:
    offer = Offer.objects.get(pk=draft.submission.offer_id)
    cancel_offer(offer=offer, author=make_staff(), reason="Fin.", at=timezone.now())


def _not_yet_open(draft: Draft) -> None:
    with without_triggers_on_offers() as cursor:
        cursor.execute(
            "UPDATE offers_offer SET opens_at = closes_at - interval '1 hour' WHERE id = %s",
            [draft.submission.offer_id],
        )


def _closed_account(draft: Draft) -> None:
    candidate = draft.submission.candidate
    candidate.is_active = False
    candidate.save(update_fields=["is_active"])


@pytest.mark.parametrize("what", [_filed, _amending, _withdrawn, _cancelled, _not_yet_open, _closed_account])
def test_only_an_open_draft_of_an_open_offer_is_reminded(draft: Draft, what: Any) -> None:
    at = _instant_before_closing(draft, SIX_HOURS)
    with transaction.atomic():
        assert remind_of_drafts(at=at) == 1, "a draft that nothing befell"
        transaction.set_rollback(True)
    what(draft)
    assert remind_of_drafts(at=at) == 0


def test_a_candidate_with_an_extension_is_reminded_of_the_personal_closing(draft: Draft) -> None:
    offer, candidate = draft.submission.offer, draft.submission.candidate
    make_draft(offer=offer, documents=False)
    everyones = offer.closes_at
    make_extension(offer, candidate, days=20)
    assert remind_of_drafts(at=everyones - SIX_HOURS) == 1, "the other person alone"
    assert remind_of_drafts(at=_instant_before_closing(draft, A_WEEK)) == 1
    mine = Delivery.objects.get(kind="DRAFT_REMINDER_MAIL", subject_id=str(draft.submission_id))
    assert Reminder.of_key(mine.key).closes_at == everyones + timedelta(days=20)


def test_a_moved_closing_has_its_own_reminders_but_not_immediately(draft: Draft) -> None:
    offer = draft.submission.offer
    remind_of_drafts(at=_instant_before_closing(draft, TWO_DAYS))
    moved = _instant_before_closing(draft, timedelta(days=1))
    extend_deadline(
        offer=offer,
        author=make_staff(),
        reason="Motif",
        at=moved,
        closes_at=offer.closes_at + timedelta(days=4),
    )
    _decided_at(moved)
    # Five days are left, and a mail has just announced the new closing.
    assert remind_of_drafts(at=moved + TICK) == 0
    assert remind_of_drafts(at=_instant_before_closing(draft, TWO_DAYS)) == 1
    assert _stages() == [TWO_DAYS, TWO_DAYS]


def _decided_at(moved: datetime) -> None:
    """Set the extension's instant, which the database sets to now."""
    with without_triggers("offers_offerextension") as cursor:
        cursor.execute("UPDATE offers_offerextension SET at = %s", [moved])
