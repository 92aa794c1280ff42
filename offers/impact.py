"""Impact: the verdicts of an offer's submissions that would change under a proposed rulebook.

Apps above `offers` register providers of submissions. Nothing is written: filings keep their sealed verdicts.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from eligibility import CriterionKind, Effect, Finding, Outcome, Rulebook, Verdict

from .models import Offer

MAX_LISTED = 200
"""Maximum number of submissions named on a page; all are counted."""


class SubmissionStage(StrEnum):
    """Whether a submission is still a draft or is filed."""

    DRAFT = "DRAFT"
    FILED = "FILED"


@dataclass(frozen=True, slots=True)
class ReevaluatedSubmission:
    """One submission under both rulebooks: `before` is the current verdict, `after` the one of the proposed rulebook.

    Both are None if the stored answers can no longer be evaluated. `label` and `address` link to it, if the viewer may
    read it; else both are empty. A draft has neither: only its candidate reads it.
    """

    stage: SubmissionStage
    before: Verdict | None
    after: Verdict | None
    label: str = ""
    address: str = ""


type Viewer = AbstractBaseUser | AnonymousUser
type Provider = Callable[[Offer, Rulebook, Rulebook, Viewer], Iterable[ReevaluatedSubmission]]

_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Register `provider(offer, current, proposed, viewer)`, which yields the offer's submissions under both rulebooks.

    It yields them one by one, in a fixed order, and writes nothing. Called by `intake.wiring`. Idempotent.
    """
    if provider not in _providers:
        _providers.append(provider)


class CriterionResult(NamedTuple):
    """The result of a criterion for one person. The outcome is None if the offer lacks it; the effect also if MET."""

    outcome: Outcome | None
    effect: Effect | None

    @property
    def is_obstacle(self) -> bool:
        """True unless the criterion is met or missing from the offer."""
        return self.outcome not in {None, Outcome.MET}


NOT_ASKED = CriterionResult(None, None)


class FindingChange(NamedTuple):
    """One criterion whose result would change. `rank` (from 0) distinguishes criteria of kind OTHER."""

    kind: CriterionKind
    rank: int
    before: CriterionResult
    after: CriterionResult


class VerdictChange(NamedTuple):
    """The codes of the verdict under both rulebooks."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ListedSubmission:
    """One filed submission with a verdict or a finding that would change."""

    label: str
    address: str
    verdict: VerdictChange
    findings: tuple[FindingChange, ...]

    @property
    def flips(self) -> bool:
        """True if the verdict itself changes."""
        return self.verdict.before != self.verdict.after


@dataclass(slots=True)
class Impact:
    """The impact of a proposed rulebook: counts by stage, and the first filed submissions concerned."""

    judged: Counter[SubmissionStage] = field(default_factory=Counter)
    flipping: Counter[SubmissionStage] = field(default_factory=Counter)
    """Submissions whose verdict changes."""
    touched: Counter[SubmissionStage] = field(default_factory=Counter)
    """Submissions with a finding or a verdict that changes."""
    unreadable: Counter[SubmissionStage] = field(default_factory=Counter)
    verdicts: Counter[tuple[VerdictChange, SubmissionStage]] = field(default_factory=Counter)
    findings: Counter[tuple[FindingChange, SubmissionStage]] = field(default_factory=Counter)
    listed: list[ListedSubmission] = field(default_factory=list)
    """Submissions that the viewer may read, at most `MAX_LISTED`; those whose verdict changes come first."""

    def take(self, submission: ReevaluatedSubmission) -> None:
        """Count one submission."""
        if submission.before is None or submission.after is None:
            self.unreadable[submission.stage] += 1
            return
        self.judged[submission.stage] += 1
        verdict = VerdictChange(submission.before.outcome.value, submission.after.outcome.value)
        flips = verdict.before != verdict.after
        moves = tuple(finding_changes(submission.before.findings, submission.after.findings))
        if flips:
            self.flipping[submission.stage] += 1
            self.verdicts[verdict, submission.stage] += 1
        if not moves and not flips:
            return
        self.touched[submission.stage] += 1
        self.findings.update((move, submission.stage) for move in moves)
        if submission.address:
            self._add_listed(ListedSubmission(submission.label, submission.address, verdict, moves))

    def _add_listed(self, submission: ListedSubmission) -> None:
        # In a full list, a submission whose verdict changes replaces one with only a changed finding.
        if len(self.listed) < MAX_LISTED:
            self.listed.append(submission)
        elif submission.flips:
            place = next((index for index, listed in enumerate(self.listed) if not listed.flips), None)
            if place is not None:
                self.listed[place] = submission


def compute_impact(*, offer: Offer, current: Rulebook, proposed: Rulebook, viewer: Viewer) -> Impact:
    """Compare the verdicts of all submissions of the offer under both rulebooks. Nothing is written.

    One pass, one submission in memory at a time; the number of queries does not depend on the number of submissions.
    """
    impact = Impact()
    for provider in _providers:
        for submission in provider(offer, current, proposed, viewer):
            impact.take(submission)
    impact.listed.sort(key=lambda submission: not submission.flips)
    return impact


def finding_changes(before: Iterable[Finding], after: Iterable[Finding]) -> Iterator[FindingChange]:
    """Yield the criteria whose result changes for a person, in the order of `after`, then those removed.

    A met criterion counts as missing: adding one that the person meets changes nothing for them. A change of effect
    counts only if the criterion is not met.
    """
    old, new = _results_by_criterion(before), _results_by_criterion(after)
    for kind, rank in dict.fromkeys([*new, *old]):
        was, becomes = old.get((kind, rank), NOT_ASKED), new.get((kind, rank), NOT_ASKED)
        if was != becomes and (was.is_obstacle or becomes.is_obstacle):
            yield FindingChange(kind, rank, was, becomes)


def _results_by_criterion(findings: Iterable[Finding]) -> dict[tuple[CriterionKind, int], CriterionResult]:
    seen: Counter[CriterionKind] = Counter()
    results: dict[tuple[CriterionKind, int], CriterionResult] = {}
    for finding in findings:
        effect = None if finding.outcome is Outcome.MET else finding.effect
        results[finding.kind, seen[finding.kind]] = CriterionResult(finding.outcome, effect)
        seen[finding.kind] += 1
    return results
