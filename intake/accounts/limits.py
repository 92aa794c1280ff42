"""Rate limits of sending codes, guessing them and verifying receipts, counted in the cache for all processes.

The network address is the connection's own unless `ALLAUTH_TRUSTED_PROXY_COUNT` gives the number of own proxies: a
forged `X-Forwarded-For` has no effect. IPv6 addresses count by /64. The rates are `ACCOUNT_RATE_LIMITS`.
"""

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from allauth.core.internal.ratelimit import consume
from django.http import HttpRequest


def may_send_code(request: HttpRequest, *, email: str) -> bool:
    """Count one code for `email` (folded), known or unknown alike; return whether it may be sent."""
    here = f"{get_adapter().get_client_ip(request)}|{email}"
    return bool(
        ratelimit.consume(request, action="sign_in_code_from_here", key=here)
        and ratelimit.consume(request, action="sign_in_code", key=email)
    )


def may_guess_code(request: HttpRequest, *, reference: str) -> bool:
    """Count one guess at the code `reference`, under a lock; return whether it may be compared."""
    return bool(
        ratelimit.consume(request, action="sign_in_guess_from_here")
        and ratelimit.consume(request, action="sign_in_guess", key=reference)
    )


def may_verify_receipt(request: HttpRequest, *, by_file: bool) -> bool:
    """Count one receipt verification of this network address; return whether it may proceed."""
    action = "verify_file" if by_file else "verify_code"
    # The library's public function does not count GET requests, and a QR code causes one.
    return bool(consume(request, app="allauth.account", action=action, limit_get=True))
