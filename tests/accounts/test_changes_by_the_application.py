"""The application's own role in the database changes an account only by an applied change."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import psycopg
import pytest
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone

from intake.accounts.changes import (
    approve_change,
    ask_change,
    change_as_operator,
    change_own_address,
    close_account,
    open_staff_account,
    refuse_change,
)
from intake.accounts.models import AccountChange, User
from intake.accounts.roles import Role
from intake.accounts.services import open_account, roles_of, set_roles
from intake.devtools import embedded
from intake.settings import services
from tests.database_roles import as_owner
from tests.factories.people import make_administrator, make_user

Kind = AccountChange.Kind


class People(NamedTuple):
    """Two administrators, and the owner of the account that changes."""

    asker: User
    approver: User
    person: User


@pytest.fixture
def people(embedded_servers: embedded.Urls, transactional_db: None) -> Iterator[People]:
    """People, made by the owner; then this process connects as the application."""
    del transactional_db
    found = People(make_administrator(), make_administrator(), make_user("moi@exemple.ca"))
    given = connections["default"].settings_dict
    before = {key: given[key] for key in ("USER", "PASSWORD")}
    address = services.database(embedded_servers.database)
    connection.close()
    given.update({key: address[key] for key in before})
    try:
        yield found
    finally:
        connection.close()
        given.update(before)


def test_the_database_accepts_a_change_of_two_people_from_the_application(people: People) -> None:
    at, reason = timezone.now(), "Arrivée."

    def change(person: User, kind: AccountChange.Kind, value: str = "") -> None:
        waiting = ask_change(person=person, kind=kind, value=value, reason=reason, actor=people.asker, at=at)
        approve_change(change=waiting, actor=people.approver, at=at)

    colleague = open_staff_account(email="c@exemple.ca", display_name="Camille", actor=people.asker, at=at)
    change(colleague, Kind.ROLES, "REVIEWER STAFF")
    change(colleague, Kind.ROLES, "STAFF")
    change(colleague, Kind.ADMINISTRATION, "YES")
    change(colleague, Kind.ADDRESS, "d@exemple.ca")
    close_account(person=colleague, reason=reason, actor=people.asker, at=at)
    change(colleague, Kind.REOPENING)
    change(people.person, Kind.ROLES, "REVIEWER")
    refused = ask_change(person=people.person, kind=Kind.ROLES, reason=reason, actor=people.asker, at=at)
    refuse_change(change=refused, actor=people.approver)
    colleague.refresh_from_db()
    assert (colleague.email, colleague.is_active, colleague.is_superuser, roles_of(colleague)) == (
        "d@exemple.ca",
        True,
        True,
        {Role.STAFF},
    )
    assert roles_of(people.person) == {Role.REVIEWER}
    assert open_account(email="nouvelle@exemple.ca", at=at)[1]  # a candidate's first sign-in


def test_the_database_accepts_a_candidate_s_own_address(people: People) -> None:
    change_own_address(person=people.person, email="n@exemple.ca", at=timezone.now())
    people.person.refresh_from_db()
    assert people.person.email == "n@exemple.ca"
    with pytest.raises(IntegrityError, match="has no applied change"):
        User.objects.filter(pk=people.person.pk).update(email="moi@exemple.ca")


@pytest.mark.parametrize("authors", ["none", "two candidates", "one of them"])
def test_the_application_cannot_give_itself_the_administration(people: People, authors: str) -> None:
    first, second = {
        "none": (None, None),
        "two candidates": (make_user(), make_user()),
        "one of them": (people.asker, make_user()),
    }[authors]
    given = {"person": people.person, "kind": Kind.ADMINISTRATION, "value": "YES", "reason": "Pirate."}
    with pytest.raises(IntegrityError, match="is not decided by administrators"), transaction.atomic():
        AccountChange.objects.create(state="APPLIED", asked_by=first, decided_by=second, **given)
        User.objects.filter(pk=people.person.pk).update(is_superuser=True)
    people.person.refresh_from_db()
    assert not people.person.is_superuser


def test_the_operators_command_does_not_run_as_the_application(people: People) -> None:
    with pytest.raises(CommandError, match="DATABASE_OWNER_URL"):
        call_command("change_account", "moi@exemple.ca", administration="yes", reason="Ouverture.")
    with pytest.raises(IntegrityError, match="is not decided by administrators"):
        change_as_operator(
            person=people.person, kind=Kind.ROLES, value="REVIEWER", reason="Ouverture.", at=timezone.now()
        )


def test_a_saved_object_changes_no_account_without_a_change(people: People) -> None:
    at = timezone.now()
    wanted: list[dict[str, Any]] = [
        {"email": "pirate@exemple.ca"},
        {"is_superuser": True},
        {"is_staff": True},
        {"email": "pirate@exemple.ca", "display_name": "Moi"},
    ]
    for fields in wanted:
        with pytest.raises(IntegrityError, match="has no applied change"):
            User.objects.filter(pk=people.person.pk).update(**fields)
    with pytest.raises(IntegrityError, match="has no applied change"):
        set_roles(user=people.person, roles={Role.STAFF})
    with pytest.raises(IntegrityError, match="has no applied change"):
        people.person.groups.add(Group.objects.get(name="STAFF"))
    with pytest.raises(IntegrityError, match="opens without rights"):
        User.objects.create_superuser("pirate@exemple.ca")
    close_account(person=people.person, reason="Perdu.", actor=people.asker, at=at)
    with pytest.raises(IntegrityError, match="has no applied change"):
        User.objects.filter(pk=people.person.pk).update(is_active=True)


def test_an_applied_change_does_not_permit_the_same_change_later(people: People) -> None:
    at = timezone.now()
    for value in ("YES", "NO"):
        asked = ask_change(
            person=people.person,
            kind=Kind.ADMINISTRATION,
            value=value,
            reason="Remplacement.",
            actor=people.asker,
            at=at,
        )
        approve_change(change=asked, actor=people.approver, at=at)
    with pytest.raises(IntegrityError, match="has no applied change"):
        User.objects.filter(pk=people.person.pk).update(is_superuser=True)


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE django_admin_log SET user_id = user_id",
        "UPDATE django_admin_log SET change_message = ''",
        "DELETE FROM django_admin_log",
        "TRUNCATE django_admin_log",
    ],
)
def test_the_application_removes_no_trace_of_the_administration(people: People, attack: str) -> None:
    LogEntry.objects.create(user=people.asker, object_repr="x", action_flag=ADDITION, change_message="[]")
    with connection.cursor() as cursor, pytest.raises(Exception, match="permission denied") as refused:
        cursor.execute(attack)
    assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)
    assert LogEntry.objects.count() == 1


def test_the_owner_changes_no_trace_of_the_administration(db: None) -> None:
    del db
    LogEntry.objects.create(user=make_user(), object_repr="x", action_flag=ADDITION, change_message="[]")
    with pytest.raises(Exception, match="append-only"), transaction.atomic(), as_owner():
        LogEntry.objects.update(change_message="")
    with pytest.raises(Exception, match="append-only"), transaction.atomic(), as_owner():
        LogEntry.objects.all().delete()
