"""Outages of servers: one row for each, whatever processes notice it, until the server answers again.

A mail that finds its server away begins one. The sweep of mails asks every server, begins and ends outages, and then
makes due at once what waited.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from time import monotonic
from typing import Final

from django.db import Error, connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from intake.outbox import servers
from intake.outbox.models import Delivery, Outage
from intake.outbox.policy import LOOK_SECONDS
from intake.outbox.selectors import waits_for_server

logger = logging.getLogger(__name__)

ASK: Final[Mapping[Outage.Server, Callable[[], object]]] = {
    Outage.Server.MAIL: servers.ask_mail_server,
    Outage.Server.FALLBACK_MAIL: servers.ask_fallback_mail_server,
    Outage.Server.STORAGE: servers.ask_storage,
    Outage.Server.BROKER: servers.ask_broker,
    Outage.Server.CACHE: servers.ask_cache,
}
_SHORTEST: Final = timedelta(minutes=1)
"""Of an outage that follows another one within this time. A server may answer, and take no mail: without a pause, all
that waits would be sent to it every two seconds."""
_BEGIN: Final = """
INSERT INTO outbox_outage AS known (server, started_at, seen_at, reason)
VALUES (%s, statement_timestamp(), statement_timestamp(), %s)
ON CONFLICT (server) WHERE ended_at IS NULL DO UPDATE SET seen_at = EXCLUDED.seen_at
WHERE known.seen_at < EXCLUDED.seen_at - interval '5 seconds'
RETURNING started_at = seen_at"""


def note_outage(server: Outage.Server, error: BaseException) -> None:
    """Begin the outage of `server`, or note that it lasts; log its beginning, once for all processes.

    A database that does not answer is logged: whoever notices the outage goes on.
    """
    reason = _reason_of(error)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_BEGIN, [server.value, reason])
            is_new = cursor.fetchone() == (True,)
    except Error as failure:
        logger.warning("an outage of %s could not be noted (%s)", server.value, type(failure).__name__)
        return
    if is_new:
        logger.error("outage of %s begins: %s", server.value, reason)


def end_outage(server: Outage.Server) -> bool:
    """End the outage of `server` and make due what waits for a server; return whether an outage ended."""
    again = Outage.objects.filter(server=server, ended_at__gt=OuterRef("started_at") - _SHORTEST)
    over = open_outages().filter(~Exists(again) | Q(started_at__lte=Now() - _SHORTEST), server=server)
    with transaction.atomic():
        if not over.update(seen_at=Now(), ended_at=Now()):
            return False
        freed = Delivery.objects.filter(waits_for_server(), due_at__gt=Now()).update(due_at=Now())
    logger.warning("outage of %s ends: %d deliveries that waited are due", server.value, freed)
    return True


def open_outages() -> QuerySet[Outage]:
    """Return the outages that last."""
    return Outage.objects.filter(ended_at=None)


def _reason_of(error: BaseException) -> str:
    """Return the class and code of `error`, without its message, which may contain an address."""
    name, code = type(error).__name__, getattr(error, "smtp_code", None) or getattr(error, "errno", None)
    return f"{name} {code}" if code else name


class Watch:
    """Asks every server regularly, those that are away more often; begins and ends their outages."""

    def __init__(self) -> None:
        self._next: dict[Outage.Server, float] = {}
        """Seconds of `monotonic`."""

    def look(self) -> None:
        """Ask the servers whose time has come.

        :raises django.db.Error: if the database does not answer.
        """
        away = set(open_outages().values_list("server", flat=True))
        for server, ask in ASK.items():
            if monotonic() < self._next.get(server, 0) and server not in away:
                continue
            try:
                ask()
            except Exception as error:  # noqa: BLE001 -- each library fails with its own exceptions
                note_outage(server, error)
            else:
                if server in away:
                    end_outage(server)
            self._next[server] = monotonic() + LOOK_SECONDS
