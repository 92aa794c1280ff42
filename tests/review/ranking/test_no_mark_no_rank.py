"""A submission without marks has no rank: in a current list, in a frozen one, and in every export."""

import csv
import io
import re

import pypdfium2
import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from intake.dossiers import render
from intake.review.exports.operations import export_shortlist
from intake.review.models import Shortlist
from intake.review.shortlists.operations import freeze_shortlist
from intake.submissions.models import Submission
from offers.models import Offer
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_assessment, make_filed, make_reviewer, make_shortlisted
from tests.factories.submissions import make_open_offer

pytestmark = pytest.mark.django_db

EXPECTED = [("1", "Meilleure"), ("2", "Moindre"), ("", "Absente"), ("", "Zélée")]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A longer time limit: on a busy machine a page takes longer than in service."""
    monkeypatch.setattr(render, "WALL_SECONDS", 300)


@pytest.fixture(scope="module")
def offer(module_db: None) -> Offer:
    """An offer with four shortlisted candidates, two with marks; the others come last, by receipt number."""
    offer = make_open_offer()
    reviewer = make_reviewer(offer)
    absent = make_shortlisted(offer, last_name="Absente")
    low = make_shortlisted(offer, last_name="Moindre")
    make_shortlisted(offer, last_name="Zélée")
    best = make_shortlisted(offer, last_name="Meilleure")
    make_assessment(absent, reviewer, None)  # a draft does not count
    make_assessment(low, reviewer, 2)
    make_assessment(best, reviewer, 4)
    return offer


def freeze(offer: Offer) -> Shortlist:
    return freeze_shortlist(offer=offer, actor=make_staff(), reason="Pour l’hôte", at=timezone.now())


def exported(offer: Offer, file_format: str, *, frozen: bool) -> io.BytesIO:
    to = io.BytesIO()
    export_shortlist(
        offer=offer,
        file_format=file_format,
        to=to,
        actor=None,
        reason="Envoi",
        shortlist=freeze(offer) if frozen else None,
    )
    to.seek(0)
    return to


def listed(content: bytes) -> list[tuple[str, str]]:
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return [(row["Rang"], row["Nom"]) for row in rows]


@pytest.mark.parametrize("frozen", [False, True], ids=["as it stands", "frozen"])
def test_the_csv_ranks_only_marked_files(offer: Offer, *, frozen: bool) -> None:
    assert listed(exported(offer, "csv", frozen=frozen).read()) == EXPECTED


@pytest.mark.parametrize("frozen", [False, True], ids=["as it stands", "frozen"])
def test_the_workbook_ranks_only_marked_files(offer: Offer, *, frozen: bool) -> None:
    sheet = load_workbook(exported(offer, "xlsx", frozen=frozen)).active
    rows = sheet.iter_rows(min_row=2, values_only=True)
    assert [(row[0], row[3]) for row in rows] == [
        (1, "Meilleure"),
        (2, "Moindre"),
        (None, "Absente"),
        (None, "Zélée"),
    ]


@pytest.mark.parametrize("frozen", [False, True], ids=["as it stands", "frozen"])
def test_the_pdf_ranks_only_marked_files(offer: Offer, *, frozen: bool) -> None:
    with pypdfium2.PdfDocument(exported(offer, "pdf", frozen=frozen)) as document:
        text = "\n".join(page.get_textpage().get_text_range() for page in document)
    starts = re.findall(r"(?m)^(\d+|—) T-\d+-\d{6}-\w ", text)
    assert starts == ["1", "2", "—", "—"]


def cells(html: str) -> list[tuple[str, str]]:
    """Return the rank and the name of each row of a list's page."""
    rows = re.findall(
        r"<tr>\s*<td>(?:<span.*?</span> )?(.*?)</td>.*?<th scope=\"row\">(.*?), Alex</th>",
        html,
        flags=re.DOTALL,
    )
    return [(rank.strip(), name.strip()) for rank, name in rows]


ON_PAGE = [("1", "Meilleure"), ("2", "Moindre"), ("—", "Absente"), ("—", "Zélée")]


def test_the_page_to_freeze_ranks_only_marked_files(offer: Offer) -> None:
    answer = client_of(make_staff()).get(reverse("review:freeze_shortlist", args=[offer.number]))
    text = answer.content.decode()
    assert cells(text) == ON_PAGE
    assert text.count("sans note") == 2, "the mean's cell says why there is no rank"


def test_the_page_of_a_frozen_list_ignores_later_marks(
    offer: Offer,
) -> None:
    frozen = freeze(offer)
    late = Submission.objects.get(offer=offer, filed_name__startswith="Zélée")
    make_assessment(late, make_reviewer(offer), 5)
    answer = client_of(make_staff()).get(reverse("review:shortlist", args=[offer.number, frozen.number]))
    assert cells(answer.content.decode()) == ON_PAGE


def test_the_ranking_page_ranks_only_marked_files(offer: Offer) -> None:
    make_filed(offer, last_name="Neuve")
    answer = client_of(make_staff()).get(reverse("review:ranking", args=[offer.number]))
    assert [(row["rank"], row["name"].split(",")[0]) for row in answer.context["rows"]] == [
        *ON_PAGE,
        ("—", "Neuve"),
    ]
