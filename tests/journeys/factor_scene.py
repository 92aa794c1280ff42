"""The people of the film of the second factor. Runs in `manage.py shell` beside the running portal."""

import json
from uuid import uuid4

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import Invitation
from intake.accounts.second_factor.invitations import give_invitation, invitation_token
from tests.factories.factors import code_at
from tests.factories.people import client_of, make_administrator, make_staff, make_user


def make_people() -> None:
    """Make a candidate, a new staff member and two administrators. Print their addresses and sessions."""
    mark = uuid4().hex[:6]
    candidate = make_user(f"candidate-{mark}@exemple.invalid")
    staff = make_staff(email=f"personnel-{mark}@exemple.invalid", display_name="Rose Lavoie")
    give_invitation(user=staff, actor=None, at=timezone.now())
    both = [make_administrator(f"direction-{name}-{mark}@exemple.invalid") for name in ("une", "deux")]
    name = settings.SESSION_COOKIE_NAME
    found = {
        "candidate": candidate.email,
        "staff": staff.email,
        "staff_id": staff.pk,
        "administrators": [[name, client_of(user).cookies[name].value] for user in both],
    }
    print(json.dumps(found))  # noqa: T201 -- the film reads this output


def show_code(secret: str) -> None:
    """Print the code that an application with `secret` shows now."""
    print(json.dumps(code_at(timezone.now(), secret)))  # noqa: T201 -- the film reads this output


def show_invitation(address: str) -> None:
    """Print the path of the link that the invitation mailed to `address` has."""
    invitation = Invitation.objects.get(user__email=address)
    path = reverse("accounts:invitation", args=[invitation_token(invitation.public_id)])
    print(json.dumps(path))  # noqa: T201 -- the film reads this output
