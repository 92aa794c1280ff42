"""After each migration, a role has exactly the permissions that the code grants."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db.models.signals import post_migrate

from intake.accounts.roles import ROLE_PERMISSIONS, Role, sync_roles
from intake.accounts.services import set_roles
from intake.journal.models import Entry
from intake.journal.selectors import action_label, entries_about
from tests.database_roles import as_owner
from tests.factories.people import give_role, make_administrator, make_staff, make_user

pytestmark = pytest.mark.django_db

# Every permission that exists: application, actions, models. A permission that is in no table fails.
REVIEWERS_AND_STAFF = """
review       assess                  submission
review       verify                  finding
submissions  triage,view             submission
"""
STAFF_ALONE = """
accounts     view                    user
journal      view                    entry
offers       add,change,delete,view  documentrequest gridline section synonymgroup
offers       add,change,publish,view offer
offers       view                    offerchange offerextension rulebookversion
offers       change,view             openpoint
offers       add,change,view         programme
operations   change                  sitepreferences
outbox       resend,view             delivery
outbox       view                    message
register     add,delete,view         participation
review       assign                  submission
review       set                     blind_reading
review       add,delete,view         committeemember
review       lift,view               conflict
review       prepare,release         decisions
review       change                  lineweight
review       share                   savedview
review       freeze                  shortlist
review       view                    shortlistexport
submissions  add,view                personalextension
submissions  decide                  submission
submissions  export                  shortlist
"""
PRIVACY_ALONE = """
privacy      add,view                incident
privacy      read                    registers
"""
NO_ROLE = """
account      add,change,delete,view  emailaddress emailconfirmation
accounts     add,change,delete       user
admin        add,change,delete,view  logentry
auth         add,change,delete,view  group permission
contenttypes add,change,delete,view  contenttype
documents    add,change,delete,view  upload
dossiers     add,change,delete,view  dossier lostdossier remadereceipt seal signedreceipt
journal      add                     entry
mfa          add,change,delete,view  authenticator
offers       delete                  offer programme openpoint
offers       add                     offerchange offerextension openpoint
offers       add,change,delete       rulebookversion
outbox       view                    messageattachment
profiles     add,change,delete,view  noticeacceptance profile
review       view                    decisionbatch shortlist
sessions     add,change,delete,view  session
submissions  view                    complementrequest
submissions  add,change,delete,view  documentpart draft draftdocument fileddocument filing receipt reviewrequest ruling
submissions  add,change,delete,view  transition verdict
submissions  add,change,delete       submission
"""


def permissions_of(role: Role) -> set[str]:
    permissions = Permission.objects.filter(group__name=role.value)
    return {".".join(row) for row in permissions.values_list("content_type__app_label", "codename")}


@pytest.mark.parametrize("role", Role)
def test_each_group_has_the_permissions_of_its_role(role: Role) -> None:
    assert permissions_of(role) == ROLE_PERMISSIONS[role]


def named(table: str) -> set[str]:
    """Return the permissions in a table, without duplicates."""
    rows = [line.split() for line in table.split("\n") if line]
    names = [f"{app}.{do}_{what}" for app, does, *whats in rows for do in does.split(",") for what in whats]
    assert len(names) == len(set(names))
    return set(names)


def test_each_permission_belongs_to_the_roles_of_the_table() -> None:
    both, staff, none = named(REVIEWERS_AND_STAFF), named(STAFF_ALONE), named(NO_ROLE)
    privacy = named(PRIVACY_ALONE)
    assert make_staff(Role.REVIEWER).get_all_permissions() == both
    assert make_staff(Role.STAFF).get_all_permissions() == both | staff
    assert make_staff(Role.PRIVACY).get_all_permissions() == privacy
    assert make_user().get_all_permissions() == set()
    existing = Permission.objects.values_list("content_type__app_label", "codename")
    assert sorted(".".join(row) for row in existing) == sorted([*both, *staff, *privacy, *none])
    assert {*Group.objects.values_list("name", flat=True)} == {"REVIEWER", "STAFF", "PRIVACY"}


def test_a_manually_added_permission_is_removed_at_the_next_migration() -> None:
    before = permissions_of(Role.STAFF)
    with as_owner():
        Group.objects.get(name="STAFF").permissions.add(Permission.objects.get(codename="change_user"))
    assert permissions_of(Role.STAFF) - before == {"accounts.change_user"}
    with as_owner():
        sync_roles(app_config=apps.get_app_config("accounts"))
    assert permissions_of(Role.STAFF) == before


def test_an_added_permission_reaches_the_group_at_the_next_migration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ROLE_PERMISSIONS, Role.REVIEWER, frozenset({"accounts.view_user"}))
    with as_owner():
        sync_roles(app_config=apps.get_app_config("accounts"))
    assert "accounts.view_user" in permissions_of(Role.REVIEWER)


def test_a_permission_that_does_not_exist_stops_the_migration(monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = frozenset({"accounts.fly", "accounts.crawl", "accounts.swim"})
    monkeypatch.setitem(ROLE_PERMISSIONS, Role.REVIEWER, unknown)
    with (
        pytest.raises(Permission.DoesNotExist, match=r"accounts has no permission crawl, fly, swim$"),
        as_owner(),
    ):
        sync_roles(app_config=apps.get_app_config("accounts"))


def test_the_groups_follow_each_migration() -> None:
    [receiver] = [each[1]() for each in post_migrate.receivers if each[0][0] == "accounts.sync_roles"]
    assert receiver is sync_roles


def test_account_actions_have_journal_labels() -> None:
    labels = {
        "ACCOUNT_OPENED": "Compte ouvert",
        "ACCOUNT_RENAMED": "Nom affiché changé",
        "ACCOUNT_CHANGE_ASKED": "Changement de compte demandé",
        "ACCOUNT_CHANGE_APPLIED": "Changement de compte fait",
        "ACCOUNT_CHANGE_REFUSED": "Changement de compte refusé",
        "SIGNED_IN": "Connexion",
        "ROLE_GIVEN": "Rôle accordé",
        "ROLE_TAKEN": "Rôle retiré",
    }
    assert {code: action_label(code) for code in labels} == labels


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
