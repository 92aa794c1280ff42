"""Batches of decisions: errors of each step and each user; two persons, a release instant, revocation."""

from copy import deepcopy
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from intake.outbox.models import Delivery
from intake.outbox.selectors import workable
from intake.review.access.errors import InConflictError, NotOnCommitteeError, OwnSubmissionError
from intake.review.committees.operations import declare_conflict
from intake.review.decisions.dry_run import predicted_refusals
from intake.review.decisions.errors import (
    BatchClosedError,
    DecisionAlreadyPendingError,
    DecisionPendingError,
    InstantPassedError,
    MessageMissingError,
    NotDecidableError,
    NothingChosenError,
    NotThePreparerError,
    SecondPersonError,
    StaleBatchError,
    TooManyChosenError,
)
from intake.review.decisions.operations import BATCH_MAX, change_batch, revoke_batch
from intake.review.decisions.queries import decidable, items_of
from intake.review.delivery_kinds import DECISIONS
from intake.review.moves.operations import move_as_reviewer
from intake.submissions.delivery_kinds import DECISION_MAIL
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Submission
from intake.submissions.states import Action
from tests.factories.decisions import make_batch, release, send
from tests.factories.people import make_staff, make_user
from tests.factories.review import make_filed, make_filed_for_review, make_reviewer, make_shortlisted
from tests.factories.submissions import make_open_offer
from tests.review.reading import number_of

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db

WHERE = "Par visioconférence, le 12 mai 2027 à 10 h (heure de l’Est, Québec)."


@pytest.fixture(scope="module")
def made(module_db: None) -> Submission:
    return make_shortlisted(make_open_offer())


@pytest.fixture
def shortlisted(made: Submission) -> Submission:
    return deepcopy(made)


def test_a_batch_moves_no_file_until_it_is_sent(shortlisted: Submission) -> None:
    with pytest.raises(PermissionDenied):  # no batch for a move that is not announced
        make_batch(shortlisted, action=Action.START_REVIEW)
    batch = make_batch(shortlisted)
    release(batch, release_at=timezone.now() + timedelta(hours=1))
    shortlisted.refresh_from_db()
    assert shortlisted.state == "SHORTLISTED"
    mails = Delivery.objects.filter(kind=DECISION_MAIL)
    assert not mails.exists()
    other = make_shortlisted(shortlisted.offer)
    send(release(make_batch(other)))
    other.refresh_from_db()
    assert (other.state, mails.count()) == ("DECLINED", 1)


@pytest.mark.parametrize("who", ["candidate", "reviewer", "applicant", "conflicted"])
def test_users_without_permission_or_impartiality_prepare_no_batch(shortlisted: Submission, who: str) -> None:
    staff = make_staff()
    if who == "applicant":
        make_filed(shortlisted.offer, candidate=staff)
    if who == "conflicted":
        other = make_filed(shortlisted.offer)
        declare_conflict(submission=other, reviewer=staff, actor=staff)
    person, refusal = {
        "candidate": (make_user(), PermissionDenied),
        "reviewer": (make_reviewer(shortlisted.offer), PermissionDenied),
        "applicant": (staff, OwnSubmissionError),
        "conflicted": (staff, InConflictError),
    }[who]
    batch = make_batch(shortlisted)
    with pytest.raises(refusal):
        release(batch, by=person)
    with pytest.raises(refusal):
        revoke_batch(batch=batch, actor=person, at=timezone.now())
    revoke_batch(batch=batch, actor=make_staff(), at=timezone.now())
    with pytest.raises(refusal):
        make_batch(shortlisted, preparer=person)


def test_a_refusal_names_exactly_the_files_concerned(shortlisted: Submission) -> None:
    offer = shortlisted.offer
    other, third, received = make_shortlisted(offer), make_shortlisted(offer), make_filed(offer)
    reserved = make_filed_for_review(offer)
    with pytest.raises(NotDecidableError) as undecidable:
        make_batch(shortlisted, received, reserved)
    assert set(undecidable.value.numbers) == {number_of(received), number_of(reserved)}
    with pytest.raises(NotOnCommitteeError):
        make_batch(shortlisted, make_shortlisted(make_open_offer()))
    with pytest.raises(PermissionDenied):
        make_batch(shortlisted, action=Action.RECOMMEND)
    with pytest.raises(MessageMissingError):
        make_batch(shortlisted, action=Action.INVITE, word=" \n ")
    with pytest.raises(MessageMissingError) as missing:
        make_batch(shortlisted, other, action=Action.INVITE, messages={shortlisted.pk: "À 9 h."})
    assert missing.value.numbers == (number_of(other),)
    make_batch(other)
    with pytest.raises(DecisionAlreadyPendingError) as awaited:
        make_batch(shortlisted, other, third)
    assert awaited.value.numbers == (number_of(other),)


def test_a_file_in_human_review_is_neither_proposed_nor_taken(shortlisted: Submission) -> None:
    offer, action = shortlisted.offer, Action.FIND_INADMISSIBLE
    plain, reserved = make_filed(offer), make_filed_for_review(offer)
    assert list(decidable(user=make_staff(), offer=offer, action=action)) == [plain]
    with pytest.raises(NotDecidableError):
        make_batch(reserved, action=action, word="Hors Québec.")


def test_only_its_preparer_changes_a_batch_in_its_current_version(shortlisted: Submission) -> None:
    batch = make_batch(shortlisted, action=Action.INVITE, word=WHERE)
    other = make_shortlisted(shortlisted.offer)
    chosen, preparer = {shortlisted.pk: "À 11 h.", other.pk: ""}, batch.prepared_by
    said: dict[str, Any] = {"title": "Entrevues", "word": WHERE, "chosen": chosen}
    with pytest.raises(NotThePreparerError):
        change_batch(batch=batch, **said, actor=make_staff(), version=0)
    with pytest.raises(MessageMissingError):
        change_batch(batch=batch, **said | {"word": ""}, actor=preparer, version=0)
    with pytest.raises(NothingChosenError):
        change_batch(batch=batch, **said | {"chosen": {}}, actor=preparer, version=0)
    with pytest.raises(TooManyChosenError):
        many = dict.fromkeys(range(BATCH_MAX + 1), "")
        change_batch(batch=batch, **said | {"chosen": many}, actor=preparer, version=0)
    changed = change_batch(batch=batch, **said, actor=preparer, version=0)
    assert changed.version == 1
    assert dict(changed.items.values_list("submission", "message")) == chosen
    with pytest.raises(StaleBatchError):
        change_batch(batch=batch, **said, actor=preparer, version=0)
    del chosen[shortlisted.pk]
    change_batch(batch=batch, **said, actor=preparer, version=1)
    assert list(batch.items.values_list("submission", flat=True)) == [other.pk]


def test_a_changed_batch_decides_on_the_current_versions(shortlisted: Submission) -> None:
    batch = make_batch(shortlisted)
    move_submission(submission=shortlisted, action=Action.RECOMMEND, actor=make_staff())
    assert set(predicted_refusals(items_of(batch), reader=make_staff()).values()) == {"STALE_SUBMISSION"}
    changed = change_batch(
        batch=batch, title="", word="", chosen={shortlisted.pk: ""}, actor=batch.prepared_by, version=0
    )
    assert not predicted_refusals(items_of(changed), reader=make_staff())
    send(release(changed))
    shortlisted.refresh_from_db()
    assert shortlisted.state == "DECLINED"


def test_a_file_with_a_prepared_decision_is_moved_only_knowingly(shortlisted: Submission) -> None:
    batch, staff = make_batch(shortlisted), make_staff()
    asked: dict[str, Any] = {"submission": shortlisted, "action": Action.RECOMMEND, "actor": staff}
    with pytest.raises(DecisionPendingError) as refused:
        move_as_reviewer(**asked)
    assert refused.value.item == batch.items.get()
    with pytest.raises(DecisionPendingError):
        move_as_reviewer(**asked, despite=refused.value.item.pk + 1)
    assert move_as_reviewer(**asked, despite=refused.value.item.pk).state == "RECOMMENDED"
    assert set(predicted_refusals(items_of(batch), reader=make_staff()).values()) == {"STALE_SUBMISSION"}


def test_a_second_person_releases_the_version_that_they_read(shortlisted: Submission) -> None:
    batch = make_batch(shortlisted)
    with pytest.raises(SecondPersonError):
        release(batch, by=batch.prepared_by)
    with pytest.raises(StaleBatchError):
        release(batch, version=1)
    for wrong in (timedelta(seconds=-1), timedelta(days=400)):
        with pytest.raises(InstantPassedError):
            release(batch, release_at=timezone.now() + wrong)
    second = make_staff()
    assert release(batch, by=second).released_by == second
    again: dict[str, Any] = {"title": "", "word": "", "chosen": {shortlisted.pk: ""}, "version": 0}
    late: list[Callable[[], object]] = [
        lambda: release(batch),
        lambda: change_batch(batch=batch, **again, actor=batch.prepared_by),
    ]
    for act in late:
        with pytest.raises(BatchClosedError):
            act()


def test_an_invitation_without_a_message_is_not_released(shortlisted: Submission) -> None:
    batch = make_batch(shortlisted, action=Action.INVITE, word=WHERE)
    batch.word = ""
    batch.save()
    with pytest.raises(MessageMissingError):
        release(batch)


def test_a_release_is_due_at_its_instant(shortlisted: Submission) -> None:
    now = timezone.now()
    later = now + timedelta(days=3)
    batch = release(make_batch(shortlisted), release_at=later)
    job = Delivery.objects.filter(kind=DECISIONS, subject_id=str(batch.pk))
    assert not job.filter(workable(later - timedelta(seconds=1))).exists()
    assert job.filter(workable(later)).exists()
