"""Which account of staff an identity of the provider belongs to."""

import datetime as dt

from django.db import transaction

from intake.accounts.identity_provider.errors import NoStaffAccountError, Reason
from intake.accounts.identity_provider.provider import Statement, configured
from intake.accounts.models import ProviderIdentity, User
from intake.accounts.second_factor.notices import tell_owner
from intake.journal.services import record


@transaction.atomic
def account_of_identity(*, statement: Statement, at: dt.datetime) -> User:
    """Return the account of a person, which may be closed; at their first sign-in, link it by its verified address.

    The subject identifies the person from then on, whatever their address. No account is created.

    :raises NoStaffAccountError: if there is none of staff, or it is linked to another person of the provider.
    """
    issuer = configured().issuer
    linked = ProviderIdentity.objects.filter(issuer=issuer, subject=statement.subject)
    known = linked.select_related("user").first()
    if known is not None:
        if not known.user.is_staff:
            raise NoStaffAccountError(reason=Reason.NOT_STAFF)
        return known.user
    if not statement.email:
        raise NoStaffAccountError(reason=Reason.ADDRESS_NOT_VERIFIED)
    user = User.objects.select_for_update(no_key=True).filter(email=statement.email, is_staff=True).first()
    if user is None:
        raise NoStaffAccountError(reason=Reason.NO_ACCOUNT)
    if ProviderIdentity.objects.filter(user=user, issuer=issuer).exists():
        raise NoStaffAccountError(reason=Reason.LINKED_TO_ANOTHER)
    if user.is_active:
        ProviderIdentity.objects.update_or_create(
            user=user, defaults={"issuer": issuer, "subject": statement.subject, "linked_at": at}
        )
        tell_owner(record(actor=user, action="IDENTITY_LINKED", subject=user), owner=user)
    return user
