"""Display of a verdict: a summary line, and a card per criterion with the section of its answers."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from eligibility import CriterionKind, Effect, Finding, Outcome, Verdict, VerdictOutcome
from intake.profiles.question_kinds import declared_questions
from intake.submissions.models import Ruling
from intake.submissions.questions.sections import SECTIONS
from offers.criterion_labels import criterion_names

_SECTIONS: dict[CriterionKind, str] = {
    criterion.kind: section.key
    for section in SECTIONS
    for question in declared_questions(section.form).values()
    for criterion in question.evaluated_by
}
"""Section of the answers that each kind of criterion reads."""

_SUMMARIES: dict[VerdictOutcome, Promise] = {
    VerdictOutcome.ELIGIBLE: _("D’après vos réponses, vous répondez à tous les critères d’admissibilité."),
    VerdictOutcome.INCOMPLETE: _("Il manque des réponses pour dire si vous êtes admissible."),
}

TONES: dict[VerdictOutcome, str] = {
    VerdictOutcome.ELIGIBLE: "success",
    VerdictOutcome.NEEDS_REVIEW: "info",
    VerdictOutcome.INCOMPLETE: "warning",
    VerdictOutcome.INELIGIBLE: "error",
}


@dataclass(frozen=True, slots=True)
class FindingDisplay:
    """One criterion as a card shows it. `section`: key of the section with its answers, or None."""

    title: str
    outcome: str
    reason: str
    clause_text: str
    clause_reference: str
    section: str | None
    advisory: bool
    ruling: Ruling | None = None
    """Latest ruling on the finding, if any."""
    judged_again: bool = False
    """True if the human review was opened again after `ruling`: it is no longer current."""


@dataclass(frozen=True, slots=True)
class VerdictDisplay:
    """A verdict as pages show it; `tone` is a colour of `components/state_badge.html`."""

    outcome: str
    summary: Promise | str
    tone: str
    findings: tuple[FindingDisplay, ...]


def display_verdict(verdict: Verdict) -> VerdictDisplay:
    """Return the display of `verdict` in the active language. The findings contain both languages."""
    in_english = (get_language() or "").startswith("en")
    titles = criterion_names(finding.kind.value for finding in verdict.findings)
    return VerdictDisplay(
        outcome=verdict.outcome.value,
        summary=summary_of(verdict),
        tone=TONES[verdict.outcome],
        findings=tuple(
            display_finding(title, finding, in_english=in_english)
            for title, finding in zip(titles, verdict.findings, strict=True)
        ),
    )


def summary_of(verdict: Verdict) -> Promise | str:
    """Return the summary line. Findings with effect ADVISE are not counted."""
    if verdict.outcome in _SUMMARIES:
        return _SUMMARIES[verdict.outcome]
    outcomes = [finding.outcome for finding in verdict.findings if finding.effect is Effect.BLOCK]
    if verdict.outcome is VerdictOutcome.NEEDS_REVIEW:
        number = outcomes.count(Outcome.HUMAN)
        return ngettext(
            "D’après vos réponses, vous pouvez déposer votre candidature ; une personne examinera un critère.",
            "D’après vos réponses, vous pouvez déposer votre candidature ; une personne examinera "
            "%(number)s critères.",
            number,
        ) % {"number": number}
    number = outcomes.count(Outcome.NOT_MET)
    return ngettext(
        "D’après vos réponses, vous ne répondez pas à un critère de l’offre.",
        "D’après vos réponses, vous ne répondez pas à %(number)s critères de l’offre.",
        number,
    ) % {"number": number}


def display_finding(title: str, finding: Finding, *, in_english: bool) -> FindingDisplay:
    """Return the card of `finding` under `title`, with its reason in one language."""
    return FindingDisplay(
        title=title,
        outcome=finding.outcome.value,
        reason=finding.reason_en if in_english else finding.reason_fr,
        clause_text=finding.clause.text or "",
        clause_reference=finding.clause.reference or "",
        section=_SECTIONS.get(finding.kind),
        advisory=finding.effect is Effect.ADVISE,
    )
