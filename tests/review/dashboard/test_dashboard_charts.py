"""Charts of the staff's dashboard: label, figure and list of each bar, without a database."""

import re
from datetime import UTC, date, datetime

import pytest
from django.template.loader import render_to_string
from django.utils.html import escape

from intake.review.dashboard.charts import (
    Chart,
    arrivals_chart,
    funnel_chart,
    progress_chart,
    reasons_chart,
)
from intake.review.dashboard.figures import MemberProgress, OfferDetail, OfferTally
from intake.review.queue.stages import StateCount
from intake.submissions.states import HumanReview, State
from offers.models import Offer

QUEUE = "/admin/submissions/submission/?offre=2031-050"
OPENS, CLOSES = (
    datetime(2031, 1, 10, 14, tzinfo=UTC),
    datetime(2031, 1, 14, 5, tzinfo=UTC),
)  # midnight at the end of the 13th in Québec


def offer(*, opens_at: datetime = OPENS, closes_at: datetime = CLOSES) -> Offer:
    return Offer(number="2031-050", opens_at=opens_at, closes_at=closes_at)


def chart_rows(chart: Chart) -> list[tuple[str, int, str, str, int]]:
    """Return the rows, without the common part of their addresses."""
    return [(row.label, row.value, row.figure, row.url.removeprefix(QUEUE), row.whole) for row in chart.rows]


def with_plain_spaces(text: str) -> str:
    return text.replace("\u00a0", " ")


# -- Stages ----------------------------------------------------------------------------------------------------


GROUPS = (
    StateCount(State.SUBMITTED, HumanReview.NONE, 1_200),
    StateCount(State.SUBMITTED, HumanReview.PENDING, 30),
    StateCount(State.SUBMITTED, HumanReview.UPHELD, 4),
    StateCount(State.COMPLEMENT_REQUESTED, HumanReview.NONE, 5),
    StateCount(State.COMPLEMENT_REQUESTED, HumanReview.PENDING, 6),
    StateCount(State.SHORTLISTED, HumanReview.LIFTED, 50),
    StateCount(State.RESERVE, HumanReview.NONE, 7),
    StateCount(State.SELECTED, HumanReview.NONE, 2),
    StateCount(State.WITHDRAWN, HumanReview.NONE, 9),
)


def test_a_tally_is_the_sum_of_its_groups() -> None:
    tally = OfferTally(drafts=3, groups=GROUPS, overdue=1)
    assert tally.count(state=State.COMPLEMENT_REQUESTED) == 11
    assert tally.count(state=State.SUBMITTED, pending=False) == 1_204
    assert tally.count(state=State.SUBMITTED, pending=True) == 30
    assert tally.count(state=State.COMPLEMENT_REQUESTED, pending=True) == 6
    assert tally.count(state=State.SELECTED, pending=True) == 0
    assert tally.count(pending=True) == 36
    assert OfferTally(0, ()).overdue == 0


# -- Charts ----------------------------------------------------------------------------------------------------
def test_each_step_of_the_funnel_links_to_its_list() -> None:
    chart = funnel_chart(offer(), OfferTally(drafts=100, groups=GROUPS))
    assert chart_rows(chart) == [
        ("Commencées", 1_413, "1\u00a0413", "", 0),
        ("Déposées", 1_313, "1\u00a0313", "&etape=deposees", 0),
        ("Admissibles ou à examiner", 1_264, "1\u00a0264", "&etape=admissibles", 0),
        ("Présélectionnées ou plus loin", 59, "59", "&etape=preselectionnees", 0),
        ("Recommandées ou plus loin", 9, "9", "&etape=recommandees", 0),
        ("Retenues ou plus loin", 2, "2", "&etape=retenues", 0),
    ]
    assert (chart.key, chart.title, chart.heads) == (
        "entonnoir",
        "Du brouillon au choix",
        ("Étape atteinte ou dépassée", "Candidatures"),
    )
    assert with_plain_spaces(chart.sentence) == "1 413 commencées, 1 313 déposées, 2 retenues."


def test_arrivals_are_drawn_by_the_day_from_the_opening_to_the_deadline() -> None:
    chart = arrivals_chart(offer(), {date(2031, 1, 11): 2, date(2031, 1, 13): 5, date(2031, 1, 12): 5})
    assert chart_rows(chart) == [
        ("11\u00a0janvier\u00a02031", 2, "2", "&recues=2031-01-11", 0),
        ("12\u00a0janvier\u00a02031", 5, "5", "&recues=2031-01-12", 0),
        ("13\u00a0janvier\u00a02031", 5, "5", "&recues=2031-01-13", 0),
    ]
    assert len(chart.columns) == 4
    assert (chart.key, chart.title, chart.heads) == (
        "arrivees",
        "Dépôts par jour",
        ("Jour", "Dépôts valides"),
    )
    assert (with_plain_spaces(chart.first), with_plain_spaces(chart.last), chart.deadline_x) == (
        "10 janvier 2031",
        "13 janvier 2031",
        359,
    )
    assert with_plain_spaces(chart.sentence) == (
        "12 dépôts. Le plus fort : 5, 12 janvier 2031. Date limite : 13 janvier 2031, 23 h 59 (heure de l’Est, Québec)."
    )


def test_every_figure_of_a_long_chart_is_in_its_table_with_its_list() -> None:
    chart = arrivals_chart(offer(), {date(2031, 1, day): day for day in range(1, 32)})
    page = render_to_string("review/charts/chart.html", {"chart": chart, "empty": ""})
    shown = re.findall(r'<a href="([^"]*)">(\d+)</a></td>', page)
    assert shown == [(escape(row.url), row.figure) for row in chart.rows]
    assert len(shown) == 31


def test_the_opening_and_the_deadline_are_days_of_quebec() -> None:
    evening = datetime(2031, 1, 11, 3, tzinfo=UTC)  # the day of `OPENS`, in Québec
    assert arrivals_chart(offer(opens_at=evening), {}) == arrivals_chart(offer(), {})


def test_arrivals_before_the_opening_and_after_the_deadline_are_drawn_too() -> None:
    """A personal extension allows a filing after the deadline, whose line does not move."""
    chart = arrivals_chart(offer(), {date(2031, 1, 9): 1, date(2031, 1, 17): 1})
    assert (len(chart.columns), chart.deadline_x) == (9, 200.0)
    assert (with_plain_spaces(chart.first), with_plain_spaces(chart.last)) == (
        "9 janvier 2031",
        "17 janvier 2031",
    )


def test_without_an_arrival_the_sentence_names_no_day() -> None:
    chart = arrivals_chart(offer(), {})
    assert with_plain_spaces(chart.sentence).startswith("0 dépôt. Date limite :")
    assert with_plain_spaces(arrivals_chart(offer(), {date(2031, 1, 10): 1}).sentence).startswith(
        "1 dépôt. Le plus fort : 1, 10 "
    )


@pytest.mark.parametrize(
    "closes_at, title, count",
    [
        (datetime(2031, 3, 13, 4, tzinfo=UTC), "Dépôts par jour", 62),  # 61 days after the first
        (datetime(2031, 3, 14, 4, tzinfo=UTC), "Dépôts par semaine", 9),
    ],
)
def test_a_long_offer_is_drawn_by_the_week(closes_at: datetime, title: str, count: int) -> None:
    chart = arrivals_chart(offer(closes_at=closes_at), {})
    assert (chart.title, len(chart.columns)) == (title, count)


def test_a_week_counts_each_day_once_and_the_last_week_is_cut() -> None:
    long = offer(
        opens_at=datetime(2031, 1, 1, 14, tzinfo=UTC), closes_at=datetime(2031, 3, 22, 4, tzinfo=UTC)
    )
    days = [(1, 1), (1, 7), (1, 8), (1, 14), (3, 19), (3, 21), (3, 22)]
    chart = arrivals_chart(long, {date(2031, *day): 1 for day in days})
    assert [(with_plain_spaces(label), *rest) for label, *rest in chart_rows(chart)] == [
        ("du 1er janvier au 7 janvier 2031", 2, "2", "&recues=2031-01-01..2031-01-07", 0),
        ("du 8 janvier au 14 janvier 2031", 2, "2", "&recues=2031-01-08..2031-01-14", 0),
        ("du 19 mars au 22 mars 2031", 3, "3", "&recues=2031-03-19..2031-03-22", 0),
    ]
    assert chart.heads == ("Semaine", "Dépôts valides")
    assert (len(chart.columns), chart.deadline_x) == (12, 359)
    assert with_plain_spaces(chart.sentence).startswith(
        "7 dépôts. Le plus fort : 3, du 19 mars au 22 mars 2031. Date limite : 21 mars"
    )


def test_each_reason_of_refusal_links_to_its_files() -> None:
    chart = reasons_chart(offer(), {"AGE": 1_001, "RESIDENCE": 2})
    assert [(value, figure, url) for _label, value, figure, url, _whole in chart_rows(chart)] == [
        (1_001, "1\u00a0001", "&critere=AGE"),
        (2, "2", "&critere=RESIDENCE"),
    ]
    assert chart.rows[0].label == "Âge"
    assert (chart.key, chart.title, chart.heads) == (
        "motifs",
        "Critères non respectés",
        ("Critère", "Candidatures"),
    )
    assert chart.sentence == "Critères non respectés des candidatures dont la révision est demandée."
    assert reasons_chart(offer(), {}).rows == ()


def detail(*shares: MemberProgress, divided: bool = True, unassigned: int = 0) -> OfferDetail:
    return OfferDetail(arrivals={}, refusing={}, divided=divided, shares=shares, unassigned=unassigned)


def test_progress_states_marked_and_assigned_files_of_each_member() -> None:
    chart = progress_chart(
        offer(), detail(MemberProgress(7, "Ann", 1_000, 1_500, 0), MemberProgress(8, "Bob", 0, 0, 0))
    )
    assert chart_rows(chart) == [
        ("Ann", 1_000, "1\u00a0000 sur 1\u00a0500", "&lecture=7-notees", 1_500),
        ("Bob", 0, "0 sur 0", "&lecture=8-notees", 0),
    ]
    assert (chart.key, chart.title, chart.heads) == (
        "avancement",
        "Avancement du comité",
        ("Membre", "Notés"),
    )
    assert chart.sentence == "Dossiers notés, sur les dossiers attribués à chaque membre."


DIVIDED = "Dossiers notés, sur les dossiers attribués à chaque membre."


@pytest.mark.parametrize(
    "late, unassigned, divided, sentence",
    [
        (1, 0, True, f"{DIVIDED} 1 note est en retard."),
        (1_000, 1, True, f"{DIVIDED} 1 002 notes sont en retard. 1 dossier n’est attribué à personne."),
        (0, 2, True, f"{DIVIDED} 2 dossiers ne sont attribués à personne."),
        (0, 0, False, "Dossiers notés, sur tous les dossiers de l’offre : aucun dossier n’est attribué."),
    ],
)
def test_progress_states_overdue_and_unassigned_files(
    late: int,
    unassigned: int,
    divided: bool,  # noqa: FBT001 -- a parameter of the table
    sentence: str,
) -> None:
    shares = [MemberProgress(7, "Ann", 1, 6, late), MemberProgress(8, "Bob", 1, 3, 2 if late > 1 else 0)]
    chart = progress_chart(offer(), detail(*shares, divided=divided, unassigned=unassigned))
    assert with_plain_spaces(chart.sentence) == sentence
