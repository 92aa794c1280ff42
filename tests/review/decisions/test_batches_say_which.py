"""Errors of a batch name the submissions concerned, and a changed batch stores what was requested."""

from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from intake.journal.models import Entry
from intake.outbox.models import Delivery
from intake.review.access.errors import (
    EmptyRunError,
    NotOnCommitteeError,
    ReasonMissingError,
    RunTooLargeError,
)
from intake.review.bulk import operations
from intake.review.bulk.operations import start_bulk_run
from intake.review.decisions.errors import (
    BatchClosedError,
    DecisionAlreadyPendingError,
    MessageMissingError,
    NotDecidableError,
    NothingChosenError,
    NotThePreparerError,
    StaleBatchError,
    StaleChoiceError,
)
from intake.review.decisions.operations import change_batch, prepare_batch, revoke_batch
from intake.review.models import BulkRun, DecisionBatch
from intake.submissions.lifecycle.errors import OfferCancelledError
from intake.submissions.models import Submission
from intake.submissions.states import Action
from offers.models import Offer
from tests.factories.decisions import make_batch
from tests.factories.offers import mark_cancelled
from tests.factories.people import make_staff
from tests.factories.review import (
    make_conflict,
    make_filed,
    make_filed_for_review,
    make_reviewer,
    make_shortlisted,
)
from tests.factories.submissions import make_open_offer

pytestmark = pytest.mark.django_db


@pytest.fixture
def offer() -> Offer:
    return make_open_offer()


def number(submission: Submission) -> str:
    assert submission.standing_filing is not None
    return submission.standing_filing.receipt.number


def test_a_refusal_names_exactly_the_files_concerned(offer: Offer) -> None:
    one, other, third = (make_shortlisted(offer) for _each in range(3))
    received, reserved = make_filed(offer), make_filed_for_review(offer)
    with pytest.raises(NotDecidableError) as undecidable:
        make_batch(one, received, reserved, action=Action.DECLINE)
    assert set(undecidable.value.numbers) == {number(received), number(reserved)}
    with pytest.raises(MessageMissingError) as missing:
        make_batch(one, other, action=Action.INVITE, messages={one.pk: "À 9 h."})
    assert missing.value.numbers == (number(other),)
    make_batch(other)
    with pytest.raises(DecisionAlreadyPendingError) as awaited:
        make_batch(one, other, third)
    assert awaited.value.numbers == (number(other),)
    with pytest.raises(StaleChoiceError) as stale:
        prepare_batch(
            offer=offer,
            action=Action.DECLINE,
            title="Lot",
            word="",
            chosen={one.pk: "", third.pk: ""},
            actor=make_staff(),
            versions={one.pk: one.version, third.pk: third.version + 1},
        )
    assert (stale.value.rows, stale.value.numbers) == ((third.pk,), (number(third),))
    assert DecisionBatch.objects.count() == 1
    kept = make_batch(one, third, action=Action.INVITE, messages={one.pk: " À 9 h. ", third.pk: "À 10 h."})
    said = kept.items.order_by("pk").values_list("submission", "message", "version", "action")
    assert list(said) == [
        (one.pk, "À 9 h.", one.version, "INVITE"),
        (third.pk, "À 10 h.", third.version, "INVITE"),
    ]


def test_a_changed_batch_stores_the_requested_decisions(offer: Offer) -> None:
    kept, left, joined = (make_shortlisted(offer) for _each in range(3))
    batch = make_batch(kept, left, action=Action.INVITE, word="À 9 h.")
    Submission.objects.filter(pk=kept.pk).update(version=kept.version + 4)
    asked: dict[str, Any] = {
        "batch": batch,
        "title": " Autre titre ",
        "word": " À 10 h. ",
        "chosen": {kept.pk: " À vous. ", joined.pk: ""},
        "actor": batch.prepared_by,
        "version": 0,
    }
    for wrong, refusal in (
        ({"actor": make_staff()}, NotThePreparerError),
        ({"version": 1}, StaleBatchError),
        ({"chosen": {}}, NothingChosenError),
        ({"word": "", "chosen": {kept.pk: ""}}, MessageMissingError),
        ({"chosen": {make_shortlisted(make_open_offer()).pk: ""}}, NotOnCommitteeError),
        ({"versions": {kept.pk: kept.version, joined.pk: joined.version}}, StaleChoiceError),
    ):
        with pytest.raises(refusal):
            change_batch(**asked | wrong)
    changed = change_batch(**asked)
    assert (changed.pk, changed.title, changed.word, changed.version) == (
        batch.pk,
        "Autre titre",
        "À 10 h.",
        1,
    )
    said = changed.items.order_by("pk").values_list("submission", "message", "version", "action")
    assert list(said) == [
        (kept.pk, "À vous.", kept.version + 4, "INVITE"),
        (joined.pk, "", joined.version, "INVITE"),
    ]
    assert Entry.objects.get(action="DECISIONS_CHANGED").detail == "INVITE items=2"
    mark_cancelled(offer.pk)
    with pytest.raises(OfferCancelledError):
        change_batch(**asked | {"version": 1, "batch": DecisionBatch.objects.get(pk=batch.pk)})
    revoke_batch(batch=batch, actor=make_staff(), at=timezone.now())
    with pytest.raises(BatchClosedError) as closed:
        change_batch(**asked | {"version": 1})
    assert closed.value.state == DecisionBatch.State.REVOKED


# -- Bulk runs ---------------------------------------------------------------------------------------------------
def test_a_bulk_run_contains_readable_files_in_displayed_order(
    offer: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, hidden = (make_filed(offer) for _each in range(3))
    member = make_reviewer(offer)
    make_conflict(hidden, member)
    now, key = timezone.now(), uuid4()
    asked: dict[str, Any] = {
        "key": key,
        "action": Action.START_REVIEW,
        "actor": member,
        "versions": {second.pk: 7, hidden.pk: 8, first.pk: 9},
        "at": now,
        "reason": " Vu. ",
        "query": "etat=SUBMITTED",
    }
    for wrong, refusal in (
        ({"versions": {}}, EmptyRunError),
        ({"versions": {hidden.pk: 8}}, EmptyRunError),
        ({"action": Action.LEAVE_SHORTLIST, "reason": " "}, ReasonMissingError),
    ):
        with pytest.raises(refusal):
            start_bulk_run(**asked | wrong)
    monkeypatch.setattr(operations, "BULK_MAX", 2)
    with pytest.raises(RunTooLargeError):
        start_bulk_run(**asked)
    assert not BulkRun.objects.exists()
    monkeypatch.setattr(operations, "BULK_MAX", 3)
    run = start_bulk_run(**asked)
    assert start_bulk_run(**asked | {"reason": "Autre."}) == run
    assert (run.reason, run.query, run.action, run.actor) == ("Vu.", "etat=SUBMITTED", "START_REVIEW", member)
    items = run.items.order_by("position").values_list("position", "submission", "version", "state")
    assert list(items) == [(1, second.pk, 7, "OPEN"), (2, first.pk, 9, "OPEN")]
    job = Delivery.objects.get(kind=operations.BULK_RUN)
    assert (job.key, job.due_at) == (f"{run.public_id}-1", now)
    # The same page sent by another user is another run: files in a waiting run are refused at once, with a message.
    staff = make_staff()
    other = start_bulk_run(**asked | {"actor": staff, "versions": {first.pk: 9, hidden.pk: 8}})
    rows = other.items.order_by("position").values_list("position", "submission", "state", "refusal", "found")
    assert list(rows) == [
        (1, first.pk, "REFUSED", "IN_ANOTHER_RUN", "SUBMITTED"),
        (2, hidden.pk, "OPEN", "", ""),
    ]
    assert operations.stop_bulk_run(run=run, actor=member) == 2
    assert operations.stop_bulk_run(run=run, actor=member) == 0
    assert Entry.objects.filter(action="BULK_RUN_STOPPED").count() == 1
