-- LIFTED: each refused finding was overturned. UPHELD: each has a ruling, and at least one was confirmed.
-- The number of findings is unknown if the payload was erased.
SELECT s.public_id FROM submissions_submission s
    JOIN submissions_filing f ON f.id = s.standing_filing_id
    JOIN dossiers_seal seal ON seal.id = f.seal_id
    CROSS JOIN LATERAL (
        SELECT count(*) AS ruled, count(*) FILTER (WHERE latest.decision = 'CONFIRMED') AS confirmed
        FROM (
            SELECT DISTINCT ON (r.position) r.decision FROM submissions_ruling r
            WHERE r.filing_id = f.id AND r.turn = 1 + (
                SELECT count(*) FROM submissions_transition t
                WHERE t.submission_id = s.id AND t.action = 'JUDGE_AGAIN'
            )
            ORDER BY r.position, r.id DESC
        ) latest
    ) judged
WHERE s.reserve IN ('LIFTED', 'UPHELD') AND (
    judged.ruled = 0
    OR (s.reserve = 'UPHELD') <> (judged.confirmed > 0)
    OR (seal.canonical IS NOT NULL AND judged.ruled <> (
        SELECT count(*) FROM jsonb_array_elements(seal.canonical::jsonb #> '{verdict,findings}') finding
        WHERE finding ->> 'outcome' = 'NOT_MET' AND finding ->> 'effect' = 'BLOCK'
    ))
)
