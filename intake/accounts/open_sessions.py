"""Open sessions of an account: its owner sees and ends them; so does an administrator.

Each session that a sign-in opens has a row that names its owner and the device. The database deletes it with the
session: nothing about a device is kept longer. No network address is stored.
"""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final, cast
from uuid import UUID

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from django.contrib.auth import HASH_SESSION_KEY
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from intake.accounts.models import OpenSession, User
from intake.journal.services import record
from intake.web.sessions import OPENED, SEEN, SessionStore, is_within_limits

_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox|FxiOS", "Firefox"),
    ("Chrome|CriOS", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class SessionDisplay:
    """One open session, as a page shows it. `seen_at`: of a request at most ten minutes before the last one."""

    public_id: UUID
    device: str
    opened_at: dt.datetime
    seen_at: dt.datetime
    is_current: bool


def device_name(user_agent: str) -> str:
    """Return the browser and the system of a `User-Agent`, such as "Firefox, Windows"; empty if it names neither."""
    found = [
        next((name for pattern, name in known if re.search(pattern, user_agent)), "")
        for known in (_BROWSERS, _SYSTEMS)
    ]
    return ", ".join(filter(None, found))


def note_session(request: HttpRequest) -> None:
    """Note whose the session of `request` is, and its device."""
    request.session.save()  # the row refers to it
    OpenSession.objects.update_or_create(
        session_id=request.session.session_key,
        defaults={
            "user": cast("User", request.user),
            "device": device_name(request.headers.get("User-Agent", "")),
        },
    )


def renew_session(request: HttpRequest) -> None:
    """Give the session of `request` a new key, with the same data: the old key opens nothing any more."""
    request.session.cycle_key()
    note_session(request)


def sessions_of(user: User, *, at: dt.datetime, current: str | None = None) -> list[SessionDisplay]:
    """Return the sessions of `user` open at `at`, the last used first. `current`: key of the session that asks."""
    found = []
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    rows = OpenSession.objects.filter(user=user, session__expire_date__gt=at)
    for row in rows.select_related("session"):
        data = SessionStore().decode(row.session.session_data)
        digest = data.get(HASH_SESSION_KEY, "")
        if (
            OPENED in data
            and is_within_limits(data)
            and any(constant_time_compare(digest, each) for each in hashes)
        ):
            found.append(
                SessionDisplay(
                    public_id=row.public_id,
                    device=row.device or _("Appareil inconnu"),
                    opened_at=dt.datetime.fromtimestamp(data[OPENED], dt.UTC),
                    seen_at=dt.datetime.fromtimestamp(data[SEEN], dt.UTC),
                    is_current=row.session_id == current,
                )
            )
    return sorted(found, key=lambda session: (session.is_current, session.seen_at), reverse=True)


@transaction.atomic
def end_session(*, user: User, public_id: UUID) -> list[int] | None:
    """End one session of `user`; return None if they have none such, for instance because it ended by itself.

    Else return what it may have left, as `_factors_left_by`.
    """
    row = OpenSession.objects.filter(user=user, public_id=public_id).first()
    if row is None:
        return None
    left = _factors_left_by([row])
    _end([row])
    return left


@transaction.atomic
def end_other_sessions(*, user: User, current: str | None, actor: User) -> list[int]:
    """End the sessions of `user` but the one with the key `current`; record it.

    Return what they may have left, as `_factors_left_by`.
    """
    rows = list(
        OpenSession.objects.filter(user=user).exclude(session_id=current or "").select_related("session")
    )
    left = _factors_left_by(rows)
    _end(rows)
    if rows:
        record(actor=actor, action="SESSIONS_ENDED", subject=user, detail=str(len(rows)))
    return left


def _factors_left_by(rows: list[OpenSession]) -> list[int]:
    """Return the keys of the owner's factors that opened one of these sessions, or are newer than the first of them."""
    if not rows:
        return []
    sessions = [SessionStore().decode(row.session.session_data) for row in rows]
    opened = [data[OPENED] for data in sessions if OPENED in data]
    used = {
        record.get("id") for data in sessions for record in data.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
    }
    left = Q(pk__in=used - {None})
    if opened:
        left |= Q(created_at__gte=dt.datetime.fromtimestamp(min(opened), dt.UTC))
    factors = Authenticator.objects.filter(left, user_id=rows[0].user_id).order_by("pk")
    return list(factors.values_list("pk", flat=True))


def _end(rows: list[OpenSession]) -> None:
    for row in rows:
        store = SessionStore(row.session_id)
        store.delete()
        # Again: meanwhile, a request may have copied the row that was not deleted yet to the cache.
        transaction.on_commit(store.delete)
