"""Files hidden from a user leave no trace for them in journal, deliveries, export history and lists."""

from copy import deepcopy
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.db.models import Sum
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.journal.models import Entry
from intake.outbox.models import Delivery
from intake.review.assignment.operations import assign_files, change_due_day
from intake.review.committees.operations import add_committee_member
from intake.review.decisions.reserve_list import move_place
from intake.review.delivery_kinds import SELECTED_ELSEWHERE_MAIL
from intake.review.exports import queries
from intake.review.exports.operations import export_shortlist
from intake.review.marks.errors import MarksNotSubmittedError
from intake.review.models import Assignment, ReservePlace, ShortlistExport
from intake.review.shortlists.operations import freeze_shortlist
from intake.submissions.models import Submission
from intake.submissions.states import Action
from tests.factories.decisions import confirm, decide, make_batch, release, send
from tests.factories.people import client_of, give_role, make_staff
from tests.factories.review import (
    make_assessment,
    make_conflict,
    make_dossier,
    make_filed,
    make_reviewer,
    make_shortlisted,
)
from tests.factories.submissions import make_open_offer

pytestmark = pytest.mark.django_db


def keys_in(client: Client, name: str, query: dict[str, str] | None = None) -> set[Any]:
    answer = client.get(reverse(f"admin:{name}_changelist"), query or {})
    return {row.pk for row in answer.context["cl"].result_list}


@pytest.fixture(scope="module")
def made(module_db: None) -> tuple[Submission, Submission, dict[str, User]]:
    """Two files, and staff members from whom the first is hidden."""
    submission = make_filed(make_open_offer())
    give_role(user=submission.candidate, role=Role.STAFF)
    staff = make_staff()
    make_conflict(submission, staff)
    people = {"in conflict": staff, "own": User.objects.get(pk=submission.candidate_id)}
    return submission, make_filed(make_open_offer()), people


@pytest.fixture(params=["in conflict", "own"])
def hidden_from(
    request: pytest.FixtureRequest, made: tuple[Submission, Submission, dict[str, User]]
) -> tuple[Submission, Submission, User]:
    """A file that is hidden from a staff member, a visible file, and the staff member."""
    hidden, told, people = deepcopy(made)
    return hidden, told, people[request.param]


def test_the_journal_does_not_reveal_a_hidden_file(hidden_from: tuple[Submission, Submission, User]) -> None:
    hidden, told, person = hidden_from
    about = {
        submission: set(
            Entry.objects.filter(subject_id=str(submission.public_id)).values_list("pk", flat=True)
        )
        for submission in (hidden, told)
    }
    assert all(about.values())
    client = client_of(person)
    shown = keys_in(client, "journal_entry")
    assert about[told] <= shown
    assert not about[hidden] & shown
    assert not keys_in(client, "journal_entry", {"q": str(hidden.public_id)})
    page = reverse("admin:journal_entry_change", args=[min(about[hidden])])
    assert client.get(page).status_code == 302, "as if there were none"
    assert about[hidden] <= keys_in(client_of(make_staff()), "journal_entry")


def test_the_deliveries_do_not_reveal_a_hidden_file(hidden_from: tuple[Submission, Submission, User]) -> None:
    hidden, told, person = hidden_from
    about = {}
    for submission in (hidden, told):
        assert submission.standing_filing is not None
        receipt = submission.standing_filing.receipt
        about[submission] = set(
            Delivery.objects.filter(
                subject_kind="submissions.receipt", subject_id=str(receipt.pk)
            ).values_list("pk", flat=True)
        )
    assert all(about.values())
    client = client_of(person)
    shown = keys_in(client, "outbox_delivery")
    assert about[told] <= shown
    assert not about[hidden] & shown
    assert client.get(reverse("admin:outbox_delivery_change", args=[min(about[hidden])])).status_code == 302
    assert about[hidden] <= keys_in(client_of(make_staff()), "outbox_delivery")


def test_the_export_history_hides_lists_with_a_hidden_file() -> None:
    person, other = make_staff(), make_staff()
    exports = []
    for number in range(3):
        submission = make_shortlisted(make_open_offer())
        frozen = freeze_shortlist(offer=submission.offer, actor=other, reason="Envoi", at=timezone.now())
        export_shortlist(
            offer=submission.offer,
            shortlist=frozen,
            file_format="csv",
            to=BytesIO(),
            actor=other,
            reason="Envoi",
        )
        exports.append(ShortlistExport.objects.get(offer=submission.offer).pk)
        if number == 0:
            make_conflict(submission, person)
        if number == 1:
            make_filed(submission.offer, candidate=person)
    assert keys_in(client_of(person), "review_shortlistexport") == {exports[2]}
    assert keys_in(client_of(other), "review_shortlistexport") == set(exports)


def test_the_size_of_an_archive_is_that_of_its_counted_files() -> None:
    offer = make_open_offer()
    told, hidden, staff = make_shortlisted(offer), make_shortlisted(offer), make_staff()
    sizes = [make_dossier(submission).size for submission in (told, hidden)]
    make_conflict(hidden, staff)
    queue = reverse("admin:submissions_submission_changelist")
    for person, count, size in ((make_staff(), 2, sum(sizes)), (staff, 1, sizes[0])):
        box = client_of(person).get(queue, {"offre": offer.number or ""}).context["shortlist"]
        assert (box["count"], box["archive_bytes"]) == (count, size)


def test_the_size_of_a_long_list_is_estimated_from_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    offer = make_open_offer()
    sizes = {make_dossier(make_shortlisted(offer)).size for _file in range(4)}
    monkeypatch.setattr(queries, "_SAMPLE_SIZE", 2)
    listed = Submission.objects.filter(offer=offer).order_by("pk")
    assert min(sizes) * 4 <= queries.current_bytes(listed, 4) <= max(sizes) * 4
    monkeypatch.setattr(queries, "_SAMPLE_SIZE", 4)
    weighed = listed.aggregate(total=Sum("standing_filing__seal__dossier__size"))["total"]
    assert queries.current_bytes(listed, 4) == weighed


def test_a_list_hides_means_until_the_member_has_marked() -> None:
    offer = make_open_offer()
    read, unread = make_shortlisted(offer, last_name="Lue"), make_shortlisted(offer, last_name="Inconnue")
    colleague, sitting = make_reviewer(offer), make_staff()
    add_committee_member(offer=offer, reviewer=sitting)
    make_assessment(read, colleague, 2)
    make_assessment(read, sitting, 2)
    make_assessment(unread, colleague, 5)
    frozen = freeze_shortlist(offer=offer, actor=make_staff(), reason="Envoi", at=timezone.now())
    client = client_of(sitting)
    page = reverse("review:shortlist", args=[offer.number, frozen.number])
    for address in (page, reverse("review:freeze_shortlist", args=[offer.number])):
        text = client.get(address).content.decode()
        assert "2,00" in text
        assert "5,00" not in text
        assert "après votre évaluation" in text
        assert "5,00" in client_of(make_staff()).get(address).content.decode()
    asked = {"file_format": "csv", "language": "fr", "reason": "Envoi"}
    refused = client.post(page, asked)
    assert refused.status_code == 422
    assert "Remettez d’abord vos évaluations" in refused.content.decode()
    now = reverse("review:export_shortlist", args=[offer.number, "csv"])
    assert "Remettez d’abord vos évaluations" in client.post(now, asked, follow=True).content.decode()
    with pytest.raises(MarksNotSubmittedError):
        export_shortlist(
            offer=offer, shortlist=frozen, file_format="csv", to=BytesIO(), actor=sitting, reason="Envoi"
        )
    assert not ShortlistExport.objects.exists()
    make_assessment(unread, sitting, 5)
    assert b"5.00" in b"".join(client.post(page, asked).streaming_content)  # type: ignore[attr-defined]  # -- a file response


def test_a_selection_is_hidden_from_users_in_conflict_with_either_file() -> None:
    selected = make_shortlisted(make_open_offer())
    other = make_shortlisted(make_open_offer(), candidate=selected.candidate)
    reader, bound, bound_elsewhere = make_staff(), make_staff(), make_staff()
    make_conflict(selected, bound)
    make_conflict(other, bound_elsewhere)
    decide(selected, action=Action.SELECT)
    entry = Entry.objects.get(action="SELECTED_ELSEWHERE").pk
    mails = set(Delivery.objects.filter(kind=SELECTED_ELSEWHERE_MAIL).values_list("pk", flat=True))
    assert mails
    for person, knows in ((reader, True), (bound, False), (bound_elsewhere, False)):
        client = client_of(person)
        assert (entry in keys_in(client, "journal_entry")) is knows
        shown = keys_in(client, "outbox_delivery")
        assert (mails <= shown, bool(mails & shown)) == (knows, knows)


def test_a_batch_does_not_reveal_the_selection_of_a_hidden_file() -> None:
    hidden = make_shortlisted(make_open_offer())
    asked = make_shortlisted(make_open_offer(), candidate=hidden.candidate)
    bound, other = make_staff(), make_staff()
    make_conflict(hidden, bound)
    confirm(asked)
    batch = make_batch(asked, action=Action.SELECT, preparer=other)
    decide(hidden, action=Action.SELECT)
    page = reverse("review:decision_batch", args=[batch.pk])
    for sent in (False, True):
        if sent:
            send(release(batch))
            assert batch.items.get().refusal == "ALREADY_SELECTED"
        told, untold = (client_of(person).get(page).content.decode() for person in (other, bound))
        assert "déjà retenue" in told
        assert "déjà retenue" not in untold
        assert "Cette décision ne peut pas être annoncée." in untold
    entry = Entry.objects.get(action="DECISION_REFUSED")
    assert entry.pk in keys_in(client_of(bound), "journal_entry")
    assert entry.detail == f"SELECT batch={batch.pk}"


def test_the_journal_hides_sizes_that_may_count_a_hidden_file() -> None:
    told, hidden = make_shortlisted(make_open_offer()), make_shortlisted(make_open_offer())
    bound, applied, other = make_staff(), make_staff(), make_staff()
    sized: dict[Submission, set[int]] = {}
    for submission in (told, hidden):
        before = set(Entry.objects.values_list("pk", flat=True))
        offer = submission.offer
        frozen = freeze_shortlist(offer=offer, actor=other, reason="Envoi", at=timezone.now())
        export_shortlist(
            offer=offer, shortlist=frozen, file_format="csv", to=BytesIO(), actor=other, reason="Envoi"
        )
        reader = make_reviewer(offer)
        assign_files(
            offer=offer,
            pairs=[(make_filed(offer).pk, reader.pk)],
            way=Assignment.Way.HAND,
            due_on=None,
            actor=other,
            at=timezone.now(),
        )
        change_due_day(offer=offer, due_on=date(2030, 1, 7), actor=other, at=timezone.now())
        decide(submission, action=Action.DECLINE)
        entries = Entry.objects.exclude(pk__in=before).filter(detail__regex=r"(rows|files|items)=|HAND: ")
        assert set(entries.values_list("action", flat=True)) == {
            "SHORTLIST_FROZEN",
            "SHORTLIST_EXPORTED",
            "FILES_ASSIGNED",
            "ASSIGNMENT_DUE_CHANGED",
            "DECISIONS_PREPARED",
            "DECISIONS_RELEASED",
        }
        sized[submission] = set(entries.values_list("pk", flat=True))
    make_conflict(hidden, bound)
    make_filed(hidden.offer, candidate=applied)
    for person in (bound, applied):
        shown = keys_in(client_of(person), "journal_entry")
        assert sized[told] <= shown
        assert not sized[hidden] & shown
    assert sized[hidden] <= keys_in(client_of(other), "journal_entry")


def test_the_journal_hides_ranks_until_the_member_has_marked() -> None:
    offer = make_open_offer()
    rows = [make_shortlisted(offer) for _time in range(2)]
    decide(*rows, action=Action.PUT_ON_RESERVE)
    sitting, other = make_staff(), make_staff()
    add_committee_member(offer=offer, reviewer=sitting)
    make_assessment(rows[0], sitting, 3)
    last = ReservePlace.objects.get(place=2)
    move_place(place=last, up=True, seen=2, actor=other)
    entry = Entry.objects.get(action="RESERVE_REORDERED").pk
    page = reverse("review:file", args=[last.submission.public_id])
    for marked in (False, True):
        client = client_of(sitting)
        assert (entry in keys_in(client, "journal_entry")) is marked
        assert ("Rang changé sur la liste de réserve" in client.get(page).content.decode()) is marked
        for row in rows:
            make_assessment(row, sitting, 3)
    assert entry in keys_in(client_of(other), "journal_entry")
