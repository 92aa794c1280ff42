"""A finding contradicted after the selection: recorded by deciders, notified at once, and blocks the placement."""

from copy import deepcopy

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.operations.invariants import INVARIANTS
from intake.outbox.models import Delivery
from intake.review.committees.operations import declare_conflict
from intake.review.delivery_kinds import CONTRADICTED_MAIL
from intake.review.evidence.errors import VerificationNotAllowedError
from intake.review.evidence.notify_contradiction import compose_contradicted
from intake.review.evidence.operations import Basis, verify_finding
from intake.review.models import Evidence
from intake.review.moves.operations import move_as_reviewer
from intake.submissions.lifecycle.errors import FindingUnconfirmedError
from intake.submissions.models import Submission
from intake.submissions.states import Action
from tests.factories.decisions import confirm, decide
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_reviewer, make_shortlisted
from tests.factories.submissions import make_open_offer
from tests.submissions.pages import text_of

pytestmark = pytest.mark.django_db

CONFIRMED, CONTRADICTED = Evidence.Outcome.CONFIRMED, Evidence.Outcome.CONTRADICTED


@pytest.fixture(scope="module")
def made(module_db: None) -> Submission:
    submission = make_shortlisted(make_open_offer(), last_name="Tremblay")
    decide(submission, action=Action.SELECT)
    submission.refresh_from_db()
    return submission


@pytest.fixture
def selected(made: Submission) -> Submission:
    return deepcopy(made)


def find(submission: Submission, outcome: Evidence.Outcome, actor: User) -> Evidence:
    filing = submission.standing_filing
    assert filing is not None
    return verify_finding(
        filing=filing,
        position=filing.verdict.blocking[0],
        outcome=outcome,
        basis=Basis(note="Le relevé dit autre chose."),
        actor=actor,
    )


def broken() -> list[str]:
    (invariant,) = [row for row in INVARIANTS if row.name == "a_selected_file_has_every_finding_confirmed"]
    return list(invariant.violations())


def test_a_contradiction_after_selection_notifies_deciders_and_blocks_the_stage(selected: Submission) -> None:
    author, other, bound = make_staff(), make_staff(), make_staff()
    declare_conflict(submission=selected, reviewer=bound, actor=bound)
    found = find(selected, CONTRADICTED, author)
    found.refresh_from_db()
    assert found.after_selection
    mails = Delivery.objects.filter(kind=CONTRADICTED_MAIL).order_by("pk")
    letters = {letter.to: letter for letter in (compose_contradicted(row, timezone.now()) for row in mails)}
    assert other.email in letters
    assert {author.email, bound.email, selected.candidate.email}.isdisjoint(letters)
    assert "Tremblay" in letters[other.email].text
    assert f"#critere-{found.position}" in letters[other.email].html
    assert not broken()
    with pytest.raises(FindingUnconfirmedError):
        move_as_reviewer(submission=selected, action=Action.PLACE, actor=author)
    client, page = client_of(author), reverse("review:file", args=[selected.public_id])
    shown = text_of(client.get(page).content)
    assert "mais un constat d’admissibilité est maintenant contredit" in shown
    assert f'href="#critere-{found.position}"' in shown
    assert "« Commencer le stage » reste impossible" in shown
    assert "Impossible pour l’instant" in shown
    address = reverse("review:move", args=[selected.public_id, "place"])
    said = text_of(client.post(address, {"version": selected.version}, follow=True).content)
    assert "ou n’est pas confirmé d’après les documents" in said
    find(selected, CONFIRMED, author)
    shown = text_of(client.get(page).content)
    assert "Ces vérifications permettent de commencer le stage" in shown
    assert "contredit" not in shown.split("Recevabilité", maxsplit=1)[0]
    assert "Impossible pour l’instant" not in shown
    moved = move_as_reviewer(submission=selected, action=Action.PLACE, actor=author)
    assert moved.state == "PLACED"


def test_a_reviewer_may_not_verify_a_selected_file(selected: Submission) -> None:
    reviewer = make_reviewer(selected.offer)
    with pytest.raises(VerificationNotAllowedError):
        find(selected, CONTRADICTED, reviewer)
    answer = client_of(reviewer).get(reverse("review:file", args=[selected.public_id]))
    read = answer.context["checks"].rows
    answer = client_of(make_staff()).get(reverse("review:file", args=[selected.public_id]))
    decided = answer.context["checks"].rows
    assert [row.position for row in read] == [row.position for row in decided]
    assert [row.form for row in read] == [None] * len(decided)
    assert any(row.form for row in decided)


def test_a_started_stage_ends_in_spite_of_a_contradiction(selected: Submission) -> None:
    staff = make_staff()
    move_as_reviewer(submission=selected, action=Action.PLACE, actor=staff)
    find(selected, CONTRADICTED, staff)
    page = reverse("review:file", args=[selected.public_id])
    shown = text_of(client_of(staff).get(page).content)
    assert "mais un constat d’admissibilité est contredit" in shown
    assert "Commencer le stage" not in shown
    moved = move_as_reviewer(submission=selected, action=Action.COMPLETE, actor=staff)
    assert moved.state == "COMPLETED"
    assert not broken()


def test_a_contradiction_before_the_selection_notifies_no_user(selected: Submission) -> None:
    submission = make_shortlisted(make_open_offer())
    confirm(submission)
    submission.refresh_from_db()
    found = find(submission, CONTRADICTED, make_staff())
    found.refresh_from_db()
    assert not found.after_selection
    assert not Delivery.objects.filter(kind=CONTRADICTED_MAIL).exists()
    find(selected, CONTRADICTED, make_staff())
    assert Delivery.objects.filter(kind=CONTRADICTED_MAIL).exists(), "after it, those who decide are"
