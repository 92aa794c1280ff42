"""Accounts in the administration."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from intake.accounts.models import User
from intake.accounts.roles import Role
from tests.factories.people import client_of, make_administrator, make_staff, make_user

pytestmark = pytest.mark.django_db

LIST, ADD = "/admin/accounts/user/", "/admin/accounts/user/add/"


def change(user: User) -> str:
    return reverse("admin:accounts_user_change", args=[user.pk])


def test_an_administrator_opens_an_account_with_a_role_and_no_password() -> None:
    client = client_of(make_administrator())
    assert b"password" not in client.get(ADD).content
    answer = client.post(
        ADD,
        {
            "email": "Eval@exemple.ca",
            "display_name": "Dominique Roy",
            "is_active": "on",
            "roles": ["REVIEWER"],
        },
    )
    assert answer.status_code == 302
    user = User.objects.get(email="eval@exemple.ca")
    assert user.is_staff
    assert not user.has_usable_password()
    assert [group.name for group in user.groups.all()] == ["REVIEWER"]


def test_taking_the_last_role_shuts_the_administration() -> None:
    client, user = client_of(make_administrator()), make_staff(Role.REVIEWER)
    page = client.get(change(user)).content.decode()
    assert 'value="REVIEWER" id="id_roles_0" checked' in " ".join(page.split())
    client.post(change(user), {"email": user.email, "display_name": user.display_name, "is_active": "on"})
    user.refresh_from_db()
    assert not user.is_staff
    assert not user.groups.exists()


def test_staff_read_accounts_and_change_none() -> None:
    client, user = client_of(make_staff(Role.STAFF)), make_user()
    assert client.get(LIST).status_code == 200
    assert client.get(change(user)).status_code == 200
    sent = {"email": "autre@exemple.ca", "display_name": "Autre", "is_superuser": "on", "roles": ["STAFF"]}
    assert client.post(change(user), sent).status_code == 403
    assert (client.get(ADD).status_code, client.post(ADD, sent).status_code) == (403, 403)
    assert User.objects.get(pk=user.pk).email == user.email
    assert not User.objects.filter(email=sent["email"]).exists()
    assert not User.objects.get(pk=user.pk).groups.exists()


def test_accounts_are_narrowed_by_role() -> None:
    reviewer, administrator, candidate = make_staff(Role.REVIEWER), make_administrator(), make_user()
    client = client_of(administrator)

    def found(role: str) -> set[User]:
        return set(client.get(LIST, {"role": role}).context["cl"].result_list)

    assert found("REVIEWER") == {reviewer}
    assert found("administration") == {administrator}
    assert found("aucun") == {candidate}


def test_reviewers_see_no_account() -> None:
    user = make_user()
    client = client_of(make_staff(Role.REVIEWER))
    answers = [client.get(LIST), client.get(change(user))]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert not [answer for answer in answers if user.email in answer.content.decode()]


def test_an_account_is_never_deleted() -> None:
    user = make_user()
    client = client_of(make_administrator())
    assert client.post(f"/admin/accounts/user/{user.pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=user.pk).exists()
    shown = client.get(LIST).content.decode()
    assert user.email in shown
    assert "delete_selected" not in shown


@pytest.mark.parametrize("people", [1, 3])
def test_the_list_asks_the_database_as_much_for_one_as_for_three(
    people: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(people):
        make_staff(Role.REVIEWER)
    client = client_of(make_administrator())
    client.get(LIST)
    with django_assert_num_queries(4):
        client.get(LIST)


def test_roles_and_addresses_have_no_page_of_their_own() -> None:
    assert not admin.site.is_registered(Group)
    home = client_of(make_administrator()).get("/admin/").content.decode()
    assert LIST in home
    assert "account/emailaddress" not in home
    assert "auth/group" not in home


def test_accounts_are_found_by_how_the_address_starts_or_by_the_name_shown() -> None:
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
