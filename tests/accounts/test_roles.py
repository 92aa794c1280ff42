"""What a role may do is what the code says, after each migration."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission

from intake.accounts import roles
from intake.accounts.roles import Role, grant, granted, sync_roles
from intake.accounts.services import give_role, set_roles
from intake.journal.models import Entry
from intake.journal.selectors import entries_about
from tests.factories.people import make_administrator, make_staff, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def grants(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep what a test grants to that test."""
    monkeypatch.setattr(roles, "_grants", {role: set(granted(role)) for role in Role})
    yield  # noqa: PT022 -- monkeypatch undoes after the test, not before


def held(role: Role) -> set[str]:
    permissions = Permission.objects.filter(group__name=role.value)
    return {".".join(row) for row in permissions.values_list("content_type__app_label", "codename")}


@pytest.mark.parametrize("role", Role)
def test_each_role_holds_what_the_rooms_granted(role: Role) -> None:
    assert held(role) == granted(role)


def test_staff_read_accounts_and_the_journal_and_reviewers_do_not() -> None:
    assert make_staff(Role.STAFF).has_perms(["accounts.view_user", "journal.view_entry"])
    assert not make_staff(Role.REVIEWER).has_perm("accounts.view_user")
    assert not make_staff(Role.REVIEWER).has_perm("journal.view_entry")


def test_a_permission_given_by_hand_is_taken_back_at_the_next_migration() -> None:
    Group.objects.get(name="STAFF").permissions.add(Permission.objects.get(codename="change_user"))
    sync_roles(app_config=apps.get_app_config("accounts"))
    assert "accounts.change_user" not in held(Role.STAFF)


@pytest.mark.usefixtures("grants")
def test_a_grant_reaches_the_group() -> None:
    grant(Role.REVIEWER, "accounts.view_user")
    sync_roles(app_config=apps.get_app_config("accounts"))
    assert "accounts.view_user" in held(Role.REVIEWER)


@pytest.mark.usefixtures("grants")
def test_a_permission_that_does_not_exist_stops_the_migration() -> None:
    grant(Role.REVIEWER, "accounts.fly")
    with pytest.raises(Permission.DoesNotExist, match="fly"):
        sync_roles(app_config=apps.get_app_config("accounts"))


def test_a_permission_without_its_application_is_refused() -> None:
    with pytest.raises(ValueError, match="app_label"):
        grant(Role.STAFF, "view_user")


def test_a_role_opens_the_administration_once() -> None:
    user = make_user()
    give_role(user=user, role=Role.REVIEWER)
    give_role(user=user, role=Role.REVIEWER)
    assert user.is_staff
    assert [entry.detail for entry in entries_about(user)] == ["REVIEWER"]


def test_roles_given_and_taken_are_in_the_journal_with_who_did_it() -> None:
    user, boss = make_staff(Role.REVIEWER), make_administrator()
    set_roles(user=user, roles={Role.STAFF}, actor=boss)
    done = Entry.objects.filter(actor=boss).values_list("action", "detail")
    assert set(done) == {("ROLE_GIVEN", "STAFF"), ("ROLE_TAKEN", "REVIEWER")}
