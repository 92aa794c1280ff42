SELECT 'filing ' || v.filing_id FROM submissions_verdict v
WHERE v.under_reserve
    AND NOT EXISTS (SELECT FROM submissions_reviewrequest q WHERE q.filing_id = v.filing_id)
