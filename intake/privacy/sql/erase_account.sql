CREATE OR REPLACE FUNCTION public.erase_account(target bigint)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
    person record;
    proof bigint;
    names text[];
BEGIN
    SELECT u.id, u.public_id, addresses_of_account(u.id) AS addresses, u.is_staff, p.last_name INTO person
        FROM accounts_user u LEFT JOIN profiles_profile p ON p.user_id = u.id
        WHERE u.id = target FOR UPDATE OF u;
    IF NOT FOUND OR EXISTS (SELECT FROM privacy_erasure e WHERE e.account_id = target) THEN
        RETURN NULL;
    END IF;
    -- The names of those who decided stay with what they decided.
    IF person.is_staff OR EXISTS (
        SELECT FROM submissions_submission s WHERE s.candidate_id = target
            AND NOT EXISTS (SELECT FROM privacy_erasure e WHERE e.submission_id = s.id)
    ) THEN
        RAISE EXCEPTION 'account % still has a file', target USING
            ERRCODE = 'check_violation', CONSTRAINT = 'an_account_outlives_its_files';
    END IF;
    INSERT INTO privacy_erasure (kind, account_id, outcome, erased_at, files)
        VALUES ('ACCOUNT', target, 'ACCOUNT', transaction_timestamp(), '{}') RETURNING id INTO proof;

    PERFORM erase_mails((
        SELECT coalesce(array_agg(mine.id), '{}') FROM mails_of_account(target) AS mine(id)
    ));
    PERFORM erase_mails((
        SELECT coalesce(array_agg(d.id), '{}') FROM outbox_delivery d
        WHERE d.subject_kind = 'accounts.user' AND d.subject_id = target::text AND d.state <> 'DONE'
    ));
    -- Those to administrators about a change of this account name it.
    PERFORM erase_mails((
        SELECT coalesce(array_agg(d.id), '{}') FROM outbox_delivery d
        JOIN accounts_accountchange c ON d.subject_id = c.id::text
        WHERE d.subject_kind = 'accounts.accountchange' AND c.person_id = target
    ));
    PERFORM erase_journal_details(person.addresses, person.last_name);
    UPDATE django_admin_log SET object_repr = '', change_message = ''
        WHERE names_the_person(object_repr || ' ' || change_message, person.addresses, person.last_name);
    UPDATE accounts_accountchange SET
        reason = 'Effacé', before = '', value = CASE WHEN kind IN ('ADDRESS', 'OWN_ADDRESS') THEN 'efface' ELSE value END
        WHERE person_id = target;
    UPDATE submissions_personalextension SET reason = 'Effacé' WHERE candidate_id = target;
    WITH owned AS (
        DELETE FROM documents_upload u WHERE u.owner_id = target
            AND NOT EXISTS (SELECT FROM submissions_fileddocument d WHERE d.upload_id = u.id)
            AND NOT EXISTS (SELECT FROM submissions_draftdocument d WHERE d.upload_id = u.id)
            AND NOT EXISTS (SELECT FROM submissions_documentpart p WHERE p.upload_id = u.id)
        RETURNING u.original, u.file, u.thumbnail, u.small_thumbnail
    ), waiting AS (
        DELETE FROM submissions_pendingupload p WHERE p.owner_id = target RETURNING p.file
    )
    SELECT coalesce(array_agg(name) FILTER (WHERE name <> ''), '{}') INTO names FROM (
        SELECT unnest(ARRAY[original, file, thumbnail, small_thumbnail]) AS name FROM owned
        UNION ALL SELECT file FROM waiting
    ) stored;
    UPDATE privacy_erasure SET files = names WHERE id = proof;
    DELETE FROM profiles_profile WHERE user_id = target;
    DELETE FROM account_emailaddress WHERE user_id = target;
    DELETE FROM accounts_user_groups WHERE user_id = target;
    DELETE FROM accounts_user_user_permissions WHERE user_id = target;
    UPDATE accounts_user SET
        email = 'efface-' || public_id || '@compte.invalid', display_name = '', is_active = FALSE, last_login = NULL
        WHERE id = target;
    RETURN 'ACCOUNT';
END $function$;
