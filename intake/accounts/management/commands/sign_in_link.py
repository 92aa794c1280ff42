"""`manage.py sign_in_link ADDRESS`: the operator's link for a member of staff whom no mail reaches."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from intake.accounts.codes import issue_code, mailed_token
from intake.accounts.models import User, fold_email
from intake.accounts.second_factor.notices import tell_owner
from intake.base.command_errors import exit_bad_input
from intake.journal.services import record
from intake.web.mails import portal_url


class Command(BaseCommand):
    """Print the link that the mail of a sign-in code has; the second factor is asked for as after that mail."""

    help = (
        "Print a link that signs a member of staff in once, within ten minutes, while no mail leaves. It stands for "
        "the mailbox: the second factor is still asked for. The journal records it, and the owner gets a mail later."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", metavar="ADDRESS", help="email address of an open account of staff")

    def handle(self, *_args: Any, **options: Any) -> None:
        email = fold_email(options["address"])
        with transaction.atomic():
            user = User.objects.filter(email=email, is_staff=True, is_active=True).first()
            if user is None:
                exit_bad_input(f"{options['address']} has no open account of staff")
            tell_owner(record(actor=None, action="SIGN_IN_LINK_PRINTED", subject=user), owner=user)
        pending, _code = issue_code(email=email, at=timezone.now())
        self.stdout.write(portal_url(reverse("accounts:sign_in_mailed", args=[mailed_token(pending)])))
