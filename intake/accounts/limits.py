"""How often one may ask for a code, guess at it, or have a receipt verified: counted in the cache, across processes.

The network address is the connection's own unless `ALLAUTH_TRUSTED_PROXY_COUNT` says how many proxies of ours stand in
front: a forged `X-Forwarded-For` changes nothing. IPv6 addresses count by /64. The rates are `ACCOUNT_RATE_LIMITS`.
"""

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from allauth.core.internal.ratelimit import consume
from django.http import HttpRequest


def may_send_code(request: HttpRequest, *, email: str) -> bool:
    """Count one more code for `email` (folded); tell whether it may be sent.

    Known and unknown addresses are counted alike.
    """
    here = f"{get_adapter().get_client_ip(request)}|{email}"
    return bool(
        ratelimit.consume(request, action="sign_in_code_from_here", key=here)
        and ratelimit.consume(request, action="sign_in_code", key=email)
    )


def may_guess_code(request: HttpRequest, *, reference: str) -> bool:
    """Count one more guess at the code named `reference`; tell whether it may be judged.

    Counted under a lock, so that guesses sent all at once are not taken for one.
    """
    return bool(
        ratelimit.consume(request, action="sign_in_guess_from_here")
        and ratelimit.consume(request, action="sign_in_guess", key=reference)
    )


def may_verify_receipt(request: HttpRequest, *, by_file: bool) -> bool:
    """Count one more receipt that is verified from here; tell whether it may be."""
    action = "verify_file" if by_file else "verify_code"
    # The library's public door counts no GET, and a QR code leads to one.
    return bool(consume(request, app="allauth.account", action=action, limit_get=True))
