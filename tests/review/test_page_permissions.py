"""Pages of `review`: refusals and redirects per user, and messages after a concurrent change."""

from copy import deepcopy
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from intake.accounts.models import User
from intake.journal.models import Entry
from intake.review.models import BulkRun, ReservePlace
from intake.review.pages.shortcuts import receipt_number
from intake.submissions.models import Submission
from intake.submissions.states import TABLE, Action
from offers.models import Offer
from tests.database_roles import as_owner
from tests.factories.decisions import decide, make_batch
from tests.factories.exports import make_frozen
from tests.factories.people import client_of, make_staff
from tests.factories.review import (
    make_conflict,
    make_dossier,
    make_reviewer,
    make_signed_receipt,
)
from tests.factories.submissions import make_open_offer
from tests.review.page_responses import (
    redirect_of,
    url,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("two_listed_once")]

QUEUE = reverse("admin:submissions_submission_changelist")


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


# -- Concurrent changes -------------------------------------------------------------------------------------------


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
