"""After each migration, a role has exactly the permissions that the code grants."""

import re

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission

from intake.accounts.roles import ROLE_PERMISSIONS, Role, sync_roles
from intake.accounts.services import set_roles
from intake.journal.models import Entry
from intake.journal.selectors import entries_about
from tests.database_roles import as_owner
from tests.factories.people import give_role, make_administrator, make_staff, make_user

pytestmark = pytest.mark.django_db


def permissions_of(role: Role) -> set[str]:
    permissions = Permission.objects.filter(group__name=role.value)
    return {".".join(row) for row in permissions.values_list("content_type__app_label", "codename")}


OF_NO_ROLE = re.compile(
    r"accounts\.(add|change|delete)|account\.|auth\.|mfa\.|sessions\.|admin\.|contenttypes\."
    r"|journal\.(add|change|delete)|documents\.|dossiers\.|profiles\.|outbox\.(add|change|delete)"
    r"|submissions\.(add|change|delete)_(?!personalextension)|submissions\.(change|delete)_"
    r"|offers\.delete_(offer|programme|openpoint)|offers\.(add|change|delete)_(offerchange|rulebookversion)"
)
"""Rights that the operations check by themselves, or that two administrators give together."""


def test_each_permission_belongs_to_the_roles_of_the_table() -> None:
    reviewer, staff, privacy = (make_staff(role).get_all_permissions() for role in Role)
    assert reviewer < staff
    assert not staff & privacy
    assert make_user().get_all_permissions() == set()
    assert [name for name in staff | privacy if OF_NO_ROLE.match(name)] == []
    assert {*Group.objects.values_list("name", flat=True)} == {*Role.values}


def test_a_manually_added_permission_is_removed_at_the_next_migration() -> None:
    before = permissions_of(Role.STAFF)
    with as_owner():
        Group.objects.get(name="STAFF").permissions.add(Permission.objects.get(codename="change_user"))
    assert permissions_of(Role.STAFF) - before == {"accounts.change_user"}
    with as_owner():
        sync_roles(app_config=apps.get_app_config("accounts"))
    assert permissions_of(Role.STAFF) == before


def test_a_permission_that_does_not_exist_stops_the_migration(monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = frozenset({"accounts.fly", "accounts.crawl", "accounts.swim"})
    monkeypatch.setitem(ROLE_PERMISSIONS, Role.REVIEWER, unknown)
    with (
        pytest.raises(Permission.DoesNotExist, match=r"accounts has no permission crawl, fly, swim$"),
        as_owner(),
    ):
        sync_roles(app_config=apps.get_app_config("accounts"))


def test_a_role_given_twice_is_recorded_once() -> None:
    user = make_user()
    give_role(user=user, role=Role.REVIEWER)
    give_role(user=user, role=Role.REVIEWER)
    assert user.is_staff
    assert [entry.detail for entry in entries_about(user)] == ["REVIEWER"]


def test_given_and_removed_roles_enter_the_journal_with_their_author() -> None:
    user, boss = make_staff(Role.REVIEWER), make_administrator()
    with as_owner():
        set_roles(user=user, roles={Role.STAFF}, actor=boss)
    done = Entry.objects.filter(actor=boss).values_list("action", "detail")
    assert set(done) == {("ROLE_GIVEN", "STAFF"), ("ROLE_TAKEN", "REVIEWER")}
