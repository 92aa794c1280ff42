"""Fill the two databases of `lists_at_size`: the larger is a copy of the smaller, filled further."""

import os
import subprocess
import sys
from contextlib import redirect_stdout

import psycopg

SEED = 3
_DELIVERIES = """
INSERT INTO outbox_delivery (public_id, kind, key, subject_kind, subject_id, due_at, state, attempts, last_error,
                             created_at, done_at)
SELECT gen_random_uuid(), 'receipt_mail', number, 'submissions.receipt', id::text, now(), 'DONE', 1, '',
       now() + id * interval '1 ms', now()
FROM submissions_receipt WHERE NOT EXISTS (SELECT FROM outbox_delivery d WHERE d.key = number);
INSERT INTO outbox_message (delivery_id, message_id, to_address, subject, text, html, created_at, sent_at)
SELECT d.id, d.public_id::text, 'personne-' || d.id || '@exemple.invalid', 'Candidature ' || d.key, 'Texte', '',
       now(), now()
FROM outbox_delivery d WHERE NOT EXISTS (SELECT FROM outbox_message m WHERE m.delivery_id = d.id);
"""
"""A sent receipt mail for each filing: bulk loading posts none."""
_MARKS = """
INSERT INTO review_assessment (submission_id, reviewer_id, filing_id, mark, note, version, saved_at,
                               submitted_at, score, first_score)
SELECT id, %(reviewer)s, standing_filing_id, id %% 6, '', 1, now(), now(), id %% 6, id %% 6
FROM submissions_submission
WHERE standing_filing_id IS NOT NULL AND NOT EXISTS (SELECT FROM review_assessment) ORDER BY id LIMIT 300
"""
"""Marks of the staff member on the same submissions at both sizes: the number that one person marks does not grow."""
_COMPLEMENTS = """
BEGIN;
ALTER TABLE submissions_complementrequest DISABLE TRIGGER USER;
WITH incomplete AS (
    UPDATE submissions_submission SET state = 'COMPLEMENT_REQUESTED'
    WHERE state = 'SUBMITTED' AND reserve = 'NONE' AND id % 50 = 0 RETURNING id, standing_filing_id
)
INSERT INTO submissions_complementrequest
    (submission_id, filing_id, asked_by_id, asked_at, words, due_at, sections, ending)
SELECT i.id, i.standing_filing_id, (SELECT min(u.id) FROM accounts_user u WHERE u.is_staff),
       now() - interval '12 days', 'Une page manque.',
       now() + CASE WHEN i.id % 100 = 0 THEN interval '-1 day' ELSE interval '9 days' END, '{etudes}', ''
FROM incomplete i;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE submissions_complementrequest ENABLE TRIGGER USER;
COMMIT;
"""
"""A complement request for one received file in fifty, half of them overdue: bulk loading creates none."""


def fill(people: int) -> None:
    """Load the applications of `people` people, drafts included, that do not exist yet."""
    from django.core.management import call_command  # noqa: PLC0415 -- needs Django set up
    from django.utils import timezone  # noqa: PLC0415 -- needs Django set up

    from intake.devtools.demonstration.offers import load_demonstration  # noqa: PLC0415 -- needs Django set up

    offer = load_demonstration(at=timezone.now())[-1]
    with redirect_stdout(sys.stderr):
        call_command(
            "generate_submissions",
            *("--offer", str(offer.number), "--count", str(people), "--seed", str(SEED), "--through", "bulk"),
        )


def copy_once(owner: str) -> None:
    """Create the larger database as a copy of the smaller, unless it exists; apply its pending migrations."""
    from django.db import connection  # noqa: PLC0415 -- needs Django set up

    connection.close()
    with psycopg.connect(owner, dbname="postgres", autocommit=True) as maintenance:
        known = maintenance.execute("SELECT FROM pg_database WHERE datname = 'intake_large'").fetchone()
        if known is None:
            maintenance.execute("CREATE DATABASE intake_large TEMPLATE intake")
    # A database kept from an earlier run may lack migrations.
    address = owner.removesuffix("/intake") + "/intake_large"
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0", "--no-input"],
        env=os.environ | {"DATABASE_URL": address},
        check=True,
    )


def settle(owner: str, name: str) -> None:
    """Add the rows that bulk loading leaves out, then VACUUM ANALYZE."""
    with psycopg.connect(owner, dbname=name, autocommit=True) as connection:
        connection.execute(_DELIVERIES)
        connection.execute(_COMPLEMENTS)
        row = connection.execute("SELECT id FROM accounts_user WHERE is_staff ORDER BY id LIMIT 1").fetchone()
        if row is not None:
            connection.execute(_MARKS, {"reviewer": row[0]})
            connection.execute(
                "INSERT INTO review_committeemember (offer_id, reviewer_id)"
                " SELECT DISTINCT offer_id, %s::bigint FROM submissions_submission ON CONFLICT DO NOTHING",
                row,
            )
        connection.execute("VACUUM ANALYZE")
