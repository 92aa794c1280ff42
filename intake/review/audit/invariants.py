"""What must hold of the committee's work: selections rest on evidence, and a frozen list is the one that was frozen."""

from typing import Final

from intake.journal.invariants import Invariant

INVARIANTS: Final = (
    Invariant(
        "a_selected_file_has_every_finding_confirmed",
        # As it was when its person was selected: what is found later is for those who decide, and refuses the stage.
        """
        SELECT s.public_id FROM submissions_submission s
            JOIN submissions_verdict v ON v.filing_id = s.standing_filing_id
        WHERE s.state IN ('SELECTED', 'PLACED', 'COMPLETED') AND EXISTS (
            SELECT FROM unnest(v.blocking) AS wanted
            WHERE (
                SELECT e.outcome FROM review_evidence e
                WHERE e.filing_id = v.filing_id AND e.position = wanted AND NOT e.after_selection
                ORDER BY e.id DESC LIMIT 1
            ) IS DISTINCT FROM 'CONFIRMED'
        )
        """,
    ),
    Invariant(
        "a_frozen_shortlist_has_all_its_rows",
        """
        SELECT 'shortlist ' || l.id FROM review_shortlist l
            LEFT JOIN review_shortlistrow r ON r.shortlist_id = l.id
        GROUP BY l.id HAVING count(r.id) <> l.rows_count OR max(r.rank) IS DISTINCT FROM l.rows_count
        """,
    ),
    Invariant(
        "a_frozen_shortlist_is_the_digest_of_its_rows",
        # The canonical JSON of `shortlists.digest_of`, written again by the database.
        """
        SELECT 'shortlist ' || l.id FROM review_shortlist l
            JOIN offers_offer o ON o.id = l.offer_id
            CROSS JOIN LATERAL (
                SELECT string_agg(
                    '{"number":' || to_json(receipt.number) || ',"rank":' || r.rank
                    || ',"reserve":' || to_json(r.reserve)
                    || ',"score":' || coalesce('"' || r.score::numeric(4, 3) || '"', 'null')
                    || ',"seal":' || to_json(seal.digest) || '}',
                    ',' ORDER BY r.rank
                ) AS rows
                FROM review_shortlistrow r
                    JOIN submissions_filing f ON f.id = r.filing_id
                    JOIN submissions_receipt receipt ON receipt.filing_id = f.id
                    JOIN dossiers_seal seal ON seal.id = f.seal_id
                WHERE r.shortlist_id = l.id
            ) list
        WHERE l.digest IS DISTINCT FROM 'sha256:' || encode(sha256(convert_to(normalize(
            '{"offer":' || to_json(o.number) || ',"rows":[' || coalesce(list.rows, '')
            || '],"shortlist":' || l.number || '}', NFC
        ), 'UTF8')), 'hex')
        """,
    ),
    Invariant(
        "a_batch_that_was_sent_decided_on_everybody",
        """
        SELECT 'batch ' || b.id FROM review_decisionbatch b
        WHERE b.state IN ('SENT', 'REVOKED')
            AND EXISTS (SELECT FROM review_decisionitem i WHERE i.batch_id = b.id AND i.state = 'OPEN')
        """,
    ),
)
