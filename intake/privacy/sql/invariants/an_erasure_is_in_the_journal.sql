-- The entry is written beside the call of the function that erases: a call without it is by hand.
SELECT s.public_id FROM privacy_erasure x JOIN submissions_submission s ON s.id = x.submission_id
WHERE NOT EXISTS (
    SELECT FROM journal_entry j
    WHERE j.subject_kind = 'submissions.submission' AND j.subject_id = s.public_id::text
        AND j.action = 'SUBMISSION_ANONYMISED'
)
UNION ALL
SELECT u.public_id FROM privacy_erasure x JOIN accounts_user u ON u.id = x.account_id
WHERE NOT EXISTS (
    SELECT FROM journal_entry j
    WHERE j.subject_kind = 'accounts.user' AND j.subject_id = u.public_id::text AND j.action = 'ACCOUNT_ANONYMISED'
)
