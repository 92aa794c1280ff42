SELECT 'complement ' || c.id FROM submissions_complementrequest c
    JOIN submissions_submission s ON s.id = c.submission_id
WHERE c.ended_at IS NULL AND c.filing_id IS DISTINCT FROM s.standing_filing_id
