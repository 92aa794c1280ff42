"""What a maker of objects prints, beside the running portal, for the test that asked for them."""

import json
from uuid import uuid4

from django.conf import settings
from django.http import HttpResponse

from intake.accounts.models import User
from intake.web.language import _SALT, COOKIE
from tests.factories.people import client_of, make_user


def print_found(found: object) -> None:
    """Print a value as JSON."""
    print(json.dumps(found, default=str))  # noqa: T201 -- the test reads this output


def session_of(user: User) -> list[str]:
    """Open a session of a person; return its cookie, by name and value."""
    name = settings.SESSION_COOKIE_NAME
    return [name, client_of(user).cookies[name].value]


def new_address() -> str:
    """Return an address that nobody has: a test may make its people again in the same portal."""
    return f"{uuid4().hex}@exemple.invalid"


def new_candidate() -> User:
    """Return a new candidate."""
    return make_user(new_address())


def english_cookie() -> list[str]:
    """Return the cookie of a person who chose English, by name and value."""
    attested = HttpResponse()
    attested.set_signed_cookie(COOKIE, "en", salt=_SALT)
    return [COOKIE, attested.cookies[COOKIE].value]
