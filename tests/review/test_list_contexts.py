"""Contexts of the pages of lists, exports and bulk runs, and their responses."""

from copy import deepcopy
from datetime import timedelta
from importlib import import_module
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.outbox.models import Delivery
from intake.review.access.errors import InConflictError
from intake.review.bulk.views import refusal_message
from intake.review.marks.errors import MarksNotSubmittedError
from intake.review.marks.scores import mean_figures
from intake.review.models import BulkItem, BulkRun, ExportOrder, Shortlist
from intake.review.pages.labels import human_review_label, state_label, verdict_label
from intake.review.ranking.dot_plot import plot_of
from intake.review.ranking.ranks import Order
from intake.review.shortlists.lines import fingerprint_of
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Ruling, Submission
from intake.submissions.states import TABLE, Action, State
from offers.models import GridLineData, Offer
from tests.factories.bulk import run_all, start_run
from tests.factories.exports import job_of, make_frozen, make_order, write_all
from tests.factories.people import client_of, make_staff
from tests.factories.review import (
    make_assessment,
    make_conflict,
    make_dossier,
    make_filed,
    make_filed_for_review,
    make_reviewer,
    make_ruling,
    make_shortlisted,
)
from tests.factories.submissions import make_open_offer
from tests.review.form_errors import error_codes
from tests.review.page_responses import page, redirect_of, url, view_context

pytestmark = pytest.mark.django_db

QUEUE = reverse("admin:submissions_submission_changelist")


@pytest.fixture(scope="module")
def made(module_db: None) -> tuple[list[Submission], list[Submission]]:
    """Three shortlisted submissions, and two received ones of another offer."""
    offer, other = make_open_offer(), make_open_offer()
    rows = [make_shortlisted(offer, last_name=name, first_name="Ada") for name in ("Zola", "Hugo", "Sand")]
    return rows, [make_filed(other) for _time in range(2)]


@pytest.fixture
def rows(made: tuple[list[Submission], list[Submission]]) -> list[Submission]:
    """Three shortlisted submissions of one offer."""
    return deepcopy(made[0])


@pytest.fixture
def received(made: tuple[list[Submission], list[Submission]]) -> list[Submission]:
    """Two received submissions of another offer."""
    return deepcopy(made[1])


@pytest.fixture
def offer(rows: list[Submission]) -> Offer:
    return rows[0].offer


@pytest.fixture
def staff() -> User:
    return make_staff()


def part(context: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: context[name] for name in names}


# -- A shortlist ----------------------------------------------------------------------------------------------------
def test_a_list_is_displayed_as_it_will_be_frozen_then_as_it_was(
    offer: Offer, rows: list[Submission], staff: User
) -> None:
    reviewer = make_reviewer(offer)
    for row, value in zip(rows, (2, 5, 3), strict=True):
        make_assessment(row, reviewer, value)
    lifted = make_ruling(make_filed_for_review(offer, last_name="Gide"), 1, Ruling.Decision.OVERTURNED)
    for action in (Action.START_REVIEW, Action.SHORTLIST):
        move_submission(submission=lifted, action=action, actor=staff)
    address, client = url("freeze_shortlist", offer.number), client_of(staff)
    before = view_context(client.get(address))
    lines = [
        {
            "unread": False,
            "name": name,
            "url": url("file", row.public_id),
            "mean": mean,
            "verdict": verdict_label(verdict),
            "reserve": reserve,
        }
        for row, name, mean, verdict, reserve in (
            (rows[1], "Hugo, Ada", "5,00", "ELIGIBLE", None),
            (rows[2], "Sand, Ada", "3,00", "ELIGIBLE", None),
            (rows[0], "Zola, Ada", "2,00", "ELIGIBLE", None),
            (lifted, "Gide, Alex", mean_figures(None), "INELIGIBLE", human_review_label("LIFTED")),
        )
    ]
    found = [{name: value for name, value in line.items() if name != "row"} for line in before["lines"]]
    assert found == lines
    assert part(before, "title", "offer", "by_number", "last", "unchanged", "place") == {
        "title": "Figer la liste de présélection",
        "offer": offer,
        "by_number": False,
        "last": None,
        "unchanged": False,
        "place": {"queue_url": f"{QUEUE}?offre={offer.number}"},
    }
    known = str(fingerprint_of(offer))
    assert before["form"].initial == {"seen": known}
    sent = {"seen": known, "reason": "Envoi à l’hôte"}
    wrong = view_context(client.post(address, sent | {"seen": "x", "reason": ""}))
    assert (wrong["form"].data["seen"], error_codes(wrong["form"])) == (known, {"reason": ["required"]})
    stale = client.post(address, sent | {"seen": "x"})
    assert (stale.status_code, error_codes(view_context(stale)["form"])) == (
        422,
        {
            "__all__": [
                "La liste a changé pendant votre lecture. Voici sa version actuelle ; rien n’est figé."
            ]
        },
    )
    first = url("shortlist", offer.number, 1)
    assert redirect_of(client.post(address, sent)) == (
        first,
        [("success", "La liste 1 est figée.")],
    )
    again = "Cette liste est déjà figée, sous le numéro 1 : il n’y a rien de nouveau à figer."
    assert redirect_of(client.post(address, sent)) == (first, [("success", again)])
    after = view_context(client.get(address))
    assert (after["last"], after["unchanged"]) == (Shortlist.objects.get(), True)
    frozen = view_context(client.get(first))
    found = [{name: value for name, value in line.items() if name != "row"} for line in frozen["lines"]]
    assert found == lines
    assert part(
        frozen,
        "title",
        "offer",
        "shortlist",
        "by_number",
        "unread_words",
        "archive_bytes",
        "is_long",
        "orders",
    ) == {
        "title": "Liste de présélection 1",
        "offer": offer,
        "shortlist": Shortlist.objects.get(),
        "by_number": False,
        "unread_words": "",
        "archive_bytes": 0,
        "is_long": False,
        "orders": [],
    }
    assert [each["url"] for each in frozen["formats"]] == [""] * 4
    assert isinstance(frozen["form"].initial["key"], UUID)
    move_submission(submission=rows[0], action=Action.RECOMMEND, actor=staff)
    changed = view_context(client.get(address))
    assert (changed["unchanged"], len(changed["lines"])) == (False, 3)
    others = [make_frozen(offer)]
    move_submission(submission=rows[1], action=Action.RECOMMEND, actor=staff)
    others.append(make_frozen(offer))
    assert list(view_context(client.get(first))["others"]) == others[::-1]


def test_a_member_with_unmarked_files_gets_a_list_by_number_without_means(
    offer: Offer, rows: list[Submission]
) -> None:
    staff, other = make_staff(), make_reviewer(offer)
    import_module("intake.review.committees.operations").add_committee_member(offer=offer, reviewer=staff)
    for row, value in zip(rows, (1, 2, 3), strict=True):
        make_assessment(row, other, value)
    make_assessment(rows[2], staff, 3)
    frozen = make_frozen(offer)
    client = client_of(staff)
    for address in (url("freeze_shortlist", offer.number), url("shortlist", offer.number, frozen.number)):
        seen = view_context(client.get(address))
        assert seen["by_number"] is True
        assert [(line["url"], line["unread"]) for line in seen["lines"]] == [
            (url("file", row.public_id), row != rows[2]) for row in rows
        ]
    assert (
        view_context(client.get(url("shortlist", offer.number, 1)))["unread_words"]
        == MarksNotSubmittedError.message
    )


# -- Export orders ----------------------------------------------------------------------------------------------------
def test_an_export_order_is_followed_from_request_to_file(staff: User) -> None:
    offer = make_open_offer()
    size = make_dossier(make_shortlisted(offer)).size
    frozen = make_frozen(offer)
    order = make_order(staff, frozen)
    address = url("export_order", order.public_id)
    client = client_of(staff)
    names = (
        *("is_live", "is_stuck", "is_ready", "missing", "is_written", "expected", "bound_words", "is_barred"),
        *("refusal", "list_url"),
    )
    usual = dict.fromkeys(names, False) | {
        "missing": 0,
        "expected": 0,
        "bound_words": "",
        "refusal": "",
        "list_url": url("shortlist", offer.number, 1),
    }

    def seen() -> dict[str, Any]:
        return part(view_context(client.get(address)), *names)

    first = view_context(client.get(address))
    assert part(first, "title", "order", "offer", "place") == {
        "title": "Fichier de la liste de présélection",
        "order": order,
        "offer": offer,
        "place": {"queue_url": f"{QUEUE}?offre={offer.number}"},
    }
    assert part(first, *names) == usual | {"is_live": True, "expected": size}
    Delivery.objects.filter(pk=job_of(order).pk).update(state="DEAD")
    assert seen() == usual | {"is_stuck": True, "expected": size}
    Delivery.objects.filter(pk=job_of(order).pk).update(state="PENDING")
    write_all()
    assert seen() == usual | {"is_ready": True, "is_written": True}
    links = view_context(client.get(url("shortlist", offer.number, 1)))["orders"]
    assert links == [
        {"order": order, "url": address, "state": ExportOrder.State.READY.label, "tone": "success"}
    ]
    ExportOrder.objects.update(expires_at=timezone.now())
    assert seen()["is_ready"] is False
    ExportOrder.objects.update(expires_at=timezone.now() + timedelta(hours=1))
    make_conflict(make_filed(offer), staff)
    words = str(InConflictError.export_message)
    assert seen() == usual | {
        "is_ready": True,
        "is_written": True,
        "bound_words": words,
        "is_barred": True,
        "list_url": "",
    }


@pytest.mark.parametrize(
    "state, tone", [("OPEN", "info"), ("READY", "success"), ("REFUSED", "error"), ("CANCELLED", "none")]
)
def test_a_link_to_an_order_has_the_tone_of_its_state(state: str, tone: str) -> None:
    order = ExportOrder(state=state)
    (link,) = page("exports.views").order_links([order])
    assert (link["tone"], link["state"]) == (tone, ExportOrder.State(state).label)


def test_an_export_order_is_cancelled_once(offer: Offer, staff: User) -> None:
    order = make_order(staff, make_frozen(offer), "csv")
    address, client = url("export_order", order.public_id), client_of(staff)
    gone = "Le fichier est annulé : aucun fichier n’est exporté."
    late = "Il n’y avait rien à annuler : voici l’état du fichier."
    assert redirect_of(client.post(address)) == (address, [("success", gone)])
    assert redirect_of(client.post(address)) == (address, [("info", late)])


@pytest.mark.parametrize(
    "language, listed, name",
    [
        ("fr", False, "preselection-{}.csv"),
        ("en", False, "preselection-{}-en.csv"),
        ("fr", True, "preselection-{}-liste-1.csv"),
        ("en", True, "preselection-{}-liste-1-en.csv"),
    ],
)
def test_an_export_file_is_named_after_offer_list_and_language(
    offer: Offer, staff: User, language: str, listed: object, name: str
) -> None:
    sent = {"reason": "Envoi", "language": language, "file_format": "csv"}
    if listed:
        make_frozen(offer)
        address = url("shortlist", offer.number, 1)
    else:
        address = url("export_shortlist", offer.number, "csv")
    answer: Any = client_of(staff).post(address, sent)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name.format(offer.number)}"'
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert b"".join(answer.streaming_content)
    assert page("exports.views").MEDIA_TYPES == {
        "csv": "text/csv; charset=utf-8",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "zip": "application/zip",
        "pdf": "application/pdf",
    }


# -- Bulk runs ---------------------------------------------------------------------------------------------------------
def ask(user: User, action: str, *rows: Submission, query: str = "") -> Any:
    sent = {"action": action, "index": 0, "_selected_action": [0, *(row.pk for row in rows)]}
    return client_of(user).post(QUEUE + query, sent)


def test_a_bulk_action_is_previewed_with_unmoved_files_first(received: list[Submission], staff: User) -> None:
    rows, offer = received, received[0].offer
    studied, reserved = make_filed(offer), make_filed_for_review(offer)
    move_submission(submission=studied, action=Action.START_REVIEW, actor=staff)
    query = f"?offre={offer.number}"
    seen = view_context(ask(staff, "start_review", rows[0], studied, rows[1], reserved, query=query))
    assert [(line["submission"], line["state"], line["why"]) for line in seen["lines"]] == [
        (studied, state_label("UNDER_REVIEW"), refusal_message("MOVE_NOT_ALLOWED", state="UNDER_REVIEW")),
        (reserved, state_label("SUBMITTED"), refusal_message("UNDER_RESERVE", state="SUBMITTED")),
        (rows[0], state_label("SUBMITTED"), ""),
        (rows[1], state_label("SUBMITTED"), ""),
    ]
    assert part(seen, "title", "move", "moving", "staying", "left_out", "most", "target", "place") == {
        "title": TABLE[Action.START_REVIEW].label,
        "move": TABLE[Action.START_REVIEW],
        "moving": 2,
        "staying": 2,
        "left_out": False,
        "most": 500,
        "target": state_label(State.UNDER_REVIEW),
        "place": {"queue_url": QUEUE + query},
    }
    nothing = "Cochez au moins une candidature, ou agissez sur toute la file."
    assert redirect_of(ask(staff, "start_review", query=query)) == (
        QUEUE + query,
        [("warning", nothing)],
    )
    assert redirect_of(ask(staff, "prepare_decisions", query=query)) == (
        QUEUE + query,
        [("warning", nothing)],
    )


def test_a_plan_is_valid_for_twelve_hours_and_its_user(rows: list[Submission], staff: User) -> None:
    bulk = page("bulk.views")
    assert bulk._PLAN_SECONDS == 43_200
    row = rows[0]
    plan = view_context(ask(staff, "leave_shortlist", row))["form"]["plan"].value()
    signing = import_module("django.core.signing")
    read = signing.loads(plan, salt=bulk._SALT)
    assert read == {
        "actor": staff.pk,
        "action": "LEAVE_SHORTLIST",
        "key": read["key"],
        "query": "",
        "moved": [[row.pk, row.version]],
        "left": [],
    }
    wrong = client_of(staff).post(url("bulk_start"), {"plan": plan, "reason": ""})
    form = view_context(wrong)["form"]
    assert (wrong.status_code, error_codes(form)) == (422, {"reason": ["required"]})
    assert signing.loads(form["plan"].value(), salt=bulk._SALT)["key"] == read["key"], "still one run"
    run = redirect_of(client_of(staff).post(url("bulk_start"), {"plan": plan, "reason": "Relu."}))
    assert run == (url("bulk_run", BulkRun.objects.get().public_id), [])
    assert (BulkRun.objects.get().reason, BulkRun.objects.get().key.hex) == ("Relu.", read["key"])
    invalid = "Cet aperçu n’est plus valide. Rien n’a changé : recommencez."
    assert redirect_of(client_of(make_staff()).post(url("bulk_start"), {"plan": plan})) == (
        QUEUE,
        [("error", invalid)],
    )


def test_a_bulk_run_lists_each_result_problems_first(received: list[Submission], staff: User) -> None:
    offer = received[0].offer
    rows = [*received, *(make_filed(offer) for _time in range(2))]
    run = start_run(staff, Action.START_REVIEW, *rows, query=f"offre={offer.number}")
    move_submission(submission=rows[3], action=Action.START_REVIEW, actor=make_staff())
    address = url("bulk_run", run.public_id)
    client = client_of(staff)
    names = ("title", "is_open", "is_stuck", "total", "over", "done", "refused", "stopped", "target", "place")
    usual = {
        "title": TABLE[Action.START_REVIEW].label,
        "is_open": True,
        "is_stuck": False,
        "total": 4,
        "over": 0,
        "done": 0,
        "refused": 0,
        "stopped": 0,
        "target": state_label(State.UNDER_REVIEW),
        "place": {"queue_url": f"{QUEUE}?offre={offer.number}"},
    }
    first = view_context(client.get(address))
    assert part(first, *names) == usual
    assert [line["submission"] for line in first["lines"]] == rows
    BulkItem.objects.filter(submission=rows[2]).update(state="STOPPED", done_at=timezone.now())
    run_all()
    last = view_context(client.get(address))
    assert part(last, *names) == usual | {"is_open": False, "over": 4, "done": 2, "refused": 1, "stopped": 1}
    stale = refusal_message("STALE_SUBMISSION", state="UNDER_REVIEW")
    assert [(line["submission"], line["result"], line["tone"], line["why"]) for line in last["lines"]] == [
        (rows[3], BulkItem.State.REFUSED.label, "warning", stale),
        (rows[2], BulkItem.State.STOPPED.label, "none", ""),
        (rows[0], BulkItem.State.DONE.label, "success", ""),
        (rows[1], BulkItem.State.DONE.label, "success", ""),
    ]
    over = "L’action était déjà terminée : il ne restait rien à arrêter."
    assert redirect_of(client.post(address)) == (address, [("info", over)])
    other = start_run(staff, Action.START_REVIEW, make_filed(offer))
    stopped = "L’action est arrêtée : 1 candidature n’a pas changé."
    where = url("bulk_run", other.public_id)
    assert redirect_of(client.post(where)) == (where, [("success", stopped)])


# -- Weights and the ranking -------------------------------------------------------------------------------------------
def test_weights_are_saved_on_the_read_version_with_the_number_of_changes(staff: User) -> None:
    offer = make_open_offer(grid=(GridLineData(text="a"), GridLineData(text="b", requirement="ASSET")))
    first, second = offer.grid_lines.order_by("position")
    for value in (3, 4):
        file = make_filed(offer)
        make_assessment(file, make_reviewer(offer), value)
    address, client = url("weights", offer.number), client_of(staff)
    seen = view_context(client.get(address))
    form = seen.pop("form")
    assert seen == {
        "title": "Pondérations",
        "offer": offer,
        "place": {"queue_url": f"{QUEUE}?offre={offer.number}"},
    }
    assert form.initial == {
        f"weight_{first.pk}": 2,
        f"weight_{second.pk}": 1,
        "seen": form.initial["seen"],
    }
    none = "Les pondérations sont enregistrées ; 0 note globale a changé."
    sent = form.initial | {f"weight_{first.pk}": 3}
    assert redirect_of(client.post(address, sent)) == (address, [("success", none)])
    stale = client.post(address, sent | {f"weight_{first.pk}": 1})
    assert (stale.status_code, list(error_codes(view_context(stale)["form"]))) == (
        422,
        ["__all__", f"weight_{first.pk}"],
    )


def test_a_ranking_has_the_requested_order_and_latest_notes_first(
    offer: Offer, rows: list[Submission], staff: User
) -> None:
    reviewer = make_reviewer(offer)
    for row, value in zip(rows, (1, 5, 3), strict=True):
        make_assessment(row, reviewer, value)
    address, client = url("ranking", offer.number), client_of(staff)
    for text in ("Une.", "Deux.", "Trois."):
        answer = client.post(f"{address}?tri=mediane", {"text": text})
        assert redirect_of(answer) == (
            f"{address}?tri=mediane#notes",
            [("success", "L’observation est ajoutée.")],
        )
    seen = view_context(client.get(address, {"tri": "mediane"}))
    assert [(row["url"], row["rank"], row["value"]) for row in seen["rows"]] == [
        (url("file", rows[1].public_id), "1", "5,000"),
        (url("file", rows[2].public_id), "2", "3,000"),
        (url("file", rows[0].public_id), "3", "1,000"),
    ]
    drawn = plot_of((row["place"] for row in seen["rows"]), by=Order.MEDIAN).rows
    assert tuple(row["drawn"] for row in seen["rows"]) == drawn
    assert [note.text for note in seen["notes"]] == ["Trois.", "Deux.", "Une."]
    assert [(key, str(words), current) for key, words, current in seen["orders"]] == [
        ("moyenne", "Moyenne", False),
        ("mediane", "Médiane", True),
        ("recentree", "Moyenne recentrée", False),
    ]
    assert part(
        seen,
        *("title", "offer", "running_words", "asked", "order_words", "unread_url", "is_trial", "trial_words"),
    ) == {
        "title": "Classement",
        "offer": offer,
        "running_words": "3",
        "asked": "mediane",
        "order_words": "Médiane",
        "unread_url": f"{QUEUE}?offre={offer.number}&a-moi=sans-ma-note",
        "is_trial": False,
        "trial_words": "",
    }
    usual = view_context(client.get(address, {"tri": "rien"}))
    assert part(usual, "asked", "order_words") == {"asked": "", "order_words": "Moyenne"}
    refused = client.post(address, {"text": " "})
    assert (refused.status_code, error_codes(view_context(refused)["note"])) == (422, {"text": ["required"]})
    applied = make_staff()
    make_filed(offer, candidate=applied)
    own = "Vous avez postulé à cette offre : vous ne pouvez pas voir son classement."
    assert redirect_of(client_of(applied).get(address)) == (QUEUE, [("error", own)])
