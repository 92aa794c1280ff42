SELECT s.public_id FROM submissions_submission s
    LEFT JOIN submissions_filing f ON f.id = s.standing_filing_id
    LEFT JOIN submissions_verdict v ON v.filing_id = f.id
WHERE (s.received_at, s.filed_outcome) IS DISTINCT FROM (f.received_at, coalesce(v.outcome, ''))
