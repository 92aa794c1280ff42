"""Display of a verdict: a summary line, and a card per criterion with the section of its answers.

The reasons of `eligibility` are full sentences. `observed_text` and `passing_text` are short: the answers that a
finding used and those that would pass, for page and print.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from eligibility import CriterionKind, Effect, Finding, Outcome, Verdict, VerdictOutcome
from eligibility.bilingual import language
from intake.profiles.question_kinds import declared_questions
from intake.submissions.models import Ruling
from intake.submissions.questions.answer_display import format_programme
from intake.submissions.questions.forms import writing_question
from intake.submissions.questions.offer_questions import QUESTIONS
from intake.submissions.questions.sections import SECTIONS
from intake.web import formats
from offers.criterion_labels import criterion_names

_SECTIONS: dict[CriterionKind, str] = {
    criterion.kind: section.key
    for section in SECTIONS
    for question in declared_questions(section.form).values()
    for criterion in question.evaluated_by
}
"""Section of the answers that each kind of criterion reads."""

_SUMMARIES: dict[VerdictOutcome, Promise] = {
    VerdictOutcome.ELIGIBLE: gettext_lazy(
        "D’après vos réponses, vous répondez à tous les critères d’admissibilité."
    ),
    VerdictOutcome.INCOMPLETE: gettext_lazy("Il manque des réponses pour dire si vous êtes admissible."),
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

    @property
    def failed(self) -> tuple[FindingDisplay, ...]:
        """Findings that make the candidate ineligible."""
        return self._blocking(Outcome.NOT_MET)

    @property
    def for_a_person(self) -> tuple[FindingDisplay, ...]:
        """Findings that a person must judge."""
        return self._blocking(Outcome.HUMAN)

    @property
    def unanswered(self) -> tuple[FindingDisplay, ...]:
        """Findings that lack an answer."""
        return self._blocking(Outcome.UNKNOWN)

    @property
    def met(self) -> tuple[FindingDisplay, ...]:
        """Findings that are met, with effect ADVISE included."""
        return tuple(finding for finding in self.findings if finding.outcome == Outcome.MET)

    @property
    def advice(self) -> tuple[FindingDisplay, ...]:
        """Findings with effect ADVISE that are not met: they change no verdict."""
        return tuple(
            finding for finding in self.findings if finding.advisory and finding.outcome != Outcome.MET
        )

    def _blocking(self, outcome: Outcome) -> tuple[FindingDisplay, ...]:
        return tuple(
            finding for finding in self.findings if finding.outcome == outcome and not finding.advisory
        )


def display_verdict(verdict: Verdict) -> VerdictDisplay:
    """Return the display of `verdict` in the active language. The findings contain both languages."""
    in_english = (get_language() or "").startswith("en")
    titles = criterion_names(finding.kind.value for finding in verdict.findings)
    return VerdictDisplay(
        outcome=verdict.outcome.value,
        summary=summary_of(verdict),
        tone=TONES[verdict.outcome],
        findings=tuple(
            FindingDisplay(
                title=title,
                outcome=finding.outcome.value,
                reason=finding.reason_en if in_english else finding.reason_fr,
                clause_text=finding.clause.text or "",
                clause_reference=finding.clause.reference or "",
                section=_SECTIONS.get(finding.kind),
                advisory=finding.effect is Effect.ADVISE,
            )
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
            "D’après vos réponses, aucun critère n’empêche votre candidature ; une personne examinera un critère.",
            "D’après vos réponses, aucun critère n’empêche votre candidature ; une personne "
            "examinera %(number)s critères.",
            number,
        ) % {"number": formats.number(number)}
    number = outcomes.count(Outcome.NOT_MET)
    return ngettext(
        "D’après vos réponses, vous ne répondez pas à un critère de l’offre.",
        "D’après vos réponses, vous ne répondez pas à %(number)s critères de l’offre.",
        number,
    ) % {"number": formats.number(number)}


type Data = Mapping[str, Any]


def observed_text(finding: Finding) -> str:
    """Return the answers that the finding used; empty if there are none."""
    return _text_for(_OBSERVED, finding.kind, finding.observed)


def passing_text(finding: Finding) -> str:
    """Return the answers that would pass; empty if no answer alone would."""
    return _text_for(_PASSING, finding.kind, finding.would_pass)


def _text_for(words: Mapping[CriterionKind, Callable[[Data], str]], kind: CriterionKind, data: Data) -> str:
    say = words.get(kind)
    return say(data) if say is not None and data else ""


def _day(text: str) -> str:
    return formats.day(date.fromisoformat(text))


def _language(code: str) -> str:
    words = language(code)
    return words.en if formats.in_english() else words.fr


def _listed(parts: list[str]) -> str:
    return "\u00a0; ".join(part for part in parts if part)


# -- What was answered -----------------------------------------------------------------------------------------
def _studies(data: Data) -> str:
    parts = [format_programme(study) for study in data["studies"] or ()]
    if data.get("bar_school"):
        parts.append(_("École du Barreau du Québec"))
    if data.get("professional_order_stage"):
        parts.append(_("stage exigé par un ordre professionnel"))
    return _listed(parts)


def _residence(data: Data) -> str:
    parts = []
    if data["quebec_resident_since"]:
        parts.append(_("depuis le %(day)s") % {"day": _day(data["quebec_resident_since"])})
    for key, name in (
        ("resident_for_health_insurance", _("assurance maladie : %(answer)s")),
        ("resident_for_tax", _("impôt : %(answer)s")),
    ):
        if data[key] is not None:
            parts.append(name % {"answer": QUESTIONS[key].answer_text(data[key]).lower()})
    return _listed(parts)


def _writing(data: Data) -> str:
    return _listed(
        [
            _("%(language)s : %(answer)s")
            % {"language": _language(code), "answer": writing_question(code).answer_text(answer).lower()}
            for code, answer in data["attests_writing"].items()
            if answer is not None
        ]
    )


def _answered(key: str) -> Callable[[Data], str]:
    return lambda data: QUESTIONS[key].answer_text(data.get(key))


_ANSWERED: dict[CriterionKind, Callable[[Data], str]] = {
    criterion.kind: _answered(key)
    for key, question in QUESTIONS.items()
    for criterion in question.evaluated_by
}
"""Text of the answer that each kind of criterion reads, for the kinds that read only one."""
_OBSERVED: dict[CriterionKind, Callable[[Data], str]] = _ANSWERED | {
    CriterionKind.STUDIES: _studies,
    CriterionKind.RESIDENCE: _residence,
    CriterionKind.WRITING: _writing,
}


# -- What would be accepted ------------------------------------------------------------------------------------
def _studies_accepted(data: Data) -> str:
    parts = [_("un doctorat en cours")]
    if "expected_from" in data:
        parts.append(
            _("un 2e cycle en cours qui finit du %(first)s au %(last)s")
            % {"first": _day(data["expected_from"]), "last": _day(data["expected_to"])}
        )
    if "completed_from" in data:
        parts.append(
            _("une maîtrise ou un doctorat obtenu du %(first)s au %(last)s")
            % {"first": _day(data["completed_from"]), "last": _day(data["completed_to"])}
        )
    if data.get("bar_school"):
        parts.append(_("l’École du Barreau du Québec"))
    if data.get("professional_order_stage"):
        parts.append(_("un stage exigé par un ordre professionnel"))
    return _listed(parts)


def _birth_accepted(data: Data) -> str:
    return _("une naissance du %(first)s au %(last)s") % {
        "first": _day(data["birth_date_from"]),
        "last": _day(data["birth_date_to"]),
    }


def _one_of(codes: str, key: str) -> Callable[[Data], str]:
    return lambda data: _(" ou ").join(QUESTIONS[key].answer_text(code) for code in data[codes])


def _residence_accepted(data: Data) -> str:
    return _("une résidence depuis le %(day)s ou avant, au sens de l’assurance maladie et de l’impôt") % {
        "day": _day(data["quebec_resident_since_to"])
    }


def _writing_accepted(data: Data) -> str:
    return formats.enumeration([_language(code) for code in data["attests_writing"]])


_PASSING: dict[CriterionKind, Callable[[Data], str]] = _ANSWERED | {
    CriterionKind.STUDIES: _studies_accepted,
    CriterionKind.AGE: _birth_accepted,
    CriterionKind.LEGAL_STATUS: _one_of("accepted", "legal_status"),
    CriterionKind.DOMICILE: _one_of("provinces", "domicile_province"),
    CriterionKind.RESIDENCE: _residence_accepted,
    CriterionKind.WRITING: _writing_accepted,
}
