"""User accounts in the administration."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.forms import CheckboxSelectMultiple
from django.test import RequestFactory
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.accounts.services import give_role
from intake.journal.selectors import entries_about
from tests.factories.people import client_of, make_administrator, make_staff, make_user

pytestmark = pytest.mark.django_db

LIST, ADD = "/admin/accounts/user/", "/admin/accounts/user/add/"


def change(user: User) -> str:
    return reverse("admin:accounts_user_change", args=[user.pk])


def test_an_administrator_creates_an_account_with_a_role_and_no_password() -> None:
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


def test_removing_the_last_role_ends_access_to_the_administration() -> None:
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

    staff = make_staff(Role.STAFF)
    assert found("REVIEWER") == {reviewer}
    assert found("STAFF") == {staff}
    assert found("administration") == {administrator}
    assert found("aucun") == {candidate}
    assert found("autre") == set()
    page = client.get(LIST)
    assert set(page.context["cl"].result_list) == {reviewer, staff, administrator, candidate}
    assert page.context["cl"].filter_specs[0].lookup_choices == [
        ("REVIEWER", "Membre du comité"),
        ("STAFF", "Personnel"),
        ("administration", "Administration"),
        ("aucun", "Aucun"),
    ]


def test_the_list_of_accounts_shows_roles_and_whether_each_is_open() -> None:
    both = make_staff(Role.STAFF, "c@exemple.ca", display_name="Camille Roy")
    give_role(user=both, role=Role.REVIEWER)
    make_user("d@exemple.ca", is_active=False)
    administrator = make_administrator("b@exemple.ca")
    give_role(user=administrator, role=Role.STAFF)
    make_administrator("a@exemple.ca")
    changes = client_of(administrator).get(LIST).context["cl"]
    shown = changes.model_admin
    assert [
        (user.email, shown.role_names(user), shown.open_or_closed(user)) for user in changes.result_list
    ] == [
        ("a@exemple.ca", "Administration", '<span class="state state-success">Ouvert</span>'),
        ("b@exemple.ca", "Personnel, Administration", '<span class="state state-success">Ouvert</span>'),
        (
            "c@exemple.ca",
            "Membre du comité, Personnel",
            '<span class="state state-success">Ouvert</span>',
        ),
        ("d@exemple.ca", "", '<span class="state state-error">Fermé</span>'),
    ]
    assert (changes.list_per_page, changes.full_result_count) == (50, None)
    assert list(changes.list_display) == [
        "email",
        "display_name",
        "role_names",
        "open_or_closed",
        "last_login",
    ]
    assert [spec.title for spec in changes.filter_specs] == ["rôle", "compte ouvert"]
    assert changes.search_fields == ("email",)
    found, has_duplicates = shown.get_search_results(RequestFactory().get(LIST), User.objects.all(), "c@")
    assert ([user.email for user in found], has_duplicates) == (["c@exemple.ca"], False)


def test_a_changed_account_keeps_its_password_and_its_roles_enter_the_journal() -> None:
    boss, user = make_administrator(), make_staff(Role.REVIEWER, display_name="Dominique Roy")
    password = user.password
    sent = {"email": "Autre@exemple.ca", "display_name": "Domi", "roles": ["STAFF"], "is_active": "on"}
    assert client_of(boss).post(change(user), sent).status_code == 302
    user.refresh_from_db()
    assert (user.email, user.display_name, user.is_staff, user.is_superuser, user.password) == (
        "autre@exemple.ca",
        "Domi",
        True,
        False,
        password,
    )
    assert list(entries_about(user).order_by("pk").values_list("action", "detail", "actor"))[1:] == [
        ("ROLE_GIVEN", "STAFF", boss.pk),
        ("ROLE_TAKEN", "REVIEWER", boss.pk),
    ]
    client_of(boss).post(change(user), {"email": user.email, "is_superuser": "on"})
    user.refresh_from_db()
    assert (user.is_staff, user.is_superuser, user.is_active) == (True, True, False)


def test_the_account_form_edits_five_fields_and_displays_the_others() -> None:
    user = make_staff(Role.STAFF)
    form = client_of(make_administrator()).get(change(user)).context["adminform"]
    assert form.fieldsets == [
        (
            None,
            {
                "fields": (
                    "email",
                    "display_name",
                    "roles",
                    "is_active",
                    "is_superuser",
                    "public_id",
                    "date_joined",
                    "last_login",
                )
            },
        )
    ]
    assert list(form.form.fields) == ["email", "display_name", "roles", "is_active", "is_superuser"]
    assert (form.form.initial["roles"], form.form.fields["roles"].required) == (["STAFF"], False)
    roles, administration = form.form.fields["roles"], form.form.fields["is_superuser"]
    assert list(roles.choices) == Role.choices
    assert isinstance(roles.widget, CheckboxSelectMultiple)
    assert (roles.label, roles.help_text) == (
        "Rôles",
        "Ce qu’un rôle permet est écrit dans le code du portail.",
    )
    assert (administration.label, administration.help_text) == (
        "Administration",
        "Peut tout, sans autre rôle.",
    )


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
def test_the_list_takes_as_many_queries_for_one_account_as_for_three(
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
