"""Operations on second factors. Codes are checked under a row lock: none is accepted twice."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.webauthn.internal import auth as webauthn
from django.core.exceptions import ValidationError
from django.db import transaction

from intake.accounts.models import User
from intake.accounts.second_factor import notices, recovery_codes
from intake.accounts.second_factor.encryption import decrypt, encrypt
from intake.accounts.second_factor.errors import (
    ApplicationKnownError,
    CodeAlreadyUsedError,
    PasskeyCopiedError,
    PasskeyRefusedError,
    WrongCodeError,
)
from intake.accounts.second_factor.invitations import check_invited, open_invitation
from intake.journal.models import Entry
from intake.journal.services import record

Kind: Final = Authenticator.Type
MALFORMED: Final = (ValidationError, ValueError, TypeError, KeyError, AttributeError, IndexError)
"""What the library raises about an answer that is no passkey's, of any shape."""
SIGNATURES: Final = "signatures"
"""Key of a passkey's data: its counter of signatures at the last use."""
COUNTER: Final = "last_counter"
"""Key of a TOTP factor's data: the time step of the last code that was accepted."""


def new_secret() -> str:
    """Return a random secret for an authenticator application, in base 32."""
    return str(generate_totp_secret())


@transaction.atomic
def add_application(
    *, user: User, secret: str, code: str, at: dt.datetime, invitation: str = ""
) -> Authenticator:
    """Add an authenticator application, which shows `code` at `at`; make recovery codes for staff who have none.

    `invitation`: the one of this session, which the first factor of staff uses up.

    :raises NotInvitedError: if it is not valid at `at`, and the account needs one.
    :raises ApplicationKnownError: if the account has an application already.
    :raises WrongCodeError: if it does not show that code.
    """
    check_invited(user=_lock_account(user), public_id=invitation, at=at)
    if Authenticator.objects.filter(user=user, type=Kind.TOTP).exists():
        raise ApplicationKnownError
    counter = _counter_of(secret, code, at)
    if counter is None:
        raise WrongCodeError
    factor = Authenticator.objects.create(
        user=user, type=Kind.TOTP, data={"secret": encrypt(secret), COUNTER: counter}, created_at=at
    )
    _factor_added(user, factor)
    return factor


@transaction.atomic
def add_passkey(
    *, user: User, name: str, credential: dict[str, Any], at: dt.datetime, invitation: str = ""
) -> Authenticator:
    """Add the passkey that the browser made for the request under way; make recovery codes for staff who have none.

    `invitation`: the one of this session, which the first factor of staff uses up.

    :raises NotInvitedError: if it is not valid at `at`, and the account needs one.
    :raises PasskeyRefusedError: if the answer is not about this request.
    """
    check_invited(user=_lock_account(user), public_id=invitation, at=at)
    try:
        webauthn.complete_registration(credential)
    except MALFORMED as error:
        raise PasskeyRefusedError from error
    factor = Authenticator.objects.create(
        user=user, type=Kind.WEBAUTHN, data={"name": name, "credential": credential}, created_at=at
    )
    _factor_added(user, factor)
    return factor


@transaction.atomic
def check_code(*, user: User, code: str, at: dt.datetime) -> Authenticator:
    """Accept, once, the code of the user's application at `at`, or one of their recovery codes. Return the factor.

    :raises WrongCodeError: if it is neither.
    :raises CodeAlreadyUsedError: if it was accepted before.
    """
    locked = Authenticator.objects.select_for_update().filter(
        user=user, type__in=(Kind.TOTP, Kind.RECOVERY_CODES)
    )
    factors = {factor.type: factor for factor in locked.order_by("pk")}
    if application := factors.get(Kind.TOTP):
        secret = decrypt(application.data["secret"])
        counter = _counter_of(secret, code, at)
        if counter is not None:
            if counter <= application.data[COUNTER]:
                raise CodeAlreadyUsedError
            application.data = {"secret": encrypt(secret), COUNTER: counter}
            application.last_used_at = at
            application.save(update_fields=["data", "last_used_at"])
            return application
    recovery = factors.get(Kind.RECOVERY_CODES)
    if recovery is None or not recovery_codes.use_code(recovery, code):
        raise WrongCodeError
    Authenticator.objects.filter(pk=recovery.pk).update(last_used_at=at)
    notices.tell_owner(record(actor=user, action="RECOVERY_CODE_USED", subject=user), owner=user)
    return recovery


@transaction.atomic
def check_passkey(*, user: User, credential: dict[str, Any], at: dt.datetime) -> Authenticator:
    """Accept the browser's answer to the request under way, signed by a passkey of `user`. Return the passkey.

    :raises PasskeyRefusedError: if no passkey of the account signed it, or it answers another request.
    :raises PasskeyCopiedError: as `use_passkey`.
    """
    try:
        factor: Authenticator = webauthn.complete_authentication(user, credential)
    except MALFORMED as error:
        raise PasskeyRefusedError from error
    return use_passkey(factor=factor, credential=credential, at=at)


@transaction.atomic
def use_passkey(*, factor: Authenticator, credential: Mapping[str, Any], at: dt.datetime) -> Authenticator:
    """Note that `factor` signed `credential` at `at`, with its counter of signatures, under a row lock.

    A passkey without a counter, as one that several devices share, sends 0 each time.

    :raises PasskeyCopiedError: if the counter is not greater than at the last use.
    """
    locked = Authenticator.objects.select_for_update().get(pk=factor.pk)
    answer = webauthn.parse_authentication_response(credential).response
    counter: int = answer.authenticator_data.counter
    last = locked.data.get(SIGNATURES, locked.wrap().authenticator_data.counter)
    if (counter or last) and counter <= last:
        raise PasskeyCopiedError
    locked.data = {**locked.data, SIGNATURES: counter}
    locked.last_used_at = at
    locked.save(update_fields=["data", "last_used_at"])
    return locked


@transaction.atomic
def make_recovery_codes(*, user: User) -> list[str]:
    """Replace the user's recovery codes, in some 2 s; the earlier ones become invalid. Return the new ones."""
    _lock_account(user)
    Authenticator.objects.filter(user=user, type=Kind.RECOVERY_CODES).delete()
    codes = recovery_codes.make_codes(user)
    notices.tell_owner(record(actor=user, action="RECOVERY_CODES_MADE", subject=user), owner=user)
    return recovery_codes.unseen(codes)


@transaction.atomic
def keep_recovery_codes(*, user: User) -> None:
    """Note that `user` kept their recovery codes, which are not shown again. Idempotent."""
    codes = Authenticator.objects.select_for_update().filter(user=user, type=Kind.RECOVERY_CODES).first()
    if codes is not None:
        recovery_codes.keep_codes(codes)


@transaction.atomic
def remove_factor(*, user: User, factor: Authenticator, at: dt.datetime) -> str:
    """Remove one factor of `user`, at their request. With the last one, the recovery codes go too.

    Return the invitation to replace the last one, for this session of staff, who confirmed with it; else nothing.
    """
    _lock_account(user)
    deleted, _each = Authenticator.objects.filter(pk=factor.pk, user=user).delete()
    if not deleted:
        return ""  # removed in another tab
    invitation = ""
    if not _own_factors(user).exists():
        Authenticator.objects.filter(user=user).delete()
        if user.is_staff:
            invitation = str(open_invitation(user=user, at=at).public_id)
    notices.tell_owner(
        record(actor=user, action="SECOND_FACTOR_REMOVED", subject=user, detail=str(factor.type)), owner=user
    )
    return invitation


@transaction.atomic
def remove_all_factors(*, user: User, actor: User | None) -> Entry | None:
    """Remove every factor of `user`; `actor` approved it, or the operator (None). Return its entry of the journal.

    The caller tells the owner. Nothing happens if there is no factor.
    """
    _lock_account(user)
    kinds = sorted(_own_factors(user).values_list("type", flat=True))
    Authenticator.objects.filter(user=user).delete()
    if not kinds:
        return None
    return record(actor=actor, action="SECOND_FACTOR_REMOVED", subject=user, detail=" ".join(kinds))


def _factor_added(user: User, factor: Authenticator) -> None:
    # A candidate signs in by mail: a lost passkey locks nobody out, and codes would be one more thing to keep.
    if user.is_staff and not Authenticator.objects.filter(user=user, type=Kind.RECOVERY_CODES).exists():
        recovery_codes.make_codes(user)
    notices.tell_owner(
        record(actor=user, action="SECOND_FACTOR_ADDED", subject=user, detail=str(factor.type)), owner=user
    )


def _own_factors(user: User) -> Any:
    return Authenticator.objects.filter(user=user).exclude(type=Kind.RECOVERY_CODES)


def _lock_account(user: User) -> User:
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _counter_of(secret: str, code: str, at: dt.datetime) -> int | None:
    """Return the time step, within the tolerance around `at`, whose code is `code`; else None (RFC 6238)."""
    current = int(at.timestamp()) // app_settings.TOTP_PERIOD
    for counter in range(current - app_settings.TOTP_TOLERANCE, current + app_settings.TOTP_TOLERANCE + 1):
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, counter))):
            return counter
    return None
