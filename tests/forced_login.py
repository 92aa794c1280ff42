"""`Client.force_login` of Django, with a second factor checked in its session: most tests are not about that check.

A test about it uses `client_of(user, second_factor=False)` of `tests/factories/people.py`.
"""

from typing import Any

from django.test import Client


def check_second_factor_too() -> None:
    """Mark each session that `force_login` opens as one in which the second factor was checked."""
    original: Any = Client.force_login

    def force_login(client: Client, user: Any, backend: str | None = None) -> None:
        from tests.factories.people import mark_checked  # noqa: PLC0415 -- models are ready after the first lines of conftest.py

        original(client, user, backend)
        session = client.session
        mark_checked(session, user)
        session.save()

    setattr(Client, original.__name__, force_login)
