"""Display of the examples of a criterion (`eligibility.boundaries`): the person, the outcome and the reason."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from eligibility import Facts, Study, StudyLevel, StudyState
from eligibility.bilingual import BilingualText
from eligibility.boundaries import BoundaryTable, Example
from offers.criterion_labels import (
    OUTCOMES,
    TONES,
    capitalize_first,
    format_day,
    language_name,
    localized,
    province_name,
    status_name,
)


@dataclass(frozen=True, slots=True)
class ExampleDisplay:
    """One line of the table. `starts_pair`: the next line has the same facts one day later, with another outcome."""

    person: str
    outcome: StrOrPromise
    tone: str
    reason: str
    starts_pair: bool = False
    ends_pair: bool = False


_COMPLETED: Final = {
    StudyLevel.MASTER: gettext_lazy("Maîtrise terminée le %(day)s"),
    StudyLevel.GRADUATE_DIPLOMA: gettext_lazy("Diplôme d’études supérieures spécialisées terminé le %(day)s"),
    StudyLevel.DOCTORATE: gettext_lazy("Doctorat terminé le %(day)s"),
}
_EXPECTED: Final = {
    StudyLevel.MASTER: gettext_lazy("Maîtrise en cours, fin prévue le %(day)s"),
    StudyLevel.GRADUATE_DIPLOMA: gettext_lazy(
        "Diplôme d’études supérieures spécialisées en cours, fin prévue le %(day)s"
    ),
}
_IN_PROGRESS: Final = {
    StudyLevel.DOCTORATE: gettext_lazy("Doctorat en cours"),
    StudyLevel.BACHELOR: gettext_lazy("Baccalauréat en cours"),
}


def show_examples(table: BoundaryTable) -> list[ExampleDisplay]:
    """Return the lines of a criterion's table in the active language, the two sides of a boundary together."""
    rows: list[ExampleDisplay] = []
    for boundary in table.boundaries:
        rows.append(_example_display(boundary.before, starts_pair=True))
        rows.append(_example_display(boundary.after, ends_pair=True))
    return rows + [_example_display(example) for example in table.answers]


def _example_display(
    example: Example, *, starts_pair: bool = False, ends_pair: bool = False
) -> ExampleDisplay:
    outcome = example.finding.outcome.value
    return ExampleDisplay(
        person=describe_facts(example.facts),
        outcome=OUTCOMES[outcome],
        tone=TONES[outcome],
        reason=localized(BilingualText(example.finding.reason_fr, example.finding.reason_en)),
        starts_pair=starts_pair,
        ends_pair=ends_pair,
    )


def describe_facts(facts: Facts) -> str:
    """Describe a fictitious person by the facts of an example; « Toute personne » if there are none."""
    parts = [*_legal_status_text(facts), *_studies(facts), *_residence(facts), *_attestation_text(facts)]
    return capitalize_first(", ".join(parts)) if parts else _("Toute personne")


def _legal_status_text(facts: Facts) -> Iterator[str]:
    if facts.birth_date is not None:
        yield _("Naissance le %(day)s") % {"day": format_day(facts.birth_date)}
    if facts.legal_status is not None:
        yield status_name(facts.legal_status.value)
    if facts.domicile_province is not None:
        yield _("domicile %(place)s") % {"place": province_name(facts.domicile_province)}


def _studies(facts: Facts) -> Iterator[str]:
    if facts.studies is None:
        return
    for study in facts.studies:
        yield _study(study)
    if facts.bar_school:
        yield _("École du Barreau du Québec")
    if facts.professional_order_stage:
        yield _("stage exigé par un ordre professionnel")
    if not (facts.studies or facts.bar_school or facts.professional_order_stage):
        yield _("aucun programme d’études, ni Barreau, ni ordre professionnel")


def _study(study: Study) -> str:
    if study.level is None or study.state is None:
        return _("études")
    if study.state is StudyState.COMPLETED and study.completed_on and study.level in _COMPLETED:
        return str(_COMPLETED[study.level]) % {"day": format_day(study.completed_on)}
    if study.expected_on and study.level in _EXPECTED:
        return str(_EXPECTED[study.level]) % {"day": format_day(study.expected_on)}
    return str(_IN_PROGRESS.get(study.level, _("études en cours")))


def _residence(facts: Facts) -> Iterator[str]:
    if facts.quebec_resident_since is None:
        return
    yield _("résidence au Québec depuis le %(day)s") % {"day": format_day(facts.quebec_resident_since)}
    if facts.resident_for_health_insurance is False:
        yield _("mais pas au sens de l’assurance maladie")
    if facts.resident_for_tax is False:
        yield _("mais pas au sens de l’impôt")


def _attestation_text(facts: Facts) -> Iterator[str]:
    for code, answer in (facts.attests_writing or {}).items():
        text = _("écrit très bien %(language)s") if answer else _("n’écrit pas très bien %(language)s")
        yield text % {"language": language_name(code)}
    if facts.attests_skills is not None:
        text = _("atteste les compétences et l’expérience")
        yield text if facts.attests_skills else _("n’atteste pas les compétences et l’expérience")
    if facts.past_participant is not None:
        text = _("a déjà participé au programme")
        yield text if facts.past_participant else _("déclare n’avoir jamais participé au programme")
    if facts.register_match:
        yield _("mais le registre des participations contient peut-être son nom")
