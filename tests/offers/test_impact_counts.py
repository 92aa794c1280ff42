"""Impact of other criteria: counts and texts, computed from verdicts only."""

from collections import Counter
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from eligibility import Clause, CriterionKind, Effect, Finding, Outcome, Verdict, VerdictOutcome
from eligibility.codec import rulebook_from_json
from offers import impact as impacts
from offers.admin.rules_display import show_impact
from offers.impact import (
    MAX_LISTED,
    CriterionResult,
    FindingChange,
    Impact,
    ListedSubmission,
    ReevaluatedSubmission,
    SubmissionStage,
    VerdictChange,
    compute_impact,
    finding_changes,
)
from offers.models import Offer

DRAFT, FILED = SubmissionStage.DRAFT, SubmissionStage.FILED
AGE, SKILLS, OTHER = CriterionKind.AGE, CriterionKind.SKILLS, CriterionKind.OTHER
MET, NOT_MET, UNKNOWN, HUMAN = Outcome.MET, Outcome.NOT_MET, Outcome.UNKNOWN, Outcome.HUMAN
BLOCK, ADVISE = Effect.BLOCK, Effect.ADVISE
NONE = CriterionResult(None, None)


def finding(kind: CriterionKind, outcome: Outcome, effect: Effect = BLOCK) -> Finding:
    return Finding(
        kind=kind,
        outcome=outcome,
        effect=effect,
        observed={},
        reason_fr="",
        reason_en="",
        would_pass={},
        clause=Clause(),
    )


def verdict(outcome: str, *findings: Finding) -> Verdict:
    return Verdict(VerdictOutcome(outcome), "sha256:r", "sha256:f", findings)


ELIGIBLE = verdict("ELIGIBLE", finding(AGE, MET))
INELIGIBLE = verdict("INELIGIBLE", finding(AGE, NOT_MET))
ADVISED = verdict("ELIGIBLE", finding(AGE, NOT_MET, ADVISE))
AGE_LOST = FindingChange(AGE, 0, CriterionResult(MET, None), CriterionResult(NOT_MET, BLOCK))
AGE_ADVISED = FindingChange(AGE, 0, CriterionResult(MET, None), CriterionResult(NOT_MET, ADVISE))
TO_INELIGIBLE = VerdictChange("ELIGIBLE", "INELIGIBLE")


@pytest.mark.parametrize(
    "before, after, moves",
    [
        ([finding(AGE, MET)], [finding(AGE, MET, ADVISE)], []),
        ([finding(AGE, MET)], [], []),
        ([], [finding(AGE, MET)], []),
        ([finding(AGE, NOT_MET)], [finding(AGE, NOT_MET)], []),
        (
            [finding(AGE, NOT_MET)],
            [finding(AGE, NOT_MET, ADVISE)],
            [FindingChange(AGE, 0, CriterionResult(NOT_MET, BLOCK), CriterionResult(NOT_MET, ADVISE))],
        ),
        ([finding(AGE, HUMAN)], [], [FindingChange(AGE, 0, CriterionResult(HUMAN, BLOCK), NONE)]),
        ([], [finding(AGE, UNKNOWN)], [FindingChange(AGE, 0, NONE, CriterionResult(UNKNOWN, BLOCK))]),
        # In the order of the proposed criteria, then the removed ones; criteria of kind OTHER by rank.
        (
            [finding(AGE, NOT_MET), finding(OTHER, HUMAN), finding(OTHER, HUMAN)],
            [finding(OTHER, HUMAN), finding(OTHER, MET), finding(SKILLS, NOT_MET)],
            [
                FindingChange(OTHER, 1, CriterionResult(HUMAN, BLOCK), CriterionResult(MET, None)),
                FindingChange(SKILLS, 0, NONE, CriterionResult(NOT_MET, BLOCK)),
                FindingChange(AGE, 0, CriterionResult(NOT_MET, BLOCK), NONE),
            ],
        ),
    ],
)
def test_a_finding_change_is_listed_if_it_blocks_before_or_after(
    before: list[Finding], after: list[Finding], moves: list[FindingChange]
) -> None:
    assert list(finding_changes(before, after)) == moves


def test_each_submission_is_counted_as_draft_or_filed() -> None:
    impact = Impact()
    for one in (
        ReevaluatedSubmission(DRAFT, ELIGIBLE, INELIGIBLE),
        ReevaluatedSubmission(FILED, ELIGIBLE, INELIGIBLE, "R-1", "/r-1/"),
        ReevaluatedSubmission(FILED, ELIGIBLE, ADVISED, "R-2", "/r-2/"),
        ReevaluatedSubmission(FILED, ELIGIBLE, ELIGIBLE, "R-3", "/r-3/"),
        # A verdict may change without a finding that hinders.
        ReevaluatedSubmission(FILED, verdict("NEEDS_REVIEW"), verdict("ELIGIBLE"), "R-4", "/r-4/"),
        ReevaluatedSubmission(FILED, ELIGIBLE, INELIGIBLE),
        ReevaluatedSubmission(DRAFT, None, INELIGIBLE),
        ReevaluatedSubmission(FILED, ELIGIBLE, None),
    ):
        impact.take(one)
    assert impact == Impact(
        judged=Counter({DRAFT: 1, FILED: 5}),
        flipping=Counter({DRAFT: 1, FILED: 3}),
        touched=Counter({DRAFT: 1, FILED: 4}),
        unreadable=Counter({DRAFT: 1, FILED: 1}),
        verdicts=Counter(
            {
                (TO_INELIGIBLE, DRAFT): 1,
                (TO_INELIGIBLE, FILED): 2,
                (VerdictChange("NEEDS_REVIEW", "ELIGIBLE"), FILED): 1,
            }
        ),
        findings=Counter({(AGE_LOST, DRAFT): 1, (AGE_LOST, FILED): 2, (AGE_ADVISED, FILED): 1}),
        listed=[
            ListedSubmission("R-1", "/r-1/", TO_INELIGIBLE, (AGE_LOST,)),
            ListedSubmission("R-2", "/r-2/", VerdictChange("ELIGIBLE", "ELIGIBLE"), (AGE_ADVISED,)),
            ListedSubmission("R-4", "/r-4/", VerdictChange("NEEDS_REVIEW", "ELIGIBLE"), ()),
        ],
    )


def test_changed_verdicts_replace_unchanged_ones_in_a_full_list() -> None:
    impact = Impact()
    for number in range(MAX_LISTED):
        impact.take(
            ReevaluatedSubmission(
                FILED, ELIGIBLE, ADVISED if number in {3, 5} else INELIGIBLE, f"{number}", "/"
            )
        )
    for number, after in ((MAX_LISTED, ADVISED), (MAX_LISTED + 1, INELIGIBLE), (MAX_LISTED + 2, INELIGIBLE)):
        impact.take(ReevaluatedSubmission(FILED, ELIGIBLE, after, f"{number}", "/"))
    impact.take(ReevaluatedSubmission(FILED, ELIGIBLE, INELIGIBLE, "late", "/"))
    expected = [str(number) for number in range(MAX_LISTED)]
    expected[3], expected[5] = str(MAX_LISTED + 1), str(MAX_LISTED + 2)
    assert [one.label for one in impact.listed] == expected
    assert impact.touched[FILED] == MAX_LISTED + 4


RULEBOOK = rulebook_from_json(
    {"schema": 1, "reference": "X", "starts_on": "2028-01-10", "closes_on": "2027-10-01", "criteria": []}
)


def test_a_provider_of_submissions_registered_twice_runs_once(monkeypatch: pytest.MonkeyPatch) -> None:
    offer, viewer = Offer(number="2027-020"), AnonymousUser()
    other = rulebook_from_json({**RULEBOOK.as_json(), "reference": "Y"})

    def provide(*given: Any) -> list[ReevaluatedSubmission]:
        assert given == (offer, RULEBOOK, other, viewer)
        return [
            ReevaluatedSubmission(FILED, ELIGIBLE, after, label, "/")
            for label, after in (("R-1", ADVISED), ("R-2", INELIGIBLE), ("R-3", ADVISED))
        ]

    monkeypatch.setattr(impacts, "_providers", [])
    for _time in range(2):
        impacts.register(provide)
    found = compute_impact(offer=offer, current=RULEBOOK, proposed=other, viewer=viewer)
    # Submissions whose verdict changes come first; the others keep their order.
    assert [one.label for one in found.listed] == ["R-2", "R-1", "R-3"]


def test_the_page_lists_the_most_frequent_changes_first() -> None:
    impact = Impact()
    lost = verdict(
        "INELIGIBLE", finding(AGE, NOT_MET), finding(SKILLS, UNKNOWN), finding(OTHER, HUMAN, ADVISE)
    )
    for one in (
        ReevaluatedSubmission(
            FILED, verdict("INCOMPLETE", finding(AGE, NOT_MET)), verdict("ELIGIBLE"), "R-1", "/r-1/"
        ),
        ReevaluatedSubmission(FILED, ELIGIBLE, lost, "R-2", "/r-2/"),
        ReevaluatedSubmission(FILED, ELIGIBLE, lost),
        ReevaluatedSubmission(DRAFT, ELIGIBLE, lost),
        ReevaluatedSubmission(DRAFT, None, None),
    ):
        impact.take(one)
    shown = show_impact(impact)
    assert (shown.drafts, shown.filed, shown.drafts_flipping, shown.filed_flipping) == (1, 3, 1, 3)
    assert (shown.touched, shown.unreadable, shown.files_left_out) == (4, 1, 1)
    assert [(one.before, one.after, one.drafts, one.filed) for one in shown.verdicts] == [
        ("Admissible", "Non admissible", 1, 2),
        ("Incomplet", "Admissible", 0, 1),
    ]
    assert [(one.subject, one.before, one.after) for one in shown.findings] == [
        ("Âge", "Respecté", "Non respecté"),
        ("Compétences et expérience", "Non demandé", "Réponse manquante"),
        ("Autre critère de l’offre", "Non demandé", "À examiner par une personne, à titre indicatif"),
        ("Âge", "Non respecté", "Non demandé"),
    ]
    assert [(one.label, one.flips, len(one.criteria)) for one in shown.files] == [
        ("R-1", True, 1),
        ("R-2", True, 3),
    ]
