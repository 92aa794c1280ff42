"""A user who is not impartial about an offer neither decides nor rules on its files, alone or in bulk."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.review.access.errors import (
    EmptyRunError,
    InConflictError,
    NotOnCommitteeError,
    OwnSubmissionError,
)
from intake.review.assignment.operations import (
    assign_evenly,
    assign_files,
    change_due_day,
    remove_assignments,
    revoke_member,
)
from intake.review.bulk.dry_run import predict_moves
from intake.review.claims.operations import claim_file
from intake.review.committees.operations import (
    add_committee_member,
    declare_conflict,
    end_anonymous_review,
    lift_conflict,
    remove_committee_member,
    start_anonymous_review,
)
from intake.review.evidence.operations import Basis, verify_finding
from intake.review.models import Assignment, BlindReading, CommitteeMember, Conflict, Evidence
from intake.review.moves.operations import move_as_reviewer
from intake.review.rulings.operations import rule_as_reviewer
from intake.submissions.models import Ruling, Submission
from intake.submissions.states import TABLE, Action
from offers.models import Offer
from tests.factories.bulk import run_bulk_action
from tests.factories.people import client_of, make_staff
from tests.factories.review import (
    make_conflict,
    make_filed,
    make_filed_for_review,
    make_reviewer,
    make_shortlisted,
)
from tests.factories.submissions import make_open_offer
from tests.review.parts import copy_of
from tests.review.reading import state_of
from tests.submissions.pages import text_of

pytestmark = pytest.mark.django_db

BOUND = "Vous avez un lien avec une candidature à cette offre"
DIVISIONS = ("assignments", "assign_evenly", "assign_due", "assign_by_file")
"""The pages that divide an offer's files."""


@dataclass(frozen=True, slots=True)
class CaseData:
    """An offer with a file in each place, its committee, and staff who are not impartial about it."""

    offer: Offer
    bound: dict[str, User]
    """One who applied to it, and one with a conflict on a file of it."""
    competitor: Submission
    """Shortlisted."""
    reserved: Submission
    rival: Submission
    """Received."""
    member: User
    barred: Conflict
    """Of another member, on another file."""
    free: User
    """An impartial staff member."""


@pytest.fixture(scope="module")
def made(module_db: None) -> CaseData:
    offer = make_open_offer()
    applied, bound, free = (make_staff() for _person in range(3))
    make_filed(offer, candidate=applied)
    declare_conflict(submission=make_filed(offer), reviewer=bound, actor=bound)
    return CaseData(
        offer=offer,
        bound={"applied": applied, "in conflict": bound},
        competitor=make_shortlisted(offer, staff=free),
        reserved=make_filed_for_review(offer),
        rival=make_filed(offer),
        member=make_reviewer(offer),
        barred=make_conflict(make_filed(offer), make_reviewer(offer)),
        free=free,
    )


@pytest.fixture(scope="module")
def free_pages(made: CaseData) -> dict[str, str]:
    """The pages as an impartial staff member sees them, requested once for comparison."""
    number = made.offer.number
    client = client_of(made.free)
    addresses = [
        *(
            reverse("review:file", args=[row.public_id])
            for row in (made.competitor, made.reserved, made.rival)
        ),
        reverse("review:conflict", args=[made.rival.public_id]),
        *(reverse(f"review:{name}", args=[number]) for name in (*DIVISIONS, "blind_reading")),
        reverse("admin:submissions_submission_changelist") + f"?offre={number}",
        reverse("admin:review_conflict_change", args=[made.barred.pk]),
    ]
    answers = {address: client.get(address) for address in addresses}
    assert {answer.status_code for answer in answers.values()} == {200}
    return {address: answer.content.decode() for address, answer in answers.items()}


offer = copy_of("offer")


@pytest.fixture(params=["applied", "in conflict"])
def bound(request: pytest.FixtureRequest, kept: CaseData) -> User:
    """A staff member who applied to the offer, or has a conflict on a file of it."""
    return kept.bound[request.param]


def test_a_user_in_conflict_chooses_no_candidate(kept: CaseData, bound: User) -> None:
    competitor, received = kept.competitor, kept.rival
    asked: dict[str, Any] = {"submission": competitor, "action": Action.LEAVE_SHORTLIST, "reason": "Non."}
    with pytest.raises((OwnSubmissionError, InConflictError)):
        move_as_reviewer(**asked, actor=bound)
    assert (state_of(competitor), state_of(received)) == ("SHORTLISTED", "SUBMITTED")
    assert move_as_reviewer(**asked, actor=make_staff()).state == "UNDER_REVIEW"
    queue = reverse("admin:submissions_submission_changelist")
    sent = {"action": "prepare_decisions", "index": 0, "_selected_action": [competitor.pk]}
    refused = client_of(bound).post(queue, sent)
    assert refused.status_code == 302, "neither a decision nor a name is offered"
    assert client_of(kept.free).post(queue, sent).status_code == 200
    # A link with one offer has no effect on other offers.
    elsewhere = make_shortlisted(make_open_offer())
    advanced = move_as_reviewer(submission=elsewhere, action=Action.RECOMMEND, actor=bound)
    assert advanced.state == "RECOMMENDED"


@pytest.mark.parametrize("action", [Action.SHORTLIST, Action.RECOMMEND])
def test_a_user_in_conflict_moves_no_file_in_bulk(kept: CaseData, action: Action) -> None:
    competitor = kept.competitor
    (said,) = run_bulk_action(kept.bound["in conflict"], action, competitor)
    assert BOUND in said
    with pytest.raises(EmptyRunError):
        run_bulk_action(kept.bound["applied"], action, competitor)
    assert state_of(competitor) == "SHORTLISTED"


def test_a_dry_run_predicts_the_refusal_of_a_user_in_conflict(kept: CaseData) -> None:
    move = TABLE[Action.RECOMMEND]
    predicted = {
        user: [row.refusal for row in predict_moves(chosen=[kept.competitor.pk], move=move, actor=user)]
        for user in (kept.bound["in conflict"], kept.free)
    }
    assert predicted == {kept.bound["in conflict"]: [InConflictError.code], kept.free: [""]}


def test_a_staff_member_who_applied_reads_no_file_of_the_offer(kept: CaseData) -> None:
    client, files = client_of(kept.bound["applied"]), (kept.competitor, kept.reserved, kept.rival)
    for file in files:
        for address in (
            *(reverse(f"review:{name}", args=[file.public_id]) for name in ("file", "conflict")),
            reverse("review:move", args=[file.public_id, "start-review"]),
            reverse("admin:submissions_submission_change", args=[file.pk]),
        ):
            assert (client.get(address).status_code, client.post(address).status_code) == (404, 404), address
        assert client.get(reverse("review:dossier", args=[file.public_id])).status_code == 404
    queue = client.get(reverse("admin:submissions_submission_changelist"), {"offre": str(kept.offer.number)})
    assert not queue.context["cl"].result_list
    elsewhere = make_filed(make_open_offer())
    assert client.get(reverse("review:file", args=[elsewhere.public_id])).status_code == 200


def test_a_user_in_conflict_may_not_rule_on_a_finding(kept: CaseData, bound: User) -> None:
    filing = kept.reserved.standing_filing
    assert filing is not None
    position = filing.verdict.blocking[0]
    asked: dict[str, Any] = {
        "filing": filing,
        "position": position,
        "decision": Ruling.Decision.OVERTURNED,
        "reason": "Vu.",
    }
    with pytest.raises((OwnSubmissionError, InConflictError)):
        rule_as_reviewer(**asked, actor=bound)
    assert not Ruling.objects.exists()


def test_pages_offer_a_user_in_conflict_no_refused_action(kept: CaseData, free_pages: dict[str, str]) -> None:
    competitor, reserved = kept.competitor, kept.reserved
    client = client_of(kept.bound["in conflict"])
    page = reverse("review:file", args=[competitor.public_id])
    move = reverse("review:move", args=[competitor.public_id, "recommend"])
    assert move in free_pages[page]
    assert move not in client.get(page).content.decode()
    for answer in (
        client.get(move, follow=True),
        client.post(move, {"version": competitor.version}, follow=True),
    ):
        assert BOUND in text_of(answer.content)
    assert state_of(competitor) == "SHORTLISTED"
    page = reverse("review:file", args=[reserved.public_id])
    assert "Motif" in free_pages[page]
    assert 'name="constat-' not in client.get(page).content.decode()
    judged = reverse("review:rule", args=[reserved.public_id, 0])
    assert BOUND in text_of(client.post(judged, {}, follow=True).content)
    dry = client.post(
        reverse("admin:submissions_submission_changelist"),
        {"action": "recommend", "index": 0, "_selected_action": [competitor.pk]},
    )
    assert BOUND in text_of(dry.content)
    assert "Aucune candidature ne changerait d’état" in text_of(dry.content)


def verify(file: Submission, actor: User) -> Evidence:
    assert file.standing_filing is not None
    return verify_finding(
        filing=file.standing_filing,
        position=file.standing_filing.verdict.blocking[0],
        outcome=Evidence.Outcome.CONTRADICTED,
        basis=Basis(note="Vu."),
        actor=actor,
    )


def test_a_user_in_conflict_may_not_arrange_the_assessment_of_others(
    offer: Offer, kept: CaseData, bound: User
) -> None:
    rival, member, joining, barred = kept.rival, kept.member, make_reviewer(), kept.barred
    seat = CommitteeMember.objects.get(reviewer=member)
    reading = (rival.pk, member.pk)
    of_offer: dict[str, Any] = {"offer": offer, "actor": bound}
    way, now = Assignment.Way.HAND, timezone.now()
    assign_files(offer=offer, pairs=[reading], way=way, due_on=None, actor=make_staff(), at=now)

    def arranged() -> list[Any]:
        models = (Evidence, Conflict, Assignment, BlindReading, CommitteeMember)
        return [sorted(map(repr, model.objects.values_list())) for model in models]

    before = arranged()
    refused: tuple[Any, ...] = (
        lambda: declare_conflict(submission=rival, reviewer=member, actor=bound),
        lambda: lift_conflict(conflict=barred, actor=bound, reason="Non.", at=now),
        lambda: assign_files(**of_offer, pairs=[reading], way=way, due_on=None, at=now),
        lambda: assign_evenly(**of_offer, readers=1, due_on=None, seen="", at=now),
        lambda: revoke_member(member=seat, due_on=None, seen="", actor=bound, at=now),
        lambda: remove_assignments(**of_offer, pairs=[reading]),
        lambda: change_due_day(**of_offer, due_on=date(2030, 1, 1), at=now),
        lambda: start_anonymous_review(**of_offer),
        lambda: add_committee_member(**of_offer, reviewer=joining),
        lambda: remove_committee_member(member=seat, actor=bound),
    )
    for act in refused:
        with pytest.raises((OwnSubmissionError, InConflictError, NotOnCommitteeError)):
            act()
    assert arranged() == before
    start_anonymous_review(offer=offer, actor=make_staff())
    with pytest.raises((OwnSubmissionError, InConflictError)):
        end_anonymous_review(**of_offer)
    # They may always declare their own conflict on a file that they read.
    reader = kept.bound["in conflict"]
    assert declare_conflict(submission=rival, reviewer=reader, actor=reader).reviewer == reader


def test_a_conflict_on_one_file_leaves_the_verification_and_triage_of_others(kept: CaseData) -> None:
    member, rival = kept.member, kept.rival
    make_conflict(kept.barred.submission, member)
    client = client_of(member)
    page = reverse("review:file", args=[rival.public_id])
    shown = client.get(page).content.decode()
    assert "review-verify" in shown
    taken = client.post(reverse("review:hand", args=[rival.public_id]), {"acte": "prendre"}, follow=True)
    assert "Vous avez ce dossier en charge" in text_of(taken.content)
    assert verify(rival, member).author == member
    assert (
        move_as_reviewer(submission=rival, action=Action.START_REVIEW, actor=member).state == "UNDER_REVIEW"
    )


def test_a_conflict_hides_its_own_file_from_verification_and_claims(kept: CaseData) -> None:
    member, rival = kept.member, kept.rival
    make_conflict(rival, member)
    with pytest.raises(NotOnCommitteeError):
        verify(rival, member)
    with pytest.raises(NotOnCommitteeError):
        claim_file(submission=rival, actor=member)
    assert client_of(member).post(reverse("review:hand", args=[rival.public_id])).status_code == 404


def test_file_pages_explain_a_conflict_and_have_no_button(kept: CaseData, free_pages: dict[str, str]) -> None:
    rival, member, barred = kept.rival, kept.member, kept.barred
    client = client_of(kept.bound["in conflict"])
    conflict = reverse("review:conflict", args=[rival.public_id])
    assert 'name="reviewer"' in free_pages[conflict]
    page = client.get(conflict).content
    assert BOUND in text_of(page)
    assert 'name="reviewer"' not in page.decode()
    # The page was read before the conflict, and names a colleague: it is not taken as their own declaration.
    sent = client.post(conflict, {"seen": 0, "reason": "", "reviewer": member.pk}, follow=True)
    assert BOUND in text_of(sent.content)
    assert not Conflict.objects.filter(submission=rival).exists()
    lifting = reverse("admin:review_conflict_change", args=[barred.pk])
    assert 'name="lift_reason"' in free_pages[lifting]
    page = client.get(lifting).content
    assert BOUND in text_of(page)
    assert 'name="lift_reason"' not in page.decode()
    assert client.post(lifting, {"lift_reason": "Non."}).status_code == 403
    assert Conflict.objects.filter(pk=barred.pk, lifted_at=None).exists()


def test_committee_pages_explain_a_conflict_and_have_no_button(
    offer: Offer, kept: CaseData, bound: User, free_pages: dict[str, str]
) -> None:
    member, barred = kept.member, kept.barred
    seat = CommitteeMember.objects.get(reviewer=member)
    client = client_of(bound)
    for name in DIVISIONS:
        division = reverse(f"review:{name}", args=[offer.number])
        assert division in free_pages, "others read it"
        assert BOUND in text_of(client.get(division, follow=True).content)
        assert BOUND in text_of(client.post(division, {}, follow=True).content)
    queue = reverse("admin:submissions_submission_changelist") + f"?offre={offer.number}"
    division = reverse("review:assignments", args=[offer.number])
    assert division in free_pages[queue]
    assert division not in client.get(queue).content.decode()
    blind = reverse("review:blind_reading", args=[offer.number])
    assert 'name="acte"' in free_pages[blind]
    for answer in (client.get(blind), client.post(blind, {"acte": "masquer"}, follow=True)):
        assert BOUND in text_of(answer.content)
        assert 'name="acte"' not in answer.content.decode()
    assert client.post(reverse("admin:review_committeemember_delete", args=[seat.pk])).status_code == 403
    page = client.get(reverse("admin:review_committeemember_change", args=[seat.pk])).content
    assert BOUND in text_of(page)
    adding = {"offer": offer.pk, "reviewer": make_reviewer().pk}
    added = client.post(reverse("admin:review_committeemember_add"), adding)
    assert BOUND in text_of(added.content)
    assert not BlindReading.objects.exists()
    assert Conflict.objects.filter(pk=barred.pk, lifted_at=None).exists()
    assert set(CommitteeMember.objects.filter(offer=offer)) == {
        seat,
        CommitteeMember.objects.get(reviewer=barred.reviewer),
    }
