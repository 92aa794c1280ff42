"""Invariants of filings: in time, in order, each on its own closed draft, with the documents in its seal."""

from typing import Final

from intake.journal.invariants import Invariant

FILINGS: Final = (
    Invariant(
        "a_filing_is_received_before_closing",
        # A closing only moves later, so the current one suffices. A personal extension counts if it was given before
        # the filing; a complement request if it was made before the filing and had not ended.
        """
        SELECT 'filing ' || f.id FROM submissions_filing f
            JOIN submissions_submission s ON s.id = f.submission_id
            JOIN offers_offer o ON o.id = s.offer_id
        WHERE f.received_at >= GREATEST(o.closes_at, (
            SELECT max(e.closes_at) FROM submissions_personalextension e
            WHERE e.offer_id = s.offer_id AND e.candidate_id = s.candidate_id AND e.at <= f.received_at
        ), (
            SELECT max(c.due_at) FROM submissions_complementrequest c
            WHERE c.submission_id = s.id AND c.asked_at <= f.received_at
                AND (c.ended_at IS NULL OR c.ended_at >= f.received_at)
        ))
        """,
    ),
    Invariant(
        "filings_of_a_submission_are_numbered_without_a_gap",
        """
        SELECT s.public_id FROM submissions_filing f JOIN submissions_submission s ON s.id = f.submission_id
        GROUP BY s.id HAVING min(f.sequence) <> 1 OR max(f.sequence) <> count(*)
        """,
    ),
    Invariant(
        "a_filing_replaces_the_one_before_it",
        """
        SELECT 'filing ' || f.id FROM submissions_filing f
            LEFT JOIN submissions_filing before
                ON before.submission_id = f.submission_id AND before.sequence = f.sequence - 1
        WHERE f.replaces_id IS DISTINCT FROM before.id
        """,
    ),
    Invariant(
        "a_submission_stands_on_its_last_filing",
        """
        SELECT s.public_id FROM submissions_submission s
        WHERE s.standing_filing_id IS DISTINCT FROM (
            SELECT f.id FROM submissions_filing f WHERE f.submission_id = s.id ORDER BY f.sequence DESC LIMIT 1
        )
        """,
    ),
    Invariant(
        "a_filed_draft_is_closed_and_its_own_submissions",
        """
        SELECT 'filing ' || f.id FROM submissions_filing f JOIN submissions_draft d ON d.id = f.draft_id
        WHERE d.closed_at IS NULL OR d.submission_id <> f.submission_id
        """,
    ),
    Invariant(
        "a_submission_has_one_open_draft_at_most",
        """
        SELECT s.public_id FROM submissions_draft d JOIN submissions_submission s ON s.id = d.submission_id
        WHERE d.closed_at IS NULL GROUP BY s.id HAVING count(*) > 1
        """,
    ),
    Invariant(
        "a_filing_keeps_the_documents_that_its_seal_names",
        # Compared as sorted digests. An erased payload cannot be compared.
        """
        SELECT 'filing ' || f.id FROM submissions_filing f
            JOIN dossiers_seal seal ON seal.id = f.seal_id
            CROSS JOIN LATERAL (
                SELECT coalesce(array_agg(d.sha256 ORDER BY d.sha256), '{}') AS digests
                FROM submissions_fileddocument d WHERE d.filing_id = f.id
            ) kept
            CROSS JOIN LATERAL (
                SELECT coalesce(array_agg(named.digest ORDER BY named.digest), '{}') AS digests
                FROM (
                    SELECT (document ->> 'sha256')::varchar AS digest
                    FROM jsonb_array_elements(seal.canonical::jsonb -> 'documents') AS document
                ) named
            ) sealed
        WHERE seal.canonical IS NOT NULL AND kept.digests IS DISTINCT FROM sealed.digests
        """,
    ),
)
