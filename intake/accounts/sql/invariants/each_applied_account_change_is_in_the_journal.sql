-- Both rows are written in one transaction and have its timestamp.
SELECT c.kind || ' ' || c.id FROM accounts_accountchange c JOIN accounts_user u ON u.id = c.person_id
WHERE c.state = 'APPLIED' AND NOT EXISTS (
    SELECT FROM journal_entry e
    WHERE e.subject_id = u.public_id::text AND e.subject_kind = 'accounts.user' AND e.at = c.decided_at
        AND e.action = 'ACCOUNT_CHANGE_APPLIED' AND e.detail = c.kind || ' ' || c.id
)
