"""The gate: what is missing and what the rules say, computed the same way for every page and for the filing itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from eligibility import Effect, Outcome, Verdict, VerdictOutcome, evaluate
from intake.submissions.questions.facts import facts_of
from intake.submissions.questions.offer_questions import OfferQuestions
from intake.submissions.questions.sections import Section, answers_in_sections, sections_for
from offers.models import DocumentRequest


class Progress(StrEnum):
    """How far a section is."""

    EMPTY = "EMPTY"
    STARTED = "STARTED"
    COMPLETE = "COMPLETE"


@dataclass(frozen=True, slots=True)
class SectionProgress:
    """One section of the application and how far it is."""

    section: Section
    progress: Progress


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether an application may be filed, and all that still prevents it.

    `verdict` judges the answers given so far: it is INCOMPLETE while one that the rules need is missing.
    """

    sections: tuple[SectionProgress, ...]
    missing_documents: tuple[DocumentRequest, ...]
    verdict: Verdict

    @property
    def asked(self) -> tuple[Section, ...]:
        """The sections that the offer shows, in their order."""
        return tuple(row.section for row in self.sections)

    @property
    def missing_sections(self) -> tuple[Section, ...]:
        """The sections whose form would not be accepted as it stands."""
        return tuple(row.section for row in self.sections if row.progress is not Progress.COMPLETE)

    @property
    def is_complete(self) -> bool:
        """Nothing is missing: every section is valid and every required document is there."""
        return not self.missing_sections and not self.missing_documents

    @property
    def allows_filing(self) -> bool:
        """The verdict allows filing: ELIGIBLE, or NEEDS_REVIEW, which a person then judges."""
        return self.verdict.outcome in {VerdictOutcome.ELIGIBLE, VerdictOutcome.NEEDS_REVIEW}

    @property
    def may_be_filed_under_reserve(self) -> bool:
        """Complete, refused by the rules, and nothing they need is missing: a person may be asked to judge.

        DOMAIN: INELIGIBLE is blocked unless the candidate asks for review; nothing UNKNOWN may be left then.
        """
        unknown = any(
            finding.outcome is Outcome.UNKNOWN and finding.effect is Effect.BLOCK
            for finding in self.verdict.findings
        )
        return self.is_complete and self.verdict.outcome is VerdictOutcome.INELIGIBLE and not unknown

    @property
    def may_be_filed(self) -> bool:
        """Complete and admitted; the deadline is the database's to judge."""
        return self.is_complete and self.allows_filing


def check_readiness(
    *,
    answers: object,
    documents: Iterable[DocumentRequest],
    provided: Iterable[int],
    asks: OfferQuestions,
    on: date,
    register_match: bool | None = None,
) -> Readiness:
    """Return what the draft with these `answers` lacks, and the verdict on it.

    Only what the offer `asks` is missed, and only that is judged. `documents` are those it asks for, `provided`
    the primary keys of those that have a file; `on` is the day it is for the person, on which the bounds of typed days
    are judged. `register_match` is what the once-only register said, which is asked at the filing alone.
    """
    sections = sections_for(asks)
    asked = answers_in_sections(sections, answers)
    has_file = set(provided)
    return Readiness(
        sections=tuple(SectionProgress(section, _progress(section, asked, on)) for section in sections),
        missing_documents=tuple(row for row in documents if row.required and row.pk not in has_file),
        verdict=evaluate(asks.rulebook, facts_of(asked, register_match=register_match)),
    )


def _progress(section: Section, answers: dict[str, Any], on: date) -> Progress:
    if section.validate_clean(answers, on=on).is_valid():
        return Progress.COMPLETE
    started = any(value not in (None, "", []) for value in section.of(answers).values())
    return Progress.STARTED if started else Progress.EMPTY


def blocking_positions(verdict: Verdict) -> list[int]:
    """Return the positions, from 0, of the findings that decide the verdict: those whose effect is BLOCK."""
    return [position for position, found in enumerate(verdict.findings) if found.effect is Effect.BLOCK]
