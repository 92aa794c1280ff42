"""Who would be judged otherwise under other criteria. Higher rooms know the candidatures and register themselves here.

Nothing is written: what was filed keeps the verdict that was sealed with it.
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
"""Candidatures named on a page at most; all are counted."""


class SubmissionStage(StrEnum):
    """How far a candidature is: still being written, or filed."""

    DRAFT = "DRAFT"
    FILED = "FILED"


@dataclass(frozen=True, slots=True)
class ReevaluatedSubmission:
    """One candidature under both rulebooks: `before` is what stands, `after` what the proposed one would say.

    Both are None when what it holds can no longer be judged. `label` and `address` lead to it, for a viewer who may
    read it; else both are empty. A draft has neither: it is its author's alone.
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
    """Ask `provider(offer, current, proposed, viewer)` for every candidature of an offer, judged by both rulebooks.

    Called from `AppConfig.ready`. A provider gives them one by one, in a steady order, and neither keeps nor writes
    any. Registering twice is registering once.
    """
    if provider not in _providers:
        _providers.append(provider)


class CriterionResult(NamedTuple):
    """What a criterion says of somebody: nothing where it is not asked; the effect matters only if it is not met."""

    outcome: Outcome | None
    effect: Effect | None

    @property
    def is_obstacle(self) -> bool:
        """Whether there is anything to mend."""
        return self.outcome not in {None, Outcome.MET}


NOT_ASKED = CriterionResult(None, None)


class FindingChange(NamedTuple):
    """One criterion that would be found otherwise. `rank` tells those of kind OTHER apart, from 0."""

    kind: CriterionKind
    rank: int
    before: CriterionResult
    after: CriterionResult


class VerdictChange(NamedTuple):
    """A verdict that would change, by its codes."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ListedSubmission:
    """One filed candidature that would be judged otherwise."""

    label: str
    address: str
    verdict: VerdictChange
    findings: tuple[FindingChange, ...]

    @property
    def flips(self) -> bool:
        """Whether the verdict itself changes."""
        return self.verdict.before != self.verdict.after


@dataclass(slots=True)
class Impact:
    """What other criteria would change: counts by stage, and the first filed candidatures concerned."""

    judged: Counter[SubmissionStage] = field(default_factory=Counter)
    flipping: Counter[SubmissionStage] = field(default_factory=Counter)
    """Candidatures whose verdict changes."""
    touched: Counter[SubmissionStage] = field(default_factory=Counter)
    """Candidatures of which a finding changes, whether or not the verdict does."""
    unreadable: Counter[SubmissionStage] = field(default_factory=Counter)
    verdicts: Counter[tuple[VerdictChange, SubmissionStage]] = field(default_factory=Counter)
    findings: Counter[tuple[FindingChange, SubmissionStage]] = field(default_factory=Counter)
    listed: list[ListedSubmission] = field(default_factory=list)
    """Those that the viewer may read, `LISTED` at most, the ones whose verdict changes first."""

    def take(self, each: ReevaluatedSubmission) -> None:
        """Count one candidature."""
        if each.before is None or each.after is None:
            self.unreadable[each.stage] += 1
            return
        self.judged[each.stage] += 1
        verdict = VerdictChange(each.before.outcome.value, each.after.outcome.value)
        flips = verdict.before != verdict.after
        moves = tuple(finding_changes(each.before.findings, each.after.findings))
        if flips:
            self.flipping[each.stage] += 1
            self.verdicts[verdict, each.stage] += 1
        if not moves and not flips:
            return
        self.touched[each.stage] += 1
        self.findings.update((move, each.stage) for move in moves)
        if each.address:
            self._add_listed(ListedSubmission(each.label, each.address, verdict, moves))

    def _add_listed(self, one: ListedSubmission) -> None:
        # Where there is no more room, one whose verdict changes takes the place of one of which only a finding does.
        if len(self.listed) < MAX_LISTED:
            self.listed.append(one)
        elif one.flips:
            place = next((index for index, each in enumerate(self.listed) if not each.flips), None)
            if place is not None:
                self.listed[place] = one


def compute_impact(*, offer: Offer, current: Rulebook, proposed: Rulebook, viewer: Viewer) -> Impact:
    """Judge every candidature of the offer by both rulebooks and return what would change; nothing is written.

    One pass, one candidature in memory at a time: as many queries whatever their number.
    """
    impact = Impact()
    for provider in _providers:
        for each in provider(offer, current, proposed, viewer):
            impact.take(each)
    impact.listed.sort(key=lambda one: not one.flips)
    return impact


def finding_changes(before: Iterable[Finding], after: Iterable[Finding]) -> Iterator[FindingChange]:
    """Yield the criteria that count otherwise for somebody, in the order of `after`, then those no longer asked.

    A criterion met counts as one that is not asked: to add one that somebody meets changes nothing for them. That a
    criterion blocks or only advises matters where it is not met.
    """
    old, new = _results_by_criterion(before), _results_by_criterion(after)
    for kind, rank in dict.fromkeys([*new, *old]):
        was, becomes = old.get((kind, rank), NOT_ASKED), new.get((kind, rank), NOT_ASKED)
        if was != becomes and (was.is_obstacle or becomes.is_obstacle):
            yield FindingChange(kind, rank, was, becomes)


def _results_by_criterion(findings: Iterable[Finding]) -> dict[tuple[CriterionKind, int], CriterionResult]:
    seen: Counter[CriterionKind] = Counter()
    weighed: dict[tuple[CriterionKind, int], CriterionResult] = {}
    for finding in findings:
        effect = None if finding.outcome is Outcome.MET else finding.effect
        weighed[finding.kind, seen[finding.kind]] = CriterionResult(finding.outcome, effect)
        seen[finding.kind] += 1
    return weighed
