"""Which lists showed a subject: found by an index, also among 100,000 entries."""

from typing import Any

import pytest
from django.db import connection

from intake.journal.models import LIST_SHOWN, Entry
from intake.journal.selectors import lists_with, subject_key
from intake.privacy.own_data.readings import entries_concerning, readings_of
from tests.database_roles import as_owner
from tests.factories.people import make_staff, make_user

pytestmark = [pytest.mark.full, pytest.mark.django_db]

INDEX = "journal_lists_of_a_subject"
ENTRIES = 100_000
SHARE_OF_LISTS = 3
"""One entry in so many is a list, with 50 subjects, as one page of the queue."""
_FILL = """
INSERT INTO journal_entry (at, actor_id, action, subject_kind, subject_id, detail, seal)
SELECT transaction_timestamp() - n * interval '1 second', %(actor)s,
    CASE WHEN n %% %(share)s = 0 THEN %(action)s ELSE 'SUBMISSION_OPENED' END, '', '',
    CASE WHEN n %% %(share)s = 0 THEN 'queue ' || (
        SELECT string_agg(md5((n %% 997 * 50 + k)::text), ' ') FROM generate_series(1, 50) AS k
    ) ELSE '' END,
    't.' || left(md5(n::text), 22) || '.' || repeat('0', 64)
FROM generate_series(1, %(entries)s) AS n
"""


def test_the_lists_of_a_subject_are_found_without_reading_the_journal() -> None:
    reader, person = make_staff(), make_user()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE journal_entry DISABLE TRIGGER USER")  # 100,000 links would take minutes
        values: dict[str, Any] = {
            "actor": reader.pk,
            "share": SHARE_OF_LISTS,
            "action": LIST_SHOWN,
            "entries": ENTRIES,
        }
        cursor.execute(_FILL, values)
        cursor.execute("ANALYZE journal_entry")
    for found in (
        Entry.objects.filter(pk__in=lists_with([subject_key(person)])),
        readings_of(person),
        entries_concerning(person),
    ):
        plan = found.explain()
        assert INDEX in plan
        assert "Seq Scan on journal_entry" not in plan
