SELECT s.public_id FROM submissions_submission s
WHERE (SELECT count(*) FROM submissions_filing f WHERE f.submission_id = s.id) <> (
    SELECT count(*) FROM submissions_transition t
    WHERE t.submission_id = s.id AND t.action IN ('FILE', 'AMEND')
)
