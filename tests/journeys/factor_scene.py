"""The people of the film of the second factor. Runs in `manage.py shell` beside the running portal."""

import json
from uuid import uuid4

from django.conf import settings
from django.utils import timezone

from tests.factories.factors import code_at
from tests.factories.people import client_of, make_administrator, make_staff, make_user


def make_people() -> None:
    """Make a candidate, a new staff member and two administrators. Print their addresses and sessions."""
    mark = uuid4().hex[:6]
    candidate = make_user(f"candidate-{mark}@exemple.invalid")
    staff = make_staff(email=f"personnel-{mark}@exemple.invalid", display_name="Rose Lavoie")
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
