"""`manage.py invite_staff`: the operator's invitations, for accounts without a second factor."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils import timezone

from intake.accounts.models import INVITATION_LIFETIME, Invitation, User, fold_email
from intake.accounts.second_factor.errors import InvitationNotNeededError
from intake.accounts.second_factor.invitations import give_invitation, may_be_invited
from intake.base.command_errors import exit_bad_input


class Command(BaseCommand):
    """Invite staff who cannot enter the administration: those named, or all who have no valid invitation."""

    help = (
        "Send an invitation to add the first second factor, which is valid for seven days, once. Without ADDRESS: "
        "to all open accounts of staff that have neither a second factor nor a valid invitation, as after the first "
        "update to a version with invitations."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("addresses", metavar="ADDRESS", nargs="*", help="email address of an account")

    def handle(self, *_args: Any, **options: Any) -> None:
        at = timezone.now()
        with transaction.atomic():
            people = [_account(address) for address in options["addresses"]]
            if not options["addresses"]:
                invited = Invitation.objects.filter(given_at__gt=at - INVITATION_LIFETIME).values("user")
                staff = User.objects.filter(is_staff=True, is_active=True).exclude(pk__in=invited)
                people = [user for user in staff.order_by("pk") if may_be_invited(user)]
            for user in people:
                try:
                    give_invitation(user=user, actor=None, at=at)
                except InvitationNotNeededError as refusal:
                    exit_bad_input(f"{refusal.code} {user.email}")
        self.stderr.write(f"invited: {len(people)}")


def _account(address: str) -> User:
    user = User.objects.filter(email=fold_email(address)).first()
    if user is None:
        exit_bad_input(f"{address} has no account")
    return user
