"""Who read a person's data: every reading leaves an entry, and the page reveals neither a reader nor a decision."""

import datetime as dt
from io import BytesIO
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.journal.models import LIST_SHOWN, Entry
from intake.journal.selectors import action_label, without_hidden
from intake.outbox.models import Delivery, Message
from intake.privacy.own_data.readings import (
    days_of_readings,
    entries_concerning,
    function_of,
    readings_of,
)
from intake.review.exports.operations import export_shortlist
from intake.review.shortlists.operations import freeze_shortlist
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Submission
from intake.submissions.states import Action
from tests.factories.decisions import decide
from tests.factories.people import client_of, give_role, make_administrator, make_staff, make_user
from tests.factories.review import make_conflict, make_filed, make_reviewer, make_shortlisted
from tests.factories.submissions import make_open_offer

pytestmark = pytest.mark.django_db

PAGE = "/mes-renseignements/consultations/"
QUEUE = "/admin/submissions/submission/"


def page_of(person: User) -> str:
    return client_of(person).get(PAGE).content.decode()


def actions_read_by(person: User) -> list[str]:
    return [entry.action for entry in readings_of(person)]


def filed_by(person: User, **more: Any) -> Submission:
    return make_filed(make_open_offer(), candidate=person, **more)


# -- Every reading leaves an entry ----------------------------------------------------------------------------
def test_a_list_leaves_one_entry_whatever_its_number_of_rows() -> None:
    people = [make_user(), make_user(), make_user()]
    filed = [filed_by(person) for person in people]
    client_of(make_staff()).get(QUEUE)
    (entry,) = Entry.objects.filter(action=LIST_SHOWN)
    assert entry.detail.split(" ") == [
        "admin:submissions_submission_changelist",
        *sorted(str(submission.public_id) for submission in filed),
    ]
    assert [actions_read_by(person) for person in people] == [[LIST_SHOWN]] * 3


def test_an_empty_list_and_a_head_request_leave_no_entry() -> None:
    client = client_of(make_staff())
    client.get(QUEUE)
    filed_by(make_user())
    client.head(QUEUE)
    assert not Entry.objects.filter(action=LIST_SHOWN).exists()


def test_a_list_filtered_to_another_person_leaves_no_entry_about_the_first() -> None:
    first, other = make_user(), make_user()
    filed_by(first)
    submission = filed_by(other)
    client_of(make_staff()).get(QUEUE, {"q": submission.standing_filing.receipt.number})  # type: ignore[union-attr]  # -- it is filed
    assert (actions_read_by(first), actions_read_by(other)) == ([], [LIST_SHOWN])


def test_the_reading_of_a_mail_appears_to_its_recipient_once_it_was_sent() -> None:
    person, stranger = make_user(), make_user()
    filed_by(person)
    filed_by(stranger)
    delivery = Delivery.objects.filter(kind="RECEIPT_MAIL").order_by("pk")[0]
    message = Message.objects.create(
        delivery=delivery,
        message_id="<a@exemple.invalid>",
        to_address=person.email,
        subject="Accusé",
        text="Bonjour",
        created_at=timezone.now(),
    )
    client_of(make_staff()).get(reverse("admin:outbox_delivery_change", args=[delivery.pk]))
    assert actions_read_by(person) == [], "a mail that is not sent would reveal what it announces"
    Message.objects.filter(pk=message.pk).update(sent_at=timezone.now())
    assert actions_read_by(person) == ["MAIL_OPENED"]
    assert "Courriel consulté" in page_of(person)
    assert actions_read_by(stranger) == []


# -- What the page reveals ------------------------------------------------------------------------------------


def test_the_page_names_the_function_of_a_reader_and_never_the_reader() -> None:
    person = make_user()
    submission = filed_by(person)
    readers = [make_reviewer(submission.offer), make_staff(), make_administrator()]
    for reader in readers:
        client_of(reader).get(reverse("review:file", args=[submission.public_id]))
    page = page_of(person)
    for reader in readers:
        assert reader.email not in page
        assert not reader.display_name or reader.display_name not in page
    for function in ("Membre du comité", "Personnel du programme", "Administration du portail"):
        assert function in page


def test_a_reader_without_a_role_any_more_and_a_command_have_a_function() -> None:
    assert str(function_of(make_user())) == "Personne qui avait alors accès"
    assert str(function_of(None)) == "Le portail, automatiquement ou par une commande"
    both = make_staff(Role.REVIEWER)
    give_role(user=both, role=Role.STAFF)
    assert str(function_of(both)) == "Personnel du programme"
    give_role(user=both, role=Role.PRIVACY)
    assert str(function_of(both)) == "Responsable de la protection des renseignements personnels"


def test_a_person_sees_neither_their_own_readings_nor_those_of_another_candidate() -> None:
    person, other = make_user(), make_user()
    submission = filed_by(person)
    filed_by(other)
    client_of(person).get("/mes-renseignements/donnees.json")
    client_of(make_staff()).get(reverse("review:file", args=[submission.public_id]))
    assert (actions_read_by(person), actions_read_by(other)) == (["SUBMISSION_OPENED"], [])


def test_an_administrator_does_not_read_their_own_readings_of_a_list_with_them() -> None:
    administrator = make_administrator()
    client_of(administrator).get("/admin/accounts/user/")
    assert Entry.objects.filter(action=LIST_SHOWN, actor=administrator).exists()
    assert actions_read_by(administrator) == []


def test_conflicts_claims_marks_and_moves_do_not_appear() -> None:
    person = make_user()
    submission = make_shortlisted(make_open_offer(), candidate=person)
    make_conflict(submission)
    assert Entry.objects.filter(action__in=["CONFLICT_DECLARED", "SUBMISSION_SHORTLIST"]).count() == 2
    assert actions_read_by(person) == []
    assert {"CONFLICT_DECLARED", "SUBMISSION_SHORTLIST"} <= {
        entry.action for entry in entries_concerning(person)
    }


def test_the_page_has_the_labels_of_the_access_register_and_hides_which_list_it_was() -> None:
    person = make_user()
    submission = filed_by(person)
    client = client_of(make_staff())
    client.get(reverse("review:file", args=[submission.public_id]))
    client.get(QUEUE)
    entries = list(readings_of(person))
    (day,) = days_of_readings(entries, person=person)
    assert [str(reading.what) for reading in day.readings] == [
        action_label(entry.action) for entry in entries
    ]
    assert {reading.offer for reading in day.readings} == {submission.offer.number, ""}
    page = page_of(person)
    assert "Page ou liste affichée" in page
    assert "1 objet" not in page


def test_repeated_readings_of_a_day_are_counted_together() -> None:
    person = make_user()
    submission = filed_by(person)
    client = client_of(make_staff())
    for _time in range(3):
        client.get(reverse("review:file", args=[submission.public_id]))
    (day,) = days_of_readings(readings_of(person).select_related("actor"), person=person)
    (reading,) = day.readings
    assert (reading.times, reading.offer) == (3, submission.offer.number)
    midnight = dt.datetime(2027, 2, 1, 5, tzinfo=dt.UTC)  # in Québec
    entries = [
        Entry(action=action, subject_id="x", at=midnight + dt.timedelta(minutes=minute))
        for action, minute in [
            ("SUBMISSION_OPENED", 3),
            ("SHORTLIST_EXPORTED", 2),
            ("SUBMISSION_OPENED", 0),
            (LIST_SHOWN, -1),
        ]
    ]
    found = list(days_of_readings(entries, person=person))
    assert [(str(day.on), [str(each.what) for each in day.readings]) for day in found] == [
        ("2027-02-01", ["Candidature ouverte", "Liste exportée"]),
        ("2027-01-31", ["Page ou liste affichée"]),
    ]
    opened = found[0].readings[0]
    assert (opened.times, opened.first, opened.last, opened.offer) == (2, entries[2].at, entries[0].at, "")


# -- Exports --------------------------------------------------------------------------------------------------
def export(submission: Submission, *, frozen: bool) -> None:
    staff = make_staff()
    offer = submission.offer
    shortlist = (
        freeze_shortlist(offer=offer, actor=staff, reason="Envoi", at=timezone.now()) if frozen else None
    )
    export_shortlist(
        offer=offer, shortlist=shortlist, file_format="csv", to=BytesIO(), actor=staff, reason="Envoi"
    )


@pytest.mark.parametrize("frozen", [True, False])
@pytest.mark.django_db(transaction=True)
def test_an_export_appears_once_a_decision_is_announced_to_who_was_in_it(*, frozen: bool) -> None:
    offer = make_open_offer()
    person, left_out = make_user(), make_user()
    submission = make_shortlisted(offer, candidate=person)
    other = make_filed(offer, candidate=left_out)
    export(submission, frozen=frozen)
    assert actions_read_by(person) == [], "it would reveal the shortlisting"
    assert "SHORTLIST_EXPORTED" in {entry.action for entry in entries_concerning(person)}
    decide(submission, action=Action.DECLINE)
    assert actions_read_by(person) == ["SHORTLIST_EXPORTED"]
    assert "Liste exportée" in page_of(person)
    assert actions_read_by(left_out) == []
    assert other.pk


@pytest.mark.django_db(transaction=True)
def test_an_export_between_two_announced_decisions_appears_after_the_second() -> None:
    person = make_user()
    submission, staff = make_shortlisted(make_open_offer(), candidate=person), make_staff()
    frozen = freeze_shortlist(offer=submission.offer, actor=staff, reason="Envoi", at=timezone.now())
    decide(submission, action=Action.INVITE, word="Le 12 mai à 10 h.")
    export_shortlist(
        offer=submission.offer, shortlist=frozen, file_format="csv", to=BytesIO(), actor=staff, reason="Envoi"
    )
    assert actions_read_by(person) == []
    decide(submission, action=Action.DECLINE)
    assert actions_read_by(person) == ["SHORTLIST_EXPORTED"]


@pytest.mark.django_db(transaction=True)
def test_an_export_after_a_file_left_the_shortlist_is_not_about_it() -> None:
    offer, person = make_open_offer(), make_user()
    submission = make_shortlisted(offer, candidate=person)
    make_shortlisted(offer)
    move_submission(
        submission=submission, action=Action.LEAVE_SHORTLIST, actor=make_staff(), reason="Erreur."
    )
    export(submission, frozen=False)
    decide(submission, action=Action.DECLINE)
    assert actions_read_by(person) == []


# -- The journal's own readers ---------------------------------------------------------------------------------
def test_a_list_with_a_hidden_file_is_hidden_from_the_reader_of_the_journal() -> None:
    submission = filed_by(make_user())
    client_of(make_staff()).get(QUEUE)
    lists = Entry.objects.filter(action=LIST_SHOWN)
    conflict = make_conflict(submission)
    assert not without_hidden(lists, conflict.reviewer).exists()
    assert without_hidden(lists, make_staff()).exists()
