"""A user is identified by one address, case-insensitively, and has no password."""

from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.db.models import Q

from intake.accounts.models import User, fold_email
from intake.accounts.selectors import address_prefix_condition, entries_by_matching_actors
from intake.accounts.services import open_account
from intake.journal.models import Entry
from intake.journal.selectors import entries_about
from intake.journal.services import record
from tests.database_roles import as_owner
from tests.factories.people import at, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "typed, kept",
    [
        ("Alex.Roy@Exemple.CA", "alex.roy@exemple.ca"),
        ("  alex@exemple.ca \n", "alex@exemple.ca"),
        ("E\u0301LISE@exemple.ca", "élise@exemple.ca"),
    ],
)
def test_an_email_address_is_stored_folded(typed: str, kept: str) -> None:
    assert fold_email(typed) == kept
    assert make_user(typed).email == kept


def test_two_people_cannot_share_an_address_by_its_case() -> None:
    make_user("alex@exemple.ca")
    with pytest.raises(IntegrityError, match="accounts_user_email"):
        make_user("ALEX@exemple.ca")


def test_the_database_refuses_an_address_in_capitals() -> None:
    user = make_user()
    with (
        pytest.raises(IntegrityError, match="email_is_lower_case"),
        as_owner(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE accounts_user SET email = 'Alex@exemple.ca' WHERE id = %s", [user.pk])


def test_the_account_form_refuses_a_used_address() -> None:
    make_user("alex@exemple.ca")
    with pytest.raises(ValidationError, match="utilise déjà"):
        User(email="ALEX@exemple.ca", password="!").full_clean()  # noqa: S106 -- the marker of no password


def test_the_account_form_stores_ligatures_as_plain_letters() -> None:
    typed = User(email=" \ufb01lle@Exemple.ca ")
    typed.clean()
    assert typed.email == "fille@exemple.ca"


def test_a_user_without_an_address_is_refused() -> None:
    with pytest.raises(ValueError, match="address"):
        User.objects.create_user("  ")


def test_an_administrator_has_no_password_even_when_one_is_given() -> None:
    with as_owner():
        user = User.objects.create_superuser("Admin@exemple.ca", password="secret")  # noqa: S106 -- must be discarded
    assert user.is_staff
    assert user.is_superuser
    assert not user.has_usable_password()
    assert not user.check_password("secret")


def test_a_user_is_found_by_any_spelling_of_the_address() -> None:
    user = make_user("alex@exemple.ca")
    assert User.objects.get_by_natural_key("Alex@Exemple.ca ") == user


def test_a_user_is_displayed_by_name_or_address() -> None:
    assert str(make_user("a@exemple.ca", display_name="Dominique Roy")) == "Dominique Roy"
    assert str(make_user("b@exemple.ca")) == "b@exemple.ca"


def test_full_and_short_name_are_the_display_name_or_the_address() -> None:
    named, unnamed = User(email="a@exemple.ca", display_name="Dominique Roy"), User(email="b@exemple.ca")
    assert [named.get_full_name(), named.get_short_name()] == ["Dominique Roy"] * 2
    assert [unnamed.get_full_name(), unnamed.get_short_name()] == ["b@exemple.ca"] * 2


def test_an_empty_address_finds_no_user() -> None:
    make_user()
    for address in (None, "", "inconnue@exemple.ca"):
        with pytest.raises(User.DoesNotExist):
            User.objects.get_by_natural_key(address)


def test_a_created_superuser_always_has_access_to_the_administration() -> None:
    with as_owner():
        made = User.objects.create_superuser("Admin@exemple.ca", is_staff=False, display_name="Sam")
    assert (made.email, made.is_staff, made.is_superuser, made.display_name) == (
        "admin@exemple.ca",
        True,
        True,
        "Sam",
    )


@pytest.mark.parametrize(
    "typed, condition",
    [
        ("Roy", Q(("email__startswith", "roy"))),
        ("Zoé", Q(("email__startswith", "zoé")) | Q(("email__startswith", "zoe"))),
    ],
)
def test_an_address_search_matches_the_typed_and_the_folded_prefix(typed: str, condition: Q) -> None:
    assert address_prefix_condition("email", typed) == condition


def test_the_journal_is_searched_by_the_user_of_the_entry() -> None:
    wanted, other = make_user("zoe@exemple.ca"), make_user("alex@exemple.ca")
    named = make_user("b@exemple.ca", display_name="Zoé Roy")
    for person in (wanted, other, named):
        record(actor=person, action="SIGNED_IN", subject=person)
    for words, found in (("zoé", [wanted, named]), ("zoé roy", [named]), ("", [wanted, other, named])):
        conditions = entries_by_matching_actors(None, words)
        entries = Entry.objects.filter(action="SIGNED_IN").filter(*conditions).order_by("pk")
        assert [entry.actor for entry in entries] == found


def test_an_account_is_opened_once_at_the_instant_of_the_first_sign_in() -> None:
    user, made = open_account(email=" Alex@Exemple.CA ", at=at())
    assert (user.email, user.date_joined, made) == ("alex@exemple.ca", at(), True)
    assert not user.has_usable_password()
    assert open_account(email="ALEX@exemple.ca", at=at() + timedelta(days=1)) == (user, False)
    user.refresh_from_db()
    assert user.date_joined == at()
    assert list(entries_about(user).values_list("action", "actor")) == [("ACCOUNT_OPENED", user.pk)]


def test_a_password_signs_in_no_user() -> None:
    user = make_user("alex@exemple.ca")
    user.set_password("secret")
    user.save()
    assert authenticate(None, username="alex@exemple.ca", password="secret") is None  # noqa: S106 -- must not authenticate
