"""Search in the queue: names without regard to accents; numbers and addresses by prefix."""

from typing import NamedTuple

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from intake.accounts.models import User
from intake.submissions.models import Submission
from tests.factories.people import client_of, make_staff, make_user
from tests.factories.review import make_filed
from tests.factories.submissions import make_open_offer
from tests.review.reading import file_address, number_of

pytestmark = pytest.mark.django_db

QUEUE = "admin:submissions_submission_changelist"


class CaseData(NamedTuple):
    """Readers of the queue, and the files to find; the tests only read."""

    staff: User
    zoe: Submission
    named: Submission
    written: Submission
    spaced: Submission
    desiree: Submission


@pytest.fixture(scope="module")
def kept(module_db: None) -> CaseData:
    offer = make_open_offer()
    return CaseData(
        staff=make_staff(),
        zoe=make_filed(
            offer,
            candidate=make_user("zoe@exemple.invalid"),
            first_name="Zoé",
            last_name="Bélanger-L’Écuyer",
        ),
        named=make_filed(offer, last_name="Gagnon"),
        written=make_filed(offer, candidate=make_user("gagnon.z@exemple.invalid"), last_name="Roy"),
        spaced=make_filed(offer, first_name="Jean Pierre", last_name="O Brien"),
        desiree=make_filed(offer, first_name="Désirée"),
    )


def page(user: User, **query: str) -> str:
    return client_of(user).get(reverse(QUEUE), query).content.decode()


@pytest.mark.parametrize(
    "typed, found",
    [
        ("belanger", True),
        ("BÉLANGER-L'Écuyer, zoe", True),
        ("Zoé Bélanger", True),
        ("  Zoé ,  bélanger ", True),
        ("belanger l'ecuyer", True),
        ("Bélanger L Écuyer", True),
        ("bé", True),
        ("l", True),
        ("ÉC", True),
        ("zo bel", True),
        ("él", False),
        ("oé", False),
        ("Bélanger‑L’Écuyer", True),
        ("Ecuyer-Belanger", True),
        (",", True),
        ("-", True),
        ("'", True),
        ("zoe tremblay", False),
        ("100%", False),
        ("_", False),
        ('"', False),
        ("x" * 3000, False),
    ],
)
def test_a_name_is_found_in_any_accents_case_and_order(kept: CaseData, typed: str, found: bool) -> None:  # noqa: FBT001 -- a column of the table
    assert ("Bélanger-L’Écuyer, Zoé" in page(kept.staff, q=typed)) is found


def test_a_number_or_an_address_is_found_by_its_start(kept: CaseData) -> None:
    submission, staff = kept.zoe, kept.staff
    for typed in (number_of(submission), number_of(submission)[:-3].lower(), "ZOE@exemple", "zoe"):
        assert file_address(submission) in page(staff, q=typed)
    assert file_address(submission) not in page(staff, q="exemple.invalid")


def test_a_term_of_a_known_name_searches_names_unless_it_has_a_dot(
    kept: CaseData,
) -> None:
    named, written, staff = kept.named, kept.written, kept.staff
    shown = page(staff, q="gagnon")
    assert number_of(named) in shown
    assert number_of(written) not in shown
    shown = page(staff, q="gagnon.")
    assert number_of(written) in shown
    assert number_of(named) not in shown


def test_a_name_with_a_space_is_found_by_its_hyphen(kept: CaseData) -> None:
    for typed in ("Jean-Pierre", "o'brien, jean-pierre"):
        assert "O Brien, Jean Pierre" in page(kept.staff, q=typed)


def test_a_search_of_few_results_runs_once_per_page(kept: CaseData, monkeypatch: pytest.MonkeyPatch) -> None:
    found, other, staff = kept.desiree, kept.spaced, kept.staff
    looked = []
    for few in (200, 0):
        monkeypatch.setattr("intake.review.queue.admin.FEW", few)
        with CaptureQueriesContext(connection) as asked:
            shown = page(staff, q="desiree", _facets="True")
        assert number_of(found) in shown
        assert number_of(other) not in shown
        asks = [each["sql"] for each in asked.captured_queries if "desiree" in each["sql"]]
        # One query decides whether the text is a name, on both sides of `FEW`.
        assert sum(each.startswith('SELECT 1 AS "a"') for each in asks) == 1
        looked.append(len(asks))
    few_found, many_found = looked
    assert few_found == 2  # that query, and the one for the people
    assert many_found > few_found  # each condition of the page separately
