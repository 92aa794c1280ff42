"""Readiness of a draft: missing sections and documents, and the verdict. Pages and the filing use the same code."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from eligibility import Effect, Outcome, Verdict, VerdictOutcome, evaluate
from intake.submissions.questions.answers import facts_of, unreadable_texts_of
from intake.submissions.questions.offer_questions import OfferQuestions
from intake.submissions.questions.sections import Section, answers_in_sections, sections_for
from offers.models import DocumentRequest


class Progress(StrEnum):
    """Progress of a section."""

    EMPTY = "EMPTY"
    STARTED = "STARTED"
    COMPLETE = "COMPLETE"


@dataclass(frozen=True, slots=True)
class SectionProgress:
    """One section of the draft and its progress."""

    section: Section
    progress: Progress


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether a draft may be filed, and everything that prevents it.

    `verdict` evaluates the current answers. It is INCOMPLETE while the rules need a missing one.
    """

    sections: tuple[SectionProgress, ...]
    missing_documents: tuple[DocumentRequest, ...]
    """Required documents without a file, and those, required or not, whose files cannot be joined."""
    verdict: Verdict
    in_analysis: tuple[DocumentRequest, ...] = ()
    """Documents, required or not, with a file that waits to be inspected or joined: it counts as not yet there."""

    @property
    def asked(self) -> tuple[Section, ...]:
        """Sections that the offer shows, in order."""
        return tuple(row.section for row in self.sections)

    @property
    def missing_sections(self) -> tuple[Section, ...]:
        """Sections whose form is not valid."""
        return tuple(row.section for row in self.sections if row.progress is not Progress.COMPLETE)

    @property
    def is_complete(self) -> bool:
        """True if every section is valid, every required document is present and no file is in analysis or broken."""
        return not self.missing_sections and not self.missing_documents and not self.in_analysis

    @property
    def allows_filing(self) -> bool:
        """True if the verdict is ELIGIBLE, or NEEDS_REVIEW: a person then decides."""
        return self.verdict.outcome in {VerdictOutcome.ELIGIBLE, VerdictOutcome.NEEDS_REVIEW}

    @property
    def may_be_filed_under_reserve(self) -> bool:
        """True if complete and INELIGIBLE with nothing UNKNOWN: `docs/rules-review.md#filing-under-reserve`."""
        unknown = any(
            finding.outcome is Outcome.UNKNOWN and finding.effect is Effect.BLOCK
            for finding in self.verdict.findings
        )
        return self.is_complete and self.verdict.outcome is VerdictOutcome.INELIGIBLE and not unknown

    @property
    def may_be_filed(self) -> bool:
        """True if complete and the verdict allows filing. A trigger checks the deadline."""
        return self.is_complete and self.allows_filing


def check_readiness(
    *,
    answers: object,
    documents: Iterable[DocumentRequest],
    provided: Iterable[int],
    asks: OfferQuestions,
    on: date,
    waiting: Iterable[int] = (),
    broken: Iterable[int] = (),
    register_match: bool | None = None,
) -> Readiness:
    """Return what a draft with these `answers` lacks, and its verdict.

    Only questions that the offer `asks` are required and evaluated. `documents`: all that the offer requests.
    `provided`: primary keys of those that have a file; `waiting`: of those with a file in analysis; `broken`: of those
    whose files cannot be joined. `on`: the present day in the offer's time zone, for the bounds of typed days.
    `register_match`: result of the register check, known only at filing.
    """
    sections = sections_for(asks)
    asked, unreadable = answers_in_sections(sections, answers), unreadable_texts_of(answers)
    in_analysis, all_documents = set(waiting), tuple(documents)
    has_file, lost = set(provided) | in_analysis, set(broken) - in_analysis
    return Readiness(
        sections=tuple(
            SectionProgress(section, _progress(section, asked, on, is_readable=section.key not in unreadable))
            for section in sections
        ),
        missing_documents=tuple(
            row for row in all_documents if row.pk in lost or (row.required and row.pk not in has_file)
        ),
        in_analysis=tuple(row for row in all_documents if row.pk in in_analysis),
        verdict=evaluate(asks.rulebook, facts_of(asked, register_match=register_match)),
    )


def _progress(section: Section, answers: dict[str, Any], on: date, *, is_readable: bool) -> Progress:
    if is_readable and section.is_valid(answers, on=on):
        return Progress.COMPLETE
    started = not is_readable or any(value not in (None, "", []) for value in section.of(answers).values())
    return Progress.STARTED if started else Progress.EMPTY


def blocking_positions(verdict: Verdict) -> list[int]:
    """Return the positions, from 0, of the findings with effect BLOCK, which decide the verdict."""
    return [position for position, found in enumerate(verdict.findings) if found.effect is Effect.BLOCK]
