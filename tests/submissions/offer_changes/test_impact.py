"""Impact of other criteria: drafts are evaluated by their answers, filings by their sealed facts."""

from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from eligibility import Rulebook
from eligibility.codec import rulebook_from_json
from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.dossiers.models import Seal
from intake.submissions.models import Draft, Filing, Submission, Verdict
from intake.submissions.offer_changes.impact import reevaluate_submissions
from offers.impact import MAX_LISTED, Impact, SubmissionStage, VerdictChange, compute_impact
from offers.models import Offer
from offers.selectors import current_rulebook
from tests.database_roles import without_triggers
from tests.factories.people import give_role, make_staff
from tests.factories.review import make_conflict, make_filed, make_reviewer
from tests.factories.submissions import make_draft, make_open_offer

pytestmark = pytest.mark.django_db
DRAFT, FILED = SubmissionStage.DRAFT, SubmissionStage.FILED


def proposed(offer: Offer, kind: str, **changes: Any) -> Rulebook:
    """Return the offer's rulebook with changes to its criterion of `kind`."""
    rulebook = current_rulebook(offer).as_json()
    criteria: Any = rulebook["criteria"]
    return rulebook_from_json(
        rulebook | {"criteria": [one | changes if one["kind"] == kind else one for one in criteria]}
    )


def impact_of(offer: Offer, other: Rulebook, viewer: User | None = None) -> Impact:
    return compute_impact(
        offer=offer,
        current=current_rulebook(offer).as_rulebook(),
        proposed=other,
        viewer=viewer or AnonymousUser(),
    )


def moves(impact: Impact) -> dict[tuple[str, str, str, SubmissionStage], int]:
    return {
        (move.kind.value, str(move.before.outcome), str(move.after.outcome), stage): count
        for (move, stage), count in impact.findings.items()
    }


def test_drafts_and_filings_are_reevaluated_and_counted_by_criterion(offer: Offer) -> None:
    make_filed(offer)
    make_draft(offer=offer)
    make_draft(offer=offer, attests_skills=None)
    make_draft()  # of another offer
    impact = impact_of(offer, proposed(offer, "AGE", maximum=20))
    assert impact.judged == {DRAFT: 2, FILED: 1}
    assert impact.flipping == {DRAFT: 2, FILED: 1}
    assert impact.verdicts == {
        (VerdictChange("ELIGIBLE", "INELIGIBLE"), DRAFT): 1,
        (VerdictChange("INCOMPLETE", "INELIGIBLE"), DRAFT): 1,
        (VerdictChange("ELIGIBLE", "INELIGIBLE"), FILED): 1,
    }
    assert moves(impact) == {("AGE", "MET", "NOT_MET", DRAFT): 2, ("AGE", "MET", "NOT_MET", FILED): 1}


def test_a_finding_may_change_without_the_verdict(offer: Offer) -> None:
    make_filed(offer)
    impact = impact_of(offer, proposed(offer, "AGE", maximum=20, effect="ADVISE"))
    assert (impact.flipping, impact.touched) == ({}, {FILED: 1})


def test_unchanged_or_advisory_criteria_change_no_verdict(offer: Offer) -> None:
    make_filed(offer)
    make_draft(offer=offer)
    for other in (current_rulebook(offer).as_rulebook(), proposed(offer, "AGE", effect="ADVISE")):
        impact = impact_of(offer, other)
        assert impact.judged == {DRAFT: 1, FILED: 1}
        assert not impact.touched
        assert not impact.findings


def test_a_filing_is_reevaluated_by_its_seal_and_keeps_its_verdict(offer: Offer) -> None:
    submission = make_filed(offer)
    # Later answers, and those of the closed draft, do not count.
    Draft.objects.filter(submission=submission).update(answers={"birth_date": "1950-01-01"})
    before = list(Verdict.objects.order_by("pk").values())
    impact = impact_of(offer, proposed(offer, "AGE", maximum=40))
    assert (impact.judged, impact.touched) == ({FILED: 1}, {})
    assert impact_of(offer, proposed(offer, "AGE", maximum=20)).flipping == {FILED: 1}
    assert list(Verdict.objects.order_by("pk").values()) == before


def test_a_newly_required_answer_is_missing_in_a_filing(offer: Offer) -> None:
    make_filed(offer)
    impact = impact_of(offer, proposed(offer, "WRITING", languages=["fr", "en", "es"]))
    assert moves(impact) == {("WRITING", "MET", "UNKNOWN", FILED): 1}
    assert impact.verdicts == {(VerdictChange("ELIGIBLE", "INCOMPLETE"), FILED): 1}


def test_a_removed_criterion_refuses_no_draft(offer: Offer) -> None:
    make_draft(offer=offer, birth_date="1950-01-01")
    rulebook = current_rulebook(offer).as_rulebook()
    without = replace(rulebook, criteria=tuple(one for one in rulebook.criteria if one.kind != "AGE"))
    impact = impact_of(offer, without)
    assert moves(impact) == {("AGE", "NOT_MET", "None", DRAFT): 1}


def test_unreadable_drafts_and_filings_are_counted_separately(offer: Offer) -> None:
    submission = make_filed(offer)
    draft = make_draft(offer=offer)
    Draft.objects.filter(pk=draft.pk).update(answers={"birth_date": "hier"})
    assert submission.standing_filing is not None
    with without_triggers("dossiers_seal"):
        Seal.objects.filter(pk=submission.standing_filing.seal_id).update(canonical=None, salt=None)
    impact = impact_of(offer, proposed(offer, "AGE", maximum=20))
    assert (impact.unreadable, impact.judged) == ({DRAFT: 1, FILED: 1}, {})


def test_only_readers_of_a_file_get_its_link_and_drafts_have_none(offer: Offer) -> None:
    filed = make_filed(offer)
    make_draft(offer=offer)
    other = proposed(offer, "AGE", maximum=20)
    for viewer in (make_staff(), make_reviewer(offer)):
        (listed,) = impact_of(offer, other, viewer).listed
        assert filed.standing_filing is not None
        assert listed.label == filed.standing_filing.receipt.number
        assert listed.address == reverse("review:file", args=[filed.public_id])
        assert listed.flips
        assert [move.kind.value for move in listed.findings] == ["AGE"]
    for stranger in (None, make_reviewer(make_open_offer())):
        impact = impact_of(offer, other, stranger)
        assert not impact.listed
        assert impact.flipping == {DRAFT: 1, FILED: 1}


def test_hidden_files_are_in_no_count_of_the_impact(offer: Offer) -> None:
    hidden, staff = make_filed(offer), make_staff()
    make_filed(offer, birth_date="2007-06-01")
    make_conflict(hidden, staff)
    give_role(user=hidden.candidate, role=Role.STAFF)
    other = proposed(offer, "AGE", maximum=20)
    assert impact_of(offer, other, make_staff()).flipping == {FILED: 1}
    for person, judged in ((staff, {FILED: 1}), (User.objects.get(pk=hidden.candidate_id), {})):
        impact = impact_of(offer, other, person)
        assert (impact.judged, impact.flipping, impact.touched) == (judged, {}, {})
        assert not impact.verdicts
        assert not impact.findings


def test_a_withdrawn_submission_is_not_reevaluated(offer: Offer) -> None:
    submission = make_filed(offer)
    assert impact_of(offer, proposed(offer, "AGE", maximum=20)).judged == {FILED: 1}
    Submission.objects.filter(pk=submission.pk).update(state="WITHDRAWN")
    assert impact_of(offer, proposed(offer, "AGE", maximum=20)).judged == {}


def test_three_submissions_take_as_many_queries_as_one(offer: Offer) -> None:
    viewer = make_staff()
    other = proposed(offer, "AGE", maximum=20)

    def one_more() -> None:
        make_filed(offer)
        make_draft(offer=offer)

    def queries() -> int:
        fresh = User.objects.get(pk=viewer.pk)
        with CaptureQueriesContext(connection) as captured:
            impact = impact_of(offer, other, fresh)
        assert impact.flipping[FILED] == Filing.objects.count()
        return len(captured)

    one_more()
    one = queries()
    one_more()
    one_more()
    assert queries() == one


def test_the_list_prefers_submissions_whose_verdict_changes() -> None:
    impact = Impact()
    offer = make_open_offer()
    make_filed(offer)
    rulebook = current_rulebook(offer).as_rulebook()
    viewer = make_staff()
    touched = _rejudged(offer, rulebook, proposed(offer, "AGE", maximum=20, effect="ADVISE"), viewer)
    flipped = _rejudged(offer, rulebook, proposed(offer, "AGE", maximum=20), viewer)
    for each in [touched] * (MAX_LISTED + 5) + [flipped] * 3:
        impact.take(each)
    assert len(impact.listed) == MAX_LISTED
    assert sum(one.flips for one in impact.listed) == 3
    assert impact.touched[FILED] == MAX_LISTED + 8


def _rejudged(offer: Offer, current: Rulebook, other: Rulebook, viewer: User) -> Any:
    (each,) = reevaluate_submissions(offer, current, other, viewer)
    return each
