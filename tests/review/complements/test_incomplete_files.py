"""Restrictions on an incomplete file: moves in an anonymous review, assessments, assignments."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.outbox.models import Delivery
from intake.review.access.errors import AnonymousReviewError
from intake.review.assignment.queries import RefusalReason, refusals
from intake.review.committees.operations import start_anonymous_review
from intake.review.marks.errors import MarkDuringComplementError
from intake.review.marks.operations import AssessmentData, save_assessment, submit_assessment
from intake.review.models import Assessment
from intake.review.moves.operations import move_as_reviewer
from intake.submissions.models import ComplementRequest, Submission
from intake.submissions.states import Action, State
from tests.factories.complements import (
    WORDS,
    complement_content,
    expire_request,
    file_answer,
    make_filed_and_closed,
    request_complement_for,
    resume_without_complement,
)
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_filed, make_reviewer
from tests.review.conftest import Received
from tests.review.reading import plain_page

pytestmark = pytest.mark.django_db
RESUME = "Reprendre sans complément"


@pytest.fixture
def member(filed: Submission) -> User:
    """A committee member."""
    return make_reviewer(filed.offer)


def _url(submission: Submission, name: str = "complement", *more: Any) -> str:
    return reverse(f"review:{name}", args=[submission.public_id, *more])


# -- Anonymous review -----------------------------------------------------------------------------------------------
def test_a_reviewer_in_anonymous_review_may_not_resume_a_file(filed: Submission, member: User) -> None:
    request_complement_for(filed)
    client, address = client_of(member), _url(filed, "move", "resume")
    assert RESUME in plain_page(client.get(_url(filed, "file")))
    start_anonymous_review(offer=filed.offer, actor=make_staff())
    assert RESUME not in plain_page(client.get(_url(filed, "file")))
    sent = {"version": filed.version, "reason": "Lisible."}
    for answered in (client.get(address, follow=True), client.post(address, sent, follow=True)):
        assert "L’évaluation de cette offre est anonyme" in plain_page(answered)
    with pytest.raises(AnonymousReviewError):
        move_as_reviewer(submission=filed, action=Action.RESUME, actor=member, reason="Lisible.")
    filed.refresh_from_db()
    assert filed.state == State.COMPLEMENT_REQUESTED


# -- Asking ---------------------------------------------------------------------------------------------------------
def _sent(client: Any, submission: Submission, **changes: Any) -> dict[str, Any]:
    """Preview the mail. Return the data that the button of its page sends."""
    asked = complement_content(submission)
    typed = {
        "words": WORDS,
        "documents": [row.pk for row in asked.documents],
        "sections": [],
        "due_on": asked.due_on.isoformat(),
        "version": submission.version,
        "despite": "",
        "letter": "",
        "acte": "lire",
    } | changes
    digest = re.search(
        r'name="letter" value="([0-9a-f]{64})"', plain_page(client.post(_url(submission), typed))
    )
    assert digest is not None
    return typed | {"letter": digest[1], "acte": "envoyer"}


@pytest.fixture(scope="module")
def sent_once(made_once: Received) -> dict[str, Any]:
    """The preview of the mail for a staff member, requested once for the tests that then send it."""
    return _sent(client_of(made_once.staff), made_once.filed)


@pytest.mark.parametrize(
    "changed, status, said",
    [
        ("due_on", 422, "Une autre personne a changé l’état de cette candidature"),
        ("sections", 422, "Une autre personne a changé l’état de cette candidature"),
        ("documents", 422, "Une autre personne a changé l’état de cette candidature"),
        ("nothing", 200, "Nous envoyons la demande par courriel"),
    ],
)
def test_a_request_sent_after_going_back_is_identical_or_previewed_again(
    filed: Submission, staff: User, sent_once: dict[str, Any], changed: str, status: int, said: str
) -> None:
    client, asked = client_of(staff), complement_content(filed)
    client.post(_url(filed), sent_once)
    first = ComplementRequest.objects.get()
    others: dict[str, dict[str, Any]] = {
        "due_on": {"due_on": (asked.due_on + timedelta(days=2)).isoformat()},
        "sections": {"sections": ["etudes"]},
        "documents": {"documents": [row.pk for row in filed.offer.documents.order_by("pk")]},
        "nothing": {},
    }
    assert filed.offer.documents.count() > 1
    again = _sent(client, filed, **others[changed])  # the version of the page that *Back* shows
    answered = client.post(_url(filed), again, follow=True)
    shown = plain_page(answered)
    every = (
        "Une autre personne a changé l’état de cette candidature",
        "Nous envoyons la demande par courriel",
    )
    assert (answered.status_code, [words for words in every if words in shown]) == (status, [said])
    assert ComplementRequest.objects.get() == first
    assert Delivery.objects.filter(kind="COMPLEMENT_REQUEST_MAIL").count() == 1


def test_no_complement_is_requested_from_a_closed_account(
    filed: Submission, staff: User, fresh_page: Any, sent_once: dict[str, Any]
) -> None:
    client = client_of(staff)
    assert "Demander un complément…" in plain_page(fresh_page)
    filed.candidate.is_active = False
    filed.candidate.save(update_fields=["is_active"])
    assert "Demander un complément…" not in plain_page(client.get(_url(filed, "file")))
    assert "Le compte de la personne candidate est fermé" in plain_page(
        client.post(_url(filed), sent_once, follow=True)
    )
    assert not ComplementRequest.objects.exists()


# -- Resuming -------------------------------------------------------------------------------------------------------
def test_the_page_states_whether_the_candidate_gets_a_mail(staff: User) -> None:
    submission, client = make_filed_and_closed(), client_of(staff)
    asked, address = request_complement_for(submission), _url(submission, "move", "resume")
    assert "Un courriel lui annonce que le complément n’est plus attendu" in plain_page(client.get(address))
    expire_request(asked)
    assert "Un courriel lui annonce que le complément n’est plus attendu" not in plain_page(
        client.get(address)
    )


# -- Assessments and assignments ------------------------------------------------------------------------------------
def _assessment_data(mark: int = 4) -> AssessmentData:
    return AssessmentData(mark=mark, note="Solide.")


def test_an_incomplete_file_is_not_assessed_and_the_draft_is_kept(filed: Submission, member: User) -> None:
    now = timezone.now()
    request_complement_for(filed)
    draft = save_assessment(submission=filed, reviewer=member, given=_assessment_data(3), version=0, at=now)
    with pytest.raises(MarkDuringComplementError):
        submit_assessment(submission=filed, reviewer=member, given=_assessment_data(), version=1, at=now)
    draft.refresh_from_db()
    assert (draft.mark, draft.version, draft.submitted_at) == (3, 1, None)
    resume_without_complement(submission=filed, actor=make_staff(), reason="Lisible.")
    given = submit_assessment(submission=filed, reviewer=member, given=_assessment_data(), version=1, at=now)
    assert (given.mark, given.submitted_at) == (4, now)


def test_a_file_can_be_marked_after_its_complement(filed: Submission, member: User) -> None:
    request_complement_for(filed)
    file_answer(filed)
    given = submit_assessment(
        submission=filed, reviewer=member, given=_assessment_data(), version=0, at=timezone.now()
    )
    assert given.filing_id == filed.standing_filing_id


def test_the_page_of_an_incomplete_file_offers_only_a_draft_of_marks(filed: Submission, member: User) -> None:
    client = client_of(member)
    page = plain_page(client.get(_url(filed, "file")))
    assert "Remettre mon évaluation" in page
    assert "Un complément est attendu" not in page
    request_complement_for(filed)
    page = plain_page(client.get(_url(filed, "file")))
    assert "Remettre mon évaluation" not in page
    assert "Enregistrer le brouillon" in page
    assert "Un complément est attendu" in page
    sent = {"mark": "4", "note": "Solide.", "version": "0", "filing": str(filed.standing_filing_id)}
    answered = client.post(_url(filed, "file"), sent | {"acte": "remettre"})
    assert answered.status_code == 422
    assert "Un complément est attendu pour cette candidature" in plain_page(answered)
    assert "Solide." in plain_page(answered)
    assert not Assessment.objects.exists()
    assert client.post(_url(filed, "file"), sent | {"acte": "brouillon"}).status_code == 302
    assert Assessment.objects.get().mark == 4


def test_a_submitted_assessment_is_not_submitted_again_meanwhile(filed: Submission, member: User) -> None:
    now = timezone.now()
    submit_assessment(submission=filed, reviewer=member, given=_assessment_data(), version=0, at=now)
    assert "Remettre de nouveau" in plain_page(client_of(member).get(_url(filed, "file")))
    request_complement_for(filed)
    assert "Remettre de nouveau" not in plain_page(client_of(member).get(_url(filed, "file")))
    with pytest.raises(MarkDuringComplementError):
        submit_assessment(submission=filed, reviewer=member, given=_assessment_data(2), version=1, at=now)
    assert Assessment.objects.get().mark == 4


def test_an_incomplete_file_is_not_assigned_for_its_own_reason(
    filed: Submission, member: User, staff: User
) -> None:
    request_complement_for(filed)
    declined = make_filed(filed.offer)
    Submission.objects.filter(pk=declined.pk).update(state=State.DECLINED)
    pairs = [(filed.pk, member.pk), (declined.pk, member.pk)]
    files = Submission.objects.filter(offer=filed.offer)
    found = refusals(pairs, offer=filed.offer, actor=staff, files=files)
    assert found == dict(zip(pairs, (RefusalReason.INCOMPLETE, RefusalReason.NOT_IN_HAND), strict=True))
    assert (
        RefusalReason.INCOMPLETE.sentence("N-1", "Ann")
        == "N-1 est incomplète\u00a0: un complément est attendu"
    )
