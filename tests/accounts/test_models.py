"""A user is identified by one address, case-insensitively, and has no password."""

import pytest
from django.contrib.auth import authenticate
from django.db import IntegrityError

from intake.accounts.models import User, fold_email
from intake.accounts.selectors import entries_by_matching_actors
from intake.journal.models import Entry
from intake.journal.services import record
from tests.database_roles import as_owner
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
def test_an_email_address_is_stored_folded(typed: str, kept: str) -> None:
    assert fold_email(typed) == kept
    assert make_user(typed).email == kept


def test_two_people_cannot_share_an_address_by_its_case() -> None:
    make_user("alex@exemple.ca")
    with pytest.raises(IntegrityError, match="accounts_user_email"):
        make_user("ALEX@exemple.ca")


def test_an_administrator_has_no_password_even_when_one_is_given() -> None:
    with as_owner():
        user = User.objects.create_superuser("Admin@exemple.ca", password="secret")  # noqa: S106 -- must be discarded
    assert user.is_staff
    assert user.is_superuser
    assert not user.has_usable_password()
    assert not user.check_password("secret")


def test_the_journal_is_searched_by_the_user_of_the_entry() -> None:
    wanted, other = make_user("zoe@exemple.ca"), make_user("alex@exemple.ca")
    named = make_user("b@exemple.ca", display_name="Zoé Roy")
    for person in (wanted, other, named):
        record(actor=person, action="SIGNED_IN", subject=person)
    for words, found in (("zoé", [wanted, named]), ("zoé roy", [named]), ("", [wanted, other, named])):
        conditions = entries_by_matching_actors(None, words)
        entries = Entry.objects.filter(action="SIGNED_IN").filter(*conditions).order_by("pk")
        assert [entry.actor for entry in entries] == found


def test_a_password_signs_in_no_user() -> None:
    user = make_user("alex@exemple.ca")
    user.set_password("secret")
    user.save()
    assert authenticate(None, username="alex@exemple.ca", password="secret") is None  # noqa: S106 -- must not authenticate
