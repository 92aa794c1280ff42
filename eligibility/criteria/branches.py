"""The branches of STUDIES: the terms of an offer about studies, the grounds of an outcome, and their texts."""
# ruff: noqa: PIE796 -- Grounds.__new__ gives grounds of the same outcome different numbers

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from functools import lru_cache
from typing import NamedTuple, Self

from eligibility.bilingual import BilingualText, any_of, day, duration, sentences
from eligibility.facts import Study, StudyLevel, StudyState
from eligibility.verdict import Outcome


class Grounds(Enum):
    """The reason for the outcome of a branch. Each member is declared with the outcome to which it leads."""

    outcome: Outcome

    def __new__(cls, outcome: Outcome) -> Self:
        """Number the members: several lead to the same outcome and would otherwise be aliases."""
        member = object.__new__(cls)
        member._value_ = len(cls.__members__)
        member.outcome = outcome
        return member

    DOCTORATE_IN_PROGRESS = Outcome.MET
    END_IN_TIME = Outcome.MET
    DEGREE_RECENT = Outcome.MET
    BAR_SCHOOL = Outcome.MET
    ORDER_STAGE = Outcome.MET
    STUDIES_NOT_GIVEN = Outcome.UNKNOWN
    STUDY_INCOMPLETE = Outcome.UNKNOWN
    END_NOT_GIVEN = Outcome.UNKNOWN
    DEGREE_DAY_NOT_GIVEN = Outcome.UNKNOWN
    BAR_SCHOOL_NOT_GIVEN = Outcome.UNKNOWN
    ORDER_STAGE_NOT_GIVEN = Outcome.UNKNOWN
    END_BEFORE_CLOSING = Outcome.HUMAN
    END_TOO_LATE = Outcome.HUMAN
    DIPLOMA_RECENT = Outcome.HUMAN
    LEVEL_TOO_LOW = Outcome.NOT_MET
    DEGREE_TOO_OLD = Outcome.NOT_MET
    NO_BAR_SCHOOL = Outcome.NOT_MET
    NO_ORDER_STAGE = Outcome.NOT_MET


class Branch(NamedTuple):
    """One evaluated branch of STUDIES. `study` is None if the branch is not a programme of study."""

    grounds: Grounds
    study: Study | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyTerms:
    """The terms of an offer about studies, as days. `finish_by` is None if it is after 31 December 9999.

    `bar_school`, `professional_order_stage`: the offer accepts these branches. `window_months`: calendar months.
    """

    starts_on: date
    closes_on: date
    finish_by: date | None
    degree_from: date
    window_months: int
    bar_school: bool
    professional_order_stage: bool

    @property
    def last_end(self) -> date | None:
        """The last day on which second-cycle studies may end; None if every day in time is before closing."""
        finish_by = self.finish_by or date.max
        return finish_by if self.closes_on <= finish_by else None

    @property
    def last_degree(self) -> date | None:
        """The last day for a degree that is recent and before the stage; None if there is none."""
        return self.starts_on - timedelta(days=1) if self.degree_from < self.starts_on else None


class _Level(NamedTuple):
    fr: str
    completed_fr: str
    en: str


_LEVELS = {
    StudyLevel.BACHELOR: _Level("un baccalauréat", "terminé", "a bachelor’s degree"),
    StudyLevel.GRADUATE_DIPLOMA: _Level(
        "un diplôme d’études supérieures spécialisées", "terminé", "a graduate diploma"
    ),
    StudyLevel.MASTER: _Level("une maîtrise", "terminée", "a master’s degree"),
    StudyLevel.DOCTORATE: _Level("un doctorat", "terminé", "a doctorate"),
    StudyLevel.OTHER: _Level("un autre programme", "terminé", "another programme"),
}

_SCHOOLS = {
    Grounds.BAR_SCHOOL: BilingualText(
        "Vous avez déclaré une inscription à l’École du Barreau du Québec, ce que l’offre accepte.",
        "You declared enrolment at the École du Barreau du Québec, which the offer accepts.",
    ),
    Grounds.BAR_SCHOOL_NOT_GIVEN: BilingualText(
        "Il manque votre réponse sur l’inscription à l’École du Barreau du Québec.",
        "Your answer about enrolment at the École du Barreau du Québec is missing.",
    ),
    Grounds.NO_BAR_SCHOOL: BilingualText(
        "Vous avez répondu non à la question sur l’École du Barreau du Québec.",
        "You answered no to the question about the École du Barreau du Québec.",
    ),
    Grounds.ORDER_STAGE: BilingualText(
        "Vous avez déclaré une inscription à un ordre professionnel exigeant un stage, ce que l’offre accepte.",
        "You declared registration with a professional order that requires a training period, which the offer"
        " accepts.",
    ),
    Grounds.ORDER_STAGE_NOT_GIVEN: BilingualText(
        "Il manque votre réponse sur l’inscription à un ordre professionnel exigeant un stage.",
        "Your answer about registration with a professional order that requires a training period is missing.",
    ),
    Grounds.NO_ORDER_STAGE: BilingualText(
        "Vous avez répondu non à la question sur un ordre professionnel exigeant un stage.",
        "You answered no to the question about a professional order that requires a training period.",
    ),
}
_LEVEL_MISSING = BilingualText(
    "Il manque le niveau d’un de vos programmes d’études.",
    "The level of one of your programmes of study is missing.",
)
_NOTHING_MEETS = BilingualText(
    "Aucune de vos réponses sur les études ne correspond à ce que l’offre demande.",
    "None of your answers about studies matches what the offer asks for.",
)


def describe_branches(branches: Sequence[Branch], outcome: Outcome, terms: StudyTerms) -> BilingualText:
    """Return the reason of STUDIES: the first branch that is MET, else all branches with the final outcome."""
    decisive = [branch for branch in branches if branch.grounds.outcome is outcome]
    if outcome is Outcome.MET:
        return _describe_branch(decisive[0], terms)
    texts = [_describe_branch(branch, terms) for branch in decisive]
    if outcome is not Outcome.NOT_MET:
        return sentences(texts)
    if all(branch.study is None for branch in branches):
        required = _accepted_ways(terms)
        no_programme = BilingualText(
            f"Vous n’avez déclaré aucun programme d’études ; {required.fr}.",
            f"You declared no programme of study; {required.en}.",
        )
        texts.insert(0, no_programme)
    return sentences([_NOTHING_MEETS, *texts])


def _describe_branch(branch: Branch, terms: StudyTerms) -> BilingualText:
    if branch.grounds in _SCHOOLS:
        return _SCHOOLS[branch.grounds]
    if branch.study is None:
        required = _accepted_ways(terms)
        return BilingualText(
            f"Il manque vos programmes d’études ; {required.fr}.",
            f"Your programmes of study are missing; {required.en}.",
        )
    if branch.study.level is None:
        return _LEVEL_MISSING
    declared = _describe_study(branch.study, _LEVELS[branch.study.level], terms)
    ending = _grounds_of_studies(terms)[branch.grounds]
    return BilingualText(
        f"Vous avez déclaré {declared.fr}{ending.fr}.", f"You declared {declared.en}{ending.en}."
    )


def _describe_study(study: Study, level: _Level, terms: StudyTerms) -> BilingualText:
    if study.state is None:
        return BilingualText(level.fr, level.en)
    if study.state is StudyState.IN_PROGRESS:
        if study.expected_on is None:
            return BilingualText(f"{level.fr} en cours", f"{level.en} in progress")
        end = day(study.expected_on)
        return BilingualText(
            f"{level.fr} en cours, dont la fin est prévue le {end.fr}",
            f"{level.en} in progress, expected to end on {end.en}",
        )
    if study.completed_on is None:
        return BilingualText(f"{level.fr} {level.completed_fr}", f"{level.en} as completed")
    end = day(study.completed_on)
    completed = BilingualText(
        f"{level.fr} {level.completed_fr} le {end.fr}", f"{level.en} completed on {end.en}"
    )
    if study.completed_on >= terms.starts_on:
        start = day(terms.starts_on)
        return BilingualText(
            f"{completed.fr}, donc en cours au début du stage, le {start.fr}",
            f"{completed.en}, hence in progress on the first day of the internship, {start.en}",
        )
    return completed


@lru_cache(maxsize=256)
def _grounds_of_studies(terms: StudyTerms) -> dict[Grounds, BilingualText]:
    """Return, for each of the grounds of a programme of study, the end of the sentence that explains the outcome."""
    closing, finish, start = day(terms.closes_on), day(terms.finish_by or date.max), day(terms.starts_on)
    window, first_degree = duration(terms.window_months), day(terms.degree_from)
    return {
        Grounds.DOCTORATE_IN_PROGRESS: BilingualText(
            " ; l’offre l’accepte, quelle que soit sa date de fin", "; the offer accepts it, whenever it ends"
        ),
        Grounds.END_IN_TIME: _accepted_text(_ends(terms)),
        Grounds.DEGREE_RECENT: _accepted_text(_degrees(terms)),
        Grounds.STUDY_INCOMPLETE: BilingualText(
            ", mais il manque l’état de ces études, en cours ou terminées",
            ", but whether these studies are in progress or completed is missing",
        ),
        Grounds.END_NOT_GIVEN: _missing_text(
            BilingualText("la date de fin prévue", "the expected end date"),
            _ends(terms) if terms.last_end else None,
        ),
        Grounds.DEGREE_DAY_NOT_GIVEN: _missing_text(
            BilingualText("la date du diplôme", "the date of the degree"),
            _degrees(terms) if terms.last_degree else None,
        ),
        Grounds.END_BEFORE_CLOSING: BilingualText(
            f" ; cette fin précède la date limite d’inscription, le {closing.fr}, et une personne jugera si ces études"
            " conviennent",
            f"; this end comes before the closing date, {closing.en}, and a person will judge whether these studies"
            " qualify",
        ),
        Grounds.END_TOO_LATE: BilingualText(
            f" ; l’offre prévoit une fin au plus tard le {finish.fr}, et une personne jugera si ces études conviennent",
            f"; the offer expects an end no later than {finish.en}, and a person will judge whether these studies"
            " qualify",
        ),
        Grounds.DIPLOMA_RECENT: BilingualText(
            " ; l’offre nomme la maîtrise et le doctorat, et une personne jugera si ce diplôme convient",
            "; the offer names master’s degrees and doctorates, and a person will judge whether this one qualifies",
        ),
        Grounds.LEVEL_TOO_LOW: BilingualText(
            " ; l’offre demande des études de 2e ou de 3e cycle",
            "; the offer asks for graduate or doctoral studies",
        ),
        Grounds.DEGREE_TOO_OLD: BilingualText(
            f" ; l’offre demande un diplôme obtenu au plus {window.fr} avant le début du stage, le {start.fr}, donc"
            f" depuis le {first_degree.fr}",
            f"; the offer asks for a degree obtained at most {window.en} before the first day of the internship,"
            f" {start.en}, that is, since {first_degree.en}",
        ),
    }


@lru_cache(maxsize=256)
def _accepted_ways(terms: StudyTerms) -> BilingualText:
    ways = [BilingualText("un doctorat en cours", "a doctorate in progress")]
    if terms.last_end is not None:
        ways.append(_ends(terms))
    if terms.last_degree is not None:
        ways.append(_degrees(terms))
    if terms.bar_school:
        ways.append(
            BilingualText(
                "une inscription à l’École du Barreau du Québec",
                "enrolment at the École du Barreau du Québec",
            )
        )
    if terms.professional_order_stage:
        ways.append(
            BilingualText(
                "une inscription à un ordre professionnel exigeant un stage",
                "registration with a professional order that requires a training period",
            )
        )
    required = any_of(ways)
    return BilingualText(f"l’offre demande {required.fr}", f"the offer asks for {required.en}")


def _accepted_text(way: BilingualText) -> BilingualText:
    return BilingualText(f" ; l’offre accepte {way.fr}", f"; the offer accepts {way.en}")


def _missing_text(what: BilingualText, way: BilingualText | None) -> BilingualText:
    lacking = BilingualText(f", mais il manque {what.fr}", f", but {what.en} is missing")
    if way is None:
        return lacking
    accepts = _accepted_text(way)
    return BilingualText(f"{lacking.fr}{accepts.fr}", f"{lacking.en}{accepts.en}")


def _ends(terms: StudyTerms) -> BilingualText:
    first, last = day(terms.closes_on), day(terms.finish_by or date.max)
    return BilingualText(
        f"des études de 2e cycle qui se terminent du {first.fr} au {last.fr}",
        f"graduate studies that end from {first.en} to {last.en}",
    )


def _degrees(terms: StudyTerms) -> BilingualText:
    first = day(terms.degree_from)
    return BilingualText(
        f"un diplôme de maîtrise ou de doctorat obtenu depuis le {first.fr}",
        f"a master’s degree or doctorate obtained since {first.en}",
    )
