"""Rows written inside a block: journal entries and deliveries."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection

from intake.accounts.models import User
from intake.journal.models import Entry
from intake.outbox.models import Delivery

type Entries = list[tuple[str, User | None, str, str]]
type Asked = list[tuple[str, str, str, str]]


def transaction_instant() -> datetime:
    """Return the instant of the test's transaction, which is that of all its writes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT transaction_timestamp()")
        (instant,) = cursor.fetchone()
    assert isinstance(instant, datetime)
    return instant


def clock_instant() -> datetime:
    """Return the instant of the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (instant,) = cursor.fetchone()
    assert isinstance(instant, datetime)
    return instant


@contextmanager
def record_writes() -> Iterator[tuple[Entries, Asked]]:
    """Yield two lists that receive, at the end of the block, its journal entries and its deliveries."""
    journal = Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    outbox = Delivery.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    entries: Entries = []
    asked: Asked = []
    yield entries, asked
    entries += [
        (row.action, row.actor, row.subject_id, row.detail)
        for row in Entry.objects.filter(pk__gt=journal).order_by("pk")
    ]
    asked += [
        (row.kind, row.key, row.subject_kind, row.subject_id)
        for row in Delivery.objects.filter(pk__gt=outbox).order_by("pk")
    ]
