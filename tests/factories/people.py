"""Users and profiles for tests, created as the portal creates them."""

import datetime as dt
import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, Final

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import update_last_login
from django.contrib.sessions.backends import cached_db
from django.db import connection, transaction
from django.test import Client

from intake.accounts import changes
from intake.accounts.models import AccountChange, User
from intake.accounts.roles import Role
from intake.accounts.second_factor.checks import MAILBOX
from intake.accounts.services import roles_of, set_roles
from intake.devtools.embedded.owner import as_owner as own_connection
from intake.profiles.models import Profile
from intake.profiles.services import remember_answers
from intake.web.sessions import SessionStore
from tests.database_roles import as_owner

_serial = itertools.count(1)
"""Formatted with five digits: lists ordered by address do not depend on the first number."""

DAY: Final = 24 * 3600
"""Seconds. No test takes so long."""

ANSWERS = {
    "first_name": "Alex",
    "last_name": "Tremblay-Nguyễn",
    "birth_date": "1998-05-04",
    "phone": "+14185550142",
    "address_line": "1035, rue des Parlementaires",
    "city": "Québec",
    "province": "QC",
    "postal_code": "G1A 1A4",
    "legal_status": "CITIZEN",
    "domicile_province": "QC",
    "quebec_resident_since": "1998-05-04",
    "resident_for_health_insurance": True,
    "resident_for_tax": True,
}
"""Every answer that a profile may store, in the form of its JSON."""


def make_user(email: str = "", **fields: Any) -> User:
    """Create a user who has signed in before; a candidate unless `fields` say otherwise."""
    email = email or f"personne-{next(_serial):05}@exemple.invalid"
    with as_owner() if fields.keys() & {"is_staff", "is_superuser"} else nullcontext():
        return User.objects.create_user(email, **fields)


def give_role(*, user: User, role: Role) -> None:
    """Give `user` a role and access to the administration."""
    roles = roles_of(user) | {role}
    with _permitted():
        if not user.is_staff:
            user.is_staff = True
            user.save(update_fields=["is_staff"])
        set_roles(user=user, roles=roles)


@contextmanager
def _permitted() -> Iterator[None]:
    """Let the block change accounts as the owner of the tables, who needs no applied change.

    Without the mails and the end of sessions of a real change: portals of the tests have many invented people.
    """
    connection.ensure_connection()
    in_portal = connection.connection.info.user == settings.APPLICATION_ROLE
    with own_connection() if in_portal else as_owner(), transaction.atomic():
        yield


def change_as_operator(**change: Any) -> AccountChange:
    """Change an account as the operator does, who has the owner's connection."""
    with as_owner():
        return changes.change_as_operator(**change)


def make_staff(role: Role = Role.STAFF, email: str = "", **fields: Any) -> User:
    """Create a user with `role`."""
    user = make_user(email, **({"display_name": f"Membre {next(_serial):05}"} | fields))
    give_role(user=user, role=role)
    return user


def make_administrator(email: str = "") -> User:
    """Make an administrator."""
    user = make_user(email or f"admin-{next(_serial):05}@exemple.invalid")
    with _permitted():
        user.is_staff = user.is_superuser = True
        user.save(update_fields=["is_staff", "is_superuser"])
    return user


def take_administration(user: User) -> None:
    """Make an administrator a candidate again."""
    with _permitted():
        User.objects.filter(pk=user.pk).update(is_staff=False, is_superuser=False)


def make_profile(user: User | None = None, **answers: Any) -> Profile:
    """Create a complete profile; `answers` replace those of `ANSWERS`, None clears one."""
    return remember_answers(user=user or make_user(), answers=ANSWERS | answers)


def mark_checked(session: Any, user: User) -> None:
    """Mark a session as one in which `user` proved a second factor and their mailbox, which both stay recent."""
    at = time.time() + DAY
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": "mfa", "at": at},
        {"method": MAILBOX, "email": user.email, "at": at},
    ]
    session["account_authentication_methods_user"] = str(user.pk)


def prove_mailbox(client: Client, user: User, *, method: str = MAILBOX) -> None:
    """Note in a session of `user` that they have just proved their mailbox, as their sign-in by mail does."""
    session = client.session
    proof = {"method": method, "email": user.email, "at": time.time()}
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        *session.get(AUTHENTICATION_METHODS_SESSION_KEY, []),
        proof,
    ]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()


def client_of(user: User, *, second_factor: bool = True) -> Client:
    """Return a client with a session of `user`, who by default proved in it a second factor and their mailbox.

    The session is written directly, in a third of the statements of a sign-in: thousands of tests begin with one.
    """
    session: Any = SessionStore()
    if second_factor:
        mark_checked(session, user)
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session._session_key = session._get_new_session_key()
    cached_db.SessionStore.save(session, must_create=True)  # also written to the cache, as by a sign-in
    update_last_login(User, user)
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


def at(text: str = "2027-09-28T16:00:00+00:00") -> dt.datetime:
    """Return an aware instant."""
    return dt.datetime.fromisoformat(text)
