"""The portal changes an account only by an applied change; `tests/database/attempts_changes.py` has each way around."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction
from django.utils import timezone

from intake.accounts.changes import change_as_operator
from intake.accounts.models import AccountChange, User
from tests.factories.people import make_administrator, make_user

pytestmark = pytest.mark.django_db

Kind = AccountChange.Kind


@pytest.mark.parametrize("authors", ["none", "two candidates", "one of them"])
def test_the_application_cannot_give_itself_the_administration(authors: str) -> None:
    person = make_user()
    first, second = {
        "none": (None, None),
        "two candidates": (make_user(), make_user()),
        "one of them": (make_administrator(), make_user()),
    }[authors]
    given = {"person": person, "kind": Kind.ADMINISTRATION, "value": "YES", "reason": "Pirate."}
    with pytest.raises(IntegrityError, match="is not decided by administrators"), transaction.atomic():
        AccountChange.objects.create(state="APPLIED", asked_by=first, decided_by=second, **given)
        User.objects.filter(pk=person.pk).update(is_superuser=True)
    person.refresh_from_db()
    assert not person.is_superuser


def test_the_operators_command_does_not_run_as_the_application() -> None:
    person = make_user("moi@exemple.ca")
    with pytest.raises(CommandError, match="DATABASE_OWNER_URL"):
        call_command("change_account", "moi@exemple.ca", administration="yes", reason="Ouverture.")
    with pytest.raises(IntegrityError, match="is not decided by administrators"):
        change_as_operator(
            person=person, kind=Kind.ROLES, value="REVIEWER", reason="Ouverture.", at=timezone.now()
        )
