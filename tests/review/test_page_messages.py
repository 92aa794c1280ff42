"""Sentences that the pages of `review` choose, one per case."""

from decimal import Decimal
from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from django.test import RequestFactory
from django.utils import timezone

from intake.accounts.models import User
from intake.review.access import errors
from intake.review.claims.views import taken_over_from
from intake.review.evidence import errors as evidence_errors
from intake.review.marks import errors as marks_errors
from intake.review.models import Evidence
from intake.review.ranking.forms import TrialWeightsForm
from intake.review.ranking.ranks import Order, RankedFile
from intake.review.ranking.table import RankingRow, RankingTable
from intake.submissions.models import Submission
from intake.web import formats
from offers.models import GridLine
from tests.review.page_responses import page

if TYPE_CHECKING:
    from collections.abc import Callable

RANKING = page("ranking.views")


def with_plain_spaces(text: str) -> str:
    return text.replace("\u00a0", " ")


# -- Reasons of refusals -----------------------------------------------------------------------------------------
AT = timezone.now()
EVIDENCE = Evidence(author=User(email="ann@exemple.invalid", display_name="Ann"), at=AT)
BOUND = with_plain_spaces(str(errors.InConflictError()))
INCOMPLETE = with_plain_spaces(str(import_module("intake.review.pages.forms").INCOMPLETE))
CASES: list[tuple[str, Exception, str, str]] = [
    (
        "marks.panel",
        marks_errors.StaleAssessmentError(saved_at=AT),
        f"Vous avez enregistré cette évaluation dans une autre fenêtre à {formats.hour(AT)}.",
        "puis enregistrez de nouveau.",
    ),
    (
        "marks.panel",
        errors.StaleFilingError(),
        "La personne candidate a remplacé son dépôt pendant votre lecture",
        "n’est pas encore enregistrée.",
    ),
    (
        "marks.panel",
        errors.HumanReviewPendingError(),
        "Cette candidature est en révision",
        "vous pouvez enregistrer votre commentaire.",
    ),
    (
        "marks.panel",
        marks_errors.MarkDuringComplementError(),
        "Un complément est attendu pour cette candidature",
        "vous pouvez enregistrer un brouillon.",
    ),
    (
        "marks.panel",
        marks_errors.AlreadySubmittedError(),
        "Votre évaluation est déjà remise",
        "de nouveau.",
    ),
    ("marks.panel", marks_errors.UnknownLineError(), INCOMPLETE, INCOMPLETE),
    (
        "application_page.findings",
        errors.StaleFilingError(),
        "La personne candidate a remplacé son dépôt pendant votre lecture",
        "votre vérification de l’ancien n’est pas enregistrée.",
    ),
    (
        "application_page.findings",
        evidence_errors.UnknownDocumentError(),
        "La personne candidate a remplacé son dépôt pendant votre lecture",
        "votre vérification de l’ancien n’est pas enregistrée.",
    ),
    (
        "application_page.findings",
        evidence_errors.StaleEvidenceError(last=EVIDENCE),
        f"Ann a vérifié ce constat le {formats.day(AT)}, {formats.hour(AT)}, pendant votre lecture.",
        "puis enregistrez de nouveau.",
    ),
    (
        "application_page.findings",
        errors.HumanReviewPendingError(),
        "Cette candidature est en révision",
        "n’est pas enregistrée.",
    ),
    (
        "application_page.findings",
        evidence_errors.VerificationNotAllowedError(),
        "Ce constat n’est plus à vérifier",
        "n’est pas enregistrée.",
    ),
    ("application_page.findings", errors.OwnSubmissionError(), BOUND, BOUND),
    ("application_page.findings", errors.InConflictError(), BOUND, BOUND),
    (
        "application_page.findings",
        errors.NotOnCommitteeError(),
        "Vous n’avez pas accès à cette candidature",
        "Rien n’a changé.",
    ),
    ("marks.views", marks_errors.NothingWeighsError(), "Toutes les lignes sont à zéro", "Rien n’a changé."),
    ("marks.views", errors.OwnSubmissionError(), "Vous avez postulé à cette offre", "Rien n’a changé."),
    ("marks.views", errors.InConflictError(), "Vous avez un conflit d’intérêts", "Rien n’a changé."),
    ("marks.views", marks_errors.UnknownLineError(), INCOMPLETE, INCOMPLETE),
]


@pytest.mark.parametrize(
    "module, refusal, first, last", CASES, ids=[f"{each[0]}-{type(each[1]).__name__}" for each in CASES]
)
def test_each_refusal_of_a_page_has_its_message(
    module: str, refusal: Exception, first: str, last: str
) -> None:
    worded = str if module == "marks.panel" else page(module)._refusal_message
    words = with_plain_spaces(worded(refusal))
    assert (words.startswith(with_plain_spaces(first)), words.endswith(last)) == (True, True), words


def test_a_page_of_a_document_is_within_its_pages() -> None:
    assert [
        with_plain_spaces(str(evidence_errors.PageOutOfBoundsError(pages=pages))) for pages in (1, 2)
    ] == [
        "Ce document a 1 page : inscrivez 1.",
        "Ce document a 2 pages : inscrivez un nombre de 1 à 2.",
    ]


@pytest.mark.parametrize(
    "sent, number",
    [
        (None, None),
        ("", None),
        ("12", 12),
        ("0012", 12),
        ("9" * 18, int("9" * 18)),
        ("9" * 19, None),
        ("-1", None),
        ("1.5", None),
        ("٣", None),
        ("²", None),
    ],
)
def test_the_holder_of_a_claim_is_a_key_that_fits_the_database(sent: str | None, number: int | None) -> None:
    request: Any = SimpleNamespace(POST={} if sent is None else {"prendre": sent})
    assert taken_over_from(request) == number


# -- A ranking ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "standing, rank, between",
    [
        (RankedFile(), "—", "—"),
        (RankedFile(rank=2), "2", "—"),
        (RankedFile(rank=2, tied=True), "2 ex æquo", "—"),
        (RankedFile(rank=1, rests_on_one=True), "1", "une seule note"),
        (RankedFile(rank=2, best=1, worst=3), "2", "1 à 3"),
        (RankedFile(rank=2, best=2, worst=2), "2", "2"),
        (RankedFile(rank=2, best=2, worst=2, rests_on_one=True), "2", "2 ; une seule note"),
        (RankedFile(rank=2, best=1, worst=3, rests_on_one=True), "2", "1 à 3 ; une seule note"),
        (RankedFile(rank=2, best=1), "2", "—"),
        (RankedFile(rank=2, worst=1), "2", "—"),
    ],
)
def test_a_rank_has_its_range_without_one_reviewer(standing: RankedFile, rank: str, between: str) -> None:
    assert (RANKING._rank_text(standing), with_plain_spaces(RANKING._range_text(standing))) == (
        rank,
        between,
    )


@pytest.mark.parametrize(
    "before, now, moved",
    [
        (None, 2, None),
        (2, None, None),
        (2, 2, None),
        (2, 1, {"sign": "▲1", "words": "monte de 1\u00a0rang", "way": "up"}),
        (4, 1, {"sign": "▲3", "words": "monte de 3\u00a0rangs", "way": "up"}),
        (1, 2, {"sign": "▼1", "words": "descend de 1\u00a0rang", "way": "down"}),
        (1, 3, {"sign": "▼2", "words": "descend de 2\u00a0rangs", "way": "down"}),
    ],
)
def test_the_rank_change_by_trial_weights_is_displayed(
    before: int | None, now: int | None, moved: dict[str, str] | None
) -> None:
    place = RankingRow(1, unread=False, standing=RankedFile(rank=now), before=RankedFile(rank=before))
    assert RANKING._rank_change(place) == moved
    assert RANKING._rank_change(RankingRow(1, unread=False, standing=RankedFile(rank=now))) is None


def _board(*moves: tuple[int, int], waiting: int = 0) -> RankingTable:
    """Return a ranking table with these rank changes, and `waiting` files without a rank."""
    places = tuple(
        RankingRow(number, unread=False, standing=RankedFile(rank=now), before=RankedFile(rank=before))
        for number, (before, now) in enumerate(moves)
    )
    board = RankingTable(places, Submission.objects.none(), marks_first=False, reviewers=1, begun=frozenset())
    vars(board)["_unranked_count"] = waiting
    return board


LINES = (GridLine(pk=7, text="a mené un projet"),)


@pytest.mark.parametrize(
    "typed, tried, moves, words",
    [
        (None, False, [], ""),
        ("3", False, [], "Voici les pondérations enregistrées."),
        ("3", True, [(1, 1)], "Essai : aucune candidature ne change de rang. Rien n’est enregistré."),
        ("3", True, [(1, 2)], "Essai : 1 candidature change de rang. Rien n’est enregistré."),
        ("3", True, [(1, 2), (2, 1)], "Essai : 2 candidatures changent de rang. Rien n’est enregistré."),
        ("11", False, [], "L’essai n’est pas fait : corrigez un poids."),
        (
            "0",
            False,
            [],
            (
                "L’essai n’est pas fait : corrigez un poids. Toutes les lignes sont à zéro : il n’y "
                "aurait plus de note globale."
            ),
        ),
    ],
)
def test_the_effect_of_trial_weights_is_summarised_in_one_message(
    typed: str | None, tried: object, moves: list[tuple[int, int]], words: str
) -> None:
    trial = TrialWeightsForm(None if typed is None else {"weight_7": typed}, lines=LINES)
    assert with_plain_spaces(RANKING._trial_message(trial, _board(*moves), tried=bool(tried))) == words


def test_the_number_of_ranked_files_is_stated_or_capped() -> None:
    most = import_module("intake.review.ranking.table").MAX_LISTED
    words = [
        with_plain_spaces(RANKING._ranked_count_message(_board((1, 1), waiting=waiting)))
        for waiting in (0, most, most + 1)
    ]
    counted = with_plain_spaces(formats.number(most + 1))
    assert words == ["1", counted, f"plus de {counted}"]


def test_each_order_of_the_ranking_has_its_label() -> None:
    assert {key: (order, str(label)) for key, (order, label) in RANKING.ORDERS.items()} == {
        "moyenne": (Order.MEAN, "Moyenne"),
        "mediane": (Order.MEDIAN, "Médiane"),
        "recentree": (Order.CENTRED, "Moyenne recentrée"),
    }
    assert (RANKING.PAGE, page("shortlist_page.views").PAGE) == (50, 100)


def test_the_numbers_of_a_file_start_with_those_of_the_chosen_order() -> None:
    figures = RankedFile(
        marks=3,
        mean=Decimal("3.250"),
        median=Decimal("3.500"),
        centred=Decimal("-0.125"),
        spread=Decimal("0.471"),
        rank=2,
        best=1,
        worst=2,
    )
    row = {}
    for by in Order:
        submission = Submission(
            filed_name="", state="SUBMITTED", public_id="7b7f0d3e-5e0b-4a2b-9f53-0d7c3a1c2b11"
        )
        row[by] = RANKING._row(submission, RankingRow(1, unread=False, standing=figures), by=by, tried=False)
    said = {by: (found["value"], found["others"]) for by, found in row.items()}
    assert said == {
        Order.MEAN: ("3,250", ["3,500", "-0,125"]),
        Order.MEDIAN: ("3,500", ["3,250", "-0,125"]),
        Order.CENTRED: ("-0,125", ["3,250", "3,500"]),
    }
    found = row[Order.MEAN]
    assert {
        name: found[name]
        for name in ("name", "number", "url", "rank", "label", "marks", "spread", "between", "moved")
    } == {
        "name": "Anonymisée",
        "number": "",
        "url": "/admin/candidatures/7b7f0d3e-5e0b-4a2b-9f53-0d7c3a1c2b11/",
        "rank": "2",
        "label": "2 · Anonymisée",
        "marks": 3,
        "spread": "0,471",
        "between": "1 à 2",
        "moved": None,
    }
    unranked = RANKING._row(
        cast("Any", submission), RankingRow(1, unread=True, standing=RankedFile()), by=Order.MEAN, tried=True
    )
    assert (unranked["label"], unranked["value"], unranked["moved"]) == ("Anonymisée", "—", None)


def test_a_page_of_an_unfiled_submission_raises() -> None:
    request = RequestFactory().get("/")
    request.user = User(pk=1)
    makes: list[Callable[[], object]] = [
        lambda: page("application_page.views")._context(request, Submission(), None, {}),
        lambda: page("application_page.views").show_anonymous_file(request, Submission()),
        lambda: page("pages.sealed_filing").current_filing(Submission()),
    ]
    for make in makes:
        with pytest.raises(ValueError, match="a filed submission has a standing filing"):
            make()
