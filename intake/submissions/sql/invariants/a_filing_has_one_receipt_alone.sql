SELECT 'filing ' || filing_id FROM submissions_receipt GROUP BY filing_id HAVING count(*) > 1
