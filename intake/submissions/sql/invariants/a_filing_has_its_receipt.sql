SELECT 'filing ' || f.id FROM submissions_filing f
WHERE NOT EXISTS (SELECT FROM submissions_receipt r WHERE r.filing_id = f.id)
