"""The queue: what a line says, what narrows it, and what it costs."""

import re
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from intake.accounts.models import User
from intake.outbox.models import Delivery
from intake.submissions.models import Submission
from intake.submissions.services import move_submission
from intake.submissions.states import Action
from offers.models import Offer
from tests.factories.people import client_of, make_administrator, make_staff, make_user
from tests.factories.review import make_filed, make_reviewer, make_shortlisted, mark
from tests.factories.submissions import make_open_offer

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db

QUEUE = "admin:submissions_submission_changelist"


def page(user: User, **query: str) -> str:
    return client_of(user).get(reverse(QUEUE), query).content.decode()


def number(submission: Submission) -> str:
    assert submission.standing_filing is not None
    return submission.standing_filing.receipt.number


def link(submission: Submission) -> str:
    """Return what a line of the queue leads to; what is searched for stands in the search box, found or not."""
    return reverse("review:file", args=[submission.public_id])


def test_a_line_says_what_is_needed_to_choose_a_file() -> None:
    submission = make_filed(make_open_offer(organisation_short="UNESCO"))
    reviewer = make_reviewer(submission.offer)
    mark(submission, reviewer, 4)
    shown = page(reviewer)
    (line,) = re.findall(r"<tr>.*?</tr>", shown.split("<tbody>")[1], flags=re.DOTALL)
    for words in (
        number(submission),
        "Tremblay-Nguyễn, Alex",
        "UNESCO",
        "Reçue",
        "Admissible",
        "4 — Très bonne",
    ):
        assert words in line, "the filters hold some of these words too"
    assert reverse("review:file", args=[submission.public_id]) in shown
    assert "4,0 (1 note)" in page(make_staff())


@pytest.mark.parametrize("who", ["staff", "reviewer", "administrator"])
def test_the_queue_costs_as_many_queries_for_three_lines_as_for_one(who: str) -> None:
    offer = make_open_offer()
    first = make_filed(offer)
    reviewer = make_reviewer(offer)
    people: dict[str, Callable[[], User]] = {
        "staff": make_staff,
        "reviewer": lambda: reviewer,
        "administrator": make_administrator,
    }
    user = people[who]()
    mark(first, reviewer, 3)
    client = client_of(user)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(QUEUE), {"offre": offer.number or ""}).status_code == 200
        return len(captured)

    queries()  # content types and permissions are read once
    with_one = queries()
    for last_name in ("Deux", "Trois"):
        mark(make_filed(offer, last_name=last_name), reviewer, 2)
    assert queries() == with_one


@pytest.mark.parametrize("who", ["staff", "reviewer"])
def test_the_file_costs_as_many_queries_among_three_as_alone(who: str) -> None:
    offer = make_open_offer()
    first = make_filed(offer)
    reviewer = make_reviewer(offer)
    client = client_of(make_staff() if who == "staff" else reviewer)
    address = reverse("review:file", args=[first.public_id])

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    queries()
    alone = queries()
    for last_name in ("Deux", "Trois"):
        mark(make_filed(offer, last_name=last_name), reviewer, 2)
        mark(first, make_reviewer(offer), 3)
    assert queries() == alone


def test_filters_keep_what_they_say() -> None:
    offer, other = make_open_offer(), make_open_offer()
    received = make_filed(offer, last_name="Reçue")
    doubtful = make_filed(offer, last_name="Douteuse", studies=_dess_finished_late(offer))
    elsewhere = make_filed(other, last_name="Ailleurs")
    move_submission(submission=elsewhere, action=Action.START_REVIEW, actor=make_staff())
    reviewer = make_reviewer(offer, other)
    mark(received, reviewer, 1)
    names = {"Reçue": received, "Douteuse": doubtful, "Ailleurs": elsewhere}

    def kept(**query: str) -> set[str]:
        shown = page(reviewer, **query)
        return {name for name, submission in names.items() if link(submission) in shown}

    assert kept() == set(names)
    assert kept(offre=other.number or "") == {"Ailleurs"}
    assert kept(etat="UNDER_REVIEW") == {"Ailleurs"}
    assert kept(etat="SUBMITTED") == {"Reçue", "Douteuse"}
    assert kept(verdict="NEEDS_REVIEW") == {"Douteuse"}
    assert kept(**{"a-moi": "notees"}) == {"Reçue"}
    assert kept(**{"a-moi": "sans-ma-note"}) == {"Douteuse", "Ailleurs"}
    assert kept(q="douteuse") == {"Douteuse"}
    assert kept(q=number(received)) == {"Reçue"}
    assert kept(q=elsewhere.candidate.email) == {"Ailleurs"}


def _dess_finished_late(offer: Offer) -> list[dict[str, object]]:
    """A graduate diploma already finished: for a person to judge (DOMAIN)."""
    starts_on = offer.starts_on
    return [
        {
            "level": "GRADUATE_DIPLOMA",
            "field_of_study": "Droit",
            "institution": "Université d’essai",
            "state": "COMPLETED",
            "completed_on": starts_on.replace(year=starts_on.year - 1).isoformat(),
            "expected_on": None,
        }
    ]


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
def test_a_name_is_found_accents_case_and_order_aside(typed: str, found: bool) -> None:  # noqa: FBT001 -- a column of the table
    make_filed(make_open_offer(), first_name="Zoé", last_name="Bélanger-L’Écuyer")
    assert ("Bélanger-L’Écuyer, Zoé" in page(make_staff(), q=typed)) is found


def test_a_number_or_an_address_is_found_by_how_it_starts() -> None:
    submission = make_filed(make_open_offer(), candidate=make_user("zoe@exemple.invalid"))
    staff = make_staff()
    for typed in (number(submission), number(submission)[:-3].lower(), "ZOE@exemple", "zoe"):
        assert link(submission) in page(staff, q=typed)
    assert link(submission) not in page(staff, q="exemple.invalid")


def test_a_word_in_somebodys_name_is_a_name_and_the_sign_of_addresses_tells_the_two_apart() -> None:
    offer = make_open_offer()
    named = make_filed(offer, last_name="Gagnon")
    written = make_filed(offer, candidate=make_user("gagnon.z@exemple.invalid"), last_name="Roy")
    staff = make_staff()
    shown = page(staff, q="gagnon")
    assert number(named) in shown
    assert number(written) not in shown
    shown = page(staff, q="gagnon.")
    assert number(written) in shown
    assert number(named) not in shown


def test_the_chosen_offer_is_named_even_without_a_candidature() -> None:
    make_filed(make_open_offer())
    empty = make_open_offer(organisation_short="OIM")
    shown = page(make_staff(), offre=empty.number or "")
    assert f"<strong>{empty}</strong>" in shown
    assert str(empty) not in page(make_reviewer(make_open_offer()), offre=empty.number or "")


@pytest.mark.parametrize("address", ["?offre=%00", "?verdict=%00", "?etat=a%00"])
def test_an_address_that_names_nothing_is_refused_rather_than_asked_of_the_database(address: str) -> None:
    assert client_of(make_staff()).get(reverse(QUEUE) + address).status_code == 400


def test_a_file_opened_with_a_filter_that_names_nothing_shows_without_it() -> None:
    submission = make_filed(make_open_offer())
    address = reverse("review:file", args=[submission.public_id])
    answer = client_of(make_staff()).get(f"{address}?_changelist_filters=offre%3D%2500")
    assert answer.status_code == 200
    assert number(submission) in answer.content.decode()


def test_chosen_rows_that_are_not_numbered_are_refused() -> None:
    submission = make_filed(make_open_offer())
    client, sent = client_of(make_staff()), {"action": "start_review", "index": 0}
    assert client.post(reverse(QUEUE), sent | {"_selected_action": ["abc"]}).status_code == 400
    read = client.post(reverse(QUEUE), sent | {"_selected_action": [submission.pk]})
    assert 'name="plan"' in read.content.decode()


def test_the_desk_says_what_failed_to_leave_to_those_who_see_it() -> None:
    make_filed(offer := make_open_offer())
    assert "en échec" not in client_of(make_staff()).get(reverse("admin:index")).content.decode()
    Delivery.objects.update(state=Delivery.State.DEAD)
    desk = client_of(make_staff()).get(reverse("admin:index")).content.decode()
    assert f"{Delivery.objects.count()} envois en échec" in desk
    assert "en échec" not in client_of(make_reviewer(offer)).get(reverse("admin:index")).content.decode()


def test_an_empty_queue_says_why() -> None:
    assert "Vous ne siégez encore à aucun comité." in page(make_reviewer())
    offer = make_open_offer()
    assert "Aucune candidature déposée pour l’instant." in page(make_reviewer(offer))
    assert "Aucune candidature déposée pour l’instant." in page(make_staff())
    make_filed(offer)
    assert "Aucune candidature ne répond à ces filtres." in page(make_staff(), etat="DECLINED")


def test_nothing_is_added_edited_or_deleted_from_the_queue() -> None:
    submission = make_filed(make_open_offer())
    shown = page(make_administrator())
    assert "delete_selected" not in shown
    assert "/add/" not in shown.split('id="content-main"')[1]
    client = client_of(make_administrator())
    for path in ("add/", f"{submission.pk}/delete/", f"{submission.pk}/history/"):
        address = reverse(QUEUE) + path
        assert [client.get(address).status_code, client.post(address, {"post": "yes"}).status_code] == [
            404,
            404,
        ]
    assert Submission.objects.get() == submission


def test_the_export_box_is_for_those_who_export() -> None:
    offer = make_open_offer()
    make_shortlisted(offer)
    export = reverse("review:export_shortlist", args=[offer.number, "xlsx"])
    assert export in page(make_staff(), offre=offer.number or "")
    assert export not in page(make_reviewer(offer), offre=offer.number or "")


# -- Next and previous -----------------------------------------------------------------------------------------
def test_next_and_previous_keep_the_filter() -> None:
    offer = make_open_offer()
    first, second, third = (make_filed(offer, last_name=name) for name in ("Un", "Deux", "Trois"))
    elsewhere = make_filed(make_open_offer(), last_name="Ailleurs")
    client = client_of(make_staff())
    kept = {"_changelist_filters": f"offre={offer.number}"}

    def neighbours(submission: Submission, query: dict[str, str]) -> tuple[str | None, str | None]:
        place = client.get(reverse("review:file", args=[submission.public_id]), query).context["place"]
        return place.previous_url, place.next_url

    def has(url: str | None, submission: Submission) -> bool:
        return url is not None and str(submission.public_id) in url

    previous, following = neighbours(second, kept)
    assert has(previous, first)
    assert has(following, third)
    assert following is not None
    assert f"_changelist_filters=offre%3D{offer.number}" in following
    assert neighbours(first, kept)[0] is None
    assert neighbours(third, kept)[1] is None
    assert has(neighbours(third, {})[1], elsewhere)


def test_a_name_with_a_space_is_found_by_its_hyphen() -> None:
    make_filed(make_open_offer(), first_name="Jean Pierre", last_name="O Brien")
    for typed in ("Jean-Pierre", "o'brien, jean-pierre"):
        assert "O Brien, Jean Pierre" in page(make_staff(), q=typed)


# -- Counts beside the choices ---------------------------------------------------------------------------------
def choices(user: User, **query: str) -> dict[str, str]:
    """Return the words of every choice of the filters, by the end of its address."""
    answer = client_of(user).get(reverse(QUEUE), {"_facets": "True"} | query)
    shown = answer.context["cl"]
    return {
        f"{spec.parameter_name}={value}": str(choice["display"])
        for spec in shown.filter_specs
        for (value, _label), choice in zip(spec.lookup_choices, list(spec.choices(shown))[1:], strict=True)
    }


def test_each_choice_says_how_many_it_keeps_the_other_filters_applied() -> None:
    offer, other = make_open_offer(), make_open_offer()
    first = make_filed(offer, last_name="Un")
    make_filed(offer, last_name="Deux")
    make_filed(other, last_name="Ailleurs")
    move_submission(submission=first, action=Action.START_REVIEW, actor=make_staff())
    found = choices(make_staff())
    assert found["etat=SUBMITTED"] == "Reçue (2)"
    assert found["etat=UNDER_REVIEW"] == "À l’étude (1)"
    assert found["etat=DECLINED"] == "Non retenue (0)"
    assert found[f"offre={offer.number}"].endswith("(2)")
    narrowed = choices(make_staff(), etat="UNDER_REVIEW", q="un")
    assert narrowed["etat=SUBMITTED"] == "Reçue (0)"
    assert narrowed[f"offre={other.number}"].endswith("(0)")
    assert narrowed["verdict=ELIGIBLE"] == "Admissible (1)"
    assert choices(make_reviewer(other))["etat=SUBMITTED"] == "Reçue (1)"


def test_a_count_stops_where_nobody_asks_how_many_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intake.review.facets.MANY", 1)
    offer = make_open_offer()
    for last_name in ("Un", "Deux", "Trois"):
        make_filed(offer, last_name=last_name)
    found = choices(make_reviewer(offer))
    assert found["etat=SUBMITTED"] == "Reçue (1+)"
    assert found["etape=deposees"] == "Déposées (1+)"
    assert found["a-moi=a-noter"] == "À noter par moi (1+)"


def test_the_counts_cost_as_many_queries_for_three_offers_as_for_one() -> None:
    client = client_of(make_staff())

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse(QUEUE), {"_facets": "True"})
        return len(captured)

    make_filed(make_open_offer())
    queries()
    with_one = queries()
    make_filed(make_open_offer())
    make_filed(make_open_offer())
    assert queries() == with_one


def test_what_a_search_finds_is_looked_for_once_in_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    offer = make_open_offer()
    found, other = make_filed(offer, first_name="Désirée"), make_filed(offer, first_name="Paul")
    staff, looked = make_staff(), []
    for few in (200, 0):
        monkeypatch.setattr("intake.review.admin.queue.FEW", few)
        with CaptureQueriesContext(connection) as asked:
            shown = page(staff, q="desiree", _facets="True")
        assert number(found) in shown
        assert number(other) not in shown
        asks = [each["sql"] for each in asked.captured_queries if "desiree" in each["sql"]]
        # Whether it is a name, at any size.
        assert sum(each.startswith('SELECT 1 AS "a"') for each in asks) == 1
        looked.append(len(asks))
    few_found, many_found = looked
    assert few_found == 2  # that, then whose
    assert many_found > few_found  # each condition of the page on its own
