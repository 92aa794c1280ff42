"""Contexts and actions of a file's page, case by case, and of the pages before and after it."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.journal.selectors import action_label
from intake.outbox import kinds
from intake.outbox.labels import delivery_label
from intake.outbox.models import Delivery
from intake.review.access.anonymous_review import with_name_visibility
from intake.review.decisions.panel import decisions_context
from intake.review.models import Claim, Evidence
from intake.review.moves.views import action_slug, available_moves
from intake.review.pages.labels import state_label
from intake.review.pages.queue_navigation import QueuePosition, file_url, queue_position
from intake.submissions.after_filing.operations import withdraw_submission
from intake.submissions.lifecycle.errors import (
    HumanReviewPendingError,
    HumanReviewUpheldError,
    OfferCancelledError,
)
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Submission
from intake.submissions.states import TABLE, Action, State
from offers.models import GridLineData, Offer
from tests.factories.complements import expire_request, make_filed_and_closed, request_complement_for
from tests.factories.decisions import confirm, decide, make_batch
from tests.factories.offers import cancel_offer
from tests.factories.people import client_of, make_staff
from tests.factories.review import (
    make_conflict,
    make_filed,
    make_filed_for_review,
    make_reviewer,
    make_shortlisted,
)
from tests.factories.submissions import make_open_offer
from tests.review.page_responses import asked_by, redirect_of, url, view_context

pytestmark = pytest.mark.django_db

QUEUE = reverse("admin:submissions_submission_changelist")
GRID = (GridLineData(text="a mené un projet"), GridLineData(text="parle arabe", requirement="ASSET"))


def part(context: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: context[name] for name in names}


def number(file: Submission) -> str:
    assert file.standing_filing is not None
    return file.standing_filing.receipt.number


def as_read_by(user: User, file: Submission) -> Submission:
    return with_name_visibility(Submission.objects.filter(pk=file.pk).select_related("offer"), user).get()


# -- In the queue ---------------------------------------------------------------------------------------------------
def test_a_file_has_its_neighbours_in_the_queue_that_was_being_read(
    offer: Offer, filed: Submission, staff: User
) -> None:
    files = [filed, *(make_filed(offer) for _time in range(3))]
    other = make_filed(make_open_offer())
    assert len({file.received_at for file in (*files, other)}) == 1, "told apart by their keys"
    plain = [queue_position(asked_by(staff), file) for file in files]
    addresses = [url("file", file.public_id) for file in (*files, other)]
    assert plain == [
        QueuePosition(QUEUE, None, addresses[1]),
        QueuePosition(QUEUE, addresses[0], addresses[2]),
        QueuePosition(QUEUE, addresses[1], addresses[3]),
        QueuePosition(QUEUE, addresses[2], addresses[4]),
    ]
    kept = f"offre={offer.number}"
    written = f"?_changelist_filters=offre%3D{offer.number}"
    narrowed = asked_by(staff, _changelist_filters=kept)
    assert queue_position(narrowed, files[3]) == QueuePosition(
        f"{QUEUE}?{kept}", addresses[2] + written, None
    )
    assert file_url(narrowed, files[0]) == addresses[0] + written
    assert file_url(asked_by(staff), files[0]) == addresses[0]
    for nonsense in ("p=rien", "offre=%00", "inconnu=1"):
        place = queue_position(asked_by(staff, _changelist_filters=nonsense), files[0])
        assert (place.previous_url, bool(place.next_url)) == (None, True), nonsense


def test_files_are_ordered_by_receipt_before_number(offer: Offer, filed: Submission, staff: User) -> None:
    files = [filed, *(make_filed(offer) for _time in range(2))]
    first, middle, last = (url("file", file.public_id) for file in files)
    filing = files[1].standing_filing
    assert filing is not None
    received = filing.received_at
    for later, place in (
        (timedelta(seconds=1), QueuePosition(QUEUE, last, None)),
        (timedelta(), QueuePosition(QUEUE, first, last)),
        (timedelta(seconds=-1), QueuePosition(QUEUE, None, first)),
    ):
        filing.received_at = received + later
        assert queue_position(asked_by(staff), files[1]) == place
    assert middle not in {first, last}
    assert queue_position(asked_by(staff), Submission(pk=files[1].pk)) == QueuePosition(QUEUE, None, None)


# -- Moves ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "state, staffs, reviewers",
    [
        (State.SUBMITTED, ["START_REVIEW"], ["START_REVIEW"]),
        (State.UNDER_REVIEW, ["SHORTLIST"], []),
        (State.SHORTLISTED, ["LEAVE_SHORTLIST", "RECOMMEND"], []),
        (State.RECOMMENDED, [], []),
        (State.DECLINED, [], []),
    ],
)
def test_each_user_is_offered_the_moves_that_they_may_make(
    filed: Submission, staff: User, state: State, staffs: list[str], reviewers: list[str]
) -> None:
    filed.state = state
    reviewer = make_reviewer(filed.offer)
    for user, actions in ((staff, staffs), (reviewer, reviewers)):
        row = as_read_by(user, filed)
        row.state = state
        assert available_moves(user, row) == [
            {
                "label": TABLE[Action(action)].label,
                "url": url("move", filed.public_id, action.lower().replace("_", "-")),
                "reason_required": TABLE[Action(action)].reason_required,
            }
            for action in actions
        ]
    assert action_slug(Action.LEAVE_SHORTLIST) == "leave-shortlist"


def test_a_user_in_conflict_is_offered_no_move_that_chooses(
    offer: Offer, filed: Submission, staff: User
) -> None:
    listed = make_shortlisted(offer)
    make_conflict(make_filed(offer), staff)
    offered = [
        [move["label"] for move in available_moves(staff, as_read_by(staff, row))] for row in (filed, listed)
    ]
    assert offered == [["Mettre à l’étude"], []]


def test_the_page_of_a_move_has_the_version_that_was_read(filed: Submission, staff: User) -> None:
    page = url("move", filed.public_id, "start-review")
    client = client_of(staff)
    kept = "?_changelist_filters=etat%3DSUBMITTED"
    seen = view_context(client.get(page + kept))
    assert seen.pop("form").initial == {"version": filed.version, "despite": None}
    assert seen == {
        "title": TABLE[Action.START_REVIEW].label,
        "move": TABLE[Action.START_REVIEW],
        "submission": filed,
        "name": filed.filed_name,
        "number": number(filed),
        "back_url": url("file", filed.public_id) + kept,
        "target": state_label(State.UNDER_REVIEW),
        "tells": "",
        "awaited": None,
        "awaited_label": "",
        "reads_batches": True,
    }
    done = client.post(page + kept, {"version": filed.version})
    label = State.UNDER_REVIEW.label
    words = f"La candidature {number(filed)} est maintenant dans l’état « {label} »."
    assert redirect_of(done) == (url("file", filed.public_id) + kept, [("success", words)])
    again = client.post(page, {"version": filed.version})
    assert redirect_of(again) == (url("file", filed.public_id), [("success", words)]), "pressed twice"
    gone = "L’état de la candidature a changé : cette décision n’est plus possible."
    assert redirect_of(client.get(page)) == (url("file", filed.public_id), [("error", gone)])
    other = client_of(make_staff()).post(page, {"version": filed.version})
    where, ((tone, _words),) = redirect_of(other)
    assert (where, tone) == (url("file", filed.public_id), "error")


def test_an_impossible_move_is_explained_instead_of_its_page(offer: Offer, staff: User) -> None:
    reserved, listed = make_filed_for_review(offer), make_shortlisted(offer)
    decide(listed, action=Action.SELECT)
    client = client_of(staff)

    def said(file: Submission, slug: str) -> str:
        where, ((tone, found),) = redirect_of(client.get(url("move", file.public_id, slug)))
        assert (where, tone) == (url("file", file.public_id), "error")
        return found

    pending = str(HumanReviewPendingError.message)
    assert said(reserved, "start-review") == pending.replace("\u00a0", " ")
    cancel_offer(offer=offer, author=make_staff(), reason="Fin.", at=timezone.now())
    assert said(listed, "place") == str(OfferCancelledError()).replace("\u00a0", " ")
    Submission.objects.filter(pk=reserved.pk).update(state=State.INADMISSIBLE, reserve="UPHELD")
    assert said(reserved, "reopen") == str(HumanReviewUpheldError()).replace("\u00a0", " ")
    assert client.get(url("move", reserved.public_id, "judge-again")).status_code == 200
    Submission.objects.filter(pk=reserved.pk).update(reserve="NONE")
    gone = "L’état de la candidature a changé : cette décision n’est plus possible."
    assert said(reserved, "judge-again") == gone
    assert client.get(url("move", reserved.public_id, "reopen")).status_code == 200


# -- Claims ---------------------------------------------------------------------------------------------------------
def test_a_file_is_claimed_renewed_and_released_with_messages(filed: Submission, staff: User) -> None:
    other = make_staff()
    page, file = url("hand", filed.public_id), url("file", filed.public_id)
    client = client_of(staff)
    first = view_context(client.get(file))
    assert part(first, "claim", "claim_is_own", "claim_minutes") == {
        "claim": None,
        "claim_is_own": False,
        "claim_minutes": 15,
    }
    where, ((tone, words),) = redirect_of(client.post(page))
    assert (where, tone) == (file, "success")
    hour = import_module("intake.web.formats").hour(Claim.objects.get().expires_at).replace("\u00a0", " ")
    assert words == f"Vous avez ce dossier en charge jusqu’à {hour}."
    seen = [view_context(client_of(user).get(file)) for user in (staff, other)]
    assert [(each["claim"], each["claim_is_own"]) for each in seen] == [
        (Claim.objects.get(), True),
        (Claim.objects.get(), False),
    ]
    where, ((tone, words),) = redirect_of(client_of(other).post(page))
    assert (where, tone, words.startswith(f"Ce dossier est pris en charge par {staff}, de ")) == (
        file,
        "error",
        True,
    )
    assert redirect_of(client_of(other).post(page, {"prendre": str(staff.pk)}))[1][0][0] == "success"
    assert redirect_of(client.post(page, {"acte": "rendre"})) == (
        file,
        [("info", "Vous n’aviez plus ce dossier en charge.")],
    )
    assert redirect_of(client_of(other).post(page, {"acte": "rendre"})) == (
        file,
        [("success", "Le dossier est libéré : une autre personne peut le prendre en charge.")],
    )


# -- Decisions ------------------------------------------------------------------------------------------------------
def test_the_page_links_to_each_possible_decision(offer: Offer, filed: Submission, staff: User) -> None:
    listed = make_shortlisted(offer)

    def prepare(row: Submission, action: Action) -> str:
        return f"{url('prepare_decisions')}?offre={offer.number}&action={action}&candidatures={row.public_id}"

    def seen(row: Submission, user: User = staff) -> Any:
        return decisions_context(user, Submission.objects.select_related("offer").get(pk=row.pk))["decisions"]

    nothing: dict[str, Any] = {
        "held": None,
        "took_part": False,
        "cancelled": "",
        "item": None,
        "action": "",
        "state": None,
        "choices": [],
        "take_back_url": "",
        "reserve_url": "",
    }
    choices = [
        {"label": TABLE[action].label, "url": prepare(listed, action)}
        for action in (Action.INVITE, Action.SELECT, Action.PUT_ON_RESERVE, Action.DECLINE)
    ]
    assert seen(listed) == nothing | {"choices": choices}
    inadmissible = {
        "label": TABLE[Action.FIND_INADMISSIBLE].label,
        "url": prepare(filed, Action.FIND_INADMISSIBLE),
    }
    assert seen(filed) == nothing | {"choices": [inadmissible]}
    assert seen(make_filed_for_review(offer)) == nothing
    assert seen(listed, make_reviewer(offer)) is None
    batch = make_batch(listed)
    word = import_module("intake.review.decisions.labels").batch_label("PREPARED")
    assert seen(listed) == nothing | {
        "item": batch.items.get(),
        "action": TABLE[Action.DECLINE].label,
        "state": word,
    }
    bound = make_staff()
    make_conflict(make_filed(offer), bound)
    assert seen(listed, bound) == nothing
    reserve = make_shortlisted(offer)
    decide(reserve, action=Action.PUT_ON_RESERVE)
    found = seen(reserve)
    assert found["reserve_url"] == url("reserve_list", offer.number)
    assert [choice["label"] for choice in found["choices"]] == [
        TABLE[Action.SELECT].label,
        TABLE[Action.DECLINE].label,
    ]
    selected = make_shortlisted(offer)
    decide(selected, action=Action.SELECT)
    assert seen(selected)["take_back_url"] == prepare(selected, Action.TAKE_BACK)
    other = make_shortlisted(make_open_offer(), candidate=selected.candidate)
    assert part(seen(other), "held", "took_part") == {"held": offer, "took_part": False}
    cancel_offer(offer=offer, author=make_staff(), reason="Fin.", at=timezone.now())
    cancelled = seen(reserve)
    assert cancelled["cancelled"] == OfferCancelledError.message
    assert [choice["label"] for choice in cancelled["choices"]] == [TABLE[Action.DECLINE].label]
    assert (
        seen(selected)["cancelled"] == OfferCancelledError.message
        or State.SELECTED in import_module("intake.submissions.states").DECIDED
    )


def test_no_decision_is_offered_while_a_complement_is_awaited(staff: User) -> None:
    incomplete = make_filed_and_closed()
    asked = request_complement_for(incomplete)

    def offered() -> list[Any]:
        return [choice["label"] for choice in decisions_context(staff, incomplete)["decisions"]["choices"]]

    assert offered() == []
    expire_request(asked)
    assert offered() == [TABLE[Action.FIND_INADMISSIBLE].label]


# -- The page of the file --------------------------------------------------------------------------------------------
def test_the_page_displays_history_journal_and_mails_by_permission(
    offer: Offer, filed: Submission, staff: User
) -> None:
    for action in (Action.START_REVIEW, Action.SHORTLIST):
        move_submission(submission=filed, action=action, actor=staff)
    client = client_of(staff)
    page = url("file", filed.public_id)
    seen = view_context(client.get(page))
    assert part(seen, "title", "submission", "number", "decides", "impartial", "kept_query", "homeless") == {
        "title": filed.filed_name,
        "submission": filed,
        "number": number(filed),
        "decides": True,
        "impartial": True,
        "kept_query": "",
        "homeless": seen["homeless"],
    }
    assert [(row.action, row.to_state) for row in seen["transitions"]] == [
        ("FILE", "SUBMITTED"),
        ("START_REVIEW", "UNDER_REVIEW"),
        ("SHORTLIST", "SHORTLISTED"),
    ]
    assert next(entry["words"] for entry in seen["entries"]) == action_label("SUBMISSION_OPENED")
    assert {frozenset(entry) for entry in seen["entries"]} == {frozenset({"at", "actor", "words", "detail"})}
    deliveries = {row.pk: row for row in Delivery.objects.all()}
    rows = {
        reverse("admin:outbox_delivery_change", args=[pk]): (
            kinds.label_of(row.kind),
            *delivery_label(row),
            row.created_at,
            row.done_at,
        )
        for pk, row in deliveries.items()
    }
    assert seen["deliveries"], "a filing has mails and files made of it"
    for row in seen["deliveries"]:
        assert rows[row["url"]] == (
            row["label"],
            row["state"],
            row["tone"],
            row["created_at"],
            row["done_at"],
        )
    reviewer = view_context(client_of(make_reviewer(offer)).get(page))
    assert part(reviewer, "entries", "deliveries", "decides") == {
        "entries": None,
        "deliveries": None,
        "decides": False,
    }


def test_the_page_displays_selection_and_contradicted_findings(
    offer: Offer, filed: Submission, staff: User
) -> None:
    names = (
        *("verification_counts", "is_selected", "stage_held", "has_begun"),
        *("contradicted_since", "workable", "withdrawal", "register_match", "to_confirm_since"),
    )
    usual = dict.fromkeys(names, False) | {
        "contradicted_since": None,
        "withdrawal": None,
        "register_match": None,
        "to_confirm_since": None,
    }
    client = client_of(staff)
    listed = make_shortlisted(offer)

    def seen(file: Submission) -> dict[str, Any]:
        return part(view_context(client.get(url("file", file.public_id))), *names)

    assert seen(filed) == usual | {"verification_counts": True, "workable": True}
    decide(listed, action=Action.SELECT)
    assert seen(listed) == usual | {"is_selected": True, "verification_counts": True, "workable": True}
    filing = listed.standing_filing
    assert filing is not None
    position = filing.verdict.blocking[0]
    Evidence.objects.create(
        filing=filing,
        position=position,
        kind="AGE",
        outcome=Evidence.Outcome.CONTRADICTED,
        note="Né plus tôt.",
        author=staff,
    )
    assert seen(listed) == usual | {
        "is_selected": True,
        "verification_counts": True,
        "workable": True,
        "stage_held": True,
        "contradicted_since": position,
    }
    confirm(listed)
    listed.refresh_from_db()
    move_submission(submission=listed, action=Action.PLACE, actor=staff)
    begun = seen(listed)
    assert (begun["has_begun"], begun["is_selected"], begun["stage_held"]) == (True, False, False)
    gone = make_filed(offer)
    withdraw_submission(submission=gone, actor=gone.candidate, reason="Autre projet.")
    withdrawal = seen(gone)["withdrawal"]
    assert (withdrawal.action, withdrawal.actor, withdrawal.reason) == (
        "WITHDRAW",
        gone.candidate,
        "Autre projet.",
    )
