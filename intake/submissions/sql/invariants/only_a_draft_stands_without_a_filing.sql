SELECT s.public_id FROM submissions_submission s
WHERE (s.state = 'DRAFT') <> (s.standing_filing_id IS NULL)
    OR (s.state = 'DRAFT') = EXISTS (SELECT FROM submissions_filing f WHERE f.submission_id = s.id)
