"""User accounts in the administration."""

import pytest
from django.urls import reverse

from intake.accounts.changes import rename_account
from intake.accounts.errors import NameNeededError, NotAdministratorError
from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.accounts.selectors import visible_accounts
from intake.journal.models import Entry
from intake.privacy.own_data.readings import readings_of
from tests.factories.people import client_of, give_role, make_administrator, make_staff, make_user
from tests.factories.review import make_filed
from tests.factories.submissions import make_draft, make_open_offer

pytestmark = pytest.mark.django_db

LIST, ADD = "/admin/accounts/user/", "/admin/accounts/user/add/"


def change(user: User) -> str:
    return reverse("admin:accounts_user_change", args=[user.pk])


def test_an_administrator_opens_an_account_without_rights_and_asks_for_its_roles() -> None:
    boss = make_administrator()
    client = client_of(boss)
    assert b"password" not in client.get(ADD).content
    sent = {"email": "Eval@exemple.ca", "display_name": "Dominique Roy", "roles": ["REVIEWER"]}
    refused = client.post(ADD, sent | {"is_superuser": "on", "is_staff": "on"})
    assert refused.context["adminform"].form.errors == {"reason": ["Expliquez pourquoi en quelques mots."]}
    answer = client.post(ADD, sent | {"reason": "Arrivée.", "is_superuser": "on", "is_staff": "on"})
    assert answer.status_code == 302
    user = User.objects.get(email="eval@exemple.ca")
    assert (user.display_name, user.is_staff, user.is_superuser, user.is_active) == (
        "Dominique Roy",
        False,
        False,
        True,
    )
    assert not user.has_usable_password()
    assert not user.groups.exists()
    asked = user.changes.get()
    assert (asked.kind, asked.value, asked.reason, asked.asked_by, asked.state) == (
        "ROLES",
        "REVIEWER",
        "Arrivée.",
        boss,
        "ASKED",
    )
    assert client.post(ADD, {"email": "sans-role@exemple.ca", "display_name": "S"}).status_code == 302
    assert not User.objects.get(email="sans-role@exemple.ca").changes.exists()


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"email": "pirate@exemple.ca"},
        {"is_superuser": "on", "is_staff": "on", "is_active": "on"},
        {"roles": ["STAFF"], "groups": ["1"], "user_permissions": ["1"]},
        {"_save": "1", "_continue": "1", "changes-0-state": "APPLIED", "changes-TOTAL_FORMS": "1"},
    ],
)
def test_a_posted_form_changes_more_of_an_account_than_the_displayed_name(more: dict[str, object]) -> None:
    boss, user = make_administrator(), make_staff(Role.REVIEWER, "moi@exemple.ca")
    password = user.password
    assert client_of(boss).post(change(user), {"display_name": "Domi"} | more).status_code == 302
    user.refresh_from_db()
    assert (
        user.display_name,
        user.email,
        user.is_staff,
        user.is_superuser,
        user.is_active,
        user.password,
    ) == (
        "Domi",
        "moi@exemple.ca",
        True,
        False,
        True,
        password,
    )
    assert [group.name for group in user.groups.all()] == ["REVIEWER"]
    assert not user.user_permissions.exists()
    assert User.objects.count() == 2


def test_an_empty_post_removes_the_displayed_name_of_an_account() -> None:
    boss, user = make_administrator(), make_staff(display_name="Dominique Roy")
    for sent in ({}, {"display_name": "  "}):
        page = client_of(boss).post(change(user), sent)
        assert "Inscrivez le nom affiché" in page.content.decode()
    with pytest.raises(NameNeededError):
        rename_account(person=user, display_name="", actor=boss)
    assert User.objects.get(pk=user.pk).display_name == "Dominique Roy"


def test_the_page_that_refuses_a_change_is_no_second_reading_of_the_account() -> None:
    boss, user = make_administrator(), make_staff(display_name="Dominique Roy")
    client = client_of(boss)
    for send, readings in ((client.post, 0), (client.get, 1), (client.head, 1)):
        assert send(change(user)).status_code == 200
        assert readings_of(user).count() == readings


def test_a_changed_name_enters_the_journal_with_its_author() -> None:
    boss, user = make_administrator(), make_staff(display_name="Dominique Roy")
    for _ in range(2):  # the second one changes nothing
        client_of(boss).post(change(user), {"display_name": "Domi Roy"})
    entry = Entry.objects.get(action="ACCOUNT_RENAMED")
    assert (entry.actor, entry.subject_id, entry.detail) == (boss, str(user.public_id), "")
    with pytest.raises(NotAdministratorError):
        rename_account(person=user, display_name="Moi", actor=user)


def test_staff_see_an_account_with_drafts_alone() -> None:
    drafting = make_draft().submission.candidate
    filed = make_filed(make_open_offer()).candidate
    colleague, newcomer = make_staff(Role.REVIEWER), make_user()
    reader = make_staff(Role.STAFF)
    found = client_of(reader).get(LIST).context["cl"].result_list
    assert set(found) == {filed, colleague, reader}
    for hidden in (drafting, newcomer):
        page = client_of(reader).get(change(hidden))
        missing = client_of(reader).get(reverse("admin:accounts_user_change", args=[987654]))
        assert (page.status_code, page.headers["Location"]) == (302, "/admin/")
        assert (missing.status_code, missing.headers["Location"]) == (302, "/admin/")
    everyone = client_of(make_administrator()).get(LIST).context["cl"].result_list
    assert {drafting, filed, colleague, newcomer, reader} < set(everyone)


def test_staff_who_applied_see_the_accounts_of_their_rivals() -> None:
    offer, other = make_open_offer(), make_open_offer()
    rival, elsewhere = make_filed(offer).candidate, make_filed(other).candidate
    applied = make_filed(offer).candidate
    give_role(user=applied, role=Role.STAFF)
    assert set(client_of(applied).get(LIST).context["cl"].result_list) == {applied, elsewhere}
    assert rival not in visible_accounts(applied)


def test_accounts_are_narrowed_by_role() -> None:
    reviewer, administrator, candidate = make_staff(Role.REVIEWER), make_administrator(), make_user()
    client = client_of(administrator)

    def found(role: str) -> set[User]:
        return set(client.get(LIST, {"role": role}).context["cl"].result_list)

    staff = make_staff(Role.STAFF)
    assert found("REVIEWER") == {reviewer}
    assert found("STAFF") == {staff}
    assert found("administration") == {administrator}
    assert found("aucun") == {candidate}
    assert found("autre") == set()


def test_the_account_form_edits_the_displayed_name_and_displays_the_rest() -> None:
    form = client_of(make_administrator()).get(change(make_staff(Role.STAFF))).context["adminform"]
    assert list(form.form.fields) == ["display_name"]


def test_an_account_is_never_deleted() -> None:
    user = make_user()
    client = client_of(make_administrator())
    assert client.post(f"/admin/accounts/user/{user.pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=user.pk).exists()
    shown = client.get(LIST).content.decode()
    assert user.email in shown
    assert "delete_selected" not in shown


def test_accounts_are_found_by_start_of_address_or_by_display_name() -> None:
    candidate, other = make_user("zoe.roy@exemple.invalid"), make_user("roy.zoe@exemple.invalid")
    named = make_staff(Role.REVIEWER)
    User.objects.filter(pk=named.pk).update(display_name="Dominique ROY")
    client = client_of(make_administrator())

    def found(words: str) -> set[User]:
        return set(client.get(LIST, {"q": words}).context["cl"].result_list)

    assert found("Zoe.") == {candidate}
    assert found("roy") == {other, named}
    assert found("roy domin") == {named}
    assert found("xqzw") == set()
