"""Limits of sending codes, guessing them and verifying receipts, counted in the cache for all processes.

One visitor's limit never blocks another. A busy network slows its visitors down: each waits, and no more.
An address with enough codes has one in its mailbox, whose link needs no code. A device on which the address's owner has
signed in counts apart.

The network address is the connection's own unless `ALLAUTH_TRUSTED_PROXY_COUNT` gives the number of own proxies: a
forged `X-Forwarded-For` has no effect. IPv6 addresses count by /64. The rates are `ACCOUNT_RATE_LIMITS`.
"""

import datetime as dt
import hashlib
from typing import Final

from allauth.core import ratelimit
from allauth.core.internal.ratelimit import consume
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext as _

from intake.accounts.devices import Device
from intake.accounts.models import User
from intake.web.security_events import Kind, record_security_event

WAIT: Final = dt.timedelta(seconds=20)
"""How long a visitor of a busy network waits before the next request counts; a 429 with a ticket says so."""
_TICKET_LIFETIME: Final = dt.timedelta(minutes=15)
_TICKET_SALT: Final = "intake.accounts.limits"


class NetworkBusyError(Exception):
    """The visitor's network makes many requests. `ticket`: to send with the next request, after `WAIT`."""

    def __init__(self, ticket: str) -> None:
        self.ticket = ticket

    def __str__(self) -> str:
        """Return what the visitor reads."""
        return _(
            "Beaucoup de demandes viennent de votre réseau en ce moment. Attendez %(seconds)s secondes, puis "
            "appuyez de nouveau sur le bouton."
        ) % {"seconds": int(WAIT.total_seconds())}


class AddressBusyError(Exception):
    """The address got as many codes as it may, so that its mailbox has one that is still valid."""

    def __str__(self) -> str:
        """Return what the visitor reads, whether or not the address has an account."""
        return _(
            "Nous avons déjà envoyé plusieurs codes à cette adresse. Ouvrez le courriel le plus récent et suivez son "
            "lien pour vous connecter, ou réessayez dans dix minutes."
        )


def check_may_send_code(request: HttpRequest, *, email: str, ticket: str, at: dt.datetime) -> None:
    """Count one code for `email` (folded), known or unknown alike, at `at`.

    :raises NetworkBusyError: if the network made many requests, and `ticket` is not of one that waited.
    :raises AddressBusyError: if the address got enough codes.
    """
    device = Device.of(request)
    if device.knows(email):
        own = f"{device.reference}|{email}"
        if ratelimit.consume(request, action="sign_in_code_known_device", key=own):
            return
    _check_network(request, email, ticket, at)
    mailbox = _mailbox_of(email)
    # After the first ones, one each time that those before have expired: the mailbox always has a valid code. The tags
    # that a stranger invents share theirs, and take none of the address without a tag.
    spaced = email if email == mailbox else f"{mailbox}|tags"
    if not (
        ratelimit.consume(request, action="sign_in_code", key=mailbox)
        or ratelimit.consume(request, action="sign_in_code_spaced", key=spaced)
    ):
        _reached(request, "ADDRESS_BUSY", email)
        raise AddressBusyError


def check_may_send_address_code(
    request: HttpRequest, *, account: str, email: str, ticket: str, at: dt.datetime
) -> None:
    """Count one code by which the account `account` proves the address `email` (folded), at `at`.

    The rates are those of sign-in; the counters are not: no code of a change takes one of a sign-in away.

    :raises NetworkBusyError: if the network made many requests, and `ticket` is not of one that waited.
    :raises AddressBusyError: if the account asked for, or the address got, enough codes.
    """
    _check_network(request, email, ticket, at)
    if not all(
        ratelimit.consume(request, action="sign_in_code", key=f"change|{key}")
        for key in (account, _mailbox_of(email))
    ):
        _reached(request, "ADDRESS_BUSY", email)
        raise AddressBusyError


def may_guess_address_code(request: HttpRequest, *, reference: str, account: str, email: str) -> bool:
    """Count one guess at the code `reference`, by which `account` proves `email`; return whether it may be compared.

    Guesses at one address count together, whichever accounts make them: a thousand accounts guess no more than one.
    """
    keys = (f"change|{account}", f"change|{email}")
    return _may_guess(request, reference=reference, email=email, keys=keys)


def may_guess_code(request: HttpRequest, *, reference: str, email: str) -> bool:
    """Count one guess at the code `reference` of `email`, under a lock; return whether it may be compared.

    All guesses at the codes of one address count together, but for those on a device that its owner has used: without
    this, a million codes sent would open an account. The link in the mail stays.
    """
    device = Device.of(request)
    key = f"{device.reference}|{email}" if device.knows(email) else email
    return _may_guess(request, reference=reference, email=email, keys=(key,))


def _may_guess(request: HttpRequest, *, reference: str, email: str, keys: tuple[str, ...]) -> bool:
    if not ratelimit.consume(request, action="sign_in_guess", key=reference):
        _reached(request, "GUESSES_OF_CODE", email)
    elif not all(ratelimit.consume(request, action="sign_in_guess_address", key=key) for key in keys):
        _reached(request, "GUESSES_OF_ADDRESS", email)
    else:
        return True
    return False


def may_try_factor(request: HttpRequest, *, user: User) -> bool:
    """Count one try at a code of the second factor of `user`; return whether it may be compared.

    Tries count by session, so that a thief of the mailbox refuses no other session; and by account, so that many
    sessions try no more. A device on which the account's second factor was checked counts apart: its owner has it.
    """
    return bool(
        ratelimit.consume(request, action="second_factor", key=_session_of(request, user))
        and ratelimit.consume(request, action="second_factor_account", key=_device_of(request, user))
    )


def forget_tries(request: HttpRequest, *, user: User) -> None:
    """Forget the tries that `may_try_factor` counted in this session and on this device: the right code came."""
    ratelimit.clear(request, action="second_factor", key=_session_of(request, user))
    if Device.of(request).is_checked(user):
        ratelimit.clear(request, action="second_factor_account", key=_device_of(request, user))


def _session_of(request: HttpRequest, user: User) -> str:
    return f"{user.public_id}|{request.session.session_key}"


def _device_of(request: HttpRequest, user: User) -> str:
    device = Device.of(request)
    return f"{user.public_id}|{device.reference if device.is_checked(user) else ''}"


def check_may_verify_code(request: HttpRequest, *, code: str, ticket: str, at: dt.datetime) -> None:
    """Count one verification of the receipt's `code` by this network, at `at`.

    :raises NetworkBusyError: if the network made many, and `ticket` is not of one that waited.
    """
    if _may_get(request, "verify_code"):
        return
    try:
        _check_waited(code, ticket, at)
    except NetworkBusyError:
        _reached(request, "VERIFY_CODE")
        raise


def may_verify_file(request: HttpRequest) -> bool:
    """Count one verification of a file by this network; return whether it may proceed. The code always may, slowly."""
    allowed = _may_get(request, "verify_file")
    if not allowed:
        _reached(request, "VERIFY_FILE")
    return allowed


def may_copy_own_data(request: HttpRequest) -> bool:
    """Count one copy of the signed-in person's own data; return whether it may be made."""
    allowed = _may_get(request, "own_data_copy")
    if not allowed:
        _reached(request, "OWN_DATA_COPY")
    return allowed


def may_save(request: HttpRequest) -> bool:
    """Count one save of a draft by the signed-in person; return whether it may be made."""
    allowed = bool(ratelimit.consume(request, action="save"))
    if not allowed:
        _reached(request, "SAVE")
    return allowed


def _mailbox_of(email: str) -> str:
    """Return `email` without the tag after a +, which most servers deliver to the same mailbox. Accounts keep it."""
    name, _at, domain = email.rpartition("@")
    return f"{name.partition('+')[0] or name}@{domain}"


def _may_get(request: HttpRequest, action: str) -> bool:
    # The library's public function does not count GET requests, and a QR code causes one.
    return bool(consume(request, app="allauth.account", action=action, limit_get=True))


def _reached(request: HttpRequest, reason: str, email: str = "") -> None:
    record_security_event(request, Kind.LIMIT_REACHED, reason=reason, address=email)


def _check_network(request: HttpRequest, email: str, ticket: str, at: dt.datetime) -> None:
    if ratelimit.consume(request, action="sign_in_code_network"):
        return
    try:
        _check_waited(email, ticket, at)
    except NetworkBusyError:
        _reached(request, "NETWORK_BUSY", email)
        raise


def _check_waited(wanted: str, ticket: str, at: dt.datetime) -> None:
    """Accept, once, a ticket that was issued for `wanted`, an address or a code, at least `WAIT` ago."""
    signer = signing.Signer(salt=_TICKET_SALT)
    try:
        subject, issued = signer.unsign_object(ticket)
        since = at - dt.datetime.fromisoformat(issued)
    except signing.BadSignature:
        subject, since = "", dt.timedelta(0)
    if subject != wanted or since >= _TICKET_LIFETIME:
        raise NetworkBusyError(signer.sign_object([wanted, at.isoformat()]))
    if since < WAIT:
        raise NetworkBusyError(ticket)
    used = hashlib.sha256(ticket.encode()).hexdigest()  # a ticket holds the address, and its secret signature
    if not cache.add(f"sign-in-ticket:{used}", 1, timeout=_TICKET_LIFETIME.total_seconds()):
        raise NetworkBusyError(signer.sign_object([wanted, at.isoformat()]))
