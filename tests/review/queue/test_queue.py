"""The queue: content of a line, filters, and number of queries."""

import re
from typing import NamedTuple

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from intake.accounts.models import User
from intake.outbox.models import Delivery
from intake.review.pages import labels
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Submission
from intake.submissions.states import Action
from offers.models import Offer
from tests.factories.people import client_of, make_administrator, make_staff
from tests.factories.review import (
    make_assessment,
    make_filed,
    make_filed_for_review,
    make_reviewer,
    make_shortlisted,
)
from tests.factories.submissions import make_open_offer
from tests.review.reading import file_address, number_of

pytestmark = pytest.mark.django_db

QUEUE = "admin:submissions_submission_changelist"


class CaseData(NamedTuple):
    """The only file of one offer, three of another with marks, and their readers."""

    alone: Submission
    three: list[Submission]
    reviewer: User
    people: dict[str, User]


@pytest.fixture(scope="module")
def made(module_db: None) -> CaseData:
    one, other = make_open_offer(organisation_short="UNESCO"), make_open_offer()
    alone, reviewer = make_filed(one), make_reviewer(one, other)
    three = [
        make_filed(other, last_name="Un"),
        make_filed(other, last_name="Deux", studies=_dess_finished_late(other)),
        make_filed(other, last_name="Trois"),
    ]
    for submission, value in zip((alone, *three), (4, 3, 2, 2), strict=True):
        make_assessment(submission, reviewer, value)
    people = {"staff": make_staff(), "reviewer": reviewer, "administrator": make_administrator()}
    return CaseData(alone, three, reviewer, people)


def page(user: User, **query: str) -> str:
    return client_of(user).get(reverse(QUEUE), query).content.decode()


def test_a_line_has_the_facts_needed_to_choose_a_file(kept: CaseData) -> None:
    submission = kept.alone
    shown = page(kept.reviewer)
    lines = re.findall(r"<tr>.*?</tr>", shown.split("<tbody>")[1], flags=re.DOTALL)
    (line,) = (each for each in lines if number_of(submission) in each)
    for words in (
        number_of(submission),
        "Tremblay-Nguyễn, Alex",
        "UNESCO",
        "Reçue",
        "Admissible",
        "4 — Très bonne",
    ):
        assert words in line, "the filters hold some of these words too"
    assert reverse("review:file", args=[submission.public_id]) in shown
    assert "4,0 (1\u00a0note)" in page(kept.people["staff"])


@pytest.mark.parametrize("who", ["staff", "reviewer"])
def test_the_file_page_runs_as_many_queries_among_three_as_alone(kept: CaseData, who: str) -> None:
    client = client_of(kept.people[who])

    def queries(submission: Submission) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(file_address(submission)).status_code == 200
        return len(captured)

    queries(kept.alone)
    for _time in range(2):
        make_assessment(kept.three[0], make_reviewer(kept.three[0].offer), 3)
    assert queries(kept.three[0]) == queries(kept.alone)


def test_each_filter_keeps_its_files(kept: CaseData) -> None:
    elsewhere, (received, doubtful, _third) = kept.alone, kept.three
    move_submission(submission=elsewhere, action=Action.START_REVIEW, actor=make_staff())
    reviewer = make_reviewer(received.offer, elsewhere.offer)
    make_assessment(received, reviewer, 1)
    names = {"Reçue": received, "Douteuse": doubtful, "Ailleurs": elsewhere}
    client = client_of(reviewer)

    def found(**query: str) -> set[str]:
        shown = client.get(reverse(QUEUE), query).content.decode()
        return {name for name, submission in names.items() if file_address(submission) in shown}

    assert found() == set(names)
    assert found(offre=elsewhere.offer.number or "") == {"Ailleurs"}
    assert found(etat="UNDER_REVIEW") == {"Ailleurs"}
    assert found(etat="SUBMITTED") == {"Reçue", "Douteuse"}
    assert found(verdict="NEEDS_REVIEW") == {"Douteuse"}
    assert found(**{"a-moi": "notees"}) == {"Reçue"}
    assert found(**{"a-moi": "sans-ma-note"}) == {"Douteuse", "Ailleurs"}
    assert found(q="deux") == {"Douteuse"}
    assert found(q=number_of(received)) == {"Reçue"}
    assert found(q=elsewhere.candidate.email) == {"Ailleurs"}


def _dess_finished_late(offer: Offer) -> list[dict[str, object]]:
    """A graduate diploma already completed: for a person to decide (`docs/rules.md#studies`)."""
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


def test_the_chosen_offer_is_named_even_without_a_submission(kept: CaseData) -> None:
    empty = make_open_offer(organisation_short="OIM")
    shown = page(kept.people["staff"], offre=empty.number or "")
    assert f"<strong>{empty}</strong>" in shown
    assert str(empty) not in page(kept.reviewer, offre=empty.number or "")


def test_a_file_opens_without_its_invalid_filter(kept: CaseData) -> None:
    submission = kept.alone
    answer = client_of(kept.people["staff"]).get(
        f"{file_address(submission)}?_changelist_filters=offre%3D%2500"
    )
    assert answer.status_code == 200
    assert number_of(submission) in answer.content.decode()


def test_selected_rows_without_a_number_are_refused(kept: CaseData) -> None:
    submission = kept.alone
    client, sent = client_of(kept.people["staff"]), {"action": "start_review", "index": 0}
    assert client.post(reverse(QUEUE), sent | {"_selected_action": ["abc"]}).status_code == 400
    read = client.post(reverse(QUEUE), sent | {"_selected_action": [submission.pk]})
    assert 'name="plan"' in read.content.decode()


def test_the_dashboard_displays_failed_deliveries_by_permission(kept: CaseData) -> None:
    client = client_of(kept.people["staff"])
    assert "en échec" not in client.get(reverse("admin:index")).content.decode()
    Delivery.objects.update(state=Delivery.State.DEAD)
    desk = client.get(reverse("admin:index")).content.decode()
    assert f"{Delivery.objects.count()}\u00a0envois en échec" in desk
    assert "en échec" not in client_of(kept.reviewer).get(reverse("admin:index")).content.decode()


def test_submissions_cannot_be_added_edited_or_deleted_in_the_queue(kept: CaseData) -> None:
    submission, before = kept.alone, Submission.objects.count()
    client = client_of(kept.people["administrator"])
    shown = client.get(reverse(QUEUE)).content.decode()
    assert "delete_selected" not in shown
    assert "/add/" not in shown.split('id="content-main"')[1]
    for path in ("add/", f"{submission.pk}/delete/", f"{submission.pk}/history/"):
        address = reverse(QUEUE) + path
        assert [client.get(address).status_code, client.post(address, {"post": "yes"}).status_code] == [
            404,
            404,
        ]
    assert Submission.objects.count() == before


def test_the_export_box_is_displayed_only_to_users_who_may_export() -> None:
    offer = make_open_offer()
    make_shortlisted(offer)
    export = reverse("review:export_shortlist", args=[offer.number, "xlsx"])
    assert export in page(make_staff(), offre=offer.number or "")
    assert export not in page(make_reviewer(offer), offre=offer.number or "")


# -- Next and previous -----------------------------------------------------------------------------------------
def test_the_links_to_next_and_previous_keep_the_filter(kept: CaseData) -> None:
    first, second, third = kept.three
    offer, elsewhere = first.offer, make_filed(make_open_offer(), last_name="Ailleurs")
    client = client_of(kept.people["staff"])
    filtered = {"_changelist_filters": f"offre={offer.number}"}

    def neighbours(submission: Submission, query: dict[str, str]) -> tuple[str | None, str | None]:
        place = client.get(reverse("review:file", args=[submission.public_id]), query).context["place"]
        return place.previous_url, place.next_url

    def has(url: str | None, submission: Submission) -> bool:
        return url is not None and str(submission.public_id) in url

    previous, following = neighbours(second, filtered)
    assert has(previous, first)
    assert has(following, third)
    assert following is not None
    assert f"_changelist_filters=offre%3D{offer.number}" in following
    assert neighbours(first, filtered)[0] is None
    assert neighbours(third, filtered)[1] is None
    assert has(neighbours(third, {})[1], elsewhere)


@pytest.mark.parametrize("review", [False, True])
def test_each_act_on_a_file_comes_back_to_the_queue_that_was_being_read(
    kept: CaseData, *, review: bool
) -> None:
    offer = kept.three[0].offer
    submission = make_filed_for_review(offer) if review else make_shortlisted(offer)
    page = reverse("review:file", args=[submission.public_id])
    shown = (
        client_of(kept.people["staff"]).get(f"{page}?_changelist_filters=etat%3DSUBMITTED").content.decode()
    )
    ways = re.findall(r'(?:href|action)="(' + re.escape(page) + r'[^"#]*)', shown)
    acts = {way for way in ways if ".pdf" not in way}
    assert {way for way in acts if not way.endswith("?_changelist_filters=etat%3DSUBMITTED")} == set()
    assert {page + name for name in ("main/", "conflit/")} <= {way.partition("?")[0] for way in acts}


# -- Counts beside the choices ---------------------------------------------------------------------------------
def choices(user: User, **query: str) -> dict[str, str]:
    """Return the label of every filter choice, by the end of its address."""
    answer = client_of(user).get(reverse(QUEUE), {"_facets": "True"} | query)
    shown = answer.context["cl"]
    return {
        f"{spec.parameter_name}={value}": str(choice["display"])
        for spec in shown.filter_specs
        for (value, _label), choice in zip(spec.lookup_choices, list(spec.choices(shown))[1:], strict=True)
    }


def test_each_choice_has_its_count_under_the_other_filters(kept: CaseData) -> None:
    (first, *_others), other, staff = kept.three, kept.alone.offer, kept.people["staff"]
    move_submission(submission=first, action=Action.START_REVIEW, actor=make_staff())
    found = choices(staff)
    assert found["etat=SUBMITTED"] == "Reçue (3)"
    assert found["etat=UNDER_REVIEW"] == "À l’étude (1)"
    assert found["etat=DECLINED"] == "Non retenue (0)"
    assert found[f"offre={first.offer.number}"].endswith("(3)")
    narrowed = choices(staff, etat="UNDER_REVIEW", q="un")
    assert narrowed["etat=SUBMITTED"] == "Reçue (0)"
    assert narrowed[f"offre={other.number}"].endswith("(0)")
    assert narrowed["verdict=ELIGIBLE"] == "Admissible (1)"
    assert choices(make_reviewer(other))["etat=SUBMITTED"] == "Reçue (1)"


def test_a_count_beyond_the_maximum_is_labelled_as_more(
    kept: CaseData, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("queue.filters", "pages.labels"):
        monkeypatch.setattr(f"intake.review.{module}.COUNT_MAX", 1)
    found = choices(make_reviewer(kept.three[0].offer))
    assert found["etat=SUBMITTED"] == "Reçue (plus de 1)"
    assert found["etape=deposees"] == "Déposées (plus de 1)"
    assert found["a-moi=a-noter"] == "À noter par moi (plus de 1)"
    move_submission(submission=kept.alone, action=Action.START_REVIEW, actor=make_staff())
    assert choices(kept.people["staff"])["etat=UNDER_REVIEW"] == "À l’étude (1)"
    assert (labels.capped_count_text(1), labels.capped_count_text(2)) == ("1", "plus de 1")


def test_the_counts_run_as_many_queries_for_four_offers_as_for_two(kept: CaseData) -> None:
    client = client_of(kept.people["staff"])

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse(QUEUE), {"_facets": "True"})
        return len(captured)

    queries()
    with_two = queries()
    for _time in range(2):
        make_filed(make_open_offer())
    assert queries() == with_two
