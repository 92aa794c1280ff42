SELECT s.public_id FROM submissions_draft d JOIN submissions_submission s ON s.id = d.submission_id
WHERE d.closed_at IS NULL GROUP BY s.id HAVING count(*) > 1
