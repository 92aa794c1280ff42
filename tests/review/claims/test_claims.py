"""Claims on a file: one user at a time, for a limited time, claimed explicitly and released."""

from datetime import timedelta
from typing import NamedTuple

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.journal.models import Entry
from intake.review.access.errors import NotOnCommitteeError
from intake.review.bulk.dry_run import predict_moves
from intake.review.claims.operations import FileClaimedError, claim_file, current_claim, release_claim
from intake.review.evidence.operations import Basis, verify_finding
from intake.review.models import Assessment, Claim, Evidence
from intake.review.moves.operations import move_as_reviewer
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Ruling, Submission
from intake.submissions.states import TABLE, Action
from tests.factories.bulk import run_bulk_action
from tests.factories.people import client_of, make_staff
from tests.factories.review import (
    make_assessment,
    make_conflict,
    make_filed,
    make_filed_for_review,
    make_reviewer,
)
from tests.factories.submissions import make_open_offer
from tests.review.parts import copy_of
from tests.review.reading import one_line_of

pytestmark = pytest.mark.django_db

AGE = 1  # position in the demonstration's rulebook
LEASE = timedelta(minutes=15)


class CaseData(NamedTuple):
    """A file and two members of its committee."""

    filed: Submission
    one: User
    other: User


@pytest.fixture(scope="module")
def made(module_db: None) -> CaseData:
    filed = make_filed(make_open_offer())
    return CaseData(filed, make_reviewer(filed.offer), make_reviewer(filed.offer))


filed, one, other = copy_of("filed"), copy_of("one"), copy_of("other")


def holder_of(submission: Submission) -> User | None:
    claim = current_claim(submission)
    return claim.holder if claim else None


def expire(submission: Submission) -> None:
    """Let the claim on the file have expired just now."""
    past = timezone.now() - LEASE
    Claim.objects.filter(submission=submission).update(
        claimed_at=past - timedelta(minutes=1), expires_at=past
    )


def verify(submission: Submission, actor: User, over: int | None = None) -> Evidence:
    assert submission.standing_filing is not None
    return verify_finding(
        filing=submission.standing_filing,
        position=AGE,
        outcome=Evidence.Outcome.CONFIRMED,
        basis=Basis(note="Vu le passeport."),
        actor=actor,
        over=over,
    )


def address(name: str, submission: Submission, *arguments: object) -> str:
    return reverse(f"review:{name}", args=[submission.public_id, *arguments])


def actions_on(submission: Submission) -> list[str]:
    entries = Entry.objects.filter(subject_id=str(submission.public_id), action__startswith="FILE_")
    return list(entries.order_by("pk").values_list("action", flat=True))


# -- The lease ---------------------------------------------------------------------------------------------------
def test_a_claimed_file_cannot_be_claimed_until_its_release(
    filed: Submission, one: User, other: User
) -> None:
    claim = claim_file(submission=filed, actor=one)
    assert claim.expires_at - claim.claimed_at == LEASE
    with pytest.raises(FileClaimedError) as refused:
        claim_file(submission=filed, actor=other)
    assert (refused.value.claim.holder, refused.value.code) == (one, "FILE_HELD")
    assert not release_claim(submission=filed, actor=other)
    assert release_claim(submission=filed, actor=one)
    assert claim_file(submission=filed, actor=other).holder == other
    assert actions_on(filed) == ["FILE_CLAIMED", "FILE_GIVEN_BACK", "FILE_CLAIMED"]


def test_an_expired_claim_is_void_and_a_repeated_one_is_renewed(
    filed: Submission, one: User, other: User
) -> None:
    first = claim_file(submission=filed, actor=one)
    Claim.objects.update(expires_at=first.claimed_at + timedelta(minutes=5))
    again = claim_file(submission=filed, actor=one)
    assert (again.claimed_at, again.expires_at) == (first.claimed_at, first.claimed_at + LEASE)
    expire(filed)
    assert holder_of(filed) is None
    assert not release_claim(submission=filed, actor=one)
    taken = claim_file(submission=filed, actor=other)
    assert (taken.holder, taken.expires_at - taken.claimed_at) == (other, LEASE)
    assert actions_on(filed) == ["FILE_CLAIMED", "FILE_CLAIMED"]


def test_taking_over_a_claim_names_its_holder(filed: Submission, one: User, other: User) -> None:
    third = make_staff()
    first = claim_file(submission=filed, actor=one)
    earlier = first.claimed_at - timedelta(minutes=5)
    Claim.objects.update(claimed_at=earlier, expires_at=earlier + LEASE)
    taken = claim_file(submission=filed, actor=other, over=one.pk)
    assert (taken.claimed_at, taken.expires_at) == (first.claimed_at, first.claimed_at + LEASE)
    with pytest.raises(FileClaimedError):
        claim_file(submission=filed, actor=third, over=one.pk)
    entry = Entry.objects.get(action="FILE_TAKEN_OVER")
    assert (entry.actor, entry.detail) == (other, str(one.public_id))
    assert holder_of(filed) == other


def test_only_users_who_may_read_a_file_claim_it(filed: Submission, one: User) -> None:
    for stranger in (make_reviewer(make_open_offer()), filed.candidate):
        with pytest.raises(NotOnCommitteeError):
            claim_file(submission=filed, actor=stranger)
    claim_file(submission=filed, actor=one)
    make_conflict(filed, one)
    assert holder_of(filed) is None
    with pytest.raises(NotOnCommitteeError):
        claim_file(submission=filed, actor=one)


def test_work_claims_the_file_and_a_move_only_respects_a_claim(
    filed: Submission, one: User, other: User
) -> None:
    move_as_reviewer(submission=filed, action=Action.START_REVIEW, actor=one)
    assert holder_of(filed) is None
    verify(filed, one)
    assert holder_of(filed) == one
    with pytest.raises(FileClaimedError):
        verify(filed, other)
    with pytest.raises(FileClaimedError):
        move_as_reviewer(submission=filed, action=Action.SHORTLIST, actor=make_staff())
    make_assessment(filed, other, 4)  # an assessment neither needs nor makes a claim
    assert holder_of(filed) == one
    filed.refresh_from_db()
    assert (filed.state, Evidence.objects.count()) == ("UNDER_REVIEW", 1)
    staff = make_staff()
    move_as_reviewer(submission=filed, action=Action.SHORTLIST, actor=staff, over=one.pk)
    assert holder_of(filed) == staff


# -- The pages ---------------------------------------------------------------------------------------------------
def test_reading_claims_no_file_and_the_page_names_the_holder(
    filed: Submission, one: User, other: User
) -> None:
    mine, theirs = client_of(one), client_of(other)
    for method in (mine.get, mine.head):
        method(address("file", filed))
        method(address("hand", filed))
    assert not Claim.objects.exists()
    assert "Ce dossier est libre" in one_line_of(mine.get(address("file", filed)))
    shown = one_line_of(mine.post(address("hand", filed), {"acte": "prendre"}, follow=True))
    assert "Vous avez pris ce dossier en charge" in shown
    shown = one_line_of(theirs.get(address("file", filed)))
    assert f"Pris en charge par {one}, de" in shown
    assert "Prendre en charge" in shown
    refused = one_line_of(theirs.post(address("hand", filed), {"acte": "prendre"}, follow=True))
    assert f"Ce dossier est pris en charge par {one}, de" in refused
    shown = one_line_of(theirs.post(address("hand", filed), {"prendre": one.pk}, follow=True))
    assert "Vous avez ce dossier en charge jusqu’à" in shown
    shown = one_line_of(mine.post(address("hand", filed), {"acte": "rendre"}, follow=True))
    assert "Vous n’aviez plus ce dossier en charge." in shown
    shown = one_line_of(theirs.post(address("hand", filed), {"acte": "rendre"}, follow=True))
    assert "Le dossier est libéré" in shown
    claim_file(submission=filed, actor=one)
    for nonsense in ("x", "9" * 40, "²"):
        refused = one_line_of(theirs.post(address("hand", filed), {"prendre": nonsense}, follow=True))
        assert f"Ce dossier est pris en charge par {one}, de" in refused
    assert holder_of(filed) == one


def test_a_move_refused_by_a_claim_keeps_its_reason_for_taking_over(filed: Submission, one: User) -> None:
    staff = make_staff()
    claim_file(submission=filed, actor=one)
    for action in (Action.START_REVIEW, Action.SHORTLIST):
        move_submission(submission=filed, action=action, actor=staff)
    filed.refresh_from_db()
    sent = {"version": filed.version, "reason": "Diplôme trop ancien."}
    move = address("move", filed, "leave-shortlist")
    answer = client_of(staff).post(move, sent)
    assert answer.status_code == 422
    shown = one_line_of(answer)
    assert f"Ce dossier est pris en charge par {one}, de" in shown
    assert "Diplôme trop ancien." in shown
    assert f'name="prendre" value="{one.pk}"' in shown
    filed.refresh_from_db()
    assert filed.state == "SHORTLISTED"
    assert client_of(staff).post(move, sent | {"prendre": one.pk}).status_code == 302
    filed.refresh_from_db()
    assert filed.state == "UNDER_REVIEW"
    assert actions_on(filed) == ["FILE_CLAIMED", "FILE_TAKEN_OVER"]


def test_verifications_and_rulings_refused_by_a_claim_keep_typed_text(one: User, filed: Submission) -> None:
    reserved, staff = make_filed_for_review(filed.offer), make_staff()
    for submission, name, prefix, typed, field in (
        (filed, "verify", "verification", {"outcome": "CONFIRMED", "note": "Vu le passeport."}, "note"),
        (reserved, "rule", "constat", {"decision": "OVERTURNED", "reason": "Vu le passeport."}, "reason"),
    ):
        claim_file(submission=submission, actor=one)
        sent = typed | {"filing": submission.standing_filing_id, "seen": 0}
        fields = {f"{prefix}-{AGE}-{key}": value for key, value in sent.items()}
        answer = client_of(staff).post(address(name, submission, AGE), fields)
        assert answer.status_code == 422
        shown = one_line_of(answer)
        assert f"Ce dossier est pris en charge par {one}, de" in shown
        assert "Vu le passeport." in shown
        assert "Prendre en charge et enregistrer" in shown
        again = client_of(staff).post(address(name, submission, AGE), fields | {"prendre": one.pk})
        assert again.status_code == 302, field
        assert holder_of(submission) == staff
    assert (Evidence.objects.count(), Ruling.objects.count()) == (1, 1)


def test_marks_are_accepted_during_a_claim_of_another_user(filed: Submission, one: User, other: User) -> None:
    claim_file(submission=filed, actor=one)
    sent = {"version": 0, "filing": filed.standing_filing_id, "note": "Solide.", "acte": "brouillon"}
    assert client_of(other).post(address("file", filed), sent).status_code == 302
    assert Assessment.objects.get(reviewer=other).note == "Solide."


def test_a_bulk_run_skips_a_file_claimed_by_another_user(filed: Submission, one: User, other: User) -> None:
    second = make_filed(filed.offer)
    claim_file(submission=filed, actor=one)

    def moves() -> dict[int, bool]:
        rows = predict_moves(chosen=[filed.pk, second.pk], move=TABLE[Action.START_REVIEW], actor=other)
        return {row.submission.pk: row.moves for row in rows}

    claimed = Claim.objects.get()
    assert moves() == {filed.pk: False, second.pk: True}
    expire(filed)
    assert moves() == {filed.pk: True, second.pk: True}
    claimed.save()
    done = run_bulk_action(other, Action.START_REVIEW, filed, second)
    assert done == ["Ce dossier est pris en charge par une autre personne.", ""]
    assert Claim.objects.count() == 1
