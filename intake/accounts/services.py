"""Operations on accounts, and sign-in links for a first visit on a developer's machine."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core import signing
from django.db import transaction
from django.urls import reverse

from intake.accounts.codes import ProofRefused
from intake.accounts.models import User, fold_email
from intake.accounts.roles import Role
from intake.journal.services import record
from intake.web.mails import portal_url

LINK_LIFETIME = dt.timedelta(hours=12)
_SIGNER_SALT = "intake.accounts.links"  # signed in every token already sent: it never changes


@transaction.atomic
def open_account_for(
    *, email: str, display_name: str = "", actor: User | None, at: dt.datetime
) -> tuple[User, bool]:
    """Return the account with address `email`, and True if it was created at `at`, without any right.

    `actor`: the administrator who opens it for its owner, or None for the operator.
    """
    user, created = User.objects.get_or_create(
        email=fold_email(email),
        defaults={"display_name": display_name, "date_joined": at, "password": make_password(None)},
    )
    if created:
        record(actor=actor, action="ACCOUNT_OPENED", subject=user)
    return user, created


@transaction.atomic
def open_account(*, email: str, at: dt.datetime) -> tuple[User, bool]:
    """Return the account with the verified address `email`, which may be closed, and True if it was created at `at`."""
    user, created = User.objects.get_or_create(
        email=fold_email(email), defaults={"date_joined": at, "password": make_password(None)}
    )
    if created:
        record(actor=user, action="ACCOUNT_OPENED", subject=user)
    return user, created


def check_sent_since(*, user: User, sent_at: dt.datetime) -> None:
    """Raise if the code or link that proves the mailbox was sent before all sessions of `user` were ended.

    :raises ProofRefused: in that case.
    """
    if user.sessions_ended_at is not None and sent_at < user.sessions_ended_at:
        raise ProofRefused


@transaction.atomic
def set_roles(*, user: User, roles: set[Role], actor: User | None = None) -> None:
    """Set the roles of `user` to exactly `roles`; record each role given or taken in the journal.

    The application's role in the database may only do so in the transaction of an applied change of the account.
    """
    current = roles_of(user)
    for role in sorted(roles - current):
        user.groups.add(Group.objects.get_or_create(name=role.value)[0])
        record(actor=actor, action="ROLE_GIVEN", subject=user, detail=role.value)
    for role in sorted(current - roles):
        user.groups.remove(Group.objects.get(name=role.value))
        record(actor=actor, action="ROLE_TAKEN", subject=user, detail=role.value)


def roles_of(user: User) -> set[Role]:
    """Return the roles of `user`; an administrator needs none."""
    return {Role(name) for name in user.groups.values_list("name", flat=True) if name in Role.values}


class OneTimeLinksOff(RuntimeError):
    """This installation does not allow sign-in by a link: the setting `ONE_TIME_LINKS` is not True."""


@dataclass(frozen=True, slots=True)
class Link:
    """Content of a link: user, expiry (exclusive), and last sign-in; the next sign-in makes the link invalid."""

    public_id: uuid.UUID
    expires_at: dt.datetime
    last_login: str


def make_sign_in_link(*, user: User, at: dt.datetime) -> str:
    """Return an absolute link that signs `user` in once, within 12 hours of `at` and before their next sign-in."""
    _check_links_enabled()
    link = Link(public_id=user.public_id, expires_at=at + LINK_LIFETIME, last_login=_last_login(user))
    return portal_url(reverse("accounts:sign_in_link", args=[sign_link(link)]))


def user_of_link(*, token: str, at: dt.datetime) -> User:
    """Return the user of a link, without using the link. In a transaction, lock the user's row.

    :raises ProofRefused: if the link was altered, was used or has expired, or the account is closed.
    """
    _check_links_enabled()
    link = read_link(token)
    accounts = User.objects.filter(public_id=link.public_id, is_active=True)
    if transaction.get_connection().in_atomic_block:
        accounts = accounts.select_for_update(of=("self",))  # two clicks at once: the second is refused
    user = accounts.first()
    if user is None or at >= link.expires_at or _last_login(user) != link.last_login:
        raise ProofRefused
    check_sent_since(user=user, sent_at=link.expires_at - LINK_LIFETIME)
    return user


def _check_links_enabled() -> None:
    if settings.ONE_TIME_LINKS is not True:
        raise OneTimeLinksOff


def sign_link(link: Link) -> str:
    """Return the token of `link`."""
    return signing.Signer(salt=_SIGNER_SALT).sign_object(
        {"u": link.public_id.hex, "e": link.expires_at.isoformat(), "l": link.last_login}
    )


def read_link(token: str) -> Link:
    """Return the link of `token`.

    :raises ProofRefused: if this installation did not sign it.
    """
    try:
        content = signing.Signer(salt=_SIGNER_SALT).unsign_object(token)
    except signing.BadSignature as error:
        raise ProofRefused from error
    return Link(
        public_id=uuid.UUID(content["u"]),
        expires_at=dt.datetime.fromisoformat(content["e"]),
        last_login=content["l"],
    )


def _last_login(user: User) -> str:
    return user.last_login.isoformat() if user.last_login else ""
