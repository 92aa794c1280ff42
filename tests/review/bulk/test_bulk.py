"""Bulk runs: the dry run, the effect on each file, the permissions, and that nothing is done twice."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from intake.dossiers.services import read_seal
from intake.outbox.models import Delivery
from intake.review.access.errors import ReasonMissingError, RunTooLargeError
from intake.review.bulk import operations
from intake.review.models import BulkItem, BulkRun
from intake.review.moves.operations import move_as_reviewer
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Ruling, Submission, Transition
from intake.submissions.rulings.queries import refused_positions
from intake.submissions.states import Action, State
from offers.models import Offer
from tests.database_roles import as_owner
from tests.factories.bulk import run_all, run_bulk_action, start_run
from tests.factories.decisions import decide, make_batch
from tests.factories.people import client_of, make_staff
from tests.factories.review import (
    make_conflict,
    make_filed,
    make_filed_for_review,
    make_reviewer,
    make_ruling,
)
from tests.factories.submissions import make_open_offer

if TYPE_CHECKING:
    from uuid import UUID

pytestmark = pytest.mark.django_db

QUEUE = reverse("admin:submissions_submission_changelist")
START = "/admin/candidatures/actions/"


@pytest.fixture(scope="module")
def made(module_db: None) -> tuple[Offer, list[Submission]]:
    offer = make_open_offer()
    return offer, [make_filed(offer, last_name=f"Personne{letter}") for letter in "abcde"]


@pytest.fixture
def offer(kept: tuple[Offer, list[Submission]]) -> Offer:
    return kept[0]


@pytest.fixture
def rows(kept: tuple[Offer, list[Submission]]) -> list[Submission]:
    """Five submissions to `offer`."""
    return kept[1]


def shortlisted(rows: list[Submission]) -> list[Submission]:
    """Two of them, shortlisted."""
    for row in rows[:2]:
        for action in (Action.START_REVIEW, Action.SHORTLIST):
            move_submission(submission=row, action=action, actor=make_staff())
        row.refresh_from_db()
    return rows[:2]


def ask(client: Client, action: str, chosen: Sequence[Submission], query: str = "", **more: Any) -> Any:
    """Request the dry run of an action from the queue."""
    sent = {"action": action, "index": 0, "_selected_action": [0, *(row.pk for row in chosen)]}
    return client.post(QUEUE + query, sent | more)


def plan_of(answer: Any) -> str:
    found = re.search(r'name="plan" value="([^"]+)"', answer.content.decode())
    assert found is not None, answer.content.decode()
    return found[1]


def states(*submissions: Submission) -> list[str]:
    found = dict(Submission.objects.values_list("pk", "state"))
    return [found[each.pk] for each in submissions]


# -- Dry run ---------------------------------------------------------------------------------------------------
def test_a_dry_run_lists_the_effect_on_each_file_without_changes(
    offer: Offer, rows: list[Submission]
) -> None:
    received, studied = rows[:2]
    reserved = make_filed_for_review(offer)
    move_submission(submission=studied, action=Action.START_REVIEW, actor=make_staff())
    elsewhere = make_filed(make_open_offer(), last_name="Ailleurs")
    answer = ask(client_of(make_reviewer(offer)), "start_review", [received, studied, reserved, elsewhere])
    assert [line["submission"] for line in answer.context["lines"]] == [studied, reserved, received]
    shown = answer.content.decode()
    assert "rien n’est encore changé" in shown
    assert "1 candidature passerait" in shown
    assert "2\u00a0candidatures ne changeraient pas" in shown
    assert "L’état «\u00a0À l’étude\u00a0» ne le permet pas." in shown
    assert "Révision demandée" in shown
    assert "Mettre à l’étude\u00a0: 1\u00a0candidature" in shown
    assert "Ailleurs" not in shown
    assert states(received, studied, reserved) == ["SUBMITTED", "UNDER_REVIEW", "SUBMITTED"]
    assert not BulkRun.objects.exists()


def test_a_file_with_a_prepared_decision_is_not_moved(rows: list[Submission]) -> None:
    free, awaiting = shortlisted(rows)
    make_batch(awaiting)
    staff = make_staff()
    shown = ask(client_of(staff), "recommend", [free, awaiting]).content.decode()
    assert "1 candidature passerait" in shown
    assert shown.count("Annoncez d’abord la décision préparée") == 1
    said = run_bulk_action(staff, Action.RECOMMEND, free, awaiting)
    assert said[0] == ""
    assert "Annoncez d’abord la décision préparée" in said[1]
    assert states(free, awaiting) == ["RECOMMENDED", "SHORTLISTED"]


def test_files_are_reopened_in_bulk_except_upheld_ones(offer: Offer, rows: list[Submission]) -> None:
    refused, upheld = rows[0], make_filed_for_review(offer)
    decide(refused, action=Action.FIND_INADMISSIBLE, word="Diplôme trop ancien.")
    assert upheld.standing_filing is not None
    for position in refused_positions(read_seal(upheld.standing_filing.seal).verdict):
        make_ruling(upheld, position, Ruling.Decision.CONFIRMED)
    for row in (refused, upheld):
        row.refresh_from_db()
    assert states(refused, upheld) == ["INADMISSIBLE"] * 2
    staff = make_staff()
    queue = client_of(staff).get(QUEUE).content.decode()
    assert 'value="reopen"' in queue
    assert "find_inadmissible" not in queue
    shown = ask(client_of(staff), "reopen", [refused, upheld]).content.decode()
    assert "1 candidature passerait" in shown
    assert "La révision est terminée et la personne candidate a reçu chaque motif" in shown
    said = run_bulk_action(staff, Action.REOPEN, refused, upheld, reason="Relu.")
    assert said[0] == ""
    assert "La révision est terminée et la personne candidate a reçu chaque motif" in said[1]
    assert states(refused, upheld) == ["UNDER_REVIEW", "INADMISSIBLE"]


def test_a_dry_run_without_a_movable_file_has_no_confirmation(rows: list[Submission]) -> None:
    shown = ask(client_of(make_staff()), "shortlist", rows[:1]).content.decode()
    assert "Aucune candidature ne changerait d’état." in shown
    assert 'name="plan"' not in shown
    assert "Revenir à la file" in shown


def test_a_bulk_action_without_a_ticked_file_is_refused_with_a_message(offer: Offer) -> None:
    client = client_of(make_staff())
    answer = ask(client, "start_review", [], f"?offre={offer.number}")
    assert answer.headers["Location"] == f"{QUEUE}?offre={offer.number}"
    assert "Cochez au moins une candidature" in client.get(QUEUE).content.decode()


def test_all_filtered_files_can_be_selected_without_a_script(offer: Offer) -> None:
    make_filed(make_open_offer(), last_name="Ailleurs")
    client = client_of(make_staff())
    assert "Ailleurs" in ask(client, "start_review", [], select_across=["0", "1"]).content.decode()
    shown = ask(
        client, "start_review", [], f"?offre={offer.number}&_facets=True", select_across=["0", "1"]
    ).content.decode()
    assert "5 candidatures passeraient" in shown
    assert "Ailleurs" not in shown
    assert f'{QUEUE}?offre={offer.number}"' in shown


def test_too_many_files_start_with_the_movable_ones(
    rows: list[Submission], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.review.bulk.dry_run.BULK_MAX", 2)
    move_submission(submission=rows[0], action=Action.START_REVIEW, actor=make_staff())
    shown = ask(client_of(make_staff()), "start_review", [], select_across="1").content.decode()
    assert "2 candidatures passeraient" in shown
    assert "Personneb" in shown
    assert "Personnea" not in shown
    assert "Personned" not in shown
    assert "Recommencez ensuite pour les suivantes." in shown


def test_a_dry_run_takes_as_many_queries_for_three_files_as_for_one(rows: list[Submission]) -> None:
    client = client_of(make_staff())

    def queries(chosen: list[Submission]) -> int:
        with CaptureQueriesContext(connection) as captured:
            ask(client, "start_review", chosen)
        return len(captured)

    queries(rows)
    assert queries(rows) == queries(rows[:1])


# -- Confirmation ----------------------------------------------------------------------------------------------
def test_a_confirmed_run_moves_each_file_and_reports_each_result(
    offer: Offer, rows: list[Submission]
) -> None:
    first, moved, third = rows[:3]
    staff = make_staff()
    client = client_of(staff)
    read = ask(client, "start_review", [first, moved, third], f"?offre={offer.number}")
    move_submission(submission=moved, action=Action.START_REVIEW, actor=make_staff())
    answer = client.post(START, {"plan": plan_of(read)})
    run = BulkRun.objects.get()
    assert answer.headers["Location"] == reverse("review:bulk_run", args=[run.public_id])
    waiting = client.get(answer.headers["Location"]).content.decode()
    assert "L’action est en cours" in waiting
    assert "0 sur 3" in waiting
    assert "js/progress.js" in waiting
    run_all()
    done = client.get(answer.headers["Location"])
    assert [line["submission"] for line in done.context["lines"]] == [moved, first, third], "problems first"
    shown = done.content.decode()
    assert "L’action est terminée" in shown
    assert "3 sur 3" in shown
    assert "js/progress.js" not in shown
    assert "2 candidatures changées d’état" in shown
    assert "Son état a changé depuis l’aperçu\u00a0: «\u00a0À l’étude\u00a0»." in shown
    assert f'{QUEUE}?offre={offer.number}"' in shown
    assert Transition.objects.filter(actor=staff, action="START_REVIEW").count() == 2
    assert reverse("review:bulk_run", args=[run.public_id]) in client.get(QUEUE).content.decode()


def test_a_second_click_gives_the_same_run(rows: list[Submission]) -> None:
    client = client_of(make_staff())
    plan = plan_of(ask(client, "start_review", rows[:2]))
    answers = {client.post(START, {"plan": plan}).headers["Location"] for _click in range(2)}
    run_all()
    answers.add(client.post(START, {"plan": plan}).headers["Location"])
    assert len(answers) == 1
    assert BulkItem.objects.count() == 2


def test_a_missing_reason_is_requested_and_the_choice_is_kept(offer: Offer, rows: list[Submission]) -> None:
    rows = shortlisted(rows)
    client = client_of(make_staff())
    plan = plan_of(ask(client, "leave_shortlist", rows, f"?offre={offer.number}"))
    answer = client.post(START, {"plan": plan, "reason": "  "})
    assert answer.status_code == 422
    assert "Inscrivez le motif" in answer.content.decode()
    assert "2 candidatures passeraient" in answer.content.decode()
    again = plan_of(answer)
    answer = client.post(START, {"plan": again, "reason": "Dossiers hors délai."})
    run_all()
    assert states(*rows) == ["UNDER_REVIEW"] * 2
    reasons = Transition.objects.filter(action="LEAVE_SHORTLIST").values_list("reason", flat=True)
    assert set(reasons) == {"Dossiers hors délai."}
    # The same page, sent again after the back button, is the same confirmation.
    client.post(START, {"plan": plan, "reason": "Autre."})
    assert BulkRun.objects.get().query == f"offre={offer.number}"


def test_a_forged_foreign_or_expired_plan_starts_no_run(
    rows: list[Submission], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(make_staff())
    plan = plan_of(ask(client, "start_review", rows[:1]))
    others = client_of(make_staff())
    for browser, sent in ((client, plan + "x"), (client, ""), (others, plan)):
        answer = browser.post(START, {"plan": sent}, follow=True)
        assert "Cet aperçu n’est plus valide" in answer.content.decode()
    monkeypatch.setattr("intake.review.bulk.views._PLAN_SECONDS", -1)
    assert client.post(START, {"plan": plan}).headers["Location"] == QUEUE
    assert not BulkRun.objects.exists()
    assert client.get(START).headers["Location"] == QUEUE


def test_a_permission_lost_since_the_dry_run_is_refused(rows: list[Submission]) -> None:
    staff = make_staff()
    client = client_of(staff)
    rows = rows[:1]
    move_submission(submission=rows[0], action=Action.START_REVIEW, actor=make_staff())
    plan = plan_of(ask(client, "shortlist", rows))
    with as_owner():
        staff.groups.clear()
    assert client.post(START, {"plan": plan}).status_code == 403
    assert not BulkRun.objects.exists()


def test_the_operation_itself_requires_a_reason_and_limits_a_run(
    rows: list[Submission], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = rows[:2]
    with pytest.raises(ReasonMissingError):
        start_run(make_staff(), Action.LEAVE_SHORTLIST, *rows)
    monkeypatch.setattr(operations, "BULK_MAX", 1)
    with pytest.raises(RunTooLargeError):
        start_run(make_staff(), Action.START_REVIEW, *rows)


# -- Performed by a worker -------------------------------------------------------------------------------------
def test_a_killed_run_continues_without_repeating_a_move(
    rows: list[Submission], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = rows[:4]
    run = start_run(make_staff(), Action.START_REVIEW, *rows)
    job = Delivery.objects.get(kind=operations.BULK_RUN)
    decided: list[UUID] = []
    decide = move_as_reviewer

    def killed_at_the_third(**asked: Any) -> Submission:
        moved = decide(**asked)
        decided.append(asked["submission"].public_id)
        if len(decided) == 3:  # moved, but its item is not written yet
            raise KeyboardInterrupt
        return moved

    monkeypatch.setattr(operations, "move_as_reviewer", killed_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        operations.do_bulk_run(job, timezone.now())
    assert states(*rows) == ["UNDER_REVIEW", "UNDER_REVIEW", "SUBMITTED", "SUBMITTED"]
    run.refresh_from_db()
    assert run.ended_at is None
    operations.do_bulk_run(job, timezone.now())
    operations.do_bulk_run(job, timezone.now())
    assert states(*rows) == ["UNDER_REVIEW"] * 4
    assert decided == [row.public_id for row in (*rows[:3], *rows[2:])]
    assert Transition.objects.filter(action="START_REVIEW").count() == 4
    run.refresh_from_db()
    assert run.ended_at is not None


def test_a_long_run_is_split_into_successive_jobs(
    rows: list[Submission], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "SLICE", 2)
    run = start_run(make_staff(), Action.START_REVIEW, *rows)
    run_all()
    assert states(*rows) == ["UNDER_REVIEW"] * 5
    keys = Delivery.objects.filter(kind=operations.BULK_RUN).order_by("pk").values_list("key", flat=True)
    assert list(keys) == [f"{run.public_id}-{place}" for place in (1, 3, 5)]


def test_a_file_waits_in_one_run_at_most(rows: list[Submission]) -> None:
    first, second = rows[:2]
    start_run(make_staff(), Action.START_REVIEW, first)
    shown = ask(client_of(make_staff()), "start_review", [first]).content.decode()
    assert "Cette candidature est déjà dans une autre action en attente." in shown
    shown = ask(client_of(make_staff()), "start_review", [second]).content.decode()
    assert "Cette candidature est déjà dans une autre action en attente." not in shown
    later = start_run(make_staff(), Action.START_REVIEW, first, second)
    assert list(later.items.order_by("position").values_list("state", "refusal")) == [
        ("REFUSED", "IN_ANOTHER_RUN"),
        ("OPEN", ""),
    ]
    with pytest.raises(IntegrityError, match="a_candidature_is_in_one_open_run"), transaction.atomic():
        BulkItem.objects.create(
            run=start_run(make_staff(), Action.START_REVIEW, rows[2]),
            position=9,
            submission=first,
            version=0,
        )
    run_all()
    assert states(first, second) == ["UNDER_REVIEW"] * 2


def test_a_stopped_run_releases_the_remaining_files_unchanged(
    rows: list[Submission], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "SLICE", 1)
    rows = rows[:3]
    staff = make_staff()
    run = start_run(staff, Action.START_REVIEW, *rows)
    operations.do_bulk_run(Delivery.objects.get(kind=operations.BULK_RUN), timezone.now())
    client = client_of(staff)
    address = reverse("review:bulk_run", args=[run.public_id])
    shown = client.post(address, follow=True).content.decode()
    assert "L’action est arrêtée : 2 candidatures n’ont pas changé." in shown
    assert "Arrêtée avant son tour" in shown
    run_all()
    assert states(*rows) == ["UNDER_REVIEW", "SUBMITTED", "SUBMITTED"]
    assert "il ne restait rien à arrêter" in client.post(address, follow=True).content.decode()
    start_run(staff, Action.START_REVIEW, *rows[1:])
    run_all()
    assert states(*rows) == ["UNDER_REVIEW"] * 3


def test_a_run_whose_delivery_is_dead_is_displayed_as_interrupted(rows: list[Submission]) -> None:
    staff = make_staff()
    run = start_run(staff, Action.START_REVIEW, *rows[:1])
    Delivery.objects.filter(kind=operations.BULK_RUN).update(state=Delivery.State.DEAD)
    shown = client_of(staff).get(reverse("review:bulk_run", args=[run.public_id])).content.decode()
    assert "L’action s’est interrompue" in shown
    assert "js/progress.js" not in shown


# -- Ownership -------------------------------------------------------------------------------------------------
def test_a_conflict_hides_its_file_from_a_run_and_leaves_the_others(
    offer: Offer, rows: list[Submission]
) -> None:
    seen, hidden = rows[:2]
    reviewer = make_reviewer(offer)
    run = start_run(reviewer, Action.START_REVIEW, seen, hidden)
    make_conflict(hidden, reviewer)
    run_all()
    assert states(seen, hidden) == ["UNDER_REVIEW", "SUBMITTED"]
    shown = client_of(reviewer).get(reverse("review:bulk_run", args=[run.public_id])).content.decode()
    assert "Personnea" in shown
    assert "Personneb" not in shown
    assert "1 sur 1" in shown


def test_a_run_is_visible_only_to_its_user(rows: list[Submission]) -> None:
    run = start_run(make_staff(), Action.START_REVIEW, *rows[:1])
    for method in ("get", "post"):
        answer = getattr(client_of(make_staff()), method)(reverse("review:bulk_run", args=[run.public_id]))
        assert answer.status_code == 404
    assert BulkItem.objects.get().state == "OPEN"
    own = client_of(run.actor).get(reverse("review:bulk_run", args=[run.public_id]))
    assert "L’action est en cours" in own.content.decode()


def test_a_reviewer_is_offered_no_decision_in_bulk(offer: Offer, rows: list[Submission]) -> None:
    rows = rows[:1]
    move_submission(submission=rows[0], action=Action.START_REVIEW, actor=make_staff())
    reviewer = make_reviewer(offer)
    client = client_of(reviewer)
    assert "Présélectionner" in client_of(make_staff()).get(QUEUE).content.decode()
    assert "Présélectionner" not in client.get(QUEUE).content.decode()
    ask(client, "shortlist", rows)
    start_run(reviewer, Action.SHORTLIST, *rows)
    run_all()
    assert states(*rows) == [State.UNDER_REVIEW]


@pytest.mark.parametrize(
    "before, action, reason, after",
    [
        ((Action.START_REVIEW,), Action.SHORTLIST, "", "SHORTLISTED"),
        ((Action.START_REVIEW, Action.SHORTLIST), Action.LEAVE_SHORTLIST, "Autre choix.", "UNDER_REVIEW"),
        ((Action.START_REVIEW, Action.SHORTLIST), Action.RECOMMEND, "", "RECOMMENDED"),
    ],
)
def test_each_bulk_action_of_staff_is_offered_and_performed(
    rows: list[Submission], before: tuple[Action, ...], action: Action, reason: str, after: str
) -> None:
    rows = rows[:1]
    staff = make_staff()
    for earlier in before:
        move_submission(submission=rows[0], action=earlier, actor=staff)
    client = client_of(staff)
    client.post(START, {"plan": plan_of(ask(client, action.lower(), rows)), "reason": reason})
    run_all()
    assert states(*rows) == [after]
