"""People are known by one address, whatever its case, and have no password."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection

from intake.accounts.models import User, fold_email
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "typed, kept",
    [
        ("Alex.Roy@Exemple.CA", "alex.roy@exemple.ca"),
        ("  alex@exemple.ca \n", "alex@exemple.ca"),
        ("E\u0301LISE@exemple.ca", "élise@exemple.ca"),
    ],
)
def test_an_address_is_folded(typed: str, kept: str) -> None:
    assert fold_email(typed) == kept
    assert make_user(typed).email == kept


def test_two_people_cannot_share_an_address_by_its_case() -> None:
    make_user("alex@exemple.ca")
    with pytest.raises(IntegrityError, match="accounts_user_email"):
        make_user("ALEX@exemple.ca")


def test_the_database_refuses_an_address_in_capitals() -> None:
    user = make_user()
    with pytest.raises(IntegrityError, match="email_is_lower_case"), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET email = 'Alex@exemple.ca' WHERE id = %s", [user.pk])


def test_the_form_of_an_account_says_that_an_address_is_taken() -> None:
    make_user("alex@exemple.ca")
    with pytest.raises(ValidationError, match="utilise déjà"):
        User(email="ALEX@exemple.ca", password="!").full_clean()  # noqa: S106 -- the mark of no password


def test_nobody_is_known_by_nothing() -> None:
    with pytest.raises(ValueError, match="address"):
        User.objects.create_user("  ")


def test_an_administrator_has_no_password_even_when_one_is_given() -> None:
    user = User.objects.create_superuser("Admin@exemple.ca", password="secret")  # noqa: S106 -- it must be thrown away
    assert user.is_staff
    assert user.is_superuser
    assert not user.has_usable_password()
    assert not user.check_password("secret")


def test_a_person_is_found_by_any_writing_of_their_address() -> None:
    user = make_user("alex@exemple.ca")
    assert User.objects.get_by_natural_key("Alex@Exemple.ca ") == user


def test_staff_are_named_as_colleagues_name_them() -> None:
    assert str(make_user("a@exemple.ca", display_name="Dominique Roy")) == "Dominique Roy"
    assert str(make_user("b@exemple.ca")) == "b@exemple.ca"
