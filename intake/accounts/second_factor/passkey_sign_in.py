"""Sign-in by a passkey, without an address: the passkey names its owner. A visitor leaves nothing on the server."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as webauthn
from django.core import signing
from django.core.cache import cache
from django.db import transaction
from fido2.utils import websafe_decode
from fido2.webauthn import UserVerificationRequirement

from intake.accounts.models import User
from intake.accounts.second_factor.errors import PasskeyRefusedError
from intake.accounts.second_factor.services import MALFORMED, use_passkey

LIFETIME: Final = 5 * 60
"""Seconds in which the browser answers."""
_SALT: Final = "intake.accounts.passkey_sign_in"


def begin_sign_in() -> tuple[dict[str, Any], str]:
    """Return what the browser is asked, and the signed state that it sends back with its answer."""
    options, state = webauthn.get_server().authenticate_begin(
        user_verification=UserVerificationRequirement.REQUIRED
    )
    return dict(options)["publicKey"], signing.dumps(state, salt=_SALT)


@transaction.atomic
def finish_sign_in(*, state: str, credential: Mapping[str, Any], at: dt.datetime) -> Authenticator:
    """Return the passkey that signed the answer to `state`, with its owner, whose account may be closed. Once a state.

    :raises PasskeyRefusedError: if no passkey of the portal did, or the state is not ours, too old or used.
    :raises PasskeyCopiedError: as `use_passkey`.
    """
    try:
        asked = signing.loads(state, salt=_SALT, max_age=LIFETIME)
        handle = UUID(bytes=websafe_decode(credential["response"]["userHandle"]))
        owner = User.objects.get(public_id=handle)
        known = webauthn.get_credentials(owner)
        signed = webauthn.get_server().authenticate_complete(asked, known, credential)
    except (*MALFORMED, signing.BadSignature, User.DoesNotExist) as error:
        raise PasskeyRefusedError from error
    factor = webauthn.get_authenticator_by_credential_id(owner, signed.credential_id)
    if factor is None or not cache.add(f"passkey-used:{asked['challenge']}", 1, timeout=LIFETIME):
        raise PasskeyRefusedError
    return use_passkey(factor=factor, credential=credential, at=at)
