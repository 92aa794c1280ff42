"""WRITING, SKILLS and ONCE_ONLY: criteria that read a person's own attestations."""

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from eligibility.bilingual import BilingualText, all_of, language, none_of
from eligibility.criteria.base import Criterion, Days
from eligibility.facts import Facts
from eligibility.verdict import CriterionKind, Finding, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing(Criterion):
    """Require an attestation of excellent writing in each of the `languages` (codes such as `fr`).

    Clause: "Posséder une excellente capacité de rédaction en français et en anglais" (offer 2023-020).
    Any listed language false NOT_MET; else any null or absent UNKNOWN; else MET: `docs/rules.md#writing`.
    """

    kind: ClassVar = CriterionKind.WRITING

    languages: tuple[str, ...]

    def evaluate(self, facts: Facts, days: Days) -> Finding:  # noqa: ARG002 -- the signature of Criterion.evaluate
        """Evaluate the answers for the listed languages; other languages do not count."""
        given = facts.attests_writing or {}
        answers = {code: given.get(code) for code in self.languages}
        required = _languages(self.languages)
        denied = [language(code) for code, answer in answers.items() if answer is False]
        missing = [language(code) for code, answer in answers.items() if answer is None]
        if denied:
            outcome, no = Outcome.NOT_MET, none_of(denied)
            reason = BilingualText(
                f"Vous avez répondu ne pas posséder une excellente capacité de rédaction {no.fr} ;"
                f" l’offre la demande {required.fr}.",
                f"You answered that you do not have excellent writing skills {no.en};"
                f" the offer asks for them {required.en}.",
            )
        elif missing:
            outcome, which = Outcome.UNKNOWN, all_of(missing)
            reason = BilingualText(
                f"Il manque votre réponse sur la capacité de rédaction {which.fr} ; l’offre demande une excellente"
                f" capacité de rédaction {required.fr}.",
                f"Your answer about writing skills {which.en} is missing; the offer asks for excellent writing"
                f" skills {required.en}.",
            )
        else:
            outcome = Outcome.MET
            reason = BilingualText(
                f"Vous avez attesté une excellente capacité de rédaction {required.fr}, comme l’offre le demande.",
                f"You attested excellent writing skills {required.en}, as the offer asks.",
            )
        return self.find(
            outcome,
            observed={"attests_writing": answers},
            reason=reason,
            would_pass={"attests_writing": dict.fromkeys(self.languages, True)},
        )


@lru_cache(maxsize=256)
def _languages(codes: tuple[str, ...]) -> BilingualText:
    return all_of(language(code) for code in codes)


_SKILLS_REASONS = {
    True: BilingualText(
        "Vous avez attesté posséder les compétences et l’expérience que l’offre demande.",
        "You attested that you have the skills and experience that the offer asks for.",
    ),
    False: BilingualText(
        "Vous avez répondu ne pas posséder les compétences et l’expérience que l’offre demande.",
        "You answered that you do not have the skills and experience that the offer asks for.",
    ),
    None: BilingualText(
        "Il manque votre réponse sur les compétences et l’expérience que l’offre demande.",
        "Your answer about the skills and experience that the offer asks for is missing.",
    ),
}
_SKILLS_OUTCOMES = {True: Outcome.MET, False: Outcome.NOT_MET, None: Outcome.UNKNOWN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Skills(Criterion):
    """Require an attestation of the skills and experience that the offer lists.

    Clause: "Posséder les compétences et les expériences requises figurant dans l’offre de stage ci-dessus"
    (offer 2023-020).
    True MET, false NOT_MET, null UNKNOWN: `docs/rules.md#skills`.
    """

    kind: ClassVar = CriterionKind.SKILLS

    def evaluate(self, facts: Facts, days: Days) -> Finding:  # noqa: ARG002 -- the signature of Criterion.evaluate
        """Evaluate the answer."""
        answer = facts.attests_skills
        return self.find(
            _SKILLS_OUTCOMES[answer],
            observed={"attests_skills": answer},
            reason=_SKILLS_REASONS[answer],
            would_pass={"attests_skills": True},
        )


_ONCE_ONLY_REASONS = {
    Outcome.UNKNOWN: BilingualText(
        "Il manque votre réponse sur une participation antérieure au programme ; la participation est unique"
        " et non renouvelable.",
        "Your answer about taking part in the program before is missing; a person may take part only once.",
    ),
    Outcome.NOT_MET: BilingualText(
        "Vous avez répondu avoir déjà effectué un stage de ce programme ; la participation est unique et non"
        " renouvelable.",
        "You answered that you already did an internship of this program; a person may take part only once.",
    ),
    # The candidate reads this. It must not reveal that a person of that name took part.
    Outcome.HUMAN: BilingualText(
        "Vous avez répondu n’avoir jamais effectué de stage de ce programme ; une personne le vérifiera au"
        " registre des participations.",
        "You answered that you never did an internship of this program; a person will check it in the"
        " register of participants.",
    ),
    Outcome.MET: BilingualText(
        "Vous avez répondu n’avoir jamais effectué de stage de ce programme, comme l’offre le demande.",
        "You answered that you never did an internship of this program, as the offer asks.",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OnceOnly(Criterion):
    """Require that the person never took part in the programme before.

    Clause: "la participation au Programme de stages en organisations internationales gouvernementales est unique
    et non renouvelable" (offer 2023-020).
    past_participant true NOT_MET; null UNKNOWN; false: register_match true HUMAN, else MET: `docs/rules.md#once-only`.
    """

    kind: ClassVar = CriterionKind.ONCE_ONLY

    def evaluate(self, facts: Facts, days: Days) -> Finding:  # noqa: ARG002 -- the signature of Criterion.evaluate
        """Evaluate the answer, then the match with the participation register: a person must check a match."""
        if facts.past_participant is None:
            outcome = Outcome.UNKNOWN
        elif facts.past_participant:
            outcome = Outcome.NOT_MET
        else:
            outcome = Outcome.HUMAN if facts.register_match else Outcome.MET
        return self.find(
            outcome,
            observed={"past_participant": facts.past_participant, "register_match": facts.register_match},
            reason=_ONCE_ONLY_REASONS[outcome],
            would_pass={"past_participant": False, "register_match": False},
        )
