"""Pages of `review`: refusals and redirects per user, and messages after a concurrent change."""

from copy import deepcopy
from importlib import import_module
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser, Permission
from django.http import Http404
from django.test import RequestFactory
from django.urls import reverse

from intake.accounts.models import User
from intake.journal.models import Entry
from intake.outbox.models import Delivery
from intake.review.access.errors import InConflictError, NotOnCommitteeError, OwnSubmissionError
from intake.review.decisions.errors import BatchClosedError, NotThePreparerError
from intake.review.decisions.labels import RESERVE_UNREAD
from intake.review.marks.errors import MarksNotSubmittedError
from intake.review.models import BulkRun, Conflict, DecisionBatch, ReservePlace, SavedView
from intake.review.pages.shortcuts import acting_user, queue_of_offer, receipt_number
from intake.review.queue.saved_views import SharingNotAllowedError
from intake.submissions.lifecycle.errors import ReasonMissingError
from intake.submissions.models import Submission
from intake.submissions.states import TABLE, Action
from offers.models import Offer
from tests.database_roles import as_owner
from tests.factories.decisions import decide, make_batch, release, send
from tests.factories.exports import make_frozen
from tests.factories.people import client_of, make_staff
from tests.factories.review import (
    make_conflict,
    make_dossier,
    make_filed,
    make_filed_for_review,
    make_reviewer,
    make_saved_view,
    make_signed_receipt,
)
from tests.factories.submissions import make_open_offer
from tests.review.form_errors import error_codes
from tests.review.page_responses import (
    page,
    redirect_of,
    refusing,
    url,
    view_context,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("two_listed_once")]

QUEUE = reverse("admin:submissions_submission_changelist")
DECISIONS = reverse("review:decisions")
BOUND = (
    "error",
    str(InConflictError()).replace("\u00a0", " "),
)
NOT_YOURS = ("error", "Vous n’avez pas accès à cette candidature. Rien n’a changé.")


@pytest.fixture
def rows(two_listed_once: list[Submission]) -> list[Submission]:
    """Two shortlisted submissions of `offer`."""
    return deepcopy(two_listed_once)


def without(user: User, *codenames: str) -> User:
    """Remove these permissions from `user`."""
    kept = Permission.objects.filter(group__user=user).exclude(codename__in=codenames).distinct()
    with as_owner():
        user.user_permissions.set(kept)
    with as_owner():
        user.groups.clear()
    return User.objects.get(pk=user.pk)


# -- Permissions -------------------------------------------------------------------------------------------------
def test_only_a_signed_in_user_may_act(staff: User) -> None:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    with pytest.raises(Http404):
        acting_user(request)
    request.user = staff
    assert acting_user(request) == staff


def test_a_page_is_refused_without_its_permission(rows: list[Submission], filed: Submission) -> None:
    offer = filed.offer
    batch = make_batch(rows[0])
    needs = {
        TABLE[Action.REQUEST_COMPLEMENT].permission or "": [url("complement", filed.public_id)],
        "prepare_decisions": [
            url("prepare_decisions"),
            url("change_decisions", batch.pk),
            url("reserve_list", offer.number),
        ],
        "release_decisions": [url("release_decisions", batch.pk)],
        "set_blind_reading": [url("blind_reading", offer.number)],
        "change_lineweight": [url("weights", offer.number)],
        "assign_submission": [
            url(name, offer.number)
            for name in ("assignments", "assign_evenly", "assign_due", "assign_by_file")
        ],
        "freeze_shortlist": [url("freeze_shortlist", offer.number)],
        "export_shortlist": [url("export_order", uuid4()), url("shortlist", offer.number, 1)],
    }
    found: dict[tuple[str, str], int] = {}
    for right, addresses in needs.items():
        client = client_of(without(make_staff(), right))
        for method in ("get", "post"):
            found |= {
                (address, method): getattr(client, method)(address).status_code for address in addresses
            }
    assert found == dict.fromkeys(found, 403)
    assert len(found) == 2 * sum(len(addresses) for addresses in needs.values())


def test_a_missing_object_is_not_found(filed: Submission, staff: User) -> None:
    frozen = make_frozen(filed.offer).number
    client = client_of(staff)
    gone = {
        address: client.get(address).status_code
        for address in (
            url("decision_batch", 0),
            url("change_decisions", 0),
            url("release_decisions", 0),
            url("revoke_decisions", 0),
            f"{url('prepare_decisions')}?offre=2099-999",
            url("shortlist", filed.offer.number, frozen + 1),
            url("move", filed.public_id, "rien"),
            url("receipt", filed.public_id),
        )
    }
    assert gone == dict.fromkeys(gone, 404)
    for sent in ({}, {"line": "1", "seen": "1", "way": "left"}):
        assert client.post(url("reserve_list", filed.offer.number), sent).status_code == 404
    asked = {"reason": "Envoi", "language": "fr"}
    assert client.post(url("export_shortlist", filed.offer.number, "doc"), asked).status_code == 404
    assert client.post(url("export_shortlist", "2099-999", "csv"), asked).status_code == 404


def test_a_user_in_conflict_is_redirected_with_the_reason(
    offer: Offer, filed: Submission, rows: list[Submission], staff: User
) -> None:
    seen, hidden = rows
    batch = make_batch(seen)
    make_conflict(hidden, staff)
    client = client_of(staff)
    file = url("file", seen.public_id)
    queue = f"{QUEUE}?offre={offer.number}"
    sent_back = {
        **dict.fromkeys(
            [
                url("decision_batch", batch.pk),
                url("change_decisions", batch.pk),
                url("release_decisions", batch.pk),
                url("revoke_decisions", batch.pk),
                url("reserve_list", offer.number),
                f"{url('prepare_decisions')}?offre={offer.number}",
            ],
            (DECISIONS, [BOUND]),
        ),
        **dict.fromkeys(
            [
                url(name, offer.number)
                for name in ("assignments", "assign_evenly", "assign_due", "assign_by_file")
            ],
            (queue, [BOUND]),
        ),
        url("move", seen.public_id, "recommend"): (file, [BOUND]),
    }
    for address, where in sent_back.items():
        answer = client.get(address)
        assert redirect_of(answer) == where, address
    blind = client.post(url("blind_reading", offer.number), {"acte": "lever"})
    assert redirect_of(blind) == (url("blind_reading", offer.number), [BOUND])
    chosen = {"action": "prepare_decisions", "index": 0, "_selected_action": [seen.pk]}
    assert redirect_of(client.post(QUEUE, chosen)) == (DECISIONS, [BOUND])
    judged = client.post(url("rule", seen.public_id, 1), {"reason": "Vu."})
    assert redirect_of(judged) == (f"{file}#revision", [BOUND])
    named = client.post(url("conflict", seen.public_id), {"reviewer": str(staff.pk), "seen": "0"})
    assert redirect_of(named) == (file, [BOUND])
    assert Conflict.objects.count() == 1


def test_a_post_only_page_redirects_a_get_request(
    rows: list[Submission], filed: Submission, staff: User
) -> None:
    client = client_of(staff)
    file = url("file", filed.public_id)
    kept = "?_changelist_filters=etat%3DSUBMITTED"
    assert redirect_of(client.get(url("rule", filed.public_id, 3) + kept)) == (
        f"{file}{kept}#revision",
        [],
    )
    assert redirect_of(client.get(url("verify", filed.public_id, 3) + kept)) == (
        f"{file}{kept}#critere-3",
        [],
    )
    assert redirect_of(client.get(url("hand", filed.public_id) + kept)) == (file + kept, [])
    batch = make_batch(rows[0])
    assert redirect_of(client.get(url("release_decisions", batch.pk))) == (
        url("decision_batch", batch.pk),
        [],
    )
    assert redirect_of(client.get(url("bulk_start"))) == (QUEUE, [])
    assert queue_of_offer(filed.offer) == f"{QUEUE}?offre={filed.offer.number}"
    assert filed.standing_filing is not None
    numbers = (filed.standing_filing.receipt.number, "")
    assert (receipt_number(filed), receipt_number(Submission())) == numbers


# -- Reads that are journalled ----------------------------------------------------------------------------------
def test_a_head_request_enters_no_opening_in_the_journal(filed: Submission, staff: User) -> None:
    make_dossier(filed)
    make_signed_receipt(filed)
    client = client_of(staff)
    pages = [url(name, filed.public_id) for name in ("file", "dossier", "receipt")]

    def opened() -> list[tuple[str, str]]:
        entries = Entry.objects.filter(actor=staff, action__endswith="_OPENED").order_by("pk")
        return list(entries.values_list("action", "detail"))

    assert [client.head(each).status_code for each in pages] == [200, 200, 200]
    assert opened() == []
    assert [client.get(each).status_code for each in pages] == [200, 200, 200]
    number = receipt_number(filed)
    assert opened() == [("SUBMISSION_OPENED", ""), ("DOSSIER_OPENED", number), ("RECEIPT_OPENED", number)]


def test_a_lost_file_is_regenerated_only_by_a_get_request(
    filed: Submission, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kept in (make_dossier(filed), make_signed_receipt(filed)):
        kept.file.storage.delete(kept.file.name or "")
    client = client_of(staff)
    dossier, receipt = url("dossier", filed.public_id), url("receipt", filed.public_id)
    asked = Delivery.objects.filter(kind__in=["DOSSIER", "RECEIPT_PDF"], key__endswith="/2")
    file = url("file", filed.public_id)
    assert client.head(dossier).status_code == 404
    assert redirect_of(client.head(receipt)) == (file, [])
    assert not asked.exists()
    again = "Nous préparons de nouveau l’accusé de réception. Revenez dans quelques minutes."
    assert redirect_of(client.get(receipt)) == (file, [("warning", again)])
    lost = client.get(dossier)
    assert lost.status_code == 404
    assert view_context(lost) == {
        "title": "Dossier PDF",
        "missing": True,
        "made_again": True,
        "number": receipt_number(filed),
        "back_url": file,
    }
    assert set(asked.values_list("kind", flat=True)) == {"DOSSIER", "RECEIPT_PDF"}
    monkeypatch.setattr(page("application_page.downloads"), "request_lost_dossier", refusing(OSError()))
    assert view_context(client.get(dossier))["made_again"] is False
    other = make_filed(filed.offer)
    unmade = client.get(url("dossier", other.public_id))
    assert (unmade.status_code, view_context(unmade)["missing"], view_context(unmade)["made_again"]) == (
        202,
        False,
        False,
    )


# -- Concurrent changes -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "module, service, name, sent, refusal, words",
    [
        ("claims.views", "claim_file", "hand", {}, NotOnCommitteeError(), NOT_YOURS),
        ("moves.views", "move_as_reviewer", "move", {}, NotOnCommitteeError(), NOT_YOURS),
        (
            "committees.views",
            "declare_conflict",
            "conflict",
            {"seen": "0", "me": "1"},
            OwnSubmissionError(),
            BOUND,
        ),
        (
            "committees.views",
            "declare_conflict",
            "conflict",
            {"seen": "0", "me": "1"},
            InConflictError(),
            BOUND,
        ),
        (
            "committees.views",
            "declare_conflict",
            "conflict",
            {"seen": "0", "me": "1"},
            NotOnCommitteeError(),
            ("error", "Cette personne n’a pas accès à cette candidature : rien n’a changé."),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_an_action_refused_meanwhile_redirects_to_the_file_with_the_reason(
    filed: Submission,
    staff: User,
    monkeypatch: pytest.MonkeyPatch,
    module: str,
    service: str,
    name: str,
    sent: dict[str, str],
    refusal: Exception,
    words: tuple[str, str],
) -> None:
    monkeypatch.setattr(page(module), service, refusing(refusal))
    given = dict(sent)
    if given.pop("me", ""):
        given["reviewer"] = str(staff.pk)
    more = ["start-review"] if name == "move" else []
    answer = client_of(staff).post(
        url(name, filed.public_id, *more), given | {"version": str(filed.version), "shown": "on"}
    )
    assert redirect_of(answer) == (url("file", filed.public_id), [words])


def test_a_bulk_action_on_files_hidden_meanwhile_moves_none(offer: Offer, filed: Submission) -> None:
    file, reviewer = filed, make_reviewer(offer)
    client = client_of(reviewer)
    query = f"?offre={offer.number}"
    asked = {"action": "start_review", "index": 0, "_selected_action": [file.pk]}
    plan = client.post(QUEUE + query, asked).context["form"]["plan"].value()
    make_conflict(file, reviewer)
    answer = client.post(url("bulk_start"), {"plan": plan})
    none = "Vous n’avez accès à aucune de ces candidatures : rien n’a changé."
    assert redirect_of(answer) == (f"{QUEUE}{query}", [("error", none)])
    assert not BulkRun.objects.exists()


def test_a_removed_line_of_the_reserve_list_is_reported(
    offer: Offer, rows: list[Submission], staff: User
) -> None:
    decide(*rows, action=Action.PUT_ON_RESERVE)
    gone, left = ReservePlace.objects.order_by("place")
    decide(gone.submission, action=Action.SELECT)
    address = url("reserve_list", offer.number)
    changed = "La liste a changé pendant votre lecture. Voici sa version actuelle."
    client = client_of(staff)
    answer = client.post(address, {"line": str(gone.pk), "seen": "1", "way": "down"})
    assert redirect_of(answer) == (address, [("error", changed)])
    other = make_open_offer()
    answer = client.post(
        url("reserve_list", other.number), {"line": str(left.pk), "seen": "1", "way": "down"}
    )
    assert redirect_of(answer)[1] == [("error", changed)], "a line of another offer's list"


def test_a_reserve_list_whose_marks_are_hidden_is_not_reordered(
    offer: Offer, rows: list[Submission], staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide(*rows, action=Action.PUT_ON_RESERVE)
    line = ReservePlace.objects.order_by("place").first()
    assert line is not None
    monkeypatch.setattr(
        page("decisions.views.reserve_list"), "move_place", refusing(MarksNotSubmittedError())
    )
    address = url("reserve_list", offer.number)
    answer = client_of(staff).post(address, {"line": str(line.pk), "seen": "1", "way": "down"})
    assert redirect_of(answer) == (address, [("error", str(RESERVE_UNREAD).replace("\u00a0", " "))])


@pytest.mark.parametrize("state", ["RELEASED", "SENT", "REVOKED"])
def test_a_batch_no_longer_in_preparation_cannot_be_changed(
    rows: list[Submission], staff: User, state: str
) -> None:
    batch = make_batch(rows[0], preparer=staff)
    if state == "REVOKED":
        client_of(staff).post(url("revoke_decisions", batch.pk))
    else:
        release(batch)
    if state == "SENT":
        send(batch)
    batch.refresh_from_db()
    refusal = BatchClosedError(state=DecisionBatch.State(batch.state))
    assert batch.state == state
    answer = client_of(staff).get(url("change_decisions", batch.pk))
    words = str(refusal).replace("\u00a0", " ")
    assert redirect_of(answer) == (url("decision_batch", batch.pk), [("error", words)])


def test_a_batch_of_another_preparer_cannot_be_changed(rows: list[Submission], staff: User) -> None:
    batch = make_batch(rows[0])
    answer = client_of(staff).get(url("change_decisions", batch.pk))
    words = str(NotThePreparerError()).replace("\u00a0", " ")
    assert redirect_of(answer) == (url("decision_batch", batch.pk), [("error", words)])


def test_a_view_that_may_no_longer_be_shared_is_refused_with_a_message(
    staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = make_saved_view(staff)
    for service in ("save_view", "change_view"):
        monkeypatch.setattr(page("queue.views"), service, refusing(SharingNotAllowedError()))
    client = client_of(staff)
    for address in (url("saved_views"), url("saved_view", view.public_id)):
        answer = client.post(address, {"name": "Autre", "query": "etat=SUBMITTED", "shared": "on"})
        assert (answer.status_code, error_codes(view_context(answer)["form"])) == (
            422,
            {"__all__": ["Vous ne pouvez pas partager de vue avec les autres."]},
        )
    assert SavedView.objects.get().name == view.name


@pytest.mark.parametrize("name", ["move", "rule"])
def test_a_reason_that_the_operation_finds_blank_is_requested(
    offer: Offer, rows: list[Submission], staff: User, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    if name == "move":
        file = rows[0]
        address = url("move", file.public_id, "leave-shortlist")
        service, sent = "move_as_reviewer", {"version": str(file.version), "reason": "Vu."}
        form, module, words = (
            "form",
            "moves.views",
            "Inscrivez le motif : il est obligatoire pour cette décision.",
        )
    else:
        file = make_filed_for_review(offer)
        address = url("rule", file.public_id, 1)
        sent = {"decision": "CONFIRMED", "reason": "Vu.", "filing": str(file.standing_filing_id), "seen": "0"}
        prefix = import_module("intake.review.rulings.panel").prefix_of(1)
        sent = {f"{prefix}-{key}": value for key, value in sent.items()}
        service, module, form = "rule_as_reviewer", "application_page.findings", ""
        words = "Inscrivez le motif : la personne candidate le lira."
    monkeypatch.setattr(page(module), service, refusing(ReasonMissingError()))
    answer = client_of(staff).post(address, sent)
    assert answer.status_code == 422
    if form:
        assert error_codes(view_context(answer)["form"]) == {"reason": [words]}
    assert words in answer.content.decode().replace("\u00a0", " ").replace("&#x27;", "'")


def test_a_complement_refused_by_the_operation_redirects_with_the_reason(
    filed: Submission, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = import_module("tests.factories.complements").complement_content(filed)
    typed = {
        "words": "Le relevé est illisible.",
        "documents": [row.pk for row in asked.documents],
        "due_on": asked.due_on.isoformat(),
        "version": filed.version,
    }
    client = client_of(staff)
    address = url("complement", filed.public_id)
    read = client.post(address, typed)
    digest = view_context(read)["form"]["letter"].value()
    monkeypatch.setattr(
        page("complements.views"), "request_complement_as_reviewer", refusing(NotOnCommitteeError())
    )
    answer = client.post(address, typed | {"letter": digest, "acte": "envoyer"})
    assert redirect_of(answer) == (url("file", filed.public_id), [NOT_YOURS])
