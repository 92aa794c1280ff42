-- What `sql/erase_submission.sql` erases and an application could write again: no row may name the person.
SELECT s.public_id FROM privacy_erasure x JOIN submissions_submission s ON s.id = x.submission_id
WHERE s.filed_name <> ''
    OR EXISTS (SELECT FROM submissions_draft d WHERE d.submission_id = s.id AND d.answers <> '{}')
    OR EXISTS (SELECT FROM submissions_transition t WHERE t.submission_id = s.id AND t.reason <> '' AND t.at <= x.erased_at)
    OR EXISTS (
        SELECT FROM submissions_filing f JOIN dossiers_seal e ON e.id = f.seal_id
            LEFT JOIN submissions_fileddocument d ON d.filing_id = f.id
            LEFT JOIN dossiers_dossier p ON p.seal_id = e.id
            LEFT JOIN dossiers_signedreceipt r ON r.seal_id = e.id
        WHERE f.submission_id = s.id
            AND (e.canonical IS NOT NULL OR d.id IS NOT NULL OR p.file <> '' OR r.file <> '')
    )
