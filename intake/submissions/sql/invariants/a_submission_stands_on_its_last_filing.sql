SELECT s.public_id FROM submissions_submission s
WHERE s.standing_filing_id IS DISTINCT FROM (
    SELECT f.id FROM submissions_filing f WHERE f.submission_id = s.id ORDER BY f.sequence DESC LIMIT 1
)
