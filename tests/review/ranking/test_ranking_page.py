"""The page « Classement »: the ranking for users who may read it, and the effect of trial weights."""

import re
from decimal import Decimal
from importlib import import_module
from typing import Any, NamedTuple

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.review.committees.operations import add_committee_member
from intake.review.marks.operations import AssessmentData, LineMarkData, submit_assessment
from intake.review.models import Assessment, LineWeight
from intake.review.ranking.ranks import RankedFile
from intake.review.ranking.table import ranking_table_of
from intake.submissions.after_filing.operations import withdraw_submission
from intake.submissions.models import Submission
from offers.models import GridLineData, Offer
from tests.factories.people import client_of, give_role, make_staff
from tests.factories.review import make_assessment, make_conflict, make_filed, make_reviewer
from tests.factories.submissions import make_open_offer
from tests.review.parts import copy_of

pytestmark = pytest.mark.django_db

GRID = (
    GridLineData(text="a déjà mené un projet"),
    GridLineData(text="connaître R est un atout", requirement="ASSET"),
)


def address_of(offer: Offer) -> str:
    return reverse("review:ranking", args=[offer.number])


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode().replace("\xa0", " "))


def row_of(client: Client, submission: Submission, **query: str) -> str:
    """Return the text of the submission's row."""
    text = text_of(client.get(address_of(submission.offer), query))
    (row,) = [row for row in re.findall(r"<tr>(.*?)</tr>", text) if str(submission.public_id) in row]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip()


def mark_lines(submission: Submission, reviewer: User, *values: int) -> None:
    lines = submission.offer.grid_lines.order_by("position")
    submit_assessment(
        submission=submission,
        reviewer=reviewer,
        given=AssessmentData(
            lines={line.pk: LineMarkData(value) for line, value in zip(lines, values, strict=True)}
        ),
        version=0,
        at=timezone.now(),
    )


class CaseData(NamedTuple):
    """Four files without marks, and two of an offer with two grid lines, with marks on each line."""

    four: list[Submission]
    weighed: list[Submission]
    staff: User


@pytest.fixture(scope="module")
def made(module_db: None) -> CaseData:
    offer, gridded = make_open_offer(), make_open_offer(grid=GRID)
    four = [make_filed(offer, last_name=name, first_name="Ada") for name in ("Une", "Deux", "Trois", "Sans")]
    weighed = [make_filed(gridded, last_name=name) for name in ("Projet", "Logiciel")]
    reviewer = make_reviewer(gridded)
    mark_lines(weighed[0], reviewer, 5, 1)  # (2 × 5 + 1) / 3 = 3.667
    mark_lines(weighed[1], reviewer, 2, 5)  # 3
    return CaseData(four, weighed, make_staff())


four = copy_of("four")


@pytest.fixture
def offer(four: list[Submission]) -> Offer:
    """The offer of the four files."""
    return four[0].offer


@pytest.fixture
def staff(kept: CaseData) -> Client:
    return client_of(kept.staff)


def test_the_table_has_rank_numbers_and_range(offer: Offer, four: list[Submission], staff: Client) -> None:
    first, tied, other, unmarked = four
    severe, kind = make_reviewer(offer), make_reviewer(offer)
    for submission, values in ((first, (3, 5)), (tied, (4, 4)), (other, (1, 2))):
        make_assessment(submission, severe, values[0])
        make_assessment(submission, kind, values[1])
    # Without the severe reviewer: 5, 4, 2. Without the other: 3, 4, 1.
    number = first.standing_filing.receipt.number if first.standing_filing else ""
    assert row_of(staff, first) == f"1 ex æquo Une, Ada {number} 4,000 1 à 2 4,000 4,000 1,000 2 Reçue"
    assert row_of(staff, tied).startswith("1 ex æquo Deux, Ada")
    assert row_of(staff, other).startswith("3 Trois, Ada")
    assert row_of(staff, unmarked).endswith(" — — — — — — Reçue")
    text = text_of(staff.get(address_of(offer)))
    assert "3 candidatures classées" in text
    assert ">4 en lice<" in text
    assert text.count('class="ranking-dot" cx=') == 6 + 1  # and the legend's


def test_the_plot_draws_marks_between_its_margins_and_the_spread_around_the_mean(
    offer: Offer, four: list[Submission], staff: Client
) -> None:
    for value in (1, 5):
        make_assessment(four[0], make_reviewer(offer), value)
    for value in (0, 0):
        make_assessment(four[1], make_reviewer(offer), value)
    spread, agreed, *unmarked = staff.get(address_of(offer)).context["plot"].rows
    assert ([dot.x for dot in spread.dots], spread.bar) == (["21.80%", "97.00%"], "59.40%")
    assert spread.spread == ("21.80%", "97.00%")
    assert ([dot.x for dot in agreed.dots], agreed.bar, agreed.spread) == (["3.00%", "3.00%"], "3.00%", None)
    assert [(row.dots, row.bar, row.spread) for row in unmarked] == [((), "", None)] * 2


def test_the_ranking_has_the_requested_order(offer: Offer, four: list[Submission], staff: Client) -> None:
    outlier, steady = four[:2]
    for high, even in ((5, 4), (5, 4), (0, 4)):
        reviewer = make_reviewer(offer)
        make_assessment(outlier, reviewer, high)
        make_assessment(steady, reviewer, even)
    ranks = {key: [row_of(staff, each, tri=key)[0] for each in (outlier, steady)] for key in ("mediane", "")}
    assert ranks == {"mediane": ["1", "2"], "": ["2", "1"]}
    first = {key: re.findall(r"\d,\d{3}", row_of(staff, outlier, tri=key))[0] for key in ranks}
    assert first == {"mediane": "5,000", "": "3,333"}, "the value by which the files are ordered"


@pytest.mark.parametrize(
    "standing, rank, between",
    [
        (RankedFile(), "—", "—"),
        (RankedFile(rank=2, tied=True), "2 ex æquo", "—"),
        (RankedFile(rank=1, rests_on_one=True), "1", "une seule note"),
        (RankedFile(rank=2, best=1, worst=3, rests_on_one=True), "2", "1 à 3\u00a0; une seule note"),
        (RankedFile(rank=2, best=2, worst=2), "2", "2"),
    ],
)
def test_a_rank_has_its_range_without_one_reviewer(standing: RankedFile, rank: str, between: str) -> None:
    view = import_module("intake.review.ranking.views")
    assert (view._rank_text(standing), view._range_text(standing)) == (rank, between)


def test_withdrawn_files_are_not_ranked_and_an_empty_ranking_is_explained(staff: Client) -> None:
    offer = make_open_offer()
    gone = make_filed(offer)
    make_assessment(gone, make_reviewer(offer), 5)
    withdraw_submission(submission=gone, actor=gone.candidate, reason="Autre projet")
    text = text_of(staff.get(address_of(offer)))
    assert "il n’y a rien à classer" in text
    assert str(gone.public_id) not in text


def test_a_member_reads_no_marks_of_a_file_before_giving_their_own() -> None:
    offer, sitting = make_open_offer(), make_staff()
    add_committee_member(offer=offer, reviewer=sitting)
    read, unread, third = (make_filed(offer, last_name=name) for name in ("Lue", "Inconnue", "Troisième"))
    colleague = make_reviewer(offer)
    for submission, value in ((read, 2), (unread, 5), (third, 1)):
        make_assessment(submission, colleague, value)
    make_assessment(read, sitting, 2)
    make_assessment(third, sitting, 1)
    client = client_of(sitting)
    assert row_of(client, unread).endswith("— après votre évaluation Reçue")
    assert row_of(client, unread).startswith("— ")
    # Rank 2 would reveal that the hidden file is first.
    assert row_of(client, read).startswith("1 ")
    board = ranking_table_of(user=sitting, offer=offer)
    assert [(place.submission, place.scores) for place in board if place.unread] == [(unread.pk, ())]
    assert "5,000" not in text_of(client.get(address_of(offer)))
    make_assessment(unread, sitting, 5)
    assert row_of(client, unread).startswith("1 ")
    assert "5,000" in text_of(client.get(address_of(offer)))


def test_a_file_in_conflict_leaves_no_gap_in_the_ranking() -> None:
    offer, staff = make_open_offer(), make_staff()
    hidden, seen = make_filed(offer, last_name="Cachée"), make_filed(offer, last_name="Vue")
    reviewer = make_reviewer(offer)
    make_assessment(hidden, reviewer, 5)
    make_assessment(seen, reviewer, 1)
    make_conflict(hidden, staff)
    assert "Cachée" in text_of(client_of(make_staff()).get(address_of(offer)))
    client = client_of(staff)
    text = text_of(client.get(address_of(offer)))
    assert "Cachée" not in text
    assert str(hidden.public_id) not in text
    assert row_of(client, seen).startswith("1 ")
    # Centred on this mark only: the hidden file's mark would be revealed.
    assert ranking_table_of(user=staff, offer=offer).ranked[0].standing.centred == Decimal(1)


def test_a_candidate_of_the_offer_reads_no_ranking_of_it(offer: Offer, four: list[Submission]) -> None:
    own, other = four[:2]
    give_role(user=own.candidate, role=Role.STAFF)
    answer = client_of(own.candidate).get(address_of(offer), follow=True)
    assert "vous ne pouvez pas voir son classement" in answer.content.decode()
    assert str(other.public_id) not in answer.content.decode().split("result_list")[0]


def test_trial_weights_move_ranks_and_store_no_row(kept: CaseData) -> None:
    project, software = kept.weighed
    offer, client = project.offer, client_of(kept.staff)
    required, asset = (f"weight_{line.pk}" for line in offer.grid_lines.order_by("position"))
    assert row_of(client, project).startswith("1 Projet")
    scores = list(Assessment.objects.order_by("pk").values_list("score", flat=True))
    assert row_of(client, project, **{required: "1", asset: "2"}).startswith("2 ▼1 descend de 1 rang Projet")
    assert row_of(client, software, **{required: "1", asset: "2"}).startswith("1 ▲1 monte de 1 rang Logiciel")
    tried = text_of(client.get(address_of(offer), {required: "1", asset: "2"}))
    assert "Essai : 2 candidatures changent de rang. Rien n’est enregistré." in tried
    same = text_of(client.get(address_of(offer), {required: "2", asset: "1"}))
    assert "▲" not in same
    assert not LineWeight.objects.exists()
    assert list(Assessment.objects.order_by("pk").values_list("score", flat=True)) == scores


@pytest.mark.parametrize(
    "typed, words",
    [
        (("11", "1"), "Inscrivez un nombre entier de 0 à 10."),
        (("0", "0"), "il n’y aurait plus de note globale"),
    ],
)
def test_weights_without_a_score_are_refused_at_their_field(
    kept: CaseData, typed: tuple[str, str], words: str
) -> None:
    offer = kept.weighed[0].offer
    names = [f"weight_{line.pk}" for line in offer.grid_lines.order_by("position")]
    answer = client_of(kept.staff).get(address_of(offer), dict(zip(names, typed, strict=True)))
    text = text_of(answer)
    assert words in text
    assert "L’essai n’est pas fait" in text
    assert f'value="{typed[0]}"' in text
    assert "3,667" in text, "the weights that count are shown"


def test_a_ranking_runs_as_many_queries_for_three_files_as_for_one() -> None:
    costs = []
    for size in (1, 3):
        offer = make_open_offer(grid=GRID)
        sitting = make_staff()
        for reviewer in (sitting, make_reviewer()):
            add_committee_member(offer=offer, reviewer=reviewer)
        for _each in range(size):
            mark_lines(make_filed(offer), sitting, 5, 1)
        client = client_of(sitting)
        tried = {f"weight_{line.pk}": "3" for line in offer.grid_lines.all()} | {"weight_none": "1"}
        tried[f"weight_{offer.grid_lines.order_by('position')[0].pk}"] = "9"
        client.get(address_of(offer), tried)
        with CaptureQueriesContext(connection) as captured:
            client.get(address_of(offer), tried)
        costs.append(len(captured))
    assert costs[0] == costs[1]
    assert costs[0] <= 22


def test_a_long_ranking_is_paginated(
    offer: Offer, four: list[Submission], staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The package exports a view with the name of its module.
    monkeypatch.setattr(import_module("intake.review.ranking.views"), "PAGE", 2)
    reviewer = make_reviewer(offer)
    filed = four
    for submission, value in zip(filed, (5, 4, 3, 2), strict=True):
        make_assessment(submission, reviewer, value)
    text = text_of(staff.get(address_of(offer), {"page": "2"}))
    assert "3 à 4 sur 4" in text
    assert str(filed[2].public_id) in text
    assert str(filed[0].public_id) not in text
    assert "1 à 2 sur 4" in text_of(staff.get(address_of(offer), {"page": "rien"}))


def test_unmarked_files_follow_ranked_ones_across_pages(
    offer: Offer, four: list[Submission], staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = import_module("intake.review.ranking.views")
    monkeypatch.setattr(view, "PAGE", 2)
    unmarked = four
    ranked = make_filed(offer)
    make_assessment(ranked, make_reviewer(offer), 1)
    board = ranking_table_of(user=make_staff(), offer=offer)
    assert [place.submission for place in board] == [ranked.pk, *(each.pk for each in unmarked)]
    assert board[-1].submission == unmarked[-1].pk
    second = text_of(staff.get(address_of(offer), {"page": "2"}))
    shown = [str(each.public_id) in second for each in (ranked, *unmarked)]
    assert shown == [False, False, True, True, False]
    assert "3 à 4 sur 5" in second


def test_a_ranking_limits_the_listed_unmarked_files(
    offer: Offer, four: list[Submission], staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.review.ranking.table.MAX_LISTED", 2)
    filed = four
    text = text_of(staff.get(address_of(offer)))
    assert ">plus de 2 en lice<" in text
    assert [str(each.public_id) in text for each in filed] == [True, True, False, False]
