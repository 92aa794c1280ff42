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

LISTED = 200
"""Candidatures named on a page at most; all are counted."""


class Stage(StrEnum):
    """How far a candidature is: still being written, or filed."""

    DRAFT = "DRAFT"
    FILED = "FILED"


@dataclass(frozen=True, slots=True)
class Rejudged:
    """One candidature under both rulebooks: `before` is what stands, `after` what the proposed one would say.

    Both are None when what it holds can no longer be judged. `label` and `address` lead to it, for a viewer who may
    read it; else both are empty. A draft has neither: it is its author's alone.
    """

    stage: Stage
    before: Verdict | None
    after: Verdict | None
    label: str = ""
    address: str = ""


type Viewer = AbstractBaseUser | AnonymousUser
type Provider = Callable[[Offer, Rulebook, Rulebook, Viewer], Iterable[Rejudged]]

_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Ask `provider(offer, current, proposed, viewer)` for every candidature of an offer, judged by both rulebooks.

    Called from `AppConfig.ready`. A provider gives them one by one, in a steady order, and neither keeps nor writes
    any. Registering twice is registering once.
    """
    if provider not in _providers:
        _providers.append(provider)


class Weight(NamedTuple):
    """What a criterion says of somebody: nothing where it is not asked; the effect matters only if it is not met."""

    outcome: Outcome | None
    effect: Effect | None

    @property
    def hinders(self) -> bool:
        """Whether there is anything to mend."""
        return self.outcome not in {None, Outcome.MET}


NOT_ASKED = Weight(None, None)


class FindingMove(NamedTuple):
    """One criterion that would be found otherwise. `rank` tells those of kind OTHER apart, from 0."""

    kind: CriterionKind
    rank: int
    before: Weight
    after: Weight


class VerdictMove(NamedTuple):
    """A verdict that would change, by its codes."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Listed:
    """One filed candidature that would be judged otherwise."""

    label: str
    address: str
    verdict: VerdictMove
    findings: tuple[FindingMove, ...]

    @property
    def flips(self) -> bool:
        """Whether the verdict itself changes."""
        return self.verdict.before != self.verdict.after


@dataclass(slots=True)
class Impact:
    """What other criteria would change: counts by stage, and the first filed candidatures concerned."""

    judged: Counter[Stage] = field(default_factory=Counter)
    flipping: Counter[Stage] = field(default_factory=Counter)
    """Candidatures whose verdict changes."""
    touched: Counter[Stage] = field(default_factory=Counter)
    """Candidatures of which a finding changes, whether or not the verdict does."""
    unreadable: Counter[Stage] = field(default_factory=Counter)
    verdicts: Counter[tuple[VerdictMove, Stage]] = field(default_factory=Counter)
    findings: Counter[tuple[FindingMove, Stage]] = field(default_factory=Counter)
    listed: list[Listed] = field(default_factory=list)
    """Those that the viewer may read, `LISTED` at most, the ones whose verdict changes first."""

    def take(self, each: Rejudged) -> None:
        """Count one candidature."""
        if each.before is None or each.after is None:
            self.unreadable[each.stage] += 1
            return
        self.judged[each.stage] += 1
        verdict = VerdictMove(each.before.outcome.value, each.after.outcome.value)
        flips = verdict.before != verdict.after
        moves = tuple(finding_moves(each.before.findings, each.after.findings))
        if flips:
            self.flipping[each.stage] += 1
            self.verdicts[verdict, each.stage] += 1
        if not moves and not flips:
            return
        self.touched[each.stage] += 1
        self.findings.update((move, each.stage) for move in moves)
        if each.address:
            self._list(Listed(each.label, each.address, verdict, moves))

    def _list(self, one: Listed) -> None:
        # Where there is no more room, one whose verdict changes takes the place of one of which only a finding does.
        if len(self.listed) < LISTED:
            self.listed.append(one)
        elif one.flips:
            place = next((index for index, each in enumerate(self.listed) if not each.flips), None)
            if place is not None:
                self.listed[place] = one


def assess_impact(*, offer: Offer, current: Rulebook, proposed: Rulebook, viewer: Viewer) -> Impact:
    """Judge every candidature of the offer by both rulebooks and return what would change; nothing is written.

    One pass, one candidature in memory at a time: as many queries whatever their number.
    """
    impact = Impact()
    for provider in _providers:
        for each in provider(offer, current, proposed, viewer):
            impact.take(each)
    impact.listed.sort(key=lambda one: not one.flips)
    return impact


def finding_moves(before: Iterable[Finding], after: Iterable[Finding]) -> Iterator[FindingMove]:
    """Yield the criteria that count otherwise for somebody, in the order of `after`, then those no longer asked.

    A criterion met counts as one that is not asked: to add one that somebody meets changes nothing for them. That a
    criterion blocks or only advises matters where it is not met.
    """
    old, new = _weighed(before), _weighed(after)
    for kind, rank in dict.fromkeys([*new, *old]):
        was, becomes = old.get((kind, rank), NOT_ASKED), new.get((kind, rank), NOT_ASKED)
        if was != becomes and (was.hinders or becomes.hinders):
            yield FindingMove(kind, rank, was, becomes)


def _weighed(findings: Iterable[Finding]) -> dict[tuple[CriterionKind, int], Weight]:
    seen: Counter[CriterionKind] = Counter()
    weighed: dict[tuple[CriterionKind, int], Weight] = {}
    for finding in findings:
        effect = None if finding.outcome is Outcome.MET else finding.effect
        weighed[finding.kind, seen[finding.kind]] = Weight(finding.outcome, effect)
        seen[finding.kind] += 1
    return weighed
