"""Insert the rows of a filing: the filing and its seal, then documents, verdict and receipt; close the draft."""

from typing import Any

from intake.dossiers.models import Seal
from intake.dossiers.receipt_number import format_number
from intake.dossiers.services import INSERT_SEAL, insert_seal_values
from intake.submissions.gate.readiness import blocking_positions
from intake.submissions.models import Filing, Receipt
from intake.web.prepared import fetch_one

from .evaluation import EvaluatedFiling

_FILING = f"""
WITH {INSERT_SEAL}
INSERT INTO submissions_filing (submission_id, sequence, draft_id, seal_id, replaces_id)
SELECT %(submission)s, %(sequence)s, %(draft)s, sealed.id, %(replaces)s::bigint FROM sealed
RETURNING id, seal_id, arrival_id, received_at, nextval('submissions_receipt_serial')
"""  # noqa: S608 -- a constant of ours
"""Only an inserted row draws a serial. A filing that is rolled back leaves a gap in the serials, without meaning."""

_PROOF = """
WITH documents AS (
    INSERT INTO submissions_fileddocument (filing_id, request_id, upload_id, sha256)
    SELECT %(filing)s, d.request_id, d.upload_id, d.sha256
    FROM unnest(%(requests)s::bigint[], %(uploads)s::bigint[], %(digests)s::text[])
        AS d (request_id, upload_id, sha256)
), verdict AS (
    INSERT INTO submissions_verdict
        (filing_id, rulebook_id, outcome, under_reserve, rulebook_digest, facts_digest, blocking)
    VALUES (%(filing)s, %(rulebook)s, %(outcome)s, %(under_reserve)s, %(rulebook_digest)s, %(facts_digest)s,
        %(blocking)s::smallint[])
), request AS (
    INSERT INTO submissions_reviewrequest (filing_id, message)
    SELECT %(filing)s, %(message)s WHERE %(under_reserve)s
), closed AS (
    UPDATE submissions_draft SET closed_at = %(received_at)s WHERE id = %(draft)s
), arrived AS (
    UPDATE submissions_arrival SET state = 'FILED', review_message = ''
    WHERE draft_id = %(draft)s AND state = 'WAITING'
)
INSERT INTO submissions_receipt (filing_id, number) VALUES (%(filing)s, %(number)s) RETURNING id
"""


def write_filing(case: EvaluatedFiling, seal: Seal) -> tuple[Filing, str]:
    """Insert the filing and its unsaved `seal` in one statement; return the filing and its receipt number.

    :raises django.db.IntegrityError: if the database's instant is outside the candidate's filing window.
    """
    submission = case.submission
    values = {
        "submission": submission.pk,
        "sequence": case.sequence,
        "draft": case.inputs.draft.pk,
        "replaces": submission.standing_filing_id,
        **insert_seal_values(seal),
    }
    pk, seal.pk, arrival, received_at, serial = fetch_one(_FILING, values)
    seal._state.adding = False  # noqa: SLF001 -- it is in the table, as after save()
    filing = Filing(
        pk=pk,
        submission=submission,
        sequence=case.sequence,
        draft=case.inputs.draft,
        seal=seal,
        replaces_id=submission.standing_filing_id,
        arrival_id=arrival,
        received_at=received_at,
    )
    filing._state.adding = False  # noqa: SLF001 -- it is in the table, as after save()
    return filing, format_number(submission.offer.number or "", serial)


def write_receipt_and_verdict(filing: Filing, number: str, case: EvaluatedFiling) -> Receipt:
    """Insert documents, verdict, review request and receipt of `filing` and close its draft, in one statement."""
    inputs, judgement = case.inputs, case.judgement
    values: dict[str, Any] = {
        "filing": filing.pk,
        "requests": [row.request.pk for row in inputs.documents],
        "uploads": [row.upload.pk for row in inputs.documents],
        "digests": [row.upload.sha256 for row in inputs.documents],
        "rulebook": inputs.rulebook.pk,
        "outcome": judgement.outcome.value,
        "under_reserve": case.under_reserve,
        "rulebook_digest": judgement.rulebook_digest,
        "facts_digest": judgement.facts_digest,
        "blocking": blocking_positions(judgement),
        "message": case.review_message if case.lifted is None else case.lifted.message,
        "received_at": filing.received_at,
        "draft": inputs.draft.pk,
        "number": number,
    }
    (pk,) = fetch_one(_PROOF, values)
    inputs.draft.closed_at = filing.received_at
    receipt = Receipt(pk=pk, filing=filing, number=number)
    receipt._state.adding = False  # noqa: SLF001 -- it is in the table, as after save()
    return receipt
