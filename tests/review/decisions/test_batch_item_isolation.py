"""Each item of a batch or bulk run is written, counted and performed once, whatever happens to the others."""

from copy import deepcopy
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from intake.outbox.models import Delivery
from intake.review.decisions import approval, sending
from intake.review.delivery_kinds import DECISIONS
from intake.review.evidence import register_recheck
from intake.review.exports import orders
from intake.review.exports.orders import cancel_order
from intake.review.marks.errors import StaleAssessmentError
from intake.review.marks.operations import AssessmentData, save_assessment, submit_assessment
from intake.review.models import DecisionBatch, DecisionItem, ExportOrder, RegisterMatch
from intake.submissions.models import Submission, Transition
from offers.models import Offer
from tests.factories.decisions import make_batch, release
from tests.factories.exports import make_frozen, make_order
from tests.factories.people import make_staff
from tests.factories.review import make_filed, make_reviewer, make_shortlisted
from tests.factories.submissions import make_open_offer

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(module_db: None) -> list[Submission]:
    offer = make_open_offer()
    return [make_shortlisted(offer) for _time in range(3)]


@pytest.fixture
def rows(made: list[Submission]) -> list[Submission]:
    """Three shortlisted submissions of `offer`."""
    return deepcopy(made)


@pytest.fixture
def offer(rows: list[Submission]) -> Offer:
    return rows[0].offer


def test_the_progress_of_an_export_order_is_its_own(offer: Offer) -> None:
    frozen, staff = make_frozen(offer), make_staff()
    written, other = make_order(staff, frozen, "csv"), make_order(staff, frozen, "xlsx")
    orders._ticker(written)()
    assert dict(ExportOrder.objects.values_list("pk", "done")) == {written.pk: 1, other.pk: 0}
    cancel_order(order=written, actor=staff)
    with pytest.raises(orders._OrderClosedError):
        orders._ticker(written)()
    other.refresh_from_db()
    assert (other.done, other.state) == (0, "OPEN")


def test_the_remaining_jobs_of_a_long_batch_keep_the_first_instant(
    rows: list[Submission], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "BATCH_SIZE", 1)
    batch = release(make_batch(*rows))
    at = timezone.now() + timedelta(minutes=3)
    items = list(batch.items.order_by("pk").values_list("pk", flat=True))
    for done in range(1, 4):
        sending.send_decisions(Delivery.objects.filter(kind=DECISIONS).latest("pk"), at)
        assert batch.items.filter(state="DONE").count() == done
    jobs = list(Delivery.objects.filter(kind=DECISIONS).order_by("pk").values_list("key", "due_at"))
    assert jobs[1:] == [(f"{batch.pk}.0-{item}", at) for item in items[1:]]
    batch.refresh_from_db()
    assert (batch.state, batch.ended_at) == ("SENT", at)


def test_an_unchanged_draft_of_an_assessment_can_be_submitted(offer: Offer) -> None:
    filed, member, now = make_filed(offer), make_reviewer(offer), timezone.now()
    asked: dict[str, Any] = {
        "submission": filed,
        "reviewer": member,
        "given": AssessmentData(mark=4, note="Lu."),
        "at": now,
    }
    with pytest.raises(StaleAssessmentError) as never_saved:
        save_assessment(**asked, version=1)
    assert never_saved.value.saved_at == now
    draft = save_assessment(**asked, version=0)
    with pytest.raises(StaleAssessmentError) as saved_since:
        save_assessment(
            **asked | {"given": AssessmentData(mark=5), "at": now + timedelta(hours=1)}, version=0
        )
    assert saved_since.value.saved_at == now
    later = now + timedelta(hours=2)
    done = submit_assessment(**asked | {"at": later}, version=draft.version)
    assert (done.submitted_at, done.score, done.first_score, done.version) == (
        later,
        Decimal(4),
        Decimal(4),
        2,
    )


def test_a_decision_done_by_another_worker_is_not_repeated(
    rows: list[Submission], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = release(make_batch(rows[0]))
    item = batch.items.get()
    lock = approval.lock_batch

    def made_while_this_one_waited(number: int) -> DecisionBatch:
        DecisionItem.objects.filter(pk=item.pk).update(state="DONE", done_at=timezone.now())
        return lock(number)

    monkeypatch.setattr(sending, "lock_batch", made_while_this_one_waited)
    sending.announce_decision(item_id=item.pk, at=timezone.now())
    item.refresh_from_db()
    assert (item.state, item.refusal) == ("DONE", "")
    assert not Transition.objects.filter(action="DECLINE").exists()


def test_an_older_register_row_unknown_at_the_filing_is_kept(
    offer: Offer, rows: list[Submission], monkeypatch: pytest.MonkeyPatch
) -> None:
    filing = rows[0].standing_filing
    assert filing is not None
    found = RegisterMatch(filing=filing, position=2, entered_at=filing.received_at - timedelta(days=1))
    monkeypatch.setattr(register_recheck, "matches_of", lambda filings: {each.pk: found for each in filings})
    kept = []
    for known in (False, True):
        monkeypatch.setattr(register_recheck, "was_matched_at_filing", lambda _filing, known=known: known)
        register_recheck._keep_matches([filing], offer.programme)
        kept.append(list(RegisterMatch.objects.values_list("filing", "position", "entered_at")))
    assert kept == [[(filing.pk, 2, found.entered_at)], []]
