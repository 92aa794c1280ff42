"""Labels and tones of decisions, states, human reviews and figures, for each code."""

import inspect
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from intake.review.access.errors import InConflictError, NotOnCommitteeError, ReviewError
from intake.review.access.visibility import COUNT_MAX
from intake.review.bulk.views import refusal_message as left_alone
from intake.review.dashboard.figures import OfferTally
from intake.review.decisions import errors as refused
from intake.review.decisions.labels import (
    batch_label,
    batch_refusal_message,
    item_label,
    next_step_message,
    refusal_message,
    returned_message,
)
from intake.review.marks import scores
from intake.review.models import DecisionBatch
from intake.review.pages import labels
from intake.review.queue.stages import FUNNEL, STAGES, StateCount
from intake.submissions.lifecycle.errors import HumanReviewUpheldError, OfferCancelledError
from intake.submissions.states import HumanReview, State
from intake.web import formats

SOME = ("2027-001", "2027-002")


def with_plain_spaces(text: object) -> str:
    return str(text).replace("\u00a0", " ")


REFUSALS: list[tuple[ReviewError | OfferCancelledError, str, str]] = [
    (
        refused.MessageMissingError(numbers=SOME),
        "Une convocation donne le lieu",
        "Il manque pour 2027-001 et 2027-002.",
    ),
    (
        refused.NotDecidableError(numbers=SOME),
        "L’état de ces candidatures ne permet pas cette décision",
        "2027-001 et 2027-002.",
    ),
    (
        refused.ComplementPendingError(numbers=SOME),
        "Un complément est demandé, et la personne candidate a encore le temps de répondre : 2027-001 et 2027-002.",
        "et attendez la fin du délai.",
    ),
    (
        refused.StaleChoiceError(rows=(1, 2), numbers=SOME),
        "Une candidature a changé depuis votre lecture",
        "Votre texte est conservé.",
    ),
    (
        refused.DecisionAlreadyPendingError(numbers=SOME),
        "Un autre lot de décisions attend déjà pour 2027-001 et 2027-002.",
        "",
    ),
    (
        refused.TooManyChosenError(most=1200),
        "Un lot compte 1 200 candidatures au plus : préparez-en plusieurs.",
        "",
    ),
    (
        refused.BatchClosedError(state=DecisionBatch.State.SENT),
        "Ce lot est maintenant dans l’état « Annoncé » : rien n’a changé.",
        "",
    ),
    (OfferCancelledError(), with_plain_spaces(OfferCancelledError()), ""),
    (refused.NothingChosenError(), "Cochez au moins une candidature", "annulez le lot."),
    (
        refused.StaleBatchError(),
        "Le lot a changé pendant votre lecture",
        "Relisez sa version actuelle avant d’approuver.",
    ),
    (refused.LettersChangedError(), "Les messages ont changé", "Relisez-les avant d’approuver."),
    (refused.NotThePreparerError(), "Seule la personne qui a préparé ce lot", "Rien n’a changé."),
    (refused.SecondPersonError(), "Vous avez préparé ce lot", "une autre personne doit approuver."),
    (
        refused.PreparerConflictError(),
        "La personne qui a préparé ce lot a maintenant un lien",
        "une autre personne en préparera un nouveau.",
    ),
    (
        refused.InstantPassedError(at=timezone.now()),
        "Choisissez une date et une heure à venir, d’ici un an.",
        "",
    ),
    (
        refused.StaleReserveListError(),
        "La liste a changé pendant votre lecture",
        "Voici sa version actuelle.",
    ),
    (
        NotOnCommitteeError(),
        "Une autre personne doit décider de ces candidatures. Rien n’a changé.",
        "",
    ),
]


@pytest.mark.parametrize(
    "refusal, first, last", REFUSALS, ids=[type(refusal).__name__ for refusal, _first, _last in REFUSALS]
)
def test_each_refusal_of_a_batch_has_its_own_message(
    refusal: ReviewError | OfferCancelledError, first: str, last: str
) -> None:
    said = with_plain_spaces(batch_refusal_message(refusal))
    assert (said.startswith(first), said.endswith(last)) == (True, True), said
    assert last or said == first


def test_each_refusal_about_files_names_their_numbers() -> None:
    named = [refusal for refusal, _first, _last in REFUSALS if hasattr(refusal, "numbers")]
    kinds = {
        kind
        for kind in vars(refused).values()
        if inspect.isclass(kind) and issubclass(kind, ReviewError) and kind.__module__ == refused.__name__
        if "numbers" in inspect.signature(kind.__init__).parameters
    }
    assert {type(refusal) for refusal in named} == kinds
    assert [refusal for refusal in named if "2027-002" not in batch_refusal_message(refusal)] == []


def test_a_batch_and_a_decision_have_the_tone_of_their_state() -> None:
    assert {state: tuple(map(str, batch_label(state))) for state in DecisionBatch.State} == {
        "PREPARED": ("En préparation", "warning"),
        "RELEASED": ("Approuvé, à annoncer", "info"),
        "SENT": ("Annoncé", "success"),
        "REVOKED": ("Annulé", "none"),
    }
    left = {
        (2, 0): ("Annoncé", "success"),
        (2, 1): ("Annoncé en partie", "warning"),
        (2, 2): ("Rien d’annoncé", "error"),
    }
    assert {
        (count, lost): tuple(map(str, batch_label("SENT", count=count, refused=lost))) for count, lost in left
    } == left
    assert batch_label("PREPARED", count=2, refused=2).tone == "warning"
    assert [item_label(code).tone for code in ("OPEN", "DONE", "REFUSED", "REVOKED")] == [
        "info",
        "success",
        "error",
        "none",
    ]


def test_next_steps_and_reasons_of_return_have_their_messages() -> None:
    assert [next_step_message(code).split()[0] for code in ("PREPARED", "RELEASED", "SENT", "REVOKED")] == [
        "Relisez",
        "Vous",
        "Vous",
        "Vous",
    ]
    codes = ("LETTERS_CHANGED", OfferCancelledError.code, "IN_CONFLICT", "")
    assert [" ".join(returned_message(code).split()[:3]) for code in codes] == [
        "Les messages ont",
        "L’offre est annulée.",
        "L’approbation n’est plus",
        "L’approbation n’est plus",
    ]


def test_each_refusal_of_a_decision_has_its_message() -> None:
    starts = {
        "MOVE_NOT_ALLOWED": "L’état de la candidature ne permet plus cette décision",
        "STALE_SUBMISSION": "La candidature a changé depuis",
        OfferCancelledError.code: "L’offre est annulée",
        "COMPLEMENT_RUNNING": "Un complément est demandé",
        "COMPLEMENT_TOO_SOON": "Ce dernier jour laisse moins de 48",
        "COMPLEMENT_TOO_LATE": "Le stage aurait commencé",
        "NOTHING_ASKED": "La demande ne contient ni document ni section",
        "REASON_MISSING": "Il manque le motif.",
        "UNDER_RESERVE": "La candidature est en révision",
        "ALREADY_SELECTED": "Cette personne est déjà retenue",
        "FINDING_UNCONFIRMED": "Un constat qui décide de l’admissibilité",
        "LETTERS_CHANGED": "Le message approuvé n’est plus à jour",
        "REGISTER_MATCH": "Le registre des participations contient une nouvelle inscription au même "
        "nom et à la même date de naissance",
        "MESSAGE_MISSING": "Il manque dans le message le lieu",
        "FILED_ERASED": "Les renseignements déposés sont effacés",
        "IN_CONFLICT": "La personne qui a approuvé le lot n’a plus accès à cette candidature",
        "UNTOLD": "Cette décision ne peut pas être annoncée.",
        "OWN_SUBMISSION": "C’est la candidature de la personne",
        "OF_LATER_RULES": "OF_LATER_RULES",
    }
    assert {
        code
        for code, first in starts.items()
        if not with_plain_spaces(refusal_message(code)).startswith(first)
    } == set()


def test_each_file_excluded_from_a_run_has_its_message() -> None:
    starts = {
        "MOVE_NOT_ALLOWED": "L’état « Reçue » ne le permet pas.",
        "STALE_SUBMISSION": "Son état a changé depuis l’aperçu : « Reçue ».",
        "UNDER_RESERVE": "Révision demandée : révisez d’abord chaque critère en cause.",
        "RESERVE_UPHELD": with_plain_spaces(HumanReviewUpheldError()),
        OfferCancelledError.code: with_plain_spaces(OfferCancelledError()),
        "IN_ANOTHER_RUN": "Cette candidature est déjà dans une autre action en attente.",
        "FILE_HELD": "Ce dossier est pris en charge par une autre personne.",
        "DECISION_AWAITED": ("Annoncez d’abord la décision préparée, ou retirez-la du lot."),
        "REASON_MISSING": "Il manquait le motif.",
        "NOT_ON_COMMITTEE": "Vous n’avez plus accès à cette candidature.",
        "OWN_SUBMISSION": with_plain_spaces(InConflictError()),
        "IN_CONFLICT": with_plain_spaces(InConflictError()),
        "OTHER": "Refusée pour une raison imprévue (OTHER).",
    }
    assert {code: with_plain_spaces(left_alone(code, state="SUBMITTED")) for code in starts} == starts
    assert with_plain_spaces(left_alone("MOVE_NOT_ALLOWED", state="")) == "L’état « — » ne le permet pas."


# -- States, verdicts, human reviews, figures -------------------------------------------------------------------------
def test_each_state_verdict_and_human_review_has_its_tone() -> None:
    tones = dict.fromkeys(State, "none") | {
        State.DRAFT: "draft",
        State.SUBMITTED: "open",
        State.UNDER_REVIEW: "info",
        State.COMPLEMENT_REQUESTED: "warning",
        State.INADMISSIBLE: "error",
        State.SHORTLISTED: "success",
    }
    assert {state: labels.state_label(state) for state in State} == {
        state: labels.Label(state.label, tones[state]) for state in State
    }
    verdicts = {code: tuple(map(str, labels.verdict_label(code))) for code in (*labels.VERDICTS, "LATER")}
    assert verdicts == {
        "ELIGIBLE": ("Admissible", "success"),
        "NEEDS_REVIEW": ("À examiner par une personne", "info"),
        "INELIGIBLE": ("Non admissible", "error"),
        "INCOMPLETE": ("Incomplet", "warning"),
        "LATER": ("LATER", "none"),
    }
    assert [(reserve.value, labels.human_review_label(reserve).tone) for reserve in HumanReview] == [
        ("NONE", "none"),
        ("PENDING", "warning"),
        ("LIFTED", "success"),
        ("UPHELD", "error"),
    ]
    assert (labels.TIME_OVER.tone, labels.MATCHED.tone) == ("error", "warning")


@pytest.mark.parametrize(
    "number, score, mean, figures, thousandths",
    [
        (None, "—", "—", "—", "—"),
        ("0", "0 — ", "0,0 (1 note)", "0,00", "0,000"),
        ("5", "5 — ", "5,0 (1 note)", "5,00", "5,000"),
        ("3.125", "3,13", "3,1 (1 note)", "3,13", "3,125"),
        ("3.15", "3,15", "3,2 (1 note)", "3,15", "3,150"),
        ("2.9994", "3,00", "3,0 (1 note)", "3,00", "2,999"),
    ],
)
def test_a_number_is_rounded_half_up_to_its_displayed_decimals(
    number: str | None, score: str, mean: str, figures: str, thousandths: str
) -> None:
    value = None if number is None else Decimal(number)
    assert scores.score_text(value).startswith(score)
    assert with_plain_spaces(scores.mean_text(value, 1)) == mean
    assert (scores.mean_figures(value), scores.thousandths(value)) == (figures, thousandths)
    if value is not None:
        assert with_plain_spaces(scores.mean_text(value, 2)).endswith("(2 notes)")
        with translation.override("en"):
            assert scores.thousandths(value) == thousandths.replace(",", ".")


def test_a_capped_count_is_marked_as_more_than_its_limit() -> None:
    most = COUNT_MAX
    said = with_plain_spaces(labels.capped_count_text(most + 1))
    assert (labels.capped_count_text(most), said) == (
        formats.number(most),
        f"plus de {with_plain_spaces(formats.number(most))}",
    )
    assert [with_plain_spaces(labels.human_review_count_text(number)) for number in (1, 2, most + 1)] == [
        "1 candidature à réviser",
        "2 candidatures à réviser",
        f"{said} candidatures à réviser",
    ]
    assert [with_plain_spaces(labels.register_match_count_text(number)) for number in (1, 2)] == [
        "1 candidature à vérifier au registre",
        "2 candidatures à vérifier au registre",
    ]


def test_each_stage_counts_the_states_that_reached_it() -> None:
    groups = tuple(StateCount(state, reserve, 1) for state in State for reserve in HumanReview)
    every = len(HumanReview)
    filed = len(State) - 1
    assert {key: OfferTally(0, groups).reached(stage) for key, stage in STAGES.items()} == {
        "deposees": filed * every,
        "admissibles": (filed - 2) * (every - 2),
        "preselectionnees": 7 * every,
        "recommandees": 5 * every,
        "retenues": 3 * every,
        "decidees": 6 * every,
    }
    assert [stage.key for stage in FUNNEL] == [
        *("deposees", "admissibles", "preselectionnees", "recommandees", "retenues"),
    ]
    assert not STAGES["admissibles"].holds("SUBMITTED", "PENDING")
    assert STAGES["admissibles"].holds("SUBMITTED", "LIFTED")
    tally = OfferTally(0, (StateCount("SELECTED", "NONE", 4), StateCount("DECLINED", "NONE", 2)))
    assert tally.reached(STAGES["decidees"]) == 6
