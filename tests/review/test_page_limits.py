"""Maximum rows of the pages of `review`, and the message if there are more."""

from copy import deepcopy
from typing import Any

import pytest
from django.urls import reverse

from intake.accounts.models import User
from intake.review.committees.operations import add_committee_member
from intake.submissions.models import Submission
from intake.submissions.states import Action
from offers.models import Offer
from tests.factories.decisions import make_batch
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_assessment, make_reviewer, make_shortlisted
from tests.factories.submissions import make_open_offer
from tests.review.page_responses import page, url, view_context

pytestmark = pytest.mark.django_db

QUEUE = reverse("admin:submissions_submission_changelist")


@pytest.fixture(scope="module")
def made(module_db: None) -> list[Submission]:
    offer = make_open_offer()
    return [make_shortlisted(offer) for _time in range(3)]


@pytest.fixture
def rows(made: list[Submission]) -> list[Submission]:
    """Three shortlisted submissions of `offer`."""
    return deepcopy(made)


@pytest.fixture
def offer(rows: list[Submission]) -> Offer:
    return rows[0].offer


@pytest.fixture
def staff() -> User:
    return make_staff()


def test_each_page_has_its_maximum_length() -> None:
    bounds = {
        ("application_page.views", "JOURNAL_LINES"): 50,
        ("decisions.views.batches", "_PER_PAGE"): 50,
        ("decisions.views.batches", "_NOTICES"): 20,
        ("ranking.views", "PAGE"): 50,
        ("shortlist_page.views", "PAGE"): 100,
        ("assignment.views.assignments", "PER_PAGE"): 25,
        ("assignment.views.assignments", "MAX_BOXES"): 450,
        ("assignment.views.assignments", "REFUSALS_SAID"): 5,
        ("assignment.views.evenly", "SHORT_SHOWN"): 50,
        ("assignment.views.assignments", "PROBLEMS_SHOWN"): 20,
        ("decisions.views.prepare", "BATCH_MAX"): 200,
    }
    assert {where: getattr(page(where[0]), where[1]) for where in bounds} == bounds


def test_the_preparation_page_lists_at_most_a_batch_chosen_files_first(
    offer: Offer, rows: list[Submission], staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(staff)

    def listed(address: str, **query: Any) -> tuple[list[Submission], bool, int]:
        seen = view_context(client.get(address, query))
        return [line["submission"] for line in seen["lines"]], seen["is_full"], seen["most"]

    asked: dict[str, Any] = {"offre": offer.number or "", "action": "DECLINE"}
    assert listed(url("prepare_decisions"), **asked) == (rows, False, 200)
    for most, found in ((3, rows), (2, rows[:2])):
        monkeypatch.setattr(page("decisions.views.prepare"), "BATCH_MAX", most)
        assert listed(url("prepare_decisions"), **asked) == (found, True, most)
    chosen = asked | {"candidatures": str(rows[2].public_id)}
    assert listed(url("prepare_decisions"), **chosen) == ([rows[2]], False, 2), (
        "a refusal, of those chosen alone"
    )
    chosen["action"] = "INVITE"
    assert listed(url("prepare_decisions"), **chosen) == ([rows[2], rows[0]], True, 2)
    batch = make_batch(rows[1], preparer=staff)
    assert listed(url("change_decisions", batch.pk)) == ([rows[1], rows[0]], True, 2)


@pytest.mark.parametrize(
    "sits, words",
    [
        (
            False,
            "Un lot compte au plus 2 candidatures : les mieux notées sont choisies ici, sauf pour un refus.",
        ),
        (
            True,
            (
                "Un lot compte au plus 2 candidatures. Les premières sont choisies ici, sauf pour un refus : d’abord "
                "vos candidatures notées, puis les autres par numéro de dépôt."
            ),
        ),
    ],
)
def test_too_many_chosen_files_are_reduced_to_the_first_with_a_message(
    offer: Offer,
    rows: list[Submission],
    staff: User,
    monkeypatch: pytest.MonkeyPatch,
    sits: object,
    words: str,
) -> None:
    monkeypatch.setattr(page("decisions.views.prepare"), "BATCH_MAX", 2)
    reviewer = make_reviewer(offer)
    for row, value in zip(rows, (1, 2, 5), strict=True):
        make_assessment(row, reviewer, value)
    if sits:
        add_committee_member(offer=offer, reviewer=staff)
        make_assessment(rows[1], staff, 3)
    client = client_of(staff)

    def ask(*chosen: Submission) -> Any:
        sent = {"action": "prepare_decisions", "index": 0, "_selected_action": [row.pk for row in chosen]}
        return client.post(QUEUE, sent)

    answer = ask(*rows)
    assert view_context(answer)["selected"] == ([rows[1], rows[0]] if sits else [rows[2], rows[1]])
    said = [
        (message.level_tag, str(message).replace("\u00a0", " ")) for message in answer.context["messages"]
    ]
    assert said == [("warning", words)]
    few = ask(*rows[:2])
    assert list(few.context["messages"]) == []
    seen = view_context(few)
    counts = {choice["move"].action: choice["count"] for choice in seen["choices"] + seen["refusals"]}
    assert (counts[Action.INVITE], counts[Action.TAKE_BACK]) == (2, 0)
