"""Evidence of a member who then has a link to the file, or applies to the offer, is asked for again."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from intake.accounts.models import User
from intake.review.committees.operations import lift_conflict
from intake.review.decisions.dry_run import predicted_refusals
from intake.review.decisions.queries import items_of
from intake.review.evidence.operations import Basis, verify_finding
from intake.review.evidence.queries import confirmed_counts
from intake.review.models import DecisionBatch, Evidence
from intake.review.moves.operations import move_as_reviewer
from intake.submissions.lifecycle.errors import FindingUnconfirmedError
from intake.submissions.models import Submission
from intake.submissions.states import Action
from tests.factories.decisions import make_batch, release, send
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_conflict, make_reviewer, make_shortlisted
from tests.factories.submissions import make_draft, make_open_offer
from tests.review.reading import filing_of
from tests.submissions.pages import text_of

pytestmark = pytest.mark.django_db

ALLOWED = "Ces vérifications permettent de retenir cette candidature"
AGAIN = "À confirmer de nouveau"


@pytest.fixture
def submission() -> Submission:
    return make_shortlisted(make_open_offer())


@pytest.fixture
def member(submission: Submission) -> User:
    return make_reviewer(submission.offer)


def verify_all(submission: Submission, author: User) -> None:
    for position in filing_of(submission).verdict.blocking:
        verify_finding(
            filing=filing_of(submission),
            position=position,
            outcome=Evidence.Outcome.CONFIRMED,
            basis=Basis(note="Vu à l’entrevue."),
            actor=author,
            over=author.pk,
        )


def page_of(submission: Submission, reader: User) -> str:
    address = reverse("review:file", args=[submission.public_id])
    return text_of(client_of(reader).get(address).content)


def refusals(batch: DecisionBatch) -> list[str]:
    return list(predicted_refusals(items_of(batch), reader=make_staff()).values())


def test_the_page_asks_again_for_what_a_person_in_conflict_confirmed(
    submission: Submission, member: User
) -> None:
    verify_all(submission, member)
    staff = make_staff()
    assert ALLOWED in page_of(submission, staff)
    conflict = make_conflict(submission, member)
    shown = page_of(submission, staff)
    wanted = len(filing_of(submission).verdict.blocking)
    assert ALLOWED not in shown
    assert "« Retenir » reste impossible" in shown
    assert shown.count(AGAIN) == wanted
    assert f"{wanted} à confirmer de nouveau" in shown
    assert confirmed_counts(filing_of(submission)) == (0, wanted)
    lift_conflict(conflict=conflict, actor=staff, reason="Homonyme.", at=conflict.declared_at)
    assert ALLOWED in page_of(submission, staff)


def test_a_batch_foresees_that_evidence_of_a_person_in_conflict_counts_no_more(
    submission: Submission, member: User
) -> None:
    verify_all(submission, member)
    batch = make_batch(submission, action=Action.SELECT)
    assert refusals(batch) == []
    make_conflict(submission, member)
    assert refusals(batch) == ["FINDING_UNCONFIRMED"]
    verify_all(submission, make_staff())
    assert refusals(batch) == []


def test_sending_refuses_a_selection_on_evidence_of_a_person_in_conflict(
    submission: Submission, member: User
) -> None:
    verify_all(submission, member)
    batch = release(make_batch(submission, action=Action.SELECT))
    make_conflict(submission, member)
    send(batch)
    assert batch.items.get().refusal == "FINDING_UNCONFIRMED"
    submission.refresh_from_db()
    assert submission.state == "SHORTLISTED"


@pytest.mark.parametrize("link", ["conflict", "draft"])
def test_the_database_refuses_a_selection_on_evidence_of_a_party(
    submission: Submission, member: User, link: str
) -> None:
    verify_all(submission, member)
    if link == "conflict":
        make_conflict(submission, member)
    else:
        make_draft(offer=submission.offer, candidate=member)
    with (
        pytest.raises(IntegrityError, match="is not confirmed"),
        transaction.atomic(),
    ):
        Submission.objects.filter(pk=submission.pk).update(state="SELECTED")


def test_a_stage_begins_on_no_evidence_of_a_person_in_conflict(submission: Submission, member: User) -> None:
    verify_all(submission, member)
    decide_on_evidence_of(submission)
    make_conflict(submission, member)
    submission.refresh_from_db()
    with pytest.raises(FindingUnconfirmedError):
        move_as_reviewer(submission=submission, action=Action.PLACE, actor=make_staff())


def decide_on_evidence_of(submission: Submission) -> None:
    """Select without further evidence."""
    send(release(make_batch(submission, action=Action.SELECT)))
    submission.refresh_from_db()
    assert submission.state == "SELECTED"


def test_a_contradiction_of_a_person_in_conflict_is_to_be_verified_again(
    submission: Submission, member: User
) -> None:
    verify_all(submission, member)
    verify_finding(
        filing=filing_of(submission),
        position=1,
        outcome=Evidence.Outcome.CONTRADICTED,
        basis=Basis(note="Faux."),
        actor=member,
    )
    make_conflict(submission, member)
    shown = page_of(submission, make_staff())
    assert shown.count(AGAIN) == len(filing_of(submission).verdict.blocking)
    assert "contredit par un document" not in shown
