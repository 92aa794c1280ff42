SELECT s.public_id FROM submissions_submission s
WHERE s.state <> coalesce(
    (SELECT t.to_state FROM submissions_transition t WHERE t.submission_id = s.id ORDER BY t.id DESC LIMIT 1),
    'DRAFT'
)
