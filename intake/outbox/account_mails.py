"""Mails about accounts. Of a change: to the person, at the address that the account had, and to administrators.

Of a second factor: to its owner; the subject is the journal entry of what was done. Of an invitation to add the first
one: to its owner; the key is the invitation.

Here and not in `accounts`, which is below the outbox.
"""

import re
from datetime import datetime
from uuid import UUID

from django.urls import reverse

from intake.accounts.changes import ADDRESS_KINDS
from intake.accounts.codes import undo_token
from intake.accounts.models import YES, AccountChange, Invitation, User
from intake.accounts.roles import Role
from intake.accounts.second_factor.invitations import invitation_token
from intake.accounts.selectors import changes_to_approve
from intake.journal.models import Entry
from intake.outbox.messages import Letter, render_letter
from intake.outbox.models import Delivery
from intake.outbox.services import post
from intake.web.mails import portal_url
from intake.web.portal_variables import privacy_officer

Kind = AccountChange.Kind

ACCOUNT_CHANGED_MAIL = "ACCOUNT_CHANGED_MAIL"
"""Mail to the owner of an account, when it is changed: what changed, at the address that it had before."""

ACCOUNT_NEW_ADDRESS_MAIL = "ACCOUNT_NEW_ADDRESS_MAIL"
"""Mail to the owner of an account, when others change its address or they take theirs back: where they now sign in."""

ACCOUNT_OPERATOR_MAIL = "ACCOUNT_OPERATOR_MAIL"
"""Mail to each other administrator, when the operator changes an account by a command: whose, and what changed."""

ACCOUNT_ASKED_MAIL = "ACCOUNT_ASKED_MAIL"
"""Mail to each administrator who may approve a change of an account, when another one asks for it: until when."""

SECOND_FACTOR_MAIL = "SECOND_FACTOR_MAIL"
"""Mail to the owner of an account, when a second factor changes or a recovery code is used: what was done."""

INVITATION_MAIL = "INVITATION_MAIL"
"""Mail to a member of staff, when they need a first second factor: the link to add it, once, within seven days."""


def post_change_mails(change: AccountChange, at: datetime) -> None:
    """Post the mails of a change that is asked or applied, in its transaction."""
    if change.state == AccountChange.State.ASKED:
        _post_to_administrators(ACCOUNT_ASKED_MAIL, change, at)
        return
    post(kind=ACCOUNT_CHANGED_MAIL, key=str(change.pk), subject=change, at=at)
    if change.kind == Kind.ADDRESS or (change.kind == Kind.OWN_ADDRESS and change.undoes_id):
        post(kind=ACCOUNT_NEW_ADDRESS_MAIL, key=str(change.pk), subject=change, at=at)
    if change.asked_by_id is None:
        _post_to_administrators(ACCOUNT_OPERATOR_MAIL, change, at)


def _post_to_administrators(kind: str, change: AccountChange, at: datetime) -> None:
    """Post one mail to each administrator, but to the one who asked and to the one whose account changes."""
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(
        pk__in=[key for key in (change.person_id, change.asked_by_id) if key]
    )
    for other in others.order_by("pk"):
        post(kind=kind, key=f"{change.pk}-{other.pk}", subject=change, at=at)


def compose_changed(delivery: Delivery, _at: datetime) -> Letter:
    """Return the mail to the person; of an address, to the one that the account had."""
    change = _change_of(delivery)
    to = change.before if change.kind in ADDRESS_KINDS else change.person.email
    return _letter("account_changed", change, to=to)


def compose_new_address(delivery: Delivery, _at: datetime) -> Letter:
    """Return the mail to the new address, even if the account has another one since."""
    change = _change_of(delivery)
    return _letter("account_new_address", change, to=change.value)


def compose_operator(delivery: Delivery, _at: datetime) -> Letter:
    """Return the mail to one administrator, who is named by the key."""
    change = _change_of(delivery)
    context = {
        "person": change.person,
        "kind": change.get_kind_display(),
        "reason": change.reason,
        "page": portal_url(reverse("admin:accounts_user_change", args=[change.person_id])),
    }
    return render_letter("account_operator", context, to=_administrator_of(delivery).email)


def compose_asked(delivery: Delivery, _at: datetime) -> Letter:
    """Return the mail to one administrator, who is named by the key."""
    change = _change_of(delivery)
    context = {
        "person": change.person,
        "kind": change.get_kind_display(),
        "asked_by": change.asked_by,
        "reason": change.reason,
        "expires_at": change.expires_at,
        "page": portal_url(reverse("admin:accounts_user_decide", args=[change.pk])),
    }
    return render_letter("account_asked", context, to=_administrator_of(delivery).email)


def is_asked_obsolete(delivery: Delivery, at: datetime) -> bool:
    """True once the change is decided or has expired, or its reader may not approve it."""
    change = _change_of(delivery)
    return not changes_to_approve(reader=_administrator_of(delivery), at=at).filter(pk=change.pk).exists()


def post_factor_mail(entry: Entry) -> None:
    """Post the mail to the owner of the account that `entry` is about."""
    post(kind=SECOND_FACTOR_MAIL, key=str(entry.pk), subject=entry)


def compose_factor(delivery: Delivery, _at: datetime) -> Letter:
    """Return the mail about a second factor. `action`: the code of the entry."""
    entry = Entry.objects.get(pk=delivery.subject_id)
    owner = User.objects.get(public_id=entry.subject_id)
    security_url = portal_url(reverse("accounts:security"))
    context = {"action": entry.action, "done_at": entry.at, "security_url": security_url}
    return render_letter("second_factor", context, to=owner.email)


def post_invitation(invitation: Invitation, at: datetime) -> None:
    """Post the mail of an invitation, in the transaction that gives it."""
    post(kind=INVITATION_MAIL, key=invitation.public_id.hex, subject=invitation.user, at=at)


def compose_invitation(delivery: Delivery, _at: datetime) -> Letter:
    """Return the mail of an invitation. Its link opens nothing until `sign_invitation` completes it."""
    invitation = Invitation.objects.select_related("user").get(public_id=UUID(hex=delivery.key))
    context = {"link": _invitation_link(delivery.key), "expires_at": invitation.expires_at}
    return render_letter("invitation", context, to=invitation.user.email)


def is_invitation_obsolete(delivery: Delivery, at: datetime) -> bool:
    """True once the invitation was used, replaced or expired."""
    invitation = Invitation.objects.filter(public_id=UUID(hex=delivery.key)).first()
    return invitation is None or at >= invitation.expires_at


def sign_invitation(text: str) -> str:
    """Return a part of the mail with its links signed: staff read stored mails, and the link is for its owner alone."""
    link = re.escape(_invitation_link("")).removesuffix("/") + "([0-9a-f]{32})/"
    return re.sub(link, lambda found: _invitation_link(invitation_token(UUID(hex=found[1]))), text)


def sign_undo(text: str) -> str:
    """Return a part of the mail about an own address with its link signed, as `sign_invitation` does."""
    link = re.escape(_undo_link("")).removesuffix("/") + r"(\d+)/"
    return re.sub(link, lambda found: _undo_link(undo_token(int(found[1]))), text)


def _undo_link(token: str) -> str:
    return portal_url(reverse("accounts:undo_address", args=["-"]).removesuffix("-/") + f"{token}/")


def _invitation_link(token: str) -> str:
    return portal_url(reverse("accounts:invitation", args=["-"]).removesuffix("-/") + f"{token}/")


def _letter(template: str, change: AccountChange, *, to: str) -> Letter:
    """Return a mail to the person: in French about access of staff, else to a candidate in English too."""
    is_of_staff = change.person.is_staff or change.kind in {Kind.ROLES, Kind.ADMINISTRATION}
    context = {
        "kind": change.kind,
        "roles": [role.label for role in Role if role in change.value.split()],
        "is_administrator": change.value == YES,
        "done_at": change.decided_at,
        "is_undone": change.undoes_id is not None,
        "undo_link": _undo_link(str(change.pk)) if change.undone_until else "",
        "undone_until": change.undone_until,
        "officer": privacy_officer(),
        "page": portal_url(reverse("accounts:sign_in")),
    }
    return render_letter(template, context, to=to, in_english=not is_of_staff)


def _administrator_of(delivery: Delivery) -> User:
    _change, _dash, administrator = delivery.key.partition("-")
    return User.objects.get(pk=administrator)


def _change_of(delivery: Delivery) -> AccountChange:
    pk, _dash, _administrator = delivery.key.partition("-")
    return AccountChange.objects.select_related("person").get(pk=pk)
