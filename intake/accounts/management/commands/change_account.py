"""`manage.py change_account`: the operator's change of an account, for the first administrators."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandParser
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone

from intake.accounts.changes import change_as_operator, roles_value
from intake.accounts.errors import AccountChangeError
from intake.accounts.models import NO, REASON_LENGTH, YES, AccountChange, fold_email
from intake.accounts.roles import Role
from intake.accounts.services import open_account_for
from intake.base.command_errors import exit_bad_input
from intake.base.database_errors import broken_constraint

Kind = AccountChange.Kind


class Command(BaseCommand):
    """Change one account without a second person, in the open: journal, and a mail to every administrator."""

    help = (
        "Change an account as the operator of the server: the first administrators, or when none is left who can "
        "approve. The account is opened if the address has none. The journal records it without an author, and every "
        "administrator gets a mail."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", metavar="ADDRESS", help="email address of the account")
        parser.add_argument("--reason", required=True, help="why; administrators read it")
        change = parser.add_mutually_exclusive_group(required=True)
        change.add_argument("--administration", choices=["yes", "no"], help="give or take the administration")
        change.add_argument(
            "--roles",
            metavar="ROLES",
            help=f"exactly these roles, of {','.join(Role.values)}; empty for none",
        )
        change.add_argument("--new-address", metavar="ADDRESS", help="change the address")
        change.add_argument("--reopen", action="store_true", help="open a closed account again")
        change.add_argument("--lost-device", action="store_true", help="remove every second factor")

    def handle(self, *_args: Any, **options: Any) -> None:
        kind, value = _asked(options)
        reason = options["reason"].strip()
        if not 0 < len(reason) <= REASON_LENGTH:
            exit_bad_input(f"give a reason, of at most {REASON_LENGTH} characters")
        at = timezone.now()
        try:
            with transaction.atomic():
                person, created = open_account_for(email=_address(options["address"]), actor=None, at=at)
                change = change_as_operator(person=person, kind=kind, value=value, reason=reason, at=at)
        except AccountChangeError as refusal:
            exit_bad_input(refusal.code)
        except IntegrityError as refused:
            if broken_constraint(refused) == "an_account_change_is_decided_by_administrators":
                exit_bad_input(
                    "give DATABASE_OWNER_URL: only the owner of the tables makes a change without an author"
                )
            raise
        self.stderr.write(f"{'opened and ' if created else ''}changed: {change.get_kind_display()}")


def _asked(options: dict[str, Any]) -> tuple[AccountChange.Kind, str]:
    """Return the kind and the value of the change that the options name."""
    if options["administration"]:
        return Kind.ADMINISTRATION, YES if options["administration"] == "yes" else NO
    if options["new_address"]:
        return Kind.ADDRESS, _address(options["new_address"])
    if options["reopen"]:
        return Kind.REOPENING, ""
    if options["lost_device"]:
        return Kind.SECOND_FACTOR, ""
    codes = set(filter(None, (options["roles"] or "").split(",")))
    if unknown := codes - set(Role.values):
        exit_bad_input(f"no role {', '.join(sorted(unknown))}")
    return Kind.ROLES, roles_value({Role(code) for code in codes})


def _address(text: str) -> str:
    """Return the address in its stored form."""
    try:
        validate_email(text)
    except ValidationError:
        exit_bad_input(f"{text} is not an address")
    return fold_email(text)
