"""Shortlists of invented people to export, and the same cells read by COPY."""

import hashlib
import random
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import psycopg
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from intake.accounts.models import User
from intake.devtools.deadline_drill.candidates import publish_closing, write_offer
from intake.devtools.synthetic import bulk_load, people
from intake.devtools.synthetic.answers import ExpectedResult
from intake.devtools.synthetic.people import Tally
from intake.dossiers.models import Dossier
from intake.review.exports.columns import ANSWER_COLUMNS, COLUMNS
from intake.submissions.models import Submission
from intake.submissions.states import Action
from tests.factories.people import make_staff, make_user

if TYPE_CHECKING:
    from offers.models import Offer

DOSSIER_BYTES: Final = 1_000_000
_MARKS: Final = """
INSERT INTO review_assessment (submission_id, reviewer_id, filing_id, mark, note, version, saved_at, submitted_at,
                               score, first_score)
SELECT id, %s, standing_filing_id, id %% 6, '', 1, now(), now(), id %% 6, id %% 6
FROM submissions_submission WHERE offer_id = %s
"""
_COLUMNS: Final = {
    "rank": "row_number() OVER (ORDER BY m.mean DESC NULLS LAST, r.number)",
    "number": "r.number",
    "received_at": "f.received_at",
    "email": "p.content->'person'->>'email'",
    "studies": "(SELECT string_agg(a.value, '; ') FROM jsonb_each_text(p.answers) a WHERE a.key LIKE 'studies%')",
    "verdict": "v.outcome",
    "mean_mark": "round(m.mean, 2)",
    "marks": "m.marks",
    "reserve": "s.reserve",
    "ruling": "(SELECT string_agg(u.decision, ' ; ') FROM submissions_ruling u WHERE u.filing_id = f.id)",
}
# OFFSET 0: each seal is parsed once, not once for each of its columns.
_ROWS: Final = """
SELECT {columns}
FROM submissions_submission s
JOIN submissions_filing f ON f.id = s.standing_filing_id
JOIN submissions_receipt r ON r.filing_id = f.id
JOIN submissions_verdict v ON v.filing_id = f.id
JOIN dossiers_seal l ON l.id = f.seal_id
LEFT JOIN (SELECT filing_id, avg(score) AS mean, count(*) AS marks FROM review_assessment
           WHERE submitted_at IS NOT NULL GROUP BY filing_id) m ON m.filing_id = f.id
CROSS JOIN LATERAL (
    SELECT c.content, (SELECT jsonb_object_agg(a->>'key', a->>'value')
                       FROM jsonb_array_elements(c.content->'sections') e,
                            jsonb_array_elements(e->'answers') a) AS answers
    FROM (SELECT l.canonical::jsonb AS content OFFSET 0) c
    OFFSET 0
) p
WHERE s.offer_id = {offer} AND s.state = 'SHORTLISTED'
ORDER BY m.mean DESC NULLS LAST, r.number
"""
FLAT: Final = "bench.cells"


def make_list(*, number: str, count: int, seed: int) -> "Offer":
    """Publish an offer to which `count` invented people applied; all are shortlisted and have a mark."""
    at = timezone.now()
    closes_at = at + timedelta(hours=6)
    offer = publish_closing(write_offer(number=number, at=closes_at), closes_at=closes_at, at=at)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(people, "_STANDINGS", {ExpectedResult.ADMITTED: 1.0})
        patch.setattr(people, "_PATHS", {(Action.START_REVIEW, Action.SHORTLIST): 1.0})
        patch.setattr(people, "_LEFT_AS_DRAFT", 0.0)
        staff = make_staff()
        for _done in bulk_load.load_applications(
            offer=offer, seed=seed, count=count, staff=staff, tally=Tally()
        ):
            pass
    with connection.cursor() as cursor:
        cursor.execute(_MARKS, [make_user().pk, offer.pk])
        cursor.execute("ANALYZE")
    return offer


def give_dossiers(offer: "Offer") -> list[str]:
    """Store a dossier of 1 MB for each submission of an offer; return the paths of the files."""
    chance = random.Random(10)  # noqa: S311 -- bytes of a file that only its length describes
    rows, paths = [], []
    for submission in Submission.objects.filter(offer=offer).select_related(
        "standing_filing__seal", "standing_filing__receipt"
    ):
        filing = submission.standing_filing
        assert filing is not None
        content = chance.randbytes(DOSSIER_BYTES)
        name = default_storage.save(f"dossiers/{filing.receipt.number}.pdf", ContentFile(content))
        paths.append(default_storage.path(name))
        rows.append(
            Dossier(
                seal=filing.seal,
                number=filing.receipt.number,
                file=name,
                sha256=hashlib.sha256(content).hexdigest(),
                size=len(content),
                pages=1,
                built_at=timezone.now(),
            )
        )
    Dossier.objects.bulk_create(rows)
    return paths


def copied_rows(offer: "Offer") -> str:
    """Return the query of the same cells from the same rows, as COPY reads them: codes instead of labels."""
    answers = {key: f"p.answers->>'{key}'" for key in ANSWER_COLUMNS}
    wanted = ", ".join(f'{(_COLUMNS | answers)[column.id]} AS "{column.id}"' for column in COLUMNS)
    return _ROWS.format(columns=wanted, offer=offer.pk)


def make_flat(offer: "Offer", *, superuser: str) -> None:
    """Write the cells to a table of their own, for a COPY that joins and extracts nothing."""
    with psycopg.connect(superuser, autocommit=True) as server:
        server.execute("CREATE SCHEMA bench")
        server.execute(f"CREATE TABLE {FLAT} AS {copied_rows(offer)}")
        server.execute("GRANT USAGE ON SCHEMA bench TO intake_app")
        server.execute(f"GRANT SELECT ON {FLAT} TO intake_app")
        server.execute(f"VACUUM ANALYZE {FLAT}")


def exporter() -> User:
    """Return a member of staff who may export."""
    return make_staff()
