"""The journal is append-only, for every role and every kind of statement."""

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from intake.accounts.roles import Role
from intake.journal.models import Entry
from intake.journal.selectors import entries_about
from intake.journal.services import record
from tests.database_roles import as_owner
from tests.factories.offers import make_programme
from tests.factories.people import client_of, make_profile, make_staff, make_user

ADD = """
INSERT INTO journal_entry (action, subject_kind, subject_id, detail, seal)
VALUES ('TESTED', '', '', '', 'forged.' || left(md5(random()::text), 22) || '.' || repeat('0', 64))
"""


# -- Writes of the application -----------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_entry_names_its_author_and_its_object_as_text() -> None:
    user, subject = make_user(), make_user()
    entry = record(actor=user, action="LOOKED_AT", subject=subject, detail="page 2")
    entry.refresh_from_db()
    assert (entry.actor, entry.action, entry.detail) == (user, "LOOKED_AT", "page 2")
    assert (entry.subject_kind, entry.subject_id) == ("accounts.user", str(subject.public_id))
    assert list(entries_about(subject)) == [entry]


@pytest.mark.django_db
def test_a_subject_without_public_identifier_is_named_by_its_key() -> None:
    profile = make_profile()
    assert record(actor=None, action="SEEN", subject=profile).subject_id == str(profile.pk)


@pytest.mark.django_db
def test_an_entry_has_the_instant_of_its_transaction() -> None:
    with connection.cursor() as cursor:
        first = record(actor=None, action="FIRST", subject=None)
        cursor.execute("SELECT pg_sleep(0.01)")
        second = record(actor=None, action="SECOND", subject=None)
        cursor.execute("SELECT transaction_timestamp()")
        [started] = cursor.fetchone() or [None]
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.at == second.at == started


# -- Forbidden SQL, as the application's role and as the owner -------------------------------------------------


def test_the_application_may_only_add_entries(app_connection: psycopg.Connection) -> None:
    assert app_connection.execute(ADD).rowcount == 1


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["UPDATE journal_entry SET detail = 'x'", "DELETE FROM journal_entry"])
def test_even_the_owner_cannot_change_an_entry(change: str) -> None:
    record(actor=None, action="TESTED", subject=None)
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        as_owner(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)


@pytest.mark.django_db
def test_a_user_with_journal_entries_cannot_be_deleted() -> None:
    user = make_user()
    record(actor=user, action="TESTED", subject=None)
    with pytest.raises(IntegrityError, match=r"Entry\.actor"), as_owner():
        user.delete()
    assert Entry.objects.get(action="TESTED").actor == user
    bystander = make_user()
    with as_owner():
        bystander.delete()
    assert not type(bystander).objects.filter(email=bystander.email).exists()


# -- The administration's pages ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_journal_displays_labels_and_is_filtered_by_them() -> None:
    user = make_user("alex@exemple.ca")
    record(actor=user, action="SIGNED_IN", subject=user, detail="page 2")
    record(actor=None, action="LOOKED_AT", subject=None)
    client = client_of(make_staff(Role.STAFF))
    lines = client.get("/admin/journal/entry/", {"action": "SIGNED_IN"}).content.decode()
    table = lines.split("<tbody>")[1]
    assert "Connexion" in table
    assert f"Compte {user.public_id}" in table
    assert "page 2" in table
    assert "LOOKED_AT" not in table
    entry = Entry.objects.get(action="SIGNED_IN")
    shown = client.get(f"/admin/journal/entry/{entry.pk}/change/").content.decode()
    assert "Historique" not in shown
    programme = client.get(f"/admin/offers/programme/{make_programme().pk}/change/").content.decode()
    assert "Historique" in programme, "what a person changes has one"
    assert "Connexion" in shown.split("<h1>")[1].split("</h1>")[0]
