"""A batch of refusals: nobody is ticked in advance, the likeliest come first, and an early or unread one says why."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from intake.accounts.models import User
from intake.journal.models import Entry
from intake.review.decisions.errors import DeclineReasonMissingError
from intake.review.models import DecisionBatch
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Submission
from intake.submissions.states import Action
from offers.models import Offer
from tests.factories.complements import close_after_filings
from tests.factories.decisions import make_batch
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_assessment, make_filed, make_reviewer, make_shortlisted
from tests.factories.submissions import make_open_offer
from tests.submissions.pages import text_of

pytestmark = pytest.mark.django_db

PREPARE = reverse("review:prepare_decisions")
QUEUE = reverse("admin:submissions_submission_changelist")
HEADING = "d’abord celles qui ne sont pas présélectionnées, puis les moins bien notées"
WHY = (
    "Inscrivez le motif, pour l’équipe : l’offre est encore ouverte, ou une de ces personnes n’a aucune note."
)


@pytest.fixture
def offer() -> Offer:
    return make_open_offer()


@pytest.fixture
def staff() -> User:
    return make_staff()


@pytest.fixture
def files(offer: Offer) -> list[Submission]:
    """Three shortlisted with marks 5, 3 and 1, one shortlisted without a mark, and one that is not shortlisted."""
    reviewer = make_reviewer(offer)
    rows = [make_shortlisted(offer) for _one in range(4)]
    studied = make_filed(offer)
    move_submission(submission=studied, action=Action.START_REVIEW, actor=make_staff())
    studied.refresh_from_db()
    rows.append(studied)
    for row, mark in zip(rows, (5, 3, 1, None, 4), strict=True):
        if mark is not None:
            make_assessment(row, reviewer, mark)
    return rows


def listed(answer: Any) -> list[int]:
    return [line["submission"].pk for line in answer.context["lines"]]


def ticked(answer: Any) -> list[int]:
    return [line["submission"].pk for line in answer.context["lines"] if line["box"].value()]


def chosen_in_the_queue(client: Client, *rows: Submission, action: str) -> Any:
    """Choose files in the queue, then the decision, as the buttons do."""
    sent = {"action": "prepare_decisions", "index": 0, "_selected_action": [row.pk for row in rows]}
    choice = client.post(QUEUE, sent)
    refusals = {each["move"].action.value for each in choice.context["refusals"]}
    given = choice.context["refused" if action in refusals else "selected"]
    ids = [row.public_id for row in given]
    return client.post(PREPARE, {"offre": rows[0].offer.number, "candidatures": ids, "action": action})


@pytest.mark.parametrize(
    "action, picked",
    [
        ("DECLINE", []),
        pytest.param("FIND_INADMISSIBLE", [], marks=pytest.mark.full),
        ("INVITE", [0, 1, 2]),
    ],
)
def test_no_file_is_ticked_in_advance_for_a_refusal(
    files: list[Submission], staff: User, action: str, picked: list[int]
) -> None:
    answer = chosen_in_the_queue(client_of(staff), *files, action=action)
    assert ticked(answer)[:3] == [files[index].pk for index in picked]


def test_a_refusal_lists_who_is_not_shortlisted_then_the_worst_marked(
    files: list[Submission], staff: User
) -> None:
    client = client_of(staff)
    wanted = [files[index].pk for index in (4, 2, 1, 0, 3)]
    answer = client.get(PREPARE, {"offre": files[0].offer.number or "", "action": "DECLINE"})
    assert listed(answer) == wanted
    assert HEADING in text_of(answer.content)
    answer = chosen_in_the_queue(client, *files[:3], action="DECLINE")
    assert listed(answer) == [files[index].pk for index in (2, 1, 0)], "those that were chosen, alone"


def test_a_filter_that_is_too_large_for_a_batch_of_refusals_keeps_the_worst_marked(
    files: list[Submission], staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.review.decisions.views.prepare.BATCH_MAX", 2)
    answer = chosen_in_the_queue(client_of(staff), *files, action="DECLINE")
    assert (listed(answer), ticked(answer)) == ([files[4].pk, files[2].pk], [])
    answer = chosen_in_the_queue(client_of(staff), *files, action="INVITE")
    assert ticked(answer) == [files[0].pk]


def test_one_button_ticks_or_unticks_all_and_keeps_what_was_typed(
    files: list[Submission], staff: User
) -> None:
    client = client_of(staff)
    sent = {
        "offre": files[0].offer.number,
        "action": "DECLINE",
        "candidatures": [row.public_id for row in files[:3]],
        "title": "Un titre",
        "word": "Un mot.",
        "reason": "Peu de places.",
        "version": 0,
        f"mot-{files[0].pk}": "À elle.",
        f"vu-{files[0].pk}": 7,
    }
    answer = client.post(PREPARE, sent | {"cocher": "tout"})
    assert answer.status_code == 200
    assert sorted(ticked(answer)) == sorted(row.pk for row in files[:3])
    shown = answer.content.decode()
    for typed in ("Un titre", "Un mot.", "Peu de places.", "À elle."):
        assert typed in shown
    assert answer.context["form"][f"vu-{files[0].pk}"].value() == "7", "the version that was read"
    answer = client.post(PREPARE, sent | {"cocher": "rien"} | {f"choix-{row.pk}": "on" for row in files[:3]})
    assert ticked(answer) == []
    assert not DecisionBatch.objects.exists()


def decline(client: Client, *rows: Submission, **given: str) -> Any:
    sent: dict[str, Any] = {
        "offre": rows[0].offer.number,
        "action": "DECLINE",
        "title": "Un titre",
        "version": 0,
    }
    for row in rows:
        sent |= {f"choix-{row.pk}": "on", f"vu-{row.pk}": row.version}
    return client.post(PREPARE, sent | given)


@pytest.mark.parametrize(
    "is_open, which, asked",
    [(True, 0, True), (False, 3, True), (False, 0, False)],
    ids=["while the offer is open", "without a mark", "marked and closed"],
)
def test_an_early_or_unread_decline_asks_why(
    files: list[Submission], staff: User, is_open: object, which: int, asked: object
) -> None:
    if not is_open:
        close_after_filings(files[0].offer)
    client, row = client_of(staff), files[which]
    answer = decline(client, row)
    assert (answer.status_code, WHY in text_of(answer.content)) == ((422, True) if asked else (302, False))
    if not asked:
        return
    assert decline(client, row, reason="  ").status_code == 422
    decline(client, row, reason="Une seule place.")
    batch = DecisionBatch.objects.get()
    assert batch.reason == "Une seule place."
    assert "Une seule place." in Entry.objects.get(action="DECISIONS_PREPARED").detail
    shown = text_of(client_of(make_staff()).get(reverse("review:decision_batch", args=[batch.pk])).content)
    assert "Une seule place." in shown, "the second person reads it"


def test_a_batch_that_is_changed_asks_why_again(files: list[Submission], staff: User) -> None:
    close_after_filings(files[0].offer)
    batch = make_batch(files[0], preparer=staff, reason="")
    client = client_of(staff)
    address = reverse("review:change_decisions", args=[batch.pk])
    sent = {"title": "T", "version": 0, f"choix-{files[3].pk}": "on", f"vu-{files[3].pk}": files[3].version}
    assert WHY in text_of(client.post(address, sent).content)
    client.post(address, sent | {"reason": "Une seule place."})
    batch.refresh_from_db()
    assert batch.reason == "Une seule place."


def test_a_selection_asks_for_no_reason(files: list[Submission]) -> None:
    assert make_batch(files[0], action=Action.SELECT, reason="").reason == ""
    with pytest.raises(DeclineReasonMissingError):
        make_batch(files[1], action=Action.DECLINE, reason="")
