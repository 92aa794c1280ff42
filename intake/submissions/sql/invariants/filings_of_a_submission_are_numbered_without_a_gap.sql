SELECT s.public_id FROM submissions_filing f JOIN submissions_submission s ON s.id = f.submission_id
GROUP BY s.id HAVING min(f.sequence) <> 1 OR max(f.sequence) <> count(*)
