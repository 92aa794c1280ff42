"""Impact of other criteria: counts and texts, computed from verdicts only."""

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import AnonymousUser

from eligibility import Clause, CriterionKind, Effect, Finding, Outcome, Rulebook, Verdict, VerdictOutcome
from eligibility.codec import rulebook_from_json
from offers import impact as impacts
from offers.admin.rules_display import ChangeDisplay, ImpactDisplay, SubmissionDisplay, show_impact
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

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    asked: list[Mapping[str, Any]] = []
    offer, viewer = Offer(number="2027-020"), AnonymousUser()
    other = rulebook_from_json({**RULEBOOK.as_json(), "reference": "Y"})

    def provide(
        offer: Offer, current: Rulebook, proposed: Rulebook, viewer: Any
    ) -> list[ReevaluatedSubmission]:
        asked.append({"offer": offer, "current": current, "proposed": proposed, "viewer": viewer})
        return [
            ReevaluatedSubmission(FILED, ELIGIBLE, ADVISED, "R-1", "/"),
            ReevaluatedSubmission(FILED, ELIGIBLE, INELIGIBLE, "R-2", "/"),
            ReevaluatedSubmission(FILED, ELIGIBLE, ADVISED, "R-3", "/"),
        ]

    monkeypatch.setattr(impacts, "_providers", [])
    for _time in range(2):
        impacts.register(provide)
    found = compute_impact(offer=offer, current=RULEBOOK, proposed=other, viewer=viewer)
    assert asked == [{"offer": offer, "current": RULEBOOK, "proposed": other, "viewer": viewer}]
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
    eligible, ineligible = ("Admissible", "success"), ("Non admissible", "error")
    shown = show_impact(impact)
    assert shown == ImpactDisplay(
        drafts=1,
        filed=3,
        drafts_flipping=1,
        filed_flipping=3,
        touched=4,
        unreadable=1,
        verdicts=[
            ChangeDisplay("", *eligible, *ineligible, 1, 2),
            ChangeDisplay("", "Incomplet", "warning", *eligible, 0, 1),
        ],
        findings=[
            ChangeDisplay("Âge", "Respecté", "success", "Non respecté", "error", 1, 2),
            ChangeDisplay(
                "Compétences et expérience", "Non demandé", "none", "Réponse manquante", "warning", 1, 2
            ),
            ChangeDisplay(
                "Autre critère de l’offre",
                "Non demandé",
                "none",
                "À examiner par une personne, à titre indicatif",
                "info",
                1,
                2,
            ),
            ChangeDisplay("Âge", "Non respecté", "error", "Non demandé", "none", 0, 1),
        ],
        files=[
            SubmissionDisplay(
                "R-1", "/r-1/", "Incomplet", "warning", *eligible, flips=True, criteria=["Âge"]
            ),
            SubmissionDisplay(
                "R-2",
                "/r-2/",
                *eligible,
                *ineligible,
                flips=True,
                criteria=["Âge", "Compétences et expérience", "Autre critère de l’offre"],
            ),
        ],
        files_left_out=1,
    )
    assert show_impact(Impact()) == ImpactDisplay(0, 0, 0, 0, 0, 0, [], [], [], 0)
