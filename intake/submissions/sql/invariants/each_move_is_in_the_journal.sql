-- Both rows are written in one transaction and have its timestamp.
SELECT s.public_id || ' ' || t.action FROM submissions_transition t
    JOIN submissions_submission s ON s.id = t.submission_id
WHERE NOT EXISTS (
    SELECT FROM journal_entry e
    WHERE e.subject_id = s.public_id::text AND e.subject_kind = 'submissions.submission'
        AND e.at = t.at AND e.action = 'SUBMISSION_' || t.action
)
