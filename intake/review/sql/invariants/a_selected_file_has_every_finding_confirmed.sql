-- The evidence at the time of the selection: later contradictions are for deciders, and block the stage.
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
