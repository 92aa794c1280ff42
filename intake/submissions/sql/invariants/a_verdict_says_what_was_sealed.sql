-- jsonb_to_record parses each payload once; three separate expressions would parse it three times.
SELECT 'filing ' || f.id FROM submissions_filing f
    JOIN submissions_verdict v ON v.filing_id = f.id
    JOIN dossiers_seal seal ON seal.id = f.seal_id
    CROSS JOIN LATERAL jsonb_to_record(seal.canonical::jsonb -> 'verdict') AS sealed (
        outcome text, rulebook_digest text, facts_digest text
    )
WHERE seal.canonical IS NOT NULL
    AND (v.outcome, v.rulebook_digest, v.facts_digest)
        IS DISTINCT FROM (sealed.outcome, sealed.rulebook_digest, sealed.facts_digest)
