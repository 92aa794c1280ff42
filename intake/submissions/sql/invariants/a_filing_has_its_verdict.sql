SELECT 'filing ' || f.id FROM submissions_filing f
WHERE NOT EXISTS (SELECT FROM submissions_verdict v WHERE v.filing_id = f.id)
