"""Messages of imports and errors: each code and each error class has its own sentence, with its own data."""

import ast
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

import offers.page
from offers.import_messages import explain_unreadable, point_message, warning_messages
from offers.models import Offer
from offers.page.parts import PageUnreadableError, Point, Problem
from offers.page.sections import EXPECTED
from offers.services.errors import (
    CancellationDecidedError,
    CancellationOpenError,
    Condition,
    ConflictOfInterestError,
    DocumentMadeStricterError,
    ExtensionNotLaterError,
    FieldNotCorrectableError,
    MailboxAlreadyConfirmedError,
    MailboxMissingError,
    NothingToCorrectError,
    OfferChangedError,
    OfferDatesError,
    OfferError,
    OfferNotADraftError,
    OfferNotPublishedError,
    OfferNotReadyError,
    PointAlreadySettledError,
    ReasonMissingError,
    RulebookMalformedError,
    SecondCancellerError,
    Stricter,
)
from offers.services.rulebooks import RulebookChangedError, RulebookUnchangedError

PAGE = Path(offers.page.__file__).parent
POINTS = {
    "CHARACTER_LOST": "Il manque un caractère, perdu avant l’importation : « un mot ».",
    "NUMBER_NOT_READ": "Le numéro de l’offre est illisible : « un mot ».",
    "HEADER_LINE_REPEATED": "L’en-tête contient un doublon, écarté : « un mot ».",
    "HEADER_LINE_PARTLY_READ": "Une partie de l’en-tête est illisible : « un mot ».",
    "DOMAIN_MISSING": "L’offre n’indique pas son domaine.",
    "PLACE_MISSING": "L’offre n’indique pas le lieu du stage.",
    "ALLOWANCE_MISSING": "L’offre n’indique pas l’allocation.",
    "ALLOWANCE_NOT_READ": "L’allocation est illisible : « un mot ».",
    "WEEKDAY_DIFFERS": "Le jour de la semaine ne correspond pas à la date : « un mot ».",
    "START_NOT_MONDAY": "Le stage ne commence pas un lundi : « un mot ».",
    "END_NOT_FRIDAY": "Le stage ne finit pas un vendredi : « un mot ».",
    "LENGTH_UNUSUAL": "La durée du stage est inhabituelle : « un mot ».",
    "DEADLINE_AFTER_START": "Les inscriptions finiraient après le début du stage : « un mot ».",
    "MANDATE_SECTION_MISSING": "Il manque la section sur le mandat de l’organisation.",
    "TASKS_SECTION_MISSING": "Il manque la section sur les tâches.",
    "SKILLS_SECTION_MISSING": "Il manque la section sur les compétences et l’expérience.",
    "ELIGIBILITY_SECTION_MISSING": "Il manque la section sur l’admissibilité.",
    "SECTION_NOT_RECOGNISED": (
        "L’importation ne reconnaît pas la section « un mot » ; son texte est conservé."
    ),
    "SECTION_EMPTY": "La section « un mot » est vide.",
    "TEXT_NOT_PLACED": "Ce texte ne correspond à aucune section : « un mot ».",
    "CRITERION_NOT_READ": "Ce critère n’est pas reconnu, et une personne devra l’examiner : « un mot ».",
    "CRITERION_PARTLY_READ": ("La règle proposée ne couvre pas tout ce critère : « un mot »."),
    "CRITERION_ASSUMED": "La règle proposée ne rend pas tout ce critère, vérifiez-la : « un mot ».",
    "CRITERION_REPEATED": (
        "Un critère de même nature est déjà plus haut, et une personne devra examiner celui-ci : « un mot »."
    ),
    "AGE_BOUND_MISSING": "L’âge a une seule limite : « un mot ».",
    "ONCE_ONLY_MISSING": "L’offre n’indique pas que la participation est unique.",
    "GRID_EMPTY": "La section des compétences ne fournit aucune ligne pour la grille d’évaluation.",
    "FUNDER_NOT_READ": "Le bailleur de fonds est illisible : « un mot ».",
    "CONTACT_MISSING": "L’offre n’indique aucun contact.",
    "CONTACT_NOT_READ": "L’offre ne contient ni adresse courriel ni téléphone pour les questions : « un mot ».",
}
"""The message of each open point of an import, about an excerpt."""


def with_plain_spaces(text: str) -> str:
    """Return a sentence with ordinary spaces only."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


# -- Open points of an import ----------------------------------------------------------------------------------
def test_each_open_point_has_its_own_sentence() -> None:
    assert {code: with_plain_spaces(point_message(code, " un \n mot.")) for code in POINTS} == POINTS


def codes_of_the_reader() -> Iterator[str]:
    """Yield the codes that the page reader gives to open points; `{kind}` and `{field}` are placeholders."""
    for path in PAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Point" and node.args:
                yield ast.unparse(node.args[0]).strip("f'")


def test_each_open_point_of_the_import_has_a_sentence() -> None:
    written = set(codes_of_the_reader())
    # `code` stands for the keys of the table of doubtful days.
    varying = {"{kind}_SECTION_MISSING", "{field}_MISSING", "code"}
    days = {"WEEKDAY_DIFFERS", "START_NOT_MONDAY", "END_NOT_FRIDAY", "LENGTH_UNUSUAL", "DEADLINE_AFTER_START"}
    assert varying < written
    made = (written - varying) | days | {f"{kind}_SECTION_MISSING" for kind in EXPECTED}
    assert made | {"DOMAIN_MISSING", "PLACE_MISSING"} == set(POINTS)


def test_a_code_without_a_sentence_is_displayed_with_its_excerpt() -> None:
    assert with_plain_spaces(point_message("NEW_CODE", "un  mot.")) == "NEW_CODE : « un mot »."


@pytest.mark.parametrize(
    "excerpt, quoted",
    [
        ("a" * 160, "a" * 160),
        ("a" * 161, "a" * 159 + "…"),
        ("a" * 158 + " bcd", "a" * 158 + "…"),
        ("un\n\n  mot..", "un mot."),
        ("", ""),
    ],
)
def test_an_excerpt_is_quoted_on_one_line_and_cut_at_160_characters(excerpt: str, quoted: str) -> None:
    assert with_plain_spaces(point_message("TEXT_NOT_PLACED", excerpt)) == (
        f"Ce texte ne correspond à aucune section : « {quoted} »."
    )


def test_the_warnings_of_an_import_are_its_open_points_in_order() -> None:
    points = [Point("PLACE_MISSING"), Point("SECTION_EMPTY", "Tâches"), Point("DOMAIN_MISSING")]
    assert [with_plain_spaces(one) for one in warning_messages(points)] == [
        "L’offre n’indique pas le lieu du stage.",
        "La section « Tâches » est vide.",
        "L’offre n’indique pas son domaine.",
    ]


UNREADABLE = {
    Problem.EMPTY: "le texte est vide",
    Problem.CONTROL_CHARACTER: "un caractère de commande ; ce texte est endommagé, ou ce n’est pas du texte",
    Problem.MOJIBAKE: (
        "des accents endommagés par un mauvais encodage (« un mot ») ; enregistrez le texte en UTF-8"
    ),
    Problem.MISSING: "il manque les dates du stage",
    Problem.NOT_READ: "les dates du stage : « un mot » est illisible",
    Problem.NO_SUCH_DAY: "les dates du stage : « un mot » contient un jour qui n’existe pas",
    Problem.ENDS_BEFORE_START: "les dates du stage : « un mot » finit avant de commencer, ou le même jour",
    Problem.TOO_LONG: "les dates du stage : « un mot » est trop long",
}


def test_each_problem_of_a_text_has_its_message_and_line() -> None:
    said = {
        problem: with_plain_spaces(
            explain_unreadable(PageUnreadableError(problem, field="DATES", line=7, excerpt="un\nmot."))
        )
        for problem in Problem
    }
    assert said == {problem: f"ligne 7 : {words}" for problem, words in UNREADABLE.items()}


@pytest.mark.parametrize(
    "field, said",
    [
        ("ORGANISATION", "il manque l’organisation"),
        ("DATES", "il manque les dates du stage"),
        ("DEADLINE", "il manque la date limite d’inscription"),
    ],
)
def test_a_field_that_is_missing_is_named_and_has_no_line(field: str, said: str) -> None:
    assert explain_unreadable(PageUnreadableError(Problem.MISSING, field=field)) == said


def test_the_error_itself_reads_as_one_line() -> None:
    error = PageUnreadableError(Problem.NOT_READ, field="DATES", line=7, excerpt="jamais")
    assert str(error) == "NOT_READ DATES 7 jamais"
    assert str(PageUnreadableError(Problem.EMPTY)) == "EMPTY"


# -- Errors of an offer ----------------------------------------------------------------------------------------
OFFER = Offer(number="2027-020", organisation="Union des ponts", organisation_short="UP")
CLOSING = datetime(2027, 10, 2, 4, tzinfo=UTC)
REFUSALS: list[tuple[type[OfferError], dict[str, Any], str, str]] = [
    (
        OfferNotReadyError,
        {"missing": ["NUMBER", "POINTS"]},
        "offer_not_ready",
        "{offer} n’est pas publiée. Il manque : un numéro, le règlement des points de l’importation.",
    ),
    (
        OfferNotADraftError,
        {"status": "PUBLISHED"},
        "offer_not_a_draft",
        "{offer} est déjà publiée ou annulée : rien n’a changé.",
    ),
    (
        OfferChangedError,
        {},
        "offer_moved",
        "{offer} a changé depuis l’ouverture de cette page : relisez-la. Rien n’est enregistré.",
    ),
    (
        OfferNotPublishedError,
        {"status": "CANCELLED"},
        "offer_not_published",
        "{offer} : possible pour une offre publiée seulement. Elle est annulée ; rien n’a changé.",
    ),
    (
        ConflictOfInterestError,
        {},
        "stake_in_offer",
        (
            "{offer} : vous y avez une candidature, ou un lien avec une candidature. Une autre personne doit la "
            "prolonger, la corriger, l’annuler ou en changer les critères."
        ),
    ),
    (
        CancellationOpenError,
        {},
        "cancellation_open",
        "{offer} : une demande d’annulation attend déjà une décision. Rien n’a changé.",
    ),
    (
        CancellationDecidedError,
        {},
        "cancellation_decided",
        "{offer} : cette demande d’annulation n’attend plus de décision. Rien n’a changé.",
    ),
    (
        SecondCancellerError,
        {},
        "second_canceller",
        "{offer} : vous avez demandé l’annulation. Une autre personne doit l’approuver.",
    ),
    (
        RulebookMalformedError,
        {"problem": "criteria : une liste"},
        "rulebook_malformed",
        "{offer} : critères illisibles, criteria : une liste.",
    ),
    (
        ReasonMissingError,
        {},
        "reason_missing",
        "{offer} : expliquez pourquoi en quelques mots. Rien n’a changé.",
    ),
    (
        PointAlreadySettledError,
        {"resolution": "Vu."},
        "point_already_settled",
        "{offer} : ce point est déjà réglé (« Vu. »). Rien n’a changé.",
    ),
    (MailboxMissingError, {}, "mailbox_missing", "{offer} n’a aucune adresse courriel à confirmer."),
    (
        MailboxAlreadyConfirmedError,
        {"confirmed_at": CLOSING},
        "mailbox_already_confirmed",
        "{offer} : le courriel de contact est déjà confirmé.",
    ),
    (NothingToCorrectError, {}, "nothing_to_correct", "{offer} contient déjà tout cela : rien n’a changé."),
    (
        FieldNotCorrectableError,
        {"fields": ["number"]},
        "field_not_correctable",
        "{offer} : une correction ne change ni le numéro ni les heures d’ouverture et de fermeture.",
    ),
    (
        DocumentMadeStricterError,
        {"document": "CV", "problem": "PAGES"},
        "document_made_stricter",
        (
            "Document « CV » : son nombre de pages ne peut qu’augmenter, car des personnes candidates l’ont "
            "peut-être déjà préparé."
        ),
    ),
    (
        OfferDatesError,
        {"closes_on": date(2027, 10, 1)},
        "offer_dates_contradict",
        "{offer} : le stage commencerait avant la fin des inscriptions, le 1er octobre 2027.",
    ),
    (
        ExtensionNotLaterError,
        {"closes_at": CLOSING},
        "extension_not_later",
        (
            "{offer} : une prolongation doit fermer plus tard que maintenant et que la fermeture "
            "prévue, le 1er octobre 2027, 23 h 59 (heure de l’Est, Québec). Rien n’a changé."
        ),
    ),
    (
        RulebookChangedError,
        {"number": 2, "digest": ""},
        "rulebook_moved",
        (
            "Les critères ou les dates de l’offre ont changé pendant votre lecture : la version 2 "
            "est en vigueur. Rien n’est publié. La comparaison ci-dessous est à jour."
        ),
    ),
    (RulebookUnchangedError, {"number": 2}, "rulebook_unchanged", "{offer} : refusé."),
]
STRICTER = {
    "REMOVED": "il est impossible de le retirer",
    "KIND": "sa nature ne peut pas changer",
    "REQUIRED": "un document facultatif ne peut pas devenir obligatoire",
    "PAGES": "son nombre de pages ne peut qu’augmenter",
    "BYTES": "sa taille permise ne peut qu’augmenter",
    "NEW_REQUIRED": "un document ajouté est facultatif",
}
MISSING = {
    "NUMBER": "un numéro",
    "CONTACT": "une adresse courriel ou un téléphone pour les personnes candidates",
    "MAILBOX": "la confirmation du courriel de contact",
    "RULEBOOK": "des critères d’admissibilité",
    "DATES": "des dates qui concordent (fermeture le jour inscrit, avant le début du stage)",
    "POINTS": "le règlement des points de l’importation",
    "PUBLICATION": "sa publication",
}


def test_every_refusal_is_in_the_table() -> None:
    known = {one for one in OfferError.__subclasses__() if one.__module__.startswith("offers.")}
    assert {refusal for refusal, *_rest in REFUSALS} == known


@pytest.mark.parametrize("refusal, data, code, said", REFUSALS, ids=[one[0].__name__ for one in REFUSALS])
def test_the_message_of_a_refusal_names_the_offer_and_the_reason(
    refusal: type[OfferError], data: dict[str, Any], code: str, said: str
) -> None:
    error = refusal(OFFER, **data)
    assert with_plain_spaces(str(error)) == said.format(offer="2027-020 — UP")
    assert (error.code, error.offer, error.data) == (code, OFFER, data)


def test_each_way_of_making_a_document_stricter_has_its_own_message() -> None:
    assert set(STRICTER) == set(Stricter)
    said = {
        problem: with_plain_spaces(str(DocumentMadeStricterError(OFFER, document="CV", problem=problem)))
        for problem in STRICTER
    }
    end = "car des personnes candidates l’ont peut-être déjà préparé."
    assert said == {problem: f"Document « CV » : {words}, {end}" for problem, words in STRICTER.items()}


def test_missing_parts_of_an_offer_are_named_in_the_given_order() -> None:
    assert {each.value: str(each.label) for each in Condition} == MISSING
    error = OfferNotReadyError(OFFER, missing=[Condition.POINTS, Condition.NUMBER])
    assert f": {MISSING['POINTS']}, {MISSING['NUMBER']}." in with_plain_spaces(str(error))


def test_a_refusal_is_worded_in_the_language_of_the_page() -> None:
    with override("en"):
        said = with_plain_spaces(str(OfferDatesError(OFFER, closes_on=date(2027, 10, 1))))
    assert "October 1, 2027" in said
