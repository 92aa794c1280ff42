"""Display of a verdict, and questions and evaluation of a check: from rules without a database."""

from datetime import date
from typing import Any

import pytest
from django.utils import translation

from eligibility import Clause, CriterionKind, Effect, Finding, Outcome, Verdict, VerdictOutcome
from intake.devtools.demonstration.offers import CRITERIA
from intake.submissions.eligibility_check.questionnaire import Questionnaire, anchor_of
from intake.submissions.gate.readiness import Progress, check_readiness
from intake.submissions.gate.verdict_display import TONES, FindingDisplay, display_verdict
from intake.submissions.questions.grid_form import FieldError
from intake.submissions.questions.offer_questions import GridQuestion, OfferQuestions
from intake.submissions.questions.sections import (
    SECTIONS,
    section_after,
    section_before,
    section_by_key,
    sections_for,
)
from offers.models import DocumentRequest
from tests.submissions.questions.test_questions import rulebook

ON = date(2027, 9, 1)


def _finding(
    kind: str = "AGE", outcome: str = "MET", effect: str = "BLOCK", clause: Clause | None = None
) -> Finding:
    return Finding(
        kind=CriterionKind(kind),
        outcome=Outcome(outcome),
        effect=Effect(effect),
        observed={},
        reason_fr="Dit en français.",
        reason_en="Said in English.",
        would_pass={},
        clause=clause or Clause("4.2", "Le texte."),
    )


def _verdict(outcome: str, *findings: Finding) -> Verdict:
    return Verdict(VerdictOutcome(outcome), "", "", findings)


# -- A verdict --------------------------------------------------------------------------------------------------------
NOT_MET, HUMAN, ADVICE = (
    _finding(outcome="NOT_MET"),
    _finding(outcome="HUMAN"),
    _finding(outcome="NOT_MET", effect="ADVISE"),
)


@pytest.mark.parametrize(
    "verdict, tone, summary",
    [
        (
            _verdict("ELIGIBLE", ADVICE),
            "success",
            "D’après vos réponses, vous répondez à tous les critères d’admissibilité.",
        ),
        (
            _verdict("INCOMPLETE", NOT_MET),
            "warning",
            "Il manque des réponses pour dire si vous êtes admissible.",
        ),
        (
            _verdict("INELIGIBLE", NOT_MET, HUMAN, ADVICE),
            "error",
            "D’après vos réponses, vous ne répondez pas à un critère de l’offre.",
        ),
        (
            _verdict("INELIGIBLE", NOT_MET, NOT_MET, ADVICE),
            "error",
            "D’après vos réponses, vous ne répondez pas à 2 critères de l’offre.",
        ),
        (
            _verdict("NEEDS_REVIEW", HUMAN, _finding(outcome="HUMAN", effect="ADVISE")),
            "info",
            "D’après vos réponses, aucun critère n’empêche votre candidature ; une personne examinera un critère.",
        ),
        (
            _verdict("NEEDS_REVIEW", HUMAN, HUMAN, HUMAN),
            "info",
            "D’après vos réponses, aucun critère n’empêche votre candidature ; une personne examinera 3 critères.",
        ),
    ],
)
def test_a_verdict_has_one_line_and_a_colour(verdict: Verdict, tone: str, summary: str) -> None:
    shown = display_verdict(verdict)
    assert (shown.outcome, shown.tone) == (verdict.outcome.value, tone)
    assert str(shown.summary).replace("\u00a0", " ") == summary
    assert len(TONES) == 4


def test_findings_are_grouped_by_outcome_and_effect() -> None:
    unknown, met = _finding(outcome="UNKNOWN"), _finding()
    doubted = _finding(outcome="HUMAN", effect="ADVISE")
    known = _finding(effect="ADVISE")
    shown = display_verdict(
        _verdict("INELIGIBLE", met, NOT_MET, HUMAN, ADVICE, unknown, doubted, known, NOT_MET)
    )
    places = {id(row): place for place, row in enumerate(shown.findings)}

    def of(group: tuple[FindingDisplay, ...]) -> list[int]:
        return [places[id(row)] for row in group]

    assert (of(shown.failed), of(shown.for_a_person), of(shown.unanswered)) == ([1, 7], [2], [4])
    assert (of(shown.advice), of(shown.met)) == ([3, 5], [0, 6])


def test_a_finding_is_displayed_with_reason_clause_and_section() -> None:
    kinds = (
        "STUDIES",
        "AGE",
        "LEGAL_STATUS",
        "DOMICILE",
        "RESIDENCE",
        "WRITING",
        "SKILLS",
        "ONCE_ONLY",
        "OTHER",
    )
    found = display_verdict(_verdict("ELIGIBLE", *map(_finding, kinds))).findings
    assert [row.section for row in found] == [
        *("etudes", "identite", "statut", "residence", "residence"),
        *("attestations", "attestations", "attestations", None),
    ]
    assert found[1] == FindingDisplay(
        title="Âge",
        outcome="MET",
        reason="Dit en français.",
        clause_text="Le texte.",
        clause_reference="4.2",
        section="identite",
        advisory=False,
        ruling=None,
        judged_again=False,
    )
    bare = _finding(outcome="UNKNOWN", effect="ADVISE", clause=Clause(None, None))
    with translation.override("en"):
        (row,) = display_verdict(_verdict("ELIGIBLE", bare)).findings
    assert (row.reason, row.clause_text, row.clause_reference, row.advisory) == (
        "Said in English.",
        "",
        "",
        True,
    )


# -- The gate ---------------------------------------------------------------------------------------------------------
NAMED = {"first_name": "Noor", "last_name": "Roy"}
REACHED = {
    "phone": "+14185550142",
    "address_line": "1, rue d’Essai",
    "city": "Québec",
    "province": "QC",
    "postal_code": "G1A 1A4",
}


def test_progress_counts_sections_and_required_documents() -> None:
    documents = [
        DocumentRequest(pk=1, kind="CV", required=True),
        DocumentRequest(pk=2, kind="TRANSCRIPT", required=True),
        DocumentRequest(pk=3, kind="OTHER", required=False),
    ]
    asks = OfferQuestions(rulebook({"kind": "LEGAL_STATUS", "accepted": ["CITIZEN"]}))

    def progress(answers: dict[str, Any], *provided: int) -> tuple[list[str], list[int], str]:
        found = check_readiness(answers=answers, documents=documents, provided=provided, asks=asks, on=ON)
        assert found.asked == tuple(row.section for row in found.sections)
        assert found.missing_sections == tuple(
            row.section for row in found.sections if row.progress != Progress.COMPLETE
        )
        assert found.is_complete == (not found.missing_sections and not found.missing_documents)
        assert found.may_be_filed == (found.is_complete and found.allows_filing)
        return (
            [row.progress.value for row in found.sections],
            [row.pk for row in found.missing_documents],
            found.verdict.outcome,
        )

    complete = NAMED | REACHED | {"legal_status": "CITIZEN"}
    assert progress({}) == (["EMPTY", "EMPTY", "EMPTY"], [1, 2], "INCOMPLETE")
    assert progress(NAMED | {"city": "Québec"}, 2) == (["COMPLETE", "STARTED", "EMPTY"], [1], "INCOMPLETE")
    assert progress(complete, 1, 2) == (["COMPLETE"] * 3, [], "ELIGIBLE")
    assert progress(complete | {"legal_status": "PERMANENT_RESIDENT"}, 1, 2, 3)[2] == "INELIGIBLE"
    assert progress({"city": "", "first_name": None}) == (["EMPTY", "EMPTY", "EMPTY"], [1, 2], "INCOMPLETE")


# -- Sections ---------------------------------------------------------------------------------------------------------
def test_the_sections_follow_each_other_in_the_expected_order() -> None:
    keys = [
        "identite",
        "coordonnees",
        "statut",
        "residence",
        "etudes",
        "competences",
        "langues",
        "attestations",
    ]
    assert [section.key for section in SECTIONS] == keys
    befores = [section_before(section) for section in SECTIONS]
    afters = [section_after(section) for section in SECTIONS]
    assert [one and one.key for one in befores] == [None, *keys[:-1]]
    assert [one and one.key for one in afters] == [*keys[1:], None]
    assert section_by_key("nulle-part") is None
    assert section_by_key("etudes", SECTIONS[:3]) is None


def test_the_introduction_of_a_section_depends_on_its_questions() -> None:
    whole = sections_for(
        OfferQuestions(rulebook(*CRITERIA), (GridQuestion(1, "sait rédiger", required=True),))
    )
    assert [str(section.title) for section in whole] == [
        "Identité",
        "Coordonnées",
        "Statut au Canada",
        "Domicile et résidence",
        "Études",
        "Compétences et expérience",
        "Langues",
        "Attestations et participation",
    ]
    assert len({str(section.lead) for section in whole}) == 8
    residence = {"kind": "RESIDENCE", "months": 12, "on": "closes_on"}
    domicile = {"kind": "DOMICILE", "provinces": ["QC"]}
    narrower = [
        next(section for section in sections_for(OfferQuestions(rulebook(*criteria))) if section.key == key)
        for key, criteria in (
            ("residence", [residence]),
            ("residence", [domicile]),
            ("attestations", [{"kind": "ONCE_ONLY"}]),
            ("attestations", [{"kind": "SKILLS"}]),
        )
    ]
    assert [str(section.lead).replace("\u00a0", " ") for section in narrower] == [
        "L’offre précise depuis combien de temps vous devez résider au Québec.",
        "L’offre précise où vous devez avoir votre domicile ; nous y comparons votre réponse.",
        "L’offre précise qui peut participer ; nous y comparons votre réponse.",
        "Vous attestez ces points ; le comité les vérifie dans votre dossier.",
    ]


def test_the_fingerprint_of_a_section_changes_only_with_its_answers() -> None:
    section = section_by_key("coordonnees")
    assert section is not None
    said = section.fingerprint(REACHED)
    assert len(said) == 16
    assert section.fingerprint(REACHED | NAMED | {"city": "Québec"}) == said
    assert section.fingerprint(REACHED | {"city": "Lévis"}) != said
    empty = section.fingerprint({})
    for nothing in ({"city": ""}, {"city": None}, "texte"):
        assert section.fingerprint(nothing) == empty
    assert section.of(REACHED | NAMED) == REACHED
    form = section.show(REACHED, on=ON)
    assert (form.is_bound, form["city"].value(), form.nothing_required) == (False, "Québec", False)
    for partial in (False, True):
        bound = section.bound_form({"city": "Lévis"}, REACHED, on=ON, partial=partial)
        assert (bound.is_bound, bound["city"].value(), bound.is_valid()) == (True, "Lévis", partial)
    residence = section_by_key("residence")
    assert residence is not None
    since = {"quebec_resident_since": "2027-09-02"}
    judged = residence.judge(since | {"birth_date": "1998-05-04"}, on=ON)
    assert "quebec_resident_since" in judged.errors, "a day to come is refused on the day that it is"
    assert judged.beside["birth_date"] == date(1998, 5, 4)


# -- The check --------------------------------------------------------------------------------------------------------
CHECKED = rulebook(
    {"kind": "ONCE_ONLY"},
    {"kind": "AGE", "minimum": 18, "maximum": 35, "on": "starts_on"},
    {"kind": "STUDIES", "degree_window_months": 24, "finishing_within_months": 12},
    {"kind": "OTHER"},
)
POSTED = {
    "past_participant": "false",
    "birth_date": "1998-05-04",
    "studies-TOTAL_FORMS": "1",
    "studies-INITIAL_FORMS": "0",
    "studies-0-level": "MASTER",
    "studies-0-state": "COMPLETED",
    "studies-0-day": "2027-05-01",
    "bar_school": "false",
    "professional_order_stage": "",
}


def test_a_check_groups_questions_by_criterion_in_the_order_of_the_offer() -> None:
    asked = Questionnaire(CHECKED, on=ON)
    assert [
        (group.anchor, [field.name for field in group.fields], group.studies is not None)
        for group in asked.groups
    ] == [
        ("critere-once-only", ["past_participant"], False),
        ("critere-age", ["birth_date"], False),
        ("critere-studies", ["bar_school", "professional_order_stage"], True),
    ]
    assert [group.title for group in asked.groups] == ["Première participation", "Âge", "Études"]
    assert anchor_of("LEGAL_STATUS") == "critere-legal-status"
    assert not any(form.is_bound for form in asked.forms.values())
    assert asked.mistakes == []


def test_answers_to_a_check_have_the_form_of_a_draft_and_get_a_verdict() -> None:
    study = {
        "level": "MASTER",
        "field_of_study": "",
        "institution": "",
        "state": "COMPLETED",
        "completed_on": "2027-05-01",
        "expected_on": None,
    }
    given = Questionnaire(CHECKED, on=ON, data=POSTED)
    assert given.is_valid
    assert given.answers() == {
        "past_participant": False,
        "birth_date": "1998-05-04",
        "studies": [study],
        "bar_school": False,
    }
    assert given.verdict().outcome == "NEEDS_REVIEW"
    none = {"studies-TOTAL_FORMS": "0", "studies-INITIAL_FORMS": "0"}
    assert Questionnaire(CHECKED, on=ON, data=none).answers() == {}
    for way in ("bar_school", "professional_order_stage"):
        claimed = Questionnaire(CHECKED, on=ON, data=none | {way: "true"})
        assert claimed.answers() == {way: True, "studies": []}
    denied = Questionnaire(CHECKED, on=ON, data=none | {"bar_school": "false"})
    assert denied.answers() == {"bar_school": False}


def test_an_unreadable_answer_is_an_error_with_a_link_to_its_field() -> None:
    wrong = POSTED | {"birth_date": "hier", "studies-0-day": "bientôt", "past_participant": "peut-être"}
    asked = Questionnaire(CHECKED, on=ON, data=wrong)
    assert not asked.is_valid
    unread = "Cette date est illisible. Inscrivez-la ainsi : 4 mai 1998, ou 1998-05-04."
    assert [FieldError(one.text.replace("\u00a0", " "), one.anchor) for one in asked.mistakes] == [
        FieldError(
            "Avez-vous déjà participé à ce programme ? — Répondez par oui ou par non.",
            asked.mistakes[0].anchor,
        ),
        FieldError(f"Date de naissance — {unread}", "id_birth_date"),
        FieldError(
            "Date du diplôme, obtenu ou prévu — Cette date est illisible."
            f" Inscrivez le mois en lettres et l’année, par exemple : juin {ON.year + 1}.",
            "id_studies-0-day",
        ),
    ]
    pieces = Questionnaire(CHECKED, on=ON, data={"birth_date": "1998-05-04"})
    (mistake,) = pieces.mistakes
    assert mistake.anchor == "critere-studies"
    assert mistake.text.startswith("Études — Le formulaire reçu est incomplet.")
    late = Questionnaire(CHECKED, on=ON, data=POSTED | {"birth_date": "2027-09-02"})
    assert [one.anchor for one in late.mistakes] == ["id_birth_date"]


def test_adding_a_programme_redisplays_typed_answers_without_a_verdict() -> None:
    wrong = POSTED | {"birth_date": "hier"}
    more = Questionnaire(CHECKED, on=ON, data=wrong, more=True)
    assert not any(form.is_bound for form in more.forms.values())
    assert more.forms["identite"]["birth_date"].value() == "hier"
    studies = more.groups[2].studies
    assert studies is not None
    assert [study["level"].value() for study in studies.entries.forms] == ["MASTER", None]
    shown = Questionnaire(CHECKED, on=ON, answers={"birth_date": "1998-05-04", "bar_school": True})
    assert shown.forms["etudes"]["bar_school"].value() == "true"
    assert {form.nothing_required for form in (*more.forms.values(), *shown.forms.values())} == {True}
