CREATE OR REPLACE FUNCTION public.erase_submission(target bigint)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
    application record;
    kept record;
    family text;
    filing_ids bigint[];
    seal_ids bigint[];
    draft_ids bigint[];
    upload_ids bigint[];
    subjects text[];
    proof bigint;
    names text[];
BEGIN
    -- The submission first, as each move does.
    SELECT s.id, s.public_id, s.offer_id, s.candidate_id, s.standing_filing_id,
            addresses_of_account(s.candidate_id) AS addresses INTO application
        FROM submissions_submission s WHERE s.id = target FOR UPDATE OF s;
    IF NOT FOUND OR EXISTS (SELECT FROM privacy_erasure e WHERE e.submission_id = target) THEN
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT FROM privacy_legalhold h WHERE h.submission_id = target AND h.lifted_at IS NULL) THEN
        RAISE EXCEPTION 'submission % is held', target USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_held_file_is_never_erased';
    END IF;
    SELECT * INTO kept FROM retention_of(target);
    -- By the clock of the database. A draft is its candidate's, who may discard it on any day.
    IF application.standing_filing_id IS NOT NULL AND (
        kept.erased_on IS NULL
        OR kept.erased_on > (transaction_timestamp() AT TIME ZONE 'America/Toronto')::date
    ) THEN
        RAISE EXCEPTION 'submission % is kept until %', target, kept.erased_on USING
            ERRCODE = 'check_violation', CONSTRAINT = 'a_file_is_erased_once_it_is_due';
    END IF;

    SELECT coalesce(array_agg(f.id), '{}'), coalesce(array_agg(f.seal_id), '{}') INTO filing_ids, seal_ids
        FROM submissions_filing f WHERE f.submission_id = target;
    SELECT coalesce(array_agg(d.id), '{}') INTO draft_ids FROM submissions_draft d WHERE d.submission_id = target;
    SELECT coalesce(array_agg(DISTINCT used.upload_id), '{}') INTO upload_ids FROM (
        SELECT upload_id FROM submissions_fileddocument WHERE filing_id = ANY (filing_ids)
        UNION ALL
        SELECT upload_id FROM submissions_draftdocument WHERE draft_id = ANY (draft_ids)
        UNION ALL
        SELECT p.upload_id FROM submissions_documentpart p
            JOIN submissions_draftdocument d ON d.id = p.document_id WHERE d.draft_id = ANY (draft_ids)
    ) used;
    SELECT e.canonical::jsonb #>> '{person,last_name}' INTO family
        FROM dossiers_seal e JOIN submissions_filing f ON f.seal_id = e.id WHERE f.id = application.standing_filing_id;

    -- From here on, append-only tables accept this transaction's changes, if the owner makes them.
    INSERT INTO privacy_erasure (kind, submission_id, outcome, due_on, erased_at, files) VALUES (
        CASE WHEN application.standing_filing_id IS NULL THEN 'DRAFT' ELSE 'FILE' END,
        CASE WHEN application.standing_filing_id IS NOT NULL THEN target END,
        kept.outcome, kept.erased_on, transaction_timestamp(), '{}'
    ) RETURNING id INTO proof;

    -- What was filed: digests, numbers, instants and marks stay.
    UPDATE dossiers_seal SET canonical = NULL, salt = NULL WHERE id = ANY (seal_ids);
    UPDATE submissions_verdict SET facts_digest = '' WHERE filing_id = ANY (filing_ids);
    UPDATE submissions_reviewrequest SET message = 'Effacé' WHERE filing_id = ANY (filing_ids);
    UPDATE submissions_arrival SET review_message = '' WHERE submission_id = target AND review_message <> '';
    UPDATE submissions_ruling SET reason = 'Effacé' WHERE filing_id = ANY (filing_ids);
    UPDATE submissions_complementrequest SET words = 'Effacé' WHERE submission_id = target;
    UPDATE submissions_transition SET reason = '' WHERE submission_id = target AND reason <> '';
    UPDATE submissions_personalextension SET reason = 'Effacé'
        WHERE offer_id = application.offer_id AND candidate_id = application.candidate_id;
    UPDATE review_evidence SET document_id = NULL, page = NULL, note = 'Effacé' WHERE filing_id = ANY (filing_ids);
    DELETE FROM submissions_fileddocument WHERE filing_id = ANY (filing_ids);
    DELETE FROM submissions_documentpart p USING submissions_draftdocument d
        WHERE d.id = p.document_id AND d.draft_id = ANY (draft_ids);
    DELETE FROM submissions_draftdocument WHERE draft_id = ANY (draft_ids);

    -- What people wrote about it.
    UPDATE review_linemark l SET remark = '' FROM review_assessment a
        WHERE l.assessment_id = a.id AND a.submission_id = target;
    UPDATE review_assessment SET note = '' WHERE submission_id = target;
    DELETE FROM review_readingdraft WHERE submission_id = target;
    UPDATE review_conflict SET reason = '', lift_reason = CASE lift_reason WHEN '' THEN '' ELSE 'Effacé' END
        WHERE submission_id = target;
    UPDATE review_decisionitem SET message = '', letter = '' WHERE submission_id = target;
    -- A text about several files goes with the last of them, or once it names the person.
    UPDATE review_decisionbatch b SET word = '', title = 'Effacé'
        WHERE b.id IN (SELECT i.batch_id FROM review_decisionitem i WHERE i.submission_id = target) AND (
            names_the_person(b.word || ' ' || b.title, application.addresses, family)
            OR NOT EXISTS (
                SELECT FROM review_decisionitem i WHERE i.batch_id = b.id
                    AND NOT EXISTS (SELECT FROM privacy_erasure e WHERE e.submission_id = i.submission_id)
            )
        );
    UPDATE review_bulkrun r SET reason = '', query = ''
        WHERE r.id IN (SELECT i.run_id FROM review_bulkitem i WHERE i.submission_id = target);
    UPDATE review_meetingnote n SET text = 'Effacé'
        WHERE n.offer_id = application.offer_id AND application.standing_filing_id IS NOT NULL AND (
            names_the_person(n.text, application.addresses, family)
            OR NOT EXISTS (
                SELECT FROM submissions_submission s
                WHERE s.offer_id = n.offer_id AND s.standing_filing_id IS NOT NULL
                    AND NOT EXISTS (SELECT FROM privacy_erasure e WHERE e.submission_id = s.id)
            )
        );
    UPDATE review_shortlist l SET reason = 'Effacé'
        WHERE l.offer_id = application.offer_id AND names_the_person(l.reason, application.addresses, family);
    UPDATE review_shortlistexport l SET reason = 'Effacé'
        WHERE l.offer_id = application.offer_id AND names_the_person(l.reason, application.addresses, family);
    UPDATE review_exportorder l SET reason = 'Effacé'
        WHERE l.offer_id = application.offer_id AND names_the_person(l.reason, application.addresses, family);
    DELETE FROM review_claim WHERE submission_id = target;
    UPDATE privacy_legalhold SET reason = 'Effacé', lift_reason = 'Effacé' WHERE submission_id = target;

    -- Mails about it, to whomever they went.
    SELECT array_agg(about.kind || ' ' || about.id) INTO subjects FROM (
        SELECT 'submissions.submission' AS kind, target AS id
        UNION ALL SELECT 'submissions.filing', unnest(filing_ids)
        UNION ALL SELECT 'submissions.draft', unnest(draft_ids)
        UNION ALL SELECT 'submissions.receipt', r.id FROM submissions_receipt r WHERE r.filing_id = ANY (filing_ids)
        UNION ALL SELECT 'submissions.complementrequest', c.id
            FROM submissions_complementrequest c WHERE c.submission_id = target
        UNION ALL SELECT 'submissions.personalextension', x.id FROM submissions_personalextension x
            WHERE x.offer_id = application.offer_id AND x.candidate_id = application.candidate_id
        UNION ALL SELECT 'review.decisionitem', i.id FROM review_decisionitem i WHERE i.submission_id = target
    ) about;
    PERFORM erase_mails((
        SELECT coalesce(array_agg(d.id), '{}') FROM outbox_delivery d
        WHERE (d.subject_kind, d.subject_id) IN (
            SELECT split_part(about, ' ', 1), split_part(about, ' ', 2) FROM unnest(subjects) AS about
        )
    ));

    -- The journal keeps who did what, when; a detail that names the person goes, with the salt of its commitment.
    PERFORM erase_journal_details(application.addresses, family);
    UPDATE django_admin_log SET object_repr = '', change_message = ''
        WHERE names_the_person(object_repr || ' ' || change_message, application.addresses, family);

    -- Files are named here and deleted after the commit. A document that another application uses stays.
    WITH unused AS (
        DELETE FROM documents_upload u WHERE u.id = ANY (upload_ids)
            AND NOT EXISTS (SELECT FROM submissions_fileddocument d WHERE d.upload_id = u.id)
            AND NOT EXISTS (SELECT FROM submissions_draftdocument d WHERE d.upload_id = u.id)
            AND NOT EXISTS (SELECT FROM submissions_documentpart p WHERE p.upload_id = u.id)
        RETURNING u.original, u.file, u.thumbnail, u.small_thumbnail
    ), waiting AS (
        DELETE FROM submissions_pendingupload p WHERE p.draft_id = ANY (draft_ids) RETURNING p.file
    ), dossiers AS (
        SELECT d.file FROM dossiers_dossier d WHERE d.seal_id = ANY (seal_ids)
        UNION ALL
        SELECT r.file FROM dossiers_signedreceipt r WHERE r.seal_id = ANY (seal_ids)
    ), pictures AS (
        DELETE FROM dossiers_pagepictures p USING dossiers_dossier d
            WHERE d.id = p.dossier_id AND d.seal_id = ANY (seal_ids) RETURNING p.file
    )
    SELECT coalesce(array_agg(name) FILTER (WHERE name <> ''), '{}') INTO names FROM (
        SELECT unnest(ARRAY[original, file, thumbnail, small_thumbnail]) AS name FROM unused
        UNION ALL SELECT file FROM waiting
        UNION ALL SELECT file FROM dossiers
        UNION ALL SELECT file FROM pictures
    ) stored;
    UPDATE dossiers_dossier SET file = '' WHERE seal_id = ANY (seal_ids);
    UPDATE dossiers_signedreceipt SET file = '' WHERE seal_id = ANY (seal_ids);
    UPDATE privacy_erasure SET files = names WHERE id = proof;

    IF application.standing_filing_id IS NULL THEN
        DELETE FROM privacy_legalhold WHERE submission_id = target;
        DELETE FROM submissions_arrival WHERE submission_id = target;
        DELETE FROM submissions_draft WHERE submission_id = target;
        DELETE FROM submissions_submission WHERE id = target;
    ELSE
        UPDATE submissions_draft SET answers = '{}', closed_at = coalesce(closed_at, transaction_timestamp())
            WHERE submission_id = target;
        UPDATE submissions_submission SET filed_name = '' WHERE id = target;
    END IF;
    -- For the entry of the journal, which the portal writes: its seal needs a secret that is not here.
    RETURN kept.outcome || coalesce(' due ' || kept.erased_on, '');
END $function$;
