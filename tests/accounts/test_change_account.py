"""`manage.py change_account`: the operator appoints the first administrators, in the open."""

from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from intake.accounts.models import AccountChange, User
from intake.accounts.second_factor.selectors import has_factor
from intake.accounts.services import roles_of
from intake.journal.models import Entry
from tests.database_roles import as_owner
from tests.factories.factors import make_application
from tests.factories.people import make_administrator, make_user

pytestmark = pytest.mark.django_db


def run(*arguments: str, **options: Any) -> None:
    with as_owner():
        call_command("change_account", *arguments, **({"reason": "Ouverture du portail."} | options))


def test_the_first_administrator_has_no_account_before_the_command() -> None:
    run("Premiere@Exemple.ca", "--administration=yes")
    first = User.objects.get()
    assert (first.email, first.is_superuser, first.is_staff, first.is_active) == (
        "premiere@exemple.ca",
        True,
        True,
        True,
    )
    change = AccountChange.objects.get()
    assert (change.reason, change.asked_by, change.decided_by) == ("Ouverture du portail.", None, None)
    entries = Entry.objects.order_by("pk")
    assert [entry.action for entry in entries] == [
        "ACCOUNT_OPENED",
        "ACCOUNT_CHANGE_APPLIED",
        "INVITATION_GIVEN",
    ]
    assert not entries.exclude(actor=None).exists()


def test_the_operator_changes_roles_an_address_and_a_closed_account() -> None:
    person = make_user("a@exemple.ca", is_active=False)
    run("a@exemple.ca", roles="STAFF,REVIEWER")
    run("a@exemple.ca", new_address="B@exemple.ca")
    run("b@exemple.ca", reopen=True)
    person.refresh_from_db()
    assert (person.email, person.is_active, roles_of(person)) == ("b@exemple.ca", True, {"STAFF", "REVIEWER"})
    run("b@exemple.ca", roles="", reason="x" * 300)
    assert roles_of(person) == set()
    make_application(person)
    run("b@exemple.ca", lost_device=True)
    assert not has_factor(person)
    make_administrator()
    for answer in ("yes", "no"):
        run("b@exemple.ca", f"--administration={answer}")
        person.refresh_from_db()
        assert person.is_superuser is (answer == "yes")


@pytest.mark.parametrize(
    "arguments, options, said",
    [
        (["b@exemple.ca"], {"roles": "BOSS"}, "no role BOSS"),
        (["b@exemple.ca"], {"roles": ""}, "nothing_to_change"),
        (["b"], {"roles": "STAFF"}, "b is not an address"),
        (["b@exemple.ca"], {"new_address": "x"}, "x is not an address"),
        (["b@exemple.ca"], {"new_address": "admin@exemple.ca"}, "address_taken"),
        (["admin@exemple.ca", "--administration=no"], {}, "last_administrator"),
        (["b@exemple.ca"], {"roles": "STAFF", "reason": " "}, "give a reason"),
        (["b@exemple.ca"], {"roles": "STAFF", "reason": "x" * 301}, "of at most 300 characters"),
    ],
)
def test_bad_input_leaves_an_account_or_a_change(
    arguments: list[str], options: dict[str, Any], said: str
) -> None:
    make_administrator("admin@exemple.ca")
    with pytest.raises(CommandError, match=said) as refused:
        run(*arguments, **options)
    assert refused.value.returncode == 2
    assert (User.objects.count(), AccountChange.objects.count()) == (1, 0)
