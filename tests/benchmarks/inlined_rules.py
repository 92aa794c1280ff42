"""Rules of the example of `docs/contracts.md`, hand-written in one function, to measure the cost of general rules.

The function supports people who answered everything and declare one programme: a master, or a doctorate in progress.
The benchmark checks that its verdicts equal those of the rules for every person it measures.
"""

from typing import Any

from eligibility import Facts
from eligibility.bilingual import day
from eligibility.canonical import digest

_ENGLISH_OR_FRENCH = {
    "CITIZEN": ("la citoyenneté canadienne", "Canadian citizenship"),
    "PERMANENT_RESIDENT": (
        "le statut de résident permanent du Canada",
        "permanent resident status in Canada",
    ),
    "TEMPORARY_PERMIT": ("un permis temporaire", "a temporary permit"),
}


def judge_inlined(facts: Facts, rulebook_digest: str) -> dict[str, Any]:  # noqa: C901, PLR0912, PLR0915 -- hand-written in one function on purpose
    """Return the verdict of the example's rulebook as JSON of `docs/contracts.md`."""
    (study,) = facts.studies or ()
    studied: dict[str, Any] = {
        "level": study.level and study.level.value,
        "state": study.state and study.state.value,
        "completed_on": study.completed_on and study.completed_on.isoformat(),
        "expected_on": study.expected_on and study.expected_on.isoformat(),
    }
    if study.expected_on is not None:
        end_fr, end_en = day(study.expected_on)
        if studied["level"] == "DOCTORATE":
            studies_outcome = "MET"
            studies_fr = (
                f"Vous avez déclaré un doctorat en cours, dont la fin est prévue le {end_fr} ; l’offre l’accepte,"
                " quelle que soit sa date de fin."
            )
            studies_en = (
                f"You declared a doctorate in progress, expected to end on {end_en}; the offer accepts it, whenever it"
                " ends."
            )
        elif "2023-10-01" <= studied["expected_on"] <= "2025-01-15":
            studies_outcome = "MET"
            studies_fr = (
                f"Vous avez déclaré une maîtrise en cours, dont la fin est prévue le {end_fr} ; l’offre accepte des"
                " études de 2e cycle qui se terminent du 1er octobre 2023 au 15 janvier 2025."
            )
            studies_en = (
                f"You declared a master’s degree in progress, expected to end on {end_en}; the offer accepts graduate"
                " studies that end from October 1, 2023 to January 15, 2025."
            )
        else:
            studies_outcome = "HUMAN"
            studies_fr = (
                f"Vous avez déclaré une maîtrise en cours, dont la fin est prévue le {end_fr} ; l’offre prévoit une fin"
                " au plus tard le 15 janvier 2025, et une personne jugera si ces études conviennent."
            )
            studies_en = (
                f"You declared a master’s degree in progress, expected to end on {end_en}; the offer expects an end no"
                " later than January 15, 2025, and a person will judge whether these studies qualify."
            )
    else:
        assert study.completed_on is not None
        end_fr, end_en = day(study.completed_on)
        if studied["completed_on"] >= "2022-01-15":
            studies_outcome = "MET"
            studies_fr = (
                f"Vous avez déclaré une maîtrise terminée le {end_fr} ; l’offre accepte un diplôme de maîtrise ou de"
                " doctorat obtenu depuis le 15 janvier 2022."
            )
            studies_en = (
                f"You declared a master’s degree completed on {end_en}; the offer accepts a master’s degree or"
                " doctorate obtained since January 15, 2022."
            )
        else:
            studies_outcome = "NOT_MET"
            studies_fr = (
                "Aucune de vos réponses sur les études ne correspond à ce que l’offre demande. Vous avez déclaré une"
                f" maîtrise terminée le {end_fr} ; l’offre demande un diplôme obtenu au plus deux ans avant le début du"
                " stage, le 15 janvier 2024, donc depuis le 15 janvier 2022. Vous avez répondu non à la question sur"
                " l’École du Barreau du Québec. Vous avez répondu non à la question sur un ordre professionnel exigeant"
                " un stage."
            )
            studies_en = (
                "None of your answers about studies matches what the offer asks for. You declared a master’s degree"
                f" completed on {end_en}; the offer asks for a degree obtained at most two years before the first day"
                " of the internship, January 15, 2024, that is, since January 15, 2022. You answered no to the question"
                " about the École du Barreau du Québec. You answered no to the question about a professional order that"
                " requires a training period."
            )

    assert facts.birth_date is not None
    born_fr, born_en = day(facts.birth_date)
    birth_date = facts.birth_date.isoformat()
    age = 2024 - facts.birth_date.year - ((facts.birth_date.month, facts.birth_date.day) > (1, 15))
    if age < 18:
        age_fr, age_en = "au moins 18 ans", "an age of at least 18 years"
    elif age > 35:
        age_fr, age_en = "au plus 35 ans", "an age of at most 35 years"
    else:
        age_fr, age_en = "de 18 à 35 ans", "an age of 18 to 35 years"

    assert facts.legal_status is not None
    status = facts.legal_status.value
    status_fr, status_en = _ENGLISH_OR_FRENCH[status]
    if status == "TEMPORARY_PERMIT":
        status_outcome = "NOT_MET"
        status_fr += (
            " ; l’offre demande la citoyenneté canadienne ou le statut de résident permanent du Canada."
        )
        status_en += "; the offer asks for Canadian citizenship or permanent resident status in Canada."
    else:
        status_outcome = "MET"
        status_fr += ", ce que l’offre accepte."
        status_en += ", which the offer accepts."

    if facts.domicile_province == "QC":
        domicile_outcome = "MET"
        domicile_fr = "Vous avez déclaré un domicile au Québec, ce que l’offre accepte."
        domicile_en = "You declared a domicile in Québec, which the offer accepts."
    else:
        domicile_outcome = "NOT_MET"
        domicile_fr = "Vous avez déclaré un domicile en Ontario ; l’offre demande un domicile au Québec."
        domicile_en = "You declared a domicile in Ontario; the offer asks for a domicile in Québec."

    assert facts.quebec_resident_since is not None
    since = facts.quebec_resident_since.isoformat()
    since_fr, since_en = day(facts.quebec_resident_since)
    if since <= "2022-10-01":
        residence_outcome, late_fr, late_en = "MET", "", ""
    else:
        residence_outcome = "NOT_MET"
        late_fr, late_en = (
            ", donc depuis le 1er octobre 2022 au plus tard",
            ", that is, since October 1, 2022 at the latest",
        )

    writing = facts.attests_writing or {}
    if writing["en"]:
        writing_outcome = "MET"
        writing_fr = (
            "Vous avez attesté une excellente capacité de rédaction en français et en anglais,"
            " comme l’offre le demande."
        )
        writing_en = "You attested excellent writing skills in French and in English, as the offer asks."
    else:
        writing_outcome = "NOT_MET"
        writing_fr = (
            "Vous avez répondu ne pas posséder une excellente capacité de rédaction en anglais ; l’offre la demande en"
            " français et en anglais."
        )
        writing_en = (
            "You answered that you do not have excellent writing skills in English; the offer asks for them in French"
            " and in English."
        )

    if facts.past_participant:
        once_outcome = "NOT_MET"
        once_fr = (
            "Vous avez répondu avoir déjà effectué un stage de ce programme ; la participation est unique et non"
            " renouvelable."
        )
        once_en = "You answered that you already did an internship of this program; a person may take part only once."
    else:
        once_outcome = "MET"
        once_fr = (
            "Vous avez répondu n’avoir jamais effectué de stage de ce programme, comme l’offre le demande."
        )
        once_en = "You answered that you never did an internship of this program, as the offer asks."

    outcomes = {
        studies_outcome,
        "MET" if 18 <= age <= 35 else "NOT_MET",
        *(status_outcome, domicile_outcome, residence_outcome, writing_outcome, once_outcome),
    }
    if "NOT_MET" in outcomes:
        outcome = "INELIGIBLE"
    elif "HUMAN" in outcomes:
        outcome = "NEEDS_REVIEW"
    else:
        outcome = "ELIGIBLE"
    return {
        "outcome": outcome,
        "rulebook_digest": rulebook_digest,
        "facts_digest": digest(
            {
                "birth_date": birth_date,
                "legal_status": status,
                "domicile_province": facts.domicile_province,
                "quebec_resident_since": since,
                "resident_for_health_insurance": facts.resident_for_health_insurance,
                "resident_for_tax": facts.resident_for_tax,
                "studies": [studied],
                "bar_school": facts.bar_school,
                "professional_order_stage": facts.professional_order_stage,
                "attests_writing": writing,
                "attests_skills": facts.attests_skills,
                "past_participant": facts.past_participant,
                "register_match": facts.register_match,
            }
        ),
        "findings": [
            {
                "kind": "STUDIES",
                "outcome": studies_outcome,
                "effect": "BLOCK",
                "observed": {
                    "studies": [{**studied, "outcome": studies_outcome}],
                    "bar_school": facts.bar_school,
                    "professional_order_stage": facts.professional_order_stage,
                },
                "reason_fr": studies_fr,
                "reason_en": studies_en,
                "would_pass": {
                    "doctorate_in_progress": True,
                    "expected_from": "2023-10-01",
                    "expected_to": "2025-01-15",
                    "completed_from": "2022-01-15",
                    "completed_to": "2024-01-14",
                    "bar_school": True,
                    "professional_order_stage": True,
                },
                "clause": {"reference": "Admissibilité, 1", "text": "…"},
            },
            {
                "kind": "AGE",
                "outcome": "MET" if 18 <= age <= 35 else "NOT_MET",
                "effect": "BLOCK",
                "observed": {"birth_date": birth_date, "age": age, "on": "2024-01-15"},
                "reason_fr": f"Votre date de naissance, le {born_fr}, vous donne {age} ans à la date de début du stage,"
                f" le 15 janvier 2024 ; l’offre demande {age_fr} à cette date.",
                "reason_en": f"Your date of birth, {born_en}, makes you {age} years old on the first day of the"
                f" internship, January 15, 2024; the offer asks for {age_en} on that day.",
                "would_pass": {"birth_date_from": "1988-01-16", "birth_date_to": "2006-01-15"},
                "clause": {},
            },
            {
                "kind": "LEGAL_STATUS",
                "outcome": status_outcome,
                "effect": "BLOCK",
                "observed": {"legal_status": status},
                "reason_fr": f"Vous avez déclaré {status_fr}",
                "reason_en": f"You declared {status_en}",
                "would_pass": {"accepted": ["CITIZEN", "PERMANENT_RESIDENT"]},
                "clause": {},
            },
            {
                "kind": "DOMICILE",
                "outcome": domicile_outcome,
                "effect": "BLOCK",
                "observed": {"domicile_province": facts.domicile_province},
                "reason_fr": domicile_fr,
                "reason_en": domicile_en,
                "would_pass": {"provinces": ["QC"]},
                "clause": {},
            },
            {
                "kind": "RESIDENCE",
                "outcome": residence_outcome,
                "effect": "BLOCK",
                "observed": {
                    "quebec_resident_since": since,
                    "resident_for_health_insurance": True,
                    "resident_for_tax": True,
                    "on": "2023-10-01",
                },
                "reason_fr": f"Vous avez déclaré résider au Québec depuis le {since_fr} ; l’offre demande au moins un"
                f" an de résidence au Québec à la date limite d’inscription, le 1er octobre 2023{late_fr}.",
                "reason_en": f"You declared that you have lived in Québec since {since_en}; the offer asks for at least"
                f" one year of residence in Québec on the closing date, October 1, 2023{late_en}.",
                "would_pass": {
                    "resident_for_health_insurance": True,
                    "resident_for_tax": True,
                    "quebec_resident_since_to": "2022-10-01",
                },
                "clause": {},
            },
            {
                "kind": "WRITING",
                "outcome": writing_outcome,
                "effect": "BLOCK",
                "observed": {"attests_writing": {"fr": True, "en": writing["en"]}},
                "reason_fr": writing_fr,
                "reason_en": writing_en,
                "would_pass": {"attests_writing": {"fr": True, "en": True}},
                "clause": {},
            },
            {
                "kind": "SKILLS",
                "outcome": "MET",
                "effect": "BLOCK",
                "observed": {"attests_skills": True},
                "reason_fr": "Vous avez attesté posséder les compétences et l’expérience que l’offre demande.",
                "reason_en": "You attested that you have the skills and experience that the offer asks for.",
                "would_pass": {"attests_skills": True},
                "clause": {},
            },
            {
                "kind": "ONCE_ONLY",
                "outcome": once_outcome,
                "effect": "BLOCK",
                "observed": {"past_participant": facts.past_participant, "register_match": False},
                "reason_fr": once_fr,
                "reason_en": once_en,
                "would_pass": {"past_participant": False, "register_match": False},
                "clause": {},
            },
        ],
    }
