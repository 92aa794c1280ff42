"""Short texts for a finding: the answers that it used and the answers that would pass, for page and print.

The reasons of `eligibility` are full sentences; these texts are the answers only.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from eligibility import CriterionKind, Finding
from eligibility.bilingual import language
from intake.submissions.questions.answer_display import format_programme
from intake.submissions.questions.forms import writing_question
from intake.submissions.questions.offer_questions import QUESTIONS
from intake.web import formats

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


_OBSERVED: dict[CriterionKind, Callable[[Data], str]] = {
    CriterionKind.STUDIES: _studies,
    CriterionKind.AGE: _answered("birth_date"),
    CriterionKind.LEGAL_STATUS: _answered("legal_status"),
    CriterionKind.DOMICILE: _answered("domicile_province"),
    CriterionKind.RESIDENCE: _residence,
    CriterionKind.WRITING: _writing,
    CriterionKind.SKILLS: _answered("attests_skills"),
    CriterionKind.ONCE_ONLY: _answered("past_participant"),
}


# -- What would be accepted ------------------------------------------------------------------------------------
def _studies_accepted(data: Data) -> str:
    parts = [_("un doctorat en cours")]
    if "expected_from" in data:
        parts.append(
            _("un 2e cycle en cours qui se termine du %(first)s au %(last)s")
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


_PASSING: dict[CriterionKind, Callable[[Data], str]] = {
    CriterionKind.STUDIES: _studies_accepted,
    CriterionKind.AGE: _birth_accepted,
    CriterionKind.LEGAL_STATUS: _one_of("accepted", "legal_status"),
    CriterionKind.DOMICILE: _one_of("provinces", "domicile_province"),
    CriterionKind.RESIDENCE: _residence_accepted,
    CriterionKind.WRITING: _writing_accepted,
    CriterionKind.SKILLS: _answered("attests_skills"),
    CriterionKind.ONCE_ONLY: _answered("past_participant"),
}
