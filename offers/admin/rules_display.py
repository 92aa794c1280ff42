"""Display of the pages of an offer's criteria: each criterion with its examples, the versions, and the impact."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from eligibility.boundaries import boundary_table
from offers.change_descriptions import RuleChange, rulebook_changes
from offers.criterion_examples import ExampleDisplay, show_examples
from offers.criterion_labels import (
    OUTCOMES,
    SHORT_EFFECTS,
    TONES,
    VERDICTS,
    criterion_name,
    describe_criterion,
    describe_effect,
)
from offers.impact import CriterionResult, Impact, ListedSubmission, SubmissionStage
from offers.models import Offer, OfferChange, RulebookVersion
from offers.rule_forms import CriterionCard, RulesForm


# -- Criteria ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class CriterionDisplay:
    """One criterion: name, description, the offer's sentence, examples (None: the form is not valid yet)."""

    name: str
    rule: str
    effect: str
    clause: Mapping[str, str]
    examples: list[ExampleDisplay] | None
    card: CriterionCard | None = None

    @property
    def key(self) -> int:
        """The key of its fields; 0 on a read-only page."""
        return self.card.key if self.card else 0


def show_criteria(offer: Offer, criteria: Iterable[Mapping[str, Any]]) -> list[CriterionDisplay]:
    """Return the read-only display of criteria (JSON of `docs/contracts.md`)."""
    return [_criterion_display(offer, criterion, None) for criterion in criteria]


def show_cards(offer: Offer, rules: RulesForm) -> list[CriterionDisplay]:
    """Return the display of the criteria of a form, each with its examples if it is valid."""
    return [_card_display(offer, card) for card in rules.cards]


def _card_display(offer: Offer, card: CriterionCard) -> CriterionDisplay:
    criterion = card.stated()
    if criterion is None:
        return CriterionDisplay(criterion_name(card.kind), "", "", {}, None, card)
    return _criterion_display(offer, criterion, card)


def _criterion_display(
    offer: Offer, criterion: Mapping[str, Any], card: CriterionCard | None
) -> CriterionDisplay:
    name, rule = describe_criterion(criterion)
    rulebook = RulebookVersion(offer=offer, criteria=[criterion]).as_rulebook()
    examples = show_examples(boundary_table(rulebook.criteria[0], rulebook.days))
    return CriterionDisplay(
        name, rule, describe_effect(criterion), criterion.get("clause", {}), examples, card
    )


def kinds_to_add(rules: RulesForm) -> list[tuple[str, str]]:
    """Return the kinds that may be added once more, with their names."""
    return [(kind, criterion_name(kind)) for kind in rules.addable_kinds]


# -- Versions ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class VersionDisplay:
    """One version of the criteria: publication, author, reason, and what it changed."""

    number: int
    published_at: datetime | None
    author: models.Model | None
    reason: str
    digest: str
    changes: list[RuleChange] | None
    """None for the first."""


def show_versions(offer: Offer) -> list[VersionDisplay]:
    """Return the versions of an offer's criteria, the latest first. Two queries for any number of versions."""
    versions = list(offer.rulebooks.select_related("offer").order_by("number"))
    kinds = [OfferChange.Kind.PUBLISHED, OfferChange.Kind.RULES_CHANGED]
    changes = offer.changes.filter(kind__in=kinds).select_related("author").order_by("pk")
    authors = {change.at: change.author for change in changes}
    shown = [
        VersionDisplay(
            number=version.number,
            published_at=version.published_at,
            author=authors.get(version.published_at) if version.published_at else None,
            reason=version.reason,
            digest=version.digest,
            changes=None if before is None else rulebook_changes(before.as_json(), version.as_json()),
        )
        for before, version in zip([None, *versions], versions, strict=False)
    ]
    return shown[::-1]


# -- Impact ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class ChangeDisplay:
    """One kind of change, and the number of submissions that it would affect."""

    subject: str
    before: StrOrPromise
    before_tone: str
    after: StrOrPromise
    after_tone: str
    drafts: int
    filed: int


@dataclass(frozen=True, slots=True)
class SubmissionDisplay:
    """One filed submission with a verdict or finding that would change, for a viewer who may read it."""

    label: str
    address: str
    before: StrOrPromise
    before_tone: str
    after: StrOrPromise
    after_tone: str
    flips: bool
    criteria: list[str]


@dataclass(frozen=True, slots=True)
class ImpactDisplay:
    """The impact, as the page shows it."""

    drafts: int
    filed: int
    drafts_flipping: int
    filed_flipping: int
    touched: int
    unreadable: int
    verdicts: list[ChangeDisplay]
    findings: list[ChangeDisplay]
    files: list[SubmissionDisplay]
    files_left_out: int


def show_impact(impact: Impact) -> ImpactDisplay:
    """Return the display of the counts, the most frequent changes first."""
    files = [_submission_display(submission) for submission in impact.listed]
    return ImpactDisplay(
        drafts=impact.judged[SubmissionStage.DRAFT],
        filed=impact.judged[SubmissionStage.FILED],
        drafts_flipping=impact.flipping[SubmissionStage.DRAFT],
        filed_flipping=impact.flipping[SubmissionStage.FILED],
        touched=impact.touched.total(),
        unreadable=impact.unreadable.total(),
        verdicts=[
            ChangeDisplay("", *_verdict(move.before), *_verdict(move.after), drafts, filed)
            for move, drafts, filed in _by_stage(impact.verdicts)
        ],
        findings=[
            ChangeDisplay(
                criterion_name(move.kind),
                *_result_label(move.before),
                *_result_label(move.after),
                drafts,
                filed,
            )
            for move, drafts, filed in _by_stage(impact.findings)
        ],
        files=files,
        files_left_out=impact.touched[SubmissionStage.FILED] - len(files) if files else 0,
    )


def _by_stage[Move: Hashable](counts: Counter[tuple[Move, SubmissionStage]]) -> list[tuple[Move, int, int]]:
    totals: Counter[Move] = Counter()
    for (move, _stage), count in counts.items():
        totals[move] += count
    return [
        (move, counts[move, SubmissionStage.DRAFT], counts[move, SubmissionStage.FILED])
        for move, _total in totals.most_common()
    ]


def _verdict(code: str) -> tuple[StrOrPromise, str]:
    return VERDICTS.get(code, code), TONES.get(code, "none")


def _result_label(weight: CriterionResult) -> tuple[StrOrPromise, str]:
    if weight.outcome is None:
        return _("Non demandé"), "none"
    label = str(OUTCOMES[weight.outcome])
    if weight.effect == "ADVISE":
        label = f"{label}, {SHORT_EFFECTS['ADVISE']}"
    return label, TONES[weight.outcome]


def _submission_display(submission: ListedSubmission) -> SubmissionDisplay:
    return SubmissionDisplay(
        submission.label,
        submission.address,
        *_verdict(submission.verdict.before),
        *_verdict(submission.verdict.after),
        submission.flips,
        list(dict.fromkeys(criterion_name(move.kind) for move in submission.findings)),
    )
