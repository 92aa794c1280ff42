"""Labels, tones and counts that staff and reviewers read for each code, as tables."""

from decimal import Decimal

import pytest
from django.utils import timezone, translation

from intake.review.access.errors import InConflictError, OwnSubmissionError, ReviewError
from intake.review.assignment.operations import AssignmentNotAllowedError
from intake.review.bulk.views import refusal_message
from intake.review.decisions import labels as decisions_labels
from intake.review.decisions.errors import (
    BatchClosedError,
    ComplementPendingError,
    DecisionAlreadyPendingError,
    InstantPassedError,
    LettersChangedError,
    MessageMissingError,
    NotDecidableError,
    NothingChosenError,
    NotThePreparerError,
    PreparerConflictError,
    SecondPersonError,
    StaleBatchError,
    StaleChoiceError,
    StaleReserveListError,
    TooManyChosenError,
)
from intake.review.decisions.letters import added_text, lacks_required_text, letters_digest
from intake.review.evidence.errors import PageOutOfBoundsError, StaleEvidenceError
from intake.review.exports.errors import UnknownFormatError, UnknownLanguageError
from intake.review.marks import scores
from intake.review.marks.errors import StaleAssessmentError, UnmarkedError
from intake.review.marks.scores import weights_digest
from intake.review.models import DecisionBatch, DecisionItem
from intake.review.pages import labels as pages_labels
from intake.submissions.lifecycle.errors import HumanReviewUpheldError, OfferCancelledError
from intake.submissions.states import Action, HumanReview, State

TONES = {
    "DRAFT": "draft",
    "SUBMITTED": "open",
    "UNDER_REVIEW": "info",
    "COMPLEMENT_REQUESTED": "warning",
    "INADMISSIBLE": "error",
    "SHORTLISTED": "success",
}


def spaced(text: str) -> str:
    """Return the text with plain spaces before its punctuation."""
    return text.replace("\u00a0", " ")


NUMBERS = ("T-001-000001-A", "T-001-000002-B")


def test_states_verdicts_and_human_reviews_have_labels_and_tones() -> None:
    assert {state: pages_labels.state_label(state) for state in State} == {
        state: (state.label, TONES.get(state, "none")) for state in State
    }
    verdicts = ("ELIGIBLE", "NEEDS_REVIEW", "INELIGIBLE", "INCOMPLETE", "OF_LATER")
    assert [pages_labels.verdict_label(code) for code in verdicts] == [
        ("Admissible", "success"),
        ("À examiner par une personne", "info"),
        ("Non admissible", "error"),
        ("Incomplet", "warning"),
        ("OF_LATER", "none"),
    ]
    assert {code: pages_labels.human_review_label(code).tone for code in HumanReview} == {
        "NONE": "none",
        "PENDING": "warning",
        "LIFTED": "success",
        "UPHELD": "error",
    }
    assert pages_labels.human_review_label("PENDING").label == HumanReview.PENDING.label
    assert pages_labels.TIME_OVER == ("Délai passé", "error")
    assert pages_labels.MATCHED == ("Registre à vérifier", "warning")


def test_a_count_above_the_maximum_is_labelled_as_more() -> None:
    assert [pages_labels.capped_count_text(number) for number in (0, 1, 5_000, 5_001)] == [
        "0",
        "1",
        "5\u00a0000",
        "plus de 5\u00a0000",
    ]
    assert [pages_labels.human_review_count_text(number) for number in (1, 2, 5_001)] == [
        "1\u00a0candidature à réviser",
        "2\u00a0candidatures à réviser",
        "plus de 5\u00a0000\u00a0candidatures à réviser",
    ]
    assert [pages_labels.register_match_count_text(number) for number in (1, 2, 5_001)] == [
        "1\u00a0candidature à vérifier au registre",
        "2\u00a0candidatures à vérifier au registre",
        "plus de 5\u00a0000\u00a0candidatures à vérifier au registre",
    ]


def test_an_integer_score_has_its_label_and_no_score_a_dash() -> None:
    texts = [scores.score_text(score) for score in (None, Decimal(0), Decimal("4.000"), Decimal("4.5"))]
    assert texts == ["—", "0 — Hors sujet", "4 — Très bonne", "4,50"]
    assert scores.mean_text(None, 0) == "—"
    assert [scores.mean_text(Decimal("3.25"), marks) for marks in (1, 2)] == [
        "3,3 (1\u00a0note)",
        "3,3 (2\u00a0notes)",
    ]
    assert (scores.mean_figures(None), scores.thousandths(None)) == ("—", "—")
    with translation.override("en"):
        assert scores.thousandths(Decimal("4.5")) == "4.500"


@pytest.mark.parametrize(
    "state, count, refused, label, tone",
    [
        ("PREPARED", 3, 0, DecisionBatch.State.PREPARED.label, "warning"),
        ("PREPARED", 3, 3, DecisionBatch.State.PREPARED.label, "warning"),
        ("RELEASED", 3, 1, DecisionBatch.State.RELEASED.label, "info"),
        ("SENT", 3, 0, DecisionBatch.State.SENT.label, "success"),
        ("SENT", 3, 2, "Annoncé en partie", "warning"),
        ("SENT", 3, 3, "Rien d’annoncé", "error"),
        ("REVOKED", 3, 3, DecisionBatch.State.REVOKED.label, "none"),
    ],
)
def test_the_label_of_a_batch_depends_on_its_announced_decisions(
    state: str, count: int, refused: int, label: str, tone: str
) -> None:
    assert decisions_labels.batch_label(state, count=count, refused=refused) == (label, tone)


def test_each_decision_has_its_label_and_tone() -> None:
    tones = {"OPEN": "info", "DONE": "success", "REFUSED": "error", "REVOKED": "none"}
    assert {code: decisions_labels.item_label(code) for code in DecisionItem.State} == {
        code: (code.label, tones[code]) for code in DecisionItem.State
    }


def test_the_next_step_depends_on_the_state_of_the_batch() -> None:
    starts = {
        "PREPARED": "Relisez ces candidatures, puis modifiez le lot",
        "RELEASED": "Vous ne pouvez plus modifier un lot approuvé",
        "SENT": "Vous ne pouvez plus modifier ce lot",
        "REVOKED": "Vous ne pouvez plus modifier ce lot",
    }
    assert {
        code: decisions_labels.next_step_message(code)[: len(start)] for code, start in starts.items()
    } == starts
    returned = {
        "LETTERS_CHANGED": "Les messages ont changé",
        "OFFER_CANCELLED": "L’offre est annulée",
        "MAY_NOT_RELEASE": "L’approbation n’est plus valide",
        "BOUND_PREPARER": "L’approbation n’est plus valide",
    }
    assert {
        code: decisions_labels.returned_message(code)[: len(start)] for code, start in returned.items()
    } == returned


@pytest.mark.parametrize(
    "code, said",
    [
        ("MOVE_NOT_ALLOWED", "L’état de la candidature ne permet plus cette décision"),
        ("STALE_SUBMISSION", "La candidature a changé depuis la préparation de cette décision"),
        ("OFFER_CANCELLED", "L’offre est annulée"),
        ("COMPLEMENT_RUNNING", "et la personne candidate a encore le temps de répondre"),
        ("REASON_MISSING", "Il manque le motif."),
        ("UNDER_RESERVE", "est en révision"),
        ("ALREADY_SELECTED", "est déjà retenue"),
        ("FINDING_UNCONFIRMED", "est contredit, ou n’est pas confirmé"),
        ("LETTERS_CHANGED", "Le message approuvé n’est plus à jour"),
        ("REGISTER_MATCH", "Le registre des participations"),
        ("MESSAGE_MISSING", "Il manque dans le message le lieu"),
        ("FILED_ERASED", "sont effacés"),
        ("IN_CONFLICT", "La personne qui a approuvé le lot n’a plus accès à cette candidature"),
        ("UNTOLD", "ne peut pas être annoncée"),
        ("OWN_SUBMISSION", "la candidature de la personne qui a approuvé"),
        ("OF_LATER", "OF_LATER"),
    ],
)
def test_each_refusal_of_a_decision_has_its_message(code: str, said: str) -> None:
    assert said in decisions_labels.refusal_message(code)


@pytest.mark.parametrize(
    "refusal, said",
    [
        (MessageMissingError(numbers=NUMBERS), "la date et l’heure de l’entrevue"),
        (NotDecidableError(numbers=NUMBERS), "L’état de ces candidatures ne permet pas cette décision"),
        (ComplementPendingError(numbers=NUMBERS), "et la personne candidate a encore le temps de répondre"),
        (StaleChoiceError(rows=(1, 2), numbers=NUMBERS), "Une candidature a changé depuis votre lecture"),
        (DecisionAlreadyPendingError(numbers=NUMBERS), "Un autre lot de décisions attend déjà"),
    ],
    ids=lambda value: getattr(value, "code", ""),
)
def test_a_refusal_about_some_files_names_their_numbers(refusal: ReviewError, said: str) -> None:
    shown = decisions_labels.batch_refusal_message(refusal)
    assert said in shown
    assert "T-001-000001-A et T-001-000002-B" in shown


@pytest.mark.parametrize(
    "refusal, said",
    [
        (TooManyChosenError(most=1_200), "Un lot compte 1 200 candidatures au plus"),
        (BatchClosedError(state=DecisionBatch.State.SENT), "dans l’état « Annoncé »"),
        (OfferCancelledError(), "L’offre est annulée"),
        (NothingChosenError(), "Cochez au moins une candidature"),
        (StaleBatchError(), "Le lot a changé pendant votre lecture"),
        (LettersChangedError(), "Les messages ont changé pendant votre lecture"),
        (NotThePreparerError(), "Seule la personne qui a préparé ce lot"),
        (SecondPersonError(), "Vous avez préparé ce lot"),
        (PreparerConflictError(), "a maintenant un lien"),
        (InstantPassedError(at=timezone.now()), "Choisissez une date et une heure à venir"),
        (StaleReserveListError(), "La liste a changé"),
        (OwnSubmissionError(), "Une autre personne doit décider"),
        (InConflictError(), "Une autre personne doit décider"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_each_refusal_of_a_complete_batch_has_its_message(
    refusal: ReviewError | OfferCancelledError, said: str
) -> None:
    assert said in spaced(decisions_labels.batch_refusal_message(refusal))


@pytest.mark.parametrize(
    "code, said",
    [
        ("MOVE_NOT_ALLOWED", "L’état « Présélectionnée » ne le permet pas."),
        (
            "STALE_SUBMISSION",
            "Son état a changé depuis l’aperçu : « Présélectionnée ».",
        ),
        ("UNDER_RESERVE", "Révision demandée : révisez d’abord chaque critère en cause."),
        ("RESERVE_UPHELD", str(HumanReviewUpheldError())),
        ("OFFER_CANCELLED", str(OfferCancelledError())),
        ("IN_ANOTHER_RUN", "Cette candidature est déjà dans une autre action en attente."),
        ("FILE_HELD", "Ce dossier est pris en charge par une autre personne."),
        (
            "DECISION_AWAITED",
            "Annoncez d’abord la décision préparée, ou retirez-la du lot.",
        ),
        ("REASON_MISSING", "Il manquait le motif."),
        ("NOT_ON_COMMITTEE", "Vous n’avez plus accès à cette candidature."),
        ("OWN_SUBMISSION", str(InConflictError())),
        ("IN_CONFLICT", str(InConflictError())),
        ("OF_LATER", "Refusée pour une raison imprévue (OF_LATER)."),
    ],
)
def test_each_file_excluded_from_a_bulk_run_has_its_message(code: str, said: str) -> None:
    assert spaced(refusal_message(code, state="SHORTLISTED")) == spaced(said)


def test_a_refused_move_without_a_known_state_has_a_dash() -> None:
    assert spaced(refusal_message("MOVE_NOT_ALLOWED", state="")) == "L’état « — » ne le permet pas."


# -- Messages ----------------------------------------------------------------------------------------------------
def test_a_letter_adds_the_common_text_then_the_own_one() -> None:
    added = [added_text(*said) for said in (("", " "), (" Pour toutes. ", ""), ("", " À vous. "), ("A", "B"))]
    assert added == ["", "Pour toutes.", "À vous.", "A\n\nB"]
    lacking = {action for action in Action if lacks_required_text(action, " ", "\n")}
    assert lacking == {Action.FIND_INADMISSIBLE, Action.INVITE, Action.TAKE_BACK}
    assert not any(
        lacks_required_text(action, *said) for action in lacking for said in (("A", ""), ("", "B"))
    )


def test_a_digest_depends_on_each_value_and_not_on_their_order() -> None:
    letters = [letters_digest(digests) for digests in ({1: "a", 2: "b"}, {2: "b", 1: "a"}, {1: "b", 2: "a"})]
    assert letters[0] == letters[1] != letters[2]
    weights = [weights_digest(given) for given in ({1: 2, 2: 1}, {2: 1, 1: 2}, {1: 1, 2: 2}, {12: 1, 2: 1})]
    assert weights[0] == weights[1]
    assert len(set(weights)) == 3
    assert {len(edition) for edition in weights} == {16}


def test_an_error_has_the_data_of_its_message() -> None:
    now = timezone.now()
    assert {
        StaleAssessmentError(saved_at=now).saved_at,
        InstantPassedError(at=now).at,
    } == {now}
    assert UnmarkedError(lines=(3, 1)).lines == (3, 1)
    assert PageOutOfBoundsError(pages=7).pages == 7
    assert UnknownFormatError(file_format="doc").file_format == "doc"
    assert UnknownLanguageError(language="de").language == "de"
    assert AssignmentNotAllowedError(refused={(1, 2): "OWN"}).refused == {(1, 2): "OWN"}
    assert StaleEvidenceError(last=None).last is None
    assert StaleChoiceError(rows=(1,), numbers=("T",)).rows == (1,)
    assert TooManyChosenError(most=200).most == 200
    assert BatchClosedError(state=DecisionBatch.State.SENT).state == DecisionBatch.State.SENT
    assert ReviewError.code == "REFUSED"
