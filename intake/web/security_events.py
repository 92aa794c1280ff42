"""Security events: what was refused, to whom and from where, one JSON line each to the logger `intake.security`.

A line has the instant (UTC), the kind and its reason, the reference that the error page shows, the client's address,
the name of the route and the account's public identifier. Never an address of mail, a name, a path or what was typed:
an address that somebody typed is a keyed digest, the same for one calendar month, so that a series against one mailbox
can be counted. Kept for 90 days: `docs/operations/security-events.md` says who reads the lines, and `deploy/alerts/`
what they trigger.

A stranger cannot fill the disk: each process writes at most `LINES_PER_NETWORK` lines a minute of one kind from one
network and `LINES_PER_KIND` of one kind. It counts the others, and writes their numbers once the minute is over.
"""

import atexit
import datetime as dt
import ipaddress
import logging
import re
import threading
from collections import Counter
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final

from allauth.account.adapter import get_adapter
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import Error
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.crypto import salted_hmac

from .log_lines import LINE
from .request_id import current_request_id, route_of

logger = logging.getLogger("intake.security")

LINES_PER_NETWORK: Final = 10
"""Lines a minute of one kind from one network, in one process."""
LINES_PER_KIND: Final = 60
"""Lines a minute of one kind from all networks, in one process."""
REPEATED: Final = "REPEATED"
"""Reason of a line that counts events of the minute before, which have no lines of their own."""
_SALT: Final = "intake.web.security_events"
_DIGEST_LENGTH: Final = 16
_REASON: Final = re.compile(r"[A-Z][A-Z0-9_]*")
_RECORDED: Final = "intake.security_event"
_PREFIXES: Final = {4: 24, 6: 64}
"""Bits of an address that name its network."""


class Kind(StrEnum):
    """What happened. Each kind has its alert, or says in `deploy/alerts/` why it has none."""

    SIGNED_IN = "SIGNED_IN"
    """A session was opened."""
    CODE_REFUSED = "CODE_REFUSED"
    """A sign-in code was wrong, expired, used, or guessed too often."""
    LINK_REFUSED = "LINK_REFUSED"
    """A sign-in link was altered, used or expired."""
    CLOSED_ACCOUNT = "CLOSED_ACCOUNT"
    """A person who proved the mailbox of a closed account was kept out."""
    FACTOR_REFUSED = "FACTOR_REFUSED"
    """A second factor was wrong."""
    FACTOR_CHANGED = "FACTOR_CHANGED"
    """A second factor was added, removed or replaced, or an administrator gave an invitation to add the first."""
    ACCOUNT_CHANGED = "ACCOUNT_CHANGED"
    """An account's address, role or state was changed."""
    IDENTITY_REFUSED = "IDENTITY_REFUSED"
    """An answer of the identity provider was not accepted, or the provider did not answer."""
    LIMIT_REACHED = "LIMIT_REACHED"
    """A limit of requests refused or slowed a visitor."""
    ACCESS_REFUSED = "ACCESS_REFUSED"
    """A page that exists was refused: forbidden, or about something that this visitor may not know of."""
    UPLOAD_REFUSED = "UPLOAD_REFUSED"
    """A file was not accepted."""
    FORM_REFUSED = "FORM_REFUSED"
    """A form came without its token, or from another site."""
    REQUEST_REFUSED = "REQUEST_REFUSED"
    """A request that no browser sends: a foreign host, too many fields, a forbidden path."""


def record_security_event(
    request: HttpRequest | None,
    kind: Kind,
    *,
    reason: str,
    address: str = "",
    subject: Any = None,
    client: str = "",
) -> None:
    """Write the event `kind` of `request`, None for a command or a job.

    Call it after the commit, if a rollback would undo the event.

    `reason`: an upper-case code. `address`: the address of mail that was typed, folded; only its digest is written.
    `subject`: the account that the event is about, if it is not the one signed in. `client`: the address from which
    came what a job refuses.

    :raises ValueError: if `reason` is not a code, so that it cannot be what somebody typed.
    """
    if not _REASON.fullmatch(reason):
        message = "the reason of a security event is an upper-case code"
        raise ValueError(message)
    at = timezone.now()
    client = client_address(request) if request else client
    if request is not None:
        request.META[_RECORDED] = kind.value
    if not _budget.take(kind, network_of(client), at):
        return
    _write(
        at,
        kind,
        reason=reason,
        reference=current_request_id(),
        account=_public_id(_user_of(request)),
        subject=_public_id(subject),
        address=_digest(address, at) if address else None,
        client=client or None,
        route=route_of(request) if request else None,
    )


def record_refused_access(request: HttpRequest, response: HttpResponseBase) -> None:
    """Write the event of a `response` that refuses access, unless the request has another event.

    An address without any route gives none: there is nothing to refuse. The access log has its 404.
    """
    if request.resolver_match is None or _RECORDED in request.META:
        return
    if response.status_code == HTTPStatus.FORBIDDEN:
        record_security_event(request, Kind.ACCESS_REFUSED, reason="FORBIDDEN")
    elif response.status_code == HTTPStatus.NOT_FOUND:
        record_security_event(request, Kind.ACCESS_REFUSED, reason="NOT_FOUND")


def write_counted_events() -> None:
    """Write the numbers of the events that had no lines of their own, once their minute is over."""
    _budget.end_minute(timezone.now())


def client_address(request: HttpRequest) -> str:
    """Return the client's address, which a forged header does not change; empty if it is unknown."""
    try:
        return str(get_adapter().get_client_ip(request))
    except (PermissionDenied, ImproperlyConfigured):
        return ""


def network_of(address: str) -> str:
    """Return the network of an address: the /24 of IPv4, the /64 of IPv6; empty for an empty address."""
    if not address:
        return ""
    plain = address.partition("%")[0]  # without the zone of an address of the local link
    bits = _PREFIXES[ipaddress.ip_address(plain).version]
    return str(ipaddress.ip_network(f"{plain}/{bits}", strict=False))


class _Budget:
    """The lines that this process wrote in the current minute, and the number of those that it did not."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minute = 0
        self._written: Counter[tuple[Kind, str]] = Counter()
        self._held: Counter[tuple[Kind, str]] = Counter()

    def take(self, kind: Kind, network: str, at: dt.datetime) -> bool:
        """Return whether the event may have a line of its own; count it if not."""
        self.end_minute(at)
        with self._lock:
            if self._written[kind, ""] >= LINES_PER_KIND:
                self._held[kind, ""] += 1  # by kind alone: a flood from many networks needs no memory
                return False
            # An empty network is unknown: those count as one network, under a key that no network has.
            if self._written[kind, network or "-"] >= LINES_PER_NETWORK:
                self._held[kind, network] += 1
                return False
            self._written[kind, ""] += 1
            self._written[kind, network or "-"] += 1
            return True

    def end_minute(self, at: dt.datetime | None) -> None:
        """Write and forget the numbers of the minute before that of `at`; None ends the current one."""
        minute = int(at.timestamp()) // 60 if at else -1
        if minute == self._minute:
            return
        with self._lock:
            if minute == self._minute:
                return
            held = dict(self._held)
            self._held.clear()
            self._written.clear()
            self._minute = minute
        for (kind, network), count in held.items():
            _write(at or timezone.now(), kind, reason=REPEATED, client=network or None, count=count)


_budget = _Budget()
atexit.register(_budget.end_minute, None)


def _write(at: dt.datetime, kind: Kind, **fields: Any) -> None:
    line = {
        "log": "security",
        "at": at.astimezone(dt.UTC).isoformat(timespec="milliseconds"),
        "kind": kind.value,
        "reason": None,
        "reference": None,
        "account": None,
        "subject": None,
        "address": None,
        "client": None,
        "route": None,
        "count": 1,
    }
    logger.info(kind.value, extra={LINE: line | fields})


def _user_of(request: HttpRequest | None) -> Any:
    """Return the signed-in user, or None; None too if the database cannot say: an event never breaks an answer."""
    user = getattr(request, "user", None)
    try:
        return user if user is not None and user.is_authenticated else None
    except Error:
        return None


def _public_id(account: Any) -> str | None:
    return str(account.public_id) if account is not None else None


def _digest(address: str, at: dt.datetime) -> str:
    month = f"{at.astimezone(dt.UTC):%Y-%m}"
    return salted_hmac(f"{_SALT}|{month}", address, algorithm="sha256").hexdigest()[:_DIGEST_LENGTH]
