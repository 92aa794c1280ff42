"""Invitations to add the first second factor: one for each account of staff, by mail, once, for seven days.

The link of the mail is signed, as those of sign-in are: nothing that opens it is stored, in the row or in the outbox.
It signs nobody in. Giving another invitation replaces the row, so that the earlier link is no longer valid; adding the
factor deletes it (`sql/use_up_invitation.sql`).
"""

import datetime as dt
from collections.abc import Callable
from typing import Final
from uuid import UUID

from django.core import signing
from django.db import transaction

from intake.accounts.codes import ProofRefused
from intake.accounts.models import Invitation, User
from intake.accounts.second_factor.errors import InvitationNotNeededError, NotInvitedError
from intake.accounts.second_factor.selectors import has_factor
from intake.journal.services import record

type Listener = Callable[[Invitation, dt.datetime], None]

_SALT: Final = "intake.accounts.invitations"  # signed in every link already sent: it never changes

_listeners: list[Listener] = []


def register_invitation_listener(listener: Listener) -> None:
    """Call `listener(invitation, at)` in the transaction that gives an invitation. For `intake.wiring`."""
    if listener not in _listeners:
        _listeners.append(listener)


# -- Links -----------------------------------------------------------------------------------------------
def invitation_token(public_id: UUID) -> str:
    """Return the token of the link of an invitation: its identifier and a signature of 256 bits."""
    return signing.Signer(salt=_SALT).sign(public_id.hex)


def read_invitation_token(token: str, *, user: User, at: dt.datetime) -> Invitation:
    """Return the invitation of a link, if it is the open one of `user` at `at`.

    :raises ProofRefused: if this installation did not sign it, it is another account's, used, replaced or expired.
    """
    try:
        public_id = UUID(hex=signing.Signer(salt=_SALT).unsign(token))
    except signing.BadSignature as error:
        raise ProofRefused from error
    invitation = invitation_of(user)
    if invitation is None or invitation.public_id != public_id or at >= invitation.expires_at:
        raise ProofRefused
    return invitation


# -- Queries ---------------------------------------------------------------------------------------------
def invitation_of(user: User) -> Invitation | None:
    """Return the invitation of `user` that was not used, which may have expired."""
    return Invitation.objects.filter(user=user).first()


def may_be_invited(user: User) -> bool:
    """Return whether `user` needs an invitation to enter the administration: open, of staff, without a factor."""
    return user.is_active and user.is_staff and not has_factor(user)


def check_invited(*, user: User, public_id: str, at: dt.datetime) -> None:
    """Raise unless `public_id` is the open invitation of `user` at `at`. Who has a factor, or is no staff, needs none.

    :raises NotInvitedError: in that case.
    """
    if not user.is_staff or has_factor(user):
        return
    invitation = invitation_of(user)
    if invitation is None or str(invitation.public_id) != public_id or at >= invitation.expires_at:
        raise NotInvitedError


# -- Operations ------------------------------------------------------------------------------------------
@transaction.atomic
def give_invitation(*, user: User, actor: User | None, at: dt.datetime) -> Invitation:
    """Give `user` an invitation at `at`, which replaces an earlier one; a mail has its link.

    `actor`: the administrator who gives it, or None for the operator.

    :raises InvitationNotNeededError: if the account is closed, is no staff's, or has a second factor.
    """
    locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not may_be_invited(locked):
        raise InvitationNotNeededError
    invitation = open_invitation(user=locked, at=at)
    record(actor=actor, action="INVITATION_GIVEN", subject=locked)
    for listener in _listeners:
        listener(invitation, at)
    return invitation


@transaction.atomic
def renew_invitation(*, user: User, actor: User | None, at: dt.datetime) -> None:
    """After a change of the account, which the caller has locked: end its invitation, and give another if it needs one.

    The earlier link may have gone to another address, or to a person who has lost the role.
    """
    Invitation.objects.filter(user=user).delete()
    if may_be_invited(user):
        give_invitation(user=user, actor=actor, at=at)


@transaction.atomic
def open_invitation(*, user: User, at: dt.datetime) -> Invitation:
    """Open an invitation without a mail: in the session of its owner, who confirmed with the factor that goes."""
    Invitation.objects.filter(user=user).delete()
    return Invitation.objects.create(user=user, given_at=at)
