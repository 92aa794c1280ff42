"""Former addresses of an account: its mails stay its own, a person who takes one up sees none, an erasure finds all."""

from datetime import datetime, timedelta

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import F
from django.utils import timezone

from intake.accounts.changes import change_own_address
from intake.accounts.models import AccountChange, User
from intake.accounts.services import open_account
from intake.dossiers.services import read_seal
from intake.journal.models import Entry
from intake.journal.services import record
from intake.outbox import kinds
from intake.outbox.models import Delivery, Message
from intake.privacy.own_data.holdings import holdings_of
from intake.privacy.own_data.mails import mails_of
from intake.privacy.own_data.readings import readings_of
from intake.privacy.retention.erasing import erase_account, erase_due
from intake.review.queue.saved_views import save_view
from intake.web import formats
from tests.database_roles import write_despite_rules
from tests.factories.people import client_of, make_administrator, make_staff, make_user
from tests.factories.retention import let_every_period_pass
from tests.factories.review import make_filed
from tests.factories.submissions import make_open_offer

pytestmark = pytest.mark.django_db

FIRST, SECOND = "premiere@exemple.ca", "seconde@exemple.ca"


def make_mail(key: str, to: str, sent_at: datetime | None = None) -> Message:
    """Store a mail that was sent to an address, by default before the next change of it."""
    at = sent_at or timezone.now() - timedelta(minutes=1)
    delivery = Delivery.objects.create(kind="TRY", key=key, subject_id=key, due_at=at, created_at=at)
    return Message.objects.create(
        delivery=delivery,
        message_id=f"<{key}@exemple.invalid>",
        to_address=to,
        subject=f"Objet {key}",
        text="Bonjour",
        created_at=at,
        sent_at=at,
    )


def moved(person: User, email: str = SECOND) -> AccountChange:
    return change_own_address(person=person, email=email, at=timezone.now())


def subjects_of(person: User) -> list[str]:
    return sorted(mails_of(person).values_list("subject", flat=True))


def test_a_person_loses_sight_of_the_mails_to_a_former_address() -> None:
    person = make_user(FIRST)
    mail = make_mail("a", FIRST)
    moved(person)
    make_mail("b", SECOND)
    person.refresh_from_db()
    assert subjects_of(person) == ["Objet a", "Objet b"]
    record(actor=make_staff(), action="MAIL_OPENED", subject=mail.delivery)
    assert [entry.action for entry in readings_of(person)] == ["MAIL_OPENED"]
    assert [change.before for change in holdings_of(person).addresses] == [FIRST]
    write_despite_rules(person.changes.all(), asked_at=F("asked_at") - timedelta(days=6))
    page = client_of(person).get("/mes-renseignements/").content.decode()
    assert FIRST in page
    assert f"Adresse courriel jusqu’au {formats.day(timezone.now())}" in page
    assert "Objet a" in page


@pytest.mark.django_db(transaction=True)  # each change at an instant of its own
def test_who_takes_up_a_left_address_reads_the_mails_of_the_account_before() -> None:
    before = make_user(FIRST)
    make_mail("a", FIRST)
    moved(before)
    after, _created = open_account(email=FIRST, at=timezone.now())
    assert subjects_of(after) == []
    assert subjects_of(before) == ["Objet a"]
    # The other way round, the first account takes its address again once it is free.
    moved(after, "troisieme@exemple.ca")
    moved(before, FIRST)
    assert subjects_of(before) == ["Objet a"]
    assert subjects_of(after) == []


def test_an_erasure_leaves_a_former_address() -> None:
    person, staff = make_user(FIRST), make_administrator()
    mail = make_mail("a", FIRST)
    record(actor=staff, action="SUBMISSION_OPENED", subject=person, detail=f"de {FIRST}")
    LogEntry.objects.create(user=staff, object_repr=FIRST, action_flag=CHANGE, change_message="[]")
    moved(person)
    for delivery in Delivery.objects.filter(kind="ACCOUNT_CHANGED_MAIL"):
        kinds.get(delivery.kind).handler(delivery, timezone.now())
    assert Message.objects.filter(to_address=FIRST).count() == 2
    erase_account(user=person)
    assert not Message.objects.exclude(to_address="").exists()
    mail.refresh_from_db()
    assert (mail.subject, mail.text) == ("", "")
    assert Entry.objects.get(action="SUBMISSION_OPENED").detail == ""
    assert LogEntry.objects.get().object_repr == ""
    change = AccountChange.objects.get()
    assert (change.before, change.value, change.reason) == ("", "efface", "Effacé")


def test_an_erasure_keeps_the_mails_of_who_took_up_the_former_address() -> None:
    before = make_user(FIRST)
    moved(before)
    after, _created = open_account(email=FIRST, at=timezone.now())
    make_mail("a", FIRST, sent_at=timezone.now())
    assert (subjects_of(before), subjects_of(after)) == ([], ["Objet a"])
    erase_account(user=before)
    assert subjects_of(after) == ["Objet a"]


def test_an_erased_file_leaves_a_view_or_an_entry_with_the_former_address() -> None:
    submission = make_filed(make_open_offer(), candidate=make_user(FIRST))
    staff = make_staff()
    save_view(owner=staff, name="Elle", query=f"q={FIRST}")
    record(actor=staff, action="SUBMISSION_OPENED", subject=submission, detail=f"de {FIRST}")
    moved(submission.candidate)
    let_every_period_pass()
    erase_due()
    assert Entry.objects.get(action="SUBMISSION_OPENED").detail == ""
    assert not staff.saved_views.exists()


def test_a_changed_address_changes_what_was_filed() -> None:
    submission = make_filed(make_open_offer(), candidate=make_user(FIRST))
    filing = submission.standing_filing
    assert filing is not None
    moved(submission.candidate)
    assert read_seal(filing.seal).person.email == FIRST
    submission.candidate.refresh_from_db()
    delivery = Delivery.objects.get(kind="RECEIPT_MAIL")
    kinds.get(delivery.kind).handler(delivery, timezone.now())
    assert Message.objects.get(delivery=delivery).to_address == SECOND
